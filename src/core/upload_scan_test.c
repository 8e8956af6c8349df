/* Uploads and a virus scanner that does what a row says, by every setting and every way of sending
 * (P5.8). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/core_test_support.h"
#include "core/upload_test_support.h"

#include "base/log_capture.h"
#include "core/file_holding.h"
#include "core/scanner.h"
#include "core/upload_scan.h"
#include "crypto/chunks.h"
#include "store/blob.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
enum { CHUNK = CHUNK_BYTES, BYTES = 2 * CHUNK + CHUNK / 2 + 7 };

/* ---- the scanner ---- */

/* What one scan does, at which step. */
enum doing {
	WORKS,
	NOT_THERE,     /* begin: ERR_UNAVAILABLE */
	HANGS,         /* begin: ERR_BUSY */
	BREAKS,        /* the second add: ERR_UNAVAILABLE */
	STALLS,        /* the second add: ERR_BUSY */
	ENOUGH,        /* the second add: ERR_TOO_LARGE */
	SAYS_NOTHING,  /* finish: ERR_BUSY */
	SAYS_NONSENSE, /* finish: ERR_UNAVAILABLE */
};

struct fake {
	struct scanner scanner;  /* first */
	enum doing first, later; /* of the first scan of a file, of others */
	enum scan_verdict verdict;
	int begun, live;
	int64_t bytes; /* that the last one was given */
	bool is_wrong; /* it was given others than the file has */
};

struct scan {
	struct fake *fake;
	enum doing doing;
	int adds;
};

static enum err fake_begin(struct scanner *scanner, struct scan **ret)
{
	struct fake *fake = (struct fake *)scanner;
	enum doing doing = fake->begun++ == 0 ? fake->first : fake->later;
	if (doing == NOT_THERE || doing == HANGS)
		return doing == HANGS ? ERR_BUSY : ERR_UNAVAILABLE;
	struct scan *scan = calloc(1, sizeof(*scan));
	*scan = (struct scan){.fake = fake, .doing = doing};
	fake->live++;
	fake->bytes = 0;
	*ret = scan;
	return OK;
}

static enum err fake_add(struct scan *scan, struct str bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		if (bytes.data[i] != upload_test_byte(scan->fake->bytes++))
			scan->fake->is_wrong = true;
	if (++scan->adds < 2)
		return OK;
	return scan->doing == BREAKS   ? ERR_UNAVAILABLE
	       : scan->doing == STALLS ? ERR_BUSY
	       : scan->doing == ENOUGH ? ERR_TOO_LARGE
				       : OK;
}

static enum err fake_finish(struct scan *scan, struct scan_result *ret)
{
	struct scan_result result = {.verdict = scan->fake->verdict};
	if (scan->doing == SAYS_NOTHING || scan->doing == SAYS_NONSENSE)
		return scan->doing == SAYS_NOTHING ? ERR_BUSY : ERR_UNAVAILABLE;
	if (scan->doing == ENOUGH)
		result.verdict = SCAN_TOO_LARGE;
	if (result.verdict == SCAN_INFECTED)
		memcpy(result.signature, "Test.Virus-1", sizeof("Test.Virus-1"));
	*ret = result;
	return OK;
}

static void fake_free(struct scan *scan)
{
	if (scan)
		scan->fake->live--;
	free(scan);
}

static struct fake new_fake(enum doing first, enum doing later, enum scan_verdict verdict)
{
	return (struct fake){.scanner = {fake_begin, fake_add, fake_finish, fake_free},
			     .first = first,
			     .later = later,
			     .verdict = verdict};
}

/* ---- ways of sending ---- */

enum way {
	AT_ONCE,
	IN_TWO_REQUESTS,
	BYTE_FOR_BYTE_AT_THE_END,
	AFTER_A_CUT,
	BY_A_FORM, /* nobody knows how long it is */
	WITH_A_CHECKSUM,
	NO_BYTES,
	WAYS,
};
static const char *const ways[WAYS] = {
	"at once",     "in two requests", "in requests of one byte at the end",
	"after a cut", "by a form",       "with a checksum",
	"of no bytes",
};

static int64_t bytes_by(enum way way)
{
	return way == NO_BYTES ? 0 : BYTES;
}

