/* All rows of all tables as they stood at one moment, while others go on writing; and the way back,
 * into an empty database of either engine. What is dumped on one can be loaded on the other.
 *
 *   segment   records; each segment begins with the table that its first rows belong to
 *   list      'L' count, names           the tables in the order in which they come; once, first
 *   table     'T' name, count, names     of its columns, in the order in which values come
 *   row       'R' values: 'n' | 'i' 8 bytes | 't' text | 'b' bytes
 *
 * Counts and lengths are 4 bytes, all numbers big-endian. */
#pragma once

#include "base/buf.h"
#include "store/db.h"

enum {
	DUMP_SEGMENT_BYTES = 1 << 20, /* a segment ends when it has so much ... */
	DUMP_SEGMENT_MAX = 192 << 20, /* ... and never has more than this */
};

struct dump;
/* From now on others write without being seen. On SQLite store_forget() waits until dump_end(). */
enum err dump_begin(struct store *store, struct dump **ret) MUST_CHECK;
/* The next segment, in place of what `out` has; empty: that was all. */
enum err dump_next(struct dump *dump, struct buf *out) MUST_CHECK;
/* For reading more of the same moment. */
struct db *dump_db(struct dump *dump);
/* NULL is fine. */
void dump_end(struct dump *dump);

struct load;
/* Opens the store with the tables of that time: options->migration_count says which.
 * ERR_CONFLICT: a portal lies there. Otherwise errors are store_open()'s. */
enum err load_begin(const struct store_options *options, struct load **ret) MUST_CHECK;
/* The next segment, in one transaction. ERR_CORRUPT: it does not fit the tables. */
enum err load_segment(struct load *load, struct str segment) MUST_CHECK;
/* Closes the store. NULL is fine. */
void load_end(struct load *load);
