/* Files arrive in pieces, over as many requests as it takes (P5). */
#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/core_test_support.h"
#include "core/upload_test_support.h"

#include "base/limits.h"
#include "crypto/chunks.h"
#include "store/store_direct.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
enum { CHUNK = CHUNK_BYTES };

static void files_of_any_size_arrive(void **state)
{
	struct core_fixture *f = *state;
	static const int64_t sizes[] = {
		0, 1, 17, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK + 1, 5 * CHUNK / 2,
	};
	static const size_t pieces[] = {4096, 100001, CHUNK, 3 * CHUNK};
	for (size_t i = 0; i < COUNT(sizes); i++) {
		for (size_t p = 0; p < COUNT(pieces); p++) {
			struct cx cx = core_fixture_cx(f, f->admin);
			struct id id = upload_test_create(f, f->admin, sizes[i]);
			struct upload *upload;
			int64_t offset = -1;
			assert_int_equal(upload_begin(&cx, &id, 0, sizes[i], NULL, &upload), OK);
			assert_int_equal(upload_test_take(upload, 0, sizes[i], pieces[p]), OK);
			assert_int_equal(upload_end(upload, UPLOAD_SENT, &offset), OK);
			upload_free(upload);
			assert_int_equal(offset, sizes[i]);
			struct upload_view view = upload_test_look(f, f->admin, &id);
			assert_int_equal(view.state, FILE_READY);
			assert_int_equal(view.expires_ms, 0);
			assert_str(view.head.name, STR("Befund.pdf"));
			assert_str(view.head.type, STR("application/pdf"));
			upload_test_check(f, f->admin, &id, sizes[i]);
		}
	}
	assert_int_equal(core_fixture_problems(f), 0);
}

static void a_ready_file_is_in_its_owners_library(void **state)
{
	struct core_fixture *f = *state;
	struct id id = upload_test_create(f, f->admin, 10);
	struct library_place *places;
	size_t count;
	for (int i = 0; i < 2; i++) {
		struct db *db CLEANUP_READ = NULL;
		assert_int_equal(store_read_begin(f->portal->store, &db), OK);
		assert_int_equal(library_list(db, &f->arena, &f->admin->user.id,
					      &(struct library_place){0}, 10, &places, &count),
				 OK);
		assert_int_equal(count, i);
		if (i == 0) {
			store_read_end(db);
			db = NULL;
			upload_test_send(f, f->admin, &id, 0, 10, UPLOAD_SENT);
		}
	}
	assert_true(id_eq(&places[0].file_id, &id));
}

/* In requests that come whole: each byte counts. */
static void requests_of_any_size_make_a_file(void **state)
{
	struct core_fixture *f = *state;
	static const int64_t sizes[] = {1, 7, 29};
	for (size_t i = 0; i < COUNT(sizes); i++) {
		enum { BYTES = 30 };
		struct id id = upload_test_create(f, f->admin, BYTES);
		int64_t at = 0;
		while (at < BYTES) {
			int64_t until = at + sizes[i] < BYTES ? at + sizes[i] : BYTES;
			assert_int_equal(upload_test_send(f, f->admin, &id, at, until, UPLOAD_SENT),
					 until);
			at = until;
			assert_int_equal(upload_test_look(f, f->admin, &id).offset, at);
			upload_test_check(f, f->admin, &id, at);
		}
		assert_int_equal(upload_test_look(f, f->admin, &id).state, FILE_READY);
	}
	assert_int_equal(core_fixture_problems(f), 0);
}

/* P5: cut after every byte of a small file, it goes on from what was acknowledged. */
static void a_cut_after_every_byte_loses_nothing_acknowledged(void **state)
{
	struct core_fixture *f = *state;
	enum { BYTES = 40 };
	for (int64_t cut = 0; cut < BYTES; cut++) {
		struct id id = upload_test_create(f, f->admin, BYTES);
		int64_t first = upload_test_send(f, f->admin, &id, 0, cut / 2, UPLOAD_SENT);
		int64_t at = upload_test_send(f, f->admin, &id, first, cut, UPLOAD_CUT);
		assert_int_equal(at, cut / 2);
		assert_int_equal(upload_test_look(f, f->admin, &id).offset, at);
		assert_int_equal(upload_test_send(f, f->admin, &id, at, BYTES, UPLOAD_SENT), BYTES);
		upload_test_check(f, f->admin, &id, BYTES);
	}
	assert_int_equal(core_fixture_problems(f), 0);
}

