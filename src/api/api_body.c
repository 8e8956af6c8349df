#include "api/api_body.h"

#include "api/problem.h"

enum err api_body_read(struct cx *cx, const struct request *req, struct response *res,
		       api_body_fn *next)
{
	CLEANUP_JSON_READ struct json_read read = {.root = NULL};
	struct form_errors errors = {.count = 0};
	enum err err = json_read_open(cx, req->body, &errors, &read);
	if (err == ERR_INVALID) {
		problem_answer(cx, res, PROBLEM_NOT_JSON, NULL);
		return OK;
	}
	TRY(err);
	return next(&read, req, res);
}
