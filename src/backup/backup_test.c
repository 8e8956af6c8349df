/* P7: what is backed up while others write comes back whole, from either engine to either engine; a
 * backup that is not what was written makes nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "backup/backup.h"
#include "backup/restore.h"
#include "base/limits.h"
#include "base/log.h"
#include "core/backup_last.h"
#include "core/file_test_support.h"
#include "core/mailbox_move.h"
#include "core/people_erase.h"
#include "core/recall_test_support.h"
#include "store/audit.h"
#include "store/blob.h"
#include "store/store_direct.h"
#include "store/store_state.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define GABI STR("gabi@example.org")

struct place {
	char file[96], folder[96], key[96];
};

static const char *with(char *room, size_t room_bytes, const char *path, const char *ending)
{
	snprintf(room, room_bytes, "%s%s", path, ending);
	return room;
}

static void append(char path[96], const char *ending)
{
	size_t len = strlen(path);
	snprintf(path + len, 96 - len, "%s", ending);
}

static struct place place_of(struct core_fixture *f)
{
	struct place place;
	snprintf(place.file, sizeof(place.file), "%s/backup", f->folder);
	snprintf(place.folder, sizeof(place.folder), "%s/restored", f->folder);
	snprintf(place.key, sizeof(place.key), "%s/master.key", f->folder);
	return place;
}

static enum err try_backup(struct core_fixture *f, struct backup_report *ret)
{
	struct place place = place_of(f);
	struct cx cx = core_fixture_cx(f, NULL);
	return backup_write(&cx, place.file, NULL, NULL, ret);
}

static struct backup_report back_up(struct core_fixture *f)
{
	struct backup_report report;
	assert_int_equal(try_backup(f, &report), OK);
	return report;
}

static struct str read_whole(struct core_fixture *f, const char *path)
{
	struct stat info;
	int fd = open(path, O_RDONLY);
	assert_true(fd >= 0 && fstat(fd, &info) == 0);
	char *bytes = arena_alloc(&f->arena, (size_t)info.st_size);
	assert_non_null(bytes);
	assert_int_equal(read(fd, bytes, (size_t)info.st_size), info.st_size);
	close(fd);
	return (struct str){bytes, (size_t)info.st_size};
}

static void print(void *argument, struct str sentence)
{
	(void)argument;
	print_message("# %.*s\n", STR_ARGS(sentence));
}

static struct restore_options options_of(struct core_fixture *f, const struct place *place)
{
	return (struct restore_options){.from = place->file,
					.data_dir = str_of(place->folder),
					.key_path = str_of(place->key),
					.clock = &f->clock.clock,
					.password_cost = f->options.password_cost,
					.tell = print};
}

static struct restore_report restore(struct core_fixture *f, struct str store_url)
{
	struct place place = place_of(f);
	struct restore_options options = options_of(f, &place);
	struct restore_report report;
	options.store_url = store_url;
	enum err err = restore_portal(&options, &f->arena, &report);
	if (err != OK)
		fail_msg("not restored: %s, %d", err_name(err), report.failure);
	assert_int_equal(report.check.problems, 0);
	return report;
}

/* The fixture goes on with the restored portal. */
static void move_in(struct core_fixture *f)
{
	static char folder[96];
	struct place place = place_of(f);
	portal_close(f->portal);
	snprintf(folder, sizeof(folder), "%s", place.folder);
	f->options.data_dir = str_of(folder);
	f->options.store_url = STR_NONE;
	assert_int_equal(portal_open(&f->options, &f->portal), OK);
}

