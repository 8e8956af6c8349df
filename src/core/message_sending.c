#include "core/message_sending.h"

#include "core/audit_log.h"
#include "core/away.h"
#include "core/block.h"
#include "core/live.h"
#include "core/message_key.h"
#include "core/message_quotes.h"
#include "core/outbox_mail.h"
#include "core/search_text.h"
#include "core/signing_new.h"
#include "core/signing_plan.h"
#include "store/contacts.h"
#include "store/drafts.h"
#include "store/tracks.h"

static enum err prepare_message(struct cx *cx, const struct draft *draft,
				const struct checked *checked, const struct secret *key,
				struct sending *sending)
{
	/* An answer stands behind what it answers. */
	int64_t now_ms = cx_now_ms(cx) + sending->is_automatic;
	struct message *message = &sending->message;
	*message = (struct message){
		.id = id_new(now_ms),
		.sender_id = sending->sender->id,
		.sent_ms = now_ms,
		.parent_id = draft->reply_to,
		.forward_of = draft->forward_of,
		.options = checked->terms.options | (draft->signing ? OPTION_SIGNING : 0),
		.expires_ms = checked->terms.expires_ms,
	};
	message->conversation_id =
		id_is_empty(&checked->conversation_id) ? message->id : checked->conversation_id;
	TRY(message_key_encrypt(cx, &message->id, MESSAGE_SUBJECT, key, checked->subject,
				&message->subject));
	TRY(message_key_encrypt(cx, &message->id, MESSAGE_BODY, key, checked->body,
				&message->body));
	digest(message->body, message->body_hash);
	return OK;
}

static enum err prepare_invitee(struct cx *cx, struct sending *sending,
				const struct addressee *item, const struct address *address,
				bool is_later, const struct user **ret_user)
{
	struct invitee *invitee = &sending->invitees[sending->invitee_count++];
	struct invite invite = {
		.address = address,
		.grade = item->grade,
		.role = ROLE_MEMBER,
		.inviter = sending->sender,
		.message_id = sending->message.id,
		.is_unmailed = is_later,
	};
	TRY(invite_prepare(cx, &invite, invitee));
	*ret_user = &invitee->user;
	return OK;
}

/* at: among those it is addressed to. */
static enum err prepare_recipient(struct cx *cx, struct sending *sending,
				  const struct checked *checked, size_t at, const struct user *user,
				  bool is_later, const struct secret *key)
{
	const struct addressee *item = &checked->resolved.view.items[at];
	enum notify notify = sending->preferences[at].notify;
	/* The sender's own delivery comes first. */
	struct delivery *delivery = &sending->deliveries[sending->delivery_count++];
	*delivery = (struct delivery){
		.message_id = sending->message.id,
		.user_id = user->id,
		.kind = item->kind,
		.box = BOX_INBOX,
		.position = (int64_t)sending->delivery_count - 1,
	};
	TRY(message_quotes_seal(cx, &sending->message, user, key, delivery));
	if (is_later)
		return OK;
	struct outbox_letter letter = {
		.kind = MAIL_NOTIFICATION,
		.to = user,
		.from_name = user_label(sending->sender),
		.subject = checked->subject,
		.message_id = sending->message.id,
		.link = arena_printf(cx->arena, "%.*s/message/%s",
				     STR_ARGS(cx->portal->settings->url), sending->message.id.text),
	};
	if (sending->plan && item->kind == RECIPIENT_TO) {
		letter.about = ABOUT_SIGN;
		letter.documents = (int64_t)checked->documents->count;
		letter.expires_ms = signing_plan_deadline_ms(cx, sending->plan);
	}
	if (notify == NOTIFY_NOT_LIVE && live_is_connected(cx->portal, &user->id))
		return OK;
	struct mail_row *mail = &sending->mails[sending->mail_count++];
	TRY(outbox_mail_prepare(cx, &letter, mail));
	mail->summed = notify == NOTIFY_HOURLY ? MAIL_WAITS : MAIL_ALONE;
	return OK;
}

static enum err prepare_own_copy(struct cx *cx, struct sending *sending, const struct secret *key)
{
	struct delivery *delivery = &sending->deliveries[sending->delivery_count++];
	*delivery = (struct delivery){
		.message_id = sending->message.id,
		.user_id = sending->sender->id,
		.kind = RECIPIENT_FROM,
		.box = BOX_SENT,
		.opened_ms = sending->message.sent_ms,
	};
	if (sending->is_automatic)
		return message_key_seal(cx, &sending->message.id, sending->sender, key,
					&delivery->sealed);
	return message_key_wrap(cx, delivery, cx->session->mailbox_key, key, &delivery->wrapped);
}

