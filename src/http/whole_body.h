/* A body of some hundred KiB at most that is wanted whole, as it is: a picture, a form with one. */
#pragma once

#include "http/request.h"

/* taken: OK, or ERR_TOO_LARGE (more came than was asked for; body is cut). Fills the answer as a
 * handler does. body: borrowed, until it returns. */
typedef enum err whole_body_fn(struct cx *cx, const struct request *req, struct response *res,
			       enum err taken, struct str body);
/* For handlers of BODY_STREAM (http/sink.h): `next` runs when all of it is there. */
enum err whole_body_take(struct response *res, size_t max_bytes, whole_body_fn *next) MUST_CHECK;
