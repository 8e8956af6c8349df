/* Files, their parts, and who has them beside messages; on both engines. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "store/files_test_support.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

struct change {
	struct file old, next;
	int64_t bytes, quota_bytes;
};
FILES_TEST_WRITE(update, struct change, files_update(db, &a->old, &a->next))
FILES_TEST_WRITE(set_bytes, struct change, files_set_bytes(db, &a->old, a->bytes, a->quota_bytes))

struct taking {
	struct id id;
	int64_t writer;
};
FILES_TEST_WRITE(take_over, struct taking,
		 files_take_over(db, &a->id, files_test_ms + 5, &a->writer))

struct adding {
	struct id id;
	int64_t writer;
	struct file_part parts[4];
	size_t count;
};
FILES_TEST_WRITE(add_parts, struct adding,
		 files_add_parts(db, &a->id, a->writer, a->parts, a->count, STR("hash state"),
				 files_test_ms + 7))

FILES_TEST_WRITE(delete_file, struct id, files_delete(db, a))
FILES_TEST_WRITE(touch, struct id, files_touch(db, a, files_test_ms + 100))

struct forsaking {
	struct id id;
	int64_t before_ms;
	bool is_deleted;
};
FILES_TEST_WRITE(delete_forsaken, struct forsaking,
		 files_delete_forsaken(db, &a->id, a->before_ms, &a->is_deleted))

FILES_TEST_WRITE(delete_of_message, struct id, message_files_delete(db, a))
FILES_TEST_WRITE(write_draft, struct draft_row, drafts_insert(db, a))
struct drafting {
	struct id draft_id, user_id;
	struct id file_ids[3];
	size_t count;
};
FILES_TEST_WRITE(set_draft_files, struct drafting,
		 draft_files_set(db, &a->draft_id, a->file_ids, a->count))
FILES_TEST_WRITE(delete_draft, struct drafting, drafts_delete(db, &a->user_id, &a->draft_id))
FILES_TEST_WRITE(delete_draft_version, struct drafting,
		 drafts_delete_version(db, &a->user_id, &a->draft_id, 1))

static enum err get(struct files_test *t, const struct id *id, struct file *ret)
{
	struct db *db CLEANUP_READ = files_test_read(t);
	return files_get(db, &t->arena, id, ret);
}

static struct file get_fine(struct files_test *t, const struct id *id)
{
	struct file file;
	assert_int_equal(get(t, id, &file), OK);
	return file;
}

static enum err parts_of(struct files_test *t, const struct id *id, struct file_part **ret,
			 size_t *ret_count)
{
	struct db *db CLEANUP_READ = files_test_read(t);
	return files_parts(db, &t->arena, id, ret, ret_count);
}

static struct id insert_unfinished(struct files_test *t, int64_t bytes)
{
	struct files_test_insert insert = {
		.file = files_test_file(&t->ann, FILE_UNFINISHED, bytes)};
	assert_int_equal(write_file(t, &insert), OK);
	return insert.file.id;
}

static struct file_part part(const struct id *file_id, int64_t number, int64_t offset,
			     int64_t bytes, bool is_last)
{
	return (struct file_part){*file_id, number, id_new(files_test_ms), offset, bytes, is_last};
}

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
	assert_int_equal(get(t, &insert.file.id, &back), OK);
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
	assert_int_equal(get(t, &other, &back), ERR_NOT_FOUND);
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
		assert_int_equal(get(t, &id, &file), OK);
		snprintf(sql, sizeof(sql), "UPDATE files SET %s", cases[i].set);
		store_direct_run(t->fixture.url, sql);
		if (get(t, &id, &file) != cases[i].expected)
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
	struct id id = insert_unfinished(t, -1);
	struct taking taking = {.id = id};
	assert_int_equal(take_over(t, &taking), OK);
	struct adding adding = {
		.id = id, .writer = 1, .parts = {part(&id, 0, 0, 50, false)}, .count = 1};
	assert_int_equal(add_parts(t, &adding), OK);
	assert_int_equal(used_by_ann(t), 150);
	struct change change = {.old = get_fine(t, &id), .bytes = 60, .quota_bytes = 159};
	assert_int_equal(set_bytes(t, &change), ERR_TOO_LARGE);
	change.quota_bytes = 160;
	assert_int_equal(set_bytes(t, &change), OK);
	assert_int_equal(used_by_ann(t), 160);
	assert_int_equal(get_fine(t, &id).bytes, 60);
	assert_int_equal(set_bytes(t, &change), ERR_CONFLICT);
	/* What it counts for already is not counted twice. */
	change.old = get_fine(t, &id);
	assert_int_equal(set_bytes(t, &change), OK);
	assert_int_equal(used_by_ann(t), 160);
}

