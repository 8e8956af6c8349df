#include "web/move_page.h"

#include "base/buf.h"
#include "base/limits.h"
#include "core/label.h"
#include "core/mailbox_move.h"

enum { UNDO_MAX = LIMIT_PAGE_ROWS_DEFAULT }; /* a page of them; their ids fit into an address */

static const struct mailbox_act {
	struct str word;
	enum box box; /* 0: none, it marks */
	bool is_read;
	const char *done; /* of frame_notice() */
} acts[] = {
	{STR("archive"), BOX_ARCHIVE, false, "archived"},
	{STR("trash"), BOX_TRASH, false, "trashed"},
	{STR("back"), BOX_INBOX, false, "moved-back"},
	{STR("read"), 0, true, "marked-read"},
	{STR("unread"), 0, false, "marked-unread"},
};

static const struct mailbox_act *act_of(struct str word)
{
	for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
		if (str_eq(acts[i].word, word))
			return &acts[i];
	}
	return NULL;
}

/* Those that were ticked. */
static enum err read_ids(struct cx *cx, const struct form *form, struct id **ret, size_t *ret_count)
{
	struct id *ids = ARENA_ARRAY(cx->arena, LIMIT_PAGE_ROWS, struct id);
	size_t count = 0;
	if (ids == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < form->count; i++) {
		if (!str_eq(form->fields[i].name, STR("id")))
			continue;
		if (count == LIMIT_PAGE_ROWS)
			return ERR_INVALID;
		if (id_parse(form->fields[i].value, &ids[count++]) != OK)
			return ERR_NOT_FOUND;
	}
	*ret = ids;
	*ret_count = count;
	return OK;
}

static const struct str label_path = STR("label/");

/* Back to the list, on the same page of it. */
static enum err go_back(struct cx *cx, struct response *res, const struct form *form,
			const char *done, const struct id *undo, size_t undo_count)
{
	struct buf path CLEANUP_BUF;
	struct id cursor;
	buf_init(&path, LIMIT_QUERY_BYTES);
	struct str typed = form_value(form, "from");
	struct str from = box_page_path(box_page_box(typed));
	struct id label;
	if (str_starts_with(typed, label_path) &&
	    id_parse(str_slice(typed, label_path.len, typed.len), &label) == OK)
		from = typed;
	buf_addf(&path, "/%.*s?done=%s", STR_ARGS(from), done);
	if (id_parse(form_value(form, "cursor"), &cursor) == OK)
		buf_addf(&path, "&cursor=%s", cursor.text);
	for (size_t i = 0; i < undo_count; i++)
		buf_addf(&path, "%s%s", i == 0 ? "&undo=" : ".", undo[i].text);
	TRY(path.err);
	response_redirect(res, arena_copy(cx->arena, buf_str(&path)));
	return OK;
}

/* A row stands for its conversation: that is moved, and read. Unread becomes the newest of it. */
static enum err do_act(struct cx *cx, const struct mailbox_act *act, const struct id *ids,
		       size_t count)
{
	if (act->box)
		return mailbox_move_conversations(cx, ids, count, act->box);
	if (act->is_read)
		return mailbox_mark_conversations(cx, ids, count, true);
	return mailbox_mark(cx, ids, count, false);
}

/* Puts the chosen label on what was ticked, or takes it off. */
static enum err act_label(struct cx *cx, const struct form *form, const struct id *ids,
			  size_t count, bool is_on, struct response *res)
{
	struct id label;
	if (id_parse(form_value(form, "label"), &label) != OK)
		return ERR_NOT_FOUND;
	enum err err = label_put(cx, &label, ids, count, is_on);
	if (err == ERR_TOO_LARGE)
		return go_back(cx, res, form, "labels-many", NULL, 0);
	TRY(err);
	return go_back(cx, res, form, is_on ? "labelled" : "unlabelled", NULL, 0);
}

enum err move_page_act(struct cx *cx, const struct request *req, struct response *res)
{
	struct form form;
	struct id *ids;
	size_t count;
	TRY(form_parse(req->arena, req->body, &form));
	struct str word = form_value(&form, "act");
	const struct mailbox_act *act = act_of(word);
	bool is_label = str_eq(word, STR("label")), is_unlabel = str_eq(word, STR("unlabel"));
	TRY(read_ids(cx, &form, &ids, &count));
	if (act == NULL && !is_label && !is_unlabel)
		return ERR_INVALID;
	if (count == 0)
		return go_back(cx, res, &form, "none-chosen", NULL, 0);
	if (act == NULL)
		return act_label(cx, &form, ids, count, is_label, res);
	TRY(do_act(cx, act, ids, count));
	bool is_undoing = form_has(&form, "undo");
	bool can_undo = act->box && !is_undoing && count <= UNDO_MAX;
	return go_back(cx, res, &form, is_undoing ? "undone" : act->done, ids,
		       can_undo ? count : 0);
}

enum err move_page_destroy(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	TRY(mailbox_destroy(cx, &id, 1));
	response_redirect(res, STR("/trash?done=destroyed"));
	return OK;
}

enum err move_page_empty_trash(struct cx *cx, const struct request *req, struct response *res)
{
	size_t count;
	(void)req;
	TRY(mailbox_destroy_trash(cx, &count));
	response_redirect(res, STR("/trash?done=trash-emptied"));
	return OK;
}

enum err move_page_undo(struct cx *cx, const struct form *query, enum box box,
			struct undo_part *ret)
{
	struct str rest = form_value(query, "undo"), word;
	struct id *ids = ARENA_ARRAY(cx->arena, UNDO_MAX, struct id);
	size_t count = 0;
	if (ids == NULL)
		return ERR_UNAVAILABLE;
	while (str_next(&rest, '.', &word)) {
		if (count == UNDO_MAX || id_parse(word, &ids[count++]) != OK)
			return OK;
	}
	*ret = (struct undo_part){
		.act = box == BOX_ARCHIVE ? STR("archive")
		       : box == BOX_TRASH ? STR("trash")
					  : STR("back"),
		.ids = ids,
		.count = count,
	};
	return OK;
}
