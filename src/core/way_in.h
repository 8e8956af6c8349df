/* Making and opening ways in: the private key under a password, a session, a link, a recovery code,
 * or the portal's key (ARCHITECTURE, Keys). Nothing here writes; callers insert the rows in their
 * transaction. */
#pragma once

#include "core/cx.h"
#include "crypto/token.h"
#include "store/ways_in.h"

/* What secures a new way in. password: normalised. Each fills *ret with strings in the arena. */
enum err way_in_password(struct cx *cx, const struct user *user, const struct secret *private_key,
			 struct str password, struct way_in *ret) MUST_CHECK;
/* kind: WAY_IN_BROWSER or WAY_IN_API. ret_token: for the client only. */
enum err way_in_session(struct cx *cx, const struct user *user, const struct secret *private_key,
			enum way_in_kind kind, struct str user_agent, struct way_in *ret,
			struct str *ret_token) MUST_CHECK;
/* kind: WAY_IN_INVITATION (holds the key), or WAY_IN_RESET and those behind it (private_key NULL:
 * they hold none). made_by may be NULL. */
enum err way_in_link(struct cx *cx, const struct user *user, const struct secret *private_key,
		     enum way_in_kind kind, const struct id *made_by, struct way_in *ret,
		     struct str *ret_token) MUST_CHECK;
enum err way_in_recovery(struct cx *cx, const struct user *user, const struct secret *private_key,
			 struct way_in *ret, struct str *ret_code) MUST_CHECK;
enum err way_in_portal(struct cx *cx, const struct user *user, const struct secret *private_key,
		       struct way_in *ret) MUST_CHECK;

/* Opening. ERR_DENIED: the password or code is wrong. ERR_CORRUPT: the wrap fails though it should
 * open, or what comes out is not the private half of the user's public key. */
enum err way_in_open_password(struct cx *cx, const struct way_in *way_in, const struct user *user,
			      struct str password, struct secret **ret_private) MUST_CHECK;
enum err way_in_open_token(const struct way_in *way_in, const struct token *token,
			   struct secret **ret_private) MUST_CHECK;
enum err way_in_open_recovery(const struct way_in *way_in, const struct user *user, struct str code,
			      struct secret **ret_private) MUST_CHECK;
enum err way_in_open_portal(struct cx *cx, const struct way_in *way_in, const struct user *user,
			    struct secret **ret_private) MUST_CHECK;
/* The same work as way_in_open_password where there is nobody to open (P: same time for unknown
 * addresses). */
enum err way_in_pretend_password(struct cx *cx, struct str password) MUST_CHECK;

/* Whether the token is the very one the link row was made for. */
bool way_in_is_token(const struct way_in *way_in, const struct token *token);
/* The key under which a user's message keys are wrapped. */
enum err way_in_mailbox_key(const struct secret *private_key, struct secret **ret) MUST_CHECK;
