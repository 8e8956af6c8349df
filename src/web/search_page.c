#include "web/search_page.h"

#include "base/limits.h"
#include "http/form.h"
#include "web/page_search.h"
#include "web/when.h"

static enum err fill_rows(struct cx *cx, const struct search_result *result,
			  struct search_view *view)
{
	view->rows = ARENA_ARRAY(cx->arena, result->count + 1, struct search_row);
	if (view->rows == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < result->count; i++) {
		const struct search_hit *hit = &result->hits[i];
		view->rows[i] = (struct search_row){
			.hit = hit,
			.when = when_short(cx, hit->row.sent_ms),
			.when_iso = when_iso(cx, hit->row.sent_ms),
		};
		if (hit->subject.count == 0)
			view->rows[i].subject = text_get(
				cx->language,
				hit->row.is_unreadable ? TEXT_BOX_UNREADABLE : TEXT_BOX_NO_SUBJECT);
	}
	view->count = result->count;
	return OK;
}

static enum err fill(struct cx *cx, const struct search_result *result, struct search_view *view)
{
	TRY(fill_rows(cx, result, view));
	view->was_searched = !result->is_query_empty;
	view->is_label_unknown = result->is_label_unknown;
	view->is_date_odd = result->hints & SEARCH_HINT_DATE;
	view->is_operator_odd = result->hints & SEARCH_HINT_OPERATOR;
	view->is_box_odd = result->hints & SEARCH_HINT_BOX;
	view->next_cursor = result->next_cursor;
	if (result->next_cursor.len > 0)
		view->looked_back_to = when_short(cx, result->looked_to_ms);
	return OK;
}

static enum err find(struct cx *cx, const struct form *query, struct search_view *view, int *status)
{
	struct search_result result;
	struct form_errors errors = {.count = 0};
	struct str cursor = form_value(query, "cursor");
	view->query = form_value(query, "q");
	view->is_first = cursor.len == 0;
	enum err err =
		search_find(cx, view->query, cursor, LIMIT_PAGE_ROWS_DEFAULT, &result, &errors);
	if (err == OK)
		return fill(cx, &result, view);
	if (err != ERR_INVALID && err != ERR_BUSY)
		return err;
	*status = err == ERR_BUSY ? 429 : 422;
	view->mistake =
		err == ERR_BUSY ? text_get(cx->language, TEXT_SEARCH_BUSY) : errors.items[0].detail;
	return OK;
}

enum err search_page_show(struct cx *cx, const struct request *req, struct response *res)
{
	struct form query;
	struct search_view view = {.count = 0};
	int status = 200;
	TRY(form_parse(req->arena, req->query, &query));
	TRY(find(cx, &query, &view, &status));
	TRY(frame_init(cx, text_get(cx->language, TEXT_SEARCH_TITLE), PLACE_SEARCH, &view.frame));
	view.frame.search = view.query;
	res->status = status;
	struct html html = frame_html(cx, res);
	page_search(&html, &view);
	return OK;
}
