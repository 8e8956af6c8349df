/* Files in the API (P5): sent, read in parts, found again, recalled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/api_file_support.h"
#include "store/blob.h"

#include <archive.h>
#include <archive_entry.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define PASSWORD "copper lantern river oat" /* api_fixture_password */
/* printf %s "Hello world" | sha256sum */
#define SUM "64ec88ca00b268e5ba1a35678a1b5316d212f4f366b2477232534a8aeca37f3c"

static const char *invite(struct test *t, const char *admin, const char *address, const char *grade)
{
	struct str link = STR_NONE;
	call(t, "POST", "/api/v1/messages", admin,
	     arena_printf(&t->f.arena,
			  "{\"to\":[\"%s\"],\"subject\":\"s\",\"body\":\"b\",\"invite_as\":\"%s\"}",
			  address, grade)
		     .data);
	expect(t, 201);
	api_fixture_take_mails(&t->f, address, &link);
	return api_fixture_register(&t->f, link, "Somebody");
}

struct cast {
	const char *admin, *gabi;
};

static struct cast meet(struct test *t)
{
	struct cast cast = {.admin = sign_in_admin(t)};
	cast.gabi = invite(t, cast.admin, "gabi@example.org", "guest");
	return cast;
}

/* To Gabi; more: further fields. The message's id. */
static const char *give(struct test *t, const char *token, const char *file, const char *more)
{
	call(t, "POST", "/api/v1/messages", token,
	     arena_printf(
		     &t->f.arena,
		     "{\"to\":[\"gabi@example.org\"],\"subject\":\"Results\",\"files\":[\"%s\"]%s}",
		     file, more)
		     .data);
	expect(t, 201);
	return keep(t, "id");
}

static const char *content_of(struct test *t, const char *file, const char *query)
{
	return arena_printf(&t->f.arena, "/files/%s/content%s", file, query).data;
}

static void expect_content(struct test *t, int status, const char *bytes)
{
	if (t->answer.status != status)
		fail_msg("%d, not %d: %s", t->answer.status, status, t->answer.body);
	read_stream(t);
	assert_string_equal(t->answer.body, bytes);
}

static void test_messages_name_their_files(void **state)
{
	struct test *t = *state;
	struct cast c = meet(t);
	const char *file = upload_file(t, c.admin, "Bef\u00fcnd.txt", "text/plain", "Hello world");
	t->f.clock.now_ms += 1000;
	const char *id = give(t, c.admin, file, "");
	const char *const tokens[] = {c.admin, c.gabi};
	for (size_t i = 0; i < 2; i++) {
		call(t, "GET", message_path(t, id, ""), tokens[i], NULL);
		expect(t, 200);
		expect_text(t, "files.0.id", file);
		expect_text(t, "files.0.name", "Bef\u00fcnd.txt");
		expect_text(t, "files.0.type", "text/plain");
		expect_text(t, "files.0.sha256", SUM);
		expect_text(t, "files.0.scan", "none");
		assert_int_equal(json_integer_value(at(t, "files.0.size")), 11);
		assert_int_equal(json_integer_value(at(t, "file_count")), 1);
		assert_true(json_is_null(at(t, "files.0.recalled_at")));
	}
	call(t, "GET", "/api/v1/messages", c.gabi, NULL);
	assert_int_equal(json_integer_value(at(t, "items.0.file_count")), 1);
	assert_int_equal(json_integer_value(at(t, "items.1.file_count")), 0);
}

