/* Every bad input: missing, null, of the wrong type, too long, unknown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "api/api_test_support.h"
#include "base/limits.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_bad_messages),
		TEST(test_mistakes_come_together),
		TEST(test_large_messages),
		TEST(test_content_types),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
