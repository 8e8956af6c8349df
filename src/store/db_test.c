/* One suite, run on both engines. */
#include "store/store_fixture.h"

#include <limits.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "store/db_test_support.h"

static enum err insert_values(struct db *db, void *argument)
{
	char *all = argument;
	TRY(db_run(db, "INSERT INTO things (id, word, note, data) VALUES (?1, ?2, ?3, ?4)",
		   PARAMS(P_INT(INT64_MIN), P_TEXT(STR("Zo\u00eb \u2603 \U0001f600")), P_NULL,
			  P_BLOB(str_bytes(all, 256))),
		   NULL));
	TRY(db_run(db, "INSERT INTO things (id, word, note, data) VALUES (?1, ?2, ?3, ?4)",
		   PARAMS(P_INT(INT64_MAX), P_TEXT(STR_NONE), P_TEXT(STR("")), P_BLOB(STR_NONE)),
		   NULL));
	return db_run(db, "INSERT INTO things (id, word, note, data) VALUES (?1, ?2, ?3, ?4)",
		      PARAMS(P_INT(-1), P_TEXT(STR("'?1' \"?2\"")), P_NULL, P_NULL), NULL);
}

static void values_come_back_as_they_went_in(void **state)
{
	struct store_fixture *fixture = *state;
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, 1 << 20);
	char all[256];
	for (int i = 0; i < 256; i++)
		all[i] = (char)i;
	assert_int_equal(store_transact(fixture->store, insert_values, all, NULL), OK);

	struct db *db CLEANUP_READ = NULL;
	assert_int_equal(store_read_begin(fixture->store, &db), OK);
	struct rows rows CLEANUP_ROWS;
	assert_int_equal(db_select(db, &rows, "SELECT id, word, note, data FROM things ORDER BY id",
				   NO_PARAMS),
			 OK);
	bool has_row;
	assert_int_equal(rows_next(&rows, &has_row), OK);
	assert_true(has_row);
	assert_true(rows_int(&rows, 0) == INT64_MIN);
	assert_true(str_eq(rows_bytes(&rows, 1, &arena), STR("Zo\u00eb \u2603 \U0001f600")));
	assert_true(rows_is_null(&rows, 2));
	assert_null(rows_bytes(&rows, 2, &arena).data);
	assert_true(str_eq(rows_bytes(&rows, 3, &arena), str_bytes(all, 256)));
	assert_int_equal(rows_next(&rows, &has_row), OK);
	assert_true(has_row);
	assert_true(rows_int(&rows, 0) == -1);
	assert_true(str_eq(rows_bytes(&rows, 1, &arena), STR("'?1' \"?2\"")));
	assert_true(rows_is_null(&rows, 3));
	assert_true(rows_is_null(&rows, 99));
	assert_int_equal(rows_next(&rows, &has_row), OK);
	assert_true(has_row);
	assert_true(rows_int(&rows, 0) == INT64_MAX);
	for (int column = 1; column <= 3; column++) {
		assert_false(rows_is_null(&rows, column));
		assert_non_null(rows_bytes(&rows, column, &arena).data);
		assert_int_equal(rows_bytes(&rows, column, &arena).len, 0);
	}
	assert_int_equal(rows_next(&rows, &has_row), OK);
	assert_false(has_row);
	assert_int_equal(rows_next(&rows, &has_row), OK);
	assert_false(has_row);
}

struct statement_case {
	const char *sentence;
	const char *sql;
	enum err expected;
};

static enum err run_case(struct db *db, void *argument)
{
	const struct statement_case *row = argument;
	return db_run(db, row->sql, NO_PARAMS, NULL);
}