static void test_bytes_come_whole_or_in_part(void **state)
{
	struct test *t = *state;
	struct cast c = meet(t);
	const char *file = upload_file(t, c.admin, "a.txt", "text/plain", "Hello world");
	const char *etag = arena_printf(&t->f.arena, "\"%s\"", file).data;
	give(t, c.admin, file, "");
	const struct {
		const char *name, *value;
		int status;
		const char *bytes, *range; /* NULL: none */
	} rows[] = {
		{NULL, NULL, 200, "Hello world", NULL},
		{"Range", "bytes=0-4", 206, "Hello", "bytes 0-4/11"},
		{"Range", "bytes=6-", 206, "world", "bytes 6-10/11"},
		{"Range", "bytes=-1", 206, "d", "bytes 10-10/11"},
		{"Range", "bytes=0-1,4-5", 200, "Hello world", NULL},
		{"Range", "bytes=11-", 416, NULL, "bytes */11"},
		{"If-None-Match", etag, 304, NULL, NULL},
		{"If-Match", "\"other\"", 412, NULL, NULL},
		{"If-Match", etag, 200, "Hello world", NULL},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *const tokens[] = {c.admin, c.gabi};
		for (size_t who = 0; who < 2; who++) {
			call_with(t, "GET", content_of(t, file, ""), tokens[who], rows[i].name,
				  rows[i].value);
			if (rows[i].bytes)
				expect_content(t, rows[i].status, rows[i].bytes);
			else if (t->answer.status != rows[i].status || t->answer.stream)
				fail_msg("%s: %d", rows[i].value, t->answer.status);
			expect_answer_header(t, "ETag", etag);
			expect_answer_header(t, "Accept-Ranges", "bytes");
			expect_answer_header(t, "Content-Range", rows[i].range);
			expect_answer_header(t, "X-Content-Type-Options", "nosniff");
			expect_answer_header(t, "Cache-Control", "no-store");
		}
	}
	call(t, "HEAD", content_of(t, file, ""), c.gabi, NULL);
	assert_int_equal(t->answer.status, 200);
	assert_int_equal(t->answer.stream->length, 11);
	expect_answer_header(t, "Repr-Digest",
			     "sha-256=:ZOyIygCyaOW6GjVnihtTFtIS9PNmskdyMlNKiuyjfzw=:");
}

static void test_nothing_is_shown_that_could_do_harm(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	static const struct {
		const char *type, *served;
		bool is_shown;
	} rows[] = {
		{"image/png", "image/png", true},
		{"image/svg+xml", "application/octet-stream", false},
		{"application/pdf", "application/pdf", true},
		{"text/plain", "text/plain; charset=utf-8", true},
		{"text/html", "text/plain; charset=utf-8", true},
		{"text/javascript", "text/plain; charset=utf-8", true},
		{"application/javascript", "application/octet-stream", false},
		{"application/xhtml+xml", "application/octet-stream", false},
		{"application/vnd.mozilla.xul+xml", "application/octet-stream", false},
		{"application/vnd.ms-excel", "application/vnd.ms-excel", false},
		{"application/zip", "application/zip", false},
		{"application/wasm", "application/octet-stream", false},
		{"video/mp4", "video/mp4", true},
		{"video/x-msvideo", "video/x-msvideo", false},
		{"audio/mpeg", "audio/mpeg", true},
		{"nonsense", "application/octet-stream", false},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *file = upload_file(t, admin, "a \"b\".html", rows[i].type, "<p>");
		for (int is_inline = 0; is_inline < 2; is_inline++) {
			call(t, "GET", content_of(t, file, is_inline ? "?inline" : ""), admin,
			     NULL);
			assert_int_equal(t->answer.status, 200);
			assert_string_equal(t->answer.content_type, rows[i].served);
			bool is_attachment = strncmp(answer_header(t, "Content-Disposition"),
						     "attachment", 10) == 0;
			if (is_attachment == (is_inline && rows[i].is_shown))
				fail_msg("%s, %d", rows[i].type, is_inline);
			const char *policy = answer_header(t, "Content-Security-Policy");
			assert_non_null(strstr(policy, "default-src 'none'"));
			assert_non_null(strstr(policy, "sandbox"));
			assert_null(strstr(policy, "script"));
			expect_answer_header(t, "X-Content-Type-Options", "nosniff");
		}
	}
}

