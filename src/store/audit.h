/* Table audit: what happened, each row bound to the one before (P7): nobody can take one out or
 * change it afterwards without its being seen. Holds no content: of what was done only a digest.
 *
 *   chain = BLAKE2b-256(key from the master key; previous chain, and all fields of this row) */
#pragma once

#include "crypto/digest.h"
#include "store/db_list.h"

/* Stored as these numbers; never renumber. */
enum audit_kind {
	AUDIT_SIGNING_SENT = 1,
	AUDIT_SIGNING_OPENED,
	AUDIT_SIGNING_AGREED,
	AUDIT_SIGNING_SIGNED,
	AUDIT_SIGNING_DECLINED,
	AUDIT_SIGNING_COMPLETED,
	AUDIT_SIGNING_CANCELLED,
	AUDIT_SIGNING_EXPIRED,
	AUDIT_SIGNING_REMINDED,
	AUDIT_SIGNING_DOWNLOADED,
	AUDIT_SIGN_IN,
	AUDIT_SIGN_IN_FAILED, /* subject: the address as typed */
	AUDIT_SIGN_OUT,
	AUDIT_SESSION_ENDED, /* one of one's own, from elsewhere */
	AUDIT_PASSWORD_CHANGED,
	AUDIT_PASSWORD_RESET,
	AUDIT_RECOVERY_CODE,
	AUDIT_HELP_ASKED, /* of "I cannot sign in" */
	AUDIT_REGISTERED,
	AUDIT_INVITED,
	AUDIT_INVITED_AGAIN,
	AUDIT_USER_ADDED,
	AUDIT_USER_CHANGED, /* object: the user; before and after: "guest member active" */
	AUDIT_USER_ADDRESS, /* changed, or an alias added or taken away */
	AUDIT_USER_HELPED,  /* an administrator had a link mailed to them */
	AUDIT_USER_ERASED,
	AUDIT_USERS_IMPORTED,
	AUDIT_USERS_EXPORTED,
	AUDIT_RULE, /* subject: the pattern; before and after: "allowed guest", or empty */
	AUDIT_SETTING,
	AUDIT_TEXT, /* of a mail; subject: "invitation en" */
	AUDIT_BRANDING,
	AUDIT_RECALL, /* object: the message */
	AUDIT_FILE_RECALL,
	AUDIT_EXPORT, /* of messages, by their owner */
	AUDIT_AUDIT_EXPORTED,
	AUDIT_BACKUP,
	AUDIT_RESTORED,
	AUDIT_MAILS_RETRIED,  /* all that were put off; after: how many */
	AUDIT_MAIL_TAKEN_OFF, /* object: whom it was for */
	AUDIT_ADDRESS_ASKED,  /* to be confirmed; before and after: the address, or empty */
	AUDIT_KINDS,
};

struct audit_entry {
	int64_t number; /* 1, 2 ... without gaps; given when it is appended */
	int64_t at_ms;
	enum audit_kind kind;
	struct id actor_id;           /* empty: the portal itself */
	struct id object_id;          /* message, say */
	uint8_t detail[DIGEST_BYTES]; /* of what is kept elsewhere, encrypted */
};
/* In the transaction of what it tells of; appenders wait for each other until its end. */
enum err audit_append(struct db *db, const struct audit_entry *entry) MUST_CHECK;
/* The same, with what it says, encrypted: `detail` becomes the digest of it. */
enum err audit_append_text(struct db *db, const struct audit_entry *entry,
			   struct str text) MUST_CHECK;
/* What an entry says, still encrypted. ERR_NOT_FOUND: nothing, or it was erased; ERR_CORRUPT: not
 * what its row in the chain is bound to, or taken out. */
enum err audit_text(struct db *db, struct arena *arena, const struct audit_entry *entry,
		    struct str *ret) MUST_CHECK;
/* Whether entries of this kind say something: what signatures are about stands in a table of its
 * own (store/signings.h). */
bool audit_kind_has_text(enum audit_kind kind);
/* Takes away what an entry says and puts a mark in its place, which only who has the master key can
 * make, for this entry alone. */
enum err audit_erase_text(struct db *db, const struct audit_entry *entry) MUST_CHECK;
/* The next entries after `after`, in order, that say something about a user: those with them as
 * object, and what they did as themself. At most `limit`. */
enum err audit_about(struct db *db, struct arena *arena, const struct id *user_id, int64_t after,
		     int64_t limit, struct audit_entry **ret, size_t *ret_count) MUST_CHECK;
/* All that a signature is about, of one message, in order. Whether they are what they were says
 * audit_check(). */
enum err audit_of_object(struct db *db, struct arena *arena, const struct id *object_id,
			 struct audit_entry **ret, size_t *ret_count) MUST_CHECK;
/* What is wrong with an entry. */
enum audit_fault {
	AUDIT_FINE = 0,
	AUDIT_CHANGED,      /* it is not what was written */
	AUDIT_MISSING,      /* it is not there; later ones are */
	AUDIT_TEXT_CHANGED, /* what it says is not what was written */
	AUDIT_TEXT_MISSING, /* what it says was taken out */
	AUDIT_END_CHANGED,  /* here the log ends, or goes on, where it should not */
};

struct audit_checked {
	int64_t last; /* up to here it is whole */
	int64_t bad;  /* the first entry that is not; 0: none */
	enum audit_fault fault;
	uint8_t chain[DIGEST_BYTES]; /* of `last` */
};
/* Walks some of the chain, and what its entries say. */
enum err audit_check(struct db *db, int64_t after, int64_t limit,
		     struct audit_checked *ret) MUST_CHECK;

/* The last entry, by what is kept about the end: 0: there is none. ERR_CORRUPT. */
enum err audit_end(struct db *db, int64_t *ret_number, uint8_t ret_chain[DIGEST_BYTES]) MUST_CHECK;
/* What stands at an entry for all up to it. ERR_NOT_FOUND. */
enum err audit_chain(struct db *db, int64_t number, uint8_t ret_chain[DIGEST_BYTES]) MUST_CHECK;

/* Sets of kinds. */
#define AUDIT_KIND(kind) (INT64_C(1) << (kind))
_Static_assert(AUDIT_KINDS < 63, "a set of kinds is one number");

/* The next entries of some kinds after `after`, in order. With is_newest only the newest one of
 * these kinds of each object, and none without. */
enum err audit_of_kinds(struct db *db, struct arena *arena, int64_t kinds, bool is_newest,
			int64_t after, int64_t limit, struct audit_entry **ret,
			size_t *ret_count) MUST_CHECK;

/* The number of the newest entry of these kinds of an object; 0: none. */
enum err audit_newest_of(struct db *db, const struct id *object_id, int64_t kinds,
			 int64_t *ret) MUST_CHECK;