static enum err prepare_people(struct cx *cx, const struct draft *draft,
			       const struct checked *checked, const struct secret *key,
			       struct message_quotes *quotes, struct sending *sending)
{
	const struct resolved *resolved = &checked->resolved;
	size_t count = resolved->view.count, signers = 0;
	sending->deliveries = ARENA_ARRAY(cx->arena, count + 1, struct delivery);
	sending->known = ARENA_ARRAY(cx->arena, count + 1, const struct user *);
	sending->invitees = ARENA_ARRAY(cx->arena, resolved->view.new_count + 1, struct invitee);
	sending->mails = ARENA_ARRAY(cx->arena, count + 1, struct mail_row);
	if (cx->arena->failed)
		return ERR_UNAVAILABLE;
	sending->known[sending->known_count++] = sending->sender;
	TRY(prepare_own_copy(cx, sending, key));
	TRY(attaching_prepare(cx, checked->attachments, &sending->message, count, key,
			      &sending->attaching));
	TRY(attaching_add_sender(cx, &sending->attaching));
	for (size_t i = 0; i < count; i++) {
		const struct addressee *item = &resolved->view.items[i];
		const struct user *user = &resolved->users[i];
		bool is_later = signing_new_is_later(draft, item, signers);
		signers += item->kind == RECIPIENT_TO;
		/* Signs, and has it already. */
		if (item->is_self)
			continue;
		if (item->state == ADDRESSEE_NEW)
			TRY(prepare_invitee(cx, sending, item, &resolved->addresses[i], is_later,
					    &user));
		else
			sending->known[sending->known_count++] = user;
		TRY(prepare_recipient(cx, sending, checked, i, user, is_later, key));
		TRY(attaching_add_reader(cx, user, &sending->attaching));
		TRY(message_quotes_add(cx, quotes, user, sending));
	}
	return OK;
}

/* After the people: they are found by it too. */
static enum err prepare_folded(struct cx *cx, const struct checked *checked,
			       const struct secret *key, struct sending *sending)
{
	struct message *message = &sending->message;
	const struct search_source source = {
		.message = message,
		.deliveries = sending->deliveries,
		.delivery_count = sending->delivery_count,
		.subject = checked->subject,
		.body = checked->body,
		.attachments = checked->documents ? checked->documents : checked->attachments,
	};
	struct str text;
	TRY(search_text_write(cx->arena, &source, &text));
	TRY(message_key_encrypt(cx, &message->id, MESSAGE_FOLDED, key, text, &message->folded));
	digest(message->folded, message->folded_hash);
	message->has_folded = true;
	return OK;
}

enum err message_sending_prepare(struct cx *cx, const struct draft *draft,
				 const struct checked *checked, struct sending *sending,
				 struct form_errors *errors)
{
	struct secret *key CLEANUP_SECRET = NULL;
	struct message_quotes quotes CLEANUP_MESSAGE_QUOTES = {.count = 0};
	sending->cx = cx;
	sending->sender = &checked->sender;
	sending->draft_id = draft->kept_id;
	sending->draft_version = draft->kept_version;
	sending->plan = draft->signing;
	TRY(secret_random(&key));
	TRY(prepare_message(cx, draft, checked, key, sending));
	TRY(message_quotes_open(cx, checked, &quotes, sending, errors));
	TRY(away_load(cx, checked, &sending->preferences));
	TRY(prepare_people(cx, draft, checked, key, &quotes, sending));
	TRY(prepare_folded(cx, checked, key, sending));
	if (draft->signing)
		TRY(signing_new_prepare(cx, draft, checked, key, sending, errors));
	return away_prepare(cx, checked, sending);
}

static enum err write_people(struct db *db, const struct sending *sending)
{
	TRY(block_check(db, sending->sender, sending->known, sending->known_count));
	for (size_t i = 0; i < sending->known_count; i++) {
		int64_t version;
		TRY(users_version(db, &sending->known[i]->id, &version));
		if (version != sending->known[i]->version)
			return ERR_CONFLICT;
	}
	for (size_t i = 0; i < sending->invitee_count; i++) {
		const struct invitee *invitee = &sending->invitees[i];
		if (invitee->user.grade == GRADE_PROFESSIONAL)
			TRY(invite_check_seat(db, sending->settings));
		TRY(invite_write(db, invitee));
		TRY(audit_log_user(sending->cx, db, AUDIT_INVITED, NULL, &invitee->user,
				   invitee->user.address));
	}
	return OK;
}

/* After the idempotency key: a repeated request is told of the message, not of the draft. */
static enum err remove_draft(struct db *db, struct sending *sending)
{
	sending->is_draft_changed = false;
	if (id_is_empty(&sending->draft_id))
		return OK;
	enum err err = drafts_delete_version(db, &sending->sender->id, &sending->draft_id,
					     sending->draft_version);
	sending->is_draft_changed = err == ERR_CONFLICT;
	return err;
}

/* In the transaction that hands their keys on: a recall before it is seen here, a recall after it
 * finds what was handed on (P4.4). */
