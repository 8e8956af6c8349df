#include "core/outbox.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/utf8.h"
#include "core/live.h"
#include "core/outbox_mail.h"
#include "core/texts.h"
#include "store/messages.h"
#include "store/tracks.h"

/* Waits before the next try, by the number of tries made; the last one repeats until
 * OUTBOX_GIVE_UP_DAYS. */
static const int64_t back_off_ms[] = {
	30 * SECOND_MS, 2 * MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS,
	30 * MINUTE_MS, HOUR_MS,       2 * HOUR_MS,   4 * HOUR_MS,
};
enum { BACK_OFF_STEPS = sizeof(back_off_ms) / sizeof(back_off_ms[0]) };
enum { LOOK_ARENA_BYTES = 1 << 20 };

struct change {
	struct mail_row mail;
	int64_t expected_next_ms;
	int64_t now_ms;
	int64_t count; /* claiming: of mails that go together with it, itself included */
	/* Ending: what it told of. */
	struct id *messages;
	size_t message_count;
	struct arena *arena;
};

static enum err write_change(struct db *db, void *argument)
{
	const struct change *change = argument;
	return mails_update(db, &change->mail, change->expected_next_ms);
}

static enum err write_claim(struct db *db, void *argument)
{
	struct change *change = argument;
	struct mail_row before = change->mail;
	change->count = 1;
	if (before.summed == MAIL_ALONE)
		return write_change(db, argument);
	before.next_ms = change->expected_next_ms;
	return mails_claim_together(db, &before, change->now_ms, change->mail.next_ms,
				    &change->count);
}

/* P4.3: notified is who the mail server took the notification for. */
static enum err track_notified(struct db *db, const struct change *change,
			       const struct id *message_id)
{
	const struct mail_row *mail = &change->mail;
	const struct track track = {
		.message_id = *message_id,
		.user_id = mail->user_id,
		.kind = TRACK_NOTIFIED,
		.at_ms = change->now_ms,
	};
	bool is_notified = mail->state == MAIL_ACCEPTED && mail->kind == MAIL_NOTIFICATION;
	return is_notified ? tracks_add(db, &track) : OK;
}

/* What became of one mail became of every message that it told of. */
static enum err settle_together(struct db *db, struct change *change)
{
	TRY(mails_together(db, change->arena, &change->mail, change->expected_next_ms,
			   &change->messages, &change->message_count));
	TRY(mails_update_together(db, &change->mail, change->expected_next_ms));
	for (size_t i = 0; i < change->message_count; i++)
		TRY(track_notified(db, change, &change->messages[i]));
	return OK;
}

/* It alone, for now. */
static void set_message(struct change *change)
{
	change->messages = &change->mail.message_id;
	change->message_count = !id_is_empty(&change->mail.message_id);
}

static enum err write_settled(struct db *db, void *argument)
{
	struct change *change = argument;
	if (change->mail.summed == MAIL_TOGETHER)
		return settle_together(db, change);
	set_message(change);
	TRY(write_change(db, argument));
	return track_notified(db, change, &change->mail.message_id);
}

/* P4.3, P3.4: whoever looks at what they sent sees what became of its mail. */
static void tell_senders(struct cx *cx, const struct change *change)
{
	struct db *db CLEANUP_READ = NULL;
	if (store_read_begin(cx->portal->store, &db) != OK)
		return;
	for (size_t i = 0; i < change->message_count; i++) {
		struct message_copy copy;
		enum err err = messages_get_head(db, cx->arena, &change->mail.user_id,
						 &change->messages[i], &copy);
		if (err == OK && copy.is_authentic)
			live_publish(cx->portal, &copy.message.sender_id, LIVE_TRACKED,
				     &copy.message.id);
	}
}

static enum err first_due(struct cx *cx, struct mail_row *ret)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(cx->portal->store, &db));
	return mails_first_due(db, cx->arena, ret);
}

void outbox_look(struct cx *cx)
{
	struct arena arena CLEANUP_ARENA;
	struct cx own = *cx;
	struct mail_row mail;
	arena_init(&arena, LOOK_ARENA_BYTES);
	own.arena = &arena;
	if (first_due(&own, &mail) == OK && mail.next_ms <= cx_now_ms(cx))
		outbox_mail_wake(cx->portal);
}

/* A mail whose content does not open can never be sent: it is ended, visibly. */
static enum err end_unreadable(struct cx *cx, struct change *change)
{
	log_event(LOG_ALARM, "mail.unreadable", LOG_STR("mail", id_str(&change->mail.id)));
	change->mail.state = MAIL_BOUNCED;
	change->mail.content = STR("");
	change->mail.reply = STR("");
	enum err err = store_transact(cx->portal->store, write_change, change, cx->arena);
	set_message(change);
	if (err == OK)
		tell_senders(cx, change);
	return err == ERR_CONFLICT ? OK : err;
}

/* It names nobody and leads to the Inbox. */
static void make_summary(struct cx *cx, struct outbox_mail *mail)
{
	mail->kind = MAIL_SUMMARY;
	mail->about = ABOUT_MESSAGE;
	mail->expires_ms = 0;
	mail->from_name = mail->subject = STR_NONE;
	mail->link = arena_printf(cx->arena, "%.*s/inbox", STR_ARGS(cx->portal->settings->url));
}

