/* The API through dispatch(), on a real portal: from set-up to a guest's answer, and every bad
 * input. */
#include "api/api_fixture.h"

#include "api/api.h"
#include "api/problem.h"
#include "base/limits.h"
#include "core/people.h"
#include "core/register.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct test {
	struct api_fixture f;
	struct api_answer answer;
};

static int set_up_portal(void **state, bool is_postgres, enum custody custody)
{
	struct test *t = calloc(1, sizeof(*t));
	api_fixture_init(&t->f, is_postgres, custody);
	*state = t;
	return 0;
}

static int set_up(void **state)
{
	return set_up_portal(state, false, CUSTODY_MANAGED);
}

static int set_up_strict(void **state)
{
	return set_up_portal(state, false, CUSTODY_STRICT);
}

static int set_up_postgres(void **state)
{
	if (store_fixture_has_postgres())
		return set_up_portal(state, true, CUSTODY_MANAGED);
	*state = NULL;
	return 0;
}

static int tear_down(void **state)
{
	struct test *t = *state;
	if (t == NULL)
		return 0;
	api_fixture_answer_release(&t->answer);
	api_fixture_release(&t->f);
	free(t);
	return 0;
}

/* ---- words for the tests ---- */

static void call(struct test *t, const char *method, const char *path, const char *token,
		 const char *body)
{
	struct api_call c = {.method = method, .path = path, .token = token, .body = str_of(body)};
	api_fixture_call(&t->f, &c, &t->answer);
}

static void expect(struct test *t, int status)
{
	if (t->answer.status != status)
		fail_msg("%d, not %d: %s", t->answer.status, status, t->answer.body);
	if (status == 204)
		return;
	assert_non_null(t->answer.json);
	assert_string_equal(t->answer.content_type,
			    status >= 400 ? "application/problem+json" : "application/json");
	if (status < 400)
		return;
	assert_int_equal(json_integer_value(json_object_get(t->answer.json, "status")), status);
	assert_true(json_string_length(json_object_get(t->answer.json, "title")) > 0);
	assert_true(json_string_length(json_object_get(t->answer.json, "detail")) > 0);
}

static void expect_type(struct test *t, int status, const char *type)
{
	expect(t, status);
	const char *got = json_string_value(json_object_get(t->answer.json, "type"));
	assert_true(strncmp(got, "urn:postern:problem:", 20) == 0);
	assert_string_equal(got + 20, type);
}

/* "a.0.b" of the answer; NULL if there is none. */
static json_t *at(struct test *t, const char *path)
{
	json_t *value = t->answer.json;
	struct str rest = str_of(path);
	struct str step;
	while (value && str_next(&rest, '.', &step)) {
		int64_t index;
		if (str_to_int(step, &index))
			value = json_array_get(value, (size_t)index);
		else
			value = json_object_get(value, arena_cstr(&t->f.arena, step));
	}
	return value;
}

static void expect_text(struct test *t, const char *path, const char *want)
{
	const char *got = json_string_value(at(t, path));
	if (got == NULL || strcmp(got, want) != 0)
		fail_msg("%s is %s in %s", path, got ? got : "no text", t->answer.body);
}

static bool has_error(struct test *t, const char *field)
{
	size_t i;
	json_t *error;
	json_array_foreach(at(t, "errors"), i, error)
	{
		if (strcmp(json_string_value(json_object_get(error, "field")), field) == 0)
			return json_string_length(json_object_get(error, "detail")) > 0;
	}
	return false;
}

static const char *keep(struct test *t, const char *path)
{
	const char *text = json_string_value(at(t, path));
	assert_non_null(text);
	return arena_cstr(&t->f.arena, str_of(text));
}

static const char *message_path(struct test *t, const char *id, const char *after)
{
	return arena_printf(&t->f.arena, "/api/v1/messages/%s%s", id, after).data;
}

static const char *sign_in_admin(struct test *t)
{
	return api_fixture_register(&t->f, t->f.set_up_token, "Ada Admin");
}

/* ---- the whole story (issue, "the same story through the API alone") ---- */

