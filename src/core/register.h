/* Registration by an invitation link (P2.4, P2.5). Looking changes nothing; only registering does.
 */
#pragma once

#include "core/session.h"

enum link_state {
	LINK_GOOD,
	LINK_USED,
	LINK_EXPIRED,
	LINK_REPLACED, /* by a newer invitation, whatever became of that one */
};

struct invitation_view {
	enum link_state state;
	struct str address; /* fixed: who is invited */
	struct str inviter; /* name of who wrote first; empty at set-up */
	enum grade grade;
	enum custody
		custody; /* strict: the recovery code is the only way back after a lost password */
	int64_t expires_ms;
	struct id message_id;  /* newest waiting message; empty if none */
	int64_t waiting_count; /* messages that wait (P2.6) */
};

/* What a link is. ERR_NOT_FOUND for anything that never was a link. Writes nothing. */
enum err register_look(struct cx *cx, struct str token, struct invitation_view *ret) MUST_CHECK;

struct registration {
	struct sign_in sign_in;   /* signed in at once */
	struct str recovery_code; /* to be shown once */
	struct id message_id;     /* to show first; empty: the Inbox */
};

/* Registers: name, password (rules in core/password_rules.h), a fresh key pair, waiting messages
 * re-wrapped under it. ERR_INVALID with `errors` for mistakes in name ("name"), password
 * ("password") or missing agreement ("terms"); ERR_CONFLICT: used, expired or replaced meanwhile
 * (look again to see which). */
enum err register_complete(struct cx *cx, struct str token, struct str name, struct str password,
			   bool is_terms_agreed, enum session_kind kind, struct str user_agent,
			   struct registration *ret, struct form_errors *errors) MUST_CHECK;

/* A fresh link for the address of an expired or replaced link, mailed to that address only. The
 * same answer for everything; a link that is still good or was used gives no mail. */
enum err register_renew(struct cx *cx, struct str token) MUST_CHECK;
