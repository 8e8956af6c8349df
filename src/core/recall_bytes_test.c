/* P4.4: after a recall, no byte of a key that opened the message is left in the files of the
 * database, nor in a backup made then. On PostgreSQL: in nothing that the database gives out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "core/download.h"
#include "core/file_recall.h"
#include "core/housekeeping.h"
#include "core/recall_test_support.h"
#include "core/upload_test_support.h"
#include "store/store_direct.h"

enum { KEYS_MAX = 2000, RECIPIENTS = 300, FORWARDED = 2, FILE_BYTES = 64 << 20 };

/* What opened the message, at one time or another. */
struct keys {
	struct str bytes[KEYS_MAX];
	size_t count;
};

static void note_keys(struct core_fixture *f, const struct id *message_id, struct keys *keys)
{
	struct db *db CLEANUP_READ = NULL;
	struct delivery *deliveries;
	size_t count;
	int64_t bad;
	assert_int_equal(store_read_begin(f->portal->store, &db), OK);
	assert_int_equal(
		deliveries_of_message(db, &f->arena, message_id, &deliveries, &count, &bad), OK);
	for (size_t i = 0; i < count; i++) {
		const struct delivery *delivery = &deliveries[i];
		if (delivery->kind == RECIPIENT_FROM)
			continue;
		assert_true(keys->count < KEYS_MAX);
		keys->bytes[keys->count++] =
			delivery->sealed.len ? delivery->sealed : delivery->wrapped;
	}
}

/* Those of its files. */
static void note_file_keys(struct core_fixture *f, const struct id *message_id, struct keys *keys)
{
	struct db *db CLEANUP_READ = NULL;
	struct message_file *files;
	struct file_delivery *rights;
	size_t file_count, count;
	int64_t bad;
	assert_int_equal(store_read_begin(f->portal->store, &db), OK);
	assert_int_equal(message_files_of_message(db, &f->arena, message_id, &files, &file_count,
						  &rights, &count, &bad),
			 OK);
	for (size_t i = 0; i < count; i++) {
		if (id_eq(&rights[i].user_id, &f->admin->user.id))
			continue;
		assert_true(keys->count < KEYS_MAX);
		keys->bytes[keys->count++] =
			rights[i].sealed.len ? rights[i].sealed : rights[i].wrapped;
	}
}

static struct id upload_file(struct core_fixture *f)
{
	struct id id = upload_test_create(f, f->admin, 100);
	upload_test_send(f, f->admin, &id, 0, 100, UPLOAD_SENT);
	return id;
}

static enum err open_file(struct core_fixture *f, struct session *session, const struct id *file_id,
			  const struct id *message_id)
{
	struct cx cx = core_fixture_cx(f, session);
	struct download *download;
	TRY(download_open(&cx, file_id, message_id, &download));
	download_free(download);
	return OK;
}

static struct str read_file(const char *path)
{
	static char bytes[FILE_BYTES];
	FILE *file = fopen(path, "rb");
	if (file == NULL)
		return STR("");
	size_t len = fread(bytes, 1, FILE_BYTES, file);
	fclose(file);
	assert_true(len < FILE_BYTES);
	return str_bytes(bytes, len);
}

/* How many of the keys are in it; any 24 bytes of one are enough. */
static size_t count_in(struct str bytes, const struct keys *keys)
{
	enum { PART_BYTES = 24 };
	size_t found = 0;
	for (size_t i = 0; i < keys->count; i++) {
		bool is_there = false;
		for (size_t at = 0; at + PART_BYTES <= keys->bytes[i].len && !is_there;
		     at += PART_BYTES)
			is_there = bytes.len > 0 && memmem(bytes.data, bytes.len,
							   keys->bytes[i].data + at, PART_BYTES);
		found += is_there;
	}
	return found;
}

static size_t count_in_files(struct core_fixture *f, const struct keys *keys)
{
	static const char *const files[] = {"", "-wal", "-shm", "-journal"};
	char path[256];
	size_t found = 0;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/postern.db%s", f->folder, files[i]);
		found += count_in(read_file(path), keys);
	}
	return found;
}

static size_t count_in_backup(struct core_fixture *f, const struct keys *keys)
{
	char path[256], sql[300];
	snprintf(path, sizeof(path), "%s/backup.db", f->folder);
	snprintf(sql, sizeof(sql), "VACUUM INTO '%s'", path);
	store_direct_run(f->url, sql);
	size_t found = count_in(read_file(path), keys);
	remove(path);
	return found;
}

