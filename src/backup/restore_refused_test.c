/* P7: a backup that is not what was written makes nothing, and says why. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "backup/backup_test_support.h"
#include "base/log.h"
#include "core/file_test_support.h"
#include "store/schema.h"

#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>

#define GABI STR("gabi@example.org")

struct refusal {
	const char *name;
	void (*prepare)(struct core_fixture *f, struct backup_test_place *place);
	enum err err;
	enum restore_failure failure;
};

static void no_file(struct core_fixture *f, struct backup_test_place *place)
{
	(void)f;
	backup_test_append(place->file, ".none");
}

static void another_file(struct core_fixture *f, struct backup_test_place *place)
{
	(void)f;
	backup_test_append(place->file, ".text");
	backup_test_put(place->file, "This is no backup.", 0600);
}

static void no_key(struct core_fixture *f, struct backup_test_place *place)
{
	(void)f;
	backup_test_append(place->key, ".none");
}

static void readable_key(struct core_fixture *f, struct backup_test_place *place)
{
	(void)f;
	backup_test_append(place->key, ".readable");
	backup_test_put(place->key, "key = \n", 0644);
}

static void bad_key(struct core_fixture *f, struct backup_test_place *place)
{
	(void)f;
	backup_test_append(place->key, ".bad");
	backup_test_put(place->key, "key = AAAA\n", 0600);
}

static void other_key(struct core_fixture *f, struct backup_test_place *place)
{
	char text[256];
	char digits[44];
	memset(digits, 'A', 43);
	digits[43] = '\0';
	(void)f;
	backup_test_append(place->key, ".other");
	snprintf(text, sizeof(text), "key = %s\nportal-public-key = %s\n", digits, digits);
	backup_test_put(place->key, text, 0600);
}

static void folder_with_something(struct core_fixture *f, struct backup_test_place *place)
{
	char path[128];
	(void)f;
	assert_int_equal(mkdir(place->folder, 0700), 0);
	snprintf(path, sizeof(path), "%s/something", place->folder);
	backup_test_put(path, "else", 0600);
}

static void no_folder_above(struct core_fixture *f, struct backup_test_place *place)
{
	snprintf(place->folder, sizeof(place->folder), "%s/none/restored", f->folder);
}

/* As a later version of the program would write it. */
static void newer_version(struct core_fixture *f, struct backup_test_place *place)
{
	struct secret *key CLEANUP_SECRET = NULL;
	struct archive_writer *writer;
	const struct archive_label label = {
		.at_ms = f->clock.now_ms,
		.schema = (int64_t)schema_migration_count + 1,
		.portal_public = str_bytes(f->portal->portal_public, PUBLIC_KEY_BYTES),
		.name = STR("Example Clinic"),
	};
	backup_test_append(place->file, ".newer");
	assert_int_equal(archive_key(f->portal->row_key, &key), OK);
	assert_int_equal(archive_create(place->file, key, &label, &writer), OK);
	assert_int_equal(archive_finish(writer), OK);
	archive_close(writer);
}

static void cut_off(struct core_fixture *f, struct backup_test_place *place)
{
	struct str whole = backup_test_read(f, place->file);
	backup_test_append(place->file, ".cut");
	int fd = open(place->file, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, whole.data, whole.len - 600), whole.len - 600);
	close(fd);
}

static void a_folder(struct core_fixture *f, struct backup_test_place *place)
{
	(void)f;
	backup_test_append(place->file, ".folder");
	assert_int_equal(mkdir(place->file, 0700), 0);
}

