/* Table seats: who took or freed a paying seat, and when (P1.6), each row authenticated and
 * numbered 1, 2 ... without gaps; and the end of it, so that none can be taken away unseen. */
#pragma once

#include "store/db_list.h"

struct seat_change {
	int64_t number; /* given when it is appended */
	int64_t at_ms;
	struct id user_id;  /* whose seat; they may have been erased since */
	struct id actor_id; /* who has changed it; empty: the portal itself */
	int64_t delta;      /* 1: taken, -1: freed */
	int64_t used;       /* afterwards */
};

/* In the transaction that changes the user, after it has: the first row ever counts what there is.
 * Appenders wait for each other until its end. Fills in number and used. */
enum err seats_append(struct db *db, struct seat_change *change) MUST_CHECK;

/* The newest first, of [from_ms, to_ms), with a number less than `before` (0: any). Rows that fail
 * their check are left out and counted. */
enum err seats_changes(struct db *db, struct arena *arena, int64_t from_ms, int64_t to_ms,
		       int64_t before, int64_t limit, struct seat_change **ret, size_t *ret_count,
		       int64_t *ret_bad) MUST_CHECK;
/* Days on which something changed, in order: a day is at_ms / DAY_MS (UTC). */
struct seat_day {
	int64_t day;
	int64_t most; /* after a change of that day */
	int64_t last;
};
enum err seats_days(struct db *db, struct arena *arena, int64_t from_ms, int64_t to_ms,
		    struct seat_day **ret, size_t *ret_count) MUST_CHECK;
/* Seats used just before this moment. ERR_NOT_FOUND: nothing is known of so long ago. */
enum err seats_used_before(struct db *db, int64_t at_ms, int64_t *ret) MUST_CHECK;
/* What the end of the table says is used now. ERR_NOT_FOUND: there is no row yet. */
enum err seats_used_now(struct db *db, int64_t *ret) MUST_CHECK;
/* Walks the rows: *ret_bad of them are missing, or not what was written. */
enum err seats_check(struct db *db, struct arena *arena, int64_t *ret_count,
		     int64_t *ret_bad) MUST_CHECK;
