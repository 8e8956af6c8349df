#include "store/db_postgres.h"

#include "base/log.h"
#include "store/migrate.h"

#include <stdlib.h>
#include <string.h>

static struct db_postgres *of(struct db *db)
{
	return (struct db_postgres *)db;
}

bool db_postgres_is_broken(const struct db_postgres *db)
{
	return db->connection == NULL || PQstatus(db->connection) != CONNECTION_OK || db->is_stale;
}

static enum err meaning(const char *state)
{
	static const struct {
		const char *prefix;
		enum err err;
	} table[] = {
		{"23505", ERR_CONFLICT},
		{"23503", ERR_CONFLICT}, /* unique, foreign key */
		{"40001", ERR_BUSY},
		{"40P01", ERR_BUSY}, /* serialisation, deadlock */
		{"55P03", ERR_BUSY},
		{"22021", ERR_INVALID}, /* lock, bad text */
		{"XX001", ERR_CORRUPT},
		{"XX002", ERR_CORRUPT}, /* data, index */
		{"53", ERR_UNAVAILABLE},
		{"57", ERR_UNAVAILABLE}, /* resources, operator */
		{"08P01", ERR_INTERNAL}, /* our mistake: wrong number of parameters */
		{"08", ERR_UNAVAILABLE},
		{"58", ERR_UNAVAILABLE}, /* connection, system */
		{"25006", ERR_UNAVAILABLE},
		{"28", ERR_UNAVAILABLE}, /* read-only node, login */
		{"54", ERR_TOO_LARGE},
		{"3D000", ERR_UNAVAILABLE}, /* limits, no such database */
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strncmp(state, table[i].prefix, strlen(table[i].prefix)) == 0)
			return table[i].err;
	}
	return ERR_INTERNAL;
}

enum err db_postgres_error(struct db_postgres *db, PGresult *result)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	/* Without its detail, which quotes values. */
	const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	enum err err = state ? meaning(state) : ERR_UNAVAILABLE;
	if (state && (strcmp(state, "40001") == 0 || strcmp(state, "40P01") == 0))
		db->must_retry = true;
	else if (state && (strcmp(state, "0A000") == 0 || strcmp(state, "26000") == 0))
		db->is_stale = true;
	if (err != ERR_CONFLICT && err != ERR_BUSY)
		log_event(err == ERR_CORRUPT ? LOG_ALARM : LOG_ERROR, "store.failed",
			  LOG_CSTR("error", err_name(err)),
			  LOG_CSTR("code", state ? state : "none"),
			  LOG_CSTR("text", text ? text : "connection lost"));
	PQclear(result);
	return err;
}

enum err db_postgres_execute(struct db *db, const char *sql)
{
	PGresult *result = PQexec(of(db)->connection, sql);
	ExecStatusType status = PQresultStatus(result);
	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
		return db_postgres_error(of(db), result);
	PQclear(result);
	return OK;
}

static void ignore_notice(void *argument, const PGresult *result)
{
	(void)argument, (void)result;
}

/* What the URL says comes after our defaults, so it wins. Over a network the server must prove who
 * it is unless the URL says otherwise (libpq alone would go on in the clear); a socket needs none.
 */
static PGconn *connect_to(const char *url)
{
	static const char *const names[] = {
		"application_name", "sslmode",         "connect_timeout",
		"tcp_user_timeout", "keepalives_idle", "target_session_attrs",
		"dbname",           "client_encoding", NULL};
	const char *const values[] = {"postern",    "verify-full", "5",    "20000", "30",
				      "read-write", url,           "UTF8", NULL};
	return PQconnectdbParams(names, values, 1);
}

enum err db_postgres_reconnect(struct db_postgres *db)
{
	const struct db_postgres_store *store = (const struct db_postgres_store *)db->db.store;
	PQfinish(db->connection);
	db_postgres_statement_release(db);
	db->is_stale = false;
	db->connection = connect_to(store->url);
	if (PQstatus(db->connection) != CONNECTION_OK) {
		log_event(LOG_ERROR, "store.cannot_connect",
			  LOG_CSTR("text", PQerrorMessage(db->connection)));
		return ERR_UNAVAILABLE;
	}
	PQsetNoticeReceiver(db->connection, ignore_notice, NULL);
	return db_postgres_execute(
		&db->db, store->is_unsafe
				 ? "SET synchronous_commit = off"
				 : "SET synchronous_commit = on; SET statement_timeout = '30s';"
				   "SET idle_in_transaction_session_timeout = '60s'");
}

static void disconnect(struct db *db)
{
	PQfinish(of(db)->connection);
	db_postgres_statement_release(of(db));
	free(db);
}