static void test_story(void **state)
{
	struct test *t = *state;
	struct str link = STR_NONE;
	if (t == NULL)
		skip();
	const char *admin = sign_in_admin(t);
	call(t, "GET", "/api/v1/me", admin, NULL);
	expect(t, 200);
	expect_text(t, "email", "admin@example.com");
	expect_text(t, "grade", "professional");
	expect_text(t, "role", "administrator");
	expect_text(t, "state", "active");

	call(t, "POST", "/api/v1/messages", admin,
	     "{\"to\":[\"Gabi <gabi@example.org>\"],\"subject\":\"Your results\",\"body\":\"All "
	     "**well**. \\u2028<b>\"}");
	expect(t, 201);
	expect_text(t, "recipients.0.email", "gabi@example.org");
	expect_text(t, "recipients.0.state", "invited");
	const char *first = keep(t, "id");

	/* P2.3: a notification and an invitation. */
	assert_int_equal(api_fixture_take_mails(&t->f, "gabi@example.org", &link), 2);
	assert_true(link.len > 0);
	const char *registration =
		arena_printf(&t->f.arena, "/api/v1/registrations/%.*s", STR_ARGS(link)).data;
	for (int i = 0; i < 2; i++) { /* P2.5: looking spends nothing */
		call(t, "GET", registration, NULL, NULL);
		expect(t, 200);
		expect_text(t, "state", "good");
		expect_text(t, "email", "gabi@example.org");
		expect_text(t, "inviter", "Ada Admin");
		expect_text(t, "grade", "guest");
		assert_int_equal(json_integer_value(at(t, "waiting")), 1);
		assert_int_equal(json_string_length(at(t, "expires_at")),
				 strlen("2026-11-22T21:05:00.000Z"));
	}
	call(t, "POST", registration, NULL,
	     "{\"name\":\"Gabi Guest\",\"password\":\"copper lantern river oat\"}");
	expect(t, 201);
	expect_text(t, "user.grade", "guest");
	expect_text(t, "message_id", first);
	assert_true(json_string_length(at(t, "recovery_code")) > 25);
	const char *guest = keep(t, "token");

	call(t, "GET", "/api/v1/messages", guest, NULL);
	expect(t, 200);
	expect_text(t, "items.0.id", first);
	expect_text(t, "items.0.subject", "Your results");
	assert_true(json_is_true(at(t, "items.0.unread")));
	assert_null(at(t, "items.0.people"));
	/* HEAD opens nothing. */
	call(t, "HEAD", message_path(t, first, ""), guest, NULL);
	assert_int_equal(t->answer.status, 200);
	call(t, "GET", "/api/v1/messages", guest, NULL);
	assert_true(json_is_true(at(t, "items.0.unread")));
	call(t, "GET", message_path(t, first, ""), guest, NULL);
	expect(t, 200);
	expect_text(t, "body", "All **well**. \xe2\x80\xa8<b>");
	assert_null(strchr(t->answer.body, '<'));
	expect_text(t, "from.name", "Ada Admin");
	expect_text(t, "to.0.email", "gabi@example.org");
	assert_null(at(t, "recipients"));

	call(t, "POST", message_path(t, first, "/reply"), guest, "{\"body\":\"Thank you.\"}");
	expect(t, 201);
	expect_text(t, "recipients.0.email", "admin@example.com");
	expect_text(t, "recipients.0.state", "delivered");
	const char *answer = keep(t, "id");

	call(t, "GET", "/api/v1/messages?box=inbox", admin, NULL);
	expect(t, 200);
	expect_text(t, "items.0.id", answer);
	expect_text(t, "items.0.subject", "Re: Your results");
	call(t, "GET", message_path(t, answer, ""), admin, NULL);
	expect(t, 200);
	expect_text(t, "body", "Thank you.");
	expect_text(t, "reply_to", first);
	/* The sender sees that it was opened, and that the mail server took the notification. */
	call(t, "GET", message_path(t, first, ""), admin, NULL);
	expect(t, 200);
	expect_text(t, "recipients.0.state", "delivered");
	expect_text(t, "recipients.0.mail", "accepted");
	assert_true(json_is_string(at(t, "recipients.0.opened_at")));

	call(t, "DELETE", "/api/v1/session", guest, NULL);
	expect(t, 204);
	assert_string_equal(t->answer.body, "");
	call(t, "GET", "/api/v1/me", guest, NULL);
	expect_type(t, 401, "not-signed-in");
	assert_non_null(strstr(t->answer.headers, "WWW-Authenticate: Bearer\n"));
	call(t, "POST", "/api/v1/session", NULL,
	     "{\"email\":\"GABI@example.org\",\"password\":\"copper lantern river oat\"}");
	expect(t, 201);
	expect_text(t, "user.name", "Gabi Guest");
	guest = keep(t, "token");
	call(t, "GET", message_path(t, first, ""), guest, NULL);
	expect(t, 200);
	expect_text(t, "subject", "Your results");
}

/* ---- signing in ---- */

static void test_wrong_password_and_unknown_address_are_alike(void **state)
{
	struct test *t = *state;
	static char wrong[sizeof(t->answer.body)];
	sign_in_admin(t);
	call(t, "POST", "/api/v1/session", NULL,
	     "{\"email\":\"admin@example.com\",\"password\":\"wrong\"}");
	expect_type(t, 401, "wrong-password");
	assert_non_null(strstr(t->answer.headers, "WWW-Authenticate: Bearer\n"));
	memcpy(wrong, t->answer.body, sizeof(wrong));
	call(t, "POST", "/api/v1/session", NULL,
	     "{\"email\":\"nobody@example.com\",\"password\":\"wrong\"}");
	expect(t, 401);
	assert_string_equal(t->answer.body, wrong);
	call(t, "POST", "/api/v1/session", NULL,
	     "{\"email\":\"no address\",\"password\":\"wrong\"}");
	expect(t, 401);
	assert_string_equal(t->answer.body, wrong);
}

