/* Requests to sign: the versions of their documents, and what of them is on the disk. */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "core/mailbox_move.h"
#include "core/recall.h"
#include "core/signing_scene.h"
#include "store/store_direct.h"

static bool has(struct str text, const char *part)
{
	return str_find(text, str_of(part)) >= 0;
}

static void assert_count(struct signing_scene *s, const char *sql, const char *expected)
{
	char *found = store_direct_read(s->f->url, sql);
	if (strcmp(found, expected) != 0)
		fail_msg("%s: %s, not %s", sql, found, expected);
	free(found);
}

static void old_versions_are_swept_and_the_current_one_stays(void **state)
{
	struct signing_scene s;
	signing_scene_begin(state, &s);
	assert_count(&s, "SELECT COUNT(*) FROM files", "2");
	signing_scene_sign(&s, s.peter);
	assert_count(&s, "SELECT COUNT(*) FROM files", "3");
	core_fixture_sleep(s.f, 3 * DAY_MS);
	signing_scene_sweep(&s);
	assert_count(&s, "SELECT COUNT(*) FROM files", "2");
	assert_true(has(signing_test_read(s.f, s.gabi, &s.id, 0), "SIGNED 1"));
	signing_scene_sign(&s, s.gabi);
	core_fixture_sleep(s.f, 3 * DAY_MS);
	signing_scene_sweep(&s);
	assert_count(&s, "SELECT COUNT(*) FROM files", "2");
	assert_true(has(signing_test_read(s.f, s.wanda, &s.id, 0), "SEALED"));
	signing_scene_assert_whole(&s);
}

/* ---- what is on the disk ---- */

static size_t blobs_found;
static const char *blob_sought;
static bool is_sought_there;

static int look_at(const char *path, const struct stat *info, int type, struct FTW *at)
{
	(void)info, (void)at;
	blobs_found += type == FTW_F;
	is_sought_there = is_sought_there || (type == FTW_F && strstr(path, blob_sought));
	return 0;
}

/* Whether this blob lies in the folder of files; and how many do. */
static bool is_on_disk(struct signing_scene *s, const char *blob, size_t *ret_count)
{
	char folder[128];
	snprintf(folder, sizeof(folder), "%s/files", s->f->folder);
	blobs_found = 0;
	is_sought_there = false;
	blob_sought = blob;
	assert_int_equal(nftw(folder, look_at, 8, FTW_PHYS), 0);
	*ret_count = blobs_found;
	return is_sought_there;
}

/* The blob of the document as it now stands; to be given back with free(). */
static char *current_blob(struct signing_scene *s)
{
	char *blob = store_direct_read(s->f->url,
				       "SELECT p.blob_id FROM file_parts p JOIN signing_files f ON "
				       "f.file_id = p.file_id");
	assert_non_null(blob);
	return blob;
}

static void days_pass(struct signing_scene *s)
{
	core_fixture_sleep(s->f, 3 * DAY_MS);
	signing_scene_sweep(s);
}

static void an_old_version_is_gone_from_the_disk(void **state)
{
	struct signing_scene s;
	size_t count;
	signing_scene_begin(state, &s);
	char *first = current_blob(&s);
	signing_scene_sign(&s, s.peter);
	char *second = current_blob(&s);
	assert_string_not_equal(first, second);
	/* Somebody may be reading it. */
	assert_true(is_on_disk(&s, first, &count));
	days_pass(&s);
	assert_false(is_on_disk(&s, first, &count));
	assert_true(is_on_disk(&s, second, &count));
	assert_int_equal(count, 2); /* and what was uploaded */
	assert_true(has(signing_test_read(s.f, s.gabi, &s.id, 0), "SIGNED 1"));
	free(first);
	free(second);
}

static void recall(struct signing_scene *s)
{
	struct cx cx = core_fixture_cx(s->f, s->f->admin);
	const struct recall_wish wish = {.is_whole = true};
	struct form_errors errors = {.count = 0};
	struct recalled recalled;
	assert_int_equal(recall_message(&cx, &s->id, &wish, &recalled, &errors), OK);
}

static void delete_for_ever(struct signing_scene *s, struct session *session)
{
	struct cx cx = core_fixture_cx(s->f, session);
	assert_int_equal(mailbox_move(&cx, &s->id, 1, BOX_TRASH), OK);
	assert_int_equal(mailbox_destroy(&cx, &s->id, 1), OK);
}

/* A recall takes it from the others; its sender has it until they delete it. */
static void recalled_and_deleted_nothing_is_left_on_the_disk(void **state)
{
	struct signing_scene s;
	size_t count;
	signing_scene_begin(state, &s);
	char *blob = current_blob(&s);
	recall(&s);
	days_pass(&s);
	assert_true(is_on_disk(&s, blob, &count));
	assert_true(has(signing_test_read(s.f, s.f->admin, &s.id, 0), "CERTIFIED"));
	delete_for_ever(&s, s.f->admin);
	days_pass(&s);
	assert_false(is_on_disk(&s, blob, &count));
	assert_int_equal(count, 1);
	/* Gabi has the notice, still. */
	struct cx gabi = core_fixture_cx(s.f, s.gabi);
	struct signing_view view;
	assert_int_equal(core_fixture_open(s.f, s.gabi, &s.id).ended, DELIVERY_RECALLED);
	assert_int_equal(signing_get(&gabi, &s.id, &view), ERR_NOT_FOUND);
	/* What Ada uploaded is hers, as any file. */
	struct cx cx = core_fixture_cx(s.f, s.f->admin);
	assert_int_equal(library_remove_file(&cx, &s.file), OK);
	days_pass(&s);
	assert_false(is_on_disk(&s, blob, &count));
	assert_int_equal(count, 0);
	assert_count(&s, "SELECT COUNT(*) FROM files", "0");
	assert_count(&s, "SELECT COUNT(*) FROM file_parts", "0");
	assert_int_equal(core_fixture_problems(s.f), 0);
	free(blob);
}

/* It stays for as long as whoever has signed keeps it. */
static void recalled_after_one_has_signed_it_goes_with_the_last_who_has_it(void **state)
{
	struct signing_scene s;
	size_t count;
	signing_scene_begin(state, &s);
	signing_scene_sign(&s, s.peter);
	char *blob = current_blob(&s);
	recall(&s);
	delete_for_ever(&s, s.f->admin);
	days_pass(&s);
	assert_true(is_on_disk(&s, blob, &count));
	assert_true(has(signing_test_read(s.f, s.peter, &s.id, 0), "SIGNED 1"));
	delete_for_ever(&s, s.peter);
	days_pass(&s);
	assert_false(is_on_disk(&s, blob, &count));
	assert_int_equal(count, 1); /* what was uploaded */
	assert_int_equal(core_fixture_problems(s.f), 0);
	free(blob);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CORE_TEST(old_versions_are_swept_and_the_current_one_stays),
		CORE_TEST(an_old_version_is_gone_from_the_disk),
		CORE_TEST(recalled_and_deleted_nothing_is_left_on_the_disk),
		CORE_TEST(recalled_after_one_has_signed_it_goes_with_the_last_who_has_it),
	};
	return engines_test_run("signing_version", tests, sizeof(tests) / sizeof(tests[0]));
}
