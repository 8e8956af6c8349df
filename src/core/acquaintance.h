/* For core/: whom a guest may write to by themselves where that is only those who have written to
 * them (P1.4, the setting guest_compose). */
#pragma once

#include "core/cx.h"
#include "store/users.h"

/* Whether the setting lets the person write to the other. What grades allow is in core/policy.h. */
enum err acquaintance_allows(struct cx *cx, struct db *db, const struct user *person,
			     const struct id *other_id, bool *ret) MUST_CHECK;
