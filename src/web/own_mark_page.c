#include "web/own_mark_page.h"

#include "base/limits.h"
#include "core/png_check.h"
#include "web/page_own_mark.h"

static const struct {
	const char *name;
	enum own_mark mark;
} marks[OWN_MARK_PARTS] = {{"signature", OWN_SIGNATURE}, {"initials", OWN_INITIALS}};

static enum err mark_parse(struct str name, enum own_mark *ret)
{
	for (size_t i = 0; i < OWN_MARK_PARTS; i++) {
		if (!str_eq(name, str_of(marks[i].name)))
			continue;
		*ret = marks[i].mark;
		return OK;
	}
	return ERR_NOT_FOUND;
}

/* form: what was refused; NULL: nothing. */
static enum err render(struct cx *cx, const struct request *req, struct response *res,
		       const struct form *form, const struct form_errors *errors)
{
	struct own_mark_view view = {.text_max = LIMIT_SIGNING_NAME_CHARS, .errors = errors};
	for (size_t i = 0; i < OWN_MARK_PARTS; i++) {
		struct own_signature own;
		TRY(own_signature_get(cx, marks[i].mark, &own));
		struct own_mark_part *part = &view.parts[i];
		*part = (struct own_mark_part){
			.name = marks[i].name,
			.is_initials = marks[i].mark == OWN_INITIALS,
			.is_kept = own.png.len + own.text.len > 0,
			.is_drawn = own.png.len > 0,
			.kept = own.text,
			.error = form_errors_for(errors, marks[i].name),
		};
		if (form && str_eq(form_value(form, "mark"), str_of(part->name)))
			part->text = form_value(form, "text");
	}
	TRY(frame_init(cx, text_get(cx->language, TEXT_OWN_MARK_TITLE), PLACE_ACCOUNT,
		       &view.frame));
	view.frame.notice = frame_notice(cx, req);
	struct html html = frame_html(cx, res);
	page_own_mark(&html, &view);
	return OK;
}

enum err own_mark_page_show(struct cx *cx, const struct request *req, struct response *res)
{
	static const struct form_errors none;
	return render(cx, req, res, NULL, &none);
}

static enum err keep(struct cx *cx, const struct form *form, enum own_mark mark,
		     struct form_errors *errors)
{
	struct own_signature next = {.text = str_trim(form_value(form, "text"))};
	struct str drawn = form_value(form, "drawn");
	if (drawn.len > 0) {
		next.text = STR_NONE;
		enum err err = png_from_data_url(cx->arena, drawn, &next.png);
		if (err == ERR_INVALID || err == ERR_TOO_LARGE)
			form_error(cx, errors, mark == OWN_INITIALS ? "initials" : "signature",
				   err == ERR_INVALID ? TEXT_SIGN_NO_PICTURE
						      : TEXT_OWN_SIGNATURE_TOO_LARGE);
		TRY(err);
	}
	return own_signature_keep(cx, mark, &next, errors);
}

enum err own_mark_page_save(struct cx *cx, const struct request *req, struct response *res)
{
	struct form form;
	enum own_mark mark;
	struct form_errors errors = {.count = 0};
	TRY(form_parse(req->arena, req->body, &form));
	TRY(mark_parse(form_value(&form, "mark"), &mark));
	bool is_delete = str_eq(form_value(&form, "act"), STR("delete"));
	enum err err = is_delete ? own_signature_delete(cx, mark) : keep(cx, &form, mark, &errors);
	if (err == OK || (is_delete && err == ERR_NOT_FOUND)) {
		response_redirect(res, is_delete ? STR("/settings/signature?done=mark-deleted")
						 : STR("/settings/signature?done=mark-kept"));
		return OK;
	}
	if ((err != ERR_INVALID && err != ERR_TOO_LARGE) || errors.count == 0)
		return err;
	res->status = 422;
	return render(cx, req, res, &form, &errors);
}

enum err own_mark_page_picture(struct cx *cx, const struct request *req, struct response *res)
{
	enum own_mark mark;
	struct own_signature own;
	TRY(mark_parse(req->params[0], &mark));
	TRY(own_signature_get(cx, mark, &own));
	if (own.png.len == 0)
		return ERR_NOT_FOUND;
	res->content_type = STR("image/png");
	response_header(res, "Content-Security-Policy", STR("default-src 'none'; sandbox"));
	buf_add(&res->body, own.png);
	return OK;
}
