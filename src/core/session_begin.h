/* For core/: beginning a session once somebody has proven who they are. */
#pragma once

#include "core/session.h"
#include "core/way_in.h"

/* A session being made: its row, to be inserted by the caller's transaction with
 * session_begin_write(). All that can fail is done before the commit. */
struct session_begin {
	struct way_in way_in;
	struct str token;
	struct session *session; /* owned until session_begin_finish() */
};
/* Gives back what was never finished. */
void session_begin_release(struct session_begin *begin);
#define CLEANUP_SESSION_BEGIN __attribute__((cleanup(session_begin_release)))

enum err session_begin_prepare(struct cx *cx, const struct user *user,
			       const struct secret *private_key, enum session_kind kind,
			       struct str user_agent, struct session_begin *ret) MUST_CHECK;
enum err session_begin_write(struct db *db, const struct session_begin *begin) MUST_CHECK;
/* After the commit: hands the session over, with the user as committed. */
void session_begin_finish(struct cx *cx, struct session_begin *begin, const struct user *user,
			  struct sign_in *ret);
/* By total or idle time. */
bool session_is_over(struct cx *cx, const struct way_in *way_in);
/* That somebody is there, once a minute at the most; not of what a page asks by itself. */
void session_note_seen(struct cx *cx, const struct way_in *way_in);
/* The live ways in of whomever; for somebody signed in. */
enum err session_ways_in_of(struct cx *cx, const struct id *user_id, struct way_in_view **ret,
			    size_t *ret_count) MUST_CHECK;
/* The password of the acting user, slowed like sign-ins. ERR_INVALID with errors["current"] when
 * wrong; ERR_BUSY. */
enum err session_confirm_password(struct cx *cx, struct str password,
				  struct form_errors *errors) MUST_CHECK;
/* The same of whoever holds a link of theirs. */
enum err session_confirm_password_of(struct cx *cx, const struct user *user, struct str password,
				     struct form_errors *errors) MUST_CHECK;
