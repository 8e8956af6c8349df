/* Reminders, whoever asks for them; requests that the portal ends: deadlines that have passed,
 * people who were erased. */
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "core/mailbox_read.h"
#include "core/outbox_mail.h"
#include "core/signing_act.h"
#include "core/signing_due.h"
#include "core/signing_mail.h"

#include <string.h>

enum { REMIND_TRIES = 4 };

/* What one transaction writes. */
struct reminding {
	struct signing signing, next;
	struct signing_person *people, *next_people;
	struct signing_letter *letters;
	size_t letter_count;
	struct signing_event *events; /* of the reminded; or of the deadline */
	size_t event_count;
};

/* A sender who reminds every hour does not make the history so long that nobody can read it. */
static enum err write_events(struct db *db, const struct reminding *reminding)
{
	const struct id *message_id = &reminding->signing.message_id;
	int64_t count;
	TRY(signing_events_count(db, message_id, 0, message_id, &count));
	for (size_t i = 0; i < reminding->event_count; i++) {
		const struct signing_event *event = &reminding->events[i];
		if (event->kind != AUDIT_SIGNING_REMINDED || count++ < LIMIT_SIGNING_EVENTS)
			TRY(signing_events_add(db, event));
	}
	return OK;
}

static enum err write_reminding(struct db *db, void *argument)
{
	const struct reminding *reminding = argument;
	TRY(signings_update(db, &reminding->signing, &reminding->next));
	for (int64_t i = 0; i < reminding->signing.signer_count; i++) {
		const struct signing_person *old = &reminding->people[i];
		if (reminding->next_people[i].reminded_ms != old->reminded_ms)
			TRY(signing_people_update(db, old, &reminding->next_people[i]));
	}
	for (size_t i = 0; i < reminding->letter_count; i++)
		TRY(signing_mail_write(db, &reminding->letters[i]));
	return write_events(db, reminding);
}

static enum err begin(struct cx *cx, const struct signing *signing, struct signing_person *people,
		      struct reminding *ret)
{
	size_t count = (size_t)signing->signer_count;
	*ret = (struct reminding){.signing = *signing, .next = *signing, .people = people};
	ret->next_people = ARENA_ARRAY(cx->arena, count + 1, struct signing_person);
	ret->letters = ARENA_ARRAY(cx->arena, count + 2, struct signing_letter);
	ret->events = ARENA_ARRAY(cx->arena, count + 1, struct signing_event);
	if (cx->arena->failed)
		return ERR_UNAVAILABLE;
	memcpy(ret->next_people, people, count * sizeof(*people));
	return OK;
}

/* Who was reminded stands in the event, not who reminded them; nothing of it needs a key. */
static void add_event(struct cx *cx, struct reminding *reminding, enum audit_kind kind,
		      const struct id *user_id)
{
	reminding->events[reminding->event_count++] = (struct signing_event){
		.message_id = reminding->signing.message_id,
		.kind = kind,
		.at_ms = cx_now_ms(cx),
		.user_id = *user_id,
		.detail = STR(""),
	};
}

static enum err remind(struct cx *cx, struct reminding *reminding, int64_t at,
		       const struct user *sender, const struct user *user, struct str subject)
{
	struct signing_person *next = &reminding->next_people[at];
	bool is_sender = id_eq(&user->id, &sender->id);
	next->reminded_ms = cx_now_ms(cx);
	add_event(cx, reminding, AUDIT_SIGNING_REMINDED, &next->user_id);
	return signing_mail_prepare(cx, SIGNING_LETTER_REMINDER, &reminding->signing,
				    is_sender ? NULL : sender, user, subject,
				    &reminding->letters[reminding->letter_count++]);
}

static enum err write(struct cx *cx, struct reminding *reminding)
{
	reminding->next.next_ms = signing_due_next(&reminding->next, reminding->next_people);
	TRY(store_transact(cx->portal->store, write_reminding, reminding, cx->arena));
	if (reminding->letter_count > 0)
		outbox_mail_wake(cx->portal);
	return OK;
}

/* ---- by the sender ---- */

