/* A professional may take no messages from a guest. What the guest wrote before stays, and to them
 * it is everywhere as if that person were disabled (P1.7): nobody is told that they are blocked. */
#pragma once

#include "core/cx.h"
#include "core/user.h"

/* Professionals who take no messages from somebody. */
struct blockers {
	struct id *ids;
	size_t count;
};

/* None for a professional, whoever has blocked them as a guest. ERR_CORRUPT: a row fails its check.
 */
enum err block_load(struct cx *cx, struct db *db, const struct user *viewer,
		    struct blockers *ret) MUST_CHECK;
/* What the viewer may know of the state of `user`. */
enum user_state block_state(const struct blockers *blockers, const struct user *user);
/* In the transaction that sends. ERR_CONFLICT: one of these has blocked the sender meanwhile. */
enum err block_check(struct db *db, const struct user *sender, const struct user *const *people,
		     size_t count) MUST_CHECK;