static void what_is_restored_is_whole_and_read(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	struct id file = file_test_pdf(f, f->admin, "plan.pdf");
	struct id with_file = file_test_give(f, f->admin, "gabi@example.org", &file);
	struct sent sent = core_fixture_send(f, f->admin, GABI, STR("Findings"), STR("Secret"));
	(void)gabi;
	struct backup_report done = back_up(f);
	assert_int_equal(done.missing, 0);
	assert_int_equal(done.files, 1);
	struct restore_report report = restore(f, STR_NONE);
	assert_int_equal(report.at_ms, f->clock.now_ms);
	assert_int_equal(report.counts.blobs, 1);
	assert_true(report.sessions >= 2);
	assert_true(report.check.users >= 2 && report.check.messages >= 3);
	move_in(f);
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
	struct place place = place_of(f);
	char url[128];
	core_fixture_person(f, GABI, STR("Gabi Müller"), GRADE_GUEST);
	core_fixture_send(f, f->admin, GABI, STR("Findings"), STR("Secret"));
	back_up(f);
	char *before = rows_of(f->url);
	snprintf(url, sizeof(url), "sqlite:%s/postern.db", place.folder);
	restore(f, STR_NONE);
	char *after = rows_of(url);
	assert_string_equal(before, after);
	free(after);
	if (store_fixture_has_postgres()) {
		struct store_fixture other;
		store_fixture_init(&other, true);
		assert_int_equal(rename(place.folder, with(url, sizeof(url), place.folder, "1")),
				 0);
		restore(f, str_of(other.url));
		after = rows_of(other.url);
		assert_string_equal(before, after);
		free(after);
		/* Nor twice: there is a portal now. */
		struct restore_options options = options_of(f, &place);
		struct restore_report report;
		assert_int_equal(rename(place.folder, with(url, sizeof(url), place.folder, "2")),
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
		struct place place = place_of(f);
		back_up(f);
		restore(f, STR_NONE);
		snprintf(name, sizeof(name), "%s%d", place.folder, i);
		assert_int_equal(rename(place.folder, name), 0);
	}
	pthread_join(thread, &failed);
	assert_null(failed);
}

/* ---- what does not come back ---- */

static int64_t number_of(const char *url, const char *sql)
{
	char *text = store_direct_read(url, sql);
	int64_t number = atoll(text);
	free(text);
	return number;
}

static void sessions_and_waiting_mails_have_ended(void **state)
{
	struct core_fixture *f = *state;
	struct place place = place_of(f);
	char url[128], name[128];
	core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	core_fixture_send(f, f->admin, GABI, STR("Findings"), STR("Secret"));
	back_up(f);
	snprintf(url, sizeof(url), "sqlite:%s/postern.db", place.folder);
	struct restore_report report = restore(f, STR_NONE);
	assert_int_equal(report.mails, 1);
	assert_int_equal(number_of(url, "SELECT COUNT(*) FROM ways_in WHERE kind IN (2, 3, 7)"), 0);
	assert_int_equal(number_of(url, "SELECT COUNT(*) FROM mails WHERE state = 1"), 0);
	assert_int_equal(number_of(url, "SELECT COUNT(*) FROM mails WHERE state = 3 AND "
					"LENGTH(content) = 0"),
			 1);
	snprintf(name, sizeof(name), "%s1", place.folder);
	assert_int_equal(rename(place.folder, name), 0);
	struct restore_options options = options_of(f, &place);
	options.keeps_queue = true;
	assert_int_equal(restore_portal(&options, &f->arena, &report), OK);
	assert_int_equal(report.mails, 0);
	assert_int_equal(number_of(url, "SELECT COUNT(*) FROM mails WHERE state = 1"), 1);
}

static void what_expired_since_has_ended(void **state)
{
	struct core_fixture *f = *state;
	struct place place = place_of(f);
	char url[128];
	core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	const struct draft draft = {.to = GABI,
				    .subject = STR("Soon gone"),
				    .body = STR("Secret"),
				    .expires = STR("2026-01-02T00:00:00Z")};
	struct sent sent;
	assert_int_equal(core_fixture_try_send(f, f->admin, &draft, &sent, NULL), OK);
	back_up(f);
	core_fixture_sleep(f, 3 * DAY_MS);
	restore(f, STR_NONE);
	snprintf(url, sizeof(url), "sqlite:%s/postern.db", place.folder);
	assert_int_equal(number_of(url, "SELECT COUNT(*) FROM deliveries WHERE ended = 2"), 1);
}

static void both_are_in_the_audit_log(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, NULL);
	int64_t last_ms = -1;
	assert_int_equal(backup_last(&cx, &last_ms), OK);
	assert_int_equal(last_ms, 0);
	back_up(f);
	assert_int_equal(backup_last(&cx, &last_ms), OK);
	assert_int_equal(last_ms, f->clock.now_ms);
	assert_int_equal(number_of(f->url, "SELECT COUNT(*) FROM audit WHERE kind = 37"), 1);
	restore(f, STR_NONE);
	move_in(f);
	cx = core_fixture_cx(f, NULL);
	assert_int_equal(backup_last(&cx, &last_ms), OK);
	assert_int_equal(last_ms, 0);
}