static void statements_fail_in_the_same_way(void **state)
{
	struct store_fixture *fixture = *state;
	static const struct statement_case cases[] = {
		{"a row", "INSERT INTO things (id, word) VALUES (1, 'a')", OK},
		{"the same key again", "INSERT INTO things (id, word) VALUES (1, 'b')",
		 ERR_CONFLICT},
		{"the same unique word", "INSERT INTO things (id, word) VALUES (2, 'a')",
		 ERR_CONFLICT},
		{"a part of nothing", "INSERT INTO parts (id, thing_id) VALUES (1, 77)",
		 ERR_CONFLICT},
		{"a part of something", "INSERT INTO parts (id, thing_id) VALUES (1, 1)", OK},
		{"removing what others need", "DELETE FROM things WHERE id = 1", ERR_CONFLICT},
		{"a missing value", "INSERT INTO things (id) VALUES (3)", ERR_INTERNAL},
		{"no such table", "INSERT INTO absent (id) VALUES (3)", ERR_INTERNAL},
		{"no SQL at all", "HELLO", ERR_INTERNAL},
		{"wrong number of parameters", "INSERT INTO things (id, word) VALUES (?1, 'c')",
		 ERR_INTERNAL},
		{"and still alive", "INSERT INTO things (id, word) VALUES (4, 'd')", OK},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum err err = store_transact(fixture->store, run_case,
					      (void *)(uintptr_t)&cases[i], NULL);
		if (err != cases[i].expected)
			fail_msg("%s: %s", cases[i].sentence, err_name(err));
	}
	assert_int_equal(db_test_count(fixture->store), 2);
}

static enum err go_on_after_conflict(struct db *db, void *argument)
{
	(void)argument;
	TRY(db_run(db, "INSERT INTO things (id, word) VALUES (1, 'a')", NO_PARAMS, NULL));
	enum err first =
		db_run(db, "INSERT INTO things (id, word) VALUES (1, 'b')", NO_PARAMS, NULL);
	enum err later =
		db_run(db, "INSERT INTO things (id, word) VALUES (2, 'c')", NO_PARAMS, NULL);
	return first == ERR_CONFLICT && later == ERR_CONFLICT ? OK : ERR_INTERNAL;
}

static void a_failed_statement_ends_its_transaction(void **state)
{
	struct store_fixture *fixture = *state;
	assert_int_equal(store_transact(fixture->store, go_on_after_conflict, NULL, NULL),
			 ERR_CONFLICT);
	assert_int_equal(db_test_count(fixture->store), 0);
}

static enum err upsert(struct db *db, void *argument)
{
	int64_t *out = argument;
	for (int i = 0; i < 2; i++) {
		struct rows rows CLEANUP_ROWS;
		bool has_row;
		TRY(db_select(db, &rows,
			      "INSERT INTO counters (name, value) VALUES (?1, ?2) ON CONFLICT "
			      "(name) DO UPDATE "
			      "SET value = counters.value + ?2 RETURNING value",
			      PARAMS(P_TEXT(STR("x")), P_INT(21))));
		TRY(rows_next(&rows, &has_row));
		out[i] = rows_int(&rows, 0);
	}
	TRY(db_run(db, "INSERT INTO counters (name, value) VALUES (?1, 0) ON CONFLICT DO NOTHING",
		   PARAMS(P_TEXT(STR("x"))), &out[2]));
	/* Never asked for a row: it is done all the same. */
	struct rows rows CLEANUP_ROWS;
	TRY(db_select(db, &rows,
		      "INSERT INTO counters (name, value) VALUES (?1, ?2) RETURNING value",
		      PARAMS(P_TEXT(STR("y")), P_INT(INT64_MAX / 2))));
	return db_run(db, "UPDATE counters SET value = value + 0 WHERE value > ?1",
		      PARAMS(P_INT(1)), &out[3]);
}

static void upserts_return_rows_and_counts(void **state)
{
	struct store_fixture *fixture = *state;
	int64_t out[4];
	assert_int_equal(store_transact(fixture->store, upsert, out, NULL), OK);
	assert_int_equal(out[0], 21);
	assert_int_equal(out[1], 42);
	assert_int_equal(out[2], 0);
	assert_int_equal(out[3], 2);
	/* The sum of BIGINT has another type on PostgreSQL. */
	assert_true(db_test_number(fixture->store, "SELECT SUM(value) FROM counters") ==
		    INT64_MAX / 2 + 42);
	assert_true(db_test_number(fixture->store, "SELECT -SUM(value) FROM counters") ==
		    -(INT64_MAX / 2) - 42);
	assert_true(db_test_number(fixture->store,
				   "SELECT SUM(value * 0 + 50000000) FROM counters") == 100000000);
	assert_true(db_test_number(
			    fixture->store,
			    "SELECT COALESCE(SUM(value), 7) FROM counters WHERE name = ''") == 7);
}

static enum err insert_words(struct db *db, void *argument)
{
	const char *const *words = argument;
	for (int i = 0; words[i]; i++)
		TRY(db_run(db, "INSERT INTO things (id, word) VALUES (?1, ?2)",
			   PARAMS(P_INT(i + 1), P_TEXT(str_of(words[i]))), NULL));
	return OK;
}

