/* Looking through all messages of a reader (core/search.c): first which there are, then slice by
 * slice what is needed to search in them, without a copy. Nothing here is authenticated: keys and
 * texts are by their ciphers, and what is found is read again by messages_get_head(). */
#pragma once

#include "store/messages.h"

enum { SCAN_BOXES = 3 };

struct messages_scan {
	struct id user_id;
	enum box boxes[SCAN_BOXES]; /* BOX_NONE: one less */
	struct id label_id;         /* empty: with any labels or none */
	struct id before;           /* below this id; empty: from the top */
	struct id from;             /* this id or above; empty: to the end */
};

/* The ids of at most `limit` of them, newest first; of every `stride`-th and of the last one the id
 * is given. */
enum err messages_scan_marks(struct db *db, struct arena *arena, const struct messages_scan *scan,
			     int64_t limit, int64_t stride, struct id **ret, size_t *ret_count,
			     int64_t *ret_total) MUST_CHECK;

/* Views live until the next row. */
struct scan_row {
	bool is_unread;
	int64_t expires_ms;       /* of the reader's key; 0: never */
	struct str folded;        /* ciphertext; data is NULL where there is none */
	struct delivery delivery; /* id, user, ended, sealed and wrapped alone */
};
/* Calls fn for each of them, in any order, until it says other than OK: which is returned. */
typedef enum err messages_scan_fn(void *argument, const struct scan_row *row);
enum err messages_scan(struct db *db, const struct messages_scan *scan, messages_scan_fn *fn,
		       void *argument) MUST_CHECK;