/* ---- what was destroyed since ---- */

/* Of each kind one, after the backup. */
struct destroyed_scene {
	struct session *gabi;
	struct id whole, partly, with_file, file, deleted;
};

static void destroy_some(struct core_fixture *f, struct destroyed_scene *scene)
{
	struct sent sent;
	scene->gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	core_fixture_person(f, STR("paul@example.com"), STR("Paul"), GRADE_GUEST);
	scene->whole = core_fixture_send(f, f->admin, GABI, STR("Findings"), STR("Secret")).id;
	assert_str(core_fixture_open(f, scene->gabi, &scene->whole).body, STR("Secret"));
	const struct draft draft = {.to = STR("gabi@example.org, paul@example.com"),
				    .subject = STR("Findings"),
				    .body = STR("Secret")};
	assert_int_equal(core_fixture_try_send(f, f->admin, &draft, &sent, NULL), OK);
	scene->partly = sent.id;
	scene->file = file_test_pdf(f, f->admin, "plan.pdf");
	scene->with_file = file_test_give(f, f->admin, "gabi@example.org", &scene->file);
	scene->deleted = core_fixture_send(f, f->admin, GABI, STR("Old"), STR("Secret")).id;
	back_up(f);
	core_fixture_sleep(f, HOUR_MS);
	recall_test_whole(f, f->admin, &scene->whole, STR("Wrong person"));
	recall_test_from(f, f->admin, &scene->partly, GABI, STR(""));
	struct cx cx = core_fixture_cx(f, f->admin);
	const struct recall_wish wish = {.is_whole = true};
	struct form_errors errors = {.count = 0};
	struct recalled recalled;
	assert_int_equal(
		file_recall(&cx, &scene->with_file, &scene->file, &wish, &recalled, &errors), OK);
	cx = core_fixture_cx(f, scene->gabi);
	assert_int_equal(mailbox_move(&cx, &scene->deleted, 1, BOX_TRASH), OK);
	assert_int_equal(mailbox_destroy(&cx, &scene->deleted, 1), OK);
}

static void what_was_recalled_since_stays_closed(void **state)
{
	struct core_fixture *f = *state;
	struct destroyed_scene scene;
	destroy_some(f, &scene);
	struct restore_report report = restore(f, STR_NONE);
	assert_non_null(report.journal);
	assert_int_equal(report.destroyed.keys, 4);
	assert_int_equal(report.destroyed.begun_ms, report.at_ms + HOUR_MS);
	move_in(f);
	struct session *gabi = core_fixture_sign_in(f, GABI, CORE_FIXTURE_PASSWORD);
	struct message_view view = core_fixture_open(f, gabi, &scene.whole);
	assert_int_equal(view.ended, DELIVERY_RECALLED);
	assert_int_equal(view.body.len, 0);
	assert_str(view.subject, STR("Findings"));
	assert_str(view.reason, STR("Wrong person"));
	assert_int_equal(core_fixture_open(f, gabi, &scene.partly).ended, DELIVERY_RECALLED);
	assert_int_not_equal(file_test_read(f, gabi, &scene.file, &scene.with_file), OK);
	struct cx cx = core_fixture_cx(f, gabi);
	struct message_view gone;
	assert_int_equal(mailbox_open(&cx, &scene.deleted, &gone), ERR_NOT_FOUND);
	struct session *paul =
		core_fixture_sign_in(f, STR("paul@example.com"), CORE_FIXTURE_PASSWORD);
	assert_str(core_fixture_open(f, paul, &scene.partly).body, STR("Secret"));
	assert_int_equal(recall_test_entries(f, &scene.whole), 1);
	/* Once more: nothing is left to do. */
	back_up(f);
}

static void who_was_erased_since_is_erased_again(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	core_fixture_send(f, f->admin, GABI, STR("Findings"), STR("Secret"));
	back_up(f);
	struct cx cx = core_fixture_cx(f, f->admin);
	struct form_errors errors = {.count = 0};
	assert_int_equal(people_erase(&cx, &gabi->user.id, NULL, &errors), OK);
	restore(f, STR_NONE);
	move_in(f);
	struct db *db CLEANUP_READ = NULL;
	struct user user;
	assert_int_equal(store_read_begin(f->portal->store, &db), OK);
	assert_int_equal(users_by_id(db, &f->arena, &gabi->user.id, &user), OK);
	assert_true(users_is_erased(&user));
	assert_true(user.state == USER_DISABLED);
}

