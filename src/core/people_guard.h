/* For whatever an administrator does: the rule about administrators (P1.5). */
#pragma once

#include "core/cx.h"
#include "core/form_errors.h"
#include "core/user.h"

enum people_refusal {
	PEOPLE_ALLOWED,
	PEOPLE_REFUSED_LAST,
	PEOPLE_REFUSED_SELF_GRADE, /* or role */
	PEOPLE_REFUSED_SELF_STATE,
	PEOPLE_REFUSED_SELF_ERASED,
};

/* In the transaction: whoever acts may have lost the right since their request began. ERR_DENIED.
 */
enum err people_check_actor(const struct cx *cx, struct db *db) MUST_CHECK;

/* In the transaction that makes `after` of `before`: somebody must be left who can administer; and
 * nobody takes that from themself, by a slip of the hand say. ERR_DENIED, and *ret_why. */
enum err people_guard(const struct cx *cx, struct db *db, const struct user *before,
		      const struct user *after, enum people_refusal *ret_why) MUST_CHECK;
/* Why, in a sentence; after the transaction. */
void people_guard_tell(struct cx *cx, enum people_refusal why, const struct user *user,
		       struct form_errors *errors);
