#include "web/box_page.h"

#include "base/limits.h"
#include "core/policy.h"
#include "http/form.h"
#include "web/page_box.h"
#include "web/when.h"

static struct str subject_of(struct cx *cx, const struct message_row *row)
{
	if (row->is_unreadable)
		return text_get(cx->language, TEXT_BOX_UNREADABLE);
	return row->subject.len > 0 ? row->subject : text_get(cx->language, TEXT_BOX_NO_SUBJECT);
}

static struct str people_of(struct cx *cx, const struct message_row *row, bool is_sent)
{
	if (!is_sent)
		return row->sender_name;
	if (row->people_more > 0)
		return TEXT_FILL(cx->arena, cx->language, TEXT_BOX_TO_MORE,
				 TEXT_ARG("people", row->people),
				 TEXT_NUMBER("count", row->people_more));
	return TEXT_FILL(cx->arena, cx->language, TEXT_BOX_TO, TEXT_ARG("people", row->people));
}

enum err box_page_fill(struct cx *cx, enum box box, struct str cursor, struct box_part *ret)
{
	struct message_list list;
	TRY(mailbox_list(cx, box, cursor, LIMIT_PAGE_ROWS_DEFAULT, &list));
	struct box_row *rows = ARENA_ARRAY(cx->arena, list.count + 1, struct box_row);
	if (rows == NULL)
		return ERR_UNAVAILABLE;
	bool is_sent = box == BOX_SENT;
	for (size_t i = 0; i < list.count; i++) {
		const struct message_row *row = &list.rows[i];
		rows[i] = (struct box_row){
			.row = row,
			.subject = subject_of(cx, row),
			.people = people_of(cx, row, is_sent),
			.when = when_short(cx, row->sent_ms),
			.when_iso = when_iso(cx, row->sent_ms),
		};
	}
	*ret = (struct box_part){
		.is_sent = is_sent,
		.may_write_first = policy_allows(&cx->session->user, ACT_INVITE_GUEST),
		.rows = rows,
		.count = list.count,
		.is_first = cursor.len == 0,
		.next_cursor = list.next_cursor,
		.unread_count = list.unread_count,
	};
	return OK;
}

static enum err show(struct cx *cx, const struct request *req, struct response *res, enum box box)
{
	struct form query;
	struct box_view view = {0};
	bool is_sent = box == BOX_SENT;
	TRY(form_parse(req->arena, req->query, &query));
	TRY(box_page_fill(cx, box, form_value(&query, "cursor"), &view.box));
	struct str title = text_get(cx->language, is_sent ? TEXT_SENT_TITLE : TEXT_INBOX_TITLE);
	frame_init_plain(cx, title, &view.frame);
	view.frame.place = is_sent ? PLACE_SENT : PLACE_INBOX;
	view.frame.unread = view.box.unread_count;
	view.frame.notice = frame_notice(cx, req);
	struct html html = frame_html(cx, res);
	page_box(&html, &view);
	return OK;
}

enum err box_page_inbox(struct cx *cx, const struct request *req, struct response *res)
{
	return show(cx, req, res, BOX_INBOX);
}

enum err box_page_sent(struct cx *cx, const struct request *req, struct response *res)
{
	return show(cx, req, res, BOX_SENT);
}

enum err box_page_start(struct cx *cx, const struct request *req, struct response *res)
{
	(void)req;
	response_redirect(res, cx->session ? STR("/inbox") : STR("/sign-in"));
	return OK;
}
