/* People as an administrator or a command sees them: list, add, grade, state; and suggestions while
 * typing. */
#pragma once

#include "core/cx.h"
#include "core/form_errors.h"
#include "core/people_change.h"
#include "core/user.h"

/* Users after `after` by id (empty: from the start), at most limit; *ret_last is where to go on,
 * empty at the end. */
enum err people_list(struct cx *cx, const struct id *after, int64_t limit, struct user **ret,
		     size_t *ret_count, struct id *ret_last) MUST_CHECK;
enum err people_find(struct cx *cx, struct str address, struct user *ret) MUST_CHECK;
/* For administrators. ERR_NOT_FOUND: there is nobody, or they were erased. */
enum err people_get(struct cx *cx, const struct id *id, struct user *ret) MUST_CHECK;
/* The calls below are for administrators and, with no session, for commands on the machine: others
 * get ERR_DENIED. */

/* Invites by mail. With a sentence in errors: ERR_CONFLICT: known already; ERR_INVALID: no address,
 * a rule refuses it, or an administrator who is no professional (P1.2); ERR_TOO_LARGE: no seat is
 * left (P1.6). */
enum err people_add(struct cx *cx, struct str address, enum grade grade, enum role role,
		    struct form_errors *errors) MUST_CHECK;
