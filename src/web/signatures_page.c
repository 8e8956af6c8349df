#include "web/signatures_page.h"

#include "base/limits.h"
#include "core/policy.h"
#include "http/form.h"
#include "web/page_signatures.h"
#include "web/when.h"

static struct str people_of(struct cx *cx, const struct signing_row *row)
{
	if (!row->is_mine)
		return TEXT_FILL(cx->arena, cx->language, TEXT_SIGNATURES_FROM,
				 TEXT_ARG("sender", row->sender));
	if (row->people.len == 0)
		return text_get(cx->language, TEXT_SIGNATURES_ONLY_YOU);
	if (row->people_more == 0)
		return row->people;
	return TEXT_FILL(cx->arena, cx->language, TEXT_SIGNATURES_PEOPLE_MORE,
			 TEXT_ARG("people", row->people), TEXT_NUMBER("count", row->people_more));
}

static struct str state_of_open(struct cx *cx, const struct signing_row *row)
{
	if (row->my_state == SIGNER_ASKED && row->deadline_ms > 0)
		return TEXT_FILL(cx->arena, cx->language, TEXT_SIGNATURES_STATE_SIGN_BY,
				 TEXT_ARG("date", when_short(cx, row->deadline_ms)));
	if (row->my_state == SIGNER_ASKED)
		return text_get(cx->language, TEXT_SIGNATURES_STATE_SIGN);
	if (row->my_state == SIGNER_WAITING)
		return text_get(cx->language, TEXT_SIGNATURES_STATE_TURN);
	return TEXT_FILL(cx->arena, cx->language, TEXT_SIGNATURES_STATE_PROGRESS,
			 TEXT_NUMBER("signed", row->signed_count),
			 TEXT_NUMBER("all", row->signer_count));
}

static struct str state_of(struct cx *cx, const struct signing_row *row)
{
	switch (row->state) {
	case SIGNING_COMPLETED: return text_get(cx->language, TEXT_SIGNATURES_STATE_COMPLETED);
	case SIGNING_DECLINED: return text_get(cx->language, TEXT_SIGNATURES_STATE_DECLINED);
	case SIGNING_EXPIRED: return text_get(cx->language, TEXT_SIGNATURES_STATE_EXPIRED);
	case SIGNING_CANCELLED: return text_get(cx->language, TEXT_SIGNATURES_STATE_CANCELLED);
	case SIGNING_OPEN: break;
	}
	return state_of_open(cx, row);
}

static struct str subject_of(struct cx *cx, const struct signing_row *row)
{
	if (row->is_unreadable)
		return text_get(cx->language, TEXT_SIGNATURES_UNREADABLE);
	return row->subject.len > 0 ? row->subject : text_get(cx->language, TEXT_BOX_NO_SUBJECT);
}

static enum err fill_part(struct cx *cx, enum signing_shelf shelf, struct str cursor,
			  struct signatures_part *ret)
{
	struct signing_list list;
	TRY(signing_list(cx, shelf, cursor, LIMIT_PAGE_ROWS_DEFAULT, &list));
	ret->rows = ARENA_ARRAY(cx->arena, list.count + 1, struct signatures_row);
	if (ret->rows == NULL)
		return ERR_UNAVAILABLE;
	ret->count = list.count;
	ret->next_cursor = list.next_cursor;
	ret->is_first = cursor.len == 0;
	for (size_t i = 0; i < list.count; i++) {
		const struct signing_row *row = &list.rows[i];
		int64_t at_ms = row->ended_ms > 0 ? row->ended_ms : row->sent_ms;
		ret->rows[i] = (struct signatures_row){
			.message_id = row->message_id,
			.subject = subject_of(cx, row),
			.people = row->is_unreadable ? STR_NONE : people_of(cx, row),
			.state = state_of(cx, row),
			.when = when_short(cx, at_ms),
			.when_iso = when_iso(cx, at_ms),
			.is_unreadable = row->is_unreadable,
			.can_sign = shelf == SIGNING_SHELF_MINE,
			.is_done = row->state == SIGNING_COMPLETED,
			.is_bad = row->state > SIGNING_COMPLETED,
		};
	}
	return OK;
}

enum err signatures_page_show(struct cx *cx, const struct request *req, struct response *res)
{
	struct form query;
	struct signatures_view view = {.can_ask = policy_may(cx, ACT_REQUEST_SIGNATURES)};
	TRY(form_parse(req->arena, req->query, &query));
	TRY(fill_part(cx, SIGNING_SHELF_MINE, form_value(&query, "mine"), &view.mine));
	TRY(fill_part(cx, SIGNING_SHELF_WAITING, form_value(&query, "waiting"), &view.waiting));
	TRY(fill_part(cx, SIGNING_SHELF_FINISHED, form_value(&query, "finished"), &view.finished));
	view.is_empty = view.mine.count + view.waiting.count + view.finished.count == 0 &&
			view.mine.is_first && view.waiting.is_first && view.finished.is_first;
	TRY(frame_init(cx, text_get(cx->language, TEXT_SIGNATURES_TITLE), PLACE_SIGNATURES,
		       &view.frame));
	view.frame.notice = frame_notice(cx, req);
	struct html html = frame_html(cx, res);
	page_signatures(&html, &view);
	return OK;
}
