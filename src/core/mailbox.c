#include "core/mailbox.h"

#include "base/buf.h"
#include "base/limits.h"
#include "core/label_read.h"
#include "core/mailbox_read.h"
#include "crypto/aead.h"

/* ---- lists ---- */

static enum err add_people(struct cx *cx, struct db *db, const struct message *message,
			   struct message_row *row)
{
	enum { NAMED = 3 };
	struct message_audience audience;
	struct buf names CLEANUP_BUF;
	buf_init(&names, 4096);
	TRY(messages_readers_seen(db, cx->arena, message, &cx->session->user.id, NAMED, &audience));
	for (size_t i = 0; i < audience.count; i++) {
		if (i > 0)
			buf_add(&names, STR(", "));
		buf_add(&names, user_label(&audience.readers[i].user));
	}
	row->people = arena_copy(cx->arena, buf_str(&names));
	row->people_more = audience.total - (int64_t)audience.count;
	return OK;
}

static enum err fill_row(struct cx *cx, const struct message_copy *copy, struct rewrap *rewrap,
			 struct message_row *row)
{
	struct secret *key CLEANUP_SECRET = NULL;
	*row = (struct message_row){
		.id = copy->message.id,
		.conversation_id = copy->message.conversation_id,
		.sent_ms = copy->message.sent_ms,
		.is_unread = copy->delivery.is_unread || copy->is_any_unread,
		.beside = copy->beside,
		.box = copy->delivery.box,
		.is_unreadable = true,
	};
	TRY(mailbox_read_key(cx, copy, &key));
	if (key == NULL)
		return OK;
	TRY(mailbox_read_part(cx, copy, MESSAGE_SUBJECT, key, &row->subject));
	if (row->subject.data == NULL)
		return OK;
	row->is_unreadable = false;
	row->is_mine = id_eq(&copy->message.sender_id, &cx->session->user.id);
	row->ended = row->is_mine && copy->message.recalled_ms > 0 ? DELIVERY_RECALLED
								   : copy->delivery.ended;
	row->sender_name = user_label(&copy->sender);
	row->sender_address = copy->sender.address;
	if (copy->delivery.sealed.len > 0)
		mailbox_read_rewrap(cx, rewrap, copy, key, 0);
	return OK;
}

/* A row that stands for several messages has the labels of all of them. */
static enum err add_labels(struct cx *cx, struct db *db, const struct label *all, size_t all_count,
			   struct message_row *row)
{
	if (row->beside > 1)
		return label_read_on_conversation(cx, db, all, all_count, &row->conversation_id,
						  &row->labels, &row->label_count);
	return label_read_on(cx, db, all, all_count, &row->id, &row->labels, &row->label_count);
}

enum err mailbox_read_file_counts(struct cx *cx, struct db *db, const struct message_copy *copies,
				  size_t count, int64_t **ret)
{
	struct id *ids = ARENA_ARRAY(cx->arena, count + 1, struct id);
	int64_t *counts = ARENA_ARRAY(cx->arena, count + 1, int64_t);
	if (cx->arena->failed)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++)
		ids[i] = copies[i].message.id;
	TRY(message_files_count(db, ids, count, counts));
	*ret = counts;
	return OK;
}

enum err mailbox_read_rows(struct cx *cx, struct db *db, const struct message_copy *copies,
			   size_t count, struct rewrap *rewrap, struct message_row **ret)
{
	struct message_row *rows = ARENA_ARRAY(cx->arena, count + 1, struct message_row);
	struct label *labels;
	size_t label_count;
	int64_t *file_counts;
	AEAD_BATCH;
	if (rows == NULL)
		return ERR_UNAVAILABLE;
	TRY(label_read_all(cx, db, &labels, &label_count));
	TRY(mailbox_read_file_counts(cx, db, copies, count, &file_counts));
	for (size_t i = 0; i < count; i++) {
		TRY(fill_row(cx, &copies[i], rewrap, &rows[i]));
		/* The box is not authenticated, who sent it is: nobody else sees all recipients. */
		if (rows[i].is_mine)
			TRY(add_people(cx, db, &copies[i].message, &rows[i]));
		TRY(add_labels(cx, db, labels, label_count, &rows[i]));
		rows[i].file_count = rows[i].is_unreadable ? 0 : file_counts[i];
		if (!rows[i].is_unreadable && rows[i].ended == DELIVERY_LIVE)
			TRY(signing_brief_read(cx, db, &copies[i], &rows[i].signing));
	}
	*ret = rows;
	return OK;
}