static enum err send_with_checksum(struct core_fixture *f, const struct id *id)
{
	struct cx cx = core_fixture_cx(f, f->admin);
	struct upload_checksum checksum = {.kind = HASH_SHA1, .is_wanted = true};
	struct hashing *hashing;
	struct upload *upload;
	int64_t offset;
	struct str all = upload_test_bytes(0, BYTES);
	assert_int_equal(hashing_new(checksum.kind, &hashing), OK);
	hashing_add(hashing, all);
	hashing_result(hashing, checksum.expected);
	hashing_free(hashing);
	free((char *)all.data);
	assert_int_equal(upload_begin(&cx, id, 0, BYTES, &checksum, &upload), OK);
	assert_int_equal(upload_test_take(upload, 0, BYTES, CHUNK), OK);
	enum err err = upload_end(upload, UPLOAD_SENT, &offset);
	upload_free(upload);
	return err;
}

/* The last request's end. */
static enum err send_by(struct core_fixture *f, enum way way, const struct id *id)
{
	int64_t offset = 0;
	if (way == WITH_A_CHECKSUM)
		return send_with_checksum(f, id);
	if (way == IN_TWO_REQUESTS)
		offset = upload_test_send(f, f->admin, id, 0, 1000, UPLOAD_SENT);
	if (way == AFTER_A_CUT)
		offset = upload_test_send(f, f->admin, id, 0, CHUNK + 5, UPLOAD_CUT);
	if (way == BYTE_FOR_BYTE_AT_THE_END) {
		offset = upload_test_send(f, f->admin, id, 0, BYTES - 4, UPLOAD_SENT);
		while (offset < BYTES - 1)
			offset = upload_test_send(f, f->admin, id, offset, offset + 1, UPLOAD_SENT);
	}
	return upload_test_try(f, f->admin, id, offset, BYTES, UPLOAD_SENT, &offset);
}

static enum err create(struct core_fixture *f, enum way way, struct id *ret)
{
	struct cx cx = core_fixture_cx(f, f->admin);
	struct form_errors errors = {.count = 0};
	return upload_create(&cx, STR("Befund Meier.pdf"), STR("application/pdf"),
			     way == BY_A_FORM ? UPLOAD_BYTES_UNKNOWN : bytes_by(way), ret, &errors);
}

static enum err create_and_send(struct core_fixture *f, enum way way, struct id *ret)
{
	enum err err = create(f, way, ret);
	return err != OK || way == NO_BYTES ? err : send_by(f, way, ret);
}

/* ---- settings and outcomes ---- */

static const struct row {
	const char *sentence;
	const char *setting;
	enum doing doing;
	enum scan_verdict verdict;
	enum err err;
	enum file_scan scan;
	bool is_given_all; /* the scanner has seen the whole file */
} rows[] = {
	{"clean, mark", "mark", WORKS, SCAN_CLEAN, OK, FILE_SCAN_CLEAN, true},
	{"clean, refuse", "refuse", WORKS, SCAN_CLEAN, OK, FILE_SCAN_CLEAN, true},
	{"infected, mark", "mark", WORKS, SCAN_INFECTED, OK, FILE_SCAN_INFECTED, true},
	{"infected, refuse", "refuse", WORKS, SCAN_INFECTED, ERR_DENIED, FILE_SCAN_INFECTED, true},
	{"too large, mark", "mark", WORKS, SCAN_TOO_LARGE, OK, FILE_SCAN_UNKNOWN, true},
	{"too large, refuse: it is marked", "refuse", WORKS, SCAN_TOO_LARGE, OK, FILE_SCAN_UNKNOWN,
	 true},
	{"out of reach, mark", "mark", NOT_THERE, 0, OK, FILE_SCAN_UNKNOWN, false},
	{"out of reach, refuse: held back", "refuse", NOT_THERE, 0, ERR_UNAVAILABLE, 0, false},
	{"hangs, mark", "mark", HANGS, 0, OK, FILE_SCAN_UNKNOWN, false},
	{"hangs, refuse: held back", "refuse", HANGS, 0, ERR_UNAVAILABLE, 0, false},
	{"answers nothing, mark", "mark", SAYS_NOTHING, 0, OK, FILE_SCAN_UNKNOWN, false},
	{"answers nothing, refuse: held back", "refuse", SAYS_NOTHING, 0, ERR_UNAVAILABLE, 0,
	 false},
	{"nonsense twice, mark", "mark", SAYS_NONSENSE, 0, OK, FILE_SCAN_UNKNOWN, false},
	{"nonsense twice, refuse: held back", "refuse", SAYS_NONSENSE, 0, ERR_UNAVAILABLE, 0,
	 false},
};

static size_t count_blobs(struct core_fixture *f)
{
	const struct id none = {0};
	struct blob_entry *entries;
	size_t count;
	assert_int_equal(blob_list(f->portal->blobs, &f->arena, &none, 1000, &entries, &count), OK);
	return count;
}

