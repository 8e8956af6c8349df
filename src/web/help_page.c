#include "web/help_page.h"

#include "http/form.h"
#include "web/page_help.h"
#include "web/page_refuse.h"
#include "web/refuse_page.h"
#include "web/session_cookie.h"

static enum err render_help(struct cx *cx, struct response *res, const struct form_errors *errors,
			    struct str address, bool is_done)
{
	struct help_view view = {
		.errors = errors,
		.address = field_email(cx, "address", TEXT_SIGN_IN_ADDRESS, address),
		.is_strict = cx->portal->settings->custody == CUSTODY_STRICT,
		.is_done = is_done,
	};
	enum text_id title = is_done ? TEXT_HELP_SENT_TITLE : TEXT_HELP_TITLE;
	frame_init_plain(cx, text_get(cx->language, title), &view.frame);
	field_mark(&view.address, errors);
	struct html html = frame_html(cx, res);
	page_help(&html, &view);
	return OK;
}

enum err help_page_show(struct cx *cx, const struct request *req, struct response *res)
{
	(void)req;
	const struct form_errors none = {0};
	return render_help(cx, res, &none, STR_NONE, false);
}

enum err help_page_submit(struct cx *cx, const struct request *req, struct response *res)
{
	struct form form;
	TRY(form_parse(req->arena, req->body, &form));
	struct str address = form_value(&form, "address");
	struct form_errors errors = {0};
	enum err err = account_ask_help(cx, address, &errors);
	if (err != OK && err != ERR_INVALID)
		return err;
	if (err == ERR_INVALID)
		res->status = 422;
	return render_help(cx, res, &errors, address, err == OK);
}

static enum err render_reset(struct cx *cx, struct response *res, struct str token,
			     const struct reset_view *look, const struct form_errors *errors)
{
	struct reset_page_view view = {
		.errors = errors,
		.token = token,
		.address = look->address,
		.is_good = look->is_good,
		.needs_recovery_code = look->needs_recovery_code,
		.password = field_password(cx, "password", TEXT_RESET_PASSWORD, "new-password"),
		.recovery_code =
			field_text(cx, "recovery_code", TEXT_RESET_RECOVERY_CODE, STR_NONE),
	};
	enum text_id title = look->is_good ? TEXT_RESET_TITLE : TEXT_RESET_OLD_TITLE;
	frame_init_plain(cx, text_get(cx->language, title), &view.frame);
	view.frame.is_signed_in = false;
	view.password.hint = STR("password-rules");
	view.recovery_code.hint = text_get(cx->language, TEXT_RESET_RECOVERY_HINT);
	view.recovery_code.is_required = true;
	field_mark(&view.password, errors);
	field_mark(&view.recovery_code, errors);
	if (!look->is_good)
		res->status = 410;
	struct html html = frame_html(cx, res);
	page_reset(&html, &view);
	return OK;
}

static enum err render_unknown(struct cx *cx, struct response *res)
{
	struct refuse_view view = {.lead = text_get(cx->language, TEXT_RESET_UNKNOWN)};
	frame_init_plain(cx, text_get(cx->language, TEXT_REGISTER_UNKNOWN_TITLE), &view.frame);
	struct html html = frame_html(cx, res);
	page_refuse(&html, &view);
	res->status = 404;
	return OK;
}

enum err help_page_reset_show(struct cx *cx, const struct request *req, struct response *res)
{
	struct reset_view look;
	const struct form_errors none = {0};
	enum err err = account_reset_look(cx, req->params[0], &look);
	if (err == ERR_NOT_FOUND)
		return render_unknown(cx, res);
	TRY(err);
	return render_reset(cx, res, req->params[0], &look, &none);
}

enum err help_page_reset_submit(struct cx *cx, const struct request *req, struct response *res)
{
	struct form form;
	TRY(form_parse(req->arena, req->body, &form));
	struct form_errors errors = {0};
	struct sign_in sign_in;
	cx->device = session_cookie_device(cx, req);
	enum err err = account_reset(cx, req->params[0], form_value(&form, "password"),
				     form_value(&form, "recovery_code"), SESSION_BROWSER,
				     session_cookie_user_agent(req), &sign_in, &errors);
	if (err == OK) {
		session_release(sign_in.session);
		TRY(session_cookie_enter(cx, res, &sign_in));
		response_redirect(res, STR("/inbox?done=password-changed"));
		return OK;
	}
	if (err == ERR_NOT_FOUND)
		return render_unknown(cx, res);
	if (err != ERR_INVALID && err != ERR_CONFLICT)
		return err;
	struct reset_view look;
	TRY(account_reset_look(cx, req->params[0], &look));
	if (look.is_good)
		res->status = 422;
	return render_reset(cx, res, req->params[0], &look, &errors);
}
