#include "core/policy.h"

#include "core/session.h"

enum { G = 1, P = 2, A = 4, GUEST = G | P | A, PROFESSIONAL = P | A, ADMINISTRATOR = A };

/* The whole policy (P1.3, P1.4, P2.1, P2.3, P4.4): who may do what, if it is switched on. */
static const struct {
	int who;
	enum feature feature;
} may[ACT_COUNT] = {
	[ACT_READ] = {GUEST},
	[ACT_REPLY] = {GUEST},
	[ACT_FORWARD] = {GUEST, FEATURE_FORWARDING},
	[ACT_KEEP_PEOPLE_IN_REPLY] = {GUEST},
	[ACT_WRITE_TO_PROFESSIONAL] = {GUEST},
	[ACT_WRITE_TO_GUEST] = {PROFESSIONAL},
	[ACT_INVITE_GUEST] = {PROFESSIONAL},
	[ACT_INVITE_PROFESSIONAL] = {PROFESSIONAL},
	[ACT_RESEND_INVITATION] = {PROFESSIONAL},
	[ACT_RECALL] = {PROFESSIONAL, FEATURE_RECALL},
	[ACT_BLOCK_GUEST] = {PROFESSIONAL},
	[ACT_REQUEST_SIGNATURES] = {PROFESSIONAL, FEATURE_SIGNATURES},
	[ACT_SIGN] = {GUEST},
	[ACT_SEND_FILES] = {GUEST, FEATURE_FILES},
	[ACT_MARK_CONFIDENTIAL] = {GUEST, FEATURE_CONFIDENTIAL},
	[ACT_SET_EXPIRY] = {GUEST, FEATURE_EXPIRY},
	[ACT_ADMINISTER] = {ADMINISTRATOR},
};

bool policy_grade_allows(const struct settings *settings, enum grade grade, enum role role,
			 enum act act)
{
	int who = grade != GRADE_PROFESSIONAL ? G : role == ROLE_ADMINISTRATOR ? A : P;
	return (unsigned)act < ACT_COUNT && (may[act].who & who) != 0 &&
	       settings_have(settings, may[act].feature);
}

bool policy_allows(const struct settings *settings, const struct user *user, enum act act)
{
	return user->state == USER_ACTIVE &&
	       policy_grade_allows(settings, user->grade, user->role, act);
}

bool policy_may(const struct cx *cx, enum act act)
{
	return policy_allows(cx->portal->settings, &cx->session->user, act);
}

bool policy_writes_to_known_only(const struct settings *settings, const struct user *user)
{
	return user->grade == GRADE_GUEST && settings->guest_compose == GUEST_COMPOSE_KNOWN;
}

bool policy_is_inviter(const struct cx *cx, const struct user *user)
{
	bool is_own = id_eq(&user->invited_by, &cx->session->user.id);
	return (is_own && policy_may(cx, ACT_RESEND_INVITATION)) || policy_may(cx, ACT_ADMINISTER);
}

bool policy_may_invite_again(const struct cx *cx, const struct user *user)
{
	return user->state == USER_INVITED && policy_is_inviter(cx, user);
}
