/* P7: what is backed up while others write comes back whole, from either engine to either engine.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "backup/backup_test_support.h"
#include "base/limits.h"
#include "core/audit_test_support.h"
#include "core/backup_last.h"
#include "core/file_test_support.h"
#include "store/blob.h"

#include <pthread.h>

#define GABI STR("gabi@example.org")

static void what_is_restored_is_whole_and_read(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	struct id file = file_test_pdf(f, f->admin, "plan.pdf");
	struct id with_file = file_test_give(f, f->admin, "gabi@example.org", &file);
	struct sent sent = core_fixture_send(f, f->admin, GABI, STR("Findings"), STR("Secret"));
	(void)gabi;
	struct backup_report done = backup_test_make(f);
	assert_int_equal(done.missing, 0);
	assert_int_equal(done.files, 1);
	struct restore_report report = backup_test_restore(f, STR_NONE);
	assert_int_equal(report.at_ms, f->clock.now_ms);
	assert_int_equal(report.counts.blobs, 1);
	assert_true(report.sessions >= 2);
	assert_true(report.check.users >= 2 && report.check.messages >= 3);
	backup_test_move_in(f);
	gabi = core_fixture_sign_in(f, GABI, CORE_FIXTURE_PASSWORD);
	assert_str(core_fixture_open(f, gabi, &sent.id).body, STR("Secret"));
	assert_int_equal(file_test_read(f, gabi, &file, &with_file), OK);
}

/* Written by other hands than the fixture's, so that all values are there: NULL, empty, binary. */
static char *rows_of(const char *url)
{
	return store_direct_read(
		url, "SELECT (SELECT COUNT(*) FROM deliveries) || ' ' || (SELECT COUNT(*) FROM "
		     "deliveries WHERE reason IS NULL) || ' ' || (SELECT SUM(LENGTH(mac)) FROM "
		     "users) || ' ' || (SELECT MAX(address || name) FROM users) || ' ' || (SELECT "
		     "SUM(LENGTH(folded)) FROM message_texts) || ' ' || (SELECT COUNT(*) FROM "
		     "schema_migration)");
}

static void a_backup_goes_from_either_engine_to_either(void **state)
{
	struct core_fixture *f = *state;
	struct backup_test_place place = backup_test_place(f);
	char url[128];
	core_fixture_person(f, GABI, STR("Gabi Müller"), GRADE_GUEST);
	core_fixture_send(f, f->admin, GABI, STR("Findings"), STR("Secret"));
	backup_test_make(f);
	char *before = rows_of(f->url);
	snprintf(url, sizeof(url), "sqlite:%s/postern.db", place.folder);
	backup_test_restore(f, STR_NONE);
	char *after = rows_of(url);
	assert_string_equal(before, after);
	free(after);
	if (store_fixture_has_postgres()) {
		struct store_fixture other;
		store_fixture_init(&other, true);
		assert_int_equal(
			rename(place.folder, backup_test_with(url, sizeof(url), place.folder, "1")),
			0);
		backup_test_restore(f, str_of(other.url));
		after = rows_of(other.url);
		assert_string_equal(before, after);
		free(after);
		/* Nor twice: there is a portal now. */
		struct restore_options options = backup_test_options(f, &place);
		struct restore_report report;
		assert_int_equal(
			rename(place.folder, backup_test_with(url, sizeof(url), place.folder, "2")),
			0);
		options.store_url = str_of(other.url);
		assert_int_equal(restore_portal(&options, &f->arena, &report), ERR_CONFLICT);
		assert_int_equal(report.failure, RESTORE_STORE_TAKEN);
		assert_int_not_equal(access(place.folder, F_OK), 0);
		store_fixture_release(&other);
	}
	free(before);
}

/* ---- while others write ---- */

enum { WRITES = 60 };

