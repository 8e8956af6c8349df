#include "web/draft_page.h"

#include "base/limits.h"
#include "web/compose_draft.h"
#include "web/page_drafts.h"
#include "web/reply_draft.h"
#include "web/when.h"

#include <jansson.h>
#include <stdlib.h>

/* ---- the list ---- */

static struct str people_of(struct cx *cx, const struct draft_line *line)
{
	struct str people = STR_NONE;
	for (size_t i = 0; i < line->people_count; i++)
		people = arena_printf(cx->arena, "%.*s%s%.*s", STR_ARGS(people), i > 0 ? ", " : "",
				      STR_ARGS(line->people[i]));
	if (people.len == 0)
		return STR_NONE;
	if (line->people_more > 0)
		return TEXT_FILL(cx->arena, cx->language, TEXT_BOX_TO_MORE,
				 TEXT_ARG("people", people),
				 TEXT_NUMBER("count", line->people_more));
	return TEXT_FILL(cx->arena, cx->language, TEXT_BOX_TO, TEXT_ARG("people", people));
}

static struct str subject_of(struct cx *cx, const struct draft_line *line)
{
	if (line->is_unreadable)
		return text_get(cx->language, TEXT_DRAFT_UNREADABLE);
	return line->subject.len > 0 ? line->subject : text_get(cx->language, TEXT_BOX_NO_SUBJECT);
}

enum err draft_page_list(struct cx *cx, const struct request *req, struct response *res)
{
	struct form query;
	struct draft_list list;
	struct drafts_view view = {0};
	TRY(form_parse(req->arena, req->query, &query));
	struct str cursor = form_value(&query, "cursor");
	TRY(draft_list(cx, cursor, LIMIT_PAGE_ROWS_DEFAULT, &list));
	TRY(frame_init(cx, text_get(cx->language, TEXT_DRAFT_TITLE), PLACE_DRAFTS, &view.frame));
	view.frame.notice = frame_notice(cx, req);
	view.rows = ARENA_ARRAY(cx->arena, list.count + 1, struct drafts_row);
	if (view.rows == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < list.count; i++)
		view.rows[i] = (struct drafts_row){
			.line = &list.lines[i],
			.subject = subject_of(cx, &list.lines[i]),
			.people = people_of(cx, &list.lines[i]),
			.when = when_short(cx, list.lines[i].saved_ms),
			.when_iso = when_iso(cx, list.lines[i].saved_ms),
		};
	view.count = list.count;
	view.is_first = cursor.len == 0;
	view.next_cursor = list.next_cursor;
	struct html html = frame_html(cx, res);
	page_drafts(&html, &view);
	return OK;
}

enum err draft_page_delete(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(draft_delete(cx, &id));
	response_redirect(res, STR("/drafts?done=draft-deleted"));
	return OK;
}

/* ---- saving while somebody writes ---- */

/* said: a sentence for the writer. */
static enum err answer(struct response *res, int status, const struct id *id, int64_t version,
		       struct str said)
{
	json_t *json = json_pack("{s:s, s:I, s:s%}", "draft", id->text, "version",
				 (json_int_t)version, "said", said.data ? said.data : "", said.len);
	char *text = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	if (text == NULL)
		return ERR_UNAVAILABLE;
	buf_add(&res->body, str_of(text));
	free(text);
	res->status = status;
	res->content_type = STR("application/json");
	return OK;
}

enum err draft_page_keep(struct cx *cx, struct response *res, struct draft *draft)
{
	struct draft_saved saved;
	struct form_errors errors = {0};
	enum text_id why;
	struct id id = draft->kept_id;
	enum err err = draft_save(cx, &id, draft->kept_version, draft, &saved, &errors);
	if (err == OK)
		return answer(res, 200, &saved.id, saved.version,
			      TEXT_FILL(cx->arena, cx->language, TEXT_DRAFT_SAVED_AT,
					TEXT_ARG("time", when_short(cx, saved.saved_ms))));
	if (err == ERR_INVALID && errors.count > 0)
		return answer(res, 422, &id, draft->kept_version, errors.items[0].detail);
	if (err != ERR_CONFLICT && err != ERR_NOT_FOUND)
		return err;
	int status = err == ERR_CONFLICT ? 409 : 404;
	TRY(compose_draft_renew(cx, err, draft, &why));
	return answer(res, status, &draft->kept_id, draft->kept_version,
		      text_get(cx->language, why));
}

enum err draft_page_save(struct cx *cx, const struct request *req, struct response *res)
{
	struct draft draft;
	TRY(compose_draft_read(cx, req, &draft));
	return draft_page_keep(cx, res, &draft);
}

enum err draft_page_save_reply(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id;
	struct draft draft;
	bool is_to_all;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(reply_draft_read(cx, req, &id, &draft, &is_to_all));
	return draft_page_keep(cx, res, &draft);
}
