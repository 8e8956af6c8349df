/* `postern check` of files: what is damaged is named, and nothing else. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/core_test_support.h"
#include "core/upload_test_support.h"

#include "base/limits.h"
#include "core/check.h"
#include "core/recall.h"
#include "crypto/chunks.h"
#include "store/store_direct.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define GABI STR("gabi@example.org")
#define HUGO STR("hugo@example.org")

enum { BIG = CHUNK_BYTES + CHUNK_BYTES / 2, SMALL = 100 };

/* Two files of the administrator's, the first in two parts, sent to Gabi and Hugo. */
struct scene {
	struct core_fixture *f;
	struct id big, small, message;
	struct upload_test_stored stored; /* the big one */
};

static struct id send(struct core_fixture *f, struct str to, const struct id *files, size_t count)
{
	const struct draft draft = {.to = to,
				    .subject = STR("Findings"),
				    .body = STR("Attached."),
				    .invite_as = GRADE_GUEST,
				    .files = files,
				    .file_count = count};
	struct sent sent;
	assert_int_equal(core_fixture_try_send(f, f->admin, &draft, &sent, NULL), OK);
	return sent.id;
}

static struct id upload_big(struct core_fixture *f)
{
	struct id id = upload_test_create(f, f->admin, BIG);
	upload_test_send(f, f->admin, &id, 0, BIG - 10, UPLOAD_SENT);
	upload_test_send(f, f->admin, &id, BIG - 10, BIG, UPLOAD_SENT);
	return id;
}

static struct scene begin(void **state)
{
	struct scene scene = {.f = *state};
	scene.big = upload_big(scene.f);
	scene.small = upload_test_create(scene.f, scene.f->admin, SMALL);
	upload_test_send(scene.f, scene.f->admin, &scene.small, 0, SMALL, UPLOAD_SENT);
	core_fixture_person(scene.f, GABI, STR("Gabi"), GRADE_GUEST);
	core_fixture_person(scene.f, HUGO, STR("Hugo"), GRADE_GUEST);
	const struct id both[] = {scene.big, scene.small};
	scene.message = send(scene.f, STR("gabi@example.org, hugo@example.org"), both, 2);
	scene.stored = upload_test_stored(scene.f, &scene.big);
	assert_int_equal(scene.stored.part_count, 2);
	assert_int_equal(core_fixture_problems(scene.f), 0);
	return scene;
}

/* ---- what the check says ---- */

struct telling {
	char sentence[256];
	int64_t told, others;
	struct check_report report;
};

static void listen(void *argument, struct str sentence)
{
	struct telling *telling = argument;
	if (str_eq(sentence, str_of(telling->sentence)))
		telling->told++;
	else
		telling->others++;
}

static struct telling check(struct core_fixture *f, const char *what, const char *which)
{
	struct cx cx = core_fixture_cx(f, NULL);
	struct telling telling = {.told = 0};
	snprintf(telling.sentence, sizeof(telling.sentence), "%s (%s)", what, which);
	assert_int_equal(check_all(&cx, listen, &telling, &telling.report), OK);
	return telling;
}

static void assert_told(struct core_fixture *f, const char *what, const char *which, int64_t times)
{
	struct telling telling = check(f, what, which);
	if (telling.told != times || telling.others != 0)
		fail_msg("%s: told %d times, and %d others", telling.sentence, (int)telling.told,
			 (int)telling.others);
}

/* What the audit log knows of is told a second time, out of it. */
static void assert_told_and_logged(struct core_fixture *f, const char *what, const char *which)
{
	struct telling telling = check(f, what, which);
	assert_int_equal(telling.told, 1);
	assert_int_equal(telling.others, 1);
}

/* ---- blobs ---- */