static void test_guessing_is_slowed(void **state)
{
	struct test *t = *state;
	sign_in_admin(t);
	for (int i = 0; i < 5; i++) {
		call(t, "POST", "/api/v1/session", NULL,
		     "{\"email\":\"admin@example.com\",\"password\":\"wrong\"}");
		expect(t, 401);
	}
	call(t, "POST", "/api/v1/session", NULL,
	     "{\"email\":\"admin@example.com\",\"password\":\"copper lantern river oat\"}");
	expect_type(t, 429, "busy");
	assert_non_null(strstr(t->answer.headers, "Retry-After: 1\n"));
	t->f.clock.now_ms += 1000;
	call(t, "POST", "/api/v1/session", NULL,
	     "{\"email\":\"admin@example.com\",\"password\":\"copper lantern river oat\"}");
	expect(t, 201);
}

static void test_bad_tokens(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	char token[128];
	const char *others[] = {"", "x", token, "%00", "a b", t->f.set_up_token.data};
	strncpy(token, admin, sizeof(token) - 1);
	token[sizeof(token) - 1] = '\0';
	token[40] = token[40] == 'A' ? 'B' : 'A';
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		call(t, "GET", "/api/v1/me", others[i], NULL);
		expect_type(t, 401, "not-signed-in");
	}
}

/* ---- bad input: missing, null, wrong type, too long, unknown ... ---- */

static const struct {
	const char *sentence;
	const char *body;
	int status;
	const char *field; /* named in errors; NULL: another problem */
} bad_messages[] = {
	{"an empty body is no JSON", "", 400, NULL},
	{"a list is no object", "[]", 400, NULL},
	{"a text is no object", "\"x\"", 400, NULL},
	{"trailing text", "{} x", 400, NULL},
	{"a comment", "{/* */}", 400, NULL},
	{"an open object", "{\"to\":[", 400, NULL},
	{"a name twice", "{\"body\":\"a\",\"body\":\"b\"}", 400, NULL},
	{"1e999", "{\"body\":1e999}", 400, NULL},
	{"a huge whole number", "{\"body\":99999999999999999999}", 400, NULL},
	{"a lone surrogate", "{\"body\":\"\\ud800\"}", 400, NULL},
	{"a swapped pair", "{\"body\":\"\\udc00\\ud800\"}", 400, NULL},
	{"NUL in a text", "{\"body\":\"a\\u0000b\"}", 400, NULL},
	{"NUL in a name", "{\"a\\u0000b\":1}", 400, NULL},
	{"broken UTF-8", "{\"body\":\"\xff\"}", 400, NULL},
	{"overlong UTF-8", "{\"body\":\"\xc0\xaf\"}", 400, NULL},
	{"a line end in a text", "{\"body\":\"a\nb\"}", 400, NULL},
	{"nothing at all", "{}", 422, "body"},
	{"no body", "{\"to\":[\"a@example.com\"],\"subject\":\"s\"}", 422, "body"},
	{"no recipient", "{\"subject\":\"s\",\"body\":\"b\"}", 422, "to"},
	{"an empty list of recipients", "{\"to\":[],\"subject\":\"s\",\"body\":\"b\"}", 422, "to"},
	{"recipients as text", "{\"to\":\"a@example.com\",\"subject\":\"s\",\"body\":\"b\"}", 422,
	 "to"},
	{"recipients null", "{\"to\":null,\"subject\":\"s\",\"body\":\"b\"}", 422, "to"},
	{"a number among recipients", "{\"to\":[1],\"subject\":\"s\",\"body\":\"b\"}", 422, "to"},
	{"a list among recipients", "{\"to\":[[]],\"subject\":\"s\",\"body\":\"b\"}", 422, "to"},
	{"an address without @", "{\"to\":[\"anna\"],\"subject\":\"s\",\"body\":\"b\"}", 422, "to"},
	{"two addresses in one entry",
	 "{\"to\":[\"a@example.com,b@example.com\"],\"subject\":\"s\",\"body\":\"b\"}", 422, "to"},
	{"a line end in an address",
	 "{\"to\":[\"a@example.com\\nb@example.com\"],\"subject\":\"s\",\"body\":\"b\"}", 422,
	 "to"},
	{"a line end in a name",
	 "{\"to\":[\"x\\nb@example.com <a@example.com>\"],\"subject\":\"s\",\"body\":\"b\"}", 422,
	 "to"},
	{"a bad address in cc",
	 "{\"to\":[\"a@example.com\"],\"cc\":[\"x\"],\"subject\":\"s\",\"body\":\"b\"}", 422, "cc"},
	{"a bad address in bcc",
	 "{\"to\":[\"a@example.com\"],\"bcc\":[\"x\"],\"subject\":\"s\",\"body\":\"b\"}", 422,
	 "bcc"},
	{"a subject of another type", "{\"to\":[\"a@example.com\"],\"subject\":5,\"body\":\"b\"}",
	 422, "subject"},
	{"a subject null", "{\"to\":[\"a@example.com\"],\"subject\":null,\"body\":\"b\"}", 422,
	 "subject"},
	{"a line end in the subject",
	 "{\"to\":[\"a@example.com\"],\"subject\":\"s\\nBcc: x\",\"body\":\"b\"}", 422, "subject"},
	{"a body true", "{\"to\":[\"a@example.com\"],\"subject\":\"s\",\"body\":true}", 422,
	 "body"},
	{"an empty body", "{\"to\":[\"a@example.com\"],\"subject\":\"s\",\"body\":\"\"}", 422,
	 "body"},
	{"an unknown grade",
	 "{\"to\":[\"a@example.com\"],\"subject\":\"s\",\"body\":\"b\",\"invite_as\":\"boss\"}",
	 422, "invite_as"},
	{"a grade null",
	 "{\"to\":[\"a@example.com\"],\"subject\":\"s\",\"body\":\"b\",\"invite_as\":null}", 422,
	 "invite_as"},
	{"an empty grade",
	 "{\"to\":[\"a@example.com\"],\"subject\":\"s\",\"body\":\"b\",\"invite_as\":\"\"}", 422,
	 "invite_as"},
	{"an unknown field",
	 "{\"to\":[\"a@example.com\"],\"subject\":\"s\",\"body\":\"b\",\"bodi\":\"\"}", 422,
	 "bodi"},
	{"names have one case",
	 "{\"to\":[\"a@example.com\"],\"subject\":\"s\",\"body\":\"b\",\"Body\":\"\"}", 422,
	 "Body"},
	{"an unknown __proto__",
	 "{\"to\":[\"a@example.com\"],\"subject\":\"s\",\"body\":\"b\",\"__proto__\":{}}", 422,
	 "__proto__"},
};

