/* For core/: a draft's addressees resolved against people, policy and rules. */
#pragma once

#include "core/address.h"
#include "core/invite.h"
#include "core/message.h"

struct resolved {
	struct addressing view; /* items[i] goes with the arrays below */
	struct user *users;     /* known and pending people; new ones are empty */
	struct address *addresses;
};

/* parent_people: who is on the answered message already (P1.4); count 0 for a new message. sender:
 * read afresh. */
enum err addressing_resolve(struct cx *cx, struct db *db, const struct user *sender,
			    const struct draft *draft, const struct id *parent_people,
			    size_t parent_count, struct resolved *ret,
			    struct form_errors *errors) MUST_CHECK;
/* The people a reader sees on a message: sender, To, Cc, and themselves. */
enum err addressing_people_of(struct db *db, struct arena *arena, const struct user *reader,
			      const struct message *message, struct id **ret,
			      size_t *ret_count) MUST_CHECK;
