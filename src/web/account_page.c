#include "web/account_page.h"

#include "core/policy.h"
#include "http/form.h"
#include "web/page_account.h"
#include "web/session_cookie.h"
#include "web/user_agent.h"
#include "web/when.h"

/* What stands in the form when it is shown again; empty views: as stored. */
struct typed {
	struct str name;
	struct str zone;
};

static struct str way_name(struct cx *cx, const struct way_in_view *way)
{
	static const struct {
		const char *kind;
		enum text_id id;
	} names[] = {
		{"password", TEXT_ACCOUNT_WAY_PASSWORD},
		{"api", TEXT_ACCOUNT_WAY_API},
		{"recovery", TEXT_ACCOUNT_WAY_RECOVERY},
		{"portal", TEXT_ACCOUNT_WAY_PORTAL},
	};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (str_eq(str_of(way->kind), str_of(names[i].kind)))
			return text_get(cx->language, names[i].id);
	}
	return user_agent_label(cx, way->label);
}

static enum err fill_ways(struct cx *cx, struct account_view *view)
{
	struct way_in_view *ways;
	TRY(session_list_ways_in(cx, &ways, &view->way_count));
	view->ways = ARENA_ARRAY(cx->arena, view->way_count + 1, struct way_part);
	if (view->ways == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < view->way_count; i++) {
		view->ways[i] = (struct way_part){
			.id = ways[i].id,
			.name = way_name(cx, &ways[i]),
			.used = when_long(cx, ways[i].used_ms > 0 ? ways[i].used_ms
								  : ways[i].created_ms),
			.remote = ways[i].remote,
			.since = when_long(cx, ways[i].created_ms),
			.is_current = ways[i].is_current,
			.is_session = ways[i].is_session,
		};
		view->has_other_sessions |= ways[i].is_session && !ways[i].is_current;
	}
	return OK;
}

static void fill_fields(struct cx *cx, const struct typed *typed, const struct form_errors *errors,
			bool is_code, struct account_view *view)
{
	const struct user *user = &cx->session->user;
	struct str zone = typed->zone.len > 0 ? typed->zone : user->zone;
	view->name = field_text(cx, "name", TEXT_ACCOUNT_NAME,
				typed->name.len > 0 ? typed->name : user->name);
	view->name.autocomplete = "name";
	view->name.is_required = true;
	view->zone = field_text(cx, "zone", TEXT_ACCOUNT_ZONE, zone.len > 0 ? zone : STR("UTC"));
	view->zone.hint = text_get(cx->language, TEXT_ACCOUNT_ZONE_HINT);
	view->current = field_password(cx, "current", TEXT_ACCOUNT_CURRENT, "current-password");
	view->password = field_password(cx, "password", TEXT_ACCOUNT_NEW, "new-password");
	view->password.hint = STR("password-rules");
	view->code_current = field_password(cx, "code_current", TEXT_ACCOUNT_CURRENT_FOR_CODE,
					    "current-password");
	field_mark(&view->name, errors);
	field_mark(&view->zone, errors);
	field_mark(&view->password, errors);
	field_mark(is_code ? &view->code_current : &view->current, errors);
}

static struct str grade_words(struct cx *cx, const struct user *user)
{
	struct str grade =
		text_get(cx->language,
			 user->grade == GRADE_GUEST ? TEXT_GRADE_GUEST : TEXT_GRADE_PROFESSIONAL);
	if (user->role != ROLE_ADMINISTRATOR)
		return grade;
	return TEXT_FILL(cx->arena, cx->language, TEXT_GRADE_ADMINISTRATOR,
			 TEXT_ARG("grade", grade));
}

static enum err render(struct cx *cx, const struct request *req, struct response *res,
		       const struct typed *typed, const struct form_errors *errors)
{
	const struct user *user = &cx->session->user;
	struct account_view view = {
		.errors = errors,
		.address = user->address,
		.grade = grade_words(cx, user),
		.is_strict = user->custody == CUSTODY_STRICT,
		.language = language_tag(cx->language),
		.blank = STR("{}"),
	};
	bool is_code = form_errors_for(errors, "code_current").len > 0;
	fill_fields(cx, typed, errors, is_code, &view);
	TRY(fill_ways(cx, &view));
	TRY(frame_init(cx, text_get(cx->language, TEXT_ACCOUNT_TITLE), PLACE_ACCOUNT, &view.frame));
	view.frame.notice = frame_notice(cx, req);
	struct html html = frame_html(cx, res);
	page_account(&html, &view);
	return OK;
}

