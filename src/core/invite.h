/* Inviting (P2): who may be invited as what, and the rows of a new person. */
#pragma once

#include "core/address.h"
#include "core/cx.h"
#include "store/mails.h"
#include "store/rules.h"
#include "store/users.h"
#include "store/ways_in.h"

/* What the registration rules say of an address: the rule for the address itself, else for its
 * domain, else for the nearest domain above (P2.2). */
struct rule_verdict {
	bool is_allowed;     /* a controlled portal allows only what a rule allows */
	bool is_grade_fixed; /* a rule decides the grade */
	enum grade grade;
	struct str pattern; /* of the rule; empty: none is about it */
};
enum err invite_judge(struct cx *cx, struct db *db, const struct address *address,
		      struct rule_verdict *ret) MUST_CHECK;

struct invite {
	const struct address *address;
	enum grade grade;
	enum role role;
	const struct user *inviter; /* NULL: set-up or an administrator's command */
	struct id message_id;       /* empty: not because of a message */
	struct str name, language;  /* as an administrator knows them; may be empty */
	bool is_unmailed;           /* set-up: the link is printed, not mailed */
};

/* A person not yet registered: key pair, its wraps under the link and the portal key, and the mail.
 */
struct invitee {
	struct user user;
	struct users_keys keys;
	struct id by; /* who invites; empty: the portal itself */
	struct way_in portal;
	struct way_in invitation;
	struct mail_row mail;
	bool has_mail;
	struct str link; /* URL/register/TOKEN; for the mail and the set-up command alone (P2.7) */
};
enum err invite_prepare(struct cx *cx, const struct invite *invite, struct invitee *ret) MUST_CHECK;
/* In a transaction. ERR_CONFLICT: somebody else invited that address meanwhile. */
enum err invite_write(struct db *db, const struct invitee *invitee) MUST_CHECK;

/* A fresh link for somebody invited, by mail; older links of theirs stop working. inviter: whose
 * name the mail says (NULL: the one who invited first). ERR_CONFLICT: registered already. */
enum err invite_again(struct cx *cx, const struct user *user,
		      const struct user *inviter) MUST_CHECK;

/* The same in a transaction of somebody else's: prepared before it. message_id: because of it;
 * empty: because of none. */
struct invite_again {
	struct id user_id;
	int64_t user_version;
	struct way_in invitation;
	struct mail_row mail;
};
/* ERR_CONFLICT: they have changed, or registered, since `user` was read. */
enum err invite_again_prepare(struct cx *cx, const struct user *user, const struct user *inviter,
			      const struct id *message_id, struct invite_again *ret) MUST_CHECK;
/* ERR_CONFLICT: they have changed, or registered, meanwhile. */
enum err invite_again_write(struct db *db, const struct invite_again *again) MUST_CHECK;

/* Older links of a person open nothing from now on; their rows stay, so that the page can say what
 * became of them. */
enum err invite_retire_links(struct db *db, struct arena *arena, const struct id *user_id,
			     int64_t now_ms) MUST_CHECK;

/* ERR_TOO_LARGE when no seat is left for one more professional (P1.6); in a transaction. */
enum err invite_check_seat(struct db *db, const struct settings *settings) MUST_CHECK;