/* The limit: as docs/BACKUP.md says. */
static void without_the_journal_it_is_open_again(void **state)
{
	struct core_fixture *f = *state;
	struct destroyed_scene scene;
	struct place place = place_of(f);
	struct restore_options options = options_of(f, &place);
	struct restore_report report;
	destroy_some(f, &scene);
	options.ignores_destructions = true;
	assert_int_equal(restore_portal(&options, &f->arena, &report), OK);
	assert_null(report.journal);
	move_in(f);
	struct session *gabi = core_fixture_sign_in(f, GABI, CORE_FIXTURE_PASSWORD);
	assert_str(core_fixture_open(f, gabi, &scene.whole).body, STR("Secret"));
}

static void a_journal_that_was_changed_is_refused(void **state)
{
	struct core_fixture *f = *state;
	struct destroyed_scene scene;
	struct place place = place_of(f);
	struct restore_options options = options_of(f, &place);
	struct restore_report report;
	char path[128];
	destroy_some(f, &scene);
	snprintf(path, sizeof(path), "%s/destructions.log", f->folder);
	struct str whole = read_whole(f, path);
	options.destructions = str_of(path);
	size_t second = (size_t)str_find_char(whole, '\n') + 1;
	struct str rest = str_slice(whole, second, whole.len);
	size_t third = second + (size_t)str_find_char(rest, '\n') + 1;
	for (int way = 0; way < 4; way++) {
		struct buf changed CLEANUP_BUF;
		buf_init(&changed, 1 << 20);
		buf_add(&changed, whole);
		if (way == 0) /* a line less */
			memmove(changed.data + second, changed.data + third, whole.len - third);
		changed.len -= way == 0 ? third - second : 0;
		if (way == 1) /* a line without its beginning */
			memmove(changed.data, changed.data + second, changed.len -= second);
		if (way == 2) /* another byte */
			changed.data[second + 40] ^= 1;
		if (way == 3) /* a line behind it */
			buf_add(&changed, STR("01KDVDNA00A2H8SZC8S2R9F1WA X a b | 00\n"));
		int fd = open(path, O_WRONLY | O_TRUNC);
		assert_int_equal(write(fd, changed.data, changed.len), changed.len);
		close(fd);
		assert_int_equal(restore_portal(&options, &f->arena, &report), ERR_CORRUPT);
		assert_int_equal(report.failure, RESTORE_JOURNAL_BAD);
	}
	/* The last line was cut off in writing: the next one mends that. */
	int fd = open(path, O_WRONLY | O_TRUNC);
	assert_int_equal(write(fd, whole.data, whole.len), whole.len);
	assert_int_equal(write(fd, "01KDVDNA00", 10), 10);
	close(fd);
	struct sent sent = core_fixture_send(f, f->admin, GABI, STR("Findings"), STR("Secret"));
	recall_test_whole(f, f->admin, &sent.id, STR(""));
	assert_int_equal(restore_portal(&options, &f->arena, &report), OK);
	assert_int_equal(report.destroyed.keys, 4);
	assert_int_equal(report.check.problems, 0);
}

/* ---- files ---- */

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
	struct backup_report report = back_up(f);
	assert_int_equal(report.missing, 1);
	assert_int_equal(report.files, 0);
	/* All else is in it. */
	struct place place = place_of(f);
	struct restore_options options = options_of(f, &place);
	struct restore_report restored;
	assert_int_equal(restore_portal(&options, &f->arena, &restored), OK);
	assert_true(restored.check.problems > 0);
}

/* ---- what is refused ---- */

struct refusal {
	const char *name;
	void (*prepare)(struct core_fixture *f, struct place *place);
	enum err err;
	enum restore_failure failure;
};

static void put_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
	assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	assert_int_equal(chmod(path, mode), 0);
}

static void no_file(struct core_fixture *f, struct place *place)
{
	(void)f;
	append(place->file, ".none");
}

static void another_file(struct core_fixture *f, struct place *place)
{
	(void)f;
	append(place->file, ".text");
	put_file(place->file, "This is no backup.", 0600);
}

static void no_key(struct core_fixture *f, struct place *place)
{
	(void)f;
	append(place->key, ".none");
}

static void readable_key(struct core_fixture *f, struct place *place)
{
	(void)f;
	append(place->key, ".readable");
	put_file(place->key, "key = \n", 0644);
}