static void test_after_the_recall_it_is_gone(void **state)
{
	struct test *t = *state;
	struct cast c = meet(t);
	invite(t, c.admin, "ben@example.org", "guest");
	const char *file = upload_file(t, c.admin, "a.txt", "text/plain", "Hello world");
	const char *id = give(t, c.admin, file, ",\"cc\":[\"ben@example.org\"]");
	const char *path =
		message_path(t, id, arena_printf(&t->f.arena, "/files/%s/recall", file).data);
	const char *query = arena_printf(&t->f.arena, "?message=%s", id).data;
	call(t, "GET", content_of(t, file, query), c.gabi, NULL);
	expect_content(t, 200, "Hello world");
	/* A guest recalls nothing, a stranger is no recipient. */
	call(t, "POST", path, c.gabi, "{}");
	expect_type(t, 403, "denied");
	call(t, "POST", path, c.admin, "{\"recipients\":[\"nobody@example.org\"]}");
	expect_type(t, 422, "mistakes");
	assert_true(has_error(t, "recipients"));
	call(t, "POST", path, c.admin, "{\"recipients\":[\"gabi@example.org\"],\"reason\":\"x\"}");
	expect_type(t, 422, "mistakes");

	call(t, "POST", path, c.admin, "{\"recipients\":[\"gabi@example.org\"]}");
	expect(t, 200);
	const char *when = keep(t, "recalled_at");
	const char *const queries[] = {"", query};
	for (size_t i = 0; i < 2; i++) {
		call(t, "GET", content_of(t, file, queries[i]), c.gabi, NULL);
		expect_type(t, 410, "gone");
		call(t, "GET", content_of(t, file, queries[i]), c.admin, NULL);
		expect_content(t, 200, "Hello world");
	}
	/* Who clicks on a link is told on a page. */
	call_with(t, "HEAD", content_of(t, file, ""), c.gabi, "Range", "bytes=0-1");
	assert_int_equal(t->answer.status, 410);
	call(t, "GET", message_path(t, id, ""), c.gabi, NULL);
	expect_text(t, "files.0.recalled_at", when);
	call(t, "GET", message_path(t, id, ""), c.admin, NULL);
	assert_true(json_is_null(at(t, "files.0.recalled_at")));
	/* Again changes nothing. */
	t->f.clock.now_ms += 1000;
	call(t, "POST", path, c.admin, "{\"recipients\":[\"gabi@example.org\"]}");
	expect_text(t, "recalled_at", when);
	call(t, "GET", message_path(t, id, "/tracking"), c.admin, NULL);
	expect(t, 200);
	expect_text(t, "recipients.0.files.0.id", file);
	expect_text(t, "recipients.0.files.0.name", "a.txt");
	expect_text(t, "recipients.0.files.0.recalled_at", when);
	assert_true(json_is_string(at(t, "recipients.0.files.0.downloaded_at")));
	assert_true(json_is_null(at(t, "recipients.0.recalled_at")));
	assert_true(json_is_null(at(t, "recipients.1.files.0.downloaded_at")));
	/* And from everybody. */
	call(t, "POST", path, c.admin, "{}");
	expect(t, 200);
	call(t, "GET", message_path(t, id, ""), c.admin, NULL);
	assert_true(json_is_string(at(t, "files.0.recalled_at")));
}

