/* An export as an answer that is made while it is read; for the page and for the API. */
#pragma once

#include "http/request.h"
#include "mail/export.h"

/* Takes the export, also when it fails. */
enum err export_stream_answer(struct cx *cx, struct export *export,
			      struct response *res) MUST_CHECK;
