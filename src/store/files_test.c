/* Files and quotas, on both engines. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "store/files_test_support.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* ---- files ---- */

static void a_file_comes_back(void **state)
{
	struct files_test *t = *state;
	struct file back;
	files_test_people(t);
	struct files_test_insert insert = {.file = files_test_file(&t->ann, FILE_READY, 1 << 30)};
	insert.file.scan = FILE_SCAN_INFECTED;
	insert.file.hashing = STR("state");
	insert.file.stored_bytes = 5;
	insert.file.part_count = 6;
	insert.file.touched_ms = 7;
	insert.file.writer = 8;
	assert_int_equal(write_file(t, &insert), OK);
	assert_int_equal(files_test_try_get(t, &insert.file.id, &back), OK);
	assert_true(id_eq(&back.id, &insert.file.id));
	assert_true(id_eq(&back.owner_id, &t->ann));
	assert_int_equal(back.state, FILE_READY);
	assert_int_equal(back.scan, FILE_SCAN_INFECTED);
	assert_int_equal(back.bytes, 1 << 30);
	assert_true(back.created_ms == files_test_ms);
	assert_true(str_eq(back.owner_wrapped, insert.file.owner_wrapped));
	assert_true(str_eq(back.head, insert.file.head));
	assert_true(str_eq(back.digest, insert.file.digest));
	assert_true(str_eq(back.hashing, insert.file.hashing));
	assert_int_equal(back.stored_bytes, 5);
	assert_int_equal(back.part_count, 6);
	assert_int_equal(back.touched_ms, 7);
	assert_int_equal(back.writer, 8);
	struct id other = id_new(files_test_ms);
	assert_int_equal(files_test_try_get(t, &other, &back), ERR_NOT_FOUND);
	assert_int_equal(write_file(t, &insert), ERR_CONFLICT);
}

static void what_rights_rest_on_is_authentic(void **state)
{
	struct files_test *t = *state;
	static const struct {
		const char *set;
		enum err expected;
	} cases[] = {
		{"owner_id = (SELECT MAX(id) FROM users)", ERR_CORRUPT},
		{"state = 1", ERR_CORRUPT},
		{"state = state + 4294967296", ERR_CORRUPT},
		{"scan = 1", ERR_CORRUPT},
		{"bytes = 99", ERR_CORRUPT},
		{"created_ms = created_ms + 1", ERR_CORRUPT},
		{"owner_wrapped = head", ERR_CORRUPT},
		{"owner_wrapped = hashing", ERR_CORRUPT},
		{"head = digest", ERR_CORRUPT},
		{"digest = head", ERR_CORRUPT},
		{"mac = head", ERR_CORRUPT},
		{"touched_ms = 1", OK},
		{"writer = 1", OK},
		{"stored_bytes = 1, part_count = 3", OK},
	};
	struct file file;
	files_test_people(t);
	for (size_t i = 0; i < COUNT(cases); i++) {
		char sql[256];
		/* Owned by who is not the one with the highest id. */
		const struct id *owner =
			str_compare(id_str(&t->ann), id_str(&t->ben)) < 0 ? &t->ann : &t->ben;
		struct id id = files_test_ready(t, owner);
		assert_int_equal(files_test_try_get(t, &id, &file), OK);
		snprintf(sql, sizeof(sql), "UPDATE files SET %s", cases[i].set);
		store_direct_run(t->fixture.url, sql);
		if (files_test_try_get(t, &id, &file) != cases[i].expected)
			fail_msg("%s", cases[i].set);
		store_direct_run(t->fixture.url, "DELETE FROM files");
	}
}

/* ---- quota ---- */

static int64_t used_by_ann(struct files_test *t)
{
	struct db *db CLEANUP_READ = files_test_read(t);
	int64_t used;
	assert_int_equal(files_used_bytes(db, &t->ann, &used), OK);
	return used;
}

