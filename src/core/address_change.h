/* Other e-mail addresses of a person: a new one in place of theirs, and aliases, by which others
 * reach them too. The person themself asks, with their password, or an administrator does.
 *
 * Nothing holds until it is confirmed: a link goes to the new mailbox, and whoever opens it must be
 * the person too, by their password or their session. So neither a mistyped address nor an
 * administrator who names a mailbox of their own gives an account away. Of the rest of the portal
 * only this file makes addresses somebody's.
 *
 *   - A new address leaves the one before as an alias, so that replies go on, unless an
 *     administrator says otherwise. The mailbox before gets a notice, and if it stays an alias, a
 *     link that turns the change back for three days, and ends every session.
 *   - Aliases receive and sign in. Links and notices only ever go to one's own address: a mailbox
 *     given up, or only shared, is no way in.
 *   - Registration rules hold for new addresses as for new people (P2.2); the grade stays as it is.
 *   - Whether an address is somebody else's is for administrators to know. For others all is as if
 *     it were free: only the mail does not go.
 *   - Sessions go on; mailed links to a new password stop working, as they lie in the mailbox
 *     before. */
#pragma once

#include "core/cx.h"
#include "core/form_errors.h"
#include "store/aliases.h"

/* Asked for, and not confirmed yet. */
struct address_pending {
	struct id id;
	struct str address;
	bool is_alias;   /* in addition; else in place of the one they have */
	bool keeps_old;  /* of the latter: which becomes an alias */
	bool is_by_them; /* they have asked for it themselves */
	int64_t created_ms;
	int64_t expires_ms;
};
struct addresses {
	struct user user;
	struct alias *aliases;
	size_t alias_count;
	struct address_pending *pending;
	size_t pending_count;
};
/* One's own, or for administrators anybody's; so too the next three. ERR_DENIED: neither.
 * ERR_NOT_FOUND: there is nobody, or they were erased. */
enum err address_change_look(struct cx *cx, const struct id *user_id,
			     struct addresses *ret) MUST_CHECK;

struct address_ask {
	struct id user_id;
	struct str address; /* as typed */
	bool is_alias;
	bool drops_old;      /* for administrators: the one before does not stay an alias */
	struct str password; /* of whoever asks for themself; else not looked at */
};
/* Mails the link; one asked for earlier in place of the address stops working. ERR_INVALID with
 * errors: "address", "current" (the password). With a sentence: ERR_CONFLICT: they have not
 * registered, or are disabled; ERR_BUSY: enough within the hour, here or for that mailbox.
 * ERR_BUSY without: too many wrong passwords. */
enum err address_change_ask(struct cx *cx, const struct address_ask *ask,
			    struct form_errors *errors) MUST_CHECK;
/* Takes back what was asked for. ERR_NOT_FOUND: it is confirmed, or gone. */
enum err address_change_withdraw(struct cx *cx, const struct id *user_id,
				 const struct id *pending_id) MUST_CHECK;
/* ERR_NOT_FOUND: it is no alias of theirs. */
enum err address_change_remove(struct cx *cx, const struct id *user_id,
			       struct str alias) MUST_CHECK;

enum address_link_state { ADDRESS_LINK_GOOD, ADDRESS_LINK_USED, ADDRESS_LINK_EXPIRED };
struct address_link {
	enum address_link_state state;
	bool is_alias;
	bool is_back;        /* turns a change back */
	struct str address;  /* what becomes theirs */
	bool needs_password; /* who opens it is not signed in as them, or has not asked for it */
};
/* What a mailed link would do. Changes nothing. ERR_NOT_FOUND: it never was one. */
enum err address_change_link(struct cx *cx, struct str token, struct address_link *ret) MUST_CHECK;
/* Does it. ERR_CONFLICT: used or expired. ERR_INVALID with errors["current"]: not their password.
 * ERR_DENIED with a sentence: it is somebody else's by now, a rule refuses it, or they have as many
 * aliases as there may be. ERR_BUSY: too many wrong passwords. */
enum err address_change_confirm(struct cx *cx, struct str token, struct str password,
				struct form_errors *errors) MUST_CHECK;
