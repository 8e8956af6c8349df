#include "base/log.h"
#include "store/db_sqlite.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* rows->at: the first row is fetched by select, before anybody asked for it. */
enum { ROW_WAITING = 0, ROW_GIVEN = 1, ROWS_DONE = 2 };

static struct db_sqlite *of(struct db *db)
{
	return (struct db_sqlite *)db;
}

static size_t bucket_of(const char *sql)
{
	return ((uintptr_t)sql * UINT64_C(0x9e3779b97f4a7c15)) >> 56;
}

static enum err prepare(struct db_sqlite *db, const char *sql, struct db_sqlite_statement **ret)
{
	sqlite3_stmt *stmt = NULL;
	int code = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL);
	if (code != SQLITE_OK)
		return db_sqlite_error(db, code);
	struct db_sqlite_statement *statement = stmt ? calloc(1, sizeof(*statement)) : NULL;
	if (statement == NULL) {
		sqlite3_finalize(stmt);
		return stmt ? ERR_UNAVAILABLE : ERR_INTERNAL;
	}
	struct db_sqlite_statement **bucket = &db->statements[bucket_of(sql)];
	*statement = (struct db_sqlite_statement){.next = *bucket, .sql = sql, .stmt = stmt};
	*bucket = statement;
	*ret = statement;
	return OK;
}

/* The address finds a statement, its text proves it: memory that is no literal could be used again.
 */
static enum err find(struct db_sqlite *db, const char *sql, struct db_sqlite_statement **ret)
{
	for (struct db_sqlite_statement *s = db->statements[bucket_of(sql)]; s; s = s->next) {
		if (s->sql == sql && !s->is_used && strcmp(sqlite3_sql(s->stmt), sql) == 0) {
			*ret = s;
			return OK;
		}
	}
	return prepare(db, sql, ret);
}

static int bind_one(sqlite3_stmt *stmt, int at, const struct param *param,
		    sqlite3_destructor_type lifetime)
{
	const char *data = param->bytes.data ? param->bytes.data : "";
	switch (param->type) {
	case PARAM_NULL: return sqlite3_bind_null(stmt, at);
	case PARAM_INT: return sqlite3_bind_int64(stmt, at, param->number);
	case PARAM_TEXT:
		return sqlite3_bind_text64(stmt, at, data, param->bytes.len, lifetime, SQLITE_UTF8);
	case PARAM_BLOB: return sqlite3_bind_blob64(stmt, at, data, param->bytes.len, lifetime);
	}
	return SQLITE_MISUSE;
}

static enum err start(struct db_sqlite *db, const char *sql, const struct param *params,
		      size_t count, sqlite3_destructor_type lifetime,
		      struct db_sqlite_statement **ret)
{
	struct db_sqlite_statement *statement = NULL;
	TRY(find(db, sql, &statement));
	if (sqlite3_bind_parameter_count(statement->stmt) != (int)count) {
		log_event(LOG_ERROR, "store.wrong_parameter_count", LOG_CSTR("sql", sql));
		return ERR_INTERNAL;
	}
	for (size_t i = 0; i < count; i++) {
		int code = bind_one(statement->stmt, (int)i + 1, &params[i], lifetime);
		if (code != SQLITE_OK)
			return db_sqlite_error(db, code);
	}
	statement->is_used = true;
	*ret = statement;
	return OK;
}

static void finish(struct db_sqlite_statement *statement)
{
	sqlite3_reset(statement->stmt);
	sqlite3_clear_bindings(statement->stmt);
	statement->is_used = false;
}

enum err db_sqlite_statement_select(struct rows *rows, const char *sql, const struct param *params,
				    size_t count)
{
	struct db_sqlite *db = of(rows->db);
	struct db_sqlite_statement *statement;
	TRY(start(db, sql, params, count, SQLITE_TRANSIENT, &statement));
	int code = sqlite3_step(statement->stmt);
	if (code != SQLITE_ROW && code != SQLITE_DONE) {
		enum err err = db_sqlite_error(db, code);
		finish(statement);
		return err;
	}
	rows->statement = statement;
	rows->at = code == SQLITE_ROW ? ROW_WAITING : ROWS_DONE;
	return OK;
}

enum err db_sqlite_statement_next(struct rows *rows, bool *ret_has_row)
{
	struct db_sqlite_statement *statement = rows->statement;
	if (rows->at == ROW_GIVEN) {
		int code = sqlite3_step(statement->stmt);
		if (code != SQLITE_ROW)
			rows->at = ROWS_DONE;
		if (code != SQLITE_ROW && code != SQLITE_DONE)
			return db_sqlite_error(of(rows->db), code);
	}
	*ret_has_row = rows->at != ROWS_DONE;
	if (rows->at == ROW_WAITING)
		rows->at = ROW_GIVEN;
	return OK;
}

/* The value is fetched once. No mutex protects it, and none has to: connections are opened with
 * SQLITE_OPEN_NOMUTEX. */
struct param db_sqlite_statement_column(struct rows *rows, int column)
{
	struct db_sqlite_statement *statement = rows->statement;
	if (rows->at != ROW_GIVEN)
		return P_NULL;
	sqlite3_value *value = sqlite3_column_value(statement->stmt, column);
	switch (sqlite3_value_type(value)) {
	case SQLITE_INTEGER:
	case SQLITE_FLOAT: return P_INT(sqlite3_value_int64(value));
	case SQLITE_TEXT: {
		const void *data = sqlite3_value_text(value);
		return P_TEXT(str_bytes(data, (size_t)sqlite3_value_bytes(value)));
	}
	case SQLITE_BLOB: {
		const void *data = sqlite3_value_blob(value);
		return P_BLOB(str_bytes(data, (size_t)sqlite3_value_bytes(value)));
	}
	default: return P_NULL;
	}
}

void db_sqlite_statement_end(struct rows *rows)
{
	finish(rows->statement);
}

void db_sqlite_statement_end_all(struct db *db)
{
	for (size_t i = 0; i < SQLITE_DB_BUCKETS; i++) {
		for (struct db_sqlite_statement *s = of(db)->statements[i]; s; s = s->next) {
			if (s->is_used)
				finish(s);
		}
	}
}

enum err db_sqlite_statement_run(struct db *db, const char *sql, const struct param *params,
				 size_t count, int64_t *ret_changes)
{
	struct db_sqlite_statement *statement;
	TRY(start(of(db), sql, params, count, SQLITE_STATIC, &statement));
	int code = sqlite3_step(statement->stmt);
	enum err err = OK;
	if (code != SQLITE_DONE && code != SQLITE_ROW)
		err = db_sqlite_error(of(db), code);
	else
		*ret_changes = sqlite3_changes64(of(db)->handle);
	finish(statement);
	return err;
}

void db_sqlite_statement_release(struct db_sqlite *db)
{
	for (size_t i = 0; i < SQLITE_DB_BUCKETS; i++) {
		while (db->statements[i]) {
			struct db_sqlite_statement *statement = db->statements[i];
			db->statements[i] = statement->next;
			sqlite3_finalize(statement->stmt);
			free(statement);
		}
	}
}
