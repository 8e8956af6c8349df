/* Who may send for a file, and its parts, on both engines. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "store/files_test_support.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum { RIVALS = 8 };

struct rival {
	struct files_test *t;
	struct files_test_taking taking;
	enum err err;
};

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

/* ---- who sends, and parts ---- */

static void only_the_last_to_come_may_send(void **state)
{
	struct files_test *t = *state;
	struct file_part *parts;
	size_t count;
	files_test_people(t);
	struct id id = files_test_unfinished(t, 100), ready = files_test_ready(t, &t->ann);
	struct files_test_taking first = {.id = id}, second = {.id = id}, late = {.id = ready};
	assert_int_equal(take_over(t, &first), OK);
	assert_int_equal(take_over(t, &second), OK);
	assert_int_equal(second.writer, first.writer + 1);
	assert_int_equal(take_over(t, &late), ERR_NOT_FOUND);
	late.id = id_new(files_test_ms);
	assert_int_equal(take_over(t, &late), ERR_NOT_FOUND);
	struct files_test_adding adding = {.id = id,
					   .writer = first.writer,
					   .parts = {files_test_part(&id, 0, 0, 10, false)},
					   .count = 1};
	assert_int_equal(add_parts(t, &adding), ERR_CONFLICT);
	assert_int_equal(files_test_parts(t, &id, &parts, &count), OK);
	assert_int_equal(count, 0);
	adding.writer = second.writer;
	assert_int_equal(add_parts(t, &adding), OK);
	struct file file = files_test_get(t, &id);
	assert_int_equal(file.stored_bytes, 10);
	assert_int_equal(file.part_count, 1);
	assert_true(file.touched_ms == files_test_ms + 7);
	assert_true(str_eq(file.hashing, STR("hash state")));
	/* Sent by both, the second time it does not follow on. */
	assert_int_equal(add_parts(t, &adding), ERR_CONFLICT);
}

static void *take_one(void *argument)
{
	struct rival *rival = argument;
	do
		rival->err = take_over(rival->t, &rival->taking);
	while (rival->err == ERR_BUSY);
	return NULL;
}

static void of_many_who_come_back_one_has_it(void **state)
{
	struct files_test *t = *state;
	struct rival rivals[RIVALS] = {0};
	bool is_taken[RIVALS + 1] = {false};
	files_test_people(t);
	struct id id = files_test_unfinished(t, 100);
	for (size_t i = 0; i < RIVALS; i++)
		rivals[i].taking.id = id;
	run_rivals(t, rivals, take_one);
	for (size_t i = 0; i < RIVALS; i++) {
		int64_t writer = rivals[i].taking.writer;
		assert_int_equal(rivals[i].err, OK);
		assert_in_range(writer, 1, RIVALS);
		assert_false(is_taken[writer]);
		is_taken[writer] = true;
		struct files_test_adding adding = {.id = id,
						   .writer = writer,
						   .parts = {files_test_part(&id, 0, 0, 10, false)},
						   .count = 1};
		assert_int_equal(add_parts(t, &adding), writer == RIVALS ? OK : ERR_CONFLICT);
	}
}

static void parts_follow_on(void **state)
{
	struct files_test *t = *state;
	files_test_people(t);
	struct id id = files_test_unfinished(t, 100), other = files_test_unfinished(t, 100);
	struct files_test_taking taking = {.id = id};
	assert_int_equal(take_over(t, &taking), OK);
	struct files_test_adding fine = {.id = id,
					 .writer = 1,
					 .parts = {files_test_part(&id, 0, 0, 10, false),
						   files_test_part(&id, 1, 10, 20, false)},
					 .count = 2};
	assert_int_equal(add_parts(t, &fine), OK);
	const struct {
		const char *sentence;
		struct file_part parts[2];
		size_t count;
	} cases[] = {
		{"another number", {files_test_part(&id, 3, 30, 5, false)}, 1},
		{"a number again", {files_test_part(&id, 1, 30, 5, false)}, 1},
		{"another offset", {files_test_part(&id, 2, 31, 5, false)}, 1},
		{"an overlap", {files_test_part(&id, 2, 29, 5, false)}, 1},
		{"a part of another file", {files_test_part(&other, 2, 30, 5, false)}, 1},
		{"a length below 0", {files_test_part(&id, 2, 30, -1, false)}, 1},
		{"nothing", {files_test_part(&id, 2, 30, 0, false)}, 1},
		{"a gap between two",
		 {files_test_part(&id, 2, 30, 5, false), files_test_part(&id, 3, 36, 5, false)},
		 2},
		{"one behind the end",
		 {files_test_part(&id, 2, 30, 5, true), files_test_part(&id, 3, 35, 5, false)},
		 2},
		{"a blob that is another part's", {fine.parts[0]}, 1},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct files_test_adding adding = {.id = id, .writer = 1, .count = cases[i].count};
		memcpy(adding.parts, cases[i].parts, sizeof(cases[i].parts));
		if (i + 1 == COUNT(cases)) {
			adding.parts[0].number = 2;
			adding.parts[0].offset = 30;
		}
		enum err err = add_parts(t, &adding);
		if (err != ERR_CONFLICT || files_test_get(t, &id).part_count != 2)
			fail_msg("%s: %s", cases[i].sentence, err_name(err));
	}
	struct file_part *parts;
	size_t count;
	struct files_test_adding end = {
		.id = id, .writer = 1, .parts = {files_test_part(&id, 2, 30, 0, true)}, .count = 1};
	assert_int_equal(add_parts(t, &end), OK);
	end.parts[0] = files_test_part(&id, 3, 30, 5, false);
	assert_int_equal(add_parts(t, &end), ERR_CONFLICT);
	assert_int_equal(files_test_parts(t, &id, &parts, &count), OK);
	assert_int_equal(count, 3);
	for (size_t i = 0; i < 2; i++) {
		assert_true(id_eq(&parts[i].blob_id, &fine.parts[i].blob_id));
		assert_int_equal(parts[i].number, i);
		assert_int_equal(parts[i].offset, fine.parts[i].offset);
		assert_int_equal(parts[i].bytes, fine.parts[i].bytes);
		assert_false(parts[i].is_last);
	}
	assert_true(parts[2].is_last);
}

