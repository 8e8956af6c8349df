#include "store/db.h"

#include "base/log.h"
#include "base/utf8.h"
#include "store/db_engine.h"

#include <limits.h>
#include <string.h>

enum err store_open(const struct store_options *options, const struct secret *row_key,
		    struct store **ret)
{
	const struct engine *engine;
	if (str_starts_with(options->url, STR("sqlite:")))
		engine = &db_sqlite_engine;
	else if (str_starts_with(options->url, STR("postgres://")) ||
		 str_starts_with(options->url, STR("postgresql://")))
		engine = &db_postgres_engine;
	else
		return ERR_INVALID;
	struct store *store;
	TRY(engine->open(options, &store));
	store->row_key = row_key;
	*ret = store;
	return OK;
}

void store_close(struct store *store)
{
	if (store)
		store->engine->close(store);
}

static enum err begin_reading(struct store *store, struct db_pool *pool, struct db **ret)
{
	struct db *db;
	TRY(db_pool_take(store, pool, &db));
	db->is_reading = true;
	db->failure = OK;
	*ret = db;
	return OK;
}

enum err store_read_begin_long(struct store *store, struct db **ret)
{
	return begin_reading(store, &store->pool, ret);
}

enum err store_read_begin(struct store *store, struct db **ret)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin_long(store, &db));
	if (db->engine->begin_snapshot) {
		TRY(db->engine->begin_snapshot(db));
		db->is_snapshot = true;
	}
	*ret = db;
	db = NULL;
	return OK;
}

enum err store_read_begin_scan(struct store *store, struct db **ret)
{
	struct db *db;
	if (store->engine->map == NULL)
		return store_read_begin_long(store, ret);
	TRY(begin_reading(store, &store->scans, &db));
	/* Without it, it takes longer. */
	db->is_mapped = db->is_mapped || db->engine->map(db) == OK;
	*ret = db;
	return OK;
}

static void check_all_ended(struct db *db)
{
	if (db->running_count == 0)
		return;
	log_event(LOG_ERROR, "store.rows_not_ended", LOG_INT("count", db->running_count));
	db->running_count = 0;
	db->engine->end_all(db);
}

void store_read_end(struct db *db)
{
	if (db == NULL)
		return;
	check_all_ended(db);
	if (db->is_snapshot)
		db->engine->end_snapshot(db);
	db->is_snapshot = false;
	db->is_reading = false;
	db_pool_give(db);
}

enum err store_transact(struct store *store, store_fn *fn, void *argument, struct arena *arena)
{
	return store->engine->transact(store, fn, argument, arena);
}

enum err store_forget(struct store *store)
{
	int64_t number = atomic_fetch_add(&store->forgets_wanted, 1) + 1;
	TRY(store->engine->forget(store));
	int64_t done = atomic_load(&store->forgets_done);
	while (done < number && !atomic_compare_exchange_weak(&store->forgets_done, &done, number))
		continue;
	return OK;
}

bool store_has_to_forget(struct store *store)
{
	return atomic_load(&store->forgets_done) < atomic_load(&store->forgets_wanted);
}

const struct secret *db_row_key(const struct db *db)
{
	return db->store->row_key;
}

enum err db_run_fn(struct db *db, store_fn *fn, void *argument, struct arena *arena)
{
	db->failure = OK;
	enum err err = fn(db, argument);
	check_all_ended(db);
	if (err == OK)
		err = db->failure;
	if (err == OK && arena && arena->failed)
		err = ERR_UNAVAILABLE;
	return err;
}

/* PostgreSQL refuses such text; SQLite would keep it. Both refuse. */
static enum err check_params(const struct param *params, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (params[i].type != PARAM_TEXT || params[i].bytes.len == 0)
			continue;
		if (memchr(params[i].bytes.data, 0, params[i].bytes.len) ||
		    !utf8_is_valid(params[i].bytes))
			return ERR_INVALID;
	}
	return OK;
}

static bool is_select(const char *sql)
{
	return strncmp(sql, "SELECT", 6) == 0 || strncmp(sql, "WITH", 4) == 0;
}

static enum err check_call(struct db *db, const char *sql, const struct param *params, size_t count)
{
	if (db->failure != OK)
		return db->failure;
	if (db->is_reading && !is_select(sql)) {
		log_event(LOG_ERROR, "store.write_while_reading", LOG_CSTR("sql", sql));
		return ERR_INTERNAL;
	}
	return check_params(params, count);
}

/* A failed statement ends its transaction; a reader can go on. */
static enum err remember(struct db *db, enum err err)
{
	if (err != OK && !db->is_reading)
		db->failure = err;
	return err;
}

enum err db_select(struct db *db, struct rows *ret, const char *sql, const struct param *params,
		   size_t count)
{
	*ret = (struct rows){.db = db};
	enum err err = check_call(db, sql, params, count);
	if (err == OK)
		err = db->engine->select(ret, sql, params, count);
	if (err == OK)
		db->running_count++;
	return remember(db, err);
}

enum err rows_next(struct rows *rows, bool *ret_has_row)
{
	return remember(rows->db, rows->db->engine->next(rows, ret_has_row));
}

int64_t rows_int(struct rows *rows, int column)
{
	struct param value = rows->db->engine->column(rows, column);
	return value.type == PARAM_INT ? value.number : 0;
}

unsigned rows_code(struct rows *rows, int column)
{
	int64_t number = rows_int(rows, column);
	return number >= 0 && number <= INT_MAX ? (unsigned)number : UINT_MAX;
}

/* Empty text is not NULL, so its view has data. */
static struct str column_bytes(struct rows *rows, int column)
{
	struct param value = rows->db->engine->column(rows, column);
	if (value.type != PARAM_TEXT && value.type != PARAM_BLOB)
		return STR_NONE;
	return value.bytes.len > 0 ? value.bytes : STR("");
}

struct str rows_bytes(struct rows *rows, int column, struct arena *arena)
{
	struct str bytes = column_bytes(rows, column);
	return bytes.data ? arena_copy(arena, bytes) : STR_NONE;
}

struct str rows_view(struct rows *rows, int column)
{
	return column_bytes(rows, column);
}

struct id rows_id(struct rows *rows, int column)
{
	struct id id = {""};
	if (id_parse(column_bytes(rows, column), &id) != OK)
		return (struct id){""};
	return id;
}

bool rows_is_null(struct rows *rows, int column)
{
	return rows->db->engine->column(rows, column).type == PARAM_NULL;
}

void rows_end(struct rows *rows)
{
	if (rows == NULL || rows->statement == NULL)
		return;
	rows->db->engine->end(rows);
	rows->statement = NULL;
	rows->db->running_count--;
}

enum err db_run(struct db *db, const char *sql, const struct param *params, size_t count,
		int64_t *ret_changes)
{
	enum err err = check_call(db, sql, params, count);
	int64_t changes = 0;
	if (err == OK)
		err = db->engine->run(db, sql, params, count, &changes);
	if (err == OK && ret_changes)
		*ret_changes = changes;
	return remember(db, err);
}

enum err db_not_authentic(const char *table, struct str row)
{
	log_event(LOG_ALARM, "row.not_authentic", LOG_CSTR("table", table), LOG_STR("id", row));
	return ERR_CORRUPT;
}
