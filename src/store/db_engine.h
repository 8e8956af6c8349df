/* What SQLite and PostgreSQL each provide to db.c; nobody else includes this. */
#pragma once

#include "store/db.h"
#include "store/db_pool.h"

#include <stdatomic.h>

struct engine {
	/* Words that differ in CREATE TABLE (migrate.c). */
	const char *blob_word;
	const char *strict_word;
	const char *small_word; /* a table of small rows */
	const char *integer_word;
	/* The tables, in the order in which they were made; the columns of ?1, each with its place
	   in the primary key (from 1; 0: none). */
	const char *tables_sql;
	const char *columns_sql;
	const char *size_sql; /* selects how many bytes the database takes */

	/* The whole store. `open` allocates, migrates and leaves the pool ready. */
	enum err (*open)(const struct store_options *options, struct store **ret);
	void (*close)(struct store *store); /* frees; NULL is not allowed */
	enum err (*transact)(struct store *store, store_fn *fn, void *argument,
			     struct arena *arena);
	enum err (*forget)(struct store *store);

	/* Connections of the pool. */
	enum err (*connect)(struct store *store, struct db **ret);
	void (*disconnect)(struct db *db);
	/* False when a connection that comes back must be closed instead of kept. */
	bool (*is_reusable)(struct db *db);

	/* One connection: transactions, text without parameters, the lock around migrations. */
	enum err (*begin)(struct db *db);
	enum err (*commit)(struct db *db);
	void (*rollback)(struct db *db);
	enum err (*execute)(struct db *db, const char *sql);
	enum err (*lock_schema)(struct db *db);
	void (*unlock_schema)(struct db *db);

	/* Statements. `select` has run the statement when it returns. Bytes of a value live until
	 * the next row. */
	enum err (*select)(struct rows *rows, const char *sql, const struct param *params,
			   size_t count);
	enum err (*next)(struct rows *rows, bool *ret_has_row);
	struct param (*column)(struct rows *rows, int column);
	void (*end)(struct rows *rows);
	/* One transaction around the statements of a reader; NULL: each has its own. */
	enum err (*begin_snapshot)(struct db *db);
	void (*end_snapshot)(struct db *db);
	/* A read-only transaction of this moment, however long it takes; ended by rollback. */
	enum err (*begin_dump)(struct db *db);
	/* For scans; NULL: this engine has no such thing. */
	enum err (*map)(struct db *db);
	/* Ends rows that were forgotten. */
	void (*end_all)(struct db *db);
	enum err (*run)(struct db *db, const char *sql, const struct param *params, size_t count,
			int64_t *ret_changes);
};

extern const struct engine db_sqlite_engine;
extern const struct engine db_postgres_engine;

/* First member of each engine's own struct. */
struct store {
	const struct engine *engine;
	const struct secret *row_key;
	struct db_pool pool;
	struct db_pool scans; /* of engines that map */
	/* store_forget(): the number of the last call, and of the last one that went well. */
	_Atomic int64_t forgets_wanted, forgets_done;
};

struct db {
	const struct engine *engine;
	struct store *store;
	struct db *next_idle;
	struct db_pool *pool; /* it was taken from */
	bool is_reading;      /* handed out by store_read_begin */
	bool is_snapshot;     /* end_snapshot() is due */
	bool is_mapped;       /* of the pool for scans; it stays so */
	enum err failure;     /* of a statement in this transaction; OK while all went well */
	int running_count;    /* rows not yet ended */
};

/* Runs fn on db, inside a transaction that the engine has begun, and says whether it may be
 * committed. */
enum err db_run_fn(struct db *db, store_fn *fn, void *argument, struct arena *arena) MUST_CHECK;
