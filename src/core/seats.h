/* Paying seats (P1.6): one for every professional who is not disabled. */
#pragma once

#include "core/cx.h"
#include "store/seats.h"
#include "store/users.h"

/* Whether this person needs a seat. */
bool seats_takes(const struct user *user);
/* Writes down that a seat was taken or freed, if one was; in the transaction that changes the
 * person, after it has. before NULL: a new person; after NULL: an erased one. */
enum err seats_note(struct cx *cx, struct db *db, const struct user *before,
		    const struct user *after) MUST_CHECK;
/* The same where there is no cx; actor_id empty: the portal itself. */
enum err seats_note_by(struct db *db, const struct id *actor_id, int64_t now_ms,
		       const struct user *before, const struct user *after) MUST_CHECK;