static void remove_file(struct core_fixture *f, const struct id *id)
{
	struct cx cx = core_fixture_cx(f, f->admin);
	assert_int_equal(upload_delete(&cx, id), OK);
	assert_int_equal(count_blobs(f), 0);
}

#define CHECK(what)                                                                                \
	do {                                                                                       \
		if (!(what))                                                                       \
			fail_msg("%s, %s: not " #what, row->sentence, ways[way]);                  \
	} while (0)

static void check_file(struct core_fixture *f, const struct row *row, enum way way,
		       const struct id *id)
{
	struct upload_view view = upload_test_look(f, f->admin, id);
	if (row->err == OK) {
		CHECK(view.state == FILE_READY && view.head.scan == row->scan);
		upload_test_check(f, f->admin, id, bytes_by(way));
	} else if (row->err == ERR_DENIED) {
		CHECK(view.state == FILE_REFUSED && view.head.scan == FILE_SCAN_INFECTED);
		CHECK(count_blobs(f) == 0);
	} else {
		CHECK(view.state == FILE_UNFINISHED && view.offset < BYTES);
	}
}

static void check_row(struct core_fixture *f, const struct row *row, enum way way)
{
	struct fake fake = new_fake(row->doing, row->doing, row->verdict);
	struct id id;
	core_fixture_set(f, "virus_scan", str_of(row->setting));
	f->portal->scanner = &fake.scanner;
	enum err err = create_and_send(f, way, &id);
	CHECK(err == row->err);
	CHECK(fake.live == 0 && !fake.is_wrong && fake.begun <= 2);
	CHECK(!row->is_given_all || fake.bytes == bytes_by(way));
	if (way == NO_BYTES && err != OK) /* it never was */
		return;
	check_file(f, row, way, &id);
	remove_file(f, &id);
}

static void each_setting_and_outcome_by_each_way(void **state)
{
	struct core_fixture *f = *state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (enum way way = 0; way < WAYS; way++)
			check_row(f, &rows[i], way);
}

/* What breaks off while the file streams is begun anew, from what is stored, once. */
static void a_scan_that_breaks_off_is_made_up_for(void **state)
{
	static const struct {
		const char *sentence;
		enum doing first, later;
		enum file_scan scan;
		int begun;
	} breaks[] = {
		{"it was not there when it began", NOT_THERE, WORKS, FILE_SCAN_INFECTED, 2},
		{"it hung up: a slow line, say", BREAKS, WORKS, FILE_SCAN_INFECTED, 2},
		{"it hung up at the end", SAYS_NONSENSE, WORKS, FILE_SCAN_INFECTED, 2},
		{"it hung up twice", BREAKS, BREAKS, FILE_SCAN_UNKNOWN, 2},
		{"it stalls: that is no better now", STALLS, WORKS, FILE_SCAN_UNKNOWN, 1},
		{"it has enough: that is an answer", ENOUGH, WORKS, FILE_SCAN_UNKNOWN, 1},
	};
	struct core_fixture *f = *state;
	for (size_t i = 0; i < COUNT(breaks); i++) {
		struct fake fake = new_fake(breaks[i].first, breaks[i].later, SCAN_INFECTED);
		struct id id;
		f->portal->scanner = &fake.scanner;
		assert_int_equal(create_and_send(f, AT_ONCE, &id), OK);
		struct upload_view view = upload_test_look(f, f->admin, &id);
		if (view.state != FILE_READY || view.head.scan != breaks[i].scan ||
		    fake.begun != breaks[i].begun || fake.live != 0 || fake.is_wrong)
			fail_msg("%s: scan %d, begun %d", breaks[i].sentence, view.head.scan,
				 fake.begun);
		remove_file(f, &id);
	}
}

static void without_a_scanner_or_a_wish_for_it_nothing_is_scanned(void **state)
{
	struct core_fixture *f = *state;
	static const char *const settings[] = {"off", "mark", "refuse"};
	for (size_t i = 0; i < COUNT(settings); i++) {
		struct fake fake = new_fake(WORKS, WORKS, SCAN_INFECTED);
		struct id id;
		core_fixture_set(f, "virus_scan", str_of(settings[i]));
		f->portal->scanner = i == 0 ? &fake.scanner : NULL;
		assert_int_equal(create_and_send(f, AT_ONCE, &id), OK);
		assert_int_equal(upload_test_look(f, f->admin, &id).head.scan, FILE_SCAN_NONE);
		assert_int_equal(fake.begun, 0);
		remove_file(f, &id);
	}
}

static void a_scan_that_was_not_given_all_is_not_believed(void **state)
{
	struct core_fixture *f = *state;
	struct fake fake = new_fake(WORKS, WORKS, SCAN_CLEAN);
	struct cx cx = core_fixture_cx(f, f->admin);
	struct secret *key CLEANUP_SECRET = NULL;
	struct upload_scan *scan;
	enum file_scan found;
	struct id id;
	assert_int_equal(create_and_send(f, AT_ONCE, &id), OK);
	struct upload_test_stored stored = upload_test_stored(f, &id);
	assert_int_equal(file_key_open_owner(&cx, &stored.file, &key), OK);
	f->portal->scanner = &fake.scanner;
	assert_int_equal(upload_scan_begin(&cx, &stored.file, key, 0, -1, &scan), OK);
	upload_scan_add(scan, STR("\0"));
	assert_int_equal(fake.begun, 1);
	assert_int_equal(upload_scan_finish(scan, &cx, stored.parts, stored.part_count, &found),
			 OK);
	assert_int_equal(fake.begun, 2);
	upload_scan_free(scan);
	assert_int_equal(fake.live, 0);
}

/* However often it is cut or cut up, a file is looked at once, when it is complete. */
static void pieces_cost_one_look(void **state)
{
	struct core_fixture *f = *state;
	struct fake fake = new_fake(WORKS, WORKS, SCAN_CLEAN);
	f->portal->scanner = &fake.scanner;
	struct id id = upload_test_create(f, f->admin, 200);
	for (int64_t at = 0; at < 200; at++) {
		struct cx cx = core_fixture_cx(f, f->admin);
		struct upload *upload;
		int64_t offset;
		assert_int_equal(fake.begun, 0);
		assert_int_equal(upload_begin(&cx, &id, at, 1, NULL, &upload), OK);
		assert_int_equal(upload_test_take(upload, at, at + 1, 1), OK);
		assert_int_equal(upload_end(upload, UPLOAD_SENT, &offset), OK);
		upload_free(upload);
	}
	assert_int_equal(fake.begun, 1);
	assert_int_equal(fake.bytes, 200);
	assert_int_equal(upload_test_look(f, f->admin, &id).head.scan, FILE_SCAN_CLEAN);
	remove_file(f, &id);
}

/* Held back, it is sent again from where it stands, and then it is complete. */
static void what_was_held_back_comes_again(void **state)
{
	struct core_fixture *f = *state;
	struct fake fake = new_fake(NOT_THERE, NOT_THERE, SCAN_CLEAN);
	struct cx cx = core_fixture_cx(f, f->admin);
	struct upload *upload;
	int64_t offset;
	core_fixture_set(f, "virus_scan", STR("refuse"));
	f->portal->scanner = &fake.scanner;
	struct id id = upload_test_create(f, f->admin, BYTES);
	assert_int_equal(upload_test_send(f, f->admin, &id, 0, CHUNK, UPLOAD_SENT), CHUNK);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(upload_begin(&cx, &id, CHUNK, BYTES - CHUNK, NULL, &upload), OK);
		assert_int_equal(upload_test_take(upload, CHUNK, BYTES, CHUNK), OK);
		assert_int_equal(upload_end(upload, UPLOAD_SENT, &offset), ERR_UNAVAILABLE);
		assert_true(str_find(upload_sentence(&cx, upload), STR("try again")) > 0);
		upload_free(upload);
		assert_int_equal(upload_test_look(f, f->admin, &id).offset, CHUNK);
		assert_int_equal(count_blobs(f), 1);
	}
	fake = new_fake(WORKS, WORKS, SCAN_CLEAN);
	assert_int_equal(upload_test_send(f, f->admin, &id, CHUNK, BYTES, UPLOAD_SENT), BYTES);
	assert_int_equal(fake.bytes, BYTES);
	assert_false(fake.is_wrong);
	upload_test_check(f, f->admin, &id, BYTES);
	remove_file(f, &id);
}

