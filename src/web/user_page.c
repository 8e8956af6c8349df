#include "web/user_page.h"

#include "core/people.h"
#include "core/session_begin.h"
#include "http/form.h"
#include "web/page_user.h"
#include "web/when.h"

static enum err read_id(const struct request *req, struct id *ret)
{
	return id_parse(req->params[0], ret) == OK ? OK : ERR_NOT_FOUND;
}

/* ---- one person ---- */

static struct str way_word(struct cx *cx, struct str kind)
{
	static const struct {
		const char *kind;
		enum text_id id;
	} words[] = {
		{"password", TEXT_ADMIN_USERS_WAY_PASSWORD},
		{"recovery", TEXT_ADMIN_USERS_WAY_RECOVERY},
		{"portal", TEXT_ADMIN_USERS_WAY_PORTAL},
		{"invitation", TEXT_ADMIN_USERS_WAY_INVITATION},
		{"reset", TEXT_ADMIN_USERS_WAY_RESET},
		{"session", TEXT_ADMIN_USERS_WAY_BROWSER},
		{"api", TEXT_ADMIN_USERS_WAY_API},
	};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eq(kind, str_of(words[i].kind)))
			return text_get(cx->language, words[i].id);
	return kind;
}

static enum err fill_ways(struct cx *cx, struct user_view *view)
{
	struct way_in_view *ways;
	size_t count;
	TRY(people_ways_in(cx, &view->user->id, &ways, &count));
	view->sessions = ARENA_ARRAY(cx->arena, count + 1, struct user_session_part);
	view->ways = ARENA_ARRAY(cx->arena, count + 1, struct str);
	if (view->sessions == NULL || view->ways == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++) {
		const struct way_in_view *way = &ways[i];
		struct str kind = way_word(cx, str_of(way->kind));
		if (!way->is_session) {
			view->ways[view->way_count++] = kind;
			continue;
		}
		view->sessions[view->session_count++] = (struct user_session_part){
			.id = way->id,
			.kind = kind,
			.used = when_long(cx, way->used_ms > 0 ? way->used_ms : way->created_ms),
			.since = when_long(cx, way->created_ms),
		};
	}
	return OK;
}

static enum err fill_facts(struct cx *cx, struct user_view *view)
{
	const struct user *user = view->user;
	struct user inviter;
	view->created = when_long(cx, user->created_ms);
	if (user->seen_ms > 0)
		view->seen = when_long(cx, user->seen_ms);
	view->storage = format_size(cx->arena, cx->language, view->counts.bytes);
	view->is_strict = user->custody == CUSTODY_STRICT;
	view->is_self = id_eq(&user->id, &cx->session->user.id);
	if (id_is_empty(&user->invited_by))
		return OK;
	enum err err = people_get(cx, &user->invited_by, &inviter);
	if (err == OK)
		view->invited_by = user_label(&inviter);
	return err == ERR_NOT_FOUND ? OK : err;
}

/* typed: of a form that could not be saved; NULL: as it is. */
static enum err show(struct cx *cx, const struct request *req, struct response *res,
		     const struct people_change *typed, const struct form_errors *errors,
		     bool is_changed_meanwhile)
{
	struct id id;
	struct user user;
	struct user_view view = {.errors = errors, .is_changed_meanwhile = is_changed_meanwhile};
	TRY(read_id(req, &id));
	TRY(people_erase_look(cx, &id, &user, &view.counts));
	view.user = &user;
	view.label = user_label(&user);
	view.grade = typed ? typed->grade : user.grade;
	view.role = typed ? typed->role : user.role;
	view.is_enabled = typed ? typed->is_enabled : user.state != USER_DISABLED;
	TRY(fill_facts(cx, &view));
	TRY(fill_ways(cx, &view));
	TRY(frame_init(cx, view.label, PLACE_USERS, &view.frame));
	view.frame.notice = frame_notice(cx, req);
	struct html html = frame_html(cx, res);
	page_user(&html, &view);
	return OK;
}

enum err user_page_show(struct cx *cx, const struct request *req, struct response *res)
{
	const struct form_errors none = {.count = 0};
	return show(cx, req, res, NULL, &none, false);
}

static enum err go_to(struct cx *cx, struct response *res, const struct id *id, const char *done)
{
	response_redirect(res, arena_printf(cx->arena, "/admin/users/%s?done=%s", id->text, done));
	return OK;
}

enum err user_page_change(struct cx *cx, const struct request *req, struct response *res)
{
	struct form_errors errors = {.count = 0};
	struct form form;
	struct id id;
	TRY(read_id(req, &id));
	TRY(form_parse(req->arena, req->body, &form));
	struct people_change change = {.has_grade = true, .has_role = true, .has_state = true};
	change.is_enabled = !str_eq(form_value(&form, "state"), STR("disabled"));
	if (user_grade_parse(form_value(&form, "grade"), &change.grade) != OK ||
	    user_role_parse(form_value(&form, "role"), &change.role) != OK ||
	    !str_to_int(form_value(&form, "version"), &change.seen_version))
		return ERR_INVALID;
	enum err err = people_change(cx, &id, &change, NULL, &errors);
	if (err == ERR_CONFLICT || (err != OK && errors.count > 0)) {
		res->status = err == ERR_CONFLICT ? 409 : 422;
		return show(cx, req, res, &change, &errors, err == ERR_CONFLICT);
	}
	TRY(err);
	return go_to(cx, res, &id, "user-saved");
}

