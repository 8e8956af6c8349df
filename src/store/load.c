/* The way back from a dump: see store/dump.h. */
#include "base/log.h"
#include "store/catalog.h"
#include "store/db_engine.h"
#include "store/dump.h"
#include "store/settings.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_BYTES = 8 << 20, SQL_BYTES = 16384 };

struct load {
	struct store *store;
	struct arena arena; /* statements live in it as long as the store is open */
	struct catalog catalog;
	struct secret *row_key; /* authenticates nothing: rows bring their MACs */
	bool has_list;
	/* The table at hand. */
	const char *sql;
	size_t column_count;
};

/* ---- what is read; the first mistake sticks ---- */

struct reading {
	struct str rest;
	bool is_bad;
};

static struct str take(struct reading *reading, size_t bytes)
{
	if (reading->is_bad || bytes > reading->rest.len) {
		reading->is_bad = true;
		return STR("");
	}
	struct str taken = str_slice(reading->rest, 0, bytes);
	reading->rest = str_slice(reading->rest, bytes, reading->rest.len);
	return taken;
}

static char take_char(struct reading *reading)
{
	struct str taken = take(reading, 1);
	return taken.len == 1 ? taken.data[0] : '\0';
}

static size_t take_number(struct reading *reading)
{
	uint32_t big = 0;
	struct str taken = take(reading, sizeof(big));
	memcpy(&big, taken.data, taken.len);
	return be32toh(big);
}

static struct str take_bytes(struct reading *reading)
{
	size_t bytes = take_number(reading);
	return take(reading, bytes);
}

static struct param take_value(struct reading *reading)
{
	uint64_t big = 0;
	char tag = take_char(reading);
	if (tag == 'i') {
		struct str taken = take(reading, sizeof(big));
		memcpy(&big, taken.data, taken.len);
		return P_INT((int64_t)be64toh(big));
	}
	if (tag == 't')
		return P_TEXT(take_bytes(reading));
	if (tag == 'b')
		return P_BLOB(take_bytes(reading));
	reading->is_bad = reading->is_bad || tag != 'n';
	return P_NULL;
}

/* ---- tables ---- */

static enum err empty_table(struct load *load, struct db *db, struct str name)
{
	const char *sql = arena_cstr(
		&load->arena, arena_printf(&load->arena, "DELETE FROM \"%.*s\"", STR_ARGS(name)));
	return load->arena.failed ? ERR_UNAVAILABLE : db_run(db, sql, NO_PARAMS, NULL);
}

/* What a restore that was cut off has left there goes first, those that refer to others before
 * these. */
static enum err read_list(struct load *load, struct db *db, struct reading *reading)
{
	struct str names[CATALOG_TABLES_MAX];
	size_t count = take_number(reading);
	if (load->has_list || count > CATALOG_TABLES_MAX)
		return ERR_CORRUPT;
	for (size_t i = 0; i < count; i++) {
		names[i] = take_bytes(reading);
		if (catalog_find(&load->catalog, names[i]) == NULL)
			return ERR_CORRUPT;
	}
	for (size_t i = count; i-- > 0;)
		TRY(empty_table(load, db, names[i]));
	load->has_list = true;
	return OK;
}

static bool has_column(const struct catalog_table *table, struct str name)
{
	for (size_t i = 0; i < table->column_count; i++)
		if (str_eq(table->columns[i], name))
			return true;
	return false;
}

static enum err read_table(struct load *load, struct reading *reading)
{
	struct buf sql CLEANUP_BUF;
	const struct catalog_table *table = catalog_find(&load->catalog, take_bytes(reading));
	size_t count = take_number(reading);
	if (table == NULL || count != table->column_count)
		return ERR_CORRUPT;
	buf_init(&sql, SQL_BYTES);
	buf_addf(&sql, "INSERT INTO \"%.*s\" (", STR_ARGS(table->name));
	for (size_t i = 0; i < count; i++) {
		struct str column = take_bytes(reading);
		if (!has_column(table, column))
			return ERR_CORRUPT;
		buf_addf(&sql, "%s\"%.*s\"", i > 0 ? ", " : "", STR_ARGS(column));
	}
	buf_addf(&sql, ") VALUES (");
	for (size_t i = 0; i < count; i++)
		buf_addf(&sql, "%s?%zu", i > 0 ? ", " : "", i + 1);
	buf_addf(&sql, ")");
	if (sql.err != OK)
		return sql.err;
	/* Each segment names its table again: it is the same statement then. */
	if (load->sql == NULL || !str_eq(str_of(load->sql), buf_str(&sql)))
		load->sql = arena_cstr(&load->arena, buf_str(&sql));
	load->column_count = count;
	return load->arena.failed ? ERR_UNAVAILABLE : OK;
}

static enum err read_row(struct load *load, struct db *db, struct reading *reading)
{
	struct param values[CATALOG_COLUMNS_MAX];
	for (size_t i = 0; i < load->column_count; i++)
		values[i] = take_value(reading);
	if (reading->is_bad || load->column_count == 0)
		return ERR_CORRUPT;
	return db_run(db, load->sql, values, load->column_count, NULL);
}

struct segment {
	struct load *load;
	struct str bytes;
};

static enum err read_segment(struct db *db, void *argument)
{
	const struct segment *segment = argument;
	struct load *load = segment->load;
	struct reading reading = {.rest = segment->bytes};
	bool had_list = load->has_list;
	enum err err = OK;
	load->column_count = 0;
	while (err == OK && reading.rest.len > 0) {
		char tag = take_char(&reading);
		if (tag == 'L')
			err = read_list(load, db, &reading);
		else if (tag == 'T' && load->has_list)
			err = read_table(load, &reading);
		else if (tag == 'R')
			err = read_row(load, db, &reading);
		else
			err = ERR_CORRUPT;
		if (reading.is_bad)
			err = ERR_CORRUPT;
	}
	/* It may run again. */
	if (err != OK)
		load->has_list = had_list;
	return err == ERR_CONFLICT ? ERR_CORRUPT : err;
}

enum err load_segment(struct load *load, struct str segment)
{
	struct segment argument = {.load = load, .bytes = segment};
	return store_transact(load->store, read_segment, &argument, NULL);
}

/* ---- */

static enum err look(struct load *load)
{
	struct db *db CLEANUP_READ = NULL;
	bool has_portal;
	TRY(store_read_begin(load->store, &db));
	TRY(settings_has(db, "portal_key", &has_portal));
	if (has_portal)
		return ERR_CONFLICT;
	return catalog_read(db, &load->arena, &load->catalog);
}

enum err load_begin(const struct store_options *options, struct load **ret)
{
	struct load *load = calloc(1, sizeof(*load));
	if (load == NULL)
		return ERR_UNAVAILABLE;
	arena_init(&load->arena, ARENA_BYTES);
	enum err err = secret_random(&load->row_key);
	if (err == OK)
		err = store_open(options, load->row_key, &load->store);
	if (err == OK)
		err = look(load);
	if (err == OK)
		*ret = load;
	else
		load_end(load);
	return err;
}

void load_end(struct load *load)
{
	if (load == NULL)
		return;
	store_close(load->store);
	secret_free(load->row_key);
	arena_release(&load->arena);
	free(load);
}