static void test_bad_messages(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	for (size_t i = 0; i < sizeof(bad_messages) / sizeof(bad_messages[0]); i++) {
		call(t, "POST", "/api/v1/messages", admin, bad_messages[i].body);
		if (t->answer.status != bad_messages[i].status)
			fail_msg("%s: %d %s", bad_messages[i].sentence, t->answer.status,
				 t->answer.body);
		expect_type(t, bad_messages[i].status,
			    bad_messages[i].field ? "mistakes" : "not-json");
		if (bad_messages[i].field && !has_error(t, bad_messages[i].field))
			fail_msg("%s: %s", bad_messages[i].sentence, t->answer.body);
	}
	/* Nothing was sent by any of them. */
	assert_int_equal(api_fixture_take_mails(&t->f, NULL, NULL), 0);
	call(t, "GET", "/api/v1/messages?box=sent", admin, NULL);
	expect(t, 200);
	assert_int_equal(json_array_size(at(t, "items")), 0);
}

/* All that is wrong comes in one round. */
static void test_mistakes_come_together(void **state)
{
	static const struct {
		const char *body, *fields; /* in this order */
	} rows[] = {
		{"{\"to\":[\"anna\"],\"subject\":\"\",\"body\":\"\"}", "to body "},
		{"{}", "body to "},
		{"{\"to\":[],\"subject\":5,\"body\":true}", "subject body to "},
		{"{\"to\":[],\"subject\":null,\"body\":\" \"}", "subject to body "},
		{"{\"to\":[\"a@example.com\"],\"cc\":[\"x\"],\"bcc\":[\"y\"],\"body\":\"\"}",
		 "cc bcc body "},
		{"{\"cc\":\"a@example.com\",\"body\":\"b\"}", "cc "},
		{"{\"to\":[1],\"subject\":\"a\\nb\",\"bodi\":\"b\",\"body\":\"b\"}",
		 "to bodi subject "},
	};
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str fields = STR("");
		size_t k;
		json_t *error;
		call(t, "POST", "/api/v1/messages", admin, rows[i].body);
		expect_type(t, 422, "mistakes");
		json_array_foreach(at(t, "errors"), k, error)
		{
			fields = arena_printf(&t->f.arena, "%.*s%s ", STR_ARGS(fields),
					      json_string_value(json_object_get(error, "field")));
		}
		if (!str_eq(fields, str_of(rows[i].fields)))
			fail_msg("%s: %.*s", rows[i].body, STR_ARGS(fields));
	}
	assert_int_equal(api_fixture_take_mails(&t->f, NULL, NULL), 0);
}