static void a_refused_file_is_gone_and_its_sender_knows_why(void **state)
{
	struct core_fixture *f = *state;
	struct fake fake = new_fake(WORKS, WORKS, SCAN_INFECTED);
	struct cx cx = core_fixture_cx(f, f->admin);
	struct library_place *places;
	struct upload *upload;
	int64_t offset;
	size_t count;
	core_fixture_set(f, "virus_scan", STR("refuse"));
	f->portal->scanner = &fake.scanner;
	struct id id;
	assert_int_equal(create(f, AT_ONCE, &id), OK);
	assert_int_equal(upload_test_send(f, f->admin, &id, 0, CHUNK, UPLOAD_SENT), CHUNK);
	assert_int_equal(upload_begin(&cx, &id, CHUNK, BYTES - CHUNK, NULL, &upload), OK);
	assert_int_equal(upload_test_take(upload, CHUNK, BYTES, CHUNK), OK);
	assert_int_equal(upload_end(upload, UPLOAD_SENT, &offset), ERR_DENIED);
	assert_true(str_find(upload_sentence(&cx, upload), STR("“Befund Meier.pdf”")) > 0);
	upload_free(upload);
	assert_int_equal(count_blobs(f), 0);
	assert_int_equal(upload_begin(&cx, &id, BYTES, 0, NULL, &upload), ERR_DENIED);
	assert_int_equal(upload_begin(&cx, &id, 0, BYTES, NULL, &upload), ERR_DENIED);
	struct db *db CLEANUP_READ = NULL;
	assert_int_equal(store_read_begin(f->portal->store, &db), OK);
	assert_int_equal(library_list(db, &f->arena, &f->admin->user.id, &(struct library_place){0},
				      10, &places, &count),
			 OK);
	assert_int_equal(count, 0);
}