static void test_confidential_ones_need_the_password(void **state)
{
	struct test *t = *state;
	struct cast c = meet(t);
	const char *file = upload_file(t, c.admin, "a.txt", "text/plain", "Hello world");
	const char *id = give(t, c.admin, file, ",\"options\":{\"confidential\":true}");
	const char *path =
		message_path(t, id, arena_printf(&t->f.arena, "/files/%s/content", file).data);
	call(t, "GET", message_path(t, id, ""), c.gabi, NULL);
	expect(t, 200);
	assert_int_equal(json_array_size(at(t, "files")), 0);
	assert_int_equal(json_integer_value(at(t, "file_count")), 1);
	call(t, "GET", content_of(t, file, ""), c.gabi, NULL);
	expect_type(t, 403, "denied");
	call(t, "GET", message_path(t, id, "/files.zip"), c.gabi, NULL);
	expect_type(t, 403, "denied");
	call(t, "POST", path, c.gabi, "{\"password\":\"wrong\"}");
	expect_type(t, 422, "mistakes");
	assert_true(has_error(t, "password"));
	call(t, "POST", path, c.gabi, "{\"password\":\"" PASSWORD "\"}");
	expect_content(t, 200, "Hello world");
	call(t, "POST", message_path(t, id, "/open"), c.gabi, "{\"password\":\"" PASSWORD "\"}");
	expect_text(t, "files.0.name", "a.txt");
	call(t, "POST", message_path(t, id, "/files.zip"), c.gabi,
	     "{\"password\":\"" PASSWORD "\"}");
	assert_int_equal(t->answer.status, 200);
	/* The password was for that one request. */
	call(t, "GET", content_of(t, file, ""), c.gabi, NULL);
	expect_type(t, 403, "denied");
}

/* ---- download all ---- */

static struct str unpack(struct test *t, char *bytes, size_t len)
{
	struct archive *archive = archive_read_new();
	struct archive_entry *entry;
	struct str all = STR("");
	archive_read_support_format_zip(archive);
	assert_int_equal(archive_read_open_memory(archive, bytes, len), ARCHIVE_OK);
	while (archive_read_next_header(archive, &entry) == ARCHIVE_OK) {
		char text[256];
		la_ssize_t got = archive_read_data(archive, text, sizeof(text));
		assert_true(got >= 0);
		all = arena_printf(&t->f.arena, "%.*s%s=%.*s;", STR_ARGS(all),
				   archive_entry_pathname_utf8(entry), (int)got, text);
	}
	archive_read_free(archive);
	return all;
}

static void test_all_files_come_as_a_zip(void **state)
{
	struct test *t = *state;
	struct cast c = meet(t);
	const char *const names[] = {"a.txt", "A.txt", "no ending", "b.txt", ""};
	const char *ids[4];
	for (size_t i = 0; i < 4; i++)
		ids[i] = upload_file(t, c.admin, names[i], "text/plain", names[i + 1]);
	t->f.clock.now_ms += 1000;
	call(t, "POST", "/api/v1/messages", c.admin,
	     arena_printf(
		     &t->f.arena,
		     "{\"to\":[\"gabi@example.org\"],\"subject\":\"Caf\u00e9: all\",\"files\":["
		     "\"%s\",\"%s\",\"%s\",\"%s\"]}",
		     ids[0], ids[1], ids[2], ids[3])
		     .data);
	expect(t, 201);
	const char *id = keep(t, "id");
	call(t, "POST",
	     message_path(t, id, arena_printf(&t->f.arena, "/files/%s/recall", ids[2]).data),
	     c.admin, "{}");
	expect(t, 200);
	call(t, "GET", message_path(t, id, "/files.zip"), c.gabi, NULL);
	assert_int_equal(t->answer.status, 200);
	assert_string_equal(t->answer.content_type, "application/zip");
	expect_answer_header(t, "Content-Disposition",
			     "attachment; filename=\"Caf_- all.zip\"; "
			     "filename*=UTF-8''Caf%C3%A9-%20all.zip");
	struct buf zip CLEANUP_BUF;
	enum stream_next next = STREAM_MORE;
	buf_init(&zip, 1 << 20);
	while (next == STREAM_MORE) {
		struct buf piece CLEANUP_BUF;
		buf_init(&piece, t->answer.stream->piece_bytes);
		assert_int_equal(t->answer.stream->produce(t->answer.stream, &piece, &next), OK);
		buf_add(&zip, buf_str(&piece));
	}
	struct str all = unpack(t, zip.data, zip.len);
	assert_string_equal(all.data, "a.txt=A.txt;A (2).txt=no ending;b.txt=;");
	/* Each is a download, and the message is opened. */
	call(t, "GET", message_path(t, id, "/tracking"), c.admin, NULL);
	assert_true(json_is_string(at(t, "recipients.0.opened_at")));
	assert_true(json_is_string(at(t, "recipients.0.files.0.downloaded_at")));
	assert_true(json_is_null(at(t, "recipients.0.files.2.downloaded_at")));
	/* One without files has none. */
	call(t, "GET", "/api/v1/messages", c.gabi, NULL);
	call(t, "GET", message_path(t, keep(t, "items.1.id"), "/files.zip"), c.gabi, NULL);
	expect_type(t, 404, "not-found");
}

