#include "store/dump.h"

#include "store/catalog.h"
#include "store/db_engine.h"

#include <endian.h>
#include <stdlib.h>

/* Rows that are asked for at once: on PostgreSQL they are all in memory together. */
#define PAGE "32"
enum { PAGE_ROWS = 32, ARENA_BYTES = 4 << 20, KEY_ARENA_BYTES = 1 << 20, SQL_BYTES = 16384 };

struct dump {
	struct store *store;
	struct db *db;
	struct arena arena; /* statements live in it as long as the connection */
	struct arena key_arena;
	struct catalog catalog;
	size_t at; /* table */
	bool is_begun, has_list;
	const char *first_sql, *next_sql;
	struct param key[CATALOG_KEY_MAX]; /* of the last row */
};

/* ---- what is written ---- */

static void add_number(struct buf *out, size_t number)
{
	uint32_t big = htobe32((uint32_t)number);
	buf_add(out, str_bytes(&big, sizeof(big)));
}

static void add_bytes(struct buf *out, struct str bytes)
{
	add_number(out, bytes.len);
	buf_add(out, bytes);
}

static void add_list(struct buf *out, const struct catalog *catalog)
{
	buf_add_char(out, 'L');
	add_number(out, catalog->count);
	for (size_t i = 0; i < catalog->count; i++)
		add_bytes(out, catalog->tables[i].name);
}

static void add_table(struct buf *out, const struct catalog_table *table)
{
	buf_add_char(out, 'T');
	add_bytes(out, table->name);
	add_number(out, table->column_count);
	for (size_t i = 0; i < table->column_count; i++)
		add_bytes(out, table->columns[i]);
}

static void add_value(struct buf *out, const struct param *value)
{
	static const char tags[] = {
		[PARAM_NULL] = 'n', [PARAM_INT] = 'i', [PARAM_TEXT] = 't', [PARAM_BLOB] = 'b'};
	uint64_t big = htobe64((uint64_t)value->number);
	buf_add_char(out, tags[value->type]);
	if (value->type == PARAM_INT)
		buf_add(out, str_bytes(&big, sizeof(big)));
	else if (value->type != PARAM_NULL)
		add_bytes(out, value->bytes);
}

/* ---- statements ---- */

static void add_names(struct buf *sql, const struct catalog_table *table, bool is_key)
{
	size_t count = is_key ? table->key_count : table->column_count;
	for (size_t i = 0; i < count; i++) {
		struct str name = table->columns[is_key ? table->keys[i] : i];
		buf_addf(sql, "%s\"%.*s\"", i > 0 ? ", " : "", STR_ARGS(name));
	}
}

static enum err make_sql(struct dump *dump, bool is_first, const char **ret)
{
	const struct catalog_table *table = &dump->catalog.tables[dump->at];
	struct buf sql CLEANUP_BUF;
	buf_init(&sql, SQL_BYTES);
	buf_addf(&sql, "SELECT ");
	add_names(&sql, table, false);
	buf_addf(&sql, " FROM \"%.*s\"", STR_ARGS(table->name));
	if (!is_first) {
		buf_addf(&sql, " WHERE (");
		add_names(&sql, table, true);
		buf_addf(&sql, ") > (");
		for (size_t i = 0; i < table->key_count; i++)
			buf_addf(&sql, "%s?%zu", i > 0 ? ", " : "", i + 1);
		buf_addf(&sql, ")");
	}
	buf_addf(&sql, " ORDER BY ");
	add_names(&sql, table, true);
	buf_addf(&sql, " LIMIT " PAGE);
	if (sql.err != OK)
		return sql.err;
	*ret = arena_cstr(&dump->arena, buf_str(&sql));
	return dump->arena.failed ? ERR_UNAVAILABLE : OK;
}

/* ---- reading ---- */

/* What comes after it is asked for by its key. */
static enum err keep_key(struct dump *dump, struct rows *rows)
{
	const struct catalog_table *table = &dump->catalog.tables[dump->at];
	arena_release(&dump->key_arena);
	for (size_t i = 0; i < table->key_count; i++) {
		struct param value = dump->db->engine->column(rows, (int)table->keys[i]);
		if (value.type == PARAM_TEXT || value.type == PARAM_BLOB)
			value.bytes = arena_copy(&dump->key_arena, value.bytes);
		dump->key[i] = value;
	}
	return dump->key_arena.failed ? ERR_UNAVAILABLE : OK;
}

static enum err add_page(struct dump *dump, struct buf *out, size_t *ret_count)
{
	const struct catalog_table *table = &dump->catalog.tables[dump->at];
	struct rows rows CLEANUP_ROWS = {0};
	const char *sql = dump->is_begun ? dump->next_sql : dump->first_sql;
	TRY(db_select(dump->db, &rows, sql, dump->key, dump->is_begun ? table->key_count : 0));
	dump->is_begun = true;
	for (*ret_count = 0;; (*ret_count)++) {
		bool has_row;
		TRY(rows_next(&rows, &has_row));
		if (!has_row)
			return out->err;
		buf_add_char(out, 'R');
		for (size_t i = 0; i < table->column_count; i++) {
			struct param value = dump->db->engine->column(&rows, (int)i);
			add_value(out, &value);
		}
		if (*ret_count + 1 == PAGE_ROWS)
			TRY(keep_key(dump, &rows));
	}
}

/* Up to the end of the table or of the segment. */
static enum err add_rows(struct dump *dump, struct buf *out)
{
	size_t count;
	if (!dump->is_begun) {
		TRY(make_sql(dump, true, &dump->first_sql));
		TRY(make_sql(dump, false, &dump->next_sql));
	}
	add_table(out, &dump->catalog.tables[dump->at]);
	do
		TRY(add_page(dump, out, &count));
	while (count == PAGE_ROWS && out->len < DUMP_SEGMENT_BYTES);
	if (count < PAGE_ROWS) {
		dump->at++;
		dump->is_begun = false;
	}
	return OK;
}

enum err dump_next(struct dump *dump, struct buf *out)
{
	buf_clear(out);
	if (!dump->has_list)
		add_list(out, &dump->catalog);
	dump->has_list = true;
	while (dump->at < dump->catalog.count && out->len < DUMP_SEGMENT_BYTES)
		TRY(add_rows(dump, out));
	return out->err;
}

struct db *dump_db(struct dump *dump)
{
	return dump->db;
}

/* On a connection of its own: no statement that it has prepared outlives this. */
enum err dump_begin(struct store *store, struct dump **ret)
{
	struct dump *dump = calloc(1, sizeof(*dump));
	if (dump == NULL)
		return ERR_UNAVAILABLE;
	dump->store = store;
	arena_init(&dump->arena, ARENA_BYTES);
	arena_init(&dump->key_arena, KEY_ARENA_BYTES);
	enum err err = store->engine->connect(store, &dump->db);
	if (err == OK)
		err = store->engine->begin_dump(dump->db);
	if (err == OK)
		dump->db->is_reading = true;
	if (err == OK)
		err = catalog_read(dump->db, &dump->arena, &dump->catalog);
	if (err == OK)
		*ret = dump;
	else
		dump_end(dump);
	return err;
}

void dump_end(struct dump *dump)
{
	if (dump == NULL)
		return;
	if (dump->db) {
		dump->db->is_reading = false;
		dump->store->engine->rollback(dump->db);
		dump->store->engine->disconnect(dump->db);
	}
	arena_release(&dump->arena);
	arena_release(&dump->key_arena);
	free(dump);
}