/* Every value of every row that may hold one, in hexadecimal. */
static size_t count_in_dump(struct core_fixture *f, const struct keys *keys)
{
	static const char *const dumps[] = {
		("SELECT string_agg(encode(sealed, 'hex') || encode(wrapped, 'hex') || "
		 "encode(COALESCE(notice, ''), 'hex') || encode(COALESCE(reason, ''), 'hex'), ' ') "
		 "FROM deliveries"),
		("SELECT string_agg(encode(sealed, 'hex') || encode(wrapped, 'hex') || ' ', ' ') "
		 "FROM file_deliveries"),
		"SELECT string_agg(encode(content, 'hex'), ' ') FROM mails",
		("SELECT string_agg(encode(subject, 'hex') || encode(body, 'hex'), ' ') "
		 "FROM messages"),
	};
	size_t found = 0;
	for (size_t i = 0; i < sizeof(dumps) / sizeof(dumps[0]); i++) {
		char *dump = store_direct_read(f->url, dumps[i]);
		for (size_t j = 0; dump && j < keys->count; j++) {
			struct buf hex CLEANUP_BUF;
			buf_init(&hex, 1024);
			for (size_t k = 0; k < keys->bytes[j].len; k++)
				buf_addf(&hex, "%02x", (uint8_t)keys->bytes[j].data[k]);
			found += str_find(str_of(dump), buf_str(&hex)) >= 0;
		}
		free(dump);
	}
	return found;
}

static size_t count_everywhere(struct core_fixture *f, const struct keys *keys)
{
	bool is_sqlite = strncmp(f->url, "sqlite:", 7) == 0;
	return is_sqlite ? count_in_files(f, keys) + count_in_backup(f, keys)
			 : count_in_dump(f, keys);
}

static struct sent send_to_many(struct core_fixture *f, struct str subject, const struct id *file)
{
	struct buf to CLEANUP_BUF;
	struct sent sent;
	buf_init(&to, 1 << 20);
	for (int i = 0; i < RECIPIENTS; i++)
		buf_addf(&to, "%sperson%d@example.org", i ? ", " : "", i);
	const struct draft draft = {.to = arena_copy(&f->arena, buf_str(&to)),
				    .subject = subject,
				    .body = STR("Secret"),
				    .files = file,
				    .file_count = 1};
	assert_int_equal(core_fixture_try_send(f, f->admin, &draft, &sent, NULL), OK);
	return sent;
}

/* What one got, to somebody known and somebody new. */
static struct sent forward_to(struct core_fixture *f, struct session *session, const struct id *id)
{
	struct sent sent;
	const struct draft draft = {.to = STR("paul@example.com, new@example.net"),
				    .subject = STR("Fwd: Findings"),
				    .forward_of = *id};
	assert_int_equal(core_fixture_try_send(f, session, &draft, &sent, NULL), OK);
	return sent;
}

/* Sealed, wrapped by reading, sealed again at registering; forwarded on, where it is sealed to
 * whom the sender does not know, and wrapped by their reading; pages split by many rows. */
static void no_key_is_left(void **state)
{
	struct core_fixture *f = *state;
	static struct keys keys;
	keys.count = 0;
	core_fixture_set(f, "messages_per_hour_professional", STR("100000"));
	struct session *gabi =
		core_fixture_person(f, STR("person0@example.org"), STR("Gabi"), GRADE_GUEST);
	struct session *ines =
		core_fixture_person(f, STR("person9@example.org"), STR("Ines"), GRADE_PROFESSIONAL);
	struct session *paul =
		core_fixture_person(f, STR("paul@example.com"), STR("Paul"), GRADE_PROFESSIONAL);
	struct id file = upload_file(f);
	struct sent before = send_to_many(f, STR("Before"), &file);
	struct sent sent = send_to_many(f, STR("Findings"), &file);
	struct sent forward = forward_to(f, ines, &sent.id);
	note_keys(f, &sent.id, &keys);
	note_file_keys(f, &sent.id, &keys);
	assert_int_equal(keys.count, 2 * (RECIPIENTS + FORWARDED));
	/* The search finds what is there. */
	assert_true(count_everywhere(f, &keys) >= 2 * (RECIPIENTS + FORWARDED));
	struct message_view view = core_fixture_open(f, paul, &forward.id);
	assert_int_equal(view.quoted_count, 1);
	assert_str(view.quoted[0].body, STR("Secret"));
	assert_str(core_fixture_open(f, gabi, &sent.id).body, STR("Secret"));
	assert_int_equal(open_file(f, gabi, &file, &sent.id), OK);
	assert_int_equal(open_file(f, paul, &file, &sent.id), OK);
	for (int i = 1; i < 4; i++)
		core_fixture_register(
			f,
			core_fixture_token(f, MAIL_INVITATION,
					   arena_printf(&f->arena, "person%d@example.org", i)),
			STR("Somebody"));
	core_fixture_register(f, core_fixture_token(f, MAIL_INVITATION, STR("new@example.net")),
			      STR("Nora"));
	note_keys(f, &sent.id, &keys);
	note_file_keys(f, &sent.id, &keys);
	struct sent after = send_to_many(f, STR("After"), &file);
	struct recalled recalled = recall_test_whole(f, f->admin, &sent.id, STR("Sorry"));
	assert_int_equal(recalled.keys, RECIPIENTS + FORWARDED);
	assert_int_equal(count_everywhere(f, &keys), 0);
	assert_int_equal(core_fixture_open(f, paul, &forward.id).quoted[0].body.len, 0);
	assert_int_equal(open_file(f, gabi, &file, &sent.id), ERR_CONFLICT);
	/* Others have theirs. */
	assert_int_equal(open_file(f, gabi, &file, &before.id), OK);
	assert_str(core_fixture_open(f, gabi, &before.id).body, STR("Secret"));
	assert_str(core_fixture_open(f, gabi, &after.id).body, STR("Secret"));
	assert_int_equal(core_fixture_problems(f), 0);
}

