/* The queue of e-mails as administrators see it (P7): how many wait, which ones have trouble. */
#pragma once

#include "store/mails.h"
#include "store/users.h"

struct mails_counts {
	int64_t waiting;  /* not tried yet */
	int64_t retrying; /* tried, and put off */
	int64_t bounced;  /* and not taken off the list */
	int64_t not_sent; /* invitations that a restore gave up, and nobody sent again */
};
enum err mails_count(struct db *db, struct mails_counts *ret) MUST_CHECK;

/* One that came back or was put off, and whom it was for. */
struct mail_trouble {
	struct id id;
	enum mail_kind kind;
	enum mail_state state;
	int64_t attempts;
	int64_t created_ms;
	int64_t next_ms;
	struct str reply;
	struct user user;
};
/* Of MAIL_BOUNCED the newest first, of MAIL_QUEUED those that were tried, the next one first. A row
 * whose person fails their check is left out. */
enum err mails_troubles(struct db *db, struct arena *arena, enum mail_state state, int64_t limit,
			struct mail_trouble **ret, size_t *ret_count) MUST_CHECK;

/* Makes due what was put off until after after_ms. *ret_count: how many. */
enum err mails_retry(struct db *db, int64_t after_ms, int64_t now_ms,
		     int64_t *ret_count) MUST_CHECK;
/* Takes a mail that has bounced off the list; its sender goes on seeing that it did.
 * ERR_NOT_FOUND: there is none. */
enum err mails_dismiss(struct db *db, const struct id *id) MUST_CHECK;
