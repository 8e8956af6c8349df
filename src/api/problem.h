/* What went wrong, for programs: application/problem+json (RFC 9457) with a stable `type`. */
#pragma once

#include "core/form_errors.h"
#include "http/request.h"

enum problem {
	PROBLEM_BAD_REQUEST,
	PROBLEM_NOT_JSON,
	PROBLEM_NOT_SIGNED_IN,
	PROBLEM_WRONG_PASSWORD,
	PROBLEM_SIGN_IN_AGAIN, /* the session is not fresh enough for this (RFC 9470) */
	PROBLEM_DENIED,
	PROBLEM_NOT_FOUND,
	PROBLEM_BAD_METHOD,
	PROBLEM_CONFLICT,
	PROBLEM_WRONG_OFFSET,
	PROBLEM_BEING_SENT,
	PROBLEM_FILE_SENT,
	PROBLEM_LINK_EXPIRED,
	PROBLEM_LINK_REPLACED,
	PROBLEM_LINK_USED,
	PROBLEM_GONE,
	PROBLEM_BAD_TUS_VERSION,
	PROBLEM_CHANGED, /* If-Match names an older version */
	PROBLEM_TOO_LARGE,
	PROBLEM_BAD_CONTENT_TYPE,
	PROBLEM_MISTAKES, /* with `errors` */
	PROBLEM_BUSY,
	PROBLEM_BAD_CHECKSUM,
	PROBLEM_INTERNAL,
	PROBLEM_UNAVAILABLE,
	PROBLEM_COUNT,
};

/* Fills the whole answer, WWW-Authenticate included where the status asks for it. errors may be
 * NULL. */
void problem_answer(struct cx *cx, struct response *res, enum problem problem,
		    const struct form_errors *errors);
/* The same with a sentence for just this case as its `detail`; empty: the general one. */
void problem_answer_sentence(struct cx *cx, struct response *res, enum problem problem,
			     struct str sentence);
/* The same with Retry-After, in seconds. */
void problem_answer_busy(struct cx *cx, struct response *res, int64_t wait_s);
/* For a refusal of the layers below: res->status is set and stays. */
void problem_answer_status(struct cx *cx, struct response *res);
