/* Lists: the rows of a SELECT, each read into an item of an array in the arena. */
#pragma once

#include "store/db.h"

/* Where a walk through a table in the order of its ids stands. Begin with {0}; `last` is empty
 * again when there is nothing more. */
struct page {
	size_t count;   /* items that the last step gave */
	int64_t bad;    /* rows that it left out, as they failed their check */
	struct id last; /* of its last row that has one, left out or not */
};

/* Fill in the first four and leave the others zero. */
struct list {
	struct arena *arena;
	/* Reads the row at hand into `item`, which is zeroed. Those read before it stand in items.
	 * A row for which it fails is left out and counted. */
	enum err (*read)(struct list *list, struct rows *rows, void *item);
	size_t item_bytes;
	size_t room; /* for how many items at first; 0: a few. It grows as they come. */

	void *items; /* NULL when there is none */
	struct page page;
};

/* Runs the statement and reads all that it gives. page.last is its column 0, so far as that is an
 * id. ERR_UNAVAILABLE when the arena has failed. */
enum err db_list(struct db *db, struct list *list, const char *sql, const struct param *params,
		 size_t count) MUST_CHECK;
/* One step of a walk: `sql` gives the rows after the id ?1 in the order of their ids, at most ?2 of
 * them. A row whose id is none ends no walk; at the end of a step it is read in the next one again.
 */
enum err db_list_step(struct db *db, struct list *list, const char *sql, int64_t limit,
		      struct page *page) MUST_CHECK;
