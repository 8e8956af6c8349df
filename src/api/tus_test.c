/* Uploads as any tus client sends them (P5); what needs a connection of its own to go wrong is in
 * tests/e2e/upload.test.mjs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/api_test_support.h"
#include "base/encode.h"
#include "base/limits.h"
#include "core/settings_live.h"
#include "crypto/hashing.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define H(n, v)                                                                                    \
	{                                                                                          \
		STR(n), STR(v)                                                                     \
	}
#define TUS H("Tus-Resumable", "1.0.0")
#define BYTES "application/offset+octet-stream"

static struct str header_of(struct test *t, const char *name)
{
	struct str rest = str_of(t->answer.headers), line;
	struct str start = arena_printf(&t->f.arena, "%s: ", name);
	while (str_next(&rest, '\n', &line))
		if (str_starts_with(line, start))
			return arena_copy(&t->f.arena, str_slice(line, start.len, line.len));
	return STR_NONE;
}

static void expect_header(struct test *t, const char *name, const char *value)
{
	struct str got = header_of(t, name);
	if (!str_eq(got, str_of(value)))
		fail_msg("%s: %.*s, not %s", name, STR_ARGS(got), value);
}

/* The answer to HEAD, or to a change: no JSON. */
static void expect_status(struct test *t, int status)
{
	if (t->answer.status != status)
		fail_msg("%d, not %d: %s", t->answer.status, status, t->answer.body);
	expect_header(t, "Tus-Resumable", "1.0.0");
}

/* The path of a new upload of so many bytes. */
static const char *create(struct test *t, const char *token, const char *bytes)
{
	struct api_call c = {.method = "POST",
			     .path = "/files",
			     .token = token,
			     .headers = {TUS, {STR("Upload-Length"), str_of(bytes)}}};
	api_fixture_call(&t->f, &c, &t->answer);
	expect_status(t, 201);
	return header_of(t, "Location").data;
}

static void patch(struct test *t, const char *token, const char *path, const char *offset,
		  struct str body)
{
	struct api_call c = {.method = "PATCH",
			     .path = path,
			     .token = token,
			     .body = body,
			     .content_type = BYTES,
			     .headers = {TUS, {STR("Upload-Offset"), str_of(offset)}}};
	api_fixture_call(&t->f, &c, &t->answer);
}

static void ask(struct test *t, const char *method, const char *token, const char *path)
{
	struct api_call c = {.method = method, .path = path, .token = token, .headers = {TUS}};
	api_fixture_call(&t->f, &c, &t->answer);
}

static const char *guest_of(struct test *t, const char *admin)
{
	struct str token = STR_NONE;
	call(t, "POST", "/api/v1/messages", admin,
	     "{\"to\":[\"gabi@example.org\"],\"subject\":\"s\",\"body\":\"b\",\"invite_as\":"
	     "\"guest\"}");
	expect(t, 201);
	api_fixture_take_mails(&t->f, "gabi@example.org", &token);
	return api_fixture_register(&t->f, token, "Gabi Guest");
}

static void what_is_spoken_is_told_to_anybody(void **state)
{
	struct test *t = *state;
	static const char *const paths[] = {"/files", "/files/01M82GY140TGTEFV052PT8HWKP"};
	for (size_t i = 0; i < COUNT(paths); i++) {
		struct api_call c = {.method = "OPTIONS", .path = paths[i]};
		api_fixture_call(&t->f, &c, &t->answer);
		expect_status(t, 204);
		expect_header(t, "Tus-Version", "1.0.0");
		expect_header(t, "Tus-Extension",
			      "creation,creation-with-upload,termination,checksum,expiration");
		expect_header(t, "Tus-Max-Size", "5368709120");
		expect_header(t, "Tus-Checksum-Algorithm", "sha256,sha1");
	}
}

