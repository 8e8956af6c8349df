/* The database, whichever engine: SQLite in the data folder or PostgreSQL. The same SQL text runs
 * on both; parameters are ?1 ?2 ..., each number may be used more than once. Only store/ includes
 * this for SQL; others pass the handles. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/id.h"
#include "crypto/secret.h"

struct migration;
struct store; /* an open database: engine, connections, writer */
struct db;    /* one connection in use, for reading or inside a transaction */

struct store_options {
	struct str url;      /* "sqlite:PATH" or "postgres://..." */
	int max_connections; /* readers (SQLite) or pooled connections (PostgreSQL) */
	bool is_unsafe; /* test only: synchronous=OFF, so that the power-cut harness proves it can
			   see a loss */
	const struct migration *migrations; /* store/migrate.h; borrowed while store_open() runs */
	size_t migration_count;
};

/* Opens and migrates. ERR_UNAVAILABLE when it can't be reached or written, ERR_INVALID for a bad
 * url, ERR_CORRUPT for a schema newer than this program. row_key authenticates rows (ARCHITECTURE,
 * Keys); borrowed until store_close(). */
enum err store_open(const struct store_options *options, const struct secret *row_key,
		    struct store **ret) MUST_CHECK;
/* Waits for running transactions. NULL is fine. */
void store_close(struct store *store);

/* A connection for reading; give it back with store_read_end. ERR_UNAVAILABLE when there is none in
 * time. Every statement sees what was committed before it. On PostgreSQL two statements may see
 * different states; on SQLite all see what was there at the first of them: give it back before
 * writing and before waiting. Not inside a store_fn. */
enum err store_read_begin(struct store *store, struct db **ret) MUST_CHECK;
/* The same for what takes long: each statement sees the state of its time. A snapshot would keep
 * store_forget() waiting all the while. */
enum err store_read_begin_long(struct store *store, struct db **ret) MUST_CHECK;
/* The same for going through much of the database, on connections of their own, where SQLite maps
 * it into memory: it costs half as much. The price: where the disk cannot be read, the process ends
 * by a signal. */
enum err store_read_begin_scan(struct store *store, struct db **ret) MUST_CHECK;
void store_read_end(struct db *db);
static inline void store_read_cleanup(struct db **db)
{
	if (*db)
		store_read_end(*db);
}
#define CLEANUP_READ __attribute__((cleanup(store_read_cleanup)))

/* Runs fn in one transaction and returns only after the commit is on disk, or nothing of it
 * happened. Serialisable. On SQLite one writer thread runs what is waiting, each in a savepoint,
 * and commits the batch with one fsync; on PostgreSQL it runs on the caller's thread and again
 * after a serialisation failure: so fn must be repeatable, must not block, and must compute seals
 * and hashes before. Whatever fn returns but OK rolls its part back and is returned. An arena given
 * in `arena` that has failed counts as ERR_UNAVAILABLE (NULL if fn uses none). After a statement
 * failed, all later ones of the same fn fail with the same error, and so does the transaction even
 * if fn says OK (PostgreSQL can not go on, so SQLite does not either): where a conflict is
 * expected, write ON CONFLICT. ERR_BUSY: too many others wrote the same rows at once.
 * ERR_UNAVAILABLE when the connection breaks during COMMIT: it may or may not have happened. */
typedef enum err store_fn(struct db *db, void *argument);
enum err store_transact(struct store *store, store_fn *fn, void *argument,
			struct arena *arena) MUST_CHECK;

/* Makes SQLite forget deleted bytes in its WAL (truncating checkpoint); nothing on PostgreSQL.
 * ERR_BUSY: readers are in the way. */
enum err store_forget(struct store *store) MUST_CHECK;
/* Whether the last store_forget() failed, and none has gone well since. */
bool store_has_to_forget(struct store *store);

/* The key that authenticates rows. */
const struct secret *db_row_key(const struct db *db);

/* ---- statements, for store/ only ---- */

enum param_type { PARAM_NULL, PARAM_INT, PARAM_TEXT, PARAM_BLOB };
struct param {
	enum param_type type;
	int64_t number;
	struct str bytes;
};
#define P_NULL ((struct param){.type = PARAM_NULL})
#define P_INT(i) ((struct param){.type = PARAM_INT, .number = (i)})
#define P_TEXT(s) ((struct param){.type = PARAM_TEXT, .bytes = (s)})
#define P_ID(id) P_TEXT(id_str(id))
#define P_BLOB(s) ((struct param){.type = PARAM_BLOB, .bytes = (s)})
#define PARAMS(...)                                                                                \
	(const struct param[]){__VA_ARGS__},                                                       \
		sizeof((const struct param[]){__VA_ARGS__}) / sizeof(struct param)
#define NO_PARAMS NULL, 0

/* A running SELECT (or INSERT/UPDATE/DELETE ... RETURNING). `sql` must be a string literal:
 * prepared statements are kept per connection by its address. Text parameters must be UTF-8 without
 * NUL (ERR_INVALID); the empty view is empty text, never NULL. On a connection for reading only
 * SELECT and WITH are let through. */
struct rows {
	struct db *db;
	void *statement; /* engine's own; NULL when there is nothing to end */
	int64_t at;
};
/* The statement runs at once, so it is here that a conflict is reported. *ret is emptied first:
 * rows_end is always fine. */
enum err db_select(struct db *db, struct rows *ret, const char *sql, const struct param *params,
		   size_t count) MUST_CHECK;
/* A row failed its check: the alarm, and ERR_CORRUPT. row: its id. */
enum err db_not_authentic(const char *table, struct str row) MUST_CHECK;
/* Moves to the next row; *ret_has_row tells whether there is one. */
enum err rows_next(struct rows *rows, bool *ret_has_row) MUST_CHECK;
/* Columns from 0. Bytes are copied to the arena; SQL NULL is 0 or the empty view (data NULL). */
int64_t rows_int(struct rows *rows, int column);
/* A number for an enum or some bits, as wide as those are. Any other becomes UINT_MAX, which no MAC
 * fits: cut short it would look like what was written, but not to SQL. */
unsigned rows_code(struct rows *rows, int column);
struct str rows_bytes(struct rows *rows, int column, struct arena *arena);
/* The same without a copy: until the next row. */
struct str rows_view(struct rows *rows, int column);
/* An id column; empty id for NULL or anything that is none. */
struct id rows_id(struct rows *rows, int column);
bool rows_is_null(struct rows *rows, int column);
void rows_end(struct rows *rows);
#define CLEANUP_ROWS __attribute__((cleanup(rows_end)))

/* A statement without rows. ret_changes (may be NULL): rows touched. ERR_CONFLICT: a unique or
 * foreign key says no. */
enum err db_run(struct db *db, const char *sql, const struct param *params, size_t count,
		int64_t *ret_changes) MUST_CHECK;

/* db_select.c */
/* db_select(), and moves to the first row, most often the only one. ERR_NOT_FOUND: there is none.
 */
enum err db_select_row(struct db *db, struct rows *ret, const char *sql, const struct param *params,
		       size_t count) MUST_CHECK;
/* How many bytes the database takes. */
enum err db_bytes(struct db *db, int64_t *ret) MUST_CHECK;
/* The number in the first column of the first row; 0: there is none. */
enum err db_select_number(struct db *db, const char *sql, const struct param *params, size_t count,
			  int64_t *ret) MUST_CHECK;
