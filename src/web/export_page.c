#include "web/export_page.h"

#include "http/form.h"
#include "web/export_stream.h"
#include "web/page_export.h"

static enum err show(struct cx *cx, struct response *res, const struct form_errors *errors)
{
	struct export_view view = {.errors = errors};
	view.password = field_password(cx, "current", TEXT_EXPORT_PASSWORD, "current-password");
	field_mark(&view.password, errors);
	TRY(frame_init(cx, text_get(cx->language, TEXT_EXPORT_TITLE), PLACE_ACCOUNT, &view.frame));
	struct html html = frame_html(cx, res);
	page_export(&html, &view);
	return OK;
}

enum err export_page_show(struct cx *cx, const struct request *req, struct response *res)
{
	const struct form_errors none = {0};
	(void)req;
	return show(cx, res, &none);
}

enum err export_page_download(struct cx *cx, const struct request *req, struct response *res)
{
	struct form form;
	struct form_errors errors = {0};
	struct export *export;
	TRY(form_parse(req->arena, req->body, &form));
	enum err err = export_begin(cx, form_value(&form, "current"), &errors, &export);
	if (err == OK)
		return export_stream_answer(cx, export, res);
	if (err == ERR_CONFLICT)
		form_error(cx, &errors, "", TEXT_EXPORT_RUNNING);
	else if (err != ERR_INVALID)
		return err;
	res->status = err == ERR_CONFLICT ? 409 : 422;
	return show(cx, res, &errors);
}
