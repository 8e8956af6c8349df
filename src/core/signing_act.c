#include "core/signing_act.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "core/live.h"
#include "core/signing_due.h"

enum signing_state signing_act_state(const struct cx *cx, const struct signing_case *one)
{
	const struct signing *signing = &one->signing;
	bool is_late =
		signing->state == SIGNING_OPEN && signing_due_is_late(signing, cx_now_ms(cx));
	return is_late ? SIGNING_EXPIRED : signing->state;
}

static bool is_state(const struct cx *cx, const struct signing_case *one, enum signer_state state)
{
	return one->me >= 0 && signing_act_state(cx, one) == SIGNING_OPEN &&
	       one->people[one->me].state == state;
}

bool signing_act_may_sign(const struct cx *cx, const struct signing_case *one)
{
	return is_state(cx, one, SIGNER_ASKED);
}

bool signing_act_may_decline(const struct cx *cx, const struct signing_case *one)
{
	/* Whoever sent it cancels instead. */
	return !signing_case_is_sender(cx, one) &&
	       (is_state(cx, one, SIGNER_ASKED) || is_state(cx, one, SIGNER_WAITING));
}

bool signing_act_is_to_remind(const struct signing_case *one, int64_t at)
{
	return one->people[at].state == SIGNER_ASKED && !signing_case_is_gone(one, at) &&
	       !id_eq(&one->people[at].user_id, &one->signing.sender_id);
}

/* ---- why not ---- */

enum err signing_act_refuse_ended(struct cx *cx, enum signing_state state,
				  struct form_errors *errors)
{
	static const enum text_id sentences[] = {
		[SIGNING_OPEN] = TEXT_SIGNING_ENDED_RECALLED,
		[SIGNING_COMPLETED] = TEXT_SIGNING_ENDED_COMPLETED,
		[SIGNING_DECLINED] = TEXT_SIGNING_ENDED_DECLINED,
		[SIGNING_EXPIRED] = TEXT_SIGNING_ENDED_EXPIRED,
		[SIGNING_CANCELLED] = TEXT_SIGNING_ENDED_CANCELLED,
	};
	form_error(cx, errors, "", sentences[state]);
	return ERR_CONFLICT;
}

static enum err refuse(struct cx *cx, enum err err, enum text_id sentence,
		       struct form_errors *errors)
{
	form_error(cx, errors, "", sentence);
	return err;
}

enum err signing_act_check_signer(struct cx *cx, const struct signing_case *one, bool is_to_sign,
				  struct form_errors *errors)
{
	enum signing_state state = signing_act_state(cx, one);
	if (one->me < 0)
		return refuse(cx, ERR_DENIED, TEXT_SIGNING_NOT_A_SIGNER, errors);
	if (one->people[one->me].state == SIGNER_SIGNED)
		return refuse(cx, ERR_CONFLICT, TEXT_SIGNING_SIGNED_ALREADY, errors);
	if (state != SIGNING_OPEN)
		return signing_act_refuse_ended(cx, state, errors);
	if (!is_to_sign && signing_case_is_sender(cx, one))
		return refuse(cx, ERR_DENIED, TEXT_SIGNING_SENDER_CANCELS, errors);
	if (is_to_sign && one->people[one->me].state == SIGNER_WAITING)
		return refuse(cx, ERR_DENIED, TEXT_SIGNING_NOT_YOUR_TURN, errors);
	return OK;
}

enum err signing_act_check_sender(struct cx *cx, const struct signing_case *one,
				  struct form_errors *errors)
{
	enum signing_state state = signing_act_state(cx, one);
	if (!signing_case_is_sender(cx, one))
		return refuse(cx, ERR_DENIED, TEXT_SIGNING_NOT_THE_SENDER, errors);
	return state == SIGNING_OPEN ? OK : signing_act_refuse_ended(cx, state, errors);
}

enum err signing_act_open(struct cx *cx, const struct id *message_id, struct signing_case *ret,
			  struct form_errors *errors)
{
	enum err err = signing_case_open(cx, message_id, ret);
	return err == ERR_CONFLICT ? refuse(cx, err, TEXT_SIGNING_ENDED_RECALLED, errors) : err;
}

enum err signing_act_reason(struct cx *cx, struct str typed, struct str *ret,
			    struct form_errors *errors)
{
	struct str reason = str_trim(typed);
	*ret = reason;
	if (utf8_is_text(reason) && utf8_count(reason) <= LIMIT_RECALL_REASON_CHARS)
		return OK;
	form_error(cx, errors, "reason", TEXT_SIGNING_REASON_BAD,
		   TEXT_NUMBER("count", LIMIT_RECALL_REASON_CHARS));
	return ERR_INVALID;
}

void signing_act_tell(struct cx *cx, const struct signing_case *one)
{
	const struct id *message_id = &one->signing.message_id;
	live_publish(cx->portal, &one->signing.sender_id, LIVE_TRACKED, message_id);
	for (int64_t i = 0; i < one->signing.signer_count; i++)
		live_publish(cx->portal, &one->people[i].user_id, LIVE_CHANGED, message_id);
}