static enum err check_sources(struct db *db, const struct sending *sending)
{
	for (size_t i = 0; i < sending->source_count; i++) {
		bool is_live;
		TRY(deliveries_is_live(db, &sending->sender->id, &sending->sources[i], &is_live));
		if (!is_live)
			return ERR_CONFLICT;
	}
	return OK;
}

static enum err write_contacts(struct db *db, const struct sending *sending)
{
	const struct id *sender_id = &sending->message.sender_id;
	for (size_t i = 0; i < sending->delivery_count; i++) {
		const struct delivery *delivery = &sending->deliveries[i];
		if (delivery->kind > RECIPIENT_FROM && delivery->kind < RECIPIENT_KINDS)
			TRY(contacts_note(db, sender_id, &delivery->user_id, &sending->message.id));
	}
	return OK;
}

/* P4.3: what it answers or forwards has been, by one of its recipients. */
static enum err write_tracks(struct db *db, const struct message *message)
{
	struct track track = {
		.message_id = message->parent_id,
		.user_id = message->sender_id,
		.kind = TRACK_REPLIED,
		.at_ms = message->sent_ms,
	};
	if (!id_is_empty(&message->parent_id))
		TRY(tracks_add(db, &track));
	track.message_id = message->forward_of;
	track.kind = TRACK_FORWARDED;
	return id_is_empty(&message->forward_of) ? OK : tracks_add(db, &track);
}

/* A further message of a conversation takes the place of the one before it in everybody's list. */
static enum err write_deliveries(struct db *db, const struct sending *sending)
{
	const struct message *message = &sending->message;
	bool is_first = id_eq(&message->id, &message->conversation_id);
	for (size_t i = 0; i < sending->delivery_count; i++) {
		const struct delivery *delivery = &sending->deliveries[i];
		TRY(deliveries_insert(db, delivery));
		if (!is_first)
			TRY(deliveries_put_on_top(db, delivery, &message->conversation_id));
	}
	return OK;
}

static bool is_same_reader(const struct delivery *delivery, const struct file_delivery *file)
{
	return id_eq(&delivery->message_id, &file->message_id) &&
	       id_eq(&delivery->user_id, &file->user_id);
}

static enum err write_quoted_file(struct db *db, const struct sending *sending,
				  const struct quoted_file *file)
{
	const struct file_delivery *delivery = &file->delivery;
	TRY(attaching_check_right(db, &sending->sender->id, &file->right));
	TRY(file_deliveries_insert(db, delivery));
	return library_add(db, &delivery->user_id, &delivery->file_id, sending->message.sent_ms);
}

/* Whoever has got the message meanwhile, and lost it again perhaps, is given nothing of it. */
static enum err write_quoted(struct db *db, const struct sending *sending)
{
	size_t at = 0;
	for (size_t i = 0; i < sending->quoted_count; i++) {
		const struct delivery *quoted = &sending->quoted[i];
		bool has_it = false;
		if (sending->quoted_file_count > 0)
			TRY(deliveries_has(db, &quoted->user_id, &quoted->message_id, &has_it));
		TRY(deliveries_insert_quoted(db, quoted));
		for (; at < sending->quoted_file_count &&
		       is_same_reader(quoted, &sending->quoted_files[at].delivery);
		     at++)
			if (!has_it)
				TRY(write_quoted_file(db, sending, &sending->quoted_files[at]));
	}
	return OK;
}

static enum err write_answers(struct db *db, struct sending *sending);

enum err message_sending_write(struct db *db, void *argument)
{
	struct sending *sending = argument;
	if (sending->key_hash.len > 0)
		TRY(repeats_insert(db, &sending->sender->id, sending->key_hash,
				   sending->request_hash, &sending->message.id,
				   sending->message.sent_ms));
	TRY(remove_draft(db, sending));
	TRY(check_sources(db, sending));
	TRY(write_people(db, sending));
	TRY(messages_insert(db, &sending->message));
	TRY(write_deliveries(db, sending));
	TRY(write_quoted(db, sending));
	TRY(attaching_write(db, &sending->attaching));
	if (sending->signing)
		TRY(signing_new_write(db, sending));
	TRY(write_contacts(db, sending));
	for (size_t i = 0; i < sending->mail_count; i++)
		TRY(mails_insert(db, &sending->mails[i]));
	if (sending->is_automatic)
		return OK;
	TRY(write_answers(db, sending));
	return write_tracks(db, &sending->message);
}

/* Whoever was answered meanwhile, by another message of theirs, is not answered twice. */
static enum err write_answers(struct db *db, struct sending *sending)
{
	for (size_t i = 0; i < sending->answer_count; i++) {
		struct sending *answer = &sending->answers[i];
		TRY(away_answers_insert(db, answer->away, &sending->sender->id,
					&answer->is_written));
		if (answer->is_written)
			TRY(message_sending_write(db, answer));
	}
	return OK;
}
