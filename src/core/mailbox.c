#include "core/mailbox.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/log.h"
#include "core/addressing.h"
#include "core/message_key.h"
#include "core/policy.h"

#include <string.h>

/* *ret stays NULL for what fails its check: it is shown as unreadable. Memory that ran out is no
 * reason to say so. */
static enum err open_key(struct cx *cx, const struct message_copy *copy, struct secret **ret)
{
	const struct session *session = cx->session;
	if (!copy->is_authentic)
		return OK;
	enum err err = message_key_open(&copy->delivery, &session->user, session->private_key,
					session->mailbox_key, ret);
	if (err != ERR_CORRUPT)
		return err;
	log_event(LOG_ALARM, "message.key_unreadable",
		  LOG_STR("message", id_str(&copy->message.id)));
	return OK;
}

/* *ret.data stays NULL for what fails its check. */
static enum err open_part(struct cx *cx, const struct message_copy *copy, enum message_part part,
			  const struct secret *key, struct str *ret)
{
	struct str cipher = part == MESSAGE_SUBJECT ? copy->message.subject : copy->message.body;
	enum err err = message_key_decrypt(cx, &copy->message.id, part, key, cipher, ret);
	if (err != ERR_CORRUPT)
		return err;
	log_event(LOG_ALARM, "message.unreadable", LOG_STR("message", id_str(&copy->message.id)));
	return OK;
}

/* ---- re-wrapping: a sealed key is opened once, then kept under the mailbox key (ARCHITECTURE,
 * Keys) ---- */

struct rewrap {
	struct delivery *items;
	size_t count;
};

static enum err write_rewrap(struct db *db, void *argument)
{
	const struct rewrap *rewrap = argument;
	for (size_t i = 0; i < rewrap->count; i++)
		TRY(deliveries_rewrap(db, &rewrap->items[i]));
	return OK;
}

/* Takes the delivery as it will be: key under the mailbox key; opened_ms as given (0: only listed,
 * not opened). */
static void add_rewrap(struct cx *cx, struct rewrap *rewrap, const struct message_copy *copy,
		       const struct secret *key, int64_t opened_ms)
{
	struct delivery next = copy->delivery;
	if (next.sealed.len > 0) {
		if (message_key_wrap(cx, &next.message_id, &next.user_id, cx->session->mailbox_key,
				     key, &next.wrapped) != OK)
			return;
		next.sealed = STR("");
	}
	next.opened_ms = opened_ms;
	rewrap->items[rewrap->count++] = next;
}

/* Reading goes on when nothing can be written, disk full say: the next reading tries again. */
static void finish_rewrap(struct cx *cx, struct rewrap *rewrap)
{
	if (rewrap->count == 0)
		return;
	enum err err = store_transact(cx->portal->store, write_rewrap, rewrap, cx->arena);
	if (err != OK)
		log_event(LOG_WARN, "message.not_marked", LOG_CSTR("err", err_name(err)));
}

/* ---- lists ---- */

static void add_people(struct cx *cx, struct db *db, struct message_row *row)
{
	enum { NAMED = 3 };
	struct message_reader *readers;
	size_t count;
	struct buf names CLEANUP_BUF;
	buf_init(&names, 4096);
	if (messages_readers(db, cx->arena, &row->id, &readers, &count) != OK)
		return;
	for (size_t i = 0; i < count && i < NAMED; i++) {
		if (i > 0)
			buf_add(&names, STR(", "));
		buf_add(&names, user_label(&readers[i].user));
	}
	row->people = arena_copy(cx->arena, buf_str(&names));
	row->people_more = count > NAMED ? (int64_t)count - NAMED : 0;
}

static enum err fill_row(struct cx *cx, const struct message_copy *copy, struct rewrap *rewrap,
			 struct message_row *row)
{
	struct secret *key CLEANUP_SECRET = NULL;
	*row = (struct message_row){
		.id = copy->message.id,
		.conversation_id = copy->message.conversation_id,
		.sent_ms = copy->message.sent_ms,
		.is_unread = copy->delivery.opened_ms == 0,
		.is_unreadable = true,
	};
	TRY(open_key(cx, copy, &key));
	if (key == NULL)
		return OK;
	TRY(open_part(cx, copy, MESSAGE_SUBJECT, key, &row->subject));
	if (row->subject.data == NULL)
		return OK;
	row->is_unreadable = false;
	row->sender_name = user_label(&copy->sender);
	row->sender_address = copy->sender.address;
	if (copy->delivery.sealed.len > 0)
		add_rewrap(cx, rewrap, copy, key, 0);
	return OK;
}