enum { RIVALS = 8 };

struct rival {
	struct files_test *t;
	struct files_test_insert insert;
	struct taking taking;
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

/* ---- who sends, and parts ---- */

static void only_the_last_to_come_may_send(void **state)
{
	struct files_test *t = *state;
	struct file_part *parts;
	size_t count;
	files_test_people(t);
	struct id id = insert_unfinished(t, 100), ready = files_test_ready(t, &t->ann);
	struct taking first = {.id = id}, second = {.id = id}, late = {.id = ready};
	assert_int_equal(take_over(t, &first), OK);
	assert_int_equal(take_over(t, &second), OK);
	assert_int_equal(second.writer, first.writer + 1);
	assert_int_equal(take_over(t, &late), ERR_NOT_FOUND);
	late.id = id_new(files_test_ms);
	assert_int_equal(take_over(t, &late), ERR_NOT_FOUND);
	struct adding adding = {.id = id,
				.writer = first.writer,
				.parts = {part(&id, 0, 0, 10, false)},
				.count = 1};
	assert_int_equal(add_parts(t, &adding), ERR_CONFLICT);
	assert_int_equal(parts_of(t, &id, &parts, &count), OK);
	assert_int_equal(count, 0);
	adding.writer = second.writer;
	assert_int_equal(add_parts(t, &adding), OK);
	struct file file = get_fine(t, &id);
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
	struct id id = insert_unfinished(t, 100);
	for (size_t i = 0; i < RIVALS; i++)
		rivals[i].taking.id = id;
	run_rivals(t, rivals, take_one);
	for (size_t i = 0; i < RIVALS; i++) {
		int64_t writer = rivals[i].taking.writer;
		assert_int_equal(rivals[i].err, OK);
		assert_in_range(writer, 1, RIVALS);
		assert_false(is_taken[writer]);
		is_taken[writer] = true;
		struct adding adding = {.id = id,
					.writer = writer,
					.parts = {part(&id, 0, 0, 10, false)},
					.count = 1};
		assert_int_equal(add_parts(t, &adding), writer == RIVALS ? OK : ERR_CONFLICT);
	}
}

static void parts_follow_on(void **state)
{
	struct files_test *t = *state;
	files_test_people(t);
	struct id id = insert_unfinished(t, 100), other = insert_unfinished(t, 100);
	struct taking taking = {.id = id};
	assert_int_equal(take_over(t, &taking), OK);
	struct adding fine = {.id = id,
			      .writer = 1,
			      .parts = {part(&id, 0, 0, 10, false), part(&id, 1, 10, 20, false)},
			      .count = 2};
	assert_int_equal(add_parts(t, &fine), OK);
	const struct {
		const char *sentence;
		struct file_part parts[2];
		size_t count;
	} cases[] = {
		{"another number", {part(&id, 3, 30, 5, false)}, 1},
		{"a number again", {part(&id, 1, 30, 5, false)}, 1},
		{"another offset", {part(&id, 2, 31, 5, false)}, 1},
		{"an overlap", {part(&id, 2, 29, 5, false)}, 1},
		{"a part of another file", {part(&other, 2, 30, 5, false)}, 1},
		{"a length below 0", {part(&id, 2, 30, -1, false)}, 1},
		{"nothing", {part(&id, 2, 30, 0, false)}, 1},
		{"a gap between two", {part(&id, 2, 30, 5, false), part(&id, 3, 36, 5, false)}, 2},
		{"one behind the end", {part(&id, 2, 30, 5, true), part(&id, 3, 35, 5, false)}, 2},
		{"a blob that is another part's", {fine.parts[0]}, 1},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct adding adding = {.id = id, .writer = 1, .count = cases[i].count};
		memcpy(adding.parts, cases[i].parts, sizeof(cases[i].parts));
		if (i + 1 == COUNT(cases)) {
			adding.parts[0].number = 2;
			adding.parts[0].offset = 30;
		}
		enum err err = add_parts(t, &adding);
		if (err != ERR_CONFLICT || get_fine(t, &id).part_count != 2)
			fail_msg("%s: %s", cases[i].sentence, err_name(err));
	}
	struct file_part *parts;
	size_t count;
	struct adding end = {
		.id = id, .writer = 1, .parts = {part(&id, 2, 30, 0, true)}, .count = 1};
	assert_int_equal(add_parts(t, &end), OK);
	end.parts[0] = part(&id, 3, 30, 5, false);
	assert_int_equal(add_parts(t, &end), ERR_CONFLICT);
	assert_int_equal(parts_of(t, &id, &parts, &count), OK);
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

/* Three parts of 10 bytes, ready. */
static struct id insert_three_parts(struct files_test *t)
{
	struct id id = insert_unfinished(t, 30);
	struct taking taking = {.id = id};
	assert_int_equal(take_over(t, &taking), OK);
	struct adding adding = {.id = id,
				.writer = 1,
				.parts = {part(&id, 0, 0, 10, false), part(&id, 1, 10, 10, false),
					  part(&id, 2, 20, 10, true)},
				.count = 3};
	assert_int_equal(add_parts(t, &adding), OK);
	struct change change = {.old = get_fine(t, &id)};
	change.next = change.old;
	change.next.state = FILE_READY;
	change.next.digest = STR("digest");
	assert_int_equal(update(t, &change), OK);
	return id;
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
		struct id id = insert_three_parts(t);
		assert_int_equal(parts_of(t, &id, &parts, &count), OK);
		assert_int_equal(count, 3);
		store_direct_run(t->fixture.url, attacks[i]);
		if (parts_of(t, &id, &parts, &count) != ERR_CORRUPT)
			fail_msg("%s", attacks[i]);
		store_direct_run(t->fixture.url, "DELETE FROM file_parts");
		store_direct_run(t->fixture.url, "DELETE FROM files");
	}
	struct id none = id_new(files_test_ms);
	assert_int_equal(parts_of(t, &none, &parts, &count), OK);
	assert_int_equal(count, 0);
}

static void parts_cannot_go_to_another_file(void **state)
{
	struct files_test *t = *state;
	struct file_part *parts;
	size_t count;
	char sql[256];
	files_test_people(t);
	struct id one = insert_three_parts(t), two = insert_three_parts(t);
	snprintf(sql, sizeof(sql),
		 "DELETE FROM file_parts WHERE file_id = '%s'; UPDATE file_parts SET file_id = "
		 "'%s'",
		 one.text, one.text);
	store_direct_run(t->fixture.url, sql);
	assert_int_equal(parts_of(t, &one, &parts, &count), ERR_CORRUPT);
	assert_int_equal(parts_of(t, &two, &parts, &count), ERR_CORRUPT);
}

/* ---- what becomes of a file ---- */

static void an_update_is_of_what_was_read(void **state)
{
	struct files_test *t = *state;
	files_test_people(t);
	struct id id = insert_unfinished(t, 10);
	struct taking taking = {.id = id};
	struct adding adding = {
		.id = id, .writer = 1, .parts = {part(&id, 0, 0, 10, true)}, .count = 1};
	assert_int_equal(take_over(t, &taking), OK);
	assert_int_equal(add_parts(t, &adding), OK);
	struct change change = {.old = get_fine(t, &id)};
	change.next = change.old;
	change.next.scan = FILE_SCAN_CLEAN;
	assert_int_equal(update(t, &change), OK);
	assert_true(str_eq(get_fine(t, &id).hashing, STR("hash state")));
	assert_int_equal(update(t, &change), ERR_CONFLICT);
	change.old = get_fine(t, &id);
	change.next = change.old;
	change.next.state = FILE_READY;
	change.next.digest = STR("digest");
	change.next.head = STR("is not written");
	assert_int_equal(update(t, &change), OK);
	struct file file = get_fine(t, &id);
	assert_int_equal(file.state, FILE_READY);
	assert_int_equal(file.scan, FILE_SCAN_CLEAN);
	assert_true(str_eq(file.digest, STR("digest")));
	assert_true(str_eq(file.head, STR("name and type")));
	assert_int_equal(file.hashing.len, 0);
	/* It is too late to go on sending, or to take it over. */
	adding.parts[0] = part(&id, 1, 10, 5, true);
	assert_int_equal(add_parts(t, &adding), ERR_CONFLICT);
	assert_int_equal(take_over(t, &taking), ERR_NOT_FOUND);
	/* One that is gone. */
	change.old.id = id_new(files_test_ms);
	assert_int_equal(update(t, &change), ERR_CONFLICT);
}

static void a_refused_file_has_no_parts(void **state)
{
	struct files_test *t = *state;
	struct file_part *parts;
	size_t count;
	files_test_people(t);
	struct id id = insert_three_parts(t);
	struct change change = {.old = get_fine(t, &id)};
	change.next = change.old;
	change.next.state = FILE_REFUSED;
	assert_int_equal(parts_of(t, &id, &parts, &count), OK);
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
	struct id id = insert_three_parts(t);
	assert_int_equal(parts_of(t, &id, &parts, &count), OK);
	struct id blob_ids[] = {parts[0].blob_id, id_new(files_test_ms), parts[2].blob_id, id};
	struct db *db CLEANUP_READ = files_test_read(t);
	assert_int_equal(files_find_orphans(db, blob_ids, 4, is_orphan), OK);
	assert_false(is_orphan[0]);
	assert_true(is_orphan[1]);
	assert_false(is_orphan[2]);
	assert_true(is_orphan[3]);
}

static struct id insert_draft(struct files_test *t, const struct id *user_id)
{
	struct draft_row draft = {
		.id = id_new(files_test_ms),
		.user_id = *user_id,
		.version = 1,
		.saved_ms = files_test_ms,
		.summary = STR("summary"),
		.content = STR("content"),
	};
	assert_int_equal(write_draft(t, &draft), OK);
	return draft.id;
}

static struct drafting attach_to_draft(struct files_test *t, const struct id *file_id)
{
	struct drafting drafting = {.draft_id = insert_draft(t, &t->ann),
				    .user_id = t->ann,
				    .file_ids = {*file_id},
				    .count = 1};
	assert_int_equal(set_draft_files(t, &drafting), OK);
	return drafting;
}

static void what_somebody_can_open_is_not_deleted(void **state)
{
	struct files_test *t = *state;
	struct file file;
	files_test_people(t);
	struct id id = insert_three_parts(t), free_one = insert_three_parts(t);
	struct id message = files_test_message(t, &t->ann, &t->ben, NULL);
	files_test_attach(t, &message, &id, 0, NULL);
	files_test_give(t, &message, &id, &t->ben);
	attach_to_draft(t, &id);
	attach_to_draft(t, &free_one);
	struct files_test_library place = {t->ann, free_one, files_test_ms};
	assert_int_equal(add_to_library(t, &place), OK);
	assert_int_equal(delete_file(t, &id), ERR_CONFLICT);
	assert_int_equal(get(t, &id, &file), OK);
	/* In a library and a draft it may be: its owner says so. */
	assert_int_equal(delete_file(t, &free_one), OK);
	assert_int_equal(get(t, &free_one, &file), ERR_NOT_FOUND);
	assert_int_equal(files_test_number(t, "SELECT COUNT(*) FROM file_parts"), 3);
	assert_int_equal(files_test_number(t, "SELECT COUNT(*) FROM draft_files"), 1);
	assert_int_equal(files_test_number(t, "SELECT COUNT(*) FROM library"), 1);
	assert_int_equal(delete_file(t, &free_one), ERR_NOT_FOUND);
	/* When the last right has ended, the message goes on naming it. */
	store_direct_run(t->fixture.url, "UPDATE file_deliveries SET ended = 1");
	assert_int_equal(delete_file(t, &id), OK);
	assert_int_equal(files_test_number(t, "SELECT COUNT(*) FROM message_files"), 1);
}

/* ---- what nobody wants any more ---- */

enum having { NOBODY, LIBRARY = 1, DRAFT = 2, READER = 4, FORMER_READER = 8, USED = 16, SENT = 32 };

static void what_nobody_has_is_forsaken(void **state)
{
	struct files_test *t = *state;
	static const struct {
		const char *sentence;
		enum file_state state;
		int having;
		bool is_forsaken;
	} cases[] = {
		{"unfinished", FILE_UNFINISHED, NOBODY, true},
		{"unfinished, in a draft", FILE_UNFINISHED, DRAFT, true},
		{"unfinished, but going on", FILE_UNFINISHED, USED, false},
		{"refused", FILE_REFUSED, NOBODY, true},
		{"ready and never sent", FILE_READY, NOBODY, true},
		{"ready and just used", FILE_READY, USED, false},
		{"never sent, though in a library", FILE_READY, LIBRARY, true},
		{"in a library, of a message that is gone", FILE_READY, LIBRARY | SENT, false},
		{"sent once, and in nothing any more", FILE_READY, SENT, true},
		{"in a draft", FILE_READY, DRAFT, false},
		{"in a message", FILE_READY, READER, false},
		{"in a message that nobody can open", FILE_READY, FORMER_READER, true},
		{"the same, and in a library", FILE_READY, FORMER_READER | LIBRARY, false},
		{"the same, and in a draft", FILE_READY, FORMER_READER | DRAFT, false},
	};
	struct id ids[COUNT(cases)];
	files_test_people(t);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct files_test_insert insert = {
			.file = files_test_file(&t->ann, cases[i].state, 10)};
		assert_int_equal(write_file(t, &insert), OK);
		ids[i] = insert.file.id;
		if (cases[i].having & LIBRARY) {
			struct files_test_library place = {t->ann, ids[i], files_test_ms};
			assert_int_equal(add_to_library(t, &place), OK);
		}
		if (cases[i].having & DRAFT)
			attach_to_draft(t, &ids[i]);
		if (cases[i].having & SENT) {
			struct id gone = files_test_message(t, &t->ann, &t->ben, NULL);
			files_test_attach(t, &gone, &ids[i], 0, NULL);
			assert_int_equal(delete_of_message(t, &gone), OK);
		}
		if (cases[i].having & (READER | FORMER_READER)) {
			struct id message = files_test_message(t, &t->ann, &t->ben, NULL);
			struct file_delivery delivery = {
				.message_id = message,
				.file_id = ids[i],
				.user_id = t->ben,
				.ended =
					cases[i].having & READER ? DELIVERY_LIVE : DELIVERY_EXPIRED,
			};
			files_test_attach(t, &message, &ids[i], 0, NULL);
			assert_int_equal(write_file_delivery(t, &delivery), OK);
		}
		if (cases[i].having & USED)
			assert_int_equal(touch(t, &ids[i]), OK);
	}
	struct id *loose;
	size_t count;
	struct db *db = files_test_read(t);
	/* Untouched since then: not those of just then. */
	assert_int_equal(files_loose(db, &t->arena, files_test_ms, 100, &loose, &count), OK);
	assert_int_equal(count, 0);
	assert_int_equal(files_loose(db, &t->arena, files_test_ms + 1, 3, &loose, &count), OK);
	assert_int_equal(count, 3);
	assert_int_equal(files_loose(db, &t->arena, files_test_ms + 1, 100, &loose, &count), OK);
	assert_int_equal(count, COUNT(cases) - 2);
	store_read_end(db);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct file file;
		struct forsaking forsaking = {.id = ids[i], .before_ms = files_test_ms + 1};
		assert_int_equal(delete_forsaken(t, &forsaking), OK);
		bool is_there = get(t, &ids[i], &file) == OK;
		if (forsaking.is_deleted != cases[i].is_forsaken ||
		    is_there == cases[i].is_forsaken)
			fail_msg("%s", cases[i].sentence);
	}
	/* What somebody has is not looked at again ... */
	db = files_test_read(t);
	assert_int_equal(files_loose(db, &t->arena, files_test_ms + 1, 100, &loose, &count), OK);
	assert_int_equal(count, 0);
	store_read_end(db);
}

