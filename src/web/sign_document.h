/* GET /message/{id}/documents/{position}: a document to sign as it now stands, shown in the
 * browser, or with ?download=yes saved (P6). */
#pragma once

#include "http/route.h"

handler_fn sign_document_get;
/* The same for other surfaces: the answer with the document's bytes. ERR_CONFLICT: the request was
 * recalled. */
enum err sign_document_answer(struct cx *cx, const struct request *req, const struct id *id,
			      int64_t position, bool is_saved, struct response *res) MUST_CHECK;
