#include "base/buf.h"
#include "base/log.h"
#include "store/db_postgres.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATEMENT_MAX_BYTES = 64 * 1024, STATEMENT_NAME_BYTES = 24 };

struct db_postgres_statement {
	struct db_postgres_statement *next;
	const char *sql; /* the literal; its address is the key */
	char *text;      /* its copy */
	char name[STATEMENT_NAME_BYTES];
	size_t count;
	enum param_type types[POSTGRES_MAX_PARAMS];
};

static struct db_postgres *of(struct db *db)
{
	return (struct db_postgres *)db;
}

static size_t bucket_of(const char *sql)
{
	return ((uintptr_t)sql * UINT64_C(0x9e3779b97f4a7c15)) >> 56;
}

/* A NULL fits whatever type the server was told. */
static bool fits(const struct db_postgres_statement *statement, const struct param *params,
		 size_t count)
{
	if (statement->count != count)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (params[i].type != statement->types[i] && params[i].type != PARAM_NULL)
			return false;
	}
	return true;
}

static Oid type_oid(enum param_type type)
{
	switch (type) {
	case PARAM_INT: return 20;
	case PARAM_TEXT: return 25;
	case PARAM_BLOB: return 17;
	case PARAM_NULL: return 0;
	}
	return 0;
}

static enum err prepare_on_server(struct db_postgres *db,
				  const struct db_postgres_statement *statement)
{
	struct buf text CLEANUP_BUF;
	buf_init(&text, STATEMENT_MAX_BYTES);
	enum err err = db_postgres_wire_rewrite(statement->text, &text);
	if (err != OK) {
		log_event(LOG_ERROR, "store.bad_statement", LOG_CSTR("sql", statement->text));
		return err == ERR_UNAVAILABLE ? err : ERR_INTERNAL;
	}
	Oid types[POSTGRES_MAX_PARAMS];
	for (size_t i = 0; i < statement->count; i++)
		types[i] = type_oid(statement->types[i]);
	PGresult *result =
		PQprepare(db->connection, statement->name, text.data, (int)statement->count, types);
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		return db_postgres_error(db, result);
	PQclear(result);
	return OK;
}

static void statement_free(struct db_postgres_statement *statement)
{
	free(statement->text);
	free(statement);
}

static enum err prepare(struct db_postgres *db, const char *sql, const struct param *params,
			size_t count, struct db_postgres_statement **ret)
{
	struct db_postgres_statement *statement = calloc(1, sizeof(*statement));
	if (statement == NULL)
		return ERR_UNAVAILABLE;
	statement->sql = sql;
	statement->count = count;
	for (size_t i = 0; i < count; i++)
		statement->types[i] = params[i].type;
	snprintf(statement->name, sizeof(statement->name), "s%lld",
		 (long long)db->statement_count++);
	statement->text = strdup(sql);
	enum err err = statement->text ? prepare_on_server(db, statement) : ERR_UNAVAILABLE;
	if (err != OK) {
		statement_free(statement);
		return err;
	}
	struct db_postgres_statement **bucket = &db->statements[bucket_of(sql)];
	statement->next = *bucket;
	*bucket = statement;
	*ret = statement;
	return OK;
}

static enum err find(struct db_postgres *db, const char *sql, const struct param *params,
		     size_t count, struct db_postgres_statement **ret)
{
	for (struct db_postgres_statement *s = db->statements[bucket_of(sql)]; s; s = s->next) {
		if (s->sql == sql && strcmp(s->text, sql) == 0 && fits(s, params, count)) {
			*ret = s;
			return OK;
		}
	}
	return prepare(db, sql, params, count, ret);
}

static bool has_known_types(const PGresult *result)
{
	for (int i = 0; i < PQnfields(result); i++) {
		if (!db_postgres_wire_knows(PQftype(result, i)))
			return false;
	}
	return true;
}

static enum err execute_prepared(struct db_postgres *db, const char *name,
				 const struct param *params, size_t count, PGresult **ret)
{
	const char *values[POSTGRES_MAX_PARAMS];
	int lengths[POSTGRES_MAX_PARAMS];
	int formats[POSTGRES_MAX_PARAMS];
	int64_t numbers[POSTGRES_MAX_PARAMS];
	for (size_t i = 0; i < count; i++) {
		numbers[i] = (int64_t)htobe64((uint64_t)params[i].number);
		formats[i] = 1;
		lengths[i] = params[i].type == PARAM_INT ? (int)sizeof(int64_t)
							 : (int)params[i].bytes.len;
		if (params[i].type == PARAM_NULL)
			values[i] = NULL;
		else if (params[i].type == PARAM_INT)
			values[i] = (const char *)&numbers[i];
		else
			values[i] = params[i].bytes.data ? params[i].bytes.data : "";
	}
	PGresult *result =
		PQexecPrepared(db->connection, name, (int)count, values, lengths, formats, 1);
	ExecStatusType status = PQresultStatus(result);
	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
		return db_postgres_error(db, result);
	if (!has_known_types(result)) {
		log_event(LOG_ERROR, "store.unknown_column_type", LOG_CSTR("statement", name));
		PQclear(result);
		return ERR_INTERNAL;
	}
	*ret = result;
	return OK;
}

static enum err attempt(struct db_postgres *db, const char *sql, const struct param *params,
			size_t count, PGresult **ret)
{
	struct db_postgres_statement *statement = NULL;
	TRY(find(db, sql, params, count, &statement));
	return execute_prepared(db, statement->name, params, count, ret);
}

/* Outside of a transaction a broken connection is opened once more; inside, db_postgres.c starts
 * the transaction again. */
static enum err execute(struct db_postgres *db, const char *sql, const struct param *params,
			size_t count, PGresult **ret)
{
	if (count > POSTGRES_MAX_PARAMS)
		return ERR_INTERNAL;
	enum err err = attempt(db, sql, params, count, ret);
	if (err == OK || db->is_in_transaction || !db_postgres_is_broken(db))
		return err;
	TRY(db_postgres_reconnect(db));
	return attempt(db, sql, params, count, ret);
}

enum err db_postgres_statement_select(struct rows *rows, const char *sql,
				      const struct param *params, size_t count)
{
	PGresult *result;
	TRY(execute(of(rows->db), sql, params, count, &result));
	rows->statement = result;
	rows->at = -1;
	return OK;
}

enum err db_postgres_statement_next(struct rows *rows, bool *ret_has_row)
{
	int64_t count = PQntuples(rows->statement);
	if (rows->at < count)
		rows->at++;
	*ret_has_row = rows->at < count;
	return OK;
}

struct param db_postgres_statement_column(struct rows *rows, int column)
{
	if (rows->at < 0 || rows->at >= PQntuples(rows->statement))
		return P_NULL;
	return db_postgres_wire_value(rows->statement, (int)rows->at, column);
}

void db_postgres_statement_end(struct rows *rows)
{
	PQclear(rows->statement);
}

enum err db_postgres_statement_run(struct db *db, const char *sql, const struct param *params,
				   size_t count, int64_t *ret_changes)
{
	PGresult *result = NULL;
	TRY(execute(of(db), sql, params, count, &result));
	*ret_changes = strtoll(PQcmdTuples(result), NULL, 10);
	PQclear(result);
	return OK;
}

void db_postgres_statement_release(struct db_postgres *db)
{
	for (size_t i = 0; i < POSTGRES_DB_BUCKETS; i++) {
		while (db->statements[i]) {
			struct db_postgres_statement *statement = db->statements[i];
			db->statements[i] = statement->next;
			statement_free(statement);
		}
	}
}