static void a_part_that_was_changed_or_is_missing_is_found(void **state)
{
	struct files_test *t = *state;
	static const char *const attacks[] = {
		"UPDATE file_parts SET number = 7 WHERE number = 1",
		"UPDATE file_parts SET number = 3 WHERE number = 0",
		"UPDATE file_parts SET blob_id = file_id WHERE number = 1",
		"UPDATE file_parts SET begins_at = 11 WHERE number = 1",
		"UPDATE file_parts SET bytes = 9 WHERE number = 1",
		"UPDATE file_parts SET bytes = 20 WHERE number = 2",
		"UPDATE file_parts SET is_last = 0 WHERE number = 2",
		"UPDATE file_parts SET is_last = 1 WHERE number = 1",
		"UPDATE file_parts SET is_last = 257 WHERE number = 2",
		"UPDATE file_parts SET mac = (SELECT p.mac FROM file_parts p WHERE p.number = 0) "
		"WHERE number = 1",
		"DELETE FROM file_parts WHERE number = 0",
		"DELETE FROM file_parts WHERE number = 1",
		"DELETE FROM file_parts WHERE number = 2",
		"DELETE FROM file_parts",
		"DELETE FROM file_parts WHERE number = 2; UPDATE files SET part_count = 2, "
		"stored_bytes = 20",
		"UPDATE files SET part_count = 4",
		"UPDATE files SET stored_bytes = 29",
	};
	struct file_part *parts;
	size_t count;
	files_test_people(t);
	for (size_t i = 0; i < COUNT(attacks); i++) {
		struct id id = files_test_three_parts(t);
		assert_int_equal(files_test_parts(t, &id, &parts, &count), OK);
		assert_int_equal(count, 3);
		store_direct_run(t->fixture.url, attacks[i]);
		if (files_test_parts(t, &id, &parts, &count) != ERR_CORRUPT)
			fail_msg("%s", attacks[i]);
		store_direct_run(t->fixture.url, "DELETE FROM file_parts");
		store_direct_run(t->fixture.url, "DELETE FROM files");
	}
	struct id none = id_new(files_test_ms);
	assert_int_equal(files_test_parts(t, &none, &parts, &count), OK);
	assert_int_equal(count, 0);
}

static void parts_cannot_go_to_another_file(void **state)
{
	struct files_test *t = *state;
	struct file_part *parts;
	size_t count;
	char sql[256];
	files_test_people(t);
	struct id one = files_test_three_parts(t), two = files_test_three_parts(t);
	snprintf(sql, sizeof(sql),
		 "DELETE FROM file_parts WHERE file_id = '%s'; UPDATE file_parts SET file_id = "
		 "'%s'",
		 one.text, one.text);
	store_direct_run(t->fixture.url, sql);
	assert_int_equal(files_test_parts(t, &one, &parts, &count), ERR_CORRUPT);
	assert_int_equal(files_test_parts(t, &two, &parts, &count), ERR_CORRUPT);
}

/* ---- blobs that belong to nothing ---- */

static void a_refused_file_has_no_parts(void **state)
{
	struct files_test *t = *state;
	struct file_part *parts;
	size_t count;
	files_test_people(t);
	struct id id = files_test_three_parts(t);
	struct files_test_change change = {.old = files_test_get(t, &id)};
	change.next = change.old;
	change.next.state = FILE_REFUSED;
	assert_int_equal(files_test_parts(t, &id, &parts, &count), OK);
	assert_int_equal(update(t, &change), OK);
	bool is_orphan[3];
	struct db *db CLEANUP_READ = files_test_read(t);
	struct id blob_ids[] = {parts[0].blob_id, parts[1].blob_id, parts[2].blob_id};
	assert_int_equal(files_find_orphans(db, blob_ids, 3, is_orphan), OK);
	assert_true(is_orphan[0] && is_orphan[1] && is_orphan[2]);
	assert_int_equal(files_parts(db, &t->arena, &id, &parts, &count), OK);
	assert_int_equal(count, 0);
}

static void orphans_are_those_that_no_part_names(void **state)
{
	struct files_test *t = *state;
	struct file_part *parts;
	size_t count;
	bool is_orphan[4];
	files_test_people(t);
	struct id id = files_test_three_parts(t);
	assert_int_equal(files_test_parts(t, &id, &parts, &count), OK);
	struct id blob_ids[] = {parts[0].blob_id, id_new(files_test_ms), parts[2].blob_id, id};
	struct db *db CLEANUP_READ = files_test_read(t);
	assert_int_equal(files_find_orphans(db, blob_ids, 4, is_orphan), OK);
	assert_false(is_orphan[0]);
	assert_true(is_orphan[1]);
	assert_false(is_orphan[2]);
	assert_true(is_orphan[3]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		FILES_TEST(only_the_last_to_come_may_send),
		FILES_TEST(of_many_who_come_back_one_has_it),
		FILES_TEST(parts_follow_on),
		FILES_TEST(a_part_that_was_changed_or_is_missing_is_found),
		FILES_TEST(parts_cannot_go_to_another_file),
		FILES_TEST(a_refused_file_has_no_parts),
		FILES_TEST(orphans_are_those_that_no_part_names),
	};
	return engines_test_run("store", tests, COUNT(tests));
}