static void a_file_is_sent_in_two_requests(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	struct api_call c = {
		.method = "POST",
		.path = "/files",
		.token = admin,
		.headers = {TUS, H("Upload-Length", "11"),
			    H("Upload-Metadata",
			      "filename w4RyenRlLnBkZg==,filetype YXBwbGljYXRpb24vcGRm")}};
	api_fixture_call(&t->f, &c, &t->answer);
	expect_status(t, 201);
	expect_header(t, "Upload-Offset", "0");
	/* 24 h after the fixture's time. */
	expect_header(t, "Upload-Expires", "Mon, 23 Nov 2026 21:00:00 GMT");
	const char *path = header_of(t, "Location").data;
	assert_true(strncmp(path, "/files/", 7) == 0);

	patch(t, admin, path, "0", STR("Hello "));
	expect_status(t, 204);
	expect_header(t, "Upload-Offset", "6");
	assert_true(header_of(t, "Upload-Expires").len > 0);

	ask(t, "HEAD", admin, path);
	expect_status(t, 200);
	expect_header(t, "Upload-Offset", "6");
	expect_header(t, "Upload-Expires", "Mon, 23 Nov 2026 21:00:00 GMT");
	expect_header(t, "Upload-Length", "11");
	expect_header(t, "Upload-Metadata",
		      "filename w4RyenRlLnBkZg==,filetype YXBwbGljYXRpb24vcGRm");
	expect_header(t, "Cache-Control", "no-store");

	patch(t, admin, path, "6", STR("world"));
	expect_status(t, 204);
	expect_header(t, "Upload-Offset", "11");
	expect_header(t, "Upload-Expires", "");
	ask(t, "HEAD", admin, path);
	expect_status(t, 200);
	expect_header(t, "Upload-Offset", "11");
	/* The last answer was lost. */
	patch(t, admin, path, "11", STR(""));
	expect_status(t, 204);
	expect_header(t, "Upload-Offset", "11");
}

