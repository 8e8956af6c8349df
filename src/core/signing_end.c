/* A request ends without being signed: somebody declines, or the sender cancels. */
#include "base/log.h"
#include "core/mailbox_read.h"
#include "core/outbox_mail.h"
#include "core/signing_act.h"
#include "core/signing_due.h"
#include "core/signing_evidence.h"
#include "core/signing_mail.h"

enum { END_TRIES = 8 };

struct ending {
	struct signing_case *one;
	struct signing next;
	struct signing_person person; /* with has_person: who declines */
	bool has_person;
	struct signing_event event;
	struct signing_letter *letters;
	size_t letter_count;
};

static enum err write_ending(struct db *db, void *argument)
{
	const struct ending *ending = argument;
	const struct signing_case *one = ending->one;
	TRY(signings_update(db, &one->signing, &ending->next));
	if (ending->has_person)
		TRY(signing_people_update(db, &one->people[one->me], &ending->person));
	for (size_t i = 0; i < ending->letter_count; i++)
		TRY(signing_mail_write(db, &ending->letters[i]));
	return signing_events_add(db, &ending->event);
}

/* To the sender and to everybody who was asked, but for who did it. */
static enum err prepare_letters(struct cx *cx, struct ending *ending)
{
	const struct signing_case *one = ending->one;
	const struct user *self = ending->has_person ? &one->users[one->me] : &one->sender;
	enum signing_letter_kind kind =
		ending->has_person ? SIGNING_LETTER_DECLINED : SIGNING_LETTER_CANCELLED;
	struct str subject = STR_NONE;
	ending->letters = ARENA_ARRAY(cx->arena, (size_t)one->signing.signer_count + 1,
				      struct signing_letter);
	if (ending->letters == NULL)
		return ERR_UNAVAILABLE;
	TRY(mailbox_read_part(cx, &one->copy, MESSAGE_SUBJECT, one->message_key, &subject));
	if (ending->has_person)
		TRY(signing_mail_prepare(cx, kind, &one->signing, self, &one->sender, subject,
					 &ending->letters[ending->letter_count++]));
	for (int64_t i = 0; i < one->signing.signer_count; i++) {
		const struct user *user = &one->users[i];
		/* The sender is told above. */
		bool is_told = id_eq(&user->id, &self->id) || id_eq(&user->id, &one->sender.id);
		if (!is_told && one->people[i].state != SIGNER_WAITING)
			TRY(signing_mail_prepare(cx, kind, &one->signing, self, user, subject,
						 &ending->letters[ending->letter_count++]));
	}
	return OK;
}

static enum err end(struct cx *cx, struct ending *ending, enum signing_state state,
		    enum audit_kind kind, struct str reason, struct str user_agent)
{
	struct signing_detail detail;
	struct signing_case *one = ending->one;
	int64_t now_ms = cx_now_ms(cx);
	ending->next = one->signing;
	ending->next.state = state;
	ending->next.ended_ms = now_ms;
	ending->next.next_ms = 0;
	ending->event = (struct signing_event){
		.message_id = one->signing.message_id,
		.kind = kind,
		.at_ms = now_ms,
		.user_id = cx->session->user.id,
	};
	TRY(signing_evidence_of_self(cx, user_agent, &detail));
	detail.reason = reason;
	TRY(signing_crypt_event(cx, one->key, &detail, &ending->event));
	TRY(prepare_letters(cx, ending));
	TRY(store_transact(cx->portal->store, write_ending, ending, cx->arena));
	outbox_mail_wake(cx->portal);
	log_event(LOG_INFO, "signing.ended", LOG_STR("message", id_str(&one->signing.message_id)),
		  LOG_INT("state", state));
	signing_act_tell(cx, one);
	return OK;
}

static enum err try_decline(struct cx *cx, const struct id *message_id, struct str reason,
			    struct str user_agent, struct form_errors *errors)
{
	struct signing_case one CLEANUP_SIGNING_CASE = {.key = NULL};
	struct ending ending = {.one = &one, .has_person = true};
	TRY(signing_act_open(cx, message_id, &one, errors));
	TRY(signing_act_check_signer(cx, &one, false, errors));
	TRY(signing_act_reason(cx, reason, &reason, errors));
	ending.person = one.people[one.me];
	ending.person.state = SIGNER_DECLINED;
	ending.person.ended_ms = cx_now_ms(cx);
	return end(cx, &ending, SIGNING_DECLINED, AUDIT_SIGNING_DECLINED, reason, user_agent);
}

static enum err try_cancel(struct cx *cx, const struct id *message_id, struct str reason,
			   struct form_errors *errors)
{
	struct signing_case one CLEANUP_SIGNING_CASE = {.key = NULL};
	struct ending ending = {.one = &one};
	TRY(signing_act_open(cx, message_id, &one, errors));
	TRY(signing_act_check_sender(cx, &one, errors));
	TRY(signing_act_reason(cx, reason, &reason, errors));
	return end(cx, &ending, SIGNING_CANCELLED, AUDIT_SIGNING_CANCELLED, reason, STR_NONE);
}

/* What somebody else did meanwhile is looked at again, until it is clear who was first. */
enum err signing_decline(struct cx *cx, const struct id *message_id, struct str reason,
			 struct str user_agent, struct form_errors *errors)
{
	for (int i = 0; i < END_TRIES; i++) {
		enum err err = try_decline(cx, message_id, reason, user_agent, errors);
		if (err != ERR_CONFLICT || errors->count > 0)
			return err;
	}
	return ERR_BUSY;
}

enum err signing_cancel(struct cx *cx, const struct id *message_id, struct str reason,
			struct form_errors *errors)
{
	for (int i = 0; i < END_TRIES; i++) {
		enum err err = try_cancel(cx, message_id, reason, errors);
		if (err != ERR_CONFLICT || errors->count > 0)
			return err;
	}
	return ERR_BUSY;
}