static void a_cut_keeps_whole_chunks(void **state)
{
	struct core_fixture *f = *state;
	enum { BYTES = 4 * CHUNK + 5 };
	static const struct {
		const char *what;
		int64_t from, cut, kept;
	} rows[] = {
		{"nothing came", 0, 0, 0},
		{"less than one", 0, CHUNK - 1, 0},
		{"exactly one", 0, CHUNK, CHUNK},
		{"one and a byte", 0, CHUNK + 1, CHUNK},
		{"just below two", 0, 2 * CHUNK - 1, CHUNK},
		{"two", 0, 2 * CHUNK, 2 * CHUNK},
		{"all but a byte", 0, BYTES - 1, 4 * CHUNK},
		{"chunks are counted from where the request begins", 10, CHUNK + 9, 10},
		{"the same, whole", 10, CHUNK + 10, CHUNK + 10},
		{"all: only the answer was lost", 0, BYTES, BYTES},
		{"all, begun in the middle", CHUNK + 3, BYTES, BYTES},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct id id = upload_test_create(f, f->admin, BYTES);
		upload_test_send(f, f->admin, &id, 0, rows[i].from, UPLOAD_SENT);
		int64_t at =
			upload_test_send(f, f->admin, &id, rows[i].from, rows[i].cut, UPLOAD_CUT);
		if (at != rows[i].kept)
			fail_msg("%s: %lld", rows[i].what, (long long)at);
		upload_test_check(f, f->admin, &id, at);
		assert_int_equal(upload_test_look(f, f->admin, &id).state,
				 at == BYTES ? FILE_READY : FILE_UNFINISHED);
		if (at < BYTES)
			upload_test_send(f, f->admin, &id, at, BYTES, UPLOAD_SENT);
		upload_test_check(f, f->admin, &id, BYTES);
	}
	assert_int_equal(core_fixture_problems(f), 0);
}

/* ---- never a nonce twice ---- */

enum { LOOK_BYTES = 200000, LOOK_BLOCK = 16 };

/* Of the blob that is being written. */
static void read_unfinished(struct core_fixture *f, char *ret)
{
	glob_t found;
	struct str pattern = arena_printf(&f->arena, "%s/files/*/*.new", f->folder);
	assert_int_equal(glob(pattern.data, 0, NULL, &found), 0);
	assert_int_equal(found.gl_pathc, 1);
	int fd = open(found.gl_pathv[0], O_RDONLY | O_CLOEXEC);
	globfree(&found);
	assert_int_equal(read(fd, ret, LOOK_BYTES), LOOK_BYTES);
	close(fd);
}

static void read_stored(struct core_fixture *f, const struct id *id, char *ret)
{
	struct upload_test_stored stored = upload_test_stored(f, id);
	assert_int_equal(stored.part_count, 1);
	assert_int_equal(blob_get(f->portal->blobs, &stored.parts[0].blob_id, 0, LOOK_BYTES, ret),
			 OK);
}

/* The same bytes under the same key and nonce would be the same bytes again. */
static void assert_unlike(const char *one, const char *other)
{
	for (size_t at = 0; at < LOOK_BYTES; at += LOOK_BLOCK)
		assert_memory_not_equal(one + at, other + at, LOOK_BLOCK);
}

static void what_is_sent_again_is_encrypted_anew(void **state)
{
	struct core_fixture *f = *state;
	static char lost[LOOK_BYTES], again[LOOK_BYTES], twin[LOOK_BYTES];
	struct id id = upload_test_create(f, f->admin, CHUNK);
	struct cx cx = core_fixture_cx(f, f->admin);
	struct upload *upload;
	int64_t offset;
	assert_int_equal(upload_begin(&cx, &id, 0, CHUNK, NULL, &upload), OK);
	assert_int_equal(upload_test_take(upload, 0, CHUNK / 2, 300000), OK);
	read_unfinished(f, lost);
	assert_int_equal(upload_end(upload, UPLOAD_CUT, &offset), OK);
	upload_free(upload);
	assert_int_equal(offset, 0);
	upload_test_send(f, f->admin, &id, 0, CHUNK, UPLOAD_SENT);
	read_stored(f, &id, again);
	assert_unlike(lost, again);
	/* Nor can it be seen that two files are the same. */
	struct id other = upload_test_create(f, f->admin, CHUNK);
	upload_test_send(f, f->admin, &other, 0, CHUNK, UPLOAD_SENT);
	read_stored(f, &other, twin);
	assert_unlike(again, twin);
}