static void *write_on(void *argument)
{
	struct core_fixture *f = argument;
	for (int i = 0; i < WRITES; i++) {
		struct arena arena CLEANUP_ARENA;
		struct sent sent;
		arena_init(&arena, 8 << 20);
		struct cx cx = {.arena = &arena,
				.portal = f->portal,
				.session = f->admin,
				.language = language_find(STR("en"))};
		const struct draft draft = {
			.to = GABI, .subject = STR("More"), .body = STR("And more")};
		struct form_errors errors = {.count = 0};
		if (message_send(&cx, &draft, &sent, &errors) != OK)
			return argument;
	}
	return NULL;
}

static void a_backup_is_of_one_moment(void **state)
{
	struct core_fixture *f = *state;
	pthread_t thread;
	void *failed;
	core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	assert_int_equal(pthread_create(&thread, NULL, write_on, f), 0);
	for (int i = 0; i < 5; i++) {
		char name[128];
		struct backup_test_place place = backup_test_place(f);
		backup_test_make(f);
		backup_test_restore(f, STR_NONE);
		snprintf(name, sizeof(name), "%s%d", place.folder, i);
		assert_int_equal(rename(place.folder, name), 0);
	}
	pthread_join(thread, &failed);
	assert_null(failed);
}

/* ---- */

static void both_are_in_the_audit_log(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, NULL);
	int64_t last_ms = -1;
	assert_int_equal(backup_last(&cx, &last_ms), OK);
	assert_int_equal(last_ms, 0);
	backup_test_make(f);
	assert_int_equal(backup_last(&cx, &last_ms), OK);
	assert_int_equal(last_ms, f->clock.now_ms);
	struct audit_view view = audit_test_newest(f, AUDIT_BACKUP);
	assert_true(view.entry.at_ms == last_ms && str_to_int(view.after, &last_ms));
	audit_test_says(f, AUDIT_BACKUP, NULL, "The portal made a backup.");
	core_fixture_sleep(f, HOUR_MS);
	backup_test_restore(f, STR_NONE);
	backup_test_move_in(f);
	audit_test_says(f, AUDIT_RESTORED, NULL,
			"The portal was restored from a backup of 1 Jan 2026, 00:00 UTC.");
	assert_int_equal(audit_test_newest(f, AUDIT_RESTORED).entry.at_ms, f->clock.now_ms);
	audit_test_whole(f);
	cx = core_fixture_cx(f, NULL);
	assert_int_equal(backup_last(&cx, &last_ms), OK);
	assert_int_equal(last_ms, 0);
}

static void a_blob_that_is_missing_is_told_of(void **state)
{
	struct core_fixture *f = *state;
	core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	struct id file = file_test_pdf(f, f->admin, "plan.pdf");
	file_test_give(f, f->admin, "gabi@example.org", &file);
	struct blob_entry *blobs;
	size_t count;
	const struct id none = {.text = ""};
	assert_int_equal(blob_list(f->portal->blobs, &f->arena, &none, 10, &blobs, &count), OK);
	assert_int_equal(count, 1);
	assert_int_equal(blob_delete(f->portal->blobs, &blobs[0].id), OK);
	struct backup_report report = backup_test_make(f);
	assert_int_equal(report.missing, 1);
	assert_int_equal(report.files, 0);
	/* All else is in it. */
	struct backup_test_place place = backup_test_place(f);
	struct restore_options options = backup_test_options(f, &place);
	struct restore_report restored;
	assert_int_equal(restore_portal(&options, &f->arena, &restored), OK);
	assert_true(restored.check.problems > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(what_is_restored_is_whole_and_read),
		CORE_TEST_STRICT(what_is_restored_is_whole_and_read),
		CORE_TEST(a_backup_goes_from_either_engine_to_either),
		CORE_TEST(a_backup_is_of_one_moment),
		CORE_TEST(both_are_in_the_audit_log),
		CORE_TEST(a_blob_that_is_missing_is_told_of),
	};
	return engines_test_run("backup", tests, sizeof(tests) / sizeof(tests[0]));
}
