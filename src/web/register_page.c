#include "web/register_page.h"

#include "base/limits.h"
#include "base/log.h"
#include "core/account.h"
#include "core/people.h"
#include "http/form.h"
#include "web/page_refuse.h"
#include "web/page_register.h"
#include "web/refuse_page.h"
#include "web/reply_draft.h"
#include "web/session_cookie.h"
#include "web/when.h"

static enum err render_unknown(struct cx *cx, struct response *res)
{
	struct refuse_view view = {.lead = text_get(cx->language, TEXT_REGISTER_UNKNOWN)};
	frame_init_plain(cx, text_get(cx->language, TEXT_REGISTER_UNKNOWN_TITLE), &view.frame);
	struct html html = frame_html(cx, res);
	page_refuse(&html, &view);
	res->status = 404;
	return OK;
}

static struct str title_of(struct cx *cx, const struct invitation_view *look)
{
	if (look->state == LINK_USED)
		return text_get(cx->language, TEXT_REGISTER_USED_TITLE);
	if (look->state == LINK_EXPIRED)
		return text_get(cx->language, TEXT_REGISTER_EXPIRED_TITLE);
	if (look->state == LINK_REPLACED)
		return text_get(cx->language, TEXT_REGISTER_REPLACED_TITLE);
	if (look->inviter.len > 0 && look->waiting_count > 0)
		return TEXT_FILL(cx->arena, cx->language, TEXT_REGISTER_INVITED_BY,
				 TEXT_ARG("inviter", look->inviter));
	return TEXT_FILL(cx->arena, cx->language, TEXT_REGISTER_INVITED,
			 TEXT_ARG("portal", cx->portal->settings->name));
}

static struct str after_prefix(struct str text, struct str prefix)
{
	return str_starts_with(text, prefix) ? str_slice(text, prefix.len, text.len) : STR_NONE;
}

static enum err render(struct cx *cx, struct response *res, struct str token,
		       const struct invitation_view *look, struct str name,
		       const struct form_errors *errors)
{
	struct str terms = cx->portal->settings->terms_url;
	struct user invited;
	TRY(people_find(cx, look->address, &invited));
	struct register_view view = {
		.errors = errors,
		.token = token,
		.state = look->state,
		.address = look->address,
		.inviter = look->inviter,
		.waiting = look->waiting_count,
		.is_strict = look->custody == CUSTODY_STRICT,
		.is_administrator = invited.role == ROLE_ADMINISTRATOR,
		.valid_until = when_long(cx, look->expires_ms),
		.zone = when_zone(cx),
		.name = field_text(cx, "name", TEXT_REGISTER_NAME, name),
		.password = field_password(cx, "password", TEXT_REGISTER_PASSWORD, "new-password"),
		.terms_http = after_prefix(terms, STR("http://")),
		.terms_https = after_prefix(terms, STR("https://")),
		.terms_error = form_errors_for(errors, "terms"),
	};
	frame_init_plain(cx, title_of(cx, look), &view.frame);
	/* The page is about somebody who is not, yet; a spent link only leads on. */
	view.frame.is_signed_in &= look->state == LINK_USED;
	view.name.autocomplete = "name";
	view.name.is_required = true;
	view.name.hint = text_get(cx->language, TEXT_REGISTER_NAME_HINT);
	view.password.hint = STR("password-rules");
	field_mark(&view.name, errors);
	field_mark(&view.password, errors);
	struct html html = frame_html(cx, res);
	if (look->state == LINK_GOOD) {
		page_register(&html, &view);
		return OK;
	}
	res->status = 410;
	page_register_closed(&html, &view);
	return OK;
}

enum err register_page_show(struct cx *cx, const struct request *req, struct response *res)
{
	struct invitation_view look;
	const struct form_errors none = {0};
	enum err err = register_look(cx, req->params[0], &look);
	if (err == ERR_NOT_FOUND)
		return render_unknown(cx, res);
	TRY(err);
	return render(cx, res, req->params[0], &look, STR_NONE, &none);
}

/* What the page shows below the code: their message, or their empty Inbox. */
static enum err fill_welcome(struct cx *cx, const struct registration *done,
			     struct welcome_view *view)
{
	struct str title = text_get(cx->language, TEXT_INBOX_TITLE);
	if (view->has_message) {
		TRY(conversation_fill(cx, &done->message_id, CONVERSATION_FOLDED,
				      &view->conversation));
		TRY(reply_draft_fill(cx, &view->conversation.reply));
		title = view->conversation.subject;
	} else {
		TRY(box_page_fill(cx, BOX_INBOX, STR_NONE, &view->box));
	}
	return frame_init(cx, title, PLACE_INBOX, &view->frame);
}