static void several_refusals(void **state)
{
	static const struct refusal table[] = {
		{"no file", no_file, ERR_NOT_FOUND, RESTORE_NO_FILE},
		{"another file", another_file, ERR_INVALID, RESTORE_NO_BACKUP},
		{"no key", no_key, ERR_NOT_FOUND, RESTORE_NO_KEY},
		{"a key that others can read", readable_key, ERR_DENIED, RESTORE_KEY_READABLE},
		{"something that is no key", bad_key, ERR_CORRUPT, RESTORE_KEY_BAD},
		{"the key of another portal", other_key, ERR_DENIED, RESTORE_KEY_WRONG},
		{"of a newer version", newer_version, ERR_INVALID, RESTORE_TOO_NEW},
		{"cut off", cut_off, ERR_CORRUPT, RESTORE_DAMAGED},
		{"a folder", a_folder, ERR_INVALID, RESTORE_NO_BACKUP},
		{"no folder above", no_folder_above, ERR_NOT_FOUND, RESTORE_NO_FOLDER},
		{"something in the folder", folder_with_something, ERR_CONFLICT, RESTORE_NOT_EMPTY},
	};
	struct core_fixture *f = *state;
	backup_test_make(f);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct backup_test_place place = backup_test_place(f);
		struct restore_report report;
		char left[128];
		table[i].prepare(f, &place);
		struct restore_options options = backup_test_options(f, &place);
		enum err err = restore_portal(&options, &f->arena, &report);
		if (err != table[i].err || report.failure != table[i].failure)
			fail_msg("%s: %s, %d", table[i].name, err_name(err), report.failure);
		snprintf(left, sizeof(left), "%s.restoring", place.folder);
		assert_int_not_equal(access(left, F_OK), 0);
	}
}

/* As if the disk were full after so many bytes. */
static void fill_disk_after(rlim_t bytes)
{
	struct rlimit limit;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_full_disk_leaves_what_was_there(void **state)
{
	struct core_fixture *f = *state;
	struct backup_test_place place = backup_test_place(f);
	struct backup_report done;
	char path[128];
	core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	struct id file =
		file_test_upload(f, f->admin, STR("plan.pdf"), STR("application/pdf"), 3 << 20);
	file_test_give(f, f->admin, "gabi@example.org", &file);
	backup_test_make(f);
	struct str before = backup_test_read(f, place.file);
	signal(SIGXFSZ, SIG_IGN);
	log_set_level(LOG_ALARM);
	for (rlim_t bytes = 0; bytes < before.len; bytes += before.len / 9) {
		/* The database of the portal itself has room. */
		fill_disk_after(bytes);
		enum err err = backup_test_try(f, &done);
		fill_disk_after(RLIM_INFINITY);
		assert_int_equal(err, ERR_UNAVAILABLE);
		assert_true(str_eq(backup_test_read(f, place.file), before));
		backup_test_with(path, sizeof(path), place.file, ".tmp");
		assert_int_not_equal(access(path, F_OK), 0);
	}
	/* Nor is there half a portal. */
	struct restore_options options = backup_test_options(f, &place);
	struct restore_report report;
	for (rlim_t bytes = 4096; bytes < 2 << 20; bytes *= 4) {
		fill_disk_after(bytes);
		enum err err = restore_portal(&options, &f->arena, &report);
		fill_disk_after(RLIM_INFINITY);
		assert_int_not_equal(err, OK);
		assert_int_equal(report.failure, RESTORE_FAILED_OTHERWISE);
		assert_int_not_equal(access(place.folder, F_OK), 0);
		backup_test_with(path, sizeof(path), place.folder, ".restoring");
		assert_int_not_equal(access(path, F_OK), 0);
	}
	log_set_level(LOG_INFO);
	backup_test_restore(f, STR_NONE);
}

static void no_place_for_a_backup(void **state)
{
	struct core_fixture *f = *state;
	struct backup_report done;
	struct cx cx = core_fixture_cx(f, NULL);
	char path[128];
	snprintf(path, sizeof(path), "%s/none/backup", f->folder);
	assert_int_equal(backup_write(&cx, path, NULL, NULL, &done), ERR_UNAVAILABLE);
	/* A folder stays one. */
	snprintf(path, sizeof(path), "%s/backups", f->folder);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(backup_write(&cx, path, NULL, NULL, &done), ERR_UNAVAILABLE);
	assert_int_equal(rmdir(path), 0);
}

static void two_at_once_are_refused(void **state)
{
	struct core_fixture *f = *state;
	struct backup_test_place place = backup_test_place(f);
	struct backup_report done;
	char path[128];
	backup_test_make(f);
	/* What a killed one left is in nobody's way. */
	snprintf(path, sizeof(path), "%s.tmp", place.file);
	backup_test_put(path, "half a backup", 0600);
	backup_test_make(f);
	int fd = open(path, O_RDWR | O_CREAT, 0600);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(backup_test_try(f, &done), ERR_BUSY);
	close(fd);
	unlink(path);
	snprintf(path, sizeof(path), "%s.restoring", place.folder);
	assert_int_equal(mkdir(path, 0700), 0);
	char inside[160];
	backup_test_put(backup_test_with(inside, sizeof(inside), path, "/postern.db"),
			"half a portal", 0600);
	fd = open(path, O_RDONLY | O_DIRECTORY);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	struct restore_options options = backup_test_options(f, &place);
	struct restore_report report;
	assert_int_equal(restore_portal(&options, &f->arena, &report), ERR_BUSY);
	assert_int_equal(report.failure, RESTORE_BUSY);
	close(fd);
	backup_test_restore(f, STR_NONE);
}

static void check_told(struct core_fixture *f, const struct restore_options *options,
		       const char *what, size_t at)
{
	struct restore_report report;
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, 1 << 20);
	(void)f;
	if (restore_check(options, &arena, &report) == OK)
		fail_msg("%s at %zu is not told", what, at);
}

