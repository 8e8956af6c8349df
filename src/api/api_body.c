#include "api/api_body.h"

#include "api/problem.h"

static enum err read_body(struct cx *cx, struct str body, const struct request *req,
			  struct response *res, api_body_fn *next)
{
	CLEANUP_JSON_READ struct json_read read = {.root = NULL};
	struct form_errors errors = {.count = 0};
	enum err err = json_read_open(cx, body, &errors, &read);
	if (err == ERR_INVALID) {
		problem_answer(cx, res, PROBLEM_NOT_JSON, NULL);
		return OK;
	}
	TRY(err);
	return next(&read, req, res);
}

enum err api_body_read(struct cx *cx, const struct request *req, struct response *res,
		       api_body_fn *next)
{
	return read_body(cx, req->body, req, res, next);
}

enum err api_body_read_if_any(struct cx *cx, const struct request *req, struct response *res,
			      api_body_fn *next)
{
	return read_body(cx, req->body.len > 0 ? req->body : STR("{}"), req, res, next);
}
