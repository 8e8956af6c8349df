/* Reading files (P5): every range byte for byte, damage told, and the end of the right cuts it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/log_capture.h"
#include "core/account.h"
#include "core/downloading.h"
#include "core/expire.h"
#include "core/file_test_support.h"
#include "core/mailbox_move.h"
#include "core/tracking.h"
#include "store/blob.h"

static const struct id none = {.text = ""};

static struct session *meet_gabi(struct core_fixture *f)
{
	return core_fixture_person(f, STR("gabi@example.org"), STR("Gabi"), GRADE_GUEST);
}

static struct download *open_it(struct core_fixture *f, struct session *session,
				const struct id *file_id, const struct id *message_id)
{
	struct cx cx = core_fixture_cx(f, session);
	struct download *download;
	assert_int_equal(download_open(&cx, file_id, message_id, &download), OK);
	return download;
}

static void assert_range(struct core_fixture *f, const struct id *file_id, int64_t from,
			 int64_t until, bool is_prepared)
{
	struct download *download = open_it(f, f->admin, file_id, &none);
	int64_t at = from;
	bool is_over = false;
	download_range(download, from, until);
	if (is_prepared)
		assert_int_equal(download_prepare(download), OK);
	while (!is_over) {
		struct buf piece CLEANUP_BUF;
		buf_init(&piece, CHUNK_BYTES);
		assert_int_equal(download_next(download, &piece, &is_over), OK);
		assert_true(piece.len > 0 || from == until);
		for (size_t i = 0; i < piece.len; i++, at++)
			if (piece.data[i] != upload_test_byte(at))
				fail_msg("%d..%d: byte %d", (int)from, (int)until, (int)at);
	}
	assert_int_equal(at, until);
	download_free(download);
}

/* In pieces whose parts end in the middle of chunks. */
static struct id upload_in_parts(struct core_fixture *f, const int64_t *ends, size_t count)
{
	struct id id = upload_test_create(f, f->admin, ends[count - 1]);
	int64_t at = 0;
	for (size_t i = 0; i < count; i++)
		at = upload_test_send(f, f->admin, &id, at, ends[i], UPLOAD_SENT);
	return id;
}

static void every_range_is_what_was_sent(void **state)
{
	struct core_fixture *f = *state;
	enum { MIB = CHUNK_BYTES };
	const int64_t ends[] = {1, 100, MIB + 50, MIB + 51, 3 * MIB + 51, 3 * MIB + 60};
	const int64_t edges[] = {
		0,        1,        2,        99,      100,          101,          MIB - 1,     MIB,
		MIB + 49, MIB + 50, MIB + 51, 2 * MIB, 2 * MIB + 51, 3 * MIB + 51, 3 * MIB + 60};
	enum { EDGES = sizeof(edges) / sizeof(edges[0]) };
	struct id id = upload_in_parts(f, ends, sizeof(ends) / sizeof(ends[0]));
	for (size_t from = 0; from < EDGES; from++)
		for (size_t until = from + 1; until < EDGES; until++)
			assert_range(f, &id, edges[from], edges[until], until % 2 == 0);
}