/* All of the beginning and of the end, and so much of what lies between as takes a second. */
static size_t next(size_t at, size_t total)
{
	return at < 3000 || at + 4000 > total ? at + 1 : at + 97;
}

static void every_damage_is_told(void **state)
{
	struct core_fixture *f = *state;
	struct backup_test_place place = backup_test_place(f);
	core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	struct id file = file_test_pdf(f, f->admin, "plan.pdf");
	file_test_give(f, f->admin, "gabi@example.org", &file);
	backup_test_make(f);
	struct str whole = backup_test_read(f, place.file);
	struct restore_options options = backup_test_options(f, &place);
	struct restore_report report;
	assert_int_equal(restore_check(&options, &f->arena, &report), OK);
	int fd = open(place.file, O_RDWR);
	assert_true(fd >= 0);
	log_set_level(LOG_ALARM);
	for (size_t at = 0; at < whole.len; at = next(at, whole.len)) {
		char flipped = (char)(whole.data[at] ^ (1 << at % 8));
		assert_int_equal(pwrite(fd, &flipped, 1, (off_t)at), 1);
		check_told(f, &options, "a changed byte", at);
		assert_int_equal(pwrite(fd, whole.data + at, 1, (off_t)at), 1);
	}
	assert_int_equal(pwrite(fd, "", 1, (off_t)whole.len), 1);
	check_told(f, &options, "a byte too much", whole.len);
	assert_int_equal(ftruncate(fd, (off_t)whole.len), 0);
	assert_int_equal(restore_check(&options, &f->arena, &report), OK);
	for (size_t len = whole.len; len > 0;) {
		len -= next(whole.len - len, whole.len) - (whole.len - len) < len
			       ? next(whole.len - len, whole.len) - (whole.len - len)
			       : len;
		assert_int_equal(ftruncate(fd, (off_t)len), 0);
		check_told(f, &options, "an early end", len);
	}
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(several_refusals),      CORE_TEST(a_full_disk_leaves_what_was_there),
		CORE_TEST(no_place_for_a_backup), CORE_TEST(two_at_once_are_refused),
		CORE_TEST(every_damage_is_told),
	};
	return engines_test_run("restore_refused", tests, sizeof(tests) / sizeof(tests[0]));
}
