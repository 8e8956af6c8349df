/* Housekeeping of files: what nobody wants any more goes, with its bytes, and nothing else. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/core_test_support.h"
#include "core/upload_test_support.h"

#include "base/limits.h"
#include "core/draft.h"
#include "core/housekeeping.h"
#include "core/library.h"
#include "core/mailbox_move.h"
#include "core/recall.h"
#include "store/store_direct.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define GABI STR("gabi@example.org")

enum { BYTES = 1000 };

static void sweep(struct core_fixture *f)
{
	struct cx cx = core_fixture_cx(f, NULL);
	assert_int_equal(housekeeping_sweep(&cx), OK);
}

/* Days end every session. */
static void sleep_days(struct core_fixture *f, int64_t ms)
{
	core_fixture_sleep(f, ms);
	f->admin = core_fixture_sign_in(f, STR("admin@example.com"), CORE_FIXTURE_PASSWORD);
}

static struct id upload(struct core_fixture *f, int64_t until)
{
	struct id id = upload_test_create(f, f->admin, BYTES);
	upload_test_send(f, f->admin, &id, 0, until, UPLOAD_SENT);
	return id;
}

static bool is_there(struct core_fixture *f, const struct id *id)
{
	struct db *db CLEANUP_READ = NULL;
	struct file file;
	assert_int_equal(store_read_begin(f->portal->store, &db), OK);
	enum err err = files_get(db, &f->arena, id, &file);
	assert_true(err == OK || err == ERR_NOT_FOUND);
	return err == OK;
}

static size_t count_blobs(struct core_fixture *f)
{
	struct blob_entry *entries;
	size_t count;
	assert_int_equal(
		blob_list(f->portal->blobs, &f->arena, &(struct id){""}, 1000, &entries, &count),
		OK);
	return count;
}

static struct id send(struct core_fixture *f, const struct id *file)
{
	const struct draft draft = {.to = GABI,
				    .subject = STR("Findings"),
				    .body = STR("Attached."),
				    .files = file,
				    .file_count = 1};
	struct sent sent;
	assert_int_equal(core_fixture_try_send(f, f->admin, &draft, &sent, NULL), OK);
	return sent.id;
}

static void destroy(struct core_fixture *f, struct session *session, const struct id *message)
{
	struct cx cx = core_fixture_cx(f, session);
	assert_int_equal(mailbox_move(&cx, message, 1, BOX_TRASH), OK);
	assert_int_equal(mailbox_destroy(&cx, message, 1), OK);
}

static void what_was_not_finished_or_sent_goes_after_a_day(void **state)
{
	struct core_fixture *f = *state;
	core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	struct id unfinished = upload(f, BYTES / 2), ready = upload(f, BYTES);
	struct id sent = upload(f, BYTES);
	send(f, &sent);
	sleep_days(f, HOUR_MS);
	struct id late = upload(f, BYTES / 2);
	assert_int_equal(count_blobs(f), 4);
	sleep_days(f, (LIMIT_UPLOAD_HOURS - 1) * HOUR_MS);
	sweep(f);
	assert_true(is_there(f, &unfinished) && is_there(f, &ready));
	sleep_days(f, 1);
	sweep(f);
	assert_false(is_there(f, &unfinished));
	assert_false(is_there(f, &ready));
	assert_true(is_there(f, &late));
	assert_true(is_there(f, &sent));
	assert_int_equal(count_blobs(f), 2);
	/* Progress is what counts. */
	sleep_days(f, HOUR_MS - 2);
	upload_test_send(f, f->admin, &late, BYTES / 2, BYTES - 1, UPLOAD_SENT);
	sleep_days(f, (LIMIT_UPLOAD_HOURS - 1) * HOUR_MS);
	sweep(f);
	assert_true(is_there(f, &late));
	sleep_days(f, HOUR_MS + 1);
	sweep(f);
	assert_false(is_there(f, &late));
	/* What was sent stays for as long as anybody has it. */
	sleep_days(f, 365 * DAY_MS);
	sweep(f);
	upload_test_check(f, f->admin, &sent, BYTES);
	assert_int_equal(core_fixture_problems(f), 0);
}

/* Whoever lets go of it last. */
static void what_nobody_has_any_more_goes(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	for (int last = 0; last < 3; last++) {
		struct id file = upload(f, BYTES);
		struct id message = send(f, &file);
		sleep_days(f, 2 * DAY_MS);
		gabi = core_fixture_sign_in(f, GABI, CORE_FIXTURE_PASSWORD);
		struct cx cx = core_fixture_cx(f, f->admin);
		sweep(f);
		for (int i = 0; i < 3; i++) {
			assert_true(is_there(f, &file));
			switch ((last + 1 + i) % 3) {
			case 0: assert_int_equal(library_remove_file(&cx, &file), OK); break;
			case 1: destroy(f, f->admin, &message); break;
			case 2: destroy(f, gabi, &message); break;
			}
			sweep(f);
		}
		assert_false(is_there(f, &file));
		assert_int_equal(count_blobs(f), 0);
		assert_int_equal(core_fixture_problems(f), 0);
	}
}

static void save_draft(struct core_fixture *f, struct session *session, const struct id *file)
{
	const struct draft draft = {.body = STR("Later."), .files = file, .file_count = 1};
	struct cx cx = core_fixture_cx(f, session);
	struct form_errors errors = {.count = 0};
	struct draft_saved saved;
	assert_int_equal(draft_save(&cx, &(struct id){""}, 0, &draft, &saved, &errors), OK);
}

