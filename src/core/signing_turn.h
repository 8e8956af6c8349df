/* For core/signing*.c: a job's place among the workers, before it reads a document into memory. */
#pragma once

#include "core/form_errors.h"
#include "pdf/pdf.h"

struct signing_turn {
	struct cx *cx; /* NULL: none was taken */
	struct pdf_place place;
	bool is_for_draft;
	int64_t since_ms;
};
#define CLEANUP_SIGNING_TURN __attribute__((cleanup(signing_turn_leave)))

enum signing_turn_kind {
	SIGNING_TURN_DRAFT, /* its time counts within LIMIT_PDF_HOUR_MS, whatever comes of it */
	SIGNING_TURN_SIGN,  /* what others asked for */
};
/* Not twice. ERR_BUSY with errors[""]: too many are at work, or the person's time is used up. With
 * portal->pdf only. Does not move until it is left. */
enum err signing_turn_take(struct cx *cx, enum signing_turn_kind kind, struct signing_turn *turn,
			   struct form_errors *errors) MUST_CHECK;
/* Before each document but the first: others go before. The same errors; then it is left. */
enum err signing_turn_pass(struct signing_turn *turn, struct form_errors *errors) MUST_CHECK;
/* One that was never taken ({.cx = NULL}) or is left already is fine. */
void signing_turn_leave(struct signing_turn *turn);
