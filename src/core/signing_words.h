/* For core/signing*.c: what happened to a request, in words. */
#pragma once

#include "core/signing_case.h"

/* Who did it, as they were called then; empty: the portal. Of a reminder who was reminded. */
struct str signing_words_who(const struct signing_case *one, size_t event);
/* In words of this language. Without by which link the address of who signed
 * was proven: signing_words_proof(). */
struct str signing_words_event(struct cx *cx, const struct language *language,
			       const struct signing_case *one, size_t event);
/* "by the link of the invitation, 22 Nov 2026, 21:05", or that it is not known. time: when. */
struct str signing_words_proof(struct cx *cx, const struct language *language, struct str time,
			       const struct signing_detail *detail);
