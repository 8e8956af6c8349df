/* The audit chain: what is appended is there for good, and whatever is done to it from outside is
 * seen. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "store/audit.h"
#include "store/engines_test_support.h"
#include "store/schema.h"
#include "store/store_direct.h"

enum { ROWS = 5, THREADS = 4 };

static int setup(void **state)
{
	const bool *is_postgres = *state;
	static struct store_fixture fixture;
	store_fixture_init(&fixture, *is_postgres);
	assert_int_equal(crypto_init(), OK);
	*state = &fixture;
	return store_fixture_open(&fixture, schema_migrations, schema_migration_count, 8) == OK
		       ? 0
		       : -1;
}

static int teardown(void **state)
{
	store_fixture_release(*state);
	return 0;
}

static enum err append(struct db *db, void *argument)
{
	return audit_append(db, argument);
}

static const struct id objects[] = {{"01ARZ3NDEKTSV4RRFFQ69G5FAV"}, {"01ARZ3NDEKTSV4RRFFQ69G5FAW"}};

static void fill(struct store *store, int rows)
{
	for (int i = 0; i < rows; i++) {
		struct audit_entry entry = {
			.at_ms = 1000 + i,
			.kind = AUDIT_SIGNING_SENT,
			.actor_id = id_new(1000 + i),
			.object_id = objects[i % 2],
		};
		memset(entry.detail, i + 1, sizeof(entry.detail));
		assert_int_equal(store_transact(store, append, &entry, NULL), OK);
	}
}

static int64_t first_bad(struct store *store, int64_t step)
{
	struct db *db CLEANUP_READ = NULL;
	struct audit_checked found = {0};
	int64_t before = -1;
	assert_int_equal(store_read_begin(store, &db), OK);
	while (found.bad == 0 && found.last != before) {
		before = found.last;
		assert_int_equal(audit_check(db, before, step, &found), OK);
	}
	return found.bad;
}

static void what_was_appended_comes_back_in_order(void **state)
{
	struct store_fixture *fixture = *state;
	struct db *db CLEANUP_READ = NULL;
	struct arena arena CLEANUP_ARENA;
	struct audit_entry *entries;
	size_t count;
	assert_int_equal(first_bad(fixture->store, 10), 0); /* of nothing at all */
	fill(fixture->store, ROWS);
	arena_init(&arena, 1 << 20);
	assert_int_equal(store_read_begin(fixture->store, &db), OK);
	assert_int_equal(audit_of_object(db, &arena, &objects[1], &entries, &count), OK);
	assert_int_equal(count, 2);
	assert_int_equal(entries[0].number, 2);
	assert_int_equal(entries[0].at_ms, 1001);
	assert_int_equal(entries[1].number, 4);
	assert_int_equal(entries[1].kind, AUDIT_SIGNING_SENT);
	assert_int_equal(entries[1].detail[31], 4);
}

static void whatever_is_done_to_it_is_seen(void **state)
{
	static const struct {
		const char *what, *sql;
		int64_t bad;
	} rows[] = {
		{"nothing", "SELECT 1", 0},
		{"a time", "UPDATE audit SET at_ms = 5 WHERE number = 3", 3},
		{"a kind", "UPDATE audit SET kind = 4 WHERE number = 1", 1},
		{"who", "UPDATE audit SET actor_id = object_id WHERE number = 2", 2},
		{"what", "UPDATE audit SET object_id = '' WHERE number = 5", 5},
		{"a digest", "UPDATE audit SET detail = chain WHERE number = 4", 4},
		{"the chain", "UPDATE audit SET chain = detail WHERE number = 4", 4},
		{"one is taken out", "DELETE FROM audit WHERE number = 3", 3},
		{"the first is taken out", "DELETE FROM audit WHERE number = 1", 1},
		{"the last is taken out", "DELETE FROM audit WHERE number = 5", 5},
		{"all are taken out", "DELETE FROM audit", 1},
		{"one is taken out and those after it move up",
		 "DELETE FROM audit WHERE number = 2; UPDATE audit SET number = number + 10 WHERE "
		 "number > 2; UPDATE audit SET number = number - 11 WHERE number > 10",
		 2},
		{"two change places",
		 "UPDATE audit SET number = 10 WHERE number = 2; UPDATE audit SET number = 2 WHERE "
		 "number = 3; UPDATE audit SET number = 3 WHERE number = 10",
		 2},
		{"one is put behind",
		 "INSERT INTO audit SELECT 6, at_ms, kind, actor_id, object_id, detail, chain FROM "
		 "audit WHERE number = 5",
		 6},
		{"the end is said to be elsewhere", "UPDATE audit_head SET number = 4", 6},
		{"the end is taken out", "DELETE FROM audit_head", 6},
	};
	struct store_fixture *fixture = *state;
	bool is_postgres = fixture->schema[0] != 0;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (i > 0) {
			store_fixture_release(fixture);
			store_fixture_init(fixture, is_postgres);
			assert_int_equal(store_fixture_open(fixture, schema_migrations,
							    schema_migration_count, 8),
					 OK);
		}
		fill(fixture->store, ROWS);
		if (i > 0)
			store_direct_run(fixture->url, rows[i].sql);
		for (int64_t step = 1; step <= ROWS + 1; step++) {
			int64_t bad = first_bad(fixture->store, step);
			if (bad != rows[i].bad)
				fail_msg("%s, by %d: %d, not %d", rows[i].what, (int)step, (int)bad,
					 (int)rows[i].bad);
		}
	}
}

static void *append_some(void *argument)
{
	fill(argument, ROWS);
	return NULL;
}

static void many_append_at_once_and_none_is_lost(void **state)
{
	struct store_fixture *fixture = *state;
	pthread_t threads[THREADS];
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, append_some, fixture->store), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(first_bad(fixture->store, 3), 0);
	char *count = store_direct_read(fixture->url, "SELECT MAX(number) FROM audit");
	assert_string_equal(count, "20");
	free(count);
}

enum { APPENDED = 200 };

struct appending {
	struct store *store;
	_Atomic bool is_over;
};

static void *append_many(void *argument)
{
	struct appending *appending = argument;
	fill(appending->store, APPENDED);
	appending->is_over = true;
	return NULL;
}

/* As `postern check` reads it while the portal runs: each statement sees what stands just then. */
static void what_is_appended_while_it_is_checked_is_no_change(void **state)
{
	struct store_fixture *fixture = *state;
	struct appending appending = {.store = fixture->store};
	struct db *db CLEANUP_READ = NULL;
	pthread_t thread;
	struct audit_checked found = {0};
	assert_int_equal(store_read_begin_long(fixture->store, &db), OK);
	assert_int_equal(pthread_create(&thread, NULL, append_many, &appending), 0);
	while (!appending.is_over && found.bad == 0)
		assert_int_equal(audit_check(db, 0, INT64_MAX, &found), OK);
	pthread_join(thread, NULL);
	assert_int_equal(found.bad, 0);
	assert_int_equal(audit_check(db, 0, INT64_MAX, &found), OK);
	assert_int_equal(found.bad, 0);
	assert_int_equal(found.last, APPENDED);
}

#define AUDIT_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		AUDIT_TEST(what_was_appended_comes_back_in_order),
		AUDIT_TEST(whatever_is_done_to_it_is_seen),
		AUDIT_TEST(many_append_at_once_and_none_is_lost),
		AUDIT_TEST(what_is_appended_while_it_is_checked_is_no_change),
	};
	return engines_test_run("audit", tests, sizeof(tests) / sizeof(tests[0]));
}
