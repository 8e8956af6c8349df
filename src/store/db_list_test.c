/* Lists, the only row, and a number, on both engines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "store/db_list.h"
#include "store/db_test_support.h"

enum { THINGS = 100, BAD_EVERY = 7 };

struct thing {
	struct str word;
	int64_t number;
};

/* THINGS rows: their number, and a word that is an id. */
static enum err insert_things(struct db *db, void *argument)
{
	(void)argument;
	for (int i = 1; i <= THINGS; i++) {
		struct id id = id_new(1700000000000 + i);
		TRY(db_run(db, "INSERT INTO things (id, word) VALUES (?1, ?2)",
			   PARAMS(P_INT(i), P_ID(&id)), NULL));
	}
	return OK;
}

static struct db *begin(void **state)
{
	struct store_fixture *fixture = *state;
	struct db *db;
	assert_int_equal(store_transact(fixture->store, insert_things, NULL, NULL), OK);
	assert_int_equal(store_read_begin(fixture->store, &db), OK);
	return db;
}

/* Every seventh fails, half read. */
static enum err read_thing(struct list *list, struct rows *rows, void *item)
{
	struct thing *thing = item;
	assert_null(thing->word.data);
	assert_int_equal(thing->number, 0);
	thing->word = rows_bytes(rows, 0, list->arena);
	thing->number = rows_int(rows, 1);
	if (thing->number % BAD_EVERY == 0)
		return ERR_CORRUPT;
	const struct thing *before = list->items;
	if (list->page.count > 0)
		assert_true(before[list->page.count - 1].number < thing->number);
	return OK;
}

static void a_list_grows_and_leaves_out_what_is_bad(void **state)
{
	static const struct {
		const char *sentence;
		size_t room;
		int64_t limit;
	} cases[] = {
		{"without a word about the room", 0, THINGS},
		{"with room for one at first", 1, THINGS},
		{"with room for all", THINGS, THINGS},
		{"with room for many more", 5 * THINGS, THINGS},
		{"of one", 0, 1},
		{"of which the last is bad", 0, 3 * BAD_EVERY},
	};
	struct db *db CLEANUP_READ = begin(state);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena arena CLEANUP_ARENA;
		struct list list = {.arena = &arena,
				    .read = read_thing,
				    .item_bytes = sizeof(struct thing),
				    .room = cases[i].room};
		printf("# a list %s\n", cases[i].sentence);
		arena_init(&arena, 1 << 20);
		assert_int_equal(db_list(db, &list,
					 "SELECT word, id FROM things ORDER BY id LIMIT ?1",
					 PARAMS(P_INT(cases[i].limit))),
				 OK);
		const struct thing *things = list.items;
		assert_int_equal(list.page.bad, cases[i].limit / BAD_EVERY);
		assert_int_equal(list.page.count, cases[i].limit - list.page.bad);
		for (size_t k = 0; k < list.page.count; k++) {
			size_t left_out = k / (BAD_EVERY - 1);
			assert_int_equal(things[k].number, k + 1 + left_out);
			assert_int_equal(things[k].word.len, ID_CHARS);
		}
	}
}

/* All steps of BAD_EVERY rows. */
static int walk(struct db *db, size_t *ret_count, int64_t *ret_bad)
{
	struct page page = {0};
	int steps = 0;
	*ret_count = 0;
	*ret_bad = 0;
	do {
		struct arena arena CLEANUP_ARENA;
		struct list list = {
			.arena = &arena, .read = read_thing, .item_bytes = sizeof(struct thing)};
		arena_init(&arena, 1 << 20);
		assert_int_equal(db_list_step(db, &list,
					      "SELECT word, id FROM things WHERE word > ?1 ORDER "
					      "BY word LIMIT ?2",
					      BAD_EVERY, &page),
				 OK);
		*ret_count += page.count;
		*ret_bad += page.bad;
		steps++;
		assert_true(steps <= THINGS);
	} while (!id_is_empty(&page.last));
	return steps;
}