static void test_a_subject_may_be_missing(void **state)
{
	struct test *t = *state;
	const char *const bodies[] = {
		"{\"to\":[\"gabi@example.org\"],\"body\":\"b\"}",
		"{\"to\":[\"gabi@example.org\"],\"subject\":\"\",\"body\":\"b\"}",
	};
	const char *admin = sign_in_admin(t);
	for (size_t i = 0; i < 2; i++) {
		call(t, "POST", "/api/v1/messages", admin, bodies[i]);
		expect(t, 201);
		call(t, "GET", message_path(t, keep(t, "id"), ""), admin, NULL);
		expect(t, 200);
		expect_text(t, "subject", "");
		expect_text(t, "body", "b");
		assert_true(json_is_false(at(t, "unreadable")));
	}
}

/* `piece` as often as said, between a start and an end. */
static struct str long_body(struct test *t, const char *start, const char *piece, size_t count,
			    const char *end)
{
	struct buf buf;
	buf_init(&buf, 8 << 20);
	buf_add(&buf, str_of(start));
	for (size_t i = 0; i < count; i++)
		buf_add(&buf, str_of(piece));
	buf_add(&buf, str_of(end));
	assert_int_equal(buf.err, OK);
	struct str body = arena_copy(&t->f.arena, buf_str(&buf));
	assert_true(body.len > 0);
	buf_release(&buf);
	return body;
}

static void test_large_messages(void **state)
{
	const char *rest = "],\"subject\":\"s\",\"body\":\"b\"}";
	struct test *t = *state;
	const struct {
		const char *sentence;
		struct str body;
		int status;
		const char *field;
	} rows[] = {
		{"depth 10,000", long_body(t, "{\"to\":", "[", 10000, ""), 400, NULL},
		{"depth 33", long_body(t, "{\"to\":", "[", 32, "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}"),
		 400, NULL},
		{"depth 32", long_body(t, "{\"to\":", "[", 31, "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}"),
		 422, "to"},
		{"brackets in a text have no depth",
		 long_body(t, "{\"body\":\"\\\"", "[", 10000, "\"}"), 422, "to"},
		{"10,000 recipients",
		 long_body(t, "{\"to\":[\"a@example.com\"", ",\"a@example.com\"", 9999, rest), 422,
		 "to"},
		{"501 recipients",
		 long_body(t, "{\"to\":[\"a@example.com\"", ",\"a@example.com\"", 500, rest), 422,
		 "to"},
		{"a million values", long_body(t, "{\"to\":[0", ",0", 1000000, "]}"), 413, NULL},
		{"a subject of 200 KB",
		 long_body(t, "{\"to\":[\"a@example.com\"],\"body\":\"b\",\"subject\":\"", "s",
			   200000, "\"}"),
		 422, "subject"},
		{"a body over the limit",
		 long_body(t, "{\"to\":[\"a@example.com\"],\"subject\":\"s\",\"body\":\"", "b",
			   LIMIT_BODY_BYTES + 1, "\"}"),
		 422, "body"},
		{"a request over the limit",
		 long_body(t, "{\"body\":\"", "b", LIMIT_BODY_MESSAGE, "\"}"), 413, NULL},
		{"a thousand unknown fields end in twenty errors",
		 long_body(t, "{\"body\":[", "{},", 1000, "0]}"), 422, "body"},
	};
	const char *admin = sign_in_admin(t);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct api_call c = {.method = "POST",
				     .path = "/api/v1/messages",
				     .token = admin,
				     .body = rows[i].body};
		api_fixture_call(&t->f, &c, &t->answer);
		if (t->answer.status != rows[i].status)
			fail_msg("%s: %d %s", rows[i].sentence, t->answer.status, t->answer.body);
		expect(t, rows[i].status);
		if (rows[i].field && !has_error(t, rows[i].field))
			fail_msg("%s: %s", rows[i].sentence, t->answer.body);
	}
	assert_int_equal(api_fixture_take_mails(&t->f, NULL, NULL), 0);
}

static void test_content_types(void **state)
{
	static const struct {
		const char *type;
		int status;
	} rows[] = {
		{"application/json; charset=utf-8", 422},
		{"Application/JSON", 422},
		{"text/plain", 415},
		{"application/x-www-form-urlencoded", 415},
		{"application/jsonx", 415},
		{"", 415},
	};
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct api_call c = {.method = "POST",
				     .path = "/api/v1/messages",
				     .token = admin,
				     .body = STR("{}"),
				     .content_type = rows[i].type};
		api_fixture_call(&t->f, &c, &t->answer);
		expect(t, rows[i].status);
	}
}