static void a_quota_counts_what_is_there_and_what_will_be(void **state)
{
	struct files_test *t = *state;
	static const struct {
		const char *sentence;
		enum file_state state;
		int64_t bytes, stored, quota;
		enum err expected;
		int64_t used;
	} cases[] = {
		{"an upload counts with what it will take", FILE_UNFINISHED, 400, 10, 1000, OK,
		 400},
		{"a ready file", FILE_READY, 500, 500, 1000, OK, 900},
		{"one byte too many", FILE_UNFINISHED, 101, 0, 1000, ERR_TOO_LARGE, 900},
		{"the last byte", FILE_UNFINISHED, 100, 0, 1000, OK, 1000},
		{"an empty file when all is full", FILE_READY, 0, 0, 1000, OK, 1000},
		{"a form that knows no size", FILE_UNFINISHED, -1, 7, 1000, OK, 1007},
		{"then no more, not even nothing", FILE_UNFINISHED, 0, 0, 1000, ERR_TOO_LARGE,
		 1007},
		{"a refused one takes nothing", FILE_REFUSED, 5000, 0, 6100, OK, 1007},
		{"no quota", FILE_READY, INT64_C(1) << 40, 0, 0, OK, (INT64_C(1) << 40) + 1007},
		{"a size that overflows", FILE_READY, INT64_MAX, 0, INT64_MAX, ERR_TOO_LARGE,
		 (INT64_C(1) << 40) + 1007},
	};
	struct db *db = NULL;
	int64_t unfinished;
	files_test_people(t);
	assert_int_equal(used_by_ann(t), 0);
	files_test_ready(t, &t->ben);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct files_test_insert insert = {
			.file = files_test_file(&t->ann, cases[i].state, cases[i].bytes),
			.quota_bytes = cases[i].quota};
		insert.file.stored_bytes = cases[i].stored;
		enum err err = write_file(t, &insert);
		if (err != cases[i].expected || used_by_ann(t) != cases[i].used)
			fail_msg("%s: %s, %lld", cases[i].sentence, err_name(err),
				 (long long)used_by_ann(t));
	}
	db = files_test_read(t);
	assert_int_equal(files_count_unfinished(db, &t->ann, &unfinished), OK);
	assert_int_equal(unfinished, 3);
	assert_int_equal(files_count_unfinished(db, &t->ben, &unfinished), OK);
	assert_int_equal(unfinished, 0);
	store_read_end(db);
}

static void a_form_learns_its_size(void **state)
{
	struct files_test *t = *state;
	files_test_people(t);
	files_test_ready(t, &t->ann); /* 100 bytes */
	struct id id = files_test_unfinished(t, -1);
	struct files_test_taking taking = {.id = id};
	assert_int_equal(take_over(t, &taking), OK);
	struct files_test_adding adding = {.id = id,
					   .writer = 1,
					   .parts = {files_test_part(&id, 0, 0, 50, false)},
					   .count = 1};
	assert_int_equal(add_parts(t, &adding), OK);
	assert_int_equal(used_by_ann(t), 150);
	struct files_test_change change = {
		.old = files_test_get(t, &id), .bytes = 60, .quota_bytes = 159};
	assert_int_equal(set_bytes(t, &change), ERR_TOO_LARGE);
	change.quota_bytes = 160;
	assert_int_equal(set_bytes(t, &change), OK);
	assert_int_equal(used_by_ann(t), 160);
	assert_int_equal(files_test_get(t, &id).bytes, 60);
	assert_int_equal(set_bytes(t, &change), ERR_CONFLICT);
	/* What it counts for already is not counted twice. */
	change.old = files_test_get(t, &id);
	assert_int_equal(set_bytes(t, &change), OK);
	assert_int_equal(used_by_ann(t), 160);
}

enum { RIVALS = 8 };

struct rival {
	struct files_test *t;
	struct files_test_insert insert;
	struct files_test_taking taking;
	enum err err;
};

static void *insert_one(void *argument)
{
	struct rival *rival = argument;
	rival->err = write_file(rival->t, &rival->insert);
	return NULL;
}