static void what_never_ended_leaves_nothing(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct id id = upload_test_create(f, f->admin, 3 * CHUNK);
	struct upload *upload;
	assert_int_equal(upload_begin(&cx, &id, 0, -1, NULL, &upload), OK);
	assert_int_equal(upload_test_take(upload, 0, 2 * CHUNK, CHUNK), OK);
	upload_free(upload);
	assert_int_equal(upload_test_look(f, f->admin, &id).offset, 0);
	upload_test_send(f, f->admin, &id, 0, 3 * CHUNK, UPLOAD_SENT);
	upload_test_check(f, f->admin, &id, 3 * CHUNK);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void it_goes_on_after_a_restart(void **state)
{
	struct core_fixture *f = *state;
	struct id id = upload_test_create(f, f->admin, 3 * CHUNK);
	int64_t at = 0;
	for (int i = 1; i <= 6; i++) {
		at = upload_test_send(f, f->admin, &id, at, i * CHUNK / 2,
				      i == 4 ? UPLOAD_CUT : UPLOAD_SENT);
		core_fixture_reopen(f);
	}
	assert_int_equal(at, 3 * CHUNK);
	upload_test_check(f, f->admin, &id, 3 * CHUNK);
}

static void a_long_request_is_stored_in_several_parts(void **state)
{
	struct core_fixture *f = *state;
	const int64_t bytes = LIMIT_FILE_PART_BYTES + 2 * CHUNK + 3;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct id id = upload_test_create(f, f->admin, bytes);
	struct upload *upload;
	int64_t offset;
	assert_int_equal(upload_begin(&cx, &id, 0, bytes, NULL, &upload), OK);
	assert_int_equal(upload_test_take(upload, 0, bytes - 1, CHUNK), OK);
	/* Acknowledged while it runs. */
	assert_int_equal(upload_test_look(f, f->admin, &id).offset, LIMIT_FILE_PART_BYTES);
	assert_int_equal(upload_test_take(upload, bytes - 1, bytes, CHUNK), OK);
	assert_int_equal(upload_end(upload, UPLOAD_SENT, &offset), OK);
	upload_free(upload);
	assert_int_equal(upload_test_stored(f, &id).part_count, 2);
	upload_test_check(f, f->admin, &id, bytes);
}

/* ---- what is refused ---- */

static void a_request_must_fit_the_file(void **state)
{
	struct core_fixture *f = *state;
	struct session *other =
		core_fixture_person(f, STR("guest@example.org"), STR("Gabi Guest"), GRADE_GUEST);
	struct id id = upload_test_create(f, f->admin, 100);
	struct id nothing = id_new(5);
	upload_test_send(f, f->admin, &id, 0, 10, UPLOAD_SENT);
	struct {
		const char *what;
		struct session *session;
		const struct id *id;
		int64_t offset, bytes;
		enum err err;
	} rows[] = {
		{"before where it stands", f->admin, &id, 9, 1, ERR_CONFLICT},
		{"behind it", f->admin, &id, 11, 1, ERR_CONFLICT},
		{"from the beginning again", f->admin, &id, 0, 100, ERR_CONFLICT},
		{"beyond the end", f->admin, &id, 101, 1, ERR_CONFLICT},
		{"as far away as can be", f->admin, &id, INT64_MAX, INT64_MAX, ERR_CONFLICT},
		{"a byte too much", f->admin, &id, 10, 91, ERR_TOO_LARGE},
		{"much too much", f->admin, &id, 10, INT64_MAX, ERR_TOO_LARGE},
		{"somebody else's", other, &id, 10, 90, ERR_NOT_FOUND},
		{"one that is not there", f->admin, &nothing, 0, 1, ERR_NOT_FOUND},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct cx cx = core_fixture_cx(f, rows[i].session);
		struct upload *upload;
		enum err err =
			upload_begin(&cx, rows[i].id, rows[i].offset, rows[i].bytes, NULL, &upload);
		if (err != rows[i].err)
			fail_msg("%s: %s", rows[i].what, err_name(err));
	}
	struct cx cx = core_fixture_cx(f, other);
	struct upload_view view;
	assert_int_equal(upload_get(&cx, &id, &view), ERR_NOT_FOUND);
	assert_int_equal(upload_resume(&cx, &id, &view), ERR_NOT_FOUND);
	assert_int_equal(upload_delete(&cx, &id), ERR_NOT_FOUND);
	assert_int_equal(upload_test_look(f, f->admin, &id).offset, 10);
}

static void more_than_was_announced_is_not_taken(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct id id = upload_test_create(f, f->admin, 100);
	struct upload *upload;
	int64_t offset;
	assert_int_equal(upload_begin(&cx, &id, 0, -1, NULL, &upload), OK);
	assert_int_equal(upload_test_take(upload, 0, 60, 60), OK);
	assert_int_equal(upload_test_take(upload, 60, 101, 41), ERR_TOO_LARGE);
	assert_str(upload_sentence(&cx, upload), text_get(cx.language, TEXT_FILE_PAST_END));
	assert_int_equal(upload_test_take(upload, 60, 61, 1), ERR_TOO_LARGE);
	assert_int_equal(upload_end(upload, UPLOAD_SENT, &offset), ERR_TOO_LARGE);
	upload_free(upload);
	assert_int_equal(upload_test_look(f, f->admin, &id).offset, 0);
}

static void a_ready_file_takes_nothing_more(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct id id = upload_test_create(f, f->admin, 5);
	struct upload *upload;
	upload_test_send(f, f->admin, &id, 0, 5, UPLOAD_SENT);
	assert_int_equal(upload_begin(&cx, &id, 5, 1, NULL, &upload), ERR_TOO_LARGE);
	assert_int_equal(upload_begin(&cx, &id, 0, 5, NULL, &upload), ERR_CONFLICT);
	/* The last answer was lost: it hears it again. */
	assert_int_equal(upload_test_send(f, f->admin, &id, 5, 5, UPLOAD_SENT), 5);
	upload_test_check(f, f->admin, &id, 5);
}

static void an_upload_without_progress_expires(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx;
	struct upload *upload;
	struct id id = upload_test_create(f, f->admin, 100);
	struct session *session;
	core_fixture_sleep(f, LIMIT_UPLOAD_HOURS * HOUR_MS - 1000);
	session = core_fixture_sign_in(f, f->admin->user.address, CORE_FIXTURE_PASSWORD);
	upload_test_send(f, session, &id, 0, 10, UPLOAD_SENT);
	struct upload_view view = upload_test_look(f, session, &id);
	cx = core_fixture_cx(f, session);
	assert_int_equal(view.expires_ms, cx_now_ms(&cx) + LIMIT_UPLOAD_HOURS * HOUR_MS);
	assert_false(view.is_expired);
	core_fixture_sleep(f, LIMIT_UPLOAD_HOURS * HOUR_MS);
	session = core_fixture_sign_in(f, f->admin->user.address, CORE_FIXTURE_PASSWORD);
	assert_true(upload_test_look(f, session, &id).is_expired);
	cx = core_fixture_cx(f, session);
	assert_int_equal(upload_begin(&cx, &id, 10, 1, NULL, &upload), ERR_NOT_FOUND);
	assert_int_equal(upload_delete(&cx, &id), OK);
}

/* P5.6 */
static void limits_are_looked_at_before_the_first_byte(void **state)
{
	struct core_fixture *f = *state;
	core_fixture_set(f, "file_max_bytes", STR("2 MiB"));
	core_fixture_set(f, "quota_bytes", STR("3 MiB"));
	core_fixture_set(f, "blocked_endings", STR("exe, .Bat"));
	static const struct {
		const char *what, *name;
		int64_t bytes;
		enum err err;
		const char *sentence;
	} rows[] = {
		{"as large as can be", "a.pdf", 2 << 20, OK, ""},
		{"too large", "a.pdf", (2 << 20) + 1, ERR_TOO_LARGE, "at most 2.1 MB"},
		{"huge", "a.pdf", INT64_MAX, ERR_TOO_LARGE, "at most 2.1 MB"},
		{"over the quota with what is unfinished", "a.pdf", (1 << 20) + 1, ERR_TOO_LARGE,
		 "more than the 3.1 MB"},
		{"exactly the quota", "a.pdf", 1 << 20, OK, ""},
		{"nothing of it is left", "a.pdf", 1, ERR_TOO_LARGE, "more than the 3.1 MB"},
		{"a blocked ending", "a.exe", 0, ERR_DENIED, "end in .exe"},
		{"in capitals", "A.EXE", 0, ERR_DENIED, "end in .exe"},
		{"another one", "a.bat", 0, ERR_DENIED, "end in .bat"},
		{"dots behind it", "a.exe. .", 0, ERR_DENIED, "end in .exe"},
		{"what cannot be seen behind it", "a.exe\u200b", 0, ERR_DENIED, "end in .exe"},
		{"turned round", "a\u202efdp.exe", 0, ERR_DENIED, "end in .exe"},
		{"a blocked word that is no ending", "exe.txt", 0, OK, ""},
		{"an ending that begins with one", "a.exec", 0, OK, ""},
		{"nothing but a blocked word", "exe", 0, OK, ""},
		{"a negative size", "a.pdf", -2, ERR_INVALID, ""},
		{"the most negative size", "a.pdf", INT64_MIN, ERR_INVALID, ""},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct cx cx = core_fixture_cx(f, f->admin);
		struct form_errors errors = {.count = 0};
		struct id id;
		enum err err = upload_create(&cx, str_of(rows[i].name), STR(""), rows[i].bytes, &id,
					     &errors);
		struct str sentence = form_errors_for(&errors, "");
		if (err != rows[i].err || (sentence.len > 0) != (rows[i].sentence[0] != '\0') ||
		    str_find(sentence, str_of(rows[i].sentence)) < 0)
			fail_msg("%s: %s, %.*s", rows[i].what, err_name(err), STR_ARGS(sentence));
	}
	struct cx cx = core_fixture_cx(f, f->admin);
	struct upload_limits limits;
	assert_int_equal(upload_limits_of(&cx, &limits), OK);
	assert_int_equal(limits.used_bytes, 3 << 20);
	assert_int_equal(limits.quota_bytes, 3 << 20);
	assert_int_equal(limits.file_bytes, 2 << 20);
}

static void a_person_has_so_many_unfinished_ones(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct form_errors errors = {.count = 0};
	struct id id, first = {""};
	for (int i = 0; i < LIMIT_UPLOADS_UNFINISHED; i++) {
		assert_int_equal(upload_create(&cx, STR("a"), STR(""), 1, &id, &errors), OK);
		if (i == 0)
			first = id;
	}
	assert_int_equal(upload_create(&cx, STR("a"), STR(""), 1, &id, &errors), ERR_INVALID);
	assert_true(str_find(form_errors_for(&errors, ""), STR("200 unfinished")) >= 0);
	upload_test_send(f, f->admin, &first, 0, 1, UPLOAD_SENT);
	assert_int_equal(upload_create(&cx, STR("a"), STR(""), 1, &id, &errors), OK);
}

/* Rows as of one that has come, at once: real ones would take long. */
static enum err write_ready(struct db *db, void *argument)
{
	struct file file = *(const struct file *)argument;
	for (int i = 0; i < LIMIT_FILES_UNSENT - 1; i++) {
		file.id = id_new(file.created_ms);
		TRY(files_insert(db, &file, 0));
	}
	return OK;
}

static void a_person_has_so_many_in_no_message(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct form_errors errors = {.count = 0};
	struct id first = upload_test_create(f, f->admin, 0), id;
	struct file file = upload_test_stored(f, &first).file;
	assert_int_equal(store_transact(f->portal->store, write_ready, &file, NULL), OK);
	assert_int_equal(upload_create(&cx, STR("a"), STR(""), 0, &id, &errors), ERR_INVALID);
	assert_true(str_find(form_errors_for(&errors, ""), STR("in no message yet")) >= 0);
	assert_int_equal(upload_delete(&cx, &first), OK);
	assert_int_equal(upload_create(&cx, STR("a"), STR(""), 0, &id, &errors), OK);
}

/* ---- forms, which say nothing of their size ---- */

static void a_form_may_keep_its_size_to_itself(void **state)
{
	struct core_fixture *f = *state;
	static const int64_t sizes[] = {0, 5, CHUNK, CHUNK + 1};
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct id id = upload_test_create(f, f->admin, UPLOAD_BYTES_UNKNOWN);
		assert_int_equal(upload_test_send(f, f->admin, &id, 0, sizes[i], UPLOAD_SENT),
				 sizes[i]);
		assert_int_equal(upload_test_look(f, f->admin, &id).state, FILE_READY);
		upload_test_check(f, f->admin, &id, sizes[i]);
	}
	/* A form cannot go on. */
	struct id id = upload_test_create(f, f->admin, UPLOAD_BYTES_UNKNOWN);
	int64_t offset;
	assert_int_equal(upload_test_try(f, f->admin, &id, 0, 2 * CHUNK, UPLOAD_CUT, &offset),
			 ERR_CONFLICT);
	assert_int_equal(upload_test_look(f, f->admin, &id).offset, 0);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void a_form_is_held_to_the_limits_as_it_comes(void **state)
{
	struct core_fixture *f = *state;
	int64_t offset;
	core_fixture_set(f, "file_max_bytes", STR("1 MiB"));
	struct id id = upload_test_create(f, f->admin, UPLOAD_BYTES_UNKNOWN);
	assert_int_equal(upload_test_try(f, f->admin, &id, 0, CHUNK + 1, UPLOAD_SENT, &offset),
			 ERR_TOO_LARGE);
	core_fixture_set(f, "file_max_bytes", STR("1 GiB"));
	core_fixture_set(f, "quota_bytes", STR("1 MiB"));
	id = upload_test_create(f, f->admin, UPLOAD_BYTES_UNKNOWN);
	assert_int_equal(upload_test_try(f, f->admin, &id, 0, CHUNK + 1, UPLOAD_SENT, &offset),
			 ERR_TOO_LARGE);
	assert_int_equal(upload_test_look(f, f->admin, &id).state, FILE_UNFINISHED);
	id = upload_test_create(f, f->admin, UPLOAD_BYTES_UNKNOWN);
	assert_int_equal(upload_test_send(f, f->admin, &id, 0, CHUNK, UPLOAD_SENT), CHUNK);
}

/* ---- checksums ---- */

static enum err send_with_sum(struct core_fixture *f, const struct id *id, int64_t from,
			      int64_t until, enum hash_kind kind, bool is_right)
{
	struct cx cx = core_fixture_cx(f, f->admin);
	struct upload_checksum checksum = {.kind = kind, .is_wanted = true};
	struct str bytes = upload_test_bytes(from, until);
	struct hashing *hashing;
	struct upload *upload;
	int64_t offset = -1;
	assert_int_equal(hashing_new(kind, &hashing), OK);
	hashing_add(hashing, bytes);
	hashing_result(hashing, checksum.expected);
	hashing_free(hashing);
	free((char *)bytes.data);
	checksum.expected[0] ^= !is_right;
	assert_int_equal(upload_begin(&cx, id, from, until - from, &checksum, &upload), OK);
	assert_int_equal(upload_test_take(upload, from, until, 200000), OK);
	enum err err = upload_end(upload, UPLOAD_SENT, &offset);
	upload_free(upload);
	assert_int_equal(offset, err == OK ? until : -1);
	return err;
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

static void a_request_is_kept_when_its_checksum_is_right(void **state)
{
	struct core_fixture *f = *state;
	for (enum hash_kind kind = 0; kind < HASH_KINDS; kind++) {
		struct id id = upload_test_create(f, f->admin, 2 * CHUNK + 10);
		size_t blobs = count_blobs(f);
		assert_int_equal(send_with_sum(f, &id, 0, 1000, kind, true), OK);
		assert_int_equal(send_with_sum(f, &id, 1000, 2 * CHUNK, kind, false), ERR_INVALID);
		assert_int_equal(upload_test_look(f, f->admin, &id).offset, 1000);
		assert_int_equal(count_blobs(f), blobs + 1);
		assert_int_equal(send_with_sum(f, &id, 1000, 2 * CHUNK + 10, kind, false),
				 ERR_INVALID);
		assert_int_equal(upload_test_look(f, f->admin, &id).state, FILE_UNFINISHED);
		assert_int_equal(send_with_sum(f, &id, 1000, 2 * CHUNK + 10, kind, true), OK);
		upload_test_check(f, f->admin, &id, 2 * CHUNK + 10);
	}
	assert_int_equal(core_fixture_problems(f), 0);
}

static void nothing_of_a_cut_request_with_a_checksum_is_kept(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct upload_checksum checksum = {.kind = HASH_SHA1, .is_wanted = true};
	/* More than one part: the first is stored before the cut. */
	const int64_t bytes = LIMIT_FILE_PART_BYTES + 3 * CHUNK;
	struct id id = upload_test_create(f, f->admin, bytes);
	struct upload *upload;
	int64_t offset;
	assert_int_equal(upload_begin(&cx, &id, 0, bytes, &checksum, &upload), OK);
	assert_int_equal(upload_test_take(upload, 0, bytes - CHUNK, CHUNK), OK);
	assert_int_equal(count_blobs(f), 1);
	assert_int_equal(upload_end(upload, UPLOAD_CUT, &offset), ERR_CONFLICT);
	upload_free(upload);
	assert_int_equal(count_blobs(f), 0);
	assert_int_equal(upload_test_look(f, f->admin, &id).offset, 0);
	/* And with a right one both parts are. */
	assert_int_equal(send_with_sum(f, &id, 0, bytes, HASH_SHA256, true), OK);
	assert_int_equal(upload_test_stored(f, &id).part_count, 2);
	upload_test_check(f, f->admin, &id, bytes);
}

/* Housekeeping takes blobs without rows for orphans after LIMIT_ORPHAN_HOURS. */
static void a_request_with_a_checksum_does_not_last_for_ever(void **state)
{
	struct core_fixture *f = *state;
	struct upload_checksum checksum = {.kind = HASH_SHA1, .is_wanted = true};
	core_fixture_set(f, "session_total_hours", STR("100"));
	core_fixture_set(f, "session_idle_minutes", STR("43200"));
	struct session *session =
		core_fixture_sign_in(f, f->admin->user.address, CORE_FIXTURE_PASSWORD);
	struct cx cx = core_fixture_cx(f, session);
	struct id id = upload_test_create(f, session, 10);
	struct str bytes = upload_test_bytes(0, 10);
	struct hashing *hashing;
	struct upload *upload;
	int64_t offset;
	assert_int_equal(hashing_new(HASH_SHA1, &hashing), OK);
	hashing_add(hashing, bytes);
	hashing_result(hashing, checksum.expected);
	hashing_free(hashing);
	assert_int_equal(upload_begin(&cx, &id, 0, 10, &checksum, &upload), OK);
	assert_int_equal(upload_take(upload, bytes), OK);
	free((char *)bytes.data);
	core_fixture_sleep(f, LIMIT_UPLOAD_HOURS * HOUR_MS + 1);
	assert_int_equal(upload_end(upload, UPLOAD_SENT, &offset), ERR_CONFLICT);
	upload_free(upload);
	assert_int_equal(count_blobs(f), 0);
}

static void a_file_has_so_many_parts(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct id id = upload_test_create(f, f->admin, 10);
	struct upload *upload;
	upload_test_send(f, f->admin, &id, 0, 1, UPLOAD_SENT);
	store_direct_run(
		f->url,
		arena_printf(&f->arena, "UPDATE files SET part_count = %d", LIMIT_FILE_PARTS).data);
	assert_int_equal(upload_begin(&cx, &id, 1, 9, NULL, &upload), OK);
	assert_int_equal(upload_test_take(upload, 1, 10, 9), ERR_TOO_LARGE);
	assert_true(str_find(upload_sentence(&cx, upload), STR("20,000 pieces")) > 0);
	upload_free(upload);
}

/* ---- taking it back ---- */

static void an_upload_is_taken_back_with_its_bytes(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct upload_view view;
	for (int is_ready = 0; is_ready < 2; is_ready++) {
		struct id id = upload_test_create(f, f->admin, 2 * CHUNK);
		upload_test_send(f, f->admin, &id, 0, 100, UPLOAD_SENT);
		if (is_ready)
			upload_test_send(f, f->admin, &id, 100, 2 * CHUNK, UPLOAD_SENT);
		assert_int_equal(upload_delete(&cx, &id), OK);
		assert_int_equal(upload_get(&cx, &id, &view), ERR_NOT_FOUND);
		assert_int_equal(upload_delete(&cx, &id), ERR_NOT_FOUND);
		assert_int_equal(count_blobs(f), 0);
	}
	assert_int_equal(core_fixture_problems(f), 0);
}

static void taking_back_stops_the_one_who_sends(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct id id = upload_test_create(f, f->admin, 3 * CHUNK);
	struct upload *upload;
	int64_t offset;
	assert_int_equal(upload_begin(&cx, &id, 0, -1, NULL, &upload), OK);
	assert_int_equal(upload_test_take(upload, 0, 2 * CHUNK, CHUNK), OK);
	assert_int_equal(upload_delete(&cx, &id), OK);
	assert_int_equal(upload_test_take(upload, 2 * CHUNK, 3 * CHUNK, CHUNK), ERR_CONFLICT);
	assert_int_equal(upload_end(upload, UPLOAD_SENT, &offset), ERR_CONFLICT);
	upload_free(upload);
	assert_int_equal(count_blobs(f), 0);
}

/* ---- whose session ends ---- */

static void who_may_not_any_more_brings_nothing_more(void **state)
{
	struct core_fixture *f = *state;
	struct session *guest =
		core_fixture_person(f, STR("guest@example.org"), STR("Gabi Guest"), GRADE_GUEST);
	struct cx cx = core_fixture_cx(f, guest);
	struct id id = upload_test_create(f, guest, 2 * CHUNK);
	struct upload *upload;
	int64_t offset;
	upload_test_send(f, guest, &id, 0, 10, UPLOAD_SENT);
	assert_int_equal(upload_begin(&cx, &id, 10, -1, NULL, &upload), OK);
	assert_int_equal(upload_test_take(upload, 10, CHUNK, CHUNK), OK);
	assert_int_equal(session_end(&cx), OK);
	assert_int_equal(upload_end(upload, UPLOAD_SENT, &offset), ERR_DENIED);
	upload_free(upload);
	struct session *again =
		core_fixture_sign_in(f, STR("guest@example.org"), CORE_FIXTURE_PASSWORD);
	assert_int_equal(upload_test_look(f, again, &id).offset, 10);
	assert_int_equal(upload_test_send(f, again, &id, 10, 2 * CHUNK, UPLOAD_SENT), 2 * CHUNK);
	upload_test_check(f, again, &id, 2 * CHUNK);
}

/* Sending is being there: a request that takes hours does not end its own session. */
static void sending_keeps_a_session_alive(void **state)
{
	struct core_fixture *f = *state;
	struct id id = upload_test_create(f, f->admin, 100);
	for (int i = 0; i < 10; i++) {
		core_fixture_sleep(f, f->portal->settings->session_idle_minutes * MINUTE_MS / 2);
		upload_test_send(f, f->admin, &id, i, i + 1, UPLOAD_SENT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(files_of_any_size_arrive),
		CORE_TEST(a_ready_file_is_in_its_owners_library),
		CORE_TEST(requests_of_any_size_make_a_file),
		CORE_TEST(a_cut_after_every_byte_loses_nothing_acknowledged),
		CORE_TEST(a_cut_keeps_whole_chunks),
		CORE_TEST(what_is_sent_again_is_encrypted_anew),
		CORE_TEST(what_never_ended_leaves_nothing),
		CORE_TEST(it_goes_on_after_a_restart),
		CORE_TEST(a_long_request_is_stored_in_several_parts),
		CORE_TEST(a_request_must_fit_the_file),
		CORE_TEST(more_than_was_announced_is_not_taken),
		CORE_TEST(a_ready_file_takes_nothing_more),
		CORE_TEST(an_upload_without_progress_expires),
		CORE_TEST(limits_are_looked_at_before_the_first_byte),
		CORE_TEST(a_person_has_so_many_unfinished_ones),
		CORE_TEST(a_person_has_so_many_in_no_message),
		CORE_TEST(a_form_may_keep_its_size_to_itself),
		CORE_TEST(a_form_is_held_to_the_limits_as_it_comes),
		CORE_TEST(a_request_is_kept_when_its_checksum_is_right),
		CORE_TEST(nothing_of_a_cut_request_with_a_checksum_is_kept),
		CORE_TEST(a_request_with_a_checksum_does_not_last_for_ever),
		CORE_TEST(a_file_has_so_many_parts),
		CORE_TEST(an_upload_is_taken_back_with_its_bytes),
		CORE_TEST(taking_back_stops_the_one_who_sends),
		CORE_TEST(who_may_not_any_more_brings_nothing_more),
		CORE_TEST(sending_keeps_a_session_alive),
	};
	return engines_test_run("core", tests, COUNT(tests));
}