static void test_idempotency(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	struct api_call c = {
		.method = "POST",
		.path = "/api/v1/messages",
		.token = admin,
		.idempotency_key = "one",
		.body = STR("{\"to\":[\"gabi@example.org\"],\"subject\":\"s\",\"body\":\"b\"}")};
	api_fixture_call(&t->f, &c, &t->answer);
	expect(t, 201);
	const char *id = keep(t, "id");
	assert_int_equal(api_fixture_take_mails(&t->f, NULL, NULL), 2);
	api_fixture_call(&t->f, &c, &t->answer);
	expect(t, 201);
	expect_text(t, "id", id);
	expect_text(t, "recipients.0.email", "gabi@example.org");
	assert_int_equal(api_fixture_take_mails(&t->f, NULL, NULL), 0);
	/* To several, oneself and somebody known among them: the very same answer. */
	c.idempotency_key = "several";
	c.body = STR("{\"to\":[\"zoe@example.org\",\"Gabi@EXAMPLE.org\",\"admin@example.com\"],"
		     "\"cc\":[\"amy@example.org\"],\"subject\":\"s\",\"body\":\"b\"}");
	api_fixture_call(&t->f, &c, &t->answer);
	expect(t, 201);
	assert_int_equal(json_array_size(at(t, "recipients")), 3);
	expect_text(t, "recipients.0.email", "zoe@example.org");
	expect_text(t, "recipients.2.email", "amy@example.org");
	const char *answer = arena_cstr(&t->f.arena, str_of(t->answer.body));
	api_fixture_call(&t->f, &c, &t->answer);
	expect(t, 201);
	assert_string_equal(t->answer.body, answer);
	c.idempotency_key = "one";
	c.body = STR("{\"to\":[\"gabi@example.org\"],\"subject\":\"s\",\"body\":\"other\"}");
	api_fixture_call(&t->f, &c, &t->answer);
	expect(t, 422);
	assert_true(has_error(t, "idempotency_key"));
	c.idempotency_key = "";
	api_fixture_call(&t->f, &c, &t->answer);
	expect(t, 422);
	c.idempotency_key = "two words";
	api_fixture_call(&t->f, &c, &t->answer);
	expect(t, 422);
	c.idempotency_key = long_body(t, "", "k", 256, "").data;
	api_fixture_call(&t->f, &c, &t->answer);
	expect(t, 422);
	assert_true(has_error(t, "idempotency_key"));
	c.idempotency_key = long_body(t, "", "k", 255, "").data;
	api_fixture_call(&t->f, &c, &t->answer);
	expect(t, 201);
}

static void test_sending_is_limited_by_the_hour(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	const char *message = "{\"to\":[\"gabi@example.org\"],\"subject\":\"s\",\"body\":\"b\"}";
	t->f.portal->settings.messages_per_hour_professional = 1;
	call(t, "POST", "/api/v1/messages", admin, message);
	expect(t, 201);
	call(t, "POST", "/api/v1/messages", admin, message);
	expect_type(t, 429, "busy");
	assert_non_null(strstr(t->answer.headers, "Retry-After: 60\n"));
	assert_non_null(strstr(t->answer.body, "within the last hour"));
	/* Each full hour begins anew. */
	t->f.clock.now_ms += HOUR_MS;
	call(t, "POST", "/api/v1/messages", admin, message);
	expect(t, 201);
}

/* ---- lists ---- */

static void test_lists(void **state)
{
	static const struct {
		const char *path;
		const char *field;
	} bad[] = {
		{"/api/v1/messages?box=trash", "box"},
		{"/api/v1/messages?box=", "box"},
		{"/api/v1/messages?limit=0", "limit"},
		{"/api/v1/messages?limit=201", "limit"},
		{"/api/v1/messages?limit=-1", "limit"},
		{"/api/v1/messages?limit=ten", "limit"},
		{"/api/v1/messages?limit=5&limit=5", "limit"},
		{"/api/v1/messages?cursor=zzz", "cursor"},
		{"/api/v1/messages?cursor=", "cursor"},
	};
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		call(t, "GET", bad[i].path, admin, NULL);
		expect_type(t, 422, "mistakes");
		assert_true(has_error(t, bad[i].field));
	}
	for (int i = 0; i < 5; i++) {
		t->f.clock.now_ms += 1000;
		call(t, "POST", "/api/v1/messages", admin,
		     arena_printf(&t->f.arena,
				  "{\"to\":[\"gabi@example.org\"],\"subject\":\"number "
				  "%d\",\"body\":\"b\"}",
				  i)
			     .data);
		expect(t, 201);
	}
	/* Whom it went to is told of what was sent, as the page does. */
	call(t, "GET", "/api/v1/messages?box=sent", admin, NULL);
	expect_text(t, "items.0.people", "gabi@example.org");
	assert_int_equal(json_integer_value(at(t, "items.0.people_more")), 0);
	const char *path = "/api/v1/messages?box=sent&limit=2";
	for (int i = 4; i >= 0; i -= 2) {
		call(t, "GET", path, admin, NULL);
		expect(t, 200);
		assert_int_equal(json_array_size(at(t, "items")), i > 0 ? 2 : 1);
		expect_text(t, "items.0.subject", arena_printf(&t->f.arena, "number %d", i).data);
		if (i == 0)
			break;
		path = arena_printf(&t->f.arena, "/api/v1/messages?box=sent&limit=2&cursor=%s",
				    keep(t, "next_cursor"))
			       .data;
	}
	assert_null(at(t, "next_cursor"));
}

/* ---- what is not yours ---- */

