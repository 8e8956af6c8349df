/* Shared by the tests of db.h: the tables they use, and running each test on both engines. Include
 * after cmocka.h. */
#pragma once

#include "store/store_fixture.h"

#include <stdlib.h>

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
	fixture = (struct store_fixture){.url = ""};
	*state = &fixture;
	if (*is_postgres && !store_fixture_has_postgres())
		return 0;
	store_fixture_init(&fixture, *is_postgres);
	return store_fixture_open(&fixture, db_test_migrations, 1, 8) == OK ? 0 : -1;
}

static inline int db_test_teardown(void **state)
{
	struct store_fixture *fixture = *state;
	if (fixture->url[0])
		store_fixture_release(fixture);
	return 0;
}

static inline void db_test_skipped(void **state)
{
	(void)state;
	skip();
}

/* Every test twice; the second time visibly skipped when there is no PostgreSQL. */
static inline int db_test_run_on_both(const struct CMUnitTest *tests, size_t count)
{
	static const bool engines[] = {false, true};
	static const char *const names[] = {"sqlite", "postgres"};
	struct CMUnitTest *all = calloc(2 * count, sizeof(*all));
	char(*titles)[128] = calloc(2 * count, sizeof(*titles));
	for (size_t i = 0; i < 2 * count; i++) {
		size_t engine = i / count;
		snprintf(titles[i], sizeof(titles[i]), "%s: %s", names[engine],
			 tests[i % count].name);
		all[i] = tests[i % count];
		all[i].name = titles[i];
		all[i].setup_func = db_test_setup;
		all[i].teardown_func = db_test_teardown;
		all[i].initial_state = (void *)(uintptr_t)&engines[engine];
		if (engines[engine] && !store_fixture_has_postgres())
			all[i].test_func = db_test_skipped;
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	int failed = _cmocka_run_group_tests("store", all, 2 * count, NULL, NULL);
	free(titles);
	free(all);
	return failed;
}