static enum err connect_store(struct store *store, struct db **ret)
{
	struct db_postgres *db = calloc(1, sizeof(*db));
	if (db == NULL)
		return ERR_UNAVAILABLE;
	db->db = (struct db){.engine = &db_postgres_engine, .store = store};
	enum err err = db_postgres_reconnect(db);
	if (err != OK) {
		disconnect(&db->db);
		return err;
	}
	*ret = &db->db;
	return OK;
}

static bool is_reusable(struct db *db)
{
	return !db_postgres_is_broken(of(db)) &&
	       PQtransactionStatus(of(db)->connection) == PQTRANS_IDLE;
}

static void close_store(struct store *base)
{
	struct db_postgres_store *store = (struct db_postgres_store *)base;
	db_pool_release(&store->store.pool);
	explicit_bzero(store->url, strlen(store->url));
	free(store->url);
	free(store);
}

/* libpq's own complaint quotes the URL, password and all: so only that it is wrong. */
static enum err check_url(const char *url)
{
	char *complaint = NULL;
	PQconninfoOption *options = PQconninfoParse(url, &complaint);
	PQfreemem(complaint);
	if (options == NULL)
		return ERR_INVALID;
	PQconninfoFree(options);
	return OK;
}

static enum err migrate_store(struct store *store, const struct store_options *options)
{
	struct db *db;
	TRY(db_pool_take(store, &store->pool, &db));
	enum err err = migrate_apply(db, options->migrations, options->migration_count);
	db_pool_give(db);
	return err;
}

static enum err open_store(const struct store_options *options, struct store **ret)
{
	struct db_postgres_store *store = calloc(1, sizeof(*store));
	if (store == NULL)
		return ERR_UNAVAILABLE;
	store->store.engine = &db_postgres_engine;
	store->is_unsafe = options->is_unsafe;
	store->url = strndup(options->url.data, options->url.len);
	if (store->url == NULL) {
		free(store);
		return ERR_UNAVAILABLE;
	}
	db_pool_init(&store->store.pool, options->max_connections);
	enum err err = check_url(store->url);
	if (err == OK)
		err = migrate_store(&store->store, options);
	if (err != OK) {
		close_store(&store->store);
		return err;
	}
	*ret = &store->store;
	return OK;
}

static enum err forget(struct store *store)
{
	(void)store;
	return OK;
}

static enum err lock_schema(struct db *db)
{
	return db_postgres_execute(db,
				   "SET statement_timeout = 0; SELECT pg_advisory_lock(7237, 1)");
}

static void unlock_schema(struct db *db)
{
	if (db_postgres_execute(
		    db, "SELECT pg_advisory_unlock(7237, 1); SET statement_timeout = '30s'") != OK)
		of(db)->is_stale = true;
}

static void end_all(struct db *db)
{
	(void)db; /* results are memory, not part of the connection */
}

/* It may wait for a slow disk between two statements. */
static enum err begin_dump(struct db *db)
{
	TRY(db_postgres_execute(db, "SET statement_timeout = 0; "
				    "SET idle_in_transaction_session_timeout = 0; "
				    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
	/* A new connection would show another moment. */
	of(db)->is_in_transaction = true;
	return OK;
}

const struct engine db_postgres_engine = {
	.blob_word = "BYTEA",
	.strict_word = "",
	.small_word = "",
	.integer_word = "BIGINT",
	.tables_sql = "SELECT c.relname::text FROM pg_class c WHERE c.relkind = 'r' AND "
		      "c.relnamespace = current_schema()::regnamespace AND c.relname <> "
		      "'schema_migration' ORDER BY c.oid",
	.columns_sql =
		"SELECT a.attname::text, COALESCE(array_position(i.indkey::int2[], a.attnum) - "
		"array_lower(i.indkey::int2[], 1) + 1, 0)::bigint FROM pg_class c "
		"JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_index i ON i.indrelid = "
		"c.oid AND i.indisprimary WHERE c.relname = ?1 AND c.relkind = 'r' AND "
		"c.relnamespace = current_schema()::regnamespace AND a.attnum > 0 AND NOT "
		"a.attisdropped ORDER BY a.attnum",
	.size_sql = "SELECT pg_database_size(current_database())",
	.open = open_store,
	.close = close_store,
	.transact = db_postgres_transaction_run,
	.forget = forget,
	.connect = connect_store,
	.disconnect = disconnect,
	.is_reusable = is_reusable,
	.begin = db_postgres_transaction_begin,
	.commit = db_postgres_transaction_commit,
	.rollback = db_postgres_transaction_rollback,
	.execute = db_postgres_execute,
	.lock_schema = lock_schema,
	.unlock_schema = unlock_schema,
	.select = db_postgres_statement_select,
	.next = db_postgres_statement_next,
	.column = db_postgres_statement_column,
	.end = db_postgres_statement_end,
	.begin_dump = begin_dump,
	.end_all = end_all,
	.run = db_postgres_statement_run,
};