enum err outbox_claim(struct cx *cx, int64_t claim_ms, struct outbox_mail *ret,
		      int64_t *ret_next_due_ms)
{
	for (;;) {
		struct change change;
		struct outbox_content content;
		int64_t now_ms = cx_now_ms(cx);
		*ret_next_due_ms = 0;
		TRY(first_due(cx, &change.mail));
		*ret_next_due_ms = change.mail.next_ms;
		if (change.mail.next_ms > now_ms)
			return ERR_NOT_FOUND;
		change.expected_next_ms = change.mail.next_ms;
		enum err err = outbox_mail_open(cx, &change.mail, &content);
		if (err == ERR_CORRUPT) {
			TRY(end_unreadable(cx, &change));
			continue;
		}
		TRY(err);
		change.mail.next_ms = now_ms + claim_ms;
		change.now_ms = now_ms;
		err = store_transact(cx->portal->store, write_claim, &change, cx->arena);
		if (err == ERR_CONFLICT)
			continue;
		TRY(err);
		*ret = (struct outbox_mail){
			.id = change.mail.id,
			.kind = change.mail.kind,
			.about = content.about,
			.documents = content.documents,
			.to_address = content.to_address,
			.to_name = content.to_name,
			.from_name = content.from_name,
			.subject = content.subject,
			.link = content.link,
			.language = content.language,
			.expires_ms = content.expires_ms,
			.created_ms = change.mail.created_ms,
			.attempts = change.mail.attempts,
			.count = change.count,
			.own_subject = content.own_subject,
			.own_body = content.own_body,
			.claimed_until_ms = change.mail.next_ms,
		};
		if (change.mail.summed != MAIL_ALONE)
			ret->together_of = change.mail.user_id;
		if (change.count > 1)
			make_summary(cx, ret);
		return texts_choose(cx, ret);
	}
}

static bool is_token_char(char c)
{
	return str_is_alnum(c) || c == '-' || c == '_';
}

/* A filter may quote the link that it refuses: the sender of a message reads the reply and must not
 * see a registration link (P2.7), and it is stored in the clear. No part of one is left. */
static struct str without_secrets(struct arena *arena, struct str text)
{
	enum { SECRET_PART_CHARS = 20 };
	struct buf kept CLEANUP_BUF;
	buf_init(&kept, LIMIT_MAIL_REPLY_BYTES);
	while (text.len > 0) {
		size_t run = 0;
		while (run < text.len && is_token_char(text.data[run]))
			run++;
		size_t taken = run > 0 ? run : 1;
		buf_add(&kept, run < SECRET_PART_CHARS ? str_slice(text, 0, taken) : STR("\u2026"));
		text = str_slice(text, taken, text.len);
	}
	return arena_copy(arena, buf_str(&kept));
}

/* One line of text, whatever a mail server said: what is no text becomes a space. */
static struct str clean_reply(struct arena *arena, struct str reply)
{
	struct str cut = str_slice(reply, 0, LIMIT_MAIL_REPLY_BYTES);
	struct buf clean CLEANUP_BUF;
	buf_init(&clean, LIMIT_MAIL_REPLY_BYTES);
	while (cut.len > 0) {
		/* The longest start of at most 4 bytes that is a character. */
		size_t bytes = cut.len < 4 ? cut.len : 4;
		while (bytes > 0 && (!utf8_is_line(str_slice(cut, 0, bytes)) ||
				     utf8_count(str_slice(cut, 0, bytes)) != 1))
			bytes--;
		buf_add(&clean, bytes ? str_slice(cut, 0, bytes) : STR(" "));
		cut = str_slice(cut, bytes ? bytes : 1, cut.len);
	}
	return without_secrets(arena, str_trim(buf_str(&clean)));
}

/* One of those that go together may have been cancelled (core/recall.h): any of the others stands
 * for all. */
static enum err read_claimed(struct cx *cx, const struct outbox_mail *mail, struct mail_row *ret)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(cx->portal->store, &db));
	enum err err = mails_by_id(db, cx->arena, &mail->id, ret);
	if (err != ERR_NOT_FOUND || id_is_empty(&mail->together_of))
		return err;
	return mails_one_together(db, cx->arena, &mail->together_of, mail->claimed_until_ms, ret);
}

enum err outbox_settle(struct cx *cx, const struct outbox_mail *claimed, enum outbox_result result,
		       struct str reply)
{
	struct change change;
	TRY(read_claimed(cx, claimed, &change.mail));
	int64_t now_ms = cx_now_ms(cx);
	struct mail_row *mail = &change.mail;
	if (mail->state != MAIL_QUEUED) /* settled, or given up by an administrator */
		return ERR_NOT_FOUND;
	change.expected_next_ms = mail->next_ms;
	int64_t step = mail->attempts < BACK_OFF_STEPS ? mail->attempts : BACK_OFF_STEPS - 1;
	mail->attempts++;
	mail->reply = clean_reply(cx->arena, reply);
	mail->next_ms = now_ms + back_off_ms[step];
	if (result == OUTBOX_ACCEPTED)
		mail->state = MAIL_ACCEPTED;
	else if (result == OUTBOX_BOUNCED ||
		 now_ms - mail->created_ms >= OUTBOX_GIVE_UP_DAYS * DAY_MS)
		mail->state = MAIL_BOUNCED;
	/* It may hold a registration link: nothing of it stays once it is delivered or given up. */
	if (mail->state != MAIL_QUEUED)
		mail->content = STR("");
	change.now_ms = now_ms;
	change.arena = cx->arena;
	TRY(store_transact(cx->portal->store, write_settled, &change, cx->arena));
	tell_senders(cx, &change);
	return OK;
}
