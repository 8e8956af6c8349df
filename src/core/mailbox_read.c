#include "core/mailbox_read.h"

#include "base/log.h"
#include "core/label_read.h"
#include "core/live.h"
#include "core/message_key.h"
#include "core/policy.h"
#include "core/tracking.h"
#include "store/tracks.h"

#include <string.h>

enum err mailbox_read_key(struct cx *cx, const struct message_copy *copy, struct secret **ret)
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

bool mailbox_read_allows_body(struct cx *cx, const struct message_copy *copy)
{
	const struct message *message = &copy->message;
	bool is_confidential = (message->options & OPTION_CONFIDENTIAL) != 0;
	return message_options_end(copy, cx_now_ms(cx)) == DELIVERY_LIVE &&
	       (!is_confidential || id_eq(&cx->confirmed, &message->id));
}

enum err mailbox_read_part(struct cx *cx, const struct message_copy *copy, enum message_part part,
			   const struct secret *key, struct str *ret)
{
	const struct str ciphers[] = {
		[MESSAGE_SUBJECT] = copy->message.subject,
		[MESSAGE_BODY] = copy->message.body,
		[MESSAGE_REASON] = copy->delivery.reason,
	};
	if (part == MESSAGE_BODY && !mailbox_read_allows_body(cx, copy))
		return ERR_NOT_FOUND;
	enum err err = message_key_decrypt(cx, &copy->delivery, part, key, ciphers[part], ret);
	if (err != ERR_CORRUPT)
		return err;
	log_event(LOG_ALARM, "message.unreadable", LOG_STR("message", id_str(&copy->message.id)));
	return OK;
}

/* P4.3: by the time it was decrypted, in the transaction that says so. */
static enum err write_opened(struct db *db, const struct delivery *delivery)
{
	const struct track track = {
		.message_id = delivery->message_id,
		.user_id = delivery->user_id,
		.kind = TRACK_OPENED,
		.at_ms = delivery->opened_ms,
	};
	return delivery->opened_ms > 0 ? tracks_add(db, &track) : OK;
}

static enum err write_rewrap(struct db *db, void *argument)
{
	const struct rewrap *rewrap = argument;
	for (const struct rewrapped *one = rewrap->first; one; one = one->next) {
		const struct delivery *next = &one->new;
		enum err err = deliveries_rewrap(db, &one->old, next);
		/* Another request was faster, or the key is destroyed by now: read it was. */
		if (err == ERR_NOT_FOUND)
			err = next->opened_ms > 0 ? deliveries_mark_opened(db, next) : OK;
		TRY(err);
		TRY(write_opened(db, next));
	}
	return OK;
}

void mailbox_read_rewrap(struct cx *cx, struct rewrap *rewrap, const struct message_copy *copy,
			 const struct secret *key, int64_t opened_ms)
{
	struct delivery next = copy->delivery;
	if (next.sealed.len > 0) {
		if (message_key_wrap(cx, &next, cx->session->mailbox_key, key, &next.wrapped) != OK)
			return;
		next.sealed = STR("");
	}
	struct rewrapped *one = ARENA_NEW(cx->arena, struct rewrapped);
	if (one == NULL)
		return;
	next.opened_ms = opened_ms;
	*one = (struct rewrapped){rewrap->first, copy->delivery, next, copy->message.sender_id};
	rewrap->first = one;
	rewrap->count++;
}

/* The sender sees who has opened it; the reader's other windows, that it is read. */
static void tell(struct cx *cx, const struct rewrap *rewrap)
{
	const struct id *self = &cx->session->user.id;
	for (const struct rewrapped *one = rewrap->first; one; one = one->next) {
		const struct delivery *old = &one->old;
		if (one->new.opened_ms == 0)
			continue;
		if (old->opened_ms == 0 && !id_eq(&one->sender_id, self))
			live_publish(cx->portal, &one->sender_id, LIVE_OPENED, &old->message_id);
		if (old->is_unread)
			live_publish(cx->portal, self, LIVE_CHANGED, &old->message_id);
	}
}

void mailbox_read_finish(struct cx *cx, struct rewrap *rewrap)
{
	if (rewrap->count == 0)
		return;
	enum err err = store_transact(cx->portal->store, write_rewrap, rewrap, cx->arena);
	if (err != OK)
		log_event(LOG_WARN, "message.not_marked", LOG_CSTR("err", err_name(err)));
	else
		tell(cx, rewrap);
}

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

static int64_t ended_ms(const struct message_copy *copy, enum delivery_end end)
{
	if (end == DELIVERY_EXPIRED)
		return copy->message.expires_ms;
	/* message_options_end() may say so by the message alone. */
	bool is_by_message = end == DELIVERY_RECALLED && copy->delivery.ended != end;
	return is_by_message ? copy->message.recalled_ms : copy->delivery.ended_ms;
}

static struct message_acts acts_of(const struct cx *cx, const struct message_copy *copy)
{
	struct message_acts acts = message_options_acts(&cx->session->user, copy, cx_now_ms(cx));
	if (!policy_may(cx, ACT_FORWARD))
		acts.forward = REFUSAL_OFF;
	return acts;
}