static void like_means_the_same(void **state)
{
	struct store_fixture *fixture = *state;
	static const char *const words[] = {"anna", "Anna", "an%a", "an_a", NULL};
	assert_int_equal(
		store_transact(fixture->store, insert_words, (void *)(uintptr_t)words, NULL), OK);
	static const struct {
		struct str pattern;
		int count;
	} cases[] = {{STR("an%"), 3},
		     {STR("An%"), 1},
		     {STR("an!%a"), 1},
		     {STR("an!_a"), 1},
		     {STR("an_a"), 3}};
	struct db *db CLEANUP_READ = NULL;
	assert_int_equal(store_read_begin(fixture->store, &db), OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rows rows CLEANUP_ROWS;
		bool has_row;
		assert_int_equal(
			db_select(db, &rows,
				  "SELECT COUNT(*) FROM things WHERE word LIKE ?1 ESCAPE '!'",
				  PARAMS(P_TEXT(cases[i].pattern))),
			OK);
		assert_int_equal(rows_next(&rows, &has_row), OK);
		assert_int_equal(rows_int(&rows, 0), cases[i].count);
	}
}

static void strpos_means_the_same(void **state)
{
	struct store_fixture *fixture = *state;
	static const struct {
		struct str haystack, needle;
		bool is_there;
	} cases[] = {
		{STR("anna weber"), STR("web"), true},
		{STR("anna weber"), STR("Web"), false},
		{STR("anna weber"), STR("a w"), true},
		{STR("anna"), STR("anna weber"), false},
		{STR("an%a"), STR("%"), true},
		{STR("anna"), STR("_"), false},
		{STR("m\u00fcller"), STR("\u00fcl"), true},
		{STR("anna"), STR(""), true},
		{STR(""), STR("a"), false},
	};
	struct db *db CLEANUP_READ = NULL;
	assert_int_equal(store_read_begin(fixture->store, &db), OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t is_there;
		assert_int_equal(
			db_select_number(db,
					 "SELECT CASE WHEN strpos(?1, ?2) > 0 THEN 1 ELSE 0 END",
					 PARAMS(P_TEXT(cases[i].haystack), P_TEXT(cases[i].needle)),
					 &is_there),
			OK);
		assert_int_equal(is_there, cases[i].is_there);
	}
}

static enum err count_pairs(struct db *db, void *argument)
{
	static const char *const sql = "SELECT id FROM things WHERE id >= ?1 ORDER BY id";
	int *count = argument;
	struct rows outer CLEANUP_ROWS;
	bool has_outer;
	*count = 0;
	TRY(db_select(db, &outer, sql, PARAMS(P_INT(1))));
	TRY(rows_next(&outer, &has_outer));
	while (has_outer) {
		struct rows inner CLEANUP_ROWS;
		bool has_inner;
		TRY(db_select(db, &inner, sql, PARAMS(P_INT(rows_int(&outer, 0)))));
		TRY(rows_next(&inner, &has_inner));
		while (has_inner) {
			(*count)++;
			TRY(rows_next(&inner, &has_inner));
		}
		TRY(rows_next(&outer, &has_outer));
	}
	return OK;
}

static void the_same_select_can_be_nested(void **state)
{
	struct store_fixture *fixture = *state;
	static const char *const words[] = {"a", "b", "c", "d", NULL};
	assert_int_equal(
		store_transact(fixture->store, insert_words, (void *)(uintptr_t)words, NULL), OK);
	int count;
	assert_int_equal(store_transact(fixture->store, count_pairs, &count, NULL), OK);
	assert_int_equal(count, 10);
	struct db *db CLEANUP_READ = NULL;
	assert_int_equal(store_read_begin(fixture->store, &db), OK);
	assert_int_equal(count_pairs(db, &count), OK);
	assert_int_equal(count, 10);
}

static enum err insert_text(struct db *db, void *argument)
{
	struct str *text = argument;
	return db_run(db, "INSERT INTO things (id, word) VALUES (?1, ?2)",
		      PARAMS(P_INT(1), P_TEXT(*text)), NULL);
}

static void text_that_is_no_text_is_refused(void **state)
{
	struct store_fixture *fixture = *state;
	struct str bad[] = {STR("a\0b"), STR("\xff"), STR("\xc3("), STR("\xed\xa0\x80")};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(store_transact(fixture->store, insert_text, &bad[i], NULL),
				 ERR_INVALID);
	assert_int_equal(db_test_count(fixture->store), 0);
}

