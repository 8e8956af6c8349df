/* For store/dump.c and store/load.c: which tables and columns a database has. */
#pragma once

#include "store/db.h"

enum { CATALOG_TABLES_MAX = 128, CATALOG_COLUMNS_MAX = 48, CATALOG_KEY_MAX = 4 };

struct catalog_table {
	struct str name;
	struct str columns[CATALOG_COLUMNS_MAX];
	size_t column_count;
	size_t keys[CATALOG_KEY_MAX]; /* columns of the primary key, in its order */
	size_t key_count;
};

struct catalog {
	struct catalog_table *tables; /* in the order in which they were made; the settings last */
	size_t count;
};

/* All tables but that of the migrations. ERR_INTERNAL: one has no primary key, or too many columns.
 */
enum err catalog_read(struct db *db, struct arena *arena, struct catalog *ret) MUST_CHECK;
/* NULL: no such table. */
struct catalog_table *catalog_find(const struct catalog *catalog, struct str name);
