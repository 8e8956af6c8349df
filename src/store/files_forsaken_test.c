/* Who has a file beside those it was sent to, and when nobody has it any more; on both engines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "store/files_test_support.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

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
	struct id id = files_test_three_parts(t), free_one = files_test_three_parts(t);
	struct id message = files_test_message(t, &t->ann, &t->ben, NULL);
	files_test_attach(t, &message, &id, 0, NULL);
	files_test_give(t, &message, &id, &t->ben);
	attach_to_draft(t, &id);
	attach_to_draft(t, &free_one);
	struct files_test_library place = {t->ann, free_one, files_test_ms};
	assert_int_equal(add_to_library(t, &place), OK);
	assert_int_equal(delete_file(t, &id), ERR_CONFLICT);
	assert_int_equal(files_test_try_get(t, &id, &file), OK);
	/* In a library and a draft it may be: its owner says so. */
	assert_int_equal(delete_file(t, &free_one), OK);
	assert_int_equal(files_test_try_get(t, &free_one, &file), ERR_NOT_FOUND);
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
		bool is_there = files_test_try_get(t, &ids[i], &file) == OK;
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
		FILES_TEST(what_somebody_can_open_is_not_deleted),
		FILES_TEST(what_nobody_has_is_forsaken),
		FILES_TEST(what_is_let_go_is_looked_at_again),
		FILES_TEST(a_library_is_listed_newest_first),
		FILES_TEST(a_draft_keeps_its_files_until_it_goes),
	};
	return engines_test_run("store", tests, COUNT(tests));
}