static void a_recalled_file_stays_while_its_sender_has_it(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	struct id file = upload(f, BYTES);
	struct id message = send(f, &file);
	/* It does not keep it for her, and at the cost of its owner's quota. */
	save_draft(f, gabi, &file);
	struct cx cx = core_fixture_cx(f, f->admin);
	const struct recall_wish wish = {.is_whole = true};
	struct recalled recalled;
	struct form_errors errors = {0};
	assert_int_equal(recall_message(&cx, &message, &wish, &recalled, &errors), OK);
	sleep_days(f, 2 * DAY_MS);
	cx = core_fixture_cx(f, f->admin);
	sweep(f);
	assert_true(is_there(f, &file));
	assert_int_equal(library_remove_file(&cx, &file), OK);
	sweep(f);
	assert_true(is_there(f, &file));
	destroy(f, f->admin, &message);
	sweep(f);
	assert_false(is_there(f, &file));
	assert_int_equal(core_fixture_problems(f), 0);
}

/* ---- orphans ---- */

static struct id put_blob(struct core_fixture *f)
{
	struct id id = id_new(f->clock.now_ms);
	struct blob_put *put;
	assert_int_equal(blob_put_begin(f->portal->blobs, &id, &put), OK);
	assert_int_equal(blob_put_add(put, STR("of nobody")), OK);
	assert_int_equal(blob_put_commit(put, 9), OK);
	return id;
}

static void a_blob_without_a_row_goes_when_its_upload_cannot_go_on(void **state)
{
	struct core_fixture *f = *state;
	core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	struct id file = upload(f, BYTES);
	send(f, &file);
	put_blob(f);
	sleep_days(f, LIMIT_ORPHAN_HOURS * HOUR_MS);
	sweep(f);
	assert_int_equal(count_blobs(f), 2);
	put_blob(f);
	sleep_days(f, 1);
	sweep(f);
	assert_int_equal(count_blobs(f), 2);
	sleep_days(f, LIMIT_ORPHAN_HOURS * HOUR_MS);
	sweep(f);
	assert_int_equal(count_blobs(f), 1);
	upload_test_check(f, f->admin, &file, BYTES);
}

static void one_sweep_looks_at_some(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, NULL);
	enum { BLOBS = LIMIT_SWEEP_BLOBS + 20 };
	size_t swept;
	/* Empty files do: only the names count. */
	for (int i = 0; i < BLOBS; i++) {
		struct id id = id_new(f->clock.now_ms);
		char path[256];
		snprintf(path, sizeof(path), "%s/files/%s", f->folder, id.text + ID_CHARS - 2);
		assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
		snprintf(path, sizeof(path), "%s/files/%s/%s", f->folder, id.text + ID_CHARS - 2,
			 id.text);
		int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
		assert_true(fd >= 0);
		close(fd);
	}
	sleep_days(f, 2 * DAY_MS);
	assert_int_equal(upload_sweep_orphans(&cx, &swept), OK);
	assert_int_equal(swept, LIMIT_SWEEP_BLOBS);
	assert_int_equal(upload_sweep_orphans(&cx, &swept), OK);
	assert_int_equal(swept, 20);
	/* From the first one on again. */
	put_blob(f);
	sleep_days(f, 2 * DAY_MS);
	assert_int_equal(upload_sweep_orphans(&cx, &swept), OK);
	assert_int_equal(swept, 1);
	assert_int_equal(count_blobs(f), 0);
}

static void what_a_dead_process_was_writing_goes(void **state)
{
	struct core_fixture *f = *state;
	struct id id = id_new(f->clock.now_ms);
	char path[256];
	snprintf(path, sizeof(path), "%s/files/%s", f->folder, id.text + ID_CHARS - 2);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/files/%s/%s.new", f->folder, id.text + ID_CHARS - 2,
		 id.text);
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
	sweep(f);
	assert_int_equal(access(path, F_OK), -1);
}

/* Damaged rows do not keep it from the others, nor forever. */
static void damaged_files_are_swept_too(void **state)
{
	struct core_fixture *f = *state;
	struct id damaged = upload(f, BYTES / 2), other = upload(f, BYTES / 2);
	char sql[256];
	snprintf(sql, sizeof(sql), "UPDATE file_parts SET bytes = 1 WHERE file_id = '%s'",
		 damaged.text);
	store_direct_run(f->url, sql);
	snprintf(sql, sizeof(sql), "UPDATE files SET head = mac WHERE id = '%s'", damaged.text);
	store_direct_run(f->url, sql);
	sleep_days(f, LIMIT_UPLOAD_HOURS * HOUR_MS + 1);
	sweep(f);
	assert_false(is_there(f, &damaged));
	assert_false(is_there(f, &other));
	assert_int_equal(count_blobs(f), 1);
	sleep_days(f, 2 * HOUR_MS);
	sweep(f);
	assert_int_equal(count_blobs(f), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CORE_TEST(what_was_not_finished_or_sent_goes_after_a_day),
		CORE_TEST(what_nobody_has_any_more_goes),
		CORE_TEST(a_recalled_file_stays_while_its_sender_has_it),
		CORE_TEST(a_blob_without_a_row_goes_when_its_upload_cannot_go_on),
		CORE_TEST(one_sweep_looks_at_some),
		CORE_TEST(what_a_dead_process_was_writing_goes),
		CORE_TEST(damaged_files_are_swept_too),
	};
	return engines_test_run("core", tests, COUNT(tests));
}