static int open_blob(const struct scene *scene, size_t part)
{
	char path[256];
	const char *id = scene->stored.parts[part].blob_id.text;
	snprintf(path, sizeof(path), "%s/files/%s/%s", scene->f->folder, id + ID_CHARS - 2, id);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

static int64_t length(const struct scene *scene, size_t part)
{
	const struct file_part *row = &scene->stored.parts[part];
	return chunks_stored_bytes(row->bytes, row->is_last);
}

static void flip(const struct scene *scene, size_t part, int64_t at)
{
	char byte;
	int fd = open_blob(scene, part);
	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte ^= 0x10;
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	close(fd);
}

static void one_bit_is_found_wherever_it_is(void **state)
{
	struct scene scene = begin(state);
	const struct {
		const char *sentence;
		size_t part;
		int64_t at;
	} places[] = {
		{"the first byte", 0, 0},
		{"in the middle", 0, CHUNK_BYTES / 2},
		{"a tag", 0, CHUNK_BYTES + 3},
		{"another chunk", 0, CHUNK_BYTES + CHUNK_TAG_BYTES},
		{"the last byte of a part", 0, length(&scene, 0) - 1},
		{"another part", 1, 5},
		{"the end of the file", 1, length(&scene, 1) - CHUNK_TAG_BYTES},
		{"the last byte of all", 1, length(&scene, 1) - 1},
	};
	for (size_t i = 0; i < COUNT(places); i++) {
		printf("# %s\n", places[i].sentence);
		flip(&scene, places[i].part, places[i].at);
		assert_told(scene.f, "A file is damaged", scene.big.text, 1);
		flip(&scene, places[i].part, places[i].at);
	}
	struct telling telling = check(scene.f, "", "");
	assert_int_equal(telling.report.problems, 0);
	assert_int_equal(telling.report.files, 2);
	assert_int_equal(telling.report.files_unopened, 0);
	assert_int_equal(telling.report.orphans, 0);
	/* Two parts, two sentences. */
	flip(&scene, 0, 1);
	flip(&scene, 1, 1);
	assert_told(scene.f, "A file is damaged", scene.big.text, 2);
}

static void lengths_are_right_to_the_byte(void **state)
{
	struct scene scene = begin(state);
	for (size_t part = 0; part < 2; part++) {
		int64_t whole = length(&scene, part);
		int fd = open_blob(&scene, part);
		char last;
		assert_int_equal(pread(fd, &last, 1, whole - 1), 1);
		assert_int_equal(ftruncate(fd, whole - 1), 0);
		assert_told(scene.f, "A part of a file was cut short", scene.big.text, 1);
		assert_int_equal(pwrite(fd, &last, 1, whole - 1), 1);
		assert_int_equal(core_fixture_problems(scene.f), 0);
		assert_int_equal(ftruncate(fd, whole + 1), 0);
		assert_told(scene.f, "A part of a file is longer than it was written",
			    scene.big.text, 1);
		assert_int_equal(ftruncate(fd, whole), 0);
		close(fd);
	}
	assert_int_equal(core_fixture_problems(scene.f), 0);
	assert_int_equal(blob_delete(scene.f->portal->blobs, &scene.stored.parts[1].blob_id), OK);
	assert_told(scene.f, "Bytes of a file are missing", scene.big.text, 1);
}

static void blobs_cannot_be_exchanged(void **state)
{
	struct scene scene = begin(state);
	struct upload_test_stored other = upload_test_stored(scene.f, &scene.small);
	/* Those of two files of the same length. */
	struct id twin = upload_test_create(scene.f, scene.f->admin, SMALL);
	upload_test_send(scene.f, scene.f->admin, &twin, 0, SMALL, UPLOAD_SENT);
	struct upload_test_stored twins = upload_test_stored(scene.f, &twin);
	char path[2][256];
	const char *ids[] = {other.parts[0].blob_id.text, twins.parts[0].blob_id.text};
	for (int i = 0; i < 2; i++)
		snprintf(path[i], sizeof(path[i]), "%s/files/%s/%s", scene.f->folder,
			 ids[i] + ID_CHARS - 2, ids[i]);
	assert_int_equal(rename(path[0], path[1]), 0);
	assert_int_equal(link(path[1], path[0]), 0);
	assert_told(scene.f, "A file is damaged", twin.text, 1);
}

static void an_unfinished_file_is_checked_too(void **state)
{
	struct core_fixture *f = *state;
	struct scene scene = {.f = f, .big = upload_test_create(f, f->admin, 2 * BIG)};
	upload_test_send(f, f->admin, &scene.big, 0, BIG, UPLOAD_SENT);
	assert_int_equal(core_fixture_problems(f), 0);
	scene.stored = upload_test_stored(f, &scene.big);
	flip(&scene, 0, 100);
	assert_told(f, "A file is damaged", scene.big.text, 1);
}

static void parts_that_are_missing_are_told(void **state)
{
	struct scene scene = begin(state);
	char sql[256];
	snprintf(sql, sizeof(sql),
		 "UPDATE file_parts SET bytes = bytes - 1 WHERE file_id = '%s' AND number = 0",
		 scene.big.text);
	store_direct_run(scene.f->url, sql);
	assert_told(scene.f, "Parts of a file are missing, or were changed", scene.big.text, 1);
	store_direct_run(scene.f->url, "UPDATE files SET head = mac WHERE bytes = 100");
	struct telling telling = check(scene.f, "A file's row was changed or planted from outside",
				       "its id is in the log");
	assert_int_equal(telling.told, 1);
	assert_int_equal(telling.others, 1);
}

/* ---- whose key ---- */

static void with_nobodys_key_lengths_are_looked_at(void **state)
{
	struct core_fixture *f = *state;
	struct scene scene = {.f = f, .big = upload_big(f)};
	scene.stored = upload_test_stored(f, &scene.big);
	struct telling telling = check(f, "", "");
	assert_int_equal(telling.report.files, 1);
	assert_int_equal(telling.report.files_unopened, 1);
	assert_int_equal(telling.report.problems, 0);
	flip(&scene, 0, 100);
	assert_int_equal(core_fixture_problems(f), 0);
	int fd = open_blob(&scene, 1);
	assert_int_equal(ftruncate(fd, 3), 0);
	assert_told(f, "A part of a file was cut short", scene.big.text, 1);
	assert_int_equal(ftruncate(fd, length(&scene, 1)), 0);
	close(fd);
	/* Somebody who has not registered yet: the portal holds their key. */
	send(f, GABI, &scene.big, 1);
	telling = check(f, "A file is damaged", scene.big.text);
	assert_int_equal(telling.report.files_unopened, 0);
	assert_int_equal(telling.told, 2);
	assert_int_equal(telling.others, 0);
}

static enum err write_right(struct db *db, void *argument)
{
	return file_deliveries_insert(db, argument);
}

static enum err write_file(struct db *db, void *argument)
{
	const struct file *files = argument;
	return files_update(db, &files[0], &files[1]);
}

static void a_key_that_does_not_open_is_told(void **state)
{
	struct scene scene = begin(state);
	struct file files[2] = {scene.stored.file, scene.stored.file};
	struct upload_test_stored other = upload_test_stored(scene.f, &scene.small);
	/* The key of another file of the same owner, put there by somebody who can make the MAC. */
	files[1].owner_wrapped = other.file.owner_wrapped;
	assert_int_equal(store_transact(scene.f->portal->store, write_file, files, NULL), OK);
	assert_told(scene.f, "The key of a file does not open for its owner", scene.big.text, 1);
	/* By a reader's it was looked at all the same. */
	flip(&scene, 0, 100);
	struct telling telling = check(scene.f, "A file is damaged", scene.big.text);
	assert_int_equal(telling.told, 1);
	assert_int_equal(telling.others, 1);
}

/* ---- rights ---- */

static enum err write_recall(struct db *db, void *argument)
{
	return message_files_set_recalled(db, argument, 5);
}

static void a_recalled_file_that_can_be_read_is_told(void **state)
{
	struct scene scene = begin(state);
	struct message_file_copy *copies;
	size_t count;
	struct db *db;
	assert_int_equal(store_read_begin(scene.f->portal->store, &db), OK);
	assert_int_equal(message_files_of(db, &scene.f->arena, &scene.message,
					  &scene.f->admin->user.id, &copies, &count),
			 OK);
	store_read_end(db);
	assert_int_equal(count, 2);
	/* Without ending anybody's right. The sender's stays. */
	assert_int_equal(
		store_transact(scene.f->portal->store, write_recall, &copies[0].file, NULL), OK);
	assert_told(scene.f, "A recalled file can still be read", scene.big.text, 2);
}

static void a_right_that_outlives_its_message_is_told(void **state)
{
	struct scene scene = begin(state);
	struct cx cx = core_fixture_cx(scene.f, scene.f->admin);
	struct user gabi = core_fixture_user(scene.f, GABI);
	struct recalled recalled;
	struct form_errors errors = {0};
	const struct recall_wish wish = {.is_whole = true};
	char sql[512];
	assert_int_equal(recall_message(&cx, &scene.message, &wish, &recalled, &errors), OK);
	assert_int_equal(core_fixture_problems(scene.f), 0);
	snprintf(sql, sizeof(sql), "DELETE FROM file_deliveries WHERE user_id = '%s'",
		 gabi.id.text);
	store_direct_run(scene.f->url, sql);
	struct file_delivery right = {.message_id = scene.message,
				      .file_id = scene.big,
				      .user_id = gabi.id,
				      .sealed = STR("a key")};
	assert_int_equal(store_transact(scene.f->portal->store, write_right, &right, NULL), OK);
	assert_told_and_logged(scene.f, "A file can be read by who can read its message no more",
			       scene.big.text);
}

static void a_right_has_one_key(void **state)
{
	struct scene scene = begin(state);
	struct user gabi = core_fixture_user(scene.f, GABI);
	char sql[512];
	snprintf(sql, sizeof(sql),
		 "DELETE FROM file_deliveries WHERE user_id = '%s' AND file_id = '%s'",
		 gabi.id.text, scene.small.text);
	for (int i = 0; i < 3; i++) {
		struct file_delivery right = {
			.message_id = scene.message,
			.file_id = scene.small,
			.user_id = gabi.id,
			.sealed = i == 0 ? STR("") : STR("a key"),
			.wrapped = i == 1 ? STR("another") : STR(""),
			.ended = i == 2 ? DELIVERY_EXPIRED : DELIVERY_LIVE,
		};
		store_direct_run(scene.f->url, sql);
		assert_int_equal(store_transact(scene.f->portal->store, write_right, &right, NULL),
				 OK);
		struct telling telling = check(
			scene.f, "A right to a file has no key, or one too many", scene.small.text);
		assert_int_equal(telling.told, 1);
	}
}

/* ---- what names nothing ---- */

static void rows_that_name_nothing_are_told(void **state)
{
	struct scene scene = begin(state);
	static const struct {
		const char *what, *sql;
	} cases[] = {
		{"Files are said to be of a message that is not there",
		 "INSERT INTO message_files SELECT '01ARZ3NDEKTSV4RRFFQ69G5FAV', file_id, "
		 "position, source_id, head, recalled_ms, mac FROM message_files WHERE position = "
		 "0"},
		{"Rights to files are of messages or files that are not there",
		 "INSERT INTO file_deliveries SELECT '01ARZ3NDEKTSV4RRFFQ69G5FAV', user_id, "
		 "file_id, sealed, wrapped, ended, ended_ms, mac FROM file_deliveries LIMIT 1"},
		{"Parts are of files that are not there",
		 "INSERT INTO file_parts SELECT '01ARZ3NDEKTSV4RRFFQ69G5FAV', number, "
		 "'01ARZ3NDEKTSV4RRFFQ69G5FAV', begins_at, bytes, is_last, mac FROM file_parts "
		 "LIMIT 1"},
		{"Files in a library cannot be opened by its owner",
		 "INSERT INTO library SELECT user_id, '01ARZ3NDEKTSV4RRFFQ69G5FAV', added_ms FROM "
		 "library LIMIT 1"},
		{"Files are attached to drafts that are not there",
		 "INSERT INTO draft_files SELECT '01ARZ3NDEKTSV4RRFFQ69G5FAV', id FROM files LIMIT "
		 "1"},
	};
	static const char *const undo[] = {
		"DELETE FROM message_files WHERE message_id = '01ARZ3NDEKTSV4RRFFQ69G5FAV'",
		"DELETE FROM file_deliveries WHERE message_id = '01ARZ3NDEKTSV4RRFFQ69G5FAV'",
		"DELETE FROM file_parts WHERE file_id = '01ARZ3NDEKTSV4RRFFQ69G5FAV'",
		"DELETE FROM library WHERE file_id = '01ARZ3NDEKTSV4RRFFQ69G5FAV'",
		"DELETE FROM draft_files WHERE draft_id = '01ARZ3NDEKTSV4RRFFQ69G5FAV'",
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		char sql[1024];
		/* Who writes the database can leave the checks of foreign keys out. */
		snprintf(sql, sizeof(sql), "%s %s",
			 scene.f->store.url[0] ? "SET session_replication_role = replica;" : "",
			 cases[i].sql);
		store_direct_run(scene.f->url, sql);
		assert_told(scene.f, cases[i].what, "1", 1);
		store_direct_run(scene.f->url, undo[i]);
	}
	assert_int_equal(core_fixture_problems(scene.f), 0);
}

static void orphans_are_told_apart_from_problems(void **state)
{
	struct scene scene = begin(state);
	struct id old = id_new(scene.f->clock.now_ms);
	struct blob_put *put;
	assert_int_equal(blob_put_begin(scene.f->portal->blobs, &old, &put), OK);
	assert_int_equal(blob_put_commit(put, 0), OK);
	/* It may be one of which the row is not written yet. */
	struct telling telling = check(scene.f, "", "");
	assert_int_equal(telling.report.orphans, 0);
	core_fixture_sleep(scene.f, LIMIT_ORPHAN_HOURS * HOUR_MS + 1);
	telling = check(scene.f, "", "");
	assert_int_equal(telling.report.orphans, 1);
	assert_int_equal(telling.report.problems, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CORE_TEST(one_bit_is_found_wherever_it_is),
		CORE_TEST(lengths_are_right_to_the_byte),
		CORE_TEST(blobs_cannot_be_exchanged),
		CORE_TEST(an_unfinished_file_is_checked_too),
		CORE_TEST(parts_that_are_missing_are_told),
		CORE_TEST_STRICT(with_nobodys_key_lengths_are_looked_at),
		CORE_TEST(a_key_that_does_not_open_is_told),
		CORE_TEST(a_recalled_file_that_can_be_read_is_told),
		CORE_TEST(a_right_that_outlives_its_message_is_told),
		CORE_TEST(a_right_has_one_key),
		CORE_TEST(rows_that_name_nothing_are_told),
		CORE_TEST(orphans_are_told_apart_from_problems),
	};
	return engines_test_run("core", tests, COUNT(tests));
}
