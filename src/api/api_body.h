/* The JSON body of a request, opened for a handler. */
#pragma once

#include "api/json_read.h"
#include "http/request.h"

typedef enum err api_body_fn(struct json_read *read, const struct request *req,
			     struct response *res);

/* Opens the body and hands it to `next`, with an empty list of errors; answers by itself what is
 * not JSON.  */
enum err api_body_read(struct cx *cx, const struct request *req, struct response *res,
		       api_body_fn *next) MUST_CHECK;
/* Of a route that takes BODY_JSON_OR_NONE: no body is an empty object. */
enum err api_body_read_if_any(struct cx *cx, const struct request *req, struct response *res,
			      api_body_fn *next) MUST_CHECK;