static void a_walk_ends_with_the_last_row(void **state)
{
	struct db *db CLEANUP_READ = begin(state);
	size_t count;
	int64_t bad;
	assert_int_equal(walk(db, &count, &bad), THINGS / BAD_EVERY + 1);
	assert_int_equal(bad, THINGS / BAD_EVERY);
	assert_int_equal(count, THINGS - bad);
}

static enum err spoil_word(struct db *db, void *argument)
{
	const int64_t *number = argument;
	/* Its place in the order stays. */
	return db_run(db, "UPDATE things SET word = word || 'x' WHERE id = ?1",
		      PARAMS(P_INT(*number)), NULL);
}

static void a_walk_goes_on_behind_what_has_no_id(void **state)
{
	/* The first of a step, one within, the last of a step, the last of all. */
	static const int64_t numbers[] = {1, 4, 2 * BAD_EVERY, THINGS};
	struct store_fixture *fixture = *state;
	struct db *db = begin(state);
	size_t count;
	int64_t bad;
	store_read_end(db);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		int64_t number = numbers[i];
		assert_int_equal(store_transact(fixture->store, spoil_word, &number, NULL), OK);
		assert_int_equal(store_read_begin(fixture->store, &db), OK);
		walk(db, &count, &bad);
		store_read_end(db);
		/* Of those that are left out the last one of a step is read twice. */
		assert_int_equal(count, THINGS - THINGS / BAD_EVERY);
		assert_in_range(bad, THINGS / BAD_EVERY, THINGS / BAD_EVERY + 1);
	}
}

static void a_list_of_nothing_has_no_items(void **state)
{
	struct db *db CLEANUP_READ = begin(state);
	struct arena arena CLEANUP_ARENA;
	struct list list = {
		.arena = &arena, .read = read_thing, .item_bytes = sizeof(struct thing)};
	arena_init(&arena, 1 << 20);
	assert_int_equal(db_list(db, &list, "SELECT word, id FROM things WHERE id < 0", NO_PARAMS),
			 OK);
	assert_null(list.items);
	assert_int_equal(list.page.count, 0);
	assert_true(id_is_empty(&list.page.last));
}

static void a_list_that_does_not_fit_fails(void **state)
{
	struct db *db CLEANUP_READ = begin(state);
	struct arena arena CLEANUP_ARENA;
	struct list list = {
		.arena = &arena, .read = read_thing, .item_bytes = sizeof(struct thing)};
	arena_init(&arena, 2000);
	assert_int_equal(db_list(db, &list, "SELECT word, id FROM things ORDER BY id", NO_PARAMS),
			 ERR_UNAVAILABLE);
}

static void a_row_or_a_number_may_be_missing(void **state)
{
	struct db *db CLEANUP_READ = begin(state);
	int64_t number = -1;
	struct rows row CLEANUP_ROWS = {0};
	struct rows none CLEANUP_ROWS = {0};
	assert_int_equal(db_select_row(db, &row, "SELECT id FROM things WHERE id = 3", NO_PARAMS),
			 OK);
	assert_int_equal(rows_int(&row, 0), 3);
	assert_int_equal(db_select_row(db, &none, "SELECT id FROM things WHERE id < 0", NO_PARAMS),
			 ERR_NOT_FOUND);
	assert_int_equal(db_select_number(db, "SELECT COUNT(*) FROM things", NO_PARAMS, &number),
			 OK);
	assert_int_equal(number, THINGS);
	assert_int_equal(
		db_select_number(db, "SELECT id FROM things WHERE id < 0", NO_PARAMS, &number), OK);
	assert_int_equal(number, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		DB_TEST(a_list_grows_and_leaves_out_what_is_bad),
		DB_TEST(a_walk_ends_with_the_last_row),
		DB_TEST(a_walk_goes_on_behind_what_has_no_id),
		DB_TEST(a_list_of_nothing_has_no_items),
		DB_TEST(a_list_that_does_not_fit_fails),
		DB_TEST(a_row_or_a_number_may_be_missing),
	};
	return engines_test_run("store", tests, sizeof(tests) / sizeof(tests[0]));
}
