#include "web/box_page.h"

#include "base/limits.h"
#include "core/policy.h"
#include "http/form.h"
#include "web/label_page.h"
#include "web/move_page.h"
#include "web/page_box.h"
#include "web/when.h"

static const struct box_name {
	struct str path;
	enum text_id title;
	enum place place;
} names[] = {
	[BOX_INBOX] = {STR("inbox"), TEXT_INBOX_TITLE, PLACE_INBOX},
	[BOX_SENT] = {STR("sent"), TEXT_SENT_TITLE, PLACE_SENT},
	[BOX_ARCHIVE] = {STR("archive"), TEXT_ARCHIVE_TITLE, PLACE_ARCHIVE},
	[BOX_TRASH] = {STR("trash"), TEXT_TRASH_TITLE, PLACE_TRASH},
};

struct str box_page_path(enum box box)
{
	return names[box].path;
}

enum box box_page_box(struct str path)
{
	for (enum box box = BOX_INBOX; box <= BOX_TRASH; box++) {
		if (str_eq(names[box].path, path))
			return box;
	}
	return BOX_INBOX;
}

static struct str subject_of(struct cx *cx, const struct message_row *row)
{
	if (row->is_unreadable)
		return text_get(cx->language, TEXT_BOX_UNREADABLE);
	return row->subject.len > 0 ? row->subject : text_get(cx->language, TEXT_BOX_NO_SUBJECT);
}

static struct str people_of(struct cx *cx, const struct message_row *row)
{
	if (!row->is_mine)
		return row->sender_name;
	/* Documents that nobody else has. */
	if (row->people.len == 0)
		return text_get(cx->language, TEXT_SIGNATURES_ONLY_YOU);
	if (row->people_more > 0)
		return TEXT_FILL(cx->arena, cx->language, TEXT_BOX_TO_MORE,
				 TEXT_ARG("people", row->people),
				 TEXT_NUMBER("count", row->people_more));
	return TEXT_FILL(cx->arena, cx->language, TEXT_BOX_TO, TEXT_ARG("people", row->people));
}

enum err box_page_rows(struct cx *cx, const struct message_list *list, struct box_row **ret)
{
	struct box_row *rows = ARENA_ARRAY(cx->arena, list->count + 1, struct box_row);
	if (rows == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < list->count; i++) {
		const struct message_row *row = &list->rows[i];
		rows[i] = (struct box_row){
			.row = row,
			.subject = subject_of(cx, row),
			.people = people_of(cx, row),
			.signing = signing_brief_words(cx, &row->signing),
			.when = when_short(cx, row->sent_ms),
			.when_iso = when_iso(cx, row->sent_ms),
		};
	}
	*ret = rows;
	return OK;
}

enum err box_page_part(struct cx *cx, const struct message_list *list, struct str cursor,
		       struct box_part *ret)
{
	struct box_row *rows;
	struct label_part *labels;
	size_t label_count;
	TRY(box_page_rows(cx, list, &rows));
	TRY(label_page_parts(cx, &labels, &label_count));
	*ret = (struct box_part){
		.labels = labels,
		.label_count = label_count,
		.cursor = cursor,
		.trash_days = cx->portal->settings->trash_days,
		.may_write_first = policy_may(cx, ACT_INVITE_GUEST),
		.rows = rows,
		.count = list->count,
		.is_first = cursor.len == 0,
		.next_cursor = list->next_cursor,
		.unread_count = list->unread_count,
	};
	return OK;
}

enum err box_page_fill(struct cx *cx, enum box box, struct str cursor, struct box_part *ret)
{
	struct message_list list;
	TRY(mailbox_conversations(cx, box, cursor, LIMIT_PAGE_ROWS_DEFAULT, &list));
	TRY(box_page_part(cx, &list, cursor, ret));
	ret->box = box;
	ret->path = box_page_path(box);
	return OK;
}

static enum err show(struct cx *cx, const struct request *req, struct response *res, enum box box)
{
	struct form query;
	struct box_view view = {0};
	TRY(form_parse(req->arena, req->query, &query));
	struct str cursor = form_value(&query, "cursor");
	TRY(box_page_fill(cx, box, cursor, &view.box));
	/* An older page from which all was moved away. */
	if (view.box.count == 0 && cursor.len > 0)
		TRY(box_page_fill(cx, box, STR_NONE, &view.box));
	frame_init_plain(cx, text_get(cx->language, names[box].title), &view.frame);
	view.frame.place = names[box].place;
	view.frame.unread = view.box.unread_count;
	TRY(frame_count_signing(cx, &view.frame));
	view.frame.notice = frame_notice(cx, req);
	if (view.frame.notice.len > 0)
		TRY(move_page_undo(cx, &query, box, &view.undo));
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

enum err box_page_archive(struct cx *cx, const struct request *req, struct response *res)
{
	return show(cx, req, res, BOX_ARCHIVE);
}

enum err box_page_trash(struct cx *cx, const struct request *req, struct response *res)
{
	return show(cx, req, res, BOX_TRASH);
}

enum err box_page_start(struct cx *cx, const struct request *req, struct response *res)
{
	(void)req;
	response_redirect(res, cx->session ? STR("/inbox") : STR("/sign-in"));
	return OK;
}
