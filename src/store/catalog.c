#include "store/catalog.h"

#include "base/log.h"
#include "store/db_engine.h"

static enum err add_column(struct catalog_table *table, struct rows *rows, struct arena *arena)
{
	int64_t key = rows_int(rows, 1);
	if (table->column_count == CATALOG_COLUMNS_MAX || key < 0 || key > CATALOG_KEY_MAX)
		return ERR_INTERNAL;
	table->columns[table->column_count] = rows_bytes(rows, 0, arena);
	if (key > 0) {
		table->keys[key - 1] = table->column_count;
		table->key_count++;
	}
	table->column_count++;
	return OK;
}

static enum err read_columns(struct db *db, struct arena *arena, struct catalog_table *table)
{
	struct rows rows CLEANUP_ROWS = {0};
	bool has_row;
	TRY(db_select(db, &rows, db->engine->columns_sql, PARAMS(P_TEXT(table->name))));
	for (;;) {
		TRY(rows_next(&rows, &has_row));
		if (!has_row)
			break;
		TRY(add_column(table, &rows, arena));
	}
	if (table->key_count == 0)
		log_event(LOG_ERROR, "store.table_without_key", LOG_STR("table", table->name));
	return table->key_count > 0 ? OK : ERR_INTERNAL;
}

static enum err read_tables(struct db *db, struct arena *arena, struct catalog *catalog)
{
	struct rows rows CLEANUP_ROWS = {0};
	bool has_row;
	TRY(db_select(db, &rows, db->engine->tables_sql, NO_PARAMS));
	for (;;) {
		TRY(rows_next(&rows, &has_row));
		if (!has_row)
			return OK;
		if (catalog->count == CATALOG_TABLES_MAX)
			return ERR_INTERNAL;
		catalog->tables[catalog->count++].name = rows_bytes(&rows, 0, arena);
	}
}

/* Without the settings there is no portal: while they are missing, nothing is half a portal. */
static void put_settings_last(struct catalog *catalog)
{
	for (size_t i = 0; i + 1 < catalog->count; i++) {
		struct catalog_table table = catalog->tables[i];
		if (!str_eq(table.name, STR("settings")))
			continue;
		catalog->tables[i] = catalog->tables[i + 1];
		catalog->tables[i + 1] = table;
	}
}

enum err catalog_read(struct db *db, struct arena *arena, struct catalog *ret)
{
	struct catalog catalog = {
		.tables = ARENA_ARRAY(arena, CATALOG_TABLES_MAX, struct catalog_table)};
	if (catalog.tables == NULL)
		return ERR_UNAVAILABLE;
	TRY(read_tables(db, arena, &catalog));
	for (size_t i = 0; i < catalog.count; i++)
		TRY(read_columns(db, arena, &catalog.tables[i]));
	put_settings_last(&catalog);
	*ret = catalog;
	return arena->failed ? ERR_UNAVAILABLE : OK;
}

struct catalog_table *catalog_find(const struct catalog *catalog, struct str name)
{
	for (size_t i = 0; i < catalog->count; i++)
		if (str_eq(catalog->tables[i].name, name))
			return &catalog->tables[i];
	return NULL;
}