static enum err refuse_reminding(struct cx *cx, const struct signing_case *one,
				 struct form_errors *errors)
{
	bool is_any = false, is_one_gone = false;
	for (int64_t i = 0; i < one->signing.signer_count; i++) {
		is_any = is_any || signing_act_is_to_remind(one, i);
		is_one_gone = is_one_gone || signing_case_is_gone(one, i);
	}
	form_error(cx, errors, "",
		   is_any        ? TEXT_SIGNING_REMINDED_LATELY
		   : is_one_gone ? TEXT_SIGNING_REMIND_GONE
				 : TEXT_SIGNING_REMIND_ONLY_YOU);
	return is_any ? ERR_BUSY : ERR_CONFLICT;
}

static enum err try_remind(struct cx *cx, const struct id *message_id, int64_t *ret_count,
			   struct form_errors *errors)
{
	struct signing_case one CLEANUP_SIGNING_CASE = {.key = NULL};
	struct reminding reminding;
	struct str subject = STR_NONE;
	int64_t now_ms = cx_now_ms(cx);
	TRY(signing_act_open(cx, message_id, &one, errors));
	TRY(signing_act_check_sender(cx, &one, errors));
	TRY(begin(cx, &one.signing, one.people, &reminding));
	TRY(mailbox_read_part(cx, &one.copy, MESSAGE_SUBJECT, one.message_key, &subject));
	for (int64_t i = 0; i < one.signing.signer_count; i++) {
		const struct signing_person *person = &one.people[i];
		if (signing_act_is_to_remind(&one, i) && person->reminded_ms + HOUR_MS <= now_ms)
			TRY(remind(cx, &reminding, i, &one.sender, &one.users[i], subject));
	}
	if (reminding.letter_count == 0)
		return refuse_reminding(cx, &one, errors);
	TRY(write(cx, &reminding));
	*ret_count = (int64_t)reminding.letter_count;
	signing_act_tell(cx, &one);
	return OK;
}

enum err signing_remind(struct cx *cx, const struct id *message_id, int64_t *ret_count,
			struct form_errors *errors)
{
	for (int i = 0; i < REMIND_TRIES; i++) {
		enum err err = try_remind(cx, message_id, ret_count, errors);
		if (err != ERR_CONFLICT || errors->count > 0)
			return err;
	}
	return ERR_BUSY;
}

/* ---- by itself ---- */

static bool is_due(const struct signing *signing, const struct signing_person *person,
		   int64_t now_ms)
{
	int64_t due_ms = signing_due_reminder(signing, person);
	return due_ms > 0 && due_ms <= now_ms;
}

struct due {
	struct reminding reminding;
	struct user sender;
	struct user *users; /* of those who were asked */
};

static enum err read_due(struct cx *cx, const struct id *id, struct due *due)
{
	struct db *db CLEANUP_READ = NULL;
	struct signing signing;
	struct signing_person *people;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(signing_case_message_of(db, cx->arena, id, &signing, &people));
	TRY(begin(cx, &signing, people, &due->reminding));
	TRY(users_by_id(db, cx->arena, &signing.sender_id, &due->sender));
	due->users = ARENA_ARRAY(cx->arena, (size_t)signing.signer_count + 1, struct user);
	if (due->users == NULL)
		return ERR_UNAVAILABLE;
	for (int64_t i = 0; i < signing.signer_count; i++)
		if (people[i].state != SIGNER_WAITING)
			TRY(users_by_id(db, cx->arena, &people[i].user_id, &due->users[i]));
	return OK;
}

/* To the sender, and to everybody who was asked. sender: as the others are told their name. */
static enum err tell_ended(struct cx *cx, struct due *due, enum signing_letter_kind kind,
			   const struct user *sender)
{
	struct reminding *reminding = &due->reminding;
	const struct signing *signing = &reminding->signing;
	TRY(signing_mail_prepare(cx, kind, signing, NULL, &due->sender, STR_NONE,
				 &reminding->letters[reminding->letter_count++]));
	for (int64_t i = 0; i < signing->signer_count; i++)
		if (reminding->people[i].state != SIGNER_WAITING &&
		    !id_eq(&reminding->people[i].user_id, &signing->sender_id))
			TRY(signing_mail_prepare(cx, kind, signing, sender, &due->users[i],
						 STR_NONE,
						 &reminding->letters[reminding->letter_count++]));
	return OK;
}