enum err mailbox_read_view(struct cx *cx, const struct message_copy *copy, unsigned parts,
			   struct rewrap *rewrap, struct message_view *ret)
{
	struct secret *key CLEANUP_SECRET = NULL;
	const struct message *message = &copy->message;
	enum delivery_end end = message_options_end(copy, cx_now_ms(cx));
	bool is_allowed = mailbox_read_allows_body(cx, copy);
	bool has_body = (parts & MAILBOX_READ_BODY) && is_allowed;
	*ret = (struct message_view){
		.id = message->id,
		.conversation_id = message->conversation_id,
		.parent_id = message->parent_id,
		.sent_ms = message->sent_ms,
		.box = copy->delivery.box,
		.ended = end,
		.ended_ms = ended_ms(copy, end),
		.recalled_ms = message->recalled_ms,
		.options = message->options,
		.expires_ms = message->expires_ms,
		.acts = acts_of(cx, copy),
		.is_quoted = copy->delivery.kind == RECIPIENT_QUOTED,
		.is_unreadable = true,
	};
	TRY(mailbox_read_key(cx, copy, &key));
	if (key == NULL)
		return OK;
	struct str subject = STR(""), body = STR_NONE, reason = STR("");
	if (parts & MAILBOX_READ_SUBJECT)
		TRY(mailbox_read_part(cx, copy, MESSAGE_SUBJECT, key, &subject));
	if (has_body)
		TRY(mailbox_read_part(cx, copy, MESSAGE_BODY, key, &body));
	if (copy->delivery.reason.len > 0)
		TRY(mailbox_read_part(cx, copy, MESSAGE_REASON, key, &reason));
	if (subject.data == NULL || (has_body && body.data == NULL) || reason.data == NULL)
		return OK;
	ret->sender = person_of(&copy->sender, RECIPIENT_FROM);
	ret->is_mine = id_eq(&copy->message.sender_id, &cx->session->user.id);
	ret->subject = subject;
	ret->body = body;
	ret->reason = reason;
	ret->needs_password = end == DELIVERY_LIVE && !is_allowed;
	ret->is_body_left_out = is_allowed && !has_body;
	ret->is_unreadable = false;
	ret->was_unread = copy->delivery.is_unread;
	bool is_news = copy->delivery.is_unread || copy->delivery.opened_ms == 0;
	/* What is not shown has not been opened (P4.3). */
	if ((is_news && has_body) || copy->delivery.sealed.len > 0)
		mailbox_read_rewrap(cx, rewrap, copy, key, has_body ? cx_now_ms(cx) : 0);
	return OK;
}

static struct message_person *add_person(struct message_view *view,
					 const struct message_reader *reader)
{
	struct message_person *person = &view->people[view->people_count++];
	*person = person_of(&reader->user, reader->delivery.kind);
	return person;
}

/* Nobody but the sender sees what became of the message. */
static void fill_fate(const struct cx *cx, const struct message_reader *reader,
		      const struct mail_report *report, struct message_person *person)
{
	person->can_resend_invitation = policy_may_invite_again(cx, &reader->user);
	if (report) {
		person->mail = report->state;
		person->mail_reply = report->reply;
	}
}

static enum err fill_own(struct cx *cx, struct db *db, const struct message_audience *audience,
			 struct message_view *view)
{
	struct mail_report *reports;
	size_t count;
	TRY(mails_of_message(db, cx->arena, &view->id, &reports, &count));
	for (size_t i = 0; i < audience->count; i++) {
		const struct message_reader *reader = &audience->readers[i];
		struct message_person *person = add_person(view, reader);
		fill_fate(cx, reader, mails_report_of(reports, count, &reader->user.id), person);
		person->has_expired = view->expires_ms > 0 && view->expires_ms <= cx_now_ms(cx);
	}
	view->opened_count = audience->opened;
	return tracking_fill_people(cx, db, &view->id, view->people, view->people_count);
}

enum err mailbox_read_people(struct cx *cx, struct db *db, const struct message *message,
			     int64_t people_max, struct message_view *view)
{
	const struct user *self = &cx->session->user;
	struct message_audience audience;
	if (view->is_unreadable)
		return OK;
	TRY(messages_readers_seen(db, cx->arena, message, &self->id, people_max, &audience));
	view->people = ARENA_ARRAY(cx->arena, audience.count + 1, struct message_person);
	if (view->people == NULL)
		return ERR_UNAVAILABLE;
	view->people_more = audience.total - (int64_t)audience.count;
	view->others_count = audience.others;
	memcpy(view->kind_counts, audience.of_kind, sizeof(view->kind_counts));
	if (view->is_mine)
		return fill_own(cx, db, &audience, view);
	for (size_t i = 0; i < audience.count; i++) {
		const struct message_reader *reader = &audience.readers[i];
		/* The database was asked for no other; what it says is not taken on trust. */
		if (reader->delivery.kind != RECIPIENT_BCC || id_eq(&reader->user.id, &self->id))
			add_person(view, reader);
	}
	TRY(tracking_fill_own(cx, db, view));
	/* What is being shown is being opened. */
	bool is_shown = view->ended == DELIVERY_LIVE && !view->needs_password &&
			!view->is_body_left_out && !view->is_quoted;
	if (is_shown && view->own.opened_ms == 0)
		view->own.opened_ms = cx_now_ms(cx);
	return OK;
}

enum err mailbox_read_labels(struct cx *cx, struct db *db, struct message_view *view,
			     struct label **ret_all, size_t *ret_count)
{
	struct label *labels;
	size_t count;
	TRY(label_read_all(cx, db, &labels, &count));
	*ret_all = labels;
	*ret_count = count;
	return label_read_on(cx, db, labels, count, &view->id, &view->labels, &view->label_count);
}
