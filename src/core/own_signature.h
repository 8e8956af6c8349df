/* The signature and the initials that somebody keeps for next time (P6): as drawn or as typed,
 * encrypted so that only they open it. */
#pragma once

#include "core/form_errors.h"

enum own_mark { OWN_SIGNATURE = 1, OWN_INITIALS = 2 };

struct own_signature {
	struct str png;  /* drawn; empty: typed, or there is none */
	struct str text; /* typed */
};
/* Both empty: they keep none. */
enum err own_signature_get(struct cx *cx, enum own_mark mark, struct own_signature *ret) MUST_CHECK;
/* In place of what was kept. ERR_INVALID with errors["signature"] or ["initials"]: nothing in it,
 * too long, or no picture. */
enum err own_signature_keep(struct cx *cx, enum own_mark mark, const struct own_signature *next,
			    struct form_errors *errors) MUST_CHECK;
enum err own_signature_delete(struct cx *cx, enum own_mark mark) MUST_CHECK;
