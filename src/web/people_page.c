#include "web/people_page.h"

#include "base/limits.h"
#include "http/form.h"
#include "web/page_people.h"
#include "web/when.h"

static struct people_row row_of(struct cx *cx, const struct contact *contact)
{
	struct people_row row = {
		.contact = contact,
		.has_name = !str_eq(contact->name, contact->address),
	};
	if (contact->last_ms > 0) {
		row.when = when_short(cx, contact->last_ms);
		row.when_iso = when_iso(cx, contact->last_ms);
	}
	return row;
}

static enum err make_rows(struct cx *cx, const struct contact *contacts, size_t count,
			  struct people_row **ret)
{
	struct people_row *rows = ARENA_ARRAY(cx->arena, count + 1, struct people_row);
	if (rows == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++)
		rows[i] = row_of(cx, &contacts[i]);
	*ret = rows;
	return OK;
}

static enum err add_groups_and_blocked(struct cx *cx, struct people_view *view)
{
	struct people_group *groups;
	struct contact *blocked;
	TRY(people_group_list(cx, &groups, &view->group_count));
	view->groups = groups;
	TRY(contact_blocked(cx, &blocked, &view->blocked_count));
	return make_rows(cx, blocked, view->blocked_count, &view->blocked);
}

/* What cannot be searched for is said beside the field, and nobody is listed. */
static enum err find(struct cx *cx, struct str cursor, struct people_view *view,
		     struct response *res)
{
	struct contact_list list = {.count = 0};
	struct form_errors errors = {.count = 0};
	enum err err =
		contact_list(cx, view->q.value, cursor, LIMIT_PAGE_ROWS_DEFAULT, &list, &errors);
	if (err == ERR_INVALID && errors.count > 0) {
		field_mark(&view->q, &errors);
		res->status = 422;
		err = OK;
	}
	TRY(err);
	view->count = list.count;
	view->next_cursor = list.next_cursor;
	return make_rows(cx, list.items, list.count, &view->rows);
}

enum err people_page_list(struct cx *cx, const struct request *req, struct response *res)
{
	struct form query;
	struct people_view view = {0};
	TRY(form_parse(req->arena, req->query, &query));
	struct str cursor = form_value(&query, "cursor");
	view.q = field_text(cx, "q", TEXT_PEOPLE_SEARCH, form_value(&query, "q"));
	view.q.type = "search";
	view.is_first = cursor.len == 0;
	view.is_search = str_trim(view.q.value).len > 0;
	TRY(find(cx, cursor, &view, res));
	if (view.is_first && !view.is_search)
		TRY(add_groups_and_blocked(cx, &view));
	TRY(frame_init(cx, text_get(cx->language, TEXT_PEOPLE_TITLE), PLACE_PEOPLE, &view.frame));
	view.frame.notice = frame_notice(cx, req);
	struct html html = frame_html(cx, res);
	page_people(&html, &view);
	return OK;
}

/* ---- one person ---- */

static enum err show(struct cx *cx, const struct request *req, struct response *res,
		     const struct id *id, const struct form_errors *errors)
{
	struct form query;
	struct contact contact;
	struct message_list list;
	struct person_view view = {.errors = errors};
	TRY(form_parse(req->arena, req->query, &query));
	struct str cursor = form_value(&query, "cursor");
	TRY(contact_get(cx, id, &contact));
	TRY(contact_messages(cx, id, cursor, LIMIT_PAGE_ROWS_DEFAULT, &list));
	TRY(box_page_rows(cx, &list, &view.messages));
	view.row = row_of(cx, &contact);
	view.is_invited = contact.state == USER_INVITED;
	view.is_registered = contact.state == USER_ACTIVE;
	view.message_count = list.count;
	view.is_first = cursor.len == 0;
	view.next_cursor = list.next_cursor;
	frame_init_plain(cx, contact.name, &view.frame);
	view.frame.place = PLACE_PEOPLE;
	view.frame.unread = list.unread_count;
	TRY(frame_count_signing(cx, &view.frame));
	view.frame.notice = frame_notice(cx, req);
	struct html html = frame_html(cx, res);
	page_person(&html, &view);
	return OK;
}

enum err people_page_show(struct cx *cx, const struct request *req, struct response *res)
{
	const struct form_errors none = {0};
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	return show(cx, req, res, &id, &none);
}

enum err people_page_block(struct cx *cx, const struct request *req, struct response *res)
{
	struct form_errors errors = {0};
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	enum err err = contact_block(cx, &id, &errors);
	if (err == ERR_INVALID && errors.count > 0) {
		res->status = 422;
		return show(cx, req, res, &id, &errors);
	}
	TRY(err);
	response_redirect(res, arena_printf(cx->arena, "/people/%s?done=blocked", id.text));
	return OK;
}

enum err people_page_unblock(struct cx *cx, const struct request *req, struct response *res)
{
	struct form form;
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(form_parse(req->arena, req->body, &form));
	TRY(contact_unblock(cx, &id));
	response_redirect(res,
			  form_has(&form, "list")
				  ? STR("/people?done=unblocked")
				  : arena_printf(cx->arena, "/people/%s?done=unblocked", id.text));
	return OK;
}