enum err account_page_show(struct cx *cx, const struct request *req, struct response *res)
{
	const struct form_errors none = {0};
	const struct typed as_stored = {0};
	return render(cx, req, res, &as_stored, &none);
}

/* After a change: back to the page with a notice, or the page again with what is wrong. */
static enum err settle(struct cx *cx, const struct request *req, struct response *res, enum err err,
		       const char *done, const struct typed *typed, struct form_errors *errors)
{
	if (err == OK) {
		response_redirect(res, arena_printf(cx->arena, "/account?done=%s", done));
		return OK;
	}
	if (err == ERR_BUSY)
		form_error(cx, errors, "", TEXT_ACCOUNT_SLOWED);
	else if (err != ERR_INVALID)
		return err;
	res->status = err == ERR_BUSY ? 429 : 422;
	return render(cx, req, res, typed, errors);
}

enum err account_page_name(struct cx *cx, const struct request *req, struct response *res)
{
	struct form form;
	struct form_errors errors = {0};
	TRY(form_parse(req->arena, req->body, &form));
	struct typed typed = {.name = form_value(&form, "name")};
	enum err err = account_rename(cx, typed.name, &errors);
	return settle(cx, req, res, err, "saved", &typed, &errors);
}

enum err account_page_locale(struct cx *cx, const struct request *req, struct response *res)
{
	struct form form;
	struct form_errors errors = {0};
	TRY(form_parse(req->arena, req->body, &form));
	struct typed typed = {.zone = str_trim(form_value(&form, "zone"))};
	enum err err = account_set_locale(cx, form_value(&form, "language"), typed.zone, &errors);
	return settle(cx, req, res, err, "saved", &typed, &errors);
}

/* Whoever knows the old cookie is out too. */
static enum err renew_session(struct cx *cx, const struct request *req, struct response *res)
{
	struct sign_in sign_in;
	cx->device = session_cookie_device(cx, req);
	TRY(session_renew(cx, session_cookie_user_agent(req), &sign_in));
	session_release(sign_in.session);
	session_cookie_set(cx, res, sign_in.token);
	session_cookie_set_device(cx, res, sign_in.device);
	return OK;
}

enum err account_page_password(struct cx *cx, const struct request *req, struct response *res)
{
	struct form form;
	struct form_errors errors = {0};
	const struct typed as_stored = {0};
	TRY(form_parse(req->arena, req->body, &form));
	enum err err = account_change_password(cx, form_value(&form, "current"),
					       form_value(&form, "password"), &errors);
	if (err == OK)
		TRY(renew_session(cx, req, res));
	return settle(cx, req, res, err, "password-changed", &as_stored, &errors);
}

enum err account_page_recovery(struct cx *cx, const struct request *req, struct response *res)
{
	struct form form;
	struct form_errors errors = {0};
	const struct typed as_stored = {0};
	struct recovery_view view = {.is_strict = cx->session->user.custody == CUSTODY_STRICT};
	TRY(form_parse(req->arena, req->body, &form));
	enum err err = account_new_recovery_code(cx, form_value(&form, "code_current"), &view.code,
						 &errors);
	for (size_t i = 0; i < errors.count; i++)
		errors.items[i].field = "code_current"; /* its name on this page */
	if (err != OK)
		return settle(cx, req, res, err, "", &as_stored, &errors);
	TRY(frame_init(cx, text_get(cx->language, TEXT_ACCOUNT_RECOVERY_NEW_TITLE), PLACE_ACCOUNT,
		       &view.frame));
	struct html html = frame_html(cx, res);
	page_recovery(&html, &view);
	return OK;
}

enum err account_page_end_one(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	enum err err = session_end_one(cx, &id);
	if (err != OK && err != ERR_NOT_FOUND) /* ended meanwhile is as good */
		return err;
	response_redirect(res, STR("/account?done=ended-one"));
	return OK;
}

enum err account_page_end_others(struct cx *cx, const struct request *req, struct response *res)
{
	(void)req;
	TRY(session_end_others(cx));
	response_redirect(res, STR("/account?done=ended-others"));
	return OK;
}