static enum err help(struct cx *cx, const struct request *req, struct response *res,
		     enum err (*act)(struct cx *cx, const struct id *id,
				     struct form_errors *errors),
		     const char *done)
{
	struct form_errors errors = {.count = 0};
	struct id id;
	TRY(read_id(req, &id));
	enum err err = act(cx, &id, &errors);
	if (err != OK && errors.count > 0) {
		res->status = 422;
		return show(cx, req, res, NULL, &errors, false);
	}
	TRY(err);
	return go_to(cx, res, &id, done);
}

enum err user_page_help(struct cx *cx, const struct request *req, struct response *res)
{
	return help(cx, req, res, people_help, "user-helped");
}

enum err user_page_invite(struct cx *cx, const struct request *req, struct response *res)
{
	return help(cx, req, res, people_invite_again, "user-invited");
}

enum err user_page_end_session(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id, session_id;
	TRY(read_id(req, &id));
	if (id_parse(req->params[1], &session_id) != OK)
		return ERR_NOT_FOUND;
	enum err err = people_end_session(cx, &id, &session_id);
	if (err != ERR_NOT_FOUND) /* it has ended by itself meanwhile */
		TRY(err);
	return go_to(cx, res, &id, "ended-one");
}

/* ---- erasing ---- */

static enum err show_erase(struct cx *cx, const struct request *req, struct response *res,
			   struct str typed, const struct form_errors *errors)
{
	struct id id;
	struct user user;
	struct user_erase_view view = {.errors = errors};
	TRY(read_id(req, &id));
	TRY(people_erase_look(cx, &id, &user, &view.counts));
	view.user = &user;
	view.label = user_label(&user);
	view.kept = view.counts.messages - view.counts.alone;
	view.storage = format_size(cx->arena, cx->language, view.counts.bytes);
	view.address = field_text(cx, "address", TEXT_ADMIN_USERS_ERASE_ADDRESS, typed);
	view.address.is_required = true;
	view.current =
		field_password(cx, "current", TEXT_ADMIN_USERS_ERASE_PASSWORD, "current-password");
	field_mark(&view.address, errors);
	field_mark(&view.current, errors);
	TRY(frame_init(cx,
		       TEXT_FILL(cx->arena, cx->language, TEXT_ADMIN_USERS_ERASE_TITLE,
				 TEXT_ARG("name", view.label)),
		       PLACE_USERS, &view.frame));
	struct html html = frame_html(cx, res);
	page_user_erase(&html, &view);
	return OK;
}

enum err user_page_erase_show(struct cx *cx, const struct request *req, struct response *res)
{
	const struct form_errors none = {.count = 0};
	return show_erase(cx, req, res, STR_NONE, &none);
}

enum err user_page_erase(struct cx *cx, const struct request *req, struct response *res)
{
	struct form_errors errors = {.count = 0};
	struct form form;
	struct id id;
	TRY(read_id(req, &id));
	TRY(form_parse(req->arena, req->body, &form));
	struct str typed = form_value(&form, "address");
	/* Whoever sits at an unlocked screen erases nobody. */
	enum err err = session_confirm_password(cx, form_value(&form, "current"), &errors);
	if (err == OK)
		err = people_erase(cx, &id, &typed, &errors);
	if (err != OK && errors.count > 0) {
		res->status = 422;
		return show_erase(cx, req, res, typed, &errors);
	}
	TRY(err);
	response_redirect(res, STR("/admin/users?done=user-erased"));
	return OK;
}

/* ---- adding ---- */

static enum err show_new(struct cx *cx, struct response *res, struct user_new_view *view)
{
	view->address.hint = text_get(cx->language, TEXT_ADMIN_USERS_NEW_HINT);
	view->address.autocomplete = "off";
	field_mark(&view->address, view->errors);
	TRY(frame_init(cx, text_get(cx->language, TEXT_ADMIN_USERS_NEW_TITLE), PLACE_USERS,
		       &view->frame));
	struct html html = frame_html(cx, res);
	page_user_new(&html, view);
	return OK;
}

enum err user_page_new(struct cx *cx, const struct request *req, struct response *res)
{
	const struct form_errors none = {.count = 0};
	struct user_new_view view = {
		.errors = &none,
		.address = field_email(cx, "address", TEXT_ADMIN_USERS_NEW_ADDRESS, STR_NONE),
		.grade = GRADE_GUEST,
	};
	(void)req;
	view.address.is_focused = true;
	return show_new(cx, res, &view);
}

enum err user_page_add(struct cx *cx, const struct request *req, struct response *res)
{
	struct form_errors errors = {.count = 0};
	struct user_new_view view = {.errors = &errors};
	struct form form;
	struct user user;
	TRY(form_parse(req->arena, req->body, &form));
	struct str typed = form_value(&form, "address");
	if (user_grade_parse(form_value(&form, "grade"), &view.grade) != OK)
		return ERR_INVALID;
	view.role = form_has(&form, "administrator") ? ROLE_ADMINISTRATOR : ROLE_MEMBER;
	view.address = field_email(cx, "address", TEXT_ADMIN_USERS_NEW_ADDRESS, typed);
	enum err err = people_add(cx, typed, view.grade, view.role, &errors);
	if (err != OK && errors.count > 0) {
		res->status = 422;
		return show_new(cx, res, &view);
	}
	TRY(err);
	TRY(people_find(cx, typed, &user));
	return go_to(cx, res, &user.id, "user-added");
}