static void run_rivals(struct files_test *t, struct rival rivals[RIVALS], void *(*run)(void *))
{
	pthread_t threads[RIVALS];
	for (size_t i = 0; i < RIVALS; i++) {
		rivals[i].t = t;
		assert_int_equal(pthread_create(&threads[i], NULL, run, &rivals[i]), 0);
	}
	for (size_t i = 0; i < RIVALS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
}

static void a_quota_holds_against_many_at_once(void **state)
{
	struct files_test *t = *state;
	struct rival rivals[RIVALS] = {0};
	int inserted = 0;
	files_test_people(t);
	for (size_t i = 0; i < RIVALS; i++)
		rivals[i].insert = (struct files_test_insert){
			.file = files_test_file(&t->ann, FILE_UNFINISHED, 400),
			.quota_bytes = 1000};
	run_rivals(t, rivals, insert_one);
	for (size_t i = 0; i < RIVALS; i++) {
		inserted += rivals[i].err == OK;
		/* PostgreSQL may give up on some. */
		assert_true(rivals[i].err == OK || rivals[i].err == ERR_TOO_LARGE ||
			    rivals[i].err == ERR_BUSY);
	}
	assert_in_range(inserted, 1, 2);
	assert_int_equal(used_by_ann(t), 400 * inserted);
}

/* ---- changing ---- */

static void an_update_is_of_what_was_read(void **state)
{
	struct files_test *t = *state;
	files_test_people(t);
	struct id id = files_test_unfinished(t, 10);
	struct files_test_taking taking = {.id = id};
	struct files_test_adding adding = {
		.id = id, .writer = 1, .parts = {files_test_part(&id, 0, 0, 10, true)}, .count = 1};
	assert_int_equal(take_over(t, &taking), OK);
	assert_int_equal(add_parts(t, &adding), OK);
	struct files_test_change change = {.old = files_test_get(t, &id)};
	change.next = change.old;
	change.next.scan = FILE_SCAN_CLEAN;
	assert_int_equal(update(t, &change), OK);
	assert_true(str_eq(files_test_get(t, &id).hashing, STR("hash state")));
	assert_int_equal(update(t, &change), ERR_CONFLICT);
	change.old = files_test_get(t, &id);
	change.next = change.old;
	change.next.state = FILE_READY;
	change.next.digest = STR("digest");
	change.next.head = STR("is not written");
	assert_int_equal(update(t, &change), OK);
	struct file file = files_test_get(t, &id);
	assert_int_equal(file.state, FILE_READY);
	assert_int_equal(file.scan, FILE_SCAN_CLEAN);
	assert_true(str_eq(file.digest, STR("digest")));
	assert_true(str_eq(file.head, STR("name and type")));
	assert_int_equal(file.hashing.len, 0);
	/* It is too late to go on sending, or to take it over. */
	adding.parts[0] = files_test_part(&id, 1, 10, 5, true);
	assert_int_equal(add_parts(t, &adding), ERR_CONFLICT);
	assert_int_equal(take_over(t, &taking), ERR_NOT_FOUND);
	/* One that is gone. */
	change.old.id = id_new(files_test_ms);
	assert_int_equal(update(t, &change), ERR_CONFLICT);
}

/* ---- walking ---- */

static void all_files_are_walked_through(void **state)
{
	struct files_test *t = *state;
	struct page page = {0};
	size_t seen = 0;
	int64_t bad = 0;
	files_test_people(t);
	for (int i = 0; i < 10; i++)
		files_test_ready(t, &t->ann);
	store_direct_run(t->fixture.url,
			 "UPDATE files SET bytes = 1 WHERE id IN (SELECT MIN(id) FROM files)");
	struct db *db CLEANUP_READ = files_test_read(t);
	do {
		struct file *files;
		assert_int_equal(files_page(db, &t->arena, 3, &page, &files), OK);
		seen += page.count;
		bad += page.bad;
	} while (!id_is_empty(&page.last));
	assert_int_equal(seen, 9);
	assert_int_equal(bad, 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		FILES_TEST(a_file_comes_back),
		FILES_TEST(what_rights_rest_on_is_authentic),
		FILES_TEST(a_quota_counts_what_is_there_and_what_will_be),
		FILES_TEST(a_form_learns_its_size),
		FILES_TEST(a_quota_holds_against_many_at_once),
		FILES_TEST(an_update_is_of_what_was_read),
		FILES_TEST(all_files_are_walked_through),
	};
	return engines_test_run("store", tests, COUNT(tests));
}