/* The file alone: the message stays. */
static void no_key_of_a_recalled_file_is_left(void **state)
{
	struct core_fixture *f = *state;
	static struct keys keys;
	keys.count = 0;
	struct session *gabi =
		core_fixture_person(f, STR("person0@example.org"), STR("Gabi"), GRADE_GUEST);
	struct id file = upload_file(f);
	struct sent sent = send_to_many(f, STR("Findings"), &file);
	struct cx cx = core_fixture_cx(f, f->admin);
	const struct recall_wish wish = {.is_whole = true};
	struct form_errors errors = {0};
	struct recalled recalled;
	note_file_keys(f, &sent.id, &keys);
	assert_int_equal(open_file(f, gabi, &file, &sent.id), OK);
	note_file_keys(f, &sent.id, &keys);
	assert_int_equal(keys.count, 2 * RECIPIENTS);
	assert_true(count_everywhere(f, &keys) >= RECIPIENTS);
	assert_int_equal(file_recall(&cx, &sent.id, &file, &wish, &recalled, &errors), OK);
	assert_int_equal(recalled.keys, RECIPIENTS);
	assert_int_equal(count_everywhere(f, &keys), 0);
	assert_int_equal(open_file(f, gabi, &file, &sent.id), ERR_CONFLICT);
	assert_str(core_fixture_open(f, gabi, &sent.id).body, STR("Secret"));
	upload_test_check(f, f->admin, &file, 100);
	assert_int_equal(core_fixture_problems(f), 0);
}

/* Somebody reads for long: what could not be forgotten at once is, soon after they are done. */
static void a_reader_in_the_way_delays_it(void **state)
{
	struct core_fixture *f = *state;
	static struct keys keys;
	keys.count = 0;
	struct session *gabi =
		core_fixture_person(f, STR("gabi@example.org"), STR("Gabi"), GRADE_GUEST);
	struct cx cx = core_fixture_cx(f, NULL);
	struct sent sent = core_fixture_send(f, f->admin, STR("gabi@example.org"), STR("Findings"),
					     STR("Secret"));
	note_keys(f, &sent.id, &keys);
	assert_false(store_has_to_forget(f->portal->store));
	void *reader = store_direct_hold(f->url, "SELECT * FROM deliveries");
	recall_test_whole(f, f->admin, &sent.id, STR(""));
	assert_int_equal(core_fixture_open(f, gabi, &sent.id).body.len, 0);
	housekeeping_look(&cx);
	if (reader != NULL) {
		assert_true(store_has_to_forget(f->portal->store));
		assert_true(count_in_files(f, &keys) > 0);
	}
	store_direct_let_go(reader);
	housekeeping_look(&cx);
	assert_false(store_has_to_forget(f->portal->store));
	assert_int_equal(count_everywhere(f, &keys), 0);
}

/* P4.2: the same holds for what has expired. */
static void no_key_is_left_after_the_date(void **state)
{
	struct core_fixture *f = *state;
	static struct keys keys;
	struct sent sent;
	keys.count = 0;
	struct session *gabi =
		core_fixture_person(f, STR("gabi@example.org"), STR("Gabi"), GRADE_GUEST);
	const struct draft draft = {.to = STR("gabi@example.org, new@example.net"),
				    .subject = STR("Findings"),
				    .body = STR("Secret"),
				    .expires = STR("2026-01-02")};
	assert_int_equal(core_fixture_try_send(f, f->admin, &draft, &sent, NULL), OK);
	note_keys(f, &sent.id, &keys);
	assert_str(core_fixture_open(f, gabi, &sent.id).body, STR("Secret"));
	note_keys(f, &sent.id, &keys);
	assert_true(count_everywhere(f, &keys) > 0);
	core_fixture_sleep(f, 2 * DAY_MS);
	struct cx cx = core_fixture_cx(f, NULL);
	assert_int_equal(housekeeping_sweep(&cx), OK);
	assert_int_equal(count_everywhere(f, &keys), 0);
	assert_str(core_fixture_open(f, gabi, &sent.id).subject, STR("Findings"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CORE_TEST(no_key_is_left),
		CORE_TEST(no_key_of_a_recalled_file_is_left),
		CORE_TEST(a_reader_in_the_way_delays_it),
		CORE_TEST(no_key_is_left_after_the_date),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