static void test_foreign_and_unknown_ids_are_alike(void **state)
{
	struct test *t = *state;
	struct str gabi = STR_NONE, otto = STR_NONE;
	static char body[sizeof(t->answer.body)];
	const char *admin = sign_in_admin(t);
	call(t, "POST", "/api/v1/messages", admin,
	     "{\"to\":[\"gabi@example.org\"],\"subject\":\"s\",\"body\":\"b\"}");
	expect(t, 201);
	const char *id = keep(t, "id");
	api_fixture_take_mails(&t->f, "gabi@example.org", &gabi);
	call(t, "POST", "/api/v1/messages", admin,
	     "{\"to\":[\"otto@example.org\"],\"subject\":\"s\",\"body\":\"b\"}");
	api_fixture_take_mails(&t->f, "otto@example.org", &otto);
	const char *guest = api_fixture_register(&t->f, otto, "Otto");
	call(t, "GET", message_path(t, "01ARZ3NDEKTSV4RRFFQ69G5FAV", ""), guest, NULL);
	expect_type(t, 404, "not-found");
	memcpy(body, t->answer.body, sizeof(body));
	const char *others[] = {id, "01arz3ndektsv4rrffq69g5fav", "x", "%2e%2e",
				"81ARZ3NDEKTSV4RRFFQ69G5FAV"};
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		call(t, "GET", message_path(t, others[i], ""), guest, NULL);
		expect(t, 404);
		assert_string_equal(t->answer.body, body);
		call(t, "POST", message_path(t, others[i], "/reply"), guest, "{\"body\":\"b\"}");
		expect(t, 404);
		assert_string_equal(t->answer.body, body);
	}
	call(t, "GET", "/api/v1/nothing", guest, NULL);
	expect_type(t, 404, "not-found");
	call(t, "PUT", "/api/v1/me", guest, NULL);
	expect_type(t, 405, "bad-method");
	assert_non_null(strstr(t->answer.headers, "Allow: GET"));
}

static void test_refusals_of_the_layers_below(void **state)
{
	static const struct {
		int status;
		const char *type;
	} rows[] = {
		{400, "bad-request"}, {414, "bad-request"}, {431, "bad-request"},
		{505, "bad-request"}, {413, "too-large"},   {500, "internal"},
		{503, "unavailable"},
	};
	struct test *t = *state;
	struct cx cx = api_fixture_cx(&t->f);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct response res = {.status = rows[i].status, .arena = cx.arena};
		buf_init(&res.body, LIMIT_RESPONSE_BYTES);
		problem_answer_status(&cx, &res);
		struct str type = arena_printf(cx.arena, "problem:%s\"", rows[i].type);
		if (res.status != rows[i].status || str_find(buf_str(&res.body), type) < 0)
			fail_msg("%d: %.*s", rows[i].status, STR_ARGS(buf_str(&res.body)));
		buf_release(&res.body);
	}
}

static void test_nobody_reads_without_a_session(void **state)
{
	struct test *t = *state;
	for (size_t i = 0; i < api_route_count; i++) {
		if (api_routes[i].access == ACCESS_ANYONE)
			continue;
		const char *method = api_routes[i].method == METHOD_GET      ? "GET"
				     : api_routes[i].method == METHOD_DELETE ? "DELETE"
									     : "POST";
		call(t, method, api_routes[i].path, NULL,
		     api_routes[i].method == METHOD_POST ? "{}" : NULL);
		expect_type(t, 401, "not-signed-in");
	}
	assert_int_equal(routes_check(api_routes, api_route_count), OK);
}

static void test_bcc_is_seen_by_its_reader_and_the_sender_only(void **state)
{
	struct test *t = *state;
	struct str link = STR_NONE;
	const char *admin = sign_in_admin(t);
	call(t, "POST", "/api/v1/messages", admin,
	     "{\"to\":[\"gabi@example.org\"],\"cc\":[\"carl@example.org\"],\"bcc\":[\"otto@example."
	     "org\"],\"subject\":\"s\","
	     "\"body\":\"b\"}");
	expect(t, 201);
	const char *id = keep(t, "id");
	call(t, "GET", message_path(t, id, ""), admin, NULL);
	expect(t, 200);
	expect_text(t, "cc.0.email", "carl@example.org");
	expect_text(t, "bcc.0.email", "otto@example.org");
	api_fixture_take_mails(&t->f, "gabi@example.org", &link);
	const char *gabi = api_fixture_register(&t->f, link, "Gabi");
	call(t, "GET", message_path(t, id, ""), gabi, NULL);
	expect(t, 200);
	expect_text(t, "cc.0.email", "carl@example.org");
	assert_int_equal(json_array_size(at(t, "bcc")), 0);
	assert_null(strstr(t->answer.body, "otto"));
}

/* ---- registering ---- */