static enum err prepare_due(struct cx *cx, struct due *due)
{
	struct reminding *reminding = &due->reminding;
	const struct signing *signing = &reminding->signing;
	int64_t now_ms = cx_now_ms(cx);
	if (signing->state != SIGNING_OPEN)
		return OK; /* what is written takes it from those that are due */
	if (signing_due_is_late(signing, now_ms)) {
		reminding->next.state = SIGNING_EXPIRED;
		reminding->next.ended_ms = signing->deadline_ms;
		add_event(cx, reminding, AUDIT_SIGNING_EXPIRED, &(struct id){""});
		return tell_ended(cx, due, SIGNING_LETTER_EXPIRED, &due->sender);
	}
	for (int64_t i = 0; i < signing->signer_count; i++) {
		if (!is_due(signing, &reminding->people[i], now_ms))
			continue;
		reminding->next_people[i].reminders++;
		reminding->next_people[i].reminded_ms = now_ms;
		/* They get in nowhere (P1.7): the time goes by, but nobody is reminded. */
		if (due->users[i].state == USER_DISABLED)
			continue;
		TRY(remind(cx, reminding, i, &due->sender, &due->users[i], STR_NONE));
	}
	return OK;
}

static enum err write_due(struct cx *cx, struct due *due)
{
	struct reminding *reminding = &due->reminding;
	const struct signing *next = &reminding->next;
	TRY(write(cx, reminding));
	if (next->state == reminding->signing.state)
		return OK;
	log_event(LOG_INFO, "signing.ended", LOG_STR("message", id_str(&next->message_id)),
		  LOG_INT("state", next->state));
	const struct signing_case one = {.signing = *next, .people = reminding->people};
	signing_act_tell(cx, &one);
	return OK;
}

static enum err sweep_one(struct cx *cx, const struct id *id)
{
	struct due due;
	TRY(read_due(cx, id, &due));
	TRY(prepare_due(cx, &due));
	return write_due(cx, &due);
}

static enum err find_due(struct cx *cx, struct id **ret, size_t *ret_count)
{
	enum { DUE_AT_ONCE = 50 };
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(cx->portal->store, &db));
	return signings_due(db, cx->arena, cx_now_ms(cx), DUE_AT_ONCE, ret, ret_count);
}

/* One that fails its check, or that somebody is changing, is left for the next sweep, and keeps
 * none of the others from being looked at. */
enum err signing_sweep(struct cx *cx, size_t *ret_count)
{
	struct id *ids;
	size_t count, done = 0;
	TRY(find_due(cx, &ids, &count));
	for (size_t i = 0; i < count; i++) {
		enum err err = sweep_one(cx, &ids[i]);
		if (err == OK)
			done++;
		else if (err != ERR_CORRUPT && err != ERR_CONFLICT && err != ERR_NOT_FOUND)
			return err;
	}
	*ret_count = done;
	return OK;
}

/* ---- without somebody who was erased ---- */

static enum err try_break_off(struct cx *cx, const struct id *id)
{
	struct due due;
	struct reminding *reminding = &due.reminding;
	TRY(read_due(cx, id, &due));
	if (reminding->signing.state != SIGNING_OPEN)
		return OK;
	reminding->next.state = SIGNING_CANCELLED;
	reminding->next.ended_ms = cx_now_ms(cx);
	add_event(cx, reminding, AUDIT_SIGNING_CANCELLED, &(struct id){""});
	TRY(tell_ended(cx, &due, SIGNING_LETTER_CANCELLED, NULL));
	return write_due(cx, &due);
}

enum err signing_break_off(struct cx *cx, const struct id *message_id)
{
	for (int i = 0; i < REMIND_TRIES; i++) {
		enum err err = try_break_off(cx, message_id);
		if (err != ERR_CONFLICT)
			return err;
	}
	return ERR_BUSY;
}