/* ... until somebody lets go of it. */
static void what_is_let_go_is_looked_at_again(void **state)
{
	struct files_test *t = *state;
	static const char *const sentences[] = {"out of a library", "out of a draft",
						"with the draft"};
	files_test_people(t);
	for (size_t i = 0; i < COUNT(sentences); i++) {
		struct id id = files_test_ready(t, &t->ann);
		struct files_test_library place = {t->ann, id, files_test_ms};
		struct drafting drafting = {.user_id = t->ann};
		struct forsaking forsaking = {.id = id, .before_ms = files_test_ms + 1};
		if (i == 0) {
			struct id message = files_test_message(t, &t->ann, &t->ben, NULL);
			files_test_attach(t, &message, &id, 0, NULL);
			assert_int_equal(add_to_library(t, &place), OK);
		} else {
			drafting = attach_to_draft(t, &id);
		}
		assert_int_equal(delete_forsaken(t, &forsaking), OK);
		assert_false(forsaking.is_deleted);
		drafting.count = 0;
		if (i == 0)
			assert_int_equal(remove_from_library(t, &place), OK);
		else if (i == 1)
			assert_int_equal(set_draft_files(t, &drafting), OK);
		else
			assert_int_equal(delete_draft(t, &drafting), OK);
		struct id *loose;
		size_t count;
		struct db *db CLEANUP_READ = files_test_read(t);
		assert_int_equal(files_loose(db, &t->arena, files_test_ms + 1, 100, &loose, &count),
				 OK);
		if (count != 1 || !id_eq(&loose[0], &id))
			fail_msg("%s", sentences[i]);
		store_read_end(db);
		db = NULL;
		assert_int_equal(delete_forsaken(t, &forsaking), OK);
		assert_true(forsaking.is_deleted);
	}
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

/* ---- library and drafts ---- */

static void a_library_is_listed_newest_first(void **state)
{
	struct files_test *t = *state;
	enum { FILES = 7 };
	struct id ids[FILES];
	files_test_people(t);
	for (int i = 0; i < FILES; i++) {
		ids[i] = files_test_ready(t, &t->ann);
		/* Two at a time. */
		struct files_test_library place = {t->ann, ids[i], files_test_ms + i / 2};
		assert_int_equal(add_to_library(t, &place), OK);
	}
	/* Again: later moves it up, earlier does not move it down. */
	struct files_test_library again = {t->ann, ids[0], files_test_ms + 100};
	assert_int_equal(add_to_library(t, &again), OK);
	again.added_ms = 1;
	assert_int_equal(add_to_library(t, &again), OK);
	struct files_test_library others = {t->ben, ids[1], files_test_ms};
	assert_int_equal(add_to_library(t, &others), OK);
	for (int64_t limit = 1; limit <= FILES + 1; limit++) {
		struct library_place before = {0}, *places;
		size_t count, total = 0;
		bool is_seen[FILES] = {false};
		struct db *db CLEANUP_READ = files_test_read(t);
		do {
			assert_int_equal(library_list(db, &t->arena, &t->ann, &before, limit,
						      &places, &count),
					 OK);
			for (size_t i = 0; i < count; i++) {
				if (total + i == 0)
					assert_true(id_eq(&places[i].file_id, &ids[0]));
				else
					assert_true(places[i].added_ms <= before.added_ms);
				for (int k = 0; k < FILES; k++)
					is_seen[k] |= id_eq(&places[i].file_id, &ids[k]);
				before = places[i];
			}
			total += count;
		} while ((int64_t)count == limit);
		assert_int_equal(total, FILES);
		for (int k = 0; k < FILES; k++)
			assert_true(is_seen[k]);
	}
	assert_int_equal(remove_from_library(t, &again), OK);
	assert_int_equal(remove_from_library(t, &again), ERR_NOT_FOUND);
	assert_false(files_test_is_in_library(t, &t->ann, &ids[0]));
	assert_true(files_test_is_in_library(t, &t->ben, &ids[1]));
}

static void a_draft_keeps_its_files_until_it_goes(void **state)
{
	struct files_test *t = *state;
	files_test_people(t);
	struct id one = files_test_ready(t, &t->ann), two = files_test_ready(t, &t->ann);
	struct drafting drafting = {.draft_id = insert_draft(t, &t->ann),
				    .user_id = t->ann,
				    .file_ids = {one, id_new(files_test_ms), two},
				    .count = 3};
	assert_int_equal(set_draft_files(t, &drafting), OK);
	assert_int_equal(files_test_number(t, "SELECT COUNT(*) FROM draft_files"), 2);
	drafting.file_ids[1] = one; /* twice */
	assert_int_equal(set_draft_files(t, &drafting), OK);
	assert_int_equal(files_test_number(t, "SELECT COUNT(*) FROM draft_files"), 2);
	/* Not by somebody else, nor another version. */
	drafting.user_id = t->ben;
	assert_int_equal(delete_draft(t, &drafting), ERR_NOT_FOUND);
	assert_int_equal(delete_draft_version(t, &drafting), ERR_CONFLICT);
	drafting.user_id = t->ann;
	store_direct_run(t->fixture.url, "UPDATE drafts SET version = 2");
	assert_int_equal(delete_draft_version(t, &drafting), ERR_CONFLICT);
	assert_int_equal(files_test_number(t, "SELECT COUNT(*) FROM draft_files"), 2);
	store_direct_run(t->fixture.url, "UPDATE drafts SET version = 1");
	assert_int_equal(delete_draft_version(t, &drafting), OK);
	assert_int_equal(files_test_number(t, "SELECT COUNT(*) FROM draft_files"), 0);
	assert_int_equal(files_test_number(t, "SELECT COUNT(*) FROM drafts"), 0);
	assert_int_equal(delete_draft(t, &drafting), ERR_NOT_FOUND);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		FILES_TEST(a_file_comes_back),
		FILES_TEST(what_rights_rest_on_is_authentic),
		FILES_TEST(a_quota_counts_what_is_there_and_what_will_be),
		FILES_TEST(a_form_learns_its_size),
		FILES_TEST(a_quota_holds_against_many_at_once),
		FILES_TEST(only_the_last_to_come_may_send),
		FILES_TEST(of_many_who_come_back_one_has_it),
		FILES_TEST(parts_follow_on),
		FILES_TEST(a_part_that_was_changed_or_is_missing_is_found),
		FILES_TEST(parts_cannot_go_to_another_file),
		FILES_TEST(an_update_is_of_what_was_read),
		FILES_TEST(a_refused_file_has_no_parts),
		FILES_TEST(orphans_are_those_that_no_part_names),
		FILES_TEST(what_somebody_can_open_is_not_deleted),
		FILES_TEST(what_nobody_has_is_forsaken),
		FILES_TEST(what_is_let_go_is_looked_at_again),
		FILES_TEST(all_files_are_walked_through),
		FILES_TEST(a_library_is_listed_newest_first),
		FILES_TEST(a_draft_keeps_its_files_until_it_goes),
	};
	return engines_test_run("store", tests, COUNT(tests));
}
