#include "web/users_page.h"

#include "base/buf.h"
#include "base/encode.h"
#include "base/limits.h"
#include "core/people.h"
#include "core/session.h"
#include "http/form.h"
#include "web/page_users.h"
#include "web/when.h"

static struct people_query read_query(const struct form *form)
{
	return (struct people_query){
		.q = form_value(form, "q"),
		.grade = form_value(form, "grade"),
		.role = form_value(form, "role"),
		.state = form_value(form, "state"),
		.seen = form_value(form, "seen"),
		.sort = form_value(form, "sort"),
		.cursor = form_value(form, "cursor"),
	};
}

static void add_part(struct buf *out, const char *name, struct str value)
{
	if (value.len == 0)
		return;
	buf_addf(out, "%s%s=", out->len > 0 ? "&" : "", name);
	encode_url(out, value);
}

/* The query again, as it stands in an address. */
static enum err query_text(struct cx *cx, const struct people_query *query, struct str cursor,
			   struct str *ret)
{
	struct buf out CLEANUP_BUF;
	buf_init(&out, LIMIT_QUERY_BYTES);
	add_part(&out, "q", query->q);
	add_part(&out, "grade", query->grade);
	add_part(&out, "role", query->role);
	add_part(&out, "state", query->state);
	add_part(&out, "seen", query->seen);
	add_part(&out, "sort", query->sort);
	add_part(&out, "cursor", cursor);
	TRY(out.err);
	*ret = arena_copy(cx->arena, buf_str(&out));
	return OK;
}

/* ---- filters ---- */

static const struct filter {
	const char *name;
	enum text_id label;
	struct {
		const char *value;
		enum text_id label;
	} options[8];
} filters[USERS_CHOICES] = {
	{"grade",
	 TEXT_ADMIN_USERS_GRADE,
	 {{"", TEXT_ADMIN_USERS_ANY_GRADE},
	  {"professional", TEXT_ADMIN_USERS_PROFESSIONALS},
	  {"guest", TEXT_ADMIN_USERS_GUESTS}}},
	{"role",
	 TEXT_ADMIN_USERS_ROLE,
	 {{"", TEXT_ADMIN_USERS_ANY_ROLE},
	  {"administrator", TEXT_ADMIN_USERS_ADMINISTRATORS},
	  {"member", TEXT_ADMIN_USERS_MEMBERS}}},
	{"state",
	 TEXT_ADMIN_USERS_STATE,
	 {{"", TEXT_ADMIN_USERS_ANY_STATE},
	  {"active", TEXT_ADMIN_USERS_STATE_ACTIVE},
	  {"invited", TEXT_ADMIN_USERS_STATE_INVITED},
	  {"disabled", TEXT_ADMIN_USERS_STATE_DISABLED}}},
	{"seen",
	 TEXT_ADMIN_USERS_SEEN,
	 {{"", TEXT_ADMIN_USERS_ANY_SEEN},
	  {"within-7", TEXT_ADMIN_USERS_SEEN_7},
	  {"within-30", TEXT_ADMIN_USERS_SEEN_30},
	  {"over-90", TEXT_ADMIN_USERS_UNSEEN_90},
	  {"over-365", TEXT_ADMIN_USERS_UNSEEN_365},
	  {"never", TEXT_ADMIN_USERS_NEVER_SEEN}}},
	{"sort",
	 TEXT_ADMIN_USERS_SORT,
	 {{"", TEXT_ADMIN_USERS_SORT_NAME}, {"seen", TEXT_ADMIN_USERS_SORT_SEEN}}},
};

static void fill_choices(struct cx *cx, struct users_view *view)
{
	const struct people_query *query = &view->query;
	const struct str chosen[USERS_CHOICES] = {query->grade, query->role, query->state,
						  query->seen, query->sort};
	for (size_t i = 0; i < USERS_CHOICES; i++) {
		struct users_choice *choice = &view->choices[i];
		choice->name = filters[i].name;
		choice->label = text_get(cx->language, filters[i].label);
		for (size_t k = 0; k < 8 && filters[i].options[k].value; k++)
			choice->options[choice->count++] = (struct users_option){
				.value = str_of(filters[i].options[k].value),
				.label = text_get(cx->language, filters[i].options[k].label),
				.is_chosen = str_eq(chosen[i], str_of(filters[i].options[k].value)),
			};
		view->is_filtered |= i + 1 < USERS_CHOICES && chosen[i].len > 0;
	}
	view->is_filtered |= str_trim(query->q).len > 0;
}

/* ---- the list ---- */

static enum err fill_rows(struct cx *cx, struct users_view *view)
{
	const struct people_found *found = &view->found;
	view->rows = ARENA_ARRAY(cx->arena, found->count + 1, struct users_row);
	if (view->rows == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < found->count; i++) {
		const struct user *user = &found->users[i];
		view->rows[i] = (struct users_row){
			.user = user,
			.label = user_label(user),
			.has_name = user->name.len > 0,
			.is_self = id_eq(&user->id, &cx->session->user.id),
		};
		if (user->seen_ms == 0)
			continue;
		view->rows[i].seen = when_short(cx, user->seen_ms);
		view->rows[i].seen_iso = when_iso(cx, user->seen_ms);
	}
	return OK;
}

