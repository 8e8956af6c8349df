/* For core/: beginning a session once somebody has proven who they are. */
#pragma once

#include "core/session.h"
#include "core/way_in.h"

/* A session being made: its row, to be inserted by the caller's transaction with
 * session_begin_write(). */
struct session_begin {
	struct way_in way_in;
	struct str token;
};
enum err session_begin_prepare(struct cx *cx, const struct user *user,
			       const struct secret *private_key, enum session_kind kind,
			       struct str user_agent, struct session_begin *ret) MUST_CHECK;
enum err session_begin_write(struct db *db, const struct session_begin *begin) MUST_CHECK;
/* After the commit: the session object; takes a copy of the private key. */
enum err session_begin_finish(struct cx *cx, const struct session_begin *begin,
			      const struct user *user, const struct secret *private_key,
			      struct sign_in *ret) MUST_CHECK;
/* The password of the acting user, slowed like sign-ins. ERR_INVALID with errors["current"] when
 * wrong; ERR_BUSY. */
enum err session_confirm_password(struct cx *cx, struct str password,
				  struct form_errors *errors) MUST_CHECK;