static void a_reader_can_not_write(void **state)
{
	struct store_fixture *fixture = *state;
	struct db *db CLEANUP_READ = NULL;
	struct rows rows CLEANUP_ROWS;
	assert_int_equal(store_read_begin(fixture->store, &db), OK);
	assert_int_equal(db_run(db, "DELETE FROM things", NO_PARAMS, NULL), ERR_INTERNAL);
	assert_int_equal(db_select(db, &rows, "DELETE FROM things RETURNING id", NO_PARAMS),
			 ERR_INTERNAL);
	rows_end(&rows);
	assert_int_equal(db_select(db, &rows, "SELECT id FROM absent", NO_PARAMS), ERR_INTERNAL);
	rows_end(&rows);
	/* ... and goes on after a mistake. */
	assert_int_equal(db_select(db, &rows, "SELECT id FROM things", NO_PARAMS), OK);
}

static enum err insert_and_run_out_of_memory(struct db *db, void *argument)
{
	TRY(db_run(db, "INSERT INTO things (id, word) VALUES (1, 'a')", NO_PARAMS, NULL));
	(void)arena_alloc(argument, 1 << 30);
	return OK;
}

static void a_failed_arena_stores_nothing(void **state)
{
	struct store_fixture *fixture = *state;
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, 1024);
	assert_int_equal(
		store_transact(fixture->store, insert_and_run_out_of_memory, &arena, &arena),
		ERR_UNAVAILABLE);
	assert_int_equal(db_test_count(fixture->store), 0);
}

static enum err bind_types(struct db *db, void *argument)
{
	const struct param *note = argument;
	return db_run(db, "UPDATE things SET note = ?1 WHERE id = ?2",
		      (const struct param[]){*note, P_INT(1)}, 2, NULL);
}

static void a_parameter_may_be_null_now_and_text_later(void **state)
{
	struct store_fixture *fixture = *state;
	static const char *const words[] = {"a", NULL};
	assert_int_equal(
		store_transact(fixture->store, insert_words, (void *)(uintptr_t)words, NULL), OK);
	struct param values[] = {P_NULL, P_TEXT(STR("x")), P_NULL, P_TEXT(STR("y"))};
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		assert_int_equal(store_transact(fixture->store, bind_types, &values[i], NULL), OK);
	assert_int_equal(
		db_test_number(fixture->store, "SELECT COUNT(*) FROM things WHERE note = 'y'"), 1);
}

static void ids_are_read_or_empty(void **state)
{
	struct store_fixture *fixture = *state;
	struct id id = id_new(1700000000000);
	const char *words[] = {id.text, "not an id", NULL};
	assert_int_equal(store_transact(fixture->store, insert_words, words, NULL), OK);
	struct db *db CLEANUP_READ = NULL;
	struct rows rows CLEANUP_ROWS;
	bool has_row;
	assert_int_equal(store_read_begin(fixture->store, &db), OK);
	assert_int_equal(db_select(db, &rows, "SELECT word FROM things ORDER BY id", NO_PARAMS),
			 OK);
	assert_int_equal(rows_next(&rows, &has_row), OK);
	struct id read = rows_id(&rows, 0);
	assert_true(id_eq(&read, &id));
	assert_int_equal(rows_next(&rows, &has_row), OK);
	read = rows_id(&rows, 0);
	assert_true(id_is_empty(&read));
	assert_ptr_equal(db_row_key(db), &fixture->row_key);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		DB_TEST(values_come_back_as_they_went_in),
		DB_TEST(statements_fail_in_the_same_way),
		DB_TEST(a_failed_statement_ends_its_transaction),
		DB_TEST(upserts_return_rows_and_counts),
		DB_TEST(like_means_the_same),
		DB_TEST(strpos_means_the_same),
		DB_TEST(the_same_select_can_be_nested),
		DB_TEST(text_that_is_no_text_is_refused),
		DB_TEST(a_reader_can_not_write),
		DB_TEST(a_failed_arena_stores_nothing),
		DB_TEST(a_parameter_may_be_null_now_and_text_later),
		DB_TEST(ids_are_read_or_empty),
	};
	return engines_test_run("store", tests, sizeof(tests) / sizeof(tests[0]));
}
