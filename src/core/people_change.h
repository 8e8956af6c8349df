/* Changing people (P1.5 to P1.7), and helping them in. All of it is for administrators and, with no
 * session, for commands on the machine; others get ERR_DENIED without errors. Everything is in the
 * audit log. */
#pragma once

#include "core/cx.h"
#include "core/form_errors.h"
#include "core/session.h"
#include "core/user.h"

/* ERR_DENIED: whoever acts is no administrator. */
enum err people_check_administrator(const struct cx *cx) MUST_CHECK;

struct people_change {
	bool has_grade, has_role, has_state;
	enum grade grade; /* guest: also no administrator any more, unless a role is given */
	enum role role;
	bool is_enabled;
	int64_t seen_version; /* of the user as whoever changes them saw them; 0: whichever */
};
/* All of it or nothing, from their next request on; disabling ends every session (P1.7). What is
 * so already is no change. ret_after may be NULL. Each of these comes with a sentence in errors:
 * ERR_DENIED: the last administrator, or oneself; ERR_TOO_LARGE: no seat is left (P1.6);
 * ERR_INVALID: a guest cannot be an administrator (P1.2). Without: ERR_CONFLICT: somebody else has
 * changed them meanwhile; ERR_NOT_FOUND: there is nobody, or they were erased. */
enum err people_change(struct cx *cx, const struct id *id, const struct people_change *change,
		       struct user *ret_after, struct form_errors *errors) MUST_CHECK;
/* The same of one thing only. */
enum err people_set_grade(struct cx *cx, const struct id *id, enum grade grade) MUST_CHECK;
enum err people_enable(struct cx *cx, const struct id *id, bool is_enabled) MUST_CHECK;

/* A fresh invitation by mail, for somebody who has not registered. ERR_CONFLICT: they have, or are
 * disabled. ERR_BUSY: enough of them within the hour. Both with a sentence. */
enum err people_invite_again(struct cx *cx, const struct id *id,
			     struct form_errors *errors) MUST_CHECK;
/* Somebody has lost their password: the link to a new one goes to their mailbox, and to nobody else
 * (P2.7). ERR_CONFLICT: they keep their own key (strict custody), or cannot sign in anyway;
 * ERR_BUSY: enough within the hour. Both with a sentence. */
enum err people_help(struct cx *cx, const struct id *id, struct form_errors *errors) MUST_CHECK;
/* Their live ways in, for an administrator's session. */
enum err people_ways_in(struct cx *cx, const struct id *id, struct way_in_view **ret,
			size_t *ret_count) MUST_CHECK;
/* Ends one of their sessions. ERR_NOT_FOUND: it has ended. */
enum err people_end_session(struct cx *cx, const struct id *id,
			    const struct id *session_id) MUST_CHECK;