/* Who stops in the middle: of the message's two files the first one is read by then. */
static enum err end_zip_after_one(struct test *t, const struct cast *c, bool is_recall,
				  struct str *ret)
{
	struct buf zip CLEANUP_BUF;
	enum stream_next next = STREAM_MORE;
	enum err err = OK;
	const char *first = upload_file(t, c->admin, "a.txt", "text/plain", "one");
	const char *second = upload_file(t, c->admin, "b.txt", "text/plain", "two");
	const char *both = arena_printf(&t->f.arena, "%s\",\"%s", first, second).data;
	const char *id = give(t, c->admin, both, "");
	call(t, "GET", message_path(t, id, "/files.zip"), c->gabi, NULL);
	assert_int_equal(t->answer.status, 200);
	struct stream_source *source = t->answer.stream;
	t->answer.stream = NULL;
	buf_init(&zip, 1 << 20);
	for (int step = 0; err == OK && next == STREAM_MORE; step++) {
		struct buf piece CLEANUP_BUF;
		buf_init(&piece, source->piece_bytes);
		err = source->produce(source, &piece, &next);
		buf_add(&zip, buf_str(&piece));
		if (str_find(buf_str(&zip), STR("one")) < 0 || *ret->data != '\0')
			continue;
		*ret = STR("stopped");
		if (is_recall)
			call(t, "POST",
			     message_path(
				     t, id,
				     arena_printf(&t->f.arena, "/files/%s/recall", second).data),
			     c->admin, "{}");
		else
			call(t, "DELETE", "/api/v1/session", c->gabi, NULL);
		assert_true(t->answer.status < 300);
	}
	source->release(source);
	*ret = err == OK ? unpack(t, zip.data, zip.len) : STR("");
	return err;
}

static void test_a_zip_ends_with_the_session(void **state)
{
	struct test *t = *state;
	struct cast c = meet(t);
	struct str content = STR("");
	/* The whole of what there still is; and nothing that only looks whole. */
	assert_int_equal(end_zip_after_one(t, &c, true, &content), OK);
	assert_string_equal(content.data, "a.txt=one;");
	content = STR("");
	assert_int_equal(end_zip_after_one(t, &c, false, &content), ERR_DENIED);
}

/* ---- the library ---- */