static enum err list_rows(struct cx *cx, struct db *db, enum box box,
			  const struct message_copy *copies, size_t count, struct rewrap *rewrap,
			  struct message_list *list)
{
	list->rows = ARENA_ARRAY(cx->arena, count + 1, struct message_row);
	rewrap->items = ARENA_ARRAY(cx->arena, count + 1, struct delivery);
	if (list->rows == NULL || rewrap->items == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++) {
		TRY(fill_row(cx, &copies[i], rewrap, &list->rows[i]));
		/* The box is not authenticated, who sent it is: nobody else sees all recipients. */
		if (box == BOX_SENT && copies[i].is_authentic &&
		    id_eq(&copies[i].message.sender_id, &cx->session->user.id))
			add_people(cx, db, &list->rows[i]);
	}
	list->count = count;
	return OK;
}

static enum err read_list(struct cx *cx, enum box box, const struct id *before, int64_t limit,
			  struct rewrap *rewrap, struct message_list *ret)
{
	struct db *db CLEANUP_READ = NULL;
	struct message_copy *copies;
	size_t count;
	struct message_list list = {0};
	TRY(store_read_begin(cx->portal->store, &db));
	/* One more than asked for tells whether there is a next page. */
	TRY(messages_in_box(db, cx->arena, &cx->session->user.id, box, before, limit + 1, &copies,
			    &count));
	bool has_more = count > (size_t)limit;
	TRY(list_rows(cx, db, box, copies, has_more ? (size_t)limit : count, rewrap, &list));
	if (has_more)
		list.next_cursor = id_str(&list.rows[limit - 1].id);
	TRY(messages_count_unread(db, &cx->session->user.id, &list.unread_count));
	*ret = list;
	return OK;
}

enum err mailbox_list(struct cx *cx, enum box box, struct str cursor, int64_t limit,
		      struct message_list *ret)
{
	struct id before = {0};
	struct rewrap rewrap = {0};
	if (limit < 1 || limit > LIMIT_PAGE_ROWS)
		return ERR_INVALID;
	if (cursor.len > 0)
		TRY(id_parse(cursor, &before));
	TRY(read_list(cx, box, &before, limit, &rewrap, ret));
	finish_rewrap(cx, &rewrap);
	return OK;
}

enum err mailbox_unread_count(struct cx *cx, int64_t *ret)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(cx->portal->store, &db));
	return messages_count_unread(db, &cx->session->user.id, ret);
}

/* ---- one message ---- */

static struct message_person person_of(const struct user *user, enum recipient_kind kind)
{
	return (struct message_person){
		.id = user->id,
		.name = user_label(user),
		.address = user->address,
		.grade = user->grade,
		.state = user->state,
		.kind = kind,
	};
}

static bool can_resend(const struct user *self, const struct user *user)
{
	bool is_inviter =
		id_eq(&user->invited_by, &self->id) && policy_allows(self, ACT_RESEND_INVITATION);
	return user->state == USER_INVITED && (is_inviter || policy_allows(self, ACT_ADMINISTER));
}

static enum err fill_people(struct cx *cx, struct db *db, struct message_view *view)
{
	const struct user *self = &cx->session->user;
	struct message_reader *readers;
	size_t count;
	TRY(messages_readers(db, cx->arena, &view->id, &readers, &count));
	view->people = ARENA_ARRAY(cx->arena, count + 1, struct message_person);
	if (view->people == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++) {
		const struct message_reader *reader = &readers[i];
		bool is_self = id_eq(&reader->user.id, &self->id);
		if (reader->delivery.kind == RECIPIENT_BCC && !view->is_mine && !is_self)
			continue;
		struct message_person *person = &view->people[view->people_count++];
		*person = person_of(&reader->user, reader->delivery.kind);
		if (view->is_mine) {
			person->mail = (enum mail_state)reader->mail_state;
			person->mail_reply = reader->mail_reply;
			person->opened_ms = reader->delivery.opened_ms;
			person->can_resend_invitation = can_resend(self, &reader->user);
		}
	}
	return OK;
}

