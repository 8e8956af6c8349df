#include "core/signing_turn.h"

#include "base/clock.h"
#include "base/limits.h"
#include "core/portal.h"
#include "core/session.h"
#include "core/throttle.h"

/* A clock that is set says nothing of what a document cost. */
enum { DOCUMENT_MAX_MS = 4 * LIMIT_PDF_SECONDS * 1000 };
static const char worked[] = "documents";

static struct str who(const struct cx *cx)
{
	return id_str(&cx->session->user.id);
}

/* What was refused has kept a worker as busy as what was sent. */
static void count_time(struct signing_turn *turn)
{
	struct cx *cx = turn->cx;
	int64_t now_ms = cx_now_ms(cx), spent_ms = now_ms - turn->since_ms;
	turn->since_ms = now_ms;
	if (!turn->is_for_draft || spent_ms <= 0)
		return;
	throttle_count(cx->portal->throttle, worked, who(cx),
		       spent_ms < DOCUMENT_MAX_MS ? spent_ms : DOCUMENT_MAX_MS, LIMIT_PDF_HOUR_MS,
		       HOUR_MS, now_ms);
}

static enum err check_time(struct signing_turn *turn, struct form_errors *errors)
{
	struct cx *cx = turn->cx;
	if (!turn->is_for_draft)
		return OK;
	enum err err = throttle_take(cx->portal->throttle, worked, who(cx), 0,
				     LIMIT_PDF_HOUR_MS - 1, HOUR_MS, cx_now_ms(cx));
	if (err != OK)
		form_error(cx, errors, "", TEXT_SIGNING_HOUR_USED_UP);
	return err;
}

enum err signing_turn_take(struct cx *cx, enum signing_turn_kind kind, struct signing_turn *turn,
			   struct form_errors *errors)
{
	*turn = (struct signing_turn){.cx = cx, .is_for_draft = kind == SIGNING_TURN_DRAFT};
	enum err err = check_time(turn, errors);
	if (err == OK) {
		err = pdf_place_take(cx->portal->pdf, &cx->session->user.id, &turn->place);
		if (err != OK)
			form_error(cx, errors, "", TEXT_SIGNING_BUSY);
	}
	turn->since_ms = cx_now_ms(cx);
	if (err != OK)
		turn->cx = NULL;
	return err;
}

enum err signing_turn_pass(struct signing_turn *turn, struct form_errors *errors)
{
	struct cx *cx = turn->cx;
	if (cx == NULL)
		return ERR_INTERNAL;
	count_time(turn);
	enum err err = check_time(turn, errors);
	if (err == OK) {
		err = pdf_place_pass(&turn->place);
		if (err != OK)
			form_error(cx, errors, "", TEXT_SIGNING_BUSY);
	}
	turn->since_ms = cx_now_ms(cx);
	if (err != OK)
		signing_turn_leave(turn);
	return err;
}

void signing_turn_leave(struct signing_turn *turn)
{
	if (turn->cx == NULL)
		return;
	count_time(turn);
	pdf_place_leave(&turn->place);
	turn->cx = NULL;
}
