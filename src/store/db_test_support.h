/* Shared by the tests of db.h: an empty store with the tables they use. Include after cmocka.h. */
#pragma once

#include "store/engines_test_support.h"

static const char *const db_test_tables[] = {
	"CREATE TABLE things (id BIGINT PRIMARY KEY, word TEXT NOT NULL UNIQUE, note TEXT, data "
	"{blob}){strict}",
	"CREATE TABLE parts (id BIGINT PRIMARY KEY, thing_id BIGINT NOT NULL REFERENCES things "
	"(id)){strict}",
	"CREATE TABLE counters (name TEXT PRIMARY KEY, value BIGINT NOT NULL){strict}",
	NULL,
};
static const struct migration db_test_migrations[] = {
	{.number = 1, .name = "test", .statements = db_test_tables}};

/* The one number that a SELECT gives; fails the test when it gives none. */
static inline int64_t db_test_number(struct store *store, const char *sql)
{
	struct db *db CLEANUP_READ = NULL;
	struct rows rows CLEANUP_ROWS;
	bool has_row = false;
	assert_int_equal(store_read_begin(store, &db), OK);
	assert_int_equal(db_select(db, &rows, sql, NO_PARAMS), OK);
	assert_int_equal(rows_next(&rows, &has_row), OK);
	assert_true(has_row);
	return rows_int(&rows, 0);
}

static inline int64_t db_test_count(struct store *store)
{
	return db_test_number(store, "SELECT COUNT(*) FROM things");
}

static inline int db_test_setup(void **state)
{
	const bool *is_postgres = *state;
	static struct store_fixture fixture;
	store_fixture_init(&fixture, *is_postgres);
	*state = &fixture;
	return store_fixture_open(&fixture, db_test_migrations, 1, 8) == OK ? 0 : -1;
}

static inline int db_test_teardown(void **state)
{
	store_fixture_release(*state);
	return 0;
}

#define DB_TEST(name) cmocka_unit_test_setup_teardown(name, db_test_setup, db_test_teardown)
