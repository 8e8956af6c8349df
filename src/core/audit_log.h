/* The audit log (P7): who did what, when and from where, old and new. A row of the chain
 * (store/audit.h) says when, who and which kind; what it says beyond that is encrypted under a key
 * from the portal key, as it names people:
 *
 *   plain = 'a' | remote | subject | before | after | version (8) | is_whole (4) | reached
 *
 * (core/packed.h; reached: ids of 16 bytes each) and the chain holds the digest of the ciphertext.
 *
 * What was done can be compared with what the database says now (core/audit_rows.c):
 *   user     kinds REGISTERED, INVITED, USER_ADDED, USER_CHANGED, USER_ADDRESS, USER_ERASED: object
 *            is the user, `after` audit_user_words() of the row as the act leaves it, `version` its
 *            version. The newest of a user that has a version is compared with the row: use
 *            audit_log_user(). USER_ADDRESS differs: `before` and `after` are the address changed
 *            or the alias, and subject is audit_address_words() as the act leaves them, which is
 *            compared with the rows of user and aliases
 *   rule     kind RULE: subject is the pattern, `after` audit_rule_words() or empty when it is
 *            gone. Leave object_id empty: audit_log() derives one from the pattern
 *   text     kind TEXT: subject is "invitation en", `after` audit_text_words(), `version` and at_ms
 *            those of its row. No object_id either
 *   setting  kinds SETTING, BRANDING: subject is the name, `after` portal_settings_value(). No
 *            object_id either
 *   recall   kinds RECALL, FILE_RECALL: object is the message, `reached` whose keys were destroyed,
 *            or is_whole: everybody's but the sender's. Of a file, subject is its id */
#pragma once

#include "core/cx.h"
#include "store/aliases.h"
#include "store/audit.h"
#include "store/mail_texts.h"
#include "store/rules.h"

struct audit_act {
	enum audit_kind kind;
	int64_t at_ms;       /* 0: now */
	struct id actor_id;  /* empty: who is signed in, or else the portal itself */
	struct id object_id; /* user, message; may be empty */
	struct str subject;  /* the name of a setting, an address; may be empty, as the next two */
	struct str before;
	struct str after;
	int64_t version; /* of the user's row as it is then (users.version); 0: of none */
	const struct id *reached;
	size_t reached_count;
	bool is_whole;
};
/* In the transaction of what it tells of. Never content, never a secret. What is too long to keep
 * is cut short; many `reached` make several entries. */
enum err audit_log(struct cx *cx, struct db *db, const struct audit_act *act) MUST_CHECK;
/* What became of a user, for the kinds named above; a change is noted for restores as well
 * (core/decisions.h). before: NULL when they are new. after: the row
 * as it was written (its version too). subject: the address, say. */
enum err audit_log_user(struct cx *cx, struct db *db, enum audit_kind kind,
			const struct user *before, const struct user *after,
			struct str subject) MUST_CHECK;
/* "professional administrator active" */
struct str audit_user_words(struct arena *arena, const struct user *user);
/* "allowed guest"; "allowed" (the sender chooses the grade); "refused" */
struct str audit_rule_words(struct arena *arena, const struct rule *rule);
/* "3: the subject"; "3 standard"; empty before anybody has changed it */
struct str audit_text_words(struct arena *arena, const struct mail_text_row *row);
/* Whether entries of this kind are about something that has a name and no id. */
bool audit_log_is_named(enum audit_kind kind);
/* What is kept of it at most: what is longer is cut. */
struct str audit_log_kept(struct str text);
/* "anna@example.com a.weber@example.com": their own first, then the aliases in order. */
struct str audit_address_words(struct arena *arena, const struct user *user,
			       const struct alias *aliases, size_t count);

/* Erasing somebody: takes away what entries about them say, and what they did as themself (signing
 * in, passwords). The entries stay, with kind and time, and so does the chain; a mark with a MAC
 * stands in the place of each text, so that checking tells it from one that was taken out. Call it
 * before USER_ERASED is logged, in the same transaction. */
enum err audit_log_forget(struct cx *cx, struct db *db, const struct id *user_id) MUST_CHECK;

struct audit_view {
	struct audit_entry entry;
	struct str remote; /* empty: on the machine itself */
	struct str subject;
	struct str before;
	struct str after;
	int64_t version;
	bool is_whole;
	const struct id *reached;
	size_t reached_count;
	bool is_erased;  /* what it said was taken away when somebody was erased */
	bool is_changed; /* what it said is not what was written: nothing of it is shown */
};
/* What an entry says. */
enum err audit_log_read(struct cx *cx, struct db *db, const struct audit_entry *entry,
			struct audit_view *ret) MUST_CHECK;