/* P5: bad input, one row each. */
static void what_cannot_be_is_refused(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	const char *path = create(t, admin, "100");
	patch(t, admin, path, "0", STR("0123456789"));
	expect_status(t, 204);
	const char *const upload = path;
	const char *const files = "/files";
	const char *const none = "/files/01M82GY140TGTEFV052PT8HWKP";
	const struct {
		const char *what, *method, *path, *content_type, *body;
		struct header headers[API_FIXTURE_OWN_HEADERS];
		int status;
		const char *type;
	} rows[] = {
		{"no version",
		 "POST",
		 files,
		 NULL,
		 NULL,
		 {H("Upload-Length", "1")},
		 412,
		 "bad-tus-version"},
		{"another version",
		 "POST",
		 files,
		 NULL,
		 NULL,
		 {H("Tus-Resumable", "0.2.2"), H("Upload-Length", "1")},
		 412,
		 "bad-tus-version"},
		{"two versions",
		 "POST",
		 files,
		 NULL,
		 NULL,
		 {TUS, TUS, H("Upload-Length", "1")},
		 412,
		 "bad-tus-version"},
		{"no version, PATCH",
		 "PATCH",
		 upload,
		 BYTES,
		 "x",
		 {H("Upload-Offset", "10")},
		 412,
		 "bad-tus-version"},
		{"no version, HEAD",
		 "HEAD",
		 upload,
		 NULL,
		 NULL,
		 {{STR_NONE}},
		 412,
		 "bad-tus-version"},
		{"no version, DELETE",
		 "DELETE",
		 upload,
		 NULL,
		 NULL,
		 {{STR_NONE}},
		 412,
		 "bad-tus-version"},
		{"no length", "POST", files, NULL, NULL, {TUS}, 400, "bad-request"},
		{"a length to be told later",
		 "POST",
		 files,
		 NULL,
		 NULL,
		 {TUS, H("Upload-Defer-Length", "1")},
		 400,
		 "bad-request"},
		{"a part of a file that is put together later",
		 "POST",
		 files,
		 NULL,
		 NULL,
		 {TUS, H("Upload-Length", "1"), H("Upload-Concat", "partial")},
		 400,
		 "bad-request"},
		{"a negative length",
		 "POST",
		 files,
		 NULL,
		 NULL,
		 {TUS, H("Upload-Length", "-1")},
		 400,
		 "bad-request"},
		{"two lengths",
		 "POST",
		 files,
		 NULL,
		 NULL,
		 {TUS, H("Upload-Length", "1"), H("Upload-Length", "2")},
		 400,
		 "bad-request"},
		{"a length over the setting",
		 "POST",
		 files,
		 NULL,
		 NULL,
		 {TUS, H("Upload-Length", "5368709121")},
		 413,
		 "too-large"},
		{"the largest length",
		 "POST",
		 files,
		 NULL,
		 NULL,
		 {TUS, H("Upload-Length", "9223372036854775807")},
		 413,
		 "too-large"},
		{"a length beyond all numbers",
		 "POST",
		 files,
		 NULL,
		 NULL,
		 {TUS, H("Upload-Length", "99999999999999999999999")},
		 413,
		 "too-large"},
		{"metadata that is none",
		 "POST",
		 files,
		 NULL,
		 NULL,
		 {TUS, H("Upload-Length", "1"), H("Upload-Metadata", "filename a.pdf")},
		 400,
		 "bad-request"},
		{"a checksum that is none",
		 "POST",
		 files,
		 NULL,
		 NULL,
		 {TUS, H("Upload-Length", "1"), H("Upload-Checksum", "md5 AAAA")},
		 400,
		 "bad-request"},
		{"bytes of another type",
		 "POST",
		 files,
		 "text/plain",
		 "x",
		 {TUS, H("Upload-Length", "1")},
		 415,
		 "bad-content-type"},
		{"more bytes than the length",
		 "POST",
		 files,
		 BYTES,
		 "xy",
		 {TUS, H("Upload-Length", "1")},
		 413,
		 "too-large"},

		{"no offset", "PATCH", upload, BYTES, "x", {TUS}, 400, "bad-request"},
		{"a negative offset",
		 "PATCH",
		 upload,
		 BYTES,
		 "x",
		 {TUS, H("Upload-Offset", "-1")},
		 400,
		 "bad-request"},
		{"a huge offset",
		 "PATCH",
		 upload,
		 BYTES,
		 "x",
		 {TUS, H("Upload-Offset", "99999999999999999999")},
		 413,
		 "too-large"},
		{"too low an offset",
		 "PATCH",
		 upload,
		 BYTES,
		 "x",
		 {TUS, H("Upload-Offset", "9")},
		 409,
		 "wrong-offset"},
		{"too high an offset",
		 "PATCH",
		 upload,
		 BYTES,
		 "x",
		 {TUS, H("Upload-Offset", "11")},
		 409,
		 "wrong-offset"},
		{"the largest offset",
		 "PATCH",
		 upload,
		 BYTES,
		 "x",
		 {TUS, H("Upload-Offset", "9223372036854775807")},
		 409,
		 "wrong-offset"},
		{"no type",
		 "PATCH",
		 upload,
		 "",
		 "x",
		 {TUS, H("Upload-Offset", "10")},
		 415,
		 "bad-content-type"},
		{"another type",
		 "PATCH",
		 upload,
		 "application/octet-stream",
		 "x",
		 {TUS, H("Upload-Offset", "10")},
		 415,
		 "bad-content-type"},
		{"more than is to come",
		 "PATCH",
		 upload,
		 BYTES,
		 "0123456789012345678901234567890123456789012345678901234567890123456789"
		 "012345678901234567890",
		 {TUS, H("Upload-Offset", "10")},
		 413,
		 "too-large"},
		{"a wrong SHA-1",
		 "PATCH",
		 upload,
		 BYTES,
		 "x",
		 {TUS, H("Upload-Offset", "10"),
		  H("Upload-Checksum", "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=")},
		 460,
		 "bad-checksum"},
		{"a wrong SHA-256",
		 "PATCH",
		 upload,
		 BYTES,
		 "x",
		 {TUS, H("Upload-Offset", "10"),
		  H("Upload-Checksum", "sha256 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")},
		 460,
		 "bad-checksum"},
		{"a checksum of nobody's",
		 "PATCH",
		 upload,
		 BYTES,
		 "x",
		 {TUS, H("Upload-Offset", "10"), H("Upload-Checksum", "crc32 AAAA")},
		 400,
		 "bad-request"},
		{"what is not there",
		 "PATCH",
		 none,
		 BYTES,
		 "x",
		 {TUS, H("Upload-Offset", "0")},
		 404,
		 "not-found"},
		{"what is no id",
		 "PATCH",
		 "/files/x",
		 BYTES,
		 "x",
		 {TUS, H("Upload-Offset", "0")},
		 404,
		 "not-found"},
		{"what is not there, HEAD", "HEAD", none, NULL, NULL, {TUS}, 404, "not-found"},
		{"what is not there, DELETE", "DELETE", none, NULL, NULL, {TUS}, 404, "not-found"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct api_call c = {.method = rows[i].method,
				     .path = rows[i].path,
				     .token = admin,
				     .body = str_of(rows[i].body),
				     .content_type = rows[i].content_type};
		memcpy(c.headers, rows[i].headers, sizeof(c.headers));
		api_fixture_call(&t->f, &c, &t->answer);
		if (t->answer.status != rows[i].status)
			fail_msg("%s: %d %s", rows[i].what, t->answer.status, t->answer.body);
		expect_type(t, rows[i].status, rows[i].type);
		expect_header(t, "Tus-Resumable", "1.0.0");
		if (rows[i].status == 412)
			expect_header(t, "Tus-Version", "1.0.0");
	}
	ask(t, "HEAD", admin, path);
	expect_header(t, "Upload-Offset", "10");
	/* And nothing of what was refused is left. */
	call(t, "GET", "/api/v1/me", admin, NULL);
	assert_int_equal(json_integer_value(at(t, "uploads.used_bytes")), 100);
}

static void more_than_announced_in_chunks_is_not_taken(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	const char *path = create(t, admin, "5");
	struct api_call c = {.method = "PATCH",
			     .path = path,
			     .token = admin,
			     .body = STR("012345"),
			     .content_type = BYTES,
			     .is_of_unknown_length = true,
			     .headers = {TUS, H("Upload-Offset", "0")}};
	api_fixture_call(&t->f, &c, &t->answer);
	expect_type(t, 413, "too-large");
	expect_text(t, "detail",
		    "More came than this file was said to have. Please upload it again.");
	c.body = STR("01234");
	api_fixture_call(&t->f, &c, &t->answer);
	expect_status(t, 204);
	expect_header(t, "Upload-Offset", "5");
}

static void a_file_is_made_and_sent_at_once(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	static const struct {
		const char *what, *length, *body, *checksum;
		int status;
		const char *offset;
	} rows[] = {
		{"all of it", "5", "01234", "", 201, "5"},
		{"a part of it", "5", "012", "", 201, "3"},
		{"nothing of nothing", "0", "", "", 201, "0"},
		{"with its sum", "5", "hello", "sha1 qvTGHdzF6KLavt4PO0gs2a6pQ00=", 201, "5"},
		{"with a wrong sum", "5", "hallo", "sha1 qvTGHdzF6KLavt4PO0gs2a6pQ00=", 460, ""},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct api_call c = {
			.method = "POST",
			.path = "/files",
			.token = admin,
			.body = str_of(rows[i].body),
			.content_type = BYTES,
			.headers = {TUS,
				    {STR("Upload-Length"), str_of(rows[i].length)},
				    {STR("Upload-Checksum"), str_of(rows[i].checksum)}}};
		api_fixture_call(&t->f, &c, &t->answer);
		if (t->answer.status != rows[i].status)
			fail_msg("%s: %d %s", rows[i].what, t->answer.status, t->answer.body);
		expect_header(t, "Upload-Offset", rows[i].offset);
		if (rows[i].status != 201)
			continue;
		ask(t, "HEAD", admin, header_of(t, "Location").data);
		expect_status(t, 200);
		expect_header(t, "Upload-Offset", rows[i].offset);
	}
	call(t, "GET", "/api/v1/me", admin, NULL);
	assert_int_equal(json_integer_value(at(t, "uploads.used_bytes")), 15);
}

static void names_are_told_as_they_are_kept(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	static const struct {
		const char *what, *sent, *kept;
	} rows[] = {
		{"a path", "../../etc/passwd", "passwd"},
		{"a path of Windows", "C:\\scans\\a.pdf", "a.pdf"},
		{"a newline", "a\r\nb.pdf", "ab.pdf"},
		{"a right-to-left override", "a\u202efdp.exe", "afdp.exe"},
		{"nothing", "", "file"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena *arena = &t->f.arena;
		struct str sent = encode_base64(arena, str_of(rows[i].sent));
		struct str kept = encode_base64(arena, str_of(rows[i].kept));
		struct str metadata = arena_printf(arena, "filename %.*s", STR_ARGS(sent));
		struct api_call c = {.method = "POST",
				     .path = "/files",
				     .token = admin,
				     .headers = {TUS,
						 H("Upload-Length", "1"),
						 {STR("Upload-Metadata"), metadata}}};
		api_fixture_call(&t->f, &c, &t->answer);
		expect_status(t, 201);
		ask(t, "HEAD", admin, header_of(t, "Location").data);
		expect_header(
			t, "Upload-Metadata",
			arena_printf(arena,
				     "filename %.*s,filetype YXBwbGljYXRpb24vb2N0ZXQtc3RyZWFt",
				     STR_ARGS(kept))
				.data);
	}
	/* 10 KB of name; over a connection the header is too long already. */
	struct str longest = long_body(t, "filename ", "QUFB", 10000 / 3, "");
	struct api_call c = {
		.method = "POST",
		.path = "/files",
		.token = admin,
		.headers = {TUS, H("Upload-Length", "1"), {STR("Upload-Metadata"), longest}}};
	api_fixture_call(&t->f, &c, &t->answer);
	expect_type(t, 413, "too-large");
}

static void limits_have_their_sentences(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	struct settings settings = *t->f.portal->settings;
	settings.file_max_bytes = 1000;
	settings.quota_bytes = 1500;
	settings.blocked_endings = STR("exe");
	assert_int_equal(settings_live_set(t->f.portal, &settings), OK);
	create(t, admin, "1000");
	const struct {
		const char *what, *length, *metadata;
		int status;
		const char *type, *sentence;
	} rows[] = {
		{"too large", "1001", "", 413, "too-large",
		 "A file can have at most 1 kB here. Please make this one smaller, or send it in "
		 "several parts."},
		{"over the quota", "501", "", 413, "too-large",
		 "With this file yours would take more than the 1.5 kB that you have here. Please "
		 "delete some from your library first."},
		{"a blocked ending", "1", "filename YS5FWEU=", 403, "denied",
		 "Files whose names end in .exe are not accepted here, because they can do harm "
		 "when they are opened. Please ask an administrator if this one has to be sent."},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct api_call c = {
			.method = "POST",
			.path = "/files",
			.token = admin,
			.headers = {TUS,
				    {STR("Upload-Length"), str_of(rows[i].length)},
				    {STR("Upload-Metadata"), str_of(rows[i].metadata)}}};
		api_fixture_call(&t->f, &c, &t->answer);
		expect_type(t, rows[i].status, rows[i].type);
		expect_text(t, "detail", rows[i].sentence);
	}
	call(t, "GET", "/api/v1/me", admin, NULL);
	expect(t, 200);
	assert_int_equal(json_integer_value(at(t, "uploads.file_max_bytes")), 1000);
	assert_int_equal(json_integer_value(at(t, "uploads.message_max_bytes")), INT64_C(20) << 30);
	assert_int_equal(json_integer_value(at(t, "uploads.quota_bytes")), 1500);
	assert_int_equal(json_integer_value(at(t, "uploads.used_bytes")), 1000);
	expect_text(t, "uploads.blocked_endings.0", "exe");
}

static void an_upload_expires(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	const char *path = create(t, admin, "10");
	t->f.clock.now_ms += LIMIT_UPLOAD_HOURS * HOUR_MS;
	call(t, "POST", "/api/v1/session", NULL,
	     arena_printf(&t->f.arena, "{\"email\":\"admin@example.com\",\"password\":\"%s\"}",
			  api_fixture_password)
		     .data);
	admin = keep(t, "token");
	ask(t, "HEAD", admin, path);
	expect_type(t, 410, "gone");
	patch(t, admin, path, "0", STR("x"));
	expect_type(t, 410, "gone");
	ask(t, "DELETE", admin, path);
	expect_status(t, 204);
	ask(t, "HEAD", admin, path);
	expect_type(t, 404, "not-found");
}

static void an_upload_is_ended(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	for (int sent = 0; sent <= 10; sent += 5) {
		const char *path = create(t, admin, "10");
		patch(t, admin, path, "0", str_slice(STR("0123456789"), 0, (size_t)sent));
		expect_status(t, 204);
		ask(t, "DELETE", admin, path);
		expect_status(t, 204);
		ask(t, "HEAD", admin, path);
		expect_type(t, 404, "not-found");
		patch(t, admin, path, "5", STR("x"));
		expect_type(t, 404, "not-found");
	}
}

/* Whether there is one is told to nobody. */
static void an_upload_is_its_owners_alone(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	const char *guest = guest_of(t, admin);
	const char *path = create(t, admin, "10");
	const char *const none = "/files/01M82GY140TGTEFV052PT8HWKP";
	static const char *const methods[] = {"HEAD", "DELETE", "PATCH"};
	for (size_t i = 0; i < COUNT(methods); i++) {
		struct str answers[2];
		for (int is_there = 0; is_there < 2; is_there++) {
			const char *asked = is_there ? path : none;
			if (strcmp(methods[i], "PATCH") == 0)
				patch(t, guest, asked, "0", STR("x"));
			else
				ask(t, methods[i], guest, asked);
			expect_type(t, 404, "not-found");
			answers[is_there] = arena_printf(&t->f.arena, "%s%s", t->answer.headers,
							 t->answer.body);
		}
		assert_true(str_eq(answers[0], answers[1]));
		ask(t, methods[i], NULL, path);
		expect_type(t, 401, "not-signed-in");
	}
	ask(t, "POST", NULL, "/files");
	expect_type(t, 401, "not-signed-in");
	ask(t, "HEAD", admin, path);
	expect_status(t, 200);
	/* Guests send files too. */
	path = create(t, guest, "1");
	patch(t, guest, path, "0", STR("x"));
	expect_status(t, 204);
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		TEST(what_is_spoken_is_told_to_anybody),
		TEST(a_file_is_sent_in_two_requests),
		TEST(what_cannot_be_is_refused),
		TEST(more_than_announced_in_chunks_is_not_taken),
		TEST(a_file_is_made_and_sent_at_once),
		TEST(names_are_told_as_they_are_kept),
		TEST(limits_have_their_sentences),
		TEST(an_upload_expires),
		TEST(an_upload_is_ended),
		TEST(an_upload_is_its_owners_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
