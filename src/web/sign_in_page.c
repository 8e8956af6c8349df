#include "web/sign_in_page.h"

#include "core/session.h"
#include "web/next_path.h"
#include "web/page_sign_in.h"
#include "web/session_cookie.h"

static enum err render(struct cx *cx, struct response *res, const struct form_errors *errors,
		       struct str address, struct str next)
{
	struct sign_in_view view = {
		.errors = errors,
		.address = field_email(cx, "address", TEXT_SIGN_IN_ADDRESS, address),
		.password =
			field_password(cx, "password", TEXT_SIGN_IN_PASSWORD, "current-password"),
		.next = next_path_local(next),
		.is_message_waiting = str_starts_with(next_path_local(next), STR("/message/")),
	};
	frame_init_plain(cx, text_get(cx->language, TEXT_SIGN_IN_TITLE), &view.frame);
	view.frame.is_signed_in = false;
	field_mark(&view.address, errors);
	field_mark(&view.password, errors);
	view.address.is_focused = errors->count == 0 && address.len == 0;
	struct html html = frame_html(cx, res);
	page_sign_in(&html, &view);
	return OK;
}

enum err sign_in_page_show(struct cx *cx, const struct request *req, struct response *res)
{
	struct form query;
	TRY(form_parse(req->arena, req->query, &query));
	if (cx->session) {
		response_redirect(res, next_path_local(form_value(&query, "next")));
		return OK;
	}
	const struct form_errors none = {0};
	return render(cx, res, &none, STR_NONE, form_value(&query, "next"));
}

static void say_slowed(struct cx *cx, struct response *res, struct form_errors *errors,
		       int64_t wait_s)
{
	int64_t wait = wait_s > 0 ? wait_s : 1;
	res->status = 429;
	response_header(res, "Retry-After", arena_printf(cx->arena, "%lld", (long long)wait));
	if (wait < 120)
		form_error(cx, errors, "", TEXT_SIGN_IN_SLOWED, TEXT_NUMBER("count", wait));
	else
		form_error(cx, errors, "", TEXT_SIGN_IN_SLOWED_MINUTES,
			   TEXT_NUMBER("count", (wait + 59) / 60));
}

static enum err enter(struct cx *cx, struct response *res, struct sign_in *sign_in, struct str next)
{
	session_release(sign_in->session);
	TRY(session_cookie_enter(cx, res, sign_in));
	response_redirect(res, next_path_local(next));
	return OK;
}

enum err sign_in_page_submit(struct cx *cx, const struct request *req, struct response *res)
{
	struct form form;
	TRY(form_parse(req->arena, req->body, &form));
	struct str address = form_value(&form, "address");
	struct str password = form_value(&form, "password");
	struct str next = form_value(&form, "next");
	struct form_errors errors = {0};
	if (str_trim(address).len == 0)
		form_error(cx, &errors, "address", TEXT_SIGN_IN_ADDRESS_MISSING);
	if (password.len == 0)
		form_error(cx, &errors, "password", TEXT_SIGN_IN_PASSWORD_MISSING);
	if (errors.count > 0) {
		res->status = 422;
		return render(cx, res, &errors, address, next);
	}
	struct sign_in sign_in;
	int64_t wait_s = 0;
	cx->device = session_cookie_device(cx, req);
	enum err err = session_sign_in(cx, address, password, SESSION_BROWSER,
				       session_cookie_user_agent(req), &sign_in, &wait_s);
	if (err == OK)
		return enter(cx, res, &sign_in, next);
	if (err == ERR_BUSY) {
		say_slowed(cx, res, &errors, wait_s);
	} else if (err == ERR_DENIED || err == ERR_INVALID) {
		res->status = 403;
		form_error(cx, &errors, "", TEXT_SIGN_IN_REFUSED);
	} else {
		return err;
	}
	return render(cx, res, &errors, address, next);
}

enum err sign_in_page_leave(struct cx *cx, const struct request *req, struct response *res)
{
	(void)req;
	TRY(session_cookie_end(cx));
	session_cookie_clear(cx, res);
	response_header(res, "Clear-Site-Data", STR("\"cache\", \"storage\""));
	response_redirect(res, STR("/sign-in"));
	return OK;
}

/* Of an answer only the text is typed. */
static enum err fill_lines(struct cx *cx, const struct form *form, struct session_over_view *view)
{
	static const struct {
		const char *name;
		enum text_id label;
	} lines[] = {
		{"to", TEXT_COMPOSE_TO},
		{"cc", TEXT_COMPOSE_CC},
		{"bcc", TEXT_COMPOSE_BCC},
		{"subject", TEXT_COMPOSE_SUBJECT},
	};
	view->lines =
		ARENA_ARRAY(cx->arena, sizeof lines / sizeof lines[0], struct session_over_line);
	if (view->lines == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct str value = form_value(form, lines[i].name);
		if (str_trim(value).len > 0)
			view->lines[view->line_count++] = (struct session_over_line){
				.label = text_get(cx->language, lines[i].label),
				.value = value,
			};
	}
	return OK;
}

static bool is_signing(const struct request *req)
{
	return str_ends_with(req->path, STR("/sign")) ||
	       str_ends_with(req->path, STR("/sign/confirmed"));
}

/* A password is not kept on a page: the one for signing is asked for once more. */
static void forget_password(struct form *form)
{
	size_t kept = 0;
	for (size_t i = 0; i < form->count; i++) {
		if (!str_eq(form->fields[i].name, STR("password")))
			form->fields[kept++] = form->fields[i];
	}
	form->count = kept;
}

enum err sign_in_page_over(struct cx *cx, const struct request *req, struct response *res)
{
	struct form form;
	TRY(form_parse(req->arena, req->body, &form));
	forget_password(&form);
	struct session_over_view view = {
		.answered = req->params[0],
		.is_signing = is_signing(req),
		.fields = form.fields,
		.field_count = form.count,
		.text = form_value(&form, "body"),
	};
	if (str_starts_with(req->path, STR("/admin/texts/"))) {
		struct form query;
		TRY(form_parse(req->arena, req->query, &query));
		view.mail_text = req->params[0];
		view.language = form_value(&query, "language");
		view.text = form_value(&form, "text");
	}
	TRY(fill_lines(cx, &form, &view));
	frame_init_plain(cx, text_get(cx->language, TEXT_SIGN_IN_OVER_TITLE), &view.frame);
	struct html html = frame_html(cx, res);
	page_session_over(&html, &view);
	res->status = 403;
	return OK;
}
