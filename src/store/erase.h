/* What there is of one person in all tables, and taking it away (P1.7). */
#pragma once

#include "store/db.h"

struct erase_counts {
	int64_t ways_in;
	int64_t messages; /* in their boxes */
	int64_t alone;    /* of these, nobody else can read any more */
	int64_t drafts;
	int64_t files;     /* in their library, or being uploaded */
	int64_t bytes;     /* of what they have uploaded */
	int64_t to_sign;   /* documents that wait for their signature */
	int64_t asked_for; /* documents that wait for signatures they have asked for */
};
enum err erase_count(struct db *db, const struct id *user_id, struct erase_counts *ret) MUST_CHECK;
/* Everything but the user's row, what they got and sent, and their files: ways in, drafts, labels,
 * groups, settings, contacts, blocks, kept signatures, proofs of their address, mails to them. What
 * they got and sent goes to Trash, for deliveries_destroy(); their files are left to nobody. */
enum err erase_rows(struct db *db, const struct id *user_id, int64_t now_ms) MUST_CHECK;
/* Files whose key they still have, at most `limit`. */
enum err erase_files(struct db *db, struct arena *arena, const struct id *user_id, int64_t limit,
		     struct id **ret, size_t *ret_count) MUST_CHECK;
