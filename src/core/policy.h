/* What each grade may do: the one table behind pages, API and the Learning Center (P1.8). */
#pragma once

#include "core/cx.h"

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
	ACT_SEND_FILES,
	ACT_MARK_CONFIDENTIAL, /* P4.2 */
	ACT_SET_EXPIRY,
	ACT_ADMINISTER,
	ACT_COUNT,
};

/* In a portal with these settings: what is switched off nobody may. */
bool policy_allows(const struct settings *settings, const struct user *user, enum act act);
/* Whether the acting user may. */
bool policy_may(const struct cx *cx, enum act act);
/* P2.3: to whom an invitation may be sent again: one's own invitees, and by an administrator
 * everybody's; as long as they have not registered. */
bool policy_is_inviter(const struct cx *cx, const struct user *user);
bool policy_may_invite_again(const struct cx *cx, const struct user *user);
/* Guests may write to people who have written to them, and to nobody else. */
bool policy_writes_to_known_only(const struct settings *settings, const struct user *user);
/* For tables made from the policy: whether this grade and role may. */
bool policy_grade_allows(const struct settings *settings, enum grade grade, enum role role,
			 enum act act);
