/* A signer signs. */
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/utf8.h"
#include "core/live.h"
#include "core/outbox_mail.h"
#include "core/session_begin.h"
#include "core/signing_round.h"
#include "core/throttle.h"

struct signer {
	struct cx *cx;
	const struct id *message_id;
	const struct signing_act *act;
	struct form_errors *errors;
	struct signing_stamping stamping;
	bool is_checked; /* password and values: they stay right from one try to the next */
};

static enum err confirm(struct signer *signer, const struct signing_case *one)
{
	struct cx *cx = signer->cx;
	struct form_errors wrong = {.count = 0};
	if (!one->signing.wants_password || signer->is_checked)
		return OK;
	enum err err = session_confirm_password(cx, signer->act->password, &wrong);
	if (err == ERR_INVALID)
		form_error(cx, signer->errors, "password", TEXT_ERROR_PASSWORD_WRONG);
	return err;
}

/* Counts `amount` more pictures that could not be used. Each was a worker's work for nothing, and
 * kept others from theirs; who types is never refused. */
static enum err count_bad_pictures(struct signer *signer, int64_t amount, int64_t most)
{
	struct cx *cx = signer->cx;
	bool has_picture = false;
	for (size_t i = 0; i < signer->act->value_count; i++)
		has_picture = has_picture || signer->act->values[i].png.len > 0;
	if (!has_picture)
		return OK;
	return throttle_take(cx->portal->throttle, "bad pictures", id_str(&cx->session->user.id),
			     amount, most, HOUR_MS, cx_now_ms(cx));
}

static enum err check_bad_pictures(struct signer *signer)
{
	enum err err = count_bad_pictures(signer, 0, LIMIT_SIGNING_BAD_PICTURES - 1);
	if (err != OK)
		form_error(signer->cx, signer->errors, "", TEXT_SIGNING_PICTURE_BAD_OFTEN);
	return err;
}

/* Before anything is stamped. */
static enum err check(struct signer *signer, const struct signing_case *one, int64_t now_ms,
		      struct signing_marks **ret)
{
	struct cx *cx = signer->cx;
	TRY(signing_act_check_signer(cx, one, true, signer->errors));
	TRY(signing_values_check(cx, one, signer->act, now_ms, ret, signer->errors));
	TRY(confirm(signer, one));
	TRY(check_bad_pictures(signer));
	signer->is_checked = true;
	if (cx->portal->pdf)
		return OK;
	form_error(cx, signer->errors, "", TEXT_SIGNING_NO_WORKER);
	return ERR_UNAVAILABLE;
}

static enum err write(struct signing_round *round, struct form_errors *errors)
{
	struct cx *cx = round->cx;
	enum err err = store_transact(cx->portal->store, signing_round_write, round, cx->arena);
	if (err != ERR_CONFLICT)
		return err;
	if (round->is_late)
		return signing_act_refuse_ended(cx, SIGNING_EXPIRED, errors);
	if (round->is_gone)
		form_error(cx, errors, "", TEXT_SIGNING_ENDED_RECALLED);
	return err;
}

static void tell(const struct signing_round *round)
{
	struct cx *cx = round->cx;
	const struct signing_copies *copies = &round->copies;
	const struct id *message_id = &round->one->signing.message_id;
	log_event(LOG_INFO, round->is_last ? "signing.completed" : "signing.signed",
		  LOG_STR("message", id_str(message_id)),
		  LOG_STR("user", id_str(&cx->session->user.id)));
	outbox_mail_wake(cx->portal);
	signing_act_tell(cx, round->one);
	for (size_t i = 0; i < copies->reader_count; i++)
		live_publish(cx->portal, &copies->readers[i].id, LIVE_CHANGED, message_id);
}

/* ERR_CONFLICT without errors: somebody did something meanwhile. */
static enum err try_sign(struct signer *signer)
{
	struct cx *cx = signer->cx;
	struct signing_case one CLEANUP_SIGNING_CASE = {.key = NULL};
	struct signing_marks *marks;
	struct signing_round round = {
		.cx = cx, .one = &one, .stamping = &signer->stamping, .now_ms = cx_now_ms(cx)};
	TRY(signing_act_open(cx, signer->message_id, &one, signer->errors));
	TRY(check(signer, &one, round.now_ms, &marks));
	round.marks = marks;
	enum err err = signing_round_prepare(&round, signer->act, signer->errors);
	if (err == ERR_INVALID && count_bad_pictures(signer, 1, LIMIT_SIGNING_BAD_PICTURES) != OK)
		log_event(LOG_WARN, "signing.bad_pictures",
			  LOG_STR("user", id_str(&cx->session->user.id)));
	if (err == OK)
		err = write(&round, signer->errors);
	signing_round_release(&round, err);
	if (err == OK)
		tell(&round);
	return err;
}

enum err signing_sign(struct cx *cx, const struct id *message_id, const struct signing_act *act,
		      struct form_errors *errors)
{
	struct signer signer = {cx, message_id, act, errors, {.until_ms = 0}, false};
	if (!utf8_is_text(act->consent_text))
		return ERR_INVALID;
	for (int i = 0; i < LIMIT_SIGNING_TRIES; i++) {
		enum err err = try_sign(&signer);
		if (err != ERR_CONFLICT || errors->count > 0)
			return err;
	}
	form_error(cx, errors, "", TEXT_SIGNING_TOO_MANY_AT_ONCE);
	return ERR_UNAVAILABLE;
}
