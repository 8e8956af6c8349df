#include "core/policy.h"

enum { G = 1, P = 2, A = 4, GUEST = G | P | A, PROFESSIONAL = P | A, ADMINISTRATOR = A };

/* The whole policy (P1.3, P1.4, P2.1, P2.3, P4.4): who may do what. */
static const int may[ACT_COUNT] = {
	[ACT_READ] = GUEST,
	[ACT_REPLY] = GUEST,
	[ACT_FORWARD] = GUEST,
	[ACT_KEEP_PEOPLE_IN_REPLY] = GUEST,
	[ACT_WRITE_TO_PROFESSIONAL] = GUEST,
	[ACT_WRITE_TO_GUEST] = PROFESSIONAL,
	[ACT_INVITE_GUEST] = PROFESSIONAL,
	[ACT_INVITE_PROFESSIONAL] = PROFESSIONAL,
	[ACT_RESEND_INVITATION] = PROFESSIONAL,
	[ACT_RECALL] = PROFESSIONAL,
	[ACT_BLOCK_GUEST] = PROFESSIONAL,
	[ACT_REQUEST_SIGNATURES] = PROFESSIONAL,
	[ACT_SIGN] = GUEST,
	[ACT_ADMINISTER] = ADMINISTRATOR,
};

bool policy_grade_allows(enum grade grade, enum role role, enum act act)
{
	int who = grade != GRADE_PROFESSIONAL ? G : role == ROLE_ADMINISTRATOR ? A : P;
	return (unsigned)act < ACT_COUNT && (may[act] & who) != 0;
}

bool policy_allows(const struct user *user, enum act act)
{
	return user->state == USER_ACTIVE && policy_grade_allows(user->grade, user->role, act);
}