enum err mailbox_read_page(struct cx *cx, struct db *db, const struct message_copy *copies,
			   size_t count, int64_t limit, struct rewrap *rewrap,
			   struct message_list *ret)
{
	struct message_list list = {0};
	bool has_more = count > (size_t)limit;
	list.count = has_more ? (size_t)limit : count;
	TRY(mailbox_read_rows(cx, db, copies, list.count, rewrap, &list.rows));
	if (has_more)
		list.next_cursor = id_str(&list.rows[limit - 1].id);
	TRY(messages_count_unread(db, &cx->session->user.id, &list.unread_count));
	*ret = list;
	return OK;
}

typedef enum err in_box_fn(struct db *db, struct arena *arena, const struct id *user_id,
			   enum box box, const struct id *before, int64_t limit,
			   struct message_copy **ret, size_t *ret_count);

struct listing {
	in_box_fn *in_box;
	enum box box;
	struct id before;
	int64_t limit;
};

static enum err read_list(struct cx *cx, const struct listing *listing, struct rewrap *rewrap,
			  struct message_list *ret)
{
	struct db *db CLEANUP_READ = NULL;
	struct message_copy *copies;
	size_t count;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(listing->in_box(db, cx->arena, &cx->session->user.id, listing->box, &listing->before,
			    listing->limit + 1, &copies, &count));
	return mailbox_read_page(cx, db, copies, count, listing->limit, rewrap, ret);
}

static enum err list(struct cx *cx, struct listing listing, struct str cursor,
		     struct message_list *ret)
{
	struct rewrap rewrap = {0};
	if (listing.limit < 1 || listing.limit > LIMIT_PAGE_ROWS)
		return ERR_INVALID;
	if (cursor.len > 0)
		TRY(id_parse(cursor, &listing.before));
	TRY(read_list(cx, &listing, &rewrap, ret));
	mailbox_read_finish(cx, &rewrap);
	return OK;
}

enum err mailbox_list(struct cx *cx, enum box box, struct str cursor, int64_t limit,
		      struct message_list *ret)
{
	const struct listing listing = {.in_box = messages_in_box, .box = box, .limit = limit};
	return list(cx, listing, cursor, ret);
}

enum err mailbox_conversations(struct cx *cx, enum box box, struct str cursor, int64_t limit,
			       struct message_list *ret)
{
	const struct listing listing = {.in_box = messages_tops_in_box, .box = box, .limit = limit};
	return list(cx, listing, cursor, ret);
}

static enum err read_row(struct cx *cx, const struct id *id, struct rewrap *rewrap,
			 struct message_row *ret)
{
	struct db *db CLEANUP_READ = NULL;
	struct message_copy copy;
	struct message_row *row;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(messages_get(db, cx->arena, &cx->session->user.id, id, &copy));
	TRY(mailbox_read_rows(cx, db, &copy, 1, rewrap, &row));
	*ret = *row;
	return OK;
}

enum err mailbox_row(struct cx *cx, const struct id *id, struct message_row *ret)
{
	struct rewrap rewrap = {0};
	TRY(read_row(cx, id, &rewrap, ret));
	mailbox_read_finish(cx, &rewrap);
	return OK;
}

enum err mailbox_unread_count(struct cx *cx, int64_t *ret)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(cx->portal->store, &db));
	return messages_count_unread(db, &cx->session->user.id, ret);
}

/* ---- one message ---- */

static enum err read_one(struct cx *cx, const struct id *id, struct rewrap *rewrap,
			 struct message_view *ret)
{
	struct db *db CLEANUP_READ = NULL;
	struct message_copy copy;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(messages_get(db, cx->arena, &cx->session->user.id, id, &copy));
	rewrap->quotes_left = LIMIT_FORWARD_CHAIN;
	TRY(mailbox_read_view(cx, &copy, MAILBOX_READ_ALL, rewrap, ret));
	TRY(mailbox_read_files(cx, db, &copy, true, ret));
	if (!ret->is_unreadable && ret->ended == DELIVERY_LIVE)
		TRY(signing_brief_read(cx, db, &copy, &ret->signing));
	TRY(mailbox_read_quoted(cx, db, &copy, rewrap, ret));
	TRY(mailbox_read_people(cx, db, &copy.message, LIMIT_RECIPIENTS, ret));
	struct label *all;
	size_t all_count;
	return mailbox_read_labels(cx, db, ret, &all, &all_count);
}

enum err mailbox_look(struct cx *cx, const struct id *id, struct message_view *ret)
{
	struct rewrap rewrap = {0};
	return read_one(cx, id, &rewrap, ret);
}

enum err mailbox_open(struct cx *cx, const struct id *id, struct message_view *ret)
{
	struct rewrap rewrap = {0};
	TRY(read_one(cx, id, &rewrap, ret));
	mailbox_read_finish(cx, &rewrap);
	return OK;
}
