#include "core/message_options.h"

#include "base/limits.h"
#include "core/expiry.h"
#include "core/policy.h"
#include "store/signings.h"

enum {
	OPTIONS_ALL =
		OPTION_NO_FORWARD | OPTION_NO_REPLY_ALL | OPTION_NO_REPLY | OPTION_CONFIDENTIAL,
};

static bool has_expired(const struct message *message, int64_t now_ms)
{
	return message->expires_ms > 0 && message->expires_ms <= now_ms;
}

enum delivery_end message_options_end(const struct message_copy *copy, int64_t now_ms)
{
	if (copy->delivery.ended != DELIVERY_LIVE || copy->delivery.kind == RECIPIENT_FROM)
		return copy->delivery.ended;
	/* From everybody: whatever a delivery says, put back from an old copy perhaps (P4.4). */
	if (copy->message.recalled_ms > 0)
		return DELIVERY_RECALLED;
	return has_expired(&copy->message, now_ms) ? DELIVERY_EXPIRED : DELIVERY_LIVE;
}

/* What is over for everybody is over for its sender too: nothing is to be added to it. */
static enum message_refusal refusal_of_end(const struct message_copy *copy, int64_t now_ms)
{
	enum delivery_end end = message_options_end(copy, now_ms);
	if (end == DELIVERY_RECALLED || copy->message.recalled_ms > 0)
		return REFUSAL_RECALLED;
	if (end == DELIVERY_EXPIRED || has_expired(&copy->message, now_ms))
		return REFUSAL_EXPIRED;
	return REFUSAL_NONE;
}

/* Whoever has the message has its documents as they now stand: only signed ones are handed on. */
static bool is_unsigned(const struct message_copy *copy)
{
	return (copy->message.options & OPTION_SIGNING) && copy->signing_state != SIGNING_COMPLETED;
}

struct message_acts message_options_acts(const struct user *self, const struct message_copy *copy,
					 int64_t now_ms)
{
	struct message_acts acts = {0};
	enum message_refusal all = refusal_of_end(copy, now_ms);
	if (all == REFUSAL_NONE && copy->delivery.kind == RECIPIENT_QUOTED)
		all = REFUSAL_QUOTED;
	if (all != REFUSAL_NONE)
		return (struct message_acts){all, all, all};
	unsigned options = copy->message.options;
	if (is_unsigned(copy))
		acts.forward = REFUSAL_UNSIGNED;
	if (options & OPTION_CONFIDENTIAL)
		acts.forward = REFUSAL_CONFIDENTIAL;
	if (id_eq(&self->id, &copy->message.sender_id))
		return acts;
	if (options & OPTION_NO_FORWARD)
		acts.forward = REFUSAL_NO_FORWARD;
	if (options & OPTION_NO_REPLY_ALL)
		acts.reply_all = REFUSAL_NO_REPLY_ALL;
	if (options & OPTION_NO_REPLY)
		acts.reply = acts.reply_all = REFUSAL_NO_REPLY;
	return acts;
}

bool message_options_may_hand_on(const struct user *self, const struct message_copy *copy,
				 int64_t now_ms)
{
	unsigned options = copy->message.options;
	bool is_mine = id_eq(&self->id, &copy->message.sender_id);
	return copy->is_authentic && refusal_of_end(copy, now_ms) == REFUSAL_NONE &&
	       !is_unsigned(copy) && !(options & OPTION_CONFIDENTIAL) &&
	       (is_mine || !(options & OPTION_NO_FORWARD));
}

static const struct {
	enum err err;
	enum text_id sentence;
} refusals[REFUSAL_COUNT] = {
	[REFUSAL_NO_REPLY] = {ERR_DENIED, TEXT_ERROR_NO_REPLY},
	[REFUSAL_NO_REPLY_ALL] = {ERR_DENIED, TEXT_ERROR_NO_REPLY_ALL},
	[REFUSAL_NO_FORWARD] = {ERR_DENIED, TEXT_ERROR_NO_FORWARD},
	[REFUSAL_CONFIDENTIAL] = {ERR_DENIED, TEXT_ERROR_NO_FORWARD_CONFIDENTIAL},
	[REFUSAL_UNSIGNED] = {ERR_CONFLICT, TEXT_ERROR_FORWARD_UNSIGNED},
	[REFUSAL_OFF] = {ERR_DENIED, TEXT_ERROR_FORWARDING_OFF},
	[REFUSAL_QUOTED] = {ERR_DENIED, TEXT_ERROR_QUOTED_ONLY},
	[REFUSAL_RECALLED] = {ERR_CONFLICT, TEXT_ERROR_MESSAGE_RECALLED},
	[REFUSAL_EXPIRED] = {ERR_CONFLICT, TEXT_ERROR_MESSAGE_EXPIRED},
};