static void bad_key(struct core_fixture *f, struct place *place)
{
	(void)f;
	append(place->key, ".bad");
	put_file(place->key, "key = AAAA\n", 0600);
}

static void other_key(struct core_fixture *f, struct place *place)
{
	char text[256];
	char digits[44];
	memset(digits, 'A', 43);
	digits[43] = '\0';
	(void)f;
	append(place->key, ".other");
	snprintf(text, sizeof(text), "key = %s\nportal-public-key = %s\n", digits, digits);
	put_file(place->key, text, 0600);
}

static void folder_with_something(struct core_fixture *f, struct place *place)
{
	char path[128];
	(void)f;
	assert_int_equal(mkdir(place->folder, 0700), 0);
	snprintf(path, sizeof(path), "%s/something", place->folder);
	put_file(path, "else", 0600);
}

static void no_folder_above(struct core_fixture *f, struct place *place)
{
	snprintf(place->folder, sizeof(place->folder), "%s/none/restored", f->folder);
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
		{"no folder above", no_folder_above, ERR_NOT_FOUND, RESTORE_NO_FOLDER},
		{"something in the folder", folder_with_something, ERR_CONFLICT, RESTORE_NOT_EMPTY},
	};
	struct core_fixture *f = *state;
	back_up(f);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct place place = place_of(f);
		struct restore_report report;
		char left[128];
		table[i].prepare(f, &place);
		struct restore_options options = options_of(f, &place);
		enum err err = restore_portal(&options, &f->arena, &report);
		if (err != table[i].err || report.failure != table[i].failure)
			fail_msg("%s: %s, %d", table[i].name, err_name(err), report.failure);
		snprintf(left, sizeof(left), "%s.restoring", place.folder);
		assert_int_not_equal(access(left, F_OK), 0);
	}
}

static void two_at_once_are_refused(void **state)
{
	struct core_fixture *f = *state;
	struct place place = place_of(f);
	struct backup_report done;
	char path[128];
	back_up(f);
	/* What a killed one left is in nobody's way. */
	snprintf(path, sizeof(path), "%s.tmp", place.file);
	put_file(path, "half a backup", 0600);
	back_up(f);
	int fd = open(path, O_RDWR | O_CREAT, 0600);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(try_backup(f, &done), ERR_BUSY);
	close(fd);
	unlink(path);
	snprintf(path, sizeof(path), "%s.restoring", place.folder);
	assert_int_equal(mkdir(path, 0700), 0);
	char inside[160];
	put_file(with(inside, sizeof(inside), path, "/postern.db"), "half a portal", 0600);
	fd = open(path, O_RDONLY | O_DIRECTORY);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	struct restore_options options = options_of(f, &place);
	struct restore_report report;
	assert_int_equal(restore_portal(&options, &f->arena, &report), ERR_BUSY);
	assert_int_equal(report.failure, RESTORE_BUSY);
	close(fd);
	restore(f, STR_NONE);
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
	struct place place = place_of(f);
	core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	struct id file = file_test_pdf(f, f->admin, "plan.pdf");
	file_test_give(f, f->admin, "gabi@example.org", &file);
	back_up(f);
	struct str whole = read_whole(f, place.file);
	struct restore_options options = options_of(f, &place);
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
		CORE_TEST(what_is_restored_is_whole_and_read),
		CORE_TEST_STRICT(what_is_restored_is_whole_and_read),
		CORE_TEST(a_backup_goes_from_either_engine_to_either),
		CORE_TEST(a_backup_is_of_one_moment),
		CORE_TEST(sessions_and_waiting_mails_have_ended),
		CORE_TEST(what_expired_since_has_ended),
		CORE_TEST(both_are_in_the_audit_log),
		CORE_TEST(what_was_recalled_since_stays_closed),
		CORE_TEST_STRICT(what_was_recalled_since_stays_closed),
		CORE_TEST(who_was_erased_since_is_erased_again),
		CORE_TEST(without_the_journal_it_is_open_again),
		CORE_TEST(a_journal_that_was_changed_is_refused),
		CORE_TEST(a_blob_that_is_missing_is_told_of),
		CORE_TEST(several_refusals),
		CORE_TEST(two_at_once_are_refused),
		CORE_TEST(every_damage_is_told),
	};
	return engines_test_run("backup", tests, sizeof(tests) / sizeof(tests[0]));
}
