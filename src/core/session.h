/* Signing in and being signed in. The secret of a session is only in the client's cookie or token;
 * the row holds the user's private key wrapped under it. */
#pragma once

#include "core/cx.h"
#include "core/form_errors.h"

enum session_kind { SESSION_BROWSER = 1, SESSION_API = 2 };

struct session {
	struct id id;
	enum session_kind kind;
	struct user user;
	struct secret *private_key;
	struct secret *mailbox_key;
	int64_t created_ms;
};

struct sign_in {
	struct str token;        /* for the cookie or Authorization: Bearer */
	struct session *session; /* release with session_release */
	struct str device;       /* for the browser to keep (core/device.h); empty for the API */
};

/* Opens a session by address and password. The same answer and time whether the address exists or
 * not. ERR_DENIED: wrong address or password, or not registered, or disabled. ERR_BUSY: too many
 * tries; *ret_wait_s says how long to wait. cx->device, if it is this person's, keeps others' wrong
 * tries from slowing this one. user_agent labels the session in its owner's list. */
enum err session_sign_in(struct cx *cx, struct str address, struct str password,
			 enum session_kind kind, struct str user_agent, struct sign_in *ret,
			 int64_t *ret_wait_s) MUST_CHECK;

/* The session behind a token, if it lives and its user is active: grade, role and state are read
 * afresh every time (P1.5). ERR_NOT_FOUND: no such session, expired or ended. ERR_CORRUPT: a row
 * fails its check. */
enum err session_open(struct cx *cx, struct str token, enum session_kind kind,
		      struct session **ret) MUST_CHECK;
/* Begun within LIMIT_FRESH_SIGN_IN_MINUTES, by the person's password. */
bool session_is_fresh(const struct cx *cx);
/* Wipes the keys. NULL is fine. */
void session_release(struct session *session);

/* A new session with a new token in place of the acting one, for after the password has changed.
 * ERR_CONFLICT: it was ended meanwhile. */
enum err session_renew(struct cx *cx, struct str user_agent, struct sign_in *ret) MUST_CHECK;
/* Ends the acting session. */
enum err session_end(struct cx *cx) MUST_CHECK;
/* Ends one of the acting user's sessions by id (ERR_NOT_FOUND if not theirs). */
enum err session_end_one(struct cx *cx, const struct id *id) MUST_CHECK;
/* Ends all sessions of the acting user but the acting one ("sign out everywhere else"). */
enum err session_end_others(struct cx *cx) MUST_CHECK;

/* A live way in, for its owner's list. */
struct way_in_view {
	struct id id;
	const char *kind; /* "password", "session", "api", "recovery", "portal" */
	bool is_session;  /* can be ended here */
	bool is_current;
	struct str label;  /* user agent */
	struct str remote; /* network address at sign-in */
	int64_t created_ms;
	int64_t used_ms;
};
enum err session_list_ways_in(struct cx *cx, struct way_in_view **ret,
			      size_t *ret_count) MUST_CHECK;
