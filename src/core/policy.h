/* What each grade may do: the one table behind pages, API and the Learning Center (P1.8). */
#pragma once

#include "core/user.h"

enum act {
	ACT_READ,
	ACT_REPLY,
	ACT_FORWARD,              /* to whom: as for writing, below */
	ACT_KEEP_PEOPLE_IN_REPLY, /* P1.4: whoever is on the message already */
	ACT_WRITE_TO_PROFESSIONAL,
	ACT_WRITE_TO_GUEST,
	ACT_INVITE_GUEST, /* write to an unknown address (P2.1) */
	ACT_INVITE_PROFESSIONAL,
	ACT_RESEND_INVITATION,  /* to somebody one has invited */
	ACT_RECALL,             /* P4.4: one's own messages */
	ACT_BLOCK_GUEST,        /* take no messages from them */
	ACT_REQUEST_SIGNATURES, /* create documents to sign */
	ACT_SIGN,               /* what one was asked to (P6) */
	ACT_ADMINISTER,
	ACT_COUNT,
};

bool policy_allows(const struct user *user, enum act act);
/* For tables made from the policy: whether this grade and role may. */
bool policy_grade_allows(enum grade grade, enum role role, enum act act);