static void test_bad_registrations(void **state)
{
	static const struct {
		const char *sentence;
		const char *body;
		int status;
		const char *field;
	} rows[] = {
		{"no JSON", "name=x", 400, NULL},
		{"no name", "{\"password\":\"copper lantern river oat\"}", 422, "name"},
		{"no password", "{\"name\":\"Ada\"}", 422, "password"},
		{"a number as password", "{\"name\":\"Ada\",\"password\":123456789012}", 422,
		 "password"},
		{"an empty name", "{\"name\":\"  \",\"password\":\"copper lantern river oat\"}",
		 422, "name"},
		{"a name with a line end",
		 "{\"name\":\"A\\nB\",\"password\":\"copper lantern river oat\"}", 422, "name"},
		{"a short password", "{\"name\":\"Ada\",\"password\":\"short\"}", 422, "password"},
		{"a common password", "{\"name\":\"Ada\",\"password\":\"Password1234\"}", 422,
		 "password"},
		{"the portal's name as password",
		 "{\"name\":\"Ada\",\"password\":\"lakeside-2026\"}", 422, "password"},
		{"terms as text",
		 "{\"name\":\"Ada\",\"password\":\"copper lantern river oat\",\"terms\":\"yes\"}",
		 422, "terms"},
		{"a grade of one's own choice",
		 "{\"name\":\"Ada\",\"password\":\"copper lantern river "
		 "oat\",\"grade\":\"professional\"}",
		 422, "grade"},
	};
	struct test *t = *state;
	const char *path =
		arena_printf(&t->f.arena, "/api/v1/registrations/%.*s", STR_ARGS(t->f.set_up_token))
			.data;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		call(t, "POST", path, NULL, rows[i].body);
		if (t->answer.status != rows[i].status ||
		    (rows[i].field && !has_error(t, rows[i].field)))
			fail_msg("%s: %s", rows[i].sentence, t->answer.body);
	}
	/* None of them has spent the link. */
	sign_in_admin(t);
	call(t, "GET", path, NULL, NULL);
	expect(t, 200);
	expect_text(t, "state", "used");
	call(t, "POST", path, NULL, "{\"name\":\"Eve\",\"password\":\"copper lantern river oat\"}");
	expect_type(t, 409, "link-used");
}

static void test_expired_and_mangled_links(void **state)
{
	struct test *t = *state;
	struct str link = STR_NONE;
	const char *admin = sign_in_admin(t);
	call(t, "POST", "/api/v1/messages", admin,
	     "{\"to\":[\"gabi@example.org\"],\"subject\":\"s\",\"body\":\"b\"}");
	api_fixture_take_mails(&t->f, "gabi@example.org", &link);
	t->f.clock.now_ms += 15 * DAY_MS;
	const char *path =
		arena_printf(&t->f.arena, "/api/v1/registrations/%.*s", STR_ARGS(link)).data;
	call(t, "GET", path, NULL, NULL);
	expect(t, 200);
	expect_text(t, "state", "expired");
	call(t, "POST", path, NULL,
	     "{\"name\":\"Gabi\",\"password\":\"copper lantern river oat\"}");
	expect_type(t, 409, "link-expired");
	struct cx cx = api_fixture_cx(&t->f);
	assert_int_equal(register_renew(&cx, link), OK);
	call(t, "GET", path, NULL, NULL);
	expect_text(t, "state", "replaced");
	call(t, "POST", path, NULL,
	     "{\"name\":\"Gabi\",\"password\":\"copper lantern river oat\"}");
	expect_type(t, 409, "link-replaced");
	char *mangled = (char *)arena_cstr(&t->f.arena, str_of(path));
	mangled[strlen(mangled) - 5] ^= 1;
	const char *others[] = {mangled, "/api/v1/registrations/x", "/api/v1/registrations/%2F"};
	for (size_t i = 0; i < 3; i++) {
		call(t, "GET", others[i], NULL, NULL);
		expect_type(t, 404, "not-found");
		call(t, "POST", others[i], NULL,
		     "{\"name\":\"Gabi\",\"password\":\"copper lantern river oat\"}");
		expect_type(t, 404, "not-found");
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_story),
		{"test_story (strict custody)", test_story, set_up_strict, tear_down, NULL},
		{"test_story (PostgreSQL)", test_story, set_up_postgres, tear_down, NULL},
		TEST(test_wrong_password_and_unknown_address_are_alike),
		TEST(test_guessing_is_slowed),
		TEST(test_bad_tokens),
		TEST(test_bad_messages),
		TEST(test_mistakes_come_together),
		TEST(test_a_subject_may_be_missing),
		TEST(test_large_messages),
		TEST(test_content_types),
		TEST(test_idempotency),
		TEST(test_sending_is_limited_by_the_hour),
		TEST(test_lists),
		TEST(test_foreign_and_unknown_ids_are_alike),
		TEST(test_refusals_of_the_layers_below),
		TEST(test_nobody_reads_without_a_session),
		TEST(test_bcc_is_seen_by_its_reader_and_the_sender_only),
		TEST(test_bad_registrations),
		TEST(test_expired_and_mangled_links),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