static bool try_welcome(struct cx *cx, struct response *res, const struct registration *done,
			struct welcome_view view)
{
	enum err err = fill_welcome(cx, done, &view);
	if (err == OK) {
		struct html html = frame_html(cx, res);
		page_welcome(&html, &view);
		err = cx->arena->failed ? ERR_UNAVAILABLE : res->body.err;
	}
	if (err != OK)
		log_event(LOG_WARN, "register.welcome_shortened", LOG_CSTR("err", err_name(err)));
	return err == OK;
}

/* As the person who has just registered. The code is shown only here and the link is spent: so
 * whatever can not be shown below it, the page is sent. It has memory of its own, since memory that
 * ran out once refuses the answer. */
static void render_welcome(struct cx *cx, struct response *res, const struct registration *done)
{
	struct welcome_view view = {
		.name = user_label(&cx->session->user),
		.code = done->recovery_code,
		.is_strict = cx->session->user.custody == CUSTODY_STRICT,
		.has_message = !id_is_empty(&done->message_id),
		.after = STR("/inbox"),
	};
	struct arena CLEANUP_ARENA arena;
	struct cx below = *cx;
	if (view.has_message)
		view.after = arena_printf(cx->arena, "/message/%s", done->message_id.text);
	arena_init(&arena, LIMIT_REQUEST_ARENA);
	below.arena = &arena;
	if (try_welcome(&below, res, done, view))
		return;
	buf_clear(&res->body);
	view.is_short = true;
	view.conversation.message_id = done->message_id;
	frame_init_plain(cx, text_get(cx->language, TEXT_INBOX_TITLE), &view.frame);
	struct html html = frame_html(cx, res);
	page_welcome(&html, &view);
}

/* The zone of the device, if the browser told one we know: a wish, not worth a mistake. */
static void take_zone(struct cx *cx, struct str zone)
{
	struct form_errors ignored = {0};
	if (zone.len > 0 && account_set_locale(cx, STR_NONE, zone, &ignored) != OK)
		log_event(LOG_INFO, "register.zone_not_taken");
}

static void welcome(struct cx *cx, struct response *res, const struct registration *done,
		    struct str zone)
{
	/* A session of before that can not be ended is no reason to lose the code. */
	if (session_cookie_enter(cx, res, &done->sign_in) != OK) {
		log_event(LOG_WARN, "register.session_not_ended");
		session_cookie_set(cx, res, done->sign_in.token);
		session_cookie_set_device(cx, res, done->sign_in.device);
	}
	struct session *before = cx->session;
	cx->session = done->sign_in.session;
	take_zone(cx, zone);
	render_welcome(cx, res, done);
	cx->session = before;
}

enum err register_page_submit(struct cx *cx, const struct request *req, struct response *res)
{
	struct form form;
	TRY(form_parse(req->arena, req->body, &form));
	struct form_errors errors = {0};
	struct registration done;
	struct str name = form_value(&form, "name");
	enum err err =
		register_complete(cx, req->params[0], name, form_value(&form, "password"),
				  str_eq(form_value(&form, "terms"), STR("yes")), SESSION_BROWSER,
				  session_cookie_user_agent(req), &done, &errors);
	if (err == OK) {
		welcome(cx, res, &done, form_value(&form, "zone"));
		session_release(done.sign_in.session);
		return OK;
	}
	if (err == ERR_NOT_FOUND)
		return render_unknown(cx, res);
	if (err != ERR_INVALID && err != ERR_CONFLICT)
		return err;
	struct invitation_view look;
	TRY(register_look(cx, req->params[0], &look));
	res->status = 422;
	return render(cx, res, req->params[0], &look, name, &errors);
}

enum err register_page_renew(struct cx *cx, const struct request *req, struct response *res)
{
	TRY(register_renew(cx, req->params[0]));
	struct register_view view = {0};
	frame_init_plain(cx, text_get(cx->language, TEXT_REGISTER_RENEWED_TITLE), &view.frame);
	view.frame.is_signed_in = false;
	struct html html = frame_html(cx, res);
	page_register_renewed(&html, &view);
	return OK;
}