static void test_the_library_has_what_was_sent_and_received(void **state)
{
	struct test *t = *state;
	struct cast c = meet(t);
	const char *own = upload_file(t, c.gabi, "Knie \u00dcbersicht.pdf", "application/pdf", "x");
	t->f.clock.now_ms += 1000;
	const char *file = upload_file(t, c.admin, "a.txt", "text/plain", "Hello world");
	const char *id = give(t, c.admin, file, ",\"options\":{\"no_forward\":true}");
	call(t, "GET", "/api/v1/files", c.gabi, NULL);
	expect(t, 200);
	assert_int_equal(json_array_size(at(t, "items")), 2);
	expect_text(t, "items.0.id", file);
	expect_text(t, "items.0.name", "a.txt");
	expect_text(t, "items.0.from", "Ada Admin");
	assert_true(json_is_false(at(t, "items.0.own")));
	assert_true(json_is_false(at(t, "items.0.can_attach")));
	expect_text(t, "items.1.id", own);
	assert_true(json_is_true(at(t, "items.1.own")));
	assert_true(json_is_true(at(t, "items.1.can_attach")));
	assert_int_equal(json_integer_value(at(t, "used")), 1);
	call(t, "GET", "/api/v1/files?q=ubersicht%20KNIE", c.gabi, NULL);
	assert_int_equal(json_array_size(at(t, "items")), 1);
	expect_text(t, "items.0.id", own);
	call(t, "GET", "/api/v1/files?limit=1", c.gabi, NULL);
	assert_int_equal(json_array_size(at(t, "items")), 1);
	call(t, "GET",
	     arena_printf(&t->f.arena, "/api/v1/files?limit=1&cursor=%s", keep(t, "next_cursor"))
		     .data,
	     c.gabi, NULL);
	expect_text(t, "items.0.id", own);
	assert_null(at(t, "next_cursor"));
	static const char *const bad[] = {"?limit=0", "?cursor=x", "?cursor=", "?cursor=1-2"};
	for (size_t i = 0; i < COUNT(bad); i++) {
		call(t, "GET", arena_printf(&t->f.arena, "/api/v1/files%s", bad[i]).data, c.gabi,
		     NULL);
		expect_type(t, 422, "mistakes");
	}
	call(t, "GET", arena_printf(&t->f.arena, "/api/v1/files/%s", file).data, c.admin, NULL);
	expect(t, 200);
	expect_text(t, "messages.0.id", id);
	expect_text(t, "messages.0.subject", "Results");
	expect_text(t, "messages.0.people", "Somebody");
	assert_true(json_is_true(at(t, "messages.0.mine")));
	/* Out of it: the message keeps it. */
	call(t, "DELETE", arena_printf(&t->f.arena, "/api/v1/files/%s", file).data, c.gabi, NULL);
	expect(t, 204);
	call(t, "GET", arena_printf(&t->f.arena, "/api/v1/files/%s", file).data, c.gabi, NULL);
	expect_type(t, 404, "not-found");
	call(t, "GET", content_of(t, file, ""), c.gabi, NULL);
	expect_content(t, 200, "Hello world");
	/* An upload that no message has is deleted. */
	call(t, "DELETE", arena_printf(&t->f.arena, "/api/v1/files/%s", own).data, c.gabi, NULL);
	expect(t, 204);
	call(t, "GET", content_of(t, own, ""), c.gabi, NULL);
	expect_type(t, 404, "not-found");
	call(t, "GET", "/api/v1/files", c.gabi, NULL);
	assert_int_equal(json_array_size(at(t, "items")), 0);
	assert_int_equal(json_integer_value(at(t, "used")), 0);
}

/* ---- mistakes ---- */

