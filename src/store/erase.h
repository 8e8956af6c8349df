/* What there is of one person in all tables, and taking it away (P1.7). */
#pragma once

#include "store/db_list.h"
#include "store/deliveries.h"

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

/* The first transaction: ways in, drafts, groups, settings, contacts, blocks, kept signatures,
 * aliases, proofs of their address, mails that wait for them. Whatever can be much is left, and
 * that it is left is noted: erase_unfinished(). Their files belong to nobody's library or draft
 * then. */
enum err erase_rows(struct db *db, const struct id *user_id) MUST_CHECK;

/* ---- what is left after it (store/erase_left.c) ---- */

/* Somebody of whom something is left, after this id. ERR_NOT_FOUND: nobody. Whether they were
 * erased says only their own row (users_is_erased()): this table is not authenticated. */
enum err erase_unfinished(struct db *db, const struct id *after, struct id *ret) MUST_CHECK;
/* Nothing is left but labels, which go now. */
enum err erase_finished(struct db *db, const struct id *user_id) MUST_CHECK;

/* What they have in a box: a step of a walk (store/db_list.h), oldest first, so that the newest of
 * a conversation is the newest until it goes itself. For deliveries_erase(). */
enum err erase_deliveries(struct db *db, struct arena *arena, const struct id *user_id,
			  enum box box, int64_t limit, struct page *page,
			  struct delivery **ret) MUST_CHECK;

/* Each of these gives the next ids after `after`, at most `limit`. */
/* Open requests to sign that cannot be completed without them: they ask, or are to sign. */
enum err erase_signings(struct db *db, struct arena *arena, const struct id *user_id,
			const struct id *after, int64_t limit, struct id **ret,
			size_t *ret_count) MUST_CHECK;
/* Mails that were sent, or given up. */
enum err erase_mails(struct db *db, struct arena *arena, const struct id *user_id,
		     const struct id *after, int64_t limit, struct id **ret,
		     size_t *ret_count) MUST_CHECK;
enum err erase_mail(struct db *db, const struct id *id) MUST_CHECK;
/* Files whose key they still have. */
enum err erase_files(struct db *db, struct arena *arena, const struct id *user_id,
		     const struct id *after, int64_t limit, struct id **ret,
		     size_t *ret_count) MUST_CHECK;