/* What cannot be searched for is said beside the field, and nobody is listed. */
static enum err find(struct cx *cx, struct users_view *view, struct form_errors *errors,
		     struct response *res)
{
	enum err err =
		people_search(cx, &view->query, LIMIT_PAGE_ROWS_DEFAULT, &view->found, errors);
	if (err == ERR_INVALID && errors->count > 0) {
		field_mark(&view->q, errors);
		res->status = 422;
		err = OK;
	}
	TRY(err);
	if (view->found.next_cursor.len > 0)
		TRY(query_text(cx, &view->query, view->found.next_cursor, &view->next));
	view->is_alone = view->is_first && !view->is_filtered && view->found.count == 1;
	return fill_rows(cx, view);
}

static enum err render(struct cx *cx, const struct request *req, struct response *res,
		       struct users_view *view)
{
	struct form_errors errors = {.count = 0};
	view->errors = &errors;
	view->is_first = view->query.cursor.len == 0;
	view->q = field_text(cx, "q", TEXT_ADMIN_USERS_SEARCH, view->query.q);
	view->q.type = "search";
	fill_choices(cx, view);
	TRY(find(cx, view, &errors, res));
	TRY(frame_init(cx, text_get(cx->language, TEXT_ADMIN_USERS_TITLE), PLACE_USERS,
		       &view->frame));
	view->frame.notice = frame_notice(cx, req);
	struct html html = frame_html(cx, res);
	page_users(&html, view);
	return OK;
}

enum err users_page_list(struct cx *cx, const struct request *req, struct response *res)
{
	struct form form;
	struct users_view view = {.outcome_count = 0};
	TRY(form_parse(req->arena, req->query, &form));
	view.query = read_query(&form);
	return render(cx, req, res, &view);
}

/* ---- many at once ---- */

static const struct many_act {
	const char *word;
	struct people_change change;
	bool is_invite;
} acts[] = {
	{"raise", {.has_grade = true, .grade = GRADE_PROFESSIONAL}, false},
	{"lower", {.has_grade = true, .grade = GRADE_GUEST}, false},
	{"disable", {.has_state = true, .is_enabled = false}, false},
	{"enable", {.has_state = true, .is_enabled = true}, false},
	{"invite", {.has_grade = false}, true},
};

static const struct many_act *act_of(struct str word)
{
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if (str_eq(word, str_of(acts[i].word)))
			return &acts[i];
	return NULL;
}

static enum err do_one(struct cx *cx, const struct many_act *act, const struct id *id,
		       struct users_view *view)
{
	struct form_errors errors = {.count = 0};
	struct user user;
	enum err err = people_get(cx, id, &user);
	if (err == ERR_NOT_FOUND)
		return OK; /* erased meanwhile: no longer in the list */
	TRY(err);
	err = act->is_invite ? people_invite_again(cx, id, &errors)
			     : people_change(cx, id, &act->change, NULL, &errors);
	if (err == OK) {
		view->done_count++;
		return OK;
	}
	if (errors.count == 0 && err != ERR_CONFLICT)
		return err;
	view->outcomes[view->outcome_count++] = (struct users_outcome){
		.label = user_label(&user),
		.sentence = errors.count > 0
				    ? errors.items[0].detail
				    : text_get(cx->language, TEXT_ADMIN_USERS_CHANGED_MEANWHILE),
	};
	return OK;
}

enum err users_page_act(struct cx *cx, const struct request *req, struct response *res)
{
	struct form form;
	struct users_view view = {.outcome_count = 0};
	struct str query;
	size_t count = 0;
	TRY(form_parse(req->arena, req->body, &form));
	const struct many_act *act = act_of(form_value(&form, "act"));
	if (act == NULL)
		return ERR_INVALID;
	view.query = read_query(&form);
	view.outcomes = ARENA_ARRAY(cx->arena, LIMIT_PAGE_ROWS, struct users_outcome);
	if (view.outcomes == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < form.count; i++) {
		struct id id;
		if (!str_eq(form.fields[i].name, STR("id")))
			continue;
		if (id_parse(form.fields[i].value, &id) != OK || count++ == LIMIT_PAGE_ROWS)
			return ERR_INVALID;
		TRY(do_one(cx, act, &id, &view));
	}
	if (view.outcome_count > 0) {
		res->status = 422;
		return render(cx, req, res, &view);
	}
	TRY(query_text(cx, &view.query, view.query.cursor, &query));
	response_redirect(res, arena_printf(cx->arena, "/admin/users?%.*s%sdone=%s",
					    STR_ARGS(query), query.len > 0 ? "&" : "",
					    count == 0 ? "users-none" : "users-changed"));
	return OK;
}
