/* For api/tus.c: a request's body on its way into an upload. */
#pragma once

#include "core/upload.h"
#include "http/request.h"

/* Takes the upload over, also when it fails. is_creation: the request made the file too, and is
 * answered with its address. */
enum err tus_sink_open(struct upload *upload, const struct id *file_id, bool is_creation,
		       struct response *res) MUST_CHECK;

/* Headers of every answer that is not an error of the dispatcher. */
void tus_sink_headers(struct response *res);
/* How far the file is, and until when it waits. */
void tus_sink_progress(struct response *res, const struct upload_view *view);
/* Says why bytes were not taken. sentence: of upload_sentence(). An error that is ours comes back.
 */
enum err tus_sink_refuse(struct cx *cx, struct response *res, enum err err,
			 struct str sentence) MUST_CHECK;