static bool may_be_sent(struct core_fixture *f, const struct id *id)
{
	struct cx cx = core_fixture_cx(f, f->admin);
	struct file_holding holding;
	struct db *db CLEANUP_READ = NULL;
	assert_int_equal(store_read_begin(f->portal->store, &db), OK);
	assert_int_equal(file_holding_look(&cx, db, id, &holding), OK);
	return !holding.is_refused;
}

static void a_stricter_setting_keeps_marked_files_from_being_sent(void **state)
{
	struct core_fixture *f = *state;
	struct fake fake = new_fake(WORKS, WORKS, SCAN_INFECTED);
	struct id id;
	f->portal->scanner = &fake.scanner;
	assert_int_equal(create_and_send(f, AT_ONCE, &id), OK);
	assert_true(may_be_sent(f, &id));
	core_fixture_set(f, "virus_scan", STR("refuse"));
	assert_false(may_be_sent(f, &id));
}

/* Ids and the signature; what people named their file stays with them. */
static void what_is_found_is_logged_without_names(void **state)
{
	struct core_fixture *f = *state;
	static const struct {
		const char *setting;
		enum doing doing;
		enum scan_verdict verdict;
		const char *words;
	} lines[] = {
		{"mark", WORKS, SCAN_INFECTED, "signature=Test.Virus-1 done=marked"},
		{"refuse", WORKS, SCAN_INFECTED, "signature=Test.Virus-1 done=refused"},
		{"mark", WORKS, SCAN_TOO_LARGE, "reason=too_large"},
		{"mark", NOT_THERE, SCAN_CLEAN, "reason=unavailable"},
		{"refuse", HANGS, SCAN_CLEAN, "reason=busy"},
	};
	for (size_t i = 0; i < COUNT(lines); i++) {
		struct fake fake = new_fake(lines[i].doing, lines[i].doing, lines[i].verdict);
		struct log_capture capture;
		struct id id;
		char words[200];
		core_fixture_set(f, "virus_scan", str_of(lines[i].setting));
		f->portal->scanner = &fake.scanner;
		assert_int_equal(create(f, AT_ONCE, &id), OK);
		log_capture_begin(&capture);
		enum err ignored = send_by(f, AT_ONCE, &id);
		const char *log = log_capture_end(&capture);
		(void)ignored;
		snprintf(words, sizeof(words), "%s file=%s user=%s %s",
			 lines[i].verdict == SCAN_INFECTED ? "file.infected" : "file.not_scanned",
			 id.text, f->admin->user.id.text, lines[i].words);
		if (!strstr(log, words) || strstr(log, "Befund") || strstr(log, "Meier"))
			fail_msg("not \"%s\": %s", words, log);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(each_setting_and_outcome_by_each_way),
		CORE_TEST(a_scan_that_breaks_off_is_made_up_for),
		CORE_TEST(without_a_scanner_or_a_wish_for_it_nothing_is_scanned),
		CORE_TEST(a_scan_that_was_not_given_all_is_not_believed),
		CORE_TEST(pieces_cost_one_look),
		CORE_TEST(what_was_held_back_comes_again),
		CORE_TEST(a_refused_file_is_gone_and_its_sender_knows_why),
		CORE_TEST(a_stricter_setting_keeps_marked_files_from_being_sent),
		CORE_TEST(what_is_found_is_logged_without_names),
	};
	return engines_test_run("core", tests, COUNT(tests));
}