enum err message_options_refuse(struct cx *cx, enum message_refusal refusal,
				struct form_errors *errors)
{
	if (refusal == REFUSAL_NONE)
		return OK;
	errors->count = 0;
	form_error(cx, errors, "", refusals[refusal].sentence);
	return refusals[refusal].err;
}

enum text_id message_options_sentence(enum message_refusal refusal)
{
	return refusals[refusal].sentence;
}

/* ---- what a new message has ---- */

struct message_terms message_options_inherited(const struct draft *draft,
					       const struct message *source)
{
	if (source == NULL)
		return (struct message_terms){0};
	if (!id_is_empty(&draft->reply_to))
		return (struct message_terms){source->options & OPTIONS_ALL, source->expires_ms};
	/* Of a forward only what would else be got round; how to answer is a matter of its own. */
	return (struct message_terms){.options = source->options & OPTION_NO_FORWARD};
}

static unsigned check_options(struct cx *cx, const struct draft *draft, unsigned inherited,
			      struct form_errors *errors)
{
	unsigned options = draft->options & OPTIONS_ALL;
	bool may_mark = policy_may(cx, ACT_MARK_CONFIDENTIAL);
	if (!may_mark && (options & ~inherited & OPTION_CONFIDENTIAL))
		form_error(cx, errors, "options", TEXT_ERROR_CONFIDENTIAL_OFF);
	else if (draft->options_off & inherited)
		form_error(cx, errors, "options", TEXT_ERROR_OPTION_INHERITED);
	else if ((options & draft->options_off) ||
		 ((options & OPTION_NO_REPLY) && (draft->options_off & OPTION_NO_REPLY_ALL)))
		form_error(cx, errors, "options", TEXT_ERROR_OPTIONS_CONTRADICT);
	options |= inherited;
	/* Who may not answer, may not answer everybody. */
	return options & OPTION_NO_REPLY ? options | OPTION_NO_REPLY_ALL : options;
}

static int64_t check_expiry(struct cx *cx, const struct draft *draft, int64_t inherited_ms,
			    struct form_errors *errors)
{
	struct str typed = str_trim(draft->expires);
	struct str zone = cx->session->user.zone;
	int64_t now_ms = cx_now_ms(cx), expires_ms = 0;
	if (typed.len == 0)
		return inherited_ms;
	if (!policy_may(cx, ACT_SET_EXPIRY)) {
		form_error(cx, errors, "expires_at", TEXT_ERROR_EXPIRY_OFF);
		return inherited_ms;
	}
	if (expiry_parse(typed, zone, &expires_ms) != OK)
		form_error(cx, errors, "expires_at", TEXT_ERROR_EXPIRY_BAD);
	else if (expires_ms <= now_ms)
		form_error(cx, errors, "expires_at", TEXT_ERROR_EXPIRY_PAST);
	else if (expires_ms > now_ms + LIMIT_EXPIRY_DAYS * DAY_MS)
		form_error(cx, errors, "expires_at", TEXT_ERROR_EXPIRY_FAR,
			   TEXT_NUMBER("count", LIMIT_EXPIRY_DAYS / 365));
	else if (inherited_ms > 0 && expires_ms > inherited_ms)
		form_error(cx, errors, "expires_at", TEXT_ERROR_EXPIRY_INHERITED,
			   TEXT_ARG("date",
				    format_date_time(cx->arena, cx->language, zone, inherited_ms)));
	return expires_ms;
}

struct message_terms message_options_check(struct cx *cx, const struct draft *draft,
					   const struct message *source, struct form_errors *errors)
{
	struct message_terms inherited = message_options_inherited(draft, source);
	return (struct message_terms){
		.options = check_options(cx, draft, inherited.options, errors),
		.expires_ms = check_expiry(cx, draft, inherited.expires_ms, errors),
	};
}
