/* Tables mails and repeats: what has to follow a write, and answers to requests made twice. */
#pragma once

#include "store/db_list.h"

/* Stored as these numbers; never renumber. */
enum mail_kind {
	MAIL_NOTIFICATION = 1,
	MAIL_INVITATION = 2,
	MAIL_RESET = 3,
	MAIL_PASSWORD_CHANGED = 4,
	MAIL_SUMMARY = 5, /* of several notifications; never stored */
	MAIL_SIGNING = 6, /* what became of documents to sign (enum mail_about) */
	MAIL_WELCOME = 7, /* after registering */
	MAIL_TEST = 8,    /* how a text looks, to the administrator who writes it */
	MAIL_ADDRESS = 9, /* to a mailbox that is to become somebody's (core/address_change.h) */
	MAIL_ADDRESS_CHANGED = 10, /* to the one before, with a link back */
	MAIL_ADDRESS_GONE = 11,    /* the same with none */
};
enum mail_state {
	MAIL_NONE = 0,
	MAIL_QUEUED = 1,
	MAIL_ACCEPTED = 2, /* the mail server took it */
	MAIL_BOUNCED = 3,  /* refused for good, or given up */
	MAIL_VOID = 4,     /* written so that unknown addresses cost the same; never sent */
	MAIL_NOT_SENT = 5, /* it waited in a backup from which the portal was restored */
};

/* Notifications that go together in one mail, an hour after the first of them. Each stays a row, so
 * that none is lost and each tells what became of it. Stored as these numbers. */
enum mail_summed {
	MAIL_ALONE = 0,
	MAIL_WAITS = 1,    /* for the others of its hour; mails_insert() says until when */
	MAIL_TOGETHER = 2, /* those of one person with the same next_ms are one mail */
};

struct mail_row {
	struct id id;
	enum mail_kind kind;
	struct id user_id;
	struct id message_id; /* empty: not about a message */
	enum mail_state state;
	int64_t attempts;
	int64_t created_ms;
	int64_t next_ms;    /* when it is due */
	struct str content; /* ciphertext; empty once delivered */
	struct str reply;   /* the mail server's last words */
	enum mail_summed summed;
};

enum err mails_insert(struct db *db, const struct mail_row *mail) MUST_CHECK;
/* The queued mail that is due first. ERR_NOT_FOUND: none at all. */
enum err mails_first_due(struct db *db, struct arena *arena, struct mail_row *ret) MUST_CHECK;
enum err mails_by_id(struct db *db, struct arena *arena, const struct id *id,
		     struct mail_row *ret) MUST_CHECK;
/* Writes state, attempts, next_ms, content, reply if next_ms is still expected_next_ms; else
 * ERR_CONFLICT. */
enum err mails_update(struct db *db, const struct mail_row *mail,
		      int64_t expected_next_ms) MUST_CHECK;
/* Claims a mail that goes together with others, and them, until next_ms; *ret_count: how many.
 * ERR_CONFLICT: it has changed since. */
enum err mails_claim_together(struct db *db, const struct mail_row *mail, int64_t now_ms,
			      int64_t next_ms, int64_t *ret_count) MUST_CHECK;
/* One of a person's that go together and are due or claimed until next_ms. ERR_NOT_FOUND: none. */
enum err mails_one_together(struct db *db, struct arena *arena, const struct id *user_id,
			    int64_t next_ms, struct mail_row *ret) MUST_CHECK;
/* The messages of those that go together with it. */
enum err mails_together(struct db *db, struct arena *arena, const struct mail_row *mail,
			int64_t expected_next_ms, struct id **ret, size_t *ret_count) MUST_CHECK;
/* The same as mails_update() for all that go together with it; and counts an attempt for each. */
enum err mails_update_together(struct db *db, const struct mail_row *mail,
			       int64_t expected_next_ms) MUST_CHECK;
/* Ends what is queued of one kind (MAIL_INVITATION or MAIL_RESET) for a user: an older link is not
 * sent after a newer one. */
enum err mails_cancel(struct db *db, const struct id *user_id, enum mail_kind kind) MUST_CHECK;
/* Ends what is queued to notify a user of a message, or of what became of its documents.
 * *ret_count: how many. An invitation stays: it invites to the portal, and is the only way in. */
enum err mails_cancel_notification(struct db *db, const struct id *user_id,
				   const struct id *message_id, int64_t *ret_count) MUST_CHECK;
/* After a restore: what is queued was sent long ago, or nobody waits for it any more: it becomes
 * MAIL_NOT_SENT. */
enum err mails_end_queued(struct db *db, int64_t *ret_count) MUST_CHECK;
/* Deletes at most `limit` finished ones older than `before`, and as many void ones older than
 * `void_before`. *ret_deleted: how many in all. */
enum err mails_delete_finished(struct db *db, const struct id *before, const struct id *void_before,
			       int64_t limit, int64_t *ret_deleted) MUST_CHECK;
/* What became of the mails that tell a person of a message (P3.4): of the notification, or of the
 * invitation of one who has not registered while that fares worse. */
struct mail_report {
	struct id user_id;
	enum mail_kind kind;
	enum mail_state state;
	struct str reply;
};
/* One for each recipient who has such mails, ordered by user_id as mails_report_of() needs them. */
enum err mails_of_message(struct db *db, struct arena *arena, const struct id *message_id,
			  struct mail_report **ret, size_t *ret_count) MUST_CHECK;
/* NULL: none. */
const struct mail_report *mails_report_of(const struct mail_report *reports, size_t count,
					  const struct id *user_id);

/* The next rows by id, at most limit; those without a proper id are left out and counted. */
enum err mails_page(struct db *db, struct arena *arena, int64_t limit, struct page *page,
		    struct mail_row **ret) MUST_CHECK;

/* ERR_NOT_FOUND: this user has not used this key. */
enum err repeats_get(struct db *db, struct arena *arena, const struct id *user_id,
		     struct str key_hash, struct str *ret_request_hash,
		     struct id *ret_message_id) MUST_CHECK;
enum err repeats_insert(struct db *db, const struct id *user_id, struct str key_hash,
			struct str request_hash, const struct id *message_id,
			int64_t now_ms) MUST_CHECK;
enum err repeats_delete_before(struct db *db, int64_t created_ms) MUST_CHECK;