/* A form does not say where it ends: then the end is a part of its own. */
static void an_end_by_itself_is_found(void **state)
{
	struct core_fixture *f = *state;
	struct id id = upload_test_create(f, f->admin, UPLOAD_BYTES_UNKNOWN);
	const int64_t bytes = LIMIT_FILE_PART_BYTES;
	assert_int_equal(upload_test_send(f, f->admin, &id, 0, bytes, UPLOAD_SENT), bytes);
	assert_int_equal(upload_test_stored(f, &id).part_count, 2);
	assert_range(f, &id, bytes - 10, bytes, false);
	assert_range(f, &id, 0, 10, false);
	assert_int_equal(file_test_read(f, f->admin, &id, NULL), OK);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void an_empty_file_is_read_too(void **state)
{
	struct core_fixture *f = *state;
	struct id id = file_test_upload(f, f->admin, STR("empty.txt"), STR("text/plain"), 0);
	assert_range(f, &id, 0, 0, false);
	assert_range(f, &id, 0, 0, true);
	assert_int_equal(file_test_read(f, f->admin, &id, NULL), OK);
}

static void what_is_not_ready_is_not_there(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct id id = upload_test_create(f, f->admin, 100);
	struct download *download;
	assert_int_equal(download_open(&cx, &id, &none, &download), ERR_NOT_FOUND);
	upload_test_send(f, f->admin, &id, 0, 50, UPLOAD_SENT);
	assert_int_equal(download_open(&cx, &id, &none, &download), ERR_NOT_FOUND);
	upload_test_send(f, f->admin, &id, 50, 100, UPLOAD_SENT);
	assert_int_equal(file_test_read(f, f->admin, &id, NULL), OK);
}

static void what_is_deleted_meanwhile_is_not_damaged(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct id id = file_test_upload(f, f->admin, STR("a.bin"), STR("x/y"), 2 * CHUNK_BYTES);
	struct download *download = open_it(f, f->admin, &id, &none);
	struct buf piece CLEANUP_BUF;
	bool is_over;
	buf_init(&piece, CHUNK_BYTES);
	assert_int_equal(download_next(download, &piece, &is_over), OK);
	assert_int_equal(upload_delete(&cx, &id), OK);
	buf_clear(&piece);
	assert_int_equal(download_next(download, &piece, &is_over), ERR_DENIED);
	download_free(download);
}

/* Hundreds wait for their turn in a zip: the list of where a file's bytes are may take megabytes.
 */
static void one_that_waits_holds_no_list(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	const int64_t ends[] = {1, 100, CHUNK_BYTES + 50};
	struct id id = upload_in_parts(f, ends, sizeof(ends) / sizeof(ends[0]));
	for (int is_deleted = 0; is_deleted < 2; is_deleted++) {
		struct download *download = open_it(f, f->admin, &id, &none);
		struct buf piece CLEANUP_BUF;
		bool is_over;
		int64_t at = 0;
		buf_init(&piece, CHUNK_BYTES);
		assert_non_null(download->parts);
		download_set_aside(download);
		assert_null(download->parts);
		assert_null(download->parts_arena.blocks);
		if (is_deleted) {
			assert_int_equal(upload_delete(&cx, &id), OK);
			assert_int_equal(download_next(download, &piece, &is_over), ERR_DENIED);
		}
		for (is_over = is_deleted; !is_over; buf_clear(&piece)) {
			assert_int_equal(download_next(download, &piece, &is_over), OK);
			for (size_t i = 0; i < piece.len; i++)
				assert_int_equal(piece.data[i], upload_test_byte(at++));
		}
		assert_int_equal(at, is_deleted ? 0 : ends[2]);
		download_free(download);
	}
}

/* ---- damage ---- */

static void damage(struct core_fixture *f, const struct id *blob_id, int64_t at)
{
	char path[256];
	char byte;
	snprintf(path, sizeof(path), "%s/files/%.2s/%s", f->folder, blob_id->text + ID_CHARS - 2,
		 blob_id->text);
	FILE *file = fopen(path, "r+b");
	if (file == NULL)
		fail_msg("no blob at %s", path);
	assert_int_equal(fseek(file, (long)at, SEEK_SET), 0);
	assert_int_equal(fread(&byte, 1, 1, file), 1);
	byte ^= 1;
	assert_int_equal(fseek(file, (long)at, SEEK_SET), 0);
	assert_int_equal(fwrite(&byte, 1, 1, file), 1);
	assert_int_equal(fclose(file), 0);
}

static void other_chunks_than_the_damaged_one_are_read(void **state)
{
	struct core_fixture *f = *state;
	enum { MIB = CHUNK_BYTES, STORED = MIB + CHUNK_TAG_BYTES };
	struct id id = file_test_upload(f, f->admin, STR("a"), STR(""), 3 * MIB + 9);
	struct upload_test_stored stored = upload_test_stored(f, &id);
	struct log_capture log;
	bool is_over;
	damage(f, &stored.parts[0].blob_id, STORED + 5);
	for (int64_t chunk = 0; chunk < 4; chunk++) {
		struct buf piece CLEANUP_BUF;
		buf_init(&piece, MIB);
		struct download *download = open_it(f, f->admin, &id, &none);
		download_range(download, chunk * MIB, chunk * MIB + 9);
		log_capture_begin(&log);
		enum err prepared = download_prepare(download);
		enum err err = download_next(download, &piece, &is_over);
		bool is_told = strstr(log_capture_end(&log), "file.damaged") != NULL;
		assert_int_equal(prepared, chunk == 1 ? ERR_CORRUPT : OK);
		assert_int_equal(err, prepared);
		assert_int_equal(piece.len, chunk == 1 ? 0 : 9);
		assert_int_equal(is_told, chunk == 1);
		download_free(download);
	}
}

static void a_missing_blob_is_damage(void **state)
{
	struct core_fixture *f = *state;
	enum { MIB = CHUNK_BYTES };
	const int64_t ends[] = {MIB, 2 * MIB, 3 * MIB};
	struct id id = upload_in_parts(f, ends, 3);
	struct upload_test_stored stored = upload_test_stored(f, &id);
	struct log_capture log;
	assert_int_equal(blob_delete(f->portal->blobs, &stored.parts[1].blob_id), OK);
	log_capture_begin(&log);
	assert_int_equal(file_test_read(f, f->admin, &id, NULL), ERR_CORRUPT);
	assert_non_null(strstr(log_capture_end(&log), "alarm file.damaged"));
	assert_range(f, &id, 0, MIB, true);
	assert_range(f, &id, 2 * MIB, 3 * MIB, true);
}

static void the_end_is_checked(void **state)
{
	struct core_fixture *f = *state;
	struct id id = file_test_pdf(f, f->admin, "a.pdf");
	struct upload_test_stored stored = upload_test_stored(f, &id);
	damage(f, &stored.parts[0].blob_id, FILE_TEST_BYTES + CHUNK_TAG_BYTES + 3);
	assert_int_equal(file_test_read(f, f->admin, &id, NULL), ERR_CORRUPT);
}

/* ---- tracking ---- */

static int64_t downloaded_ms(struct core_fixture *f, const struct id *message_id)
{
	struct cx cx = core_fixture_cx(f, f->admin);
	struct tracking tracking;
	assert_int_equal(tracking_of(&cx, message_id, &tracking), OK);
	assert_int_equal(tracking.count, 1);
	return tracking.people[0].file_count == 0 ? 0 : tracking.people[0].files[0].downloaded_ms;
}

static void read_range(struct core_fixture *f, struct session *session, const struct id *file_id,
		       const struct id *message_id, int64_t from, int64_t until)
{
	struct download *download = open_it(f, session, file_id, message_id);
	bool is_over = false;
	download_range(download, from, until);
	while (!is_over) {
		struct buf piece CLEANUP_BUF;
		buf_init(&piece, CHUNK_BYTES);
		assert_int_equal(download_next(download, &piece, &is_over), OK);
	}
	download_free(download);
}

static void the_first_byte_is_a_download(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = meet_gabi(f);
	enum { BYTES = CHUNK_BYTES + 10 };
	struct id file = file_test_upload(f, f->admin, STR("a"), STR(""), BYTES);
	struct id id = file_test_give(f, f->admin, "gabi@example.org", &file);
	/* Looking at its name is none, nor what its sender does. */
	download_free(open_it(f, gabi, &file, &id));
	file_test_read(f, f->admin, &file, &id);
	assert_int_equal(downloaded_ms(f, &id), 0);
	core_fixture_sleep(f, 5);
	int64_t now_ms = f->clock.now_ms;
	read_range(f, gabi, &file, &id, BYTES / 2, BYTES / 2 + 1);
	assert_int_equal(downloaded_ms(f, &id), now_ms);
	/* The first one counts. */
	core_fixture_sleep(f, 5);
	read_range(f, gabi, &file, &none, 0, BYTES);
	assert_int_equal(downloaded_ms(f, &id), now_ms);
	/* Who got it sees of themselves what the sender sees. */
	struct message_view view = core_fixture_open(f, gabi, &id);
	assert_int_equal(view.own.file_count, 1);
	assert_int_equal(view.own.files[0].downloaded_ms, now_ms);
	/* Opening and answering it is another matter. */
	assert_int_equal(view.own.recalled_ms, 0);
	assert_int_equal(core_fixture_problems(f), 0);
}

/* ---- the end of the right ---- */

struct cutting {
	struct core_fixture *f;
	struct session *gabi;
	struct id message, file;
	struct download *download;
	int cuts;
};

static void count_cut(void *argument)
{
	((struct cutting *)argument)->cuts++;
}

static void do_nothing(struct cutting *c)
{
	struct cx cx = core_fixture_cx(c->f, c->gabi);
	struct message_list list;
	assert_int_equal(mailbox_list(&cx, BOX_INBOX, STR(""), 5, &list), OK);
	download_check_rights(c->f->portal, &c->gabi->user.id);
	download_check_rights(c->f->portal, &c->f->admin->user.id);
}

static void recall_whole(struct cutting *c)
{
	struct cx cx = core_fixture_cx(c->f, c->f->admin);
	const struct recall_wish wish = {.is_whole = true};
	struct form_errors errors = {.count = 0};
	struct recalled recalled;
	assert_int_equal(recall_message(&cx, &c->message, &wish, &recalled, &errors), OK);
}

static void recall_file(struct cutting *c)
{
	file_test_recall(c->f, c->f->admin, &c->message, &c->file, NULL);
}

static void recall_file_from_her(struct cutting *c)
{
	file_test_recall(c->f, c->f->admin, &c->message, &c->file, "gabi@example.org");
}

static void recall_other_file(struct cutting *c)
{
	struct id other = file_test_pdf(c->f, c->f->admin, "other.pdf");
	struct id id = file_test_give(c->f, c->f->admin, "gabi@example.org", &other);
	file_test_recall(c->f, c->f->admin, &id, &other, NULL);
}

static void end_sessions(struct cutting *c)
{
	struct session *other =
		core_fixture_sign_in(c->f, STR("gabi@example.org"), CORE_FIXTURE_PASSWORD);
	struct cx cx = core_fixture_cx(c->f, other);
	assert_int_equal(session_end_others(&cx), OK);
}

static void destroy(struct cutting *c)
{
	struct cx cx = core_fixture_cx(c->f, c->gabi);
	assert_int_equal(mailbox_move(&cx, &c->message, 1, BOX_TRASH), OK);
	assert_int_equal(mailbox_destroy(&cx, &c->message, 1), OK);
}

static void expire(struct cutting *c)
{
	size_t count;
	struct cx cx = core_fixture_cx(c->f, NULL);
	core_fixture_sleep(c->f, 20 * MINUTE_MS);
	assert_int_equal(expire_sweep(&cx, &count), OK);
}

static struct str in_ten_minutes(struct core_fixture *f)
{
	time_t seconds = (time_t)((f->clock.now_ms + 10 * MINUTE_MS) / SECOND_MS);
	struct tm utc;
	char text[32];
	gmtime_r(&seconds, &utc);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
	return arena_copy(&f->arena, str_of(text));
}

static void running_downloads_end_with_the_right(void **state)
{
	struct core_fixture *f = *state;
	static const struct {
		const char *sentence;
		void (*act)(struct cutting *c);
		bool ends, expires;
	} rows[] = {
		{"nothing", do_nothing, false, false},
		{"the recall of another file", recall_other_file, false, false},
		{"a recall of the message", recall_whole, true, false},
		{"a recall of the file", recall_file, true, false},
		{"a recall of the file from her", recall_file_from_her, true, false},
		{"the end of her session", end_sessions, true, false},
		{"deleting the message for ever", destroy, true, false},
		{"its date", expire, true, true},
	};
	meet_gabi(f);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct cutting c = {.f = f};
		bool is_over = false;
		struct buf piece CLEANUP_BUF;
		buf_init(&piece, CHUNK_BYTES);
		c.gabi = core_fixture_sign_in(f, STR("gabi@example.org"), CORE_FIXTURE_PASSWORD);
		c.file = file_test_upload(f, f->admin, STR("a"), STR(""), 3 * CHUNK_BYTES);
		struct draft draft = file_test_draft("gabi@example.org", &c.file, 1);
		if (rows[i].expires)
			draft.expires = in_ten_minutes(f);
		c.message = file_test_send(f, f->admin, &draft);
		c.download = open_it(f, c.gabi, &c.file, &c.message);
		download_watch(c.download, count_cut, &c);
		assert_int_equal(download_next(c.download, &piece, &is_over), OK);
		buf_clear(&piece);
		rows[i].act(&c);
		if (c.cuts != rows[i].ends)
			fail_msg("%s: %d cuts", rows[i].sentence, c.cuts);
		enum err err = download_next(c.download, &piece, &is_over);
		if (err != (rows[i].ends ? ERR_DENIED : OK))
			fail_msg("%s: %s", rows[i].sentence, err_name(err));
		assert_int_equal(piece.len, rows[i].ends ? 0 : CHUNK_BYTES);
		download_free(c.download);
		download_check_rights(f->portal, &c.gabi->user.id);
		assert_int_equal(c.cuts, rows[i].ends);
	}
}

