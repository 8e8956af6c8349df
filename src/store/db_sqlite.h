/* The parts of the SQLite engine: connections (db_sqlite.c), statements, the one writer thread, and
 * its write-ahead log. */
#pragma once

#include "store/db_engine.h"

#include <sqlite3.h>

enum {
	SQLITE_DB_BUCKETS = 256,
	/* Another process (the command line) may be writing; it holds the lock for milliseconds. */
	DB_SQLITE_BUSY_WAIT_MS = 10000,
};

struct db_sqlite_statement {
	struct db_sqlite_statement *next;
	const char *sql; /* the literal; its address is the key */
	sqlite3_stmt *stmt;
	bool is_used; /* its rows are being read: a nested use gets another one */
};

struct db_sqlite {
	struct db db;
	sqlite3 *handle;
	struct db_sqlite_statement *statements[SQLITE_DB_BUCKETS];
};

struct db_sqlite_writer;

struct db_sqlite_store {
	struct store store;
	char *path;
	bool is_unsafe;
	struct db_sqlite_writer *writer;
};

/* A connection with all settings made. */
enum err db_sqlite_connect(struct db_sqlite_store *store, bool is_writer,
			   struct db_sqlite **ret) MUST_CHECK;
void db_sqlite_disconnect(struct db_sqlite *db);

/* What a result code means; logs the cause unless it is an expected one. */
enum err db_sqlite_error(struct db_sqlite *db, int code) MUST_CHECK;

/* db_sqlite_statement.c: the statement half of the vtable. */
enum err db_sqlite_statement_select(struct rows *rows, const char *sql, const struct param *params,
				    size_t count) MUST_CHECK;
enum err db_sqlite_statement_next(struct rows *rows, bool *ret_has_row) MUST_CHECK;
struct param db_sqlite_statement_column(struct rows *rows, int column);
void db_sqlite_statement_end(struct rows *rows);
void db_sqlite_statement_end_all(struct db *db);
enum err db_sqlite_statement_run(struct db *db, const char *sql, const struct param *params,
				 size_t count, int64_t *ret_changes) MUST_CHECK;
void db_sqlite_statement_release(struct db_sqlite *db);

/* db_sqlite_wal.c: when the write-ahead log (WAL) is copied into the database. */
struct db_sqlite_wal {
	struct db_sqlite *db;
	int pages;         /* after the last commit; 0: nothing to copy */
	int checkpoint_at; /* pages */
};
void db_sqlite_wal_init(struct db_sqlite_wal *wal, struct db_sqlite *db);
/* It has grown so much that it must be copied now, under load too. */
bool db_sqlite_wal_is_due(const struct db_sqlite_wal *wal);
/* Copies what no reader still needs. */
void db_sqlite_wal_checkpoint(struct db_sqlite_wal *wal);
/* Copies all and leaves nothing of it in the file. ERR_BUSY: somebody reads. */
enum err db_sqlite_wal_truncate(struct db_sqlite_wal *wal) MUST_CHECK;

/* db_sqlite_writer.c. The writer takes over the connection. */
enum err db_sqlite_writer_start(struct db_sqlite *db, struct db_sqlite_writer **ret) MUST_CHECK;
/* Finishes what is waiting, then ends the thread and closes the connection. */
void db_sqlite_writer_stop(struct db_sqlite_writer *writer);
/* fn NULL: a truncating checkpoint. */
enum err db_sqlite_writer_do(struct db_sqlite_writer *writer, store_fn *fn, void *argument,
			     struct arena *arena) MUST_CHECK;
