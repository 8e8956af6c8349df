#include "api/api_export.h"

#include "api/api_body.h"
#include "api/problem.h"
#include "web/export_stream.h"

static enum err begin(struct json_read *read, const struct request *req, struct response *res)
{
	struct cx *cx = read->cx;
	struct str password = json_read_text(read, "password", REQUIRED);
	struct form_errors wrong = {0};
	struct export *export;
	(void)req;
	enum err err = json_read_end(read);
	if (err == OK)
		err = export_begin(cx, password, &wrong, &export);
	if (err == OK)
		return export_stream_answer(cx, export, res);
	if (err != ERR_INVALID)
		return err;
	for (size_t i = 0; i < wrong.count; i++)
		wrong.items[i].field = "password"; /* its name here */
	problem_answer(cx, res, PROBLEM_MISTAKES, wrong.count > 0 ? &wrong : read->errors);
	return OK;
}

enum err api_export(struct cx *cx, const struct request *req, struct response *res)
{
	return api_body_read(cx, req, res, begin);
}