static void one_is_cut_and_the_others_go_on(void **state)
{
	struct core_fixture *f = *state;
	enum { COUNT = 5 };
	struct cutting all[COUNT];
	struct session *gabi = meet_gabi(f);
	bool is_over;
	for (size_t i = 0; i < COUNT; i++) {
		all[i] = (struct cutting){.f = f, .gabi = gabi};
		all[i].file = file_test_pdf(f, f->admin, "a.pdf");
		all[i].message = file_test_give(f, f->admin, "gabi@example.org", &all[i].file);
		all[i].download = open_it(f, gabi, &all[i].file, &none);
		download_watch(all[i].download, count_cut, &all[i]);
	}
	recall_file(&all[2]);
	for (size_t i = 0; i < COUNT; i++) {
		struct buf piece CLEANUP_BUF;
		buf_init(&piece, CHUNK_BYTES);
		assert_int_equal(all[i].cuts, i == 2);
		assert_int_equal(download_next(all[i].download, &piece, &is_over),
				 i == 2 ? ERR_DENIED : OK);
		download_free(all[i].download);
	}
}

/* A long download is a sign that somebody is there. */
static void downloading_keeps_the_session(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = meet_gabi(f);
	struct id file = file_test_upload(f, f->admin, STR("a"), STR(""), 9 * CHUNK_BYTES);
	struct id id = file_test_give(f, f->admin, "gabi@example.org", &file);
	struct download *download = open_it(f, gabi, &file, &id);
	bool is_over = false;
	for (int i = 0; i < 8; i++) {
		struct buf piece CLEANUP_BUF;
		buf_init(&piece, CHUNK_BYTES);
		core_fixture_sleep(f, 30 * MINUTE_MS);
		download_check_rights(f->portal, &gabi->user.id);
		assert_int_equal(download_next(download, &piece, &is_over), OK);
	}
	download_free(download);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(every_range_is_what_was_sent),
		CORE_TEST(an_end_by_itself_is_found),
		CORE_TEST(an_empty_file_is_read_too),
		CORE_TEST(what_is_not_ready_is_not_there),
		CORE_TEST(what_is_deleted_meanwhile_is_not_damaged),
		CORE_TEST(one_that_waits_holds_no_list),
		CORE_TEST(other_chunks_than_the_damaged_one_are_read),
		CORE_TEST(a_missing_blob_is_damage),
		CORE_TEST(the_end_is_checked),
		CORE_TEST(the_first_byte_is_a_download),
		CORE_TEST(running_downloads_end_with_the_right),
		CORE_TEST(one_is_cut_and_the_others_go_on),
		CORE_TEST(downloading_keeps_the_session),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
