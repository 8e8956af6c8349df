/* The parts of the PostgreSQL engine: connections (db_postgres.c), transactions, statements, the
 * wire's values. */
#pragma once

#include "base/buf.h"
#include "store/db_engine.h"

#include <libpq-fe.h>

enum { POSTGRES_DB_BUCKETS = 256, POSTGRES_MAX_PARAMS = 64 };

struct db_postgres_statement;

struct db_postgres {
	struct db db;
	PGconn *connection;
	bool is_in_transaction;
	bool must_retry; /* this transaction lost against another one */
	bool is_stale;   /* what the server has prepared for us no longer holds */
	int64_t statement_count;
	struct db_postgres_statement *statements[POSTGRES_DB_BUCKETS];
};

struct db_postgres_store {
	struct store store;
	char *url; /* may hold a password: never logged */
	bool is_unsafe;
};

/* Connects again and forgets prepared statements. */
enum err db_postgres_reconnect(struct db_postgres *db) MUST_CHECK;
/* True when the connection is gone or has to be. */
bool db_postgres_is_broken(const struct db_postgres *db);
/* What a failed result means; logs the cause unless it is an expected one, clears the result. */
enum err db_postgres_error(struct db_postgres *db, PGresult *result) MUST_CHECK;

/* Text without parameters. */
enum err db_postgres_execute(struct db *db, const char *sql) MUST_CHECK;

/* db_postgres_transaction.c */
enum err db_postgres_transaction_begin(struct db *db) MUST_CHECK;
enum err db_postgres_transaction_commit(struct db *db) MUST_CHECK;
void db_postgres_transaction_rollback(struct db *db);
enum err db_postgres_transaction_run(struct store *store, store_fn *fn, void *argument,
				     struct arena *arena) MUST_CHECK;

/* db_postgres_statement.c: the statement half of the vtable. */
enum err db_postgres_statement_select(struct rows *rows, const char *sql,
				      const struct param *params, size_t count) MUST_CHECK;
enum err db_postgres_statement_next(struct rows *rows, bool *ret_has_row) MUST_CHECK;
struct param db_postgres_statement_column(struct rows *rows, int column);
void db_postgres_statement_end(struct rows *rows);
enum err db_postgres_statement_run(struct db *db, const char *sql, const struct param *params,
				   size_t count, int64_t *ret_changes) MUST_CHECK;
void db_postgres_statement_release(struct db_postgres *db);

/* db_postgres_wire.c. ?1 to $1, outside of quotes and comments. ERR_INVALID for a `?` without a
 * number. */
enum err db_postgres_wire_rewrite(const char *sql, struct buf *out) MUST_CHECK;
/* Types whose binary form is understood. */
bool db_postgres_wire_knows(Oid type);
struct param db_postgres_wire_value(const PGresult *result, int row, int column);
