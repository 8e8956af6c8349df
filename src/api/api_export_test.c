/* POST /api/v1/export: the password again, one at a time, pieces of a bounded size, nothing of
 * others. That the file opens is seen in tests/e2e/export.test.mjs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/api_test_support.h"
#include "base/limits.h"

static struct api_answer file;

static void begin(struct test *t, const char *token, struct api_answer *answer)
{
	struct str body = arena_printf(&t->f.arena, "{\"password\":\"%s\"}", api_fixture_password);
	struct api_call c = {
		.method = "POST", .path = "/api/v1/export", .token = token, .body = body};
	api_fixture_call(&t->f, &c, answer);
}

/* Reads it to its end; the number of bytes. */
static size_t read_all(struct api_answer *answer, struct buf *ret)
{
	enum stream_next next;
	buf_init(ret, 64 << 20);
	do {
		struct buf piece CLEANUP_BUF;
		buf_init(&piece, answer->stream->piece_bytes);
		assert_int_equal(answer->stream->produce(answer->stream, &piece, &next), OK);
		assert_int_equal(piece.err, OK);
		buf_add(ret, buf_str(&piece));
	} while (next == STREAM_MORE);
	assert_int_equal(next, STREAM_END);
	return ret->len;
}

static bool has(const struct buf *zip, const char *text)
{
	return str_find(buf_str(zip), str_of(text)) >= 0;
}

static void test_everything_of_ones_own_and_nothing_else(void **state)
{
	struct test *t = *state;
	struct str link = STR_NONE;
	struct buf zip;
	const char *admin = sign_in_admin(t);
	call(t, "POST", "/api/v1/messages", admin,
	     "{\"to\":[\"gabi@example.org\"],\"subject\":\"For Gabi: a/b ü\",\"body\":\"Text\"}");
	expect(t, 201);
	api_fixture_take_mails(&t->f, "gabi@example.org", &link);
	const char *gabi = api_fixture_register(&t->f, link, "Gabi");
	call(t, "POST", "/api/v1/messages", admin,
	     "{\"to\":[\"olaf@example.org\"],\"subject\":\"Not for Gabi\",\"body\":\"Text\"}");
	expect(t, 201);
	begin(t, gabi, &file);
	assert_int_equal(file.status, 200);
	assert_string_equal(file.content_type, "application/zip");
	assert_non_null(
		strstr(file.headers, "Content-Disposition: attachment; filename=\"mailbox-"));
	read_all(&file, &zip);
	assert_memory_equal(zip.data, "PK\3\4", 4);
	assert_true(has(&zip, "Inbox/2026-11-2"));
	assert_true(has(&zip, "For Gabi- a-b ü ("));
	assert_false(has(&zip, "Not for Gabi"));
	/* Read this way it was opened (P4.3). */
	api_fixture_answer_release(&file);
	call(t, "GET", "/api/v1/messages", gabi, NULL);
	expect(t, 200);
	assert_false(json_is_true(at(t, "items.0.unread")));
	buf_release(&zip);
}

static void test_an_empty_mailbox_is_an_empty_file(void **state)
{
	struct test *t = *state;
	struct buf zip;
	begin(t, sign_in_admin(t), &file);
	assert_int_equal(file.status, 200);
	assert_int_equal(read_all(&file, &zip), 22);
	assert_memory_equal(zip.data, "PK\5\6", 4);
	buf_release(&zip);
	api_fixture_answer_release(&file);
}

static void test_one_at_a_time(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	begin(t, admin, &file);
	assert_int_equal(file.status, 200);
	begin(t, admin, &t->answer);
	expect_type(t, 409, "conflict");
	/* Who left in the middle may begin again. */
	api_fixture_answer_release(&file);
	begin(t, admin, &file);
	assert_int_equal(file.status, 200);
	api_fixture_answer_release(&file);
}

static void test_only_with_the_password(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	static const struct {
		const char *body;
		int status;
		const char *type;
	} rows[] = {
		{"{\"password\":\"wrong\"}", 422, "mistakes"},
		{"{\"password\":\"\"}", 422, "mistakes"},
		{"{}", 422, "mistakes"},
		{"{\"password\":7}", 422, "mistakes"},
		{"{\"password\":\"x\",\"of\":\"gabi@example.org\"}", 422, "mistakes"},
		{"[]", 400, "not-json"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		call(t, "POST", "/api/v1/export", admin, rows[i].body);
		expect_type(t, rows[i].status, rows[i].type);
		assert_null(t->answer.stream);
	}
	call(t, "POST", "/api/v1/export", admin, "{\"password\":\"wrong\"}");
	expect(t, 422);
	assert_true(has_error(t, "password"));
	call(t, "POST", "/api/v1/export", NULL, "{\"password\":\"x\"}");
	expect_type(t, 401, "not-signed-in");
	call(t, "GET", "/api/v1/export", admin, NULL);
	expect_type(t, 405, "bad-method");
}

static void test_it_breaks_off_with_the_session(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	enum stream_next next;
	struct buf piece;
	begin(t, admin, &file);
	call(t, "DELETE", "/api/v1/session", admin, NULL);
	expect(t, 204);
	buf_init(&piece, file.stream->piece_bytes);
	assert_int_equal(file.stream->produce(file.stream, &piece, &next), ERR_DENIED);
	buf_release(&piece);
	api_fixture_answer_release(&file);
}

/* The largest message there may be, which hardly packs, and many small ones. */
static void test_pieces_stay_small(void **state)
{
	struct test *t = *state;
	struct buf zip, body;
	uint32_t seed = 1;
	const char *admin = sign_in_admin(t);
	buf_init(&body, 2 << 20);
	buf_add(&body, STR("{\"to\":[\"gabi@example.org\"],\"subject\":\"Long\",\"body\":\""));
	for (int i = 0; i < LIMIT_BODY_BYTES - 100; i++) {
		seed = seed * 1664525 + 1013904223;
		buf_add_char(&body, (char)('0' + (seed >> 16) % 43 + ((seed >> 16) % 43 > 40)));
	}
	buf_add(&body, STR("\"}"));
	struct api_call c = {.method = "POST",
			     .path = "/api/v1/messages",
			     .token = admin,
			     .body = buf_str(&body)};
	api_fixture_call(&t->f, &c, &t->answer);
	expect(t, 201);
	buf_release(&body);
	for (int i = 0; i < 60; i++) {
		call(t, "POST", "/api/v1/messages", admin,
		     "{\"to\":[\"gabi@example.org\"],\"subject\":\"Short\",\"body\":\"Text\"}");
		expect(t, 201);
	}
	begin(t, admin, &file);
	assert_true(file.stream->piece_bytes <= LIMIT_STREAM_PIECE_BYTES);
	assert_true(read_all(&file, &zip) > LIMIT_BODY_BYTES / 2);
	size_t files = 0;
	for (struct str rest = buf_str(&zip); str_find(rest, STR("PK\1\2")) >= 0; files++)
		rest = str_slice(rest, (size_t)str_find(rest, STR("PK\1\2")) + 4, rest.len);
	assert_int_equal(files, 61);
	buf_release(&zip);
	api_fixture_answer_release(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_everything_of_ones_own_and_nothing_else),
		TEST(test_an_empty_mailbox_is_an_empty_file),
		TEST(test_one_at_a_time),
		TEST(test_only_with_the_password),
		TEST(test_it_breaks_off_with_the_session),
		TEST(test_pieces_stay_small),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