static void test_what_cannot_be_sent_is_told(void **state)
{
	struct test *t = *state;
	struct cast c = meet(t);
	const char *hers = upload_file(t, c.gabi, "a.txt", "text/plain", "x");
	const char *unfinished = upload_file(t, c.admin, "b.txt", "text/plain", NULL);
	const struct {
		const char *path, *files;
	} rows[] = {
		{"/api/v1/messages", "[\"01ARZ3NDEKTSV4RRFFQ69G5FAV\"]"},
		{"/api/v1/messages", arena_printf(&t->f.arena, "[\"%s\"]", hers).data},
		{"/api/v1/messages", arena_printf(&t->f.arena, "[\"%s\"]", unfinished).data},
		{"/api/v1/messages", "[\"x\"]"},
		{"/api/v1/messages", "[1]"},
		{"/api/v1/messages", "\"x\""},
		{"/api/v1/drafts", arena_printf(&t->f.arena, "[\"%s\"]", hers).data},
		{"/api/v1/drafts", "[\"\"]"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		call(t, "POST", rows[i].path, c.admin,
		     arena_printf(&t->f.arena,
				  "{\"to\":[\"gabi@example.org\"],\"subject\":\"s\",\"files\":%s}",
				  rows[i].files)
			     .data);
		expect_type(t, 422, "mistakes");
		if (!has_error(t, "files"))
			fail_msg("%s: %s", rows[i].files, t->answer.body);
	}
	/* Neither text nor file. */
	call(t, "POST", "/api/v1/messages", c.admin,
	     "{\"to\":[\"gabi@example.org\"],\"subject\":\"s\",\"files\":[]}");
	expect_type(t, 422, "mistakes");
	assert_true(has_error(t, "body"));
}

static void test_drafts_and_answers_have_files(void **state)
{
	struct test *t = *state;
	struct cast c = meet(t);
	const char *file = upload_file(t, c.gabi, "a.txt", "text/plain", "Hello world");
	call(t, "GET", "/api/v1/messages", c.gabi, NULL);
	const char *id = keep(t, "items.0.id");
	const char *files = arena_printf(&t->f.arena, "\"files\":[\"%s\"]", file).data;
	call(t, "POST", message_path(t, id, "/reply"), c.gabi,
	     arena_printf(&t->f.arena, "{%s}", files).data);
	expect(t, 201);
	call(t, "GET", message_path(t, keep(t, "id"), ""), c.admin, NULL);
	expect_text(t, "files.0.name", "a.txt");
	call(t, "POST", "/api/v1/drafts", c.gabi,
	     arena_printf(&t->f.arena, "{\"reply_to\":\"%s\",\"to\":[\"admin@example.com\"],%s}",
			  id, files)
		     .data);
	expect(t, 201);
	const char *draft = keep(t, "id");
	call(t, "GET", "/api/v1/drafts", c.gabi, NULL);
	assert_int_equal(json_integer_value(at(t, "items.0.file_count")), 1);
	call(t, "GET", arena_printf(&t->f.arena, "/api/v1/drafts/%s", draft).data, c.gabi, NULL);
	expect_text(t, "files.0", file);
	call(t, "POST", arena_printf(&t->f.arena, "/api/v1/drafts/%s/send", draft).data, c.gabi,
	     NULL);
	expect(t, 201);
}

static void test_damage_is_told_before_the_first_byte(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	const char *file = upload_file(t, admin, "a.txt", "text/plain", "Hello world");
	struct blob_entry *entries;
	size_t count;
	const struct id none = {.text = ""};
	assert_int_equal(blob_list(t->f.portal->blobs, &t->f.arena, &none, 10, &entries, &count),
			 OK);
	assert_int_equal(count, 1);
	assert_int_equal(blob_delete(t->f.portal->blobs, &entries[0].id), OK);
	call(t, "HEAD", content_of(t, file, ""), admin, NULL);
	assert_int_equal(t->answer.status, 200);
	call(t, "GET", content_of(t, file, ""), admin, NULL);
	expect_type(t, 500, "internal");
	assert_non_null(strstr(t->answer.body, "damaged"));
	expect_answer_header(t, "ETag", NULL);
	expect_answer_header(t, "Content-Disposition", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_messages_name_their_files),
		TEST(test_bytes_come_whole_or_in_part),
		TEST(test_nothing_is_shown_that_could_do_harm),
		TEST(test_after_the_recall_it_is_gone),
		TEST(test_confidential_ones_need_the_password),
		TEST(test_all_files_come_as_a_zip),
		TEST(test_a_zip_ends_with_the_session),
		TEST(test_the_library_has_what_was_sent_and_received),
		TEST(test_what_cannot_be_sent_is_told),
		TEST(test_drafts_and_answers_have_files),
		TEST(test_damage_is_told_before_the_first_byte),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("api files", tests, NULL, NULL);
}