static enum err fill_view(struct cx *cx, struct db *db, const struct message_copy *copy,
			  struct rewrap *rewrap, struct message_view *view)
{
	struct secret *key CLEANUP_SECRET = NULL;
	*view = (struct message_view){
		.id = copy->message.id,
		.conversation_id = copy->message.conversation_id,
		.parent_id = copy->message.parent_id,
		.sent_ms = copy->message.sent_ms,
		.is_unreadable = true,
	};
	TRY(open_key(cx, copy, &key));
	if (key == NULL)
		return OK;
	struct str subject = STR_NONE, body = STR_NONE;
	TRY(open_part(cx, copy, MESSAGE_SUBJECT, key, &subject));
	TRY(open_part(cx, copy, MESSAGE_BODY, key, &body));
	if (subject.data == NULL || body.data == NULL)
		return OK;
	view->sender = person_of(&copy->sender, RECIPIENT_FROM);
	view->is_mine = id_eq(&copy->message.sender_id, &cx->session->user.id);
	view->subject = subject;
	view->body = body;
	view->is_unreadable = false;
	view->was_unread = copy->delivery.opened_ms == 0;
	if (view->was_unread || copy->delivery.sealed.len > 0)
		add_rewrap(cx, rewrap, copy, key, cx_now_ms(cx));
	return fill_people(cx, db, view);
}

static enum err read_one(struct cx *cx, const struct id *id, struct rewrap *rewrap,
			 struct message_view *ret)
{
	struct db *db CLEANUP_READ = NULL;
	struct message_copy copy;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(messages_get(db, cx->arena, &cx->session->user.id, id, &copy));
	rewrap->items = ARENA_NEW(cx->arena, struct delivery);
	if (rewrap->items == NULL)
		return ERR_UNAVAILABLE;
	return fill_view(cx, db, &copy, rewrap, ret);
}

enum err mailbox_open(struct cx *cx, const struct id *id, struct message_view *ret)
{
	struct rewrap rewrap = {0};
	TRY(read_one(cx, id, &rewrap, ret));
	finish_rewrap(cx, &rewrap);
	return OK;
}

/* ---- conversation ---- */

static enum err read_conversation(struct cx *cx, const struct id *message_id, struct rewrap *rewrap,
				  struct conversation_view *ret)
{
	struct db *db CLEANUP_READ = NULL;
	struct message_copy *copies;
	size_t count;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(messages_conversation(db, cx->arena, &cx->session->user.id, message_id,
				  LIMIT_CONVERSATION_MESSAGES, &copies, &count));
	if (count == 0)
		return ERR_NOT_FOUND;
	rewrap->items = ARENA_ARRAY(cx->arena, count + 1, struct delivery);
	ret->messages = ARENA_ARRAY(cx->arena, count + 1, struct message_view);
	if (rewrap->items == NULL || ret->messages == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++)
		TRY(fill_view(cx, db, &copies[count - 1 - i], rewrap, &ret->messages[i]));
	ret->count = count;
	return OK;
}

/* Who an answer to the newest message would reach. */
static void count_others(const struct cx *cx, struct conversation_view *view)
{
	const struct message_view *last = &view->messages[view->count - 1];
	if (last->is_unreadable)
		return;
	size_t others = !last->is_mine && last->sender.state != USER_DISABLED;
	for (size_t i = 0; i < last->people_count; i++) {
		const struct message_person *person = &last->people[i];
		bool is_self = id_eq(&person->id, &cx->session->user.id);
		others +=
			!is_self && person->kind != RECIPIENT_BCC && person->state != USER_DISABLED;
	}
	view->others_count = others;
	view->can_reply = others > 0;
}

enum err mailbox_conversation(struct cx *cx, const struct id *message_id,
			      struct conversation_view *ret)
{
	struct rewrap rewrap = {0};
	struct conversation_view view = {0};
	TRY(read_conversation(cx, message_id, &rewrap, &view));
	finish_rewrap(cx, &rewrap);
	if (view.count > 0) {
		view.subject = view.messages[0].subject;
		count_others(cx, &view);
	}
	*ret = view;
	return OK;
}
