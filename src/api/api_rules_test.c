/* Registration rules over the API (P2.2). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/api_test_support.h"

#define RULES "/api/v1/registration-rules"

static void test_a_rule_is_made_changed_and_deleted(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	call(t, "POST", RULES, admin,
	     "{\"pattern\":\"*.Clinic.example\",\"allowed\":true,\"grade\":\"professional\"}");
	expect(t, 201);
	expect_text(t, "id", ".clinic.example");
	expect_text(t, "grade", "professional");
	call(t, "POST", RULES, admin, "{\"pattern\":\".clinic.example\",\"allowed\":false}");
	expect_type(t, 409, "conflict");
	call(t, "GET", RULES "/.clinic.example", admin, NULL);
	expect(t, 200);
	assert_true(json_is_true(at(t, "allowed")));
	/* As the answers have it. */
	call(t, "PUT", RULES "/.clinic.example", admin,
	     "{\"pattern\":\".clinic.example\",\"allowed\":true,\"grade\":null}");
	expect(t, 200);
	assert_true(json_is_null(at(t, "grade")));
	call(t, "PUT", RULES "/eve%40example.com", admin, "{\"allowed\":false}");
	expect(t, 201);
	expect_text(t, "pattern", "eve@example.com");
	call(t, "PUT", RULES "/eve%40example.com", admin, "{\"allowed\":false}");
	expect(t, 200);
	call(t, "GET", RULES "?limit=1", admin, NULL);
	expect(t, 200);
	assert_int_equal(json_array_size(at(t, "items")), 1);
	const char *next = keep(t, "next_cursor");
	call(t, "GET", arena_printf(&t->f.arena, RULES "?limit=1&cursor=%s", next).data, admin,
	     NULL);
	expect(t, 200);
	assert_int_equal(json_array_size(at(t, "items")), 1);
	assert_null(at(t, "next_cursor"));
	call(t, "GET", RULES "?q=clinic", admin, NULL);
	assert_int_equal(json_array_size(at(t, "items")), 1);
	call(t, "DELETE", RULES "/eve%40example.com", admin, NULL);
	expect(t, 204);
	call(t, "DELETE", RULES "/eve%40example.com", admin, NULL);
	expect_type(t, 404, "not-found");
	call(t, "GET", RULES "/eve%40example.com", admin, NULL);
	expect_type(t, 404, "not-found");
}

static void call_if(struct test *t, const char *method, const char *token, const char *body,
		    const char *tag)
{
	struct api_call c = {.method = method,
			     .path = RULES "/example.com",
			     .token = token,
			     .body = body ? str_of(body) : STR_NONE};
	c.headers[0] = (struct header){STR("If-Match"), str_of(tag)};
	api_fixture_call(&t->f, &c, &t->answer);
}

/* The ETag of the last answer. */
static const char *tag_of(struct test *t)
{
	const char *from = strstr(t->answer.headers, "ETag: ");
	assert_non_null(from);
	from += strlen("ETag: ");
	return arena_printf(&t->f.arena, "%.*s", (int)strcspn(from, "\n"), from).data;
}

static void test_two_at_once(void **state)
{
	struct test *t = *state;
	static const char allow[] = "{\"allowed\":true}", refuse[] = "{\"allowed\":false}";
	const char *admin = sign_in_admin(t);
	/* There is none yet. */
	call_if(t, "PUT", admin, allow, "*");
	expect_type(t, 412, "changed");
	call(t, "PUT", RULES "/example.com", admin, allow);
	expect(t, 201);
	const char *first = tag_of(t);
	call(t, "GET", RULES "/example.com", admin, NULL);
	assert_string_equal(tag_of(t), first);
	call_if(t, "PUT", admin, refuse, first);
	expect(t, 200);
	const char *second = tag_of(t);
	assert_string_not_equal(second, first);
	/* Somebody else saw it before that. */
	call_if(t, "PUT", admin, allow, first);
	expect_type(t, 412, "changed");
	call_if(t, "DELETE", admin, NULL, first);
	expect_type(t, 412, "changed");
	call(t, "GET", RULES "/example.com", admin, NULL);
	assert_true(json_is_false(at(t, "allowed")));
	call_if(t, "PUT", admin, allow, "*");
	expect(t, 200);
	call_if(t, "DELETE", admin, NULL, second);
	expect_type(t, 412, "changed");
	call(t, "GET", RULES "/example.com", admin, NULL);
	call_if(t, "DELETE", admin, NULL, tag_of(t));
	expect(t, 204);
	call_if(t, "DELETE", admin, NULL, "*");
	expect_type(t, 412, "changed");
}

static void test_what_would_happen(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	call(t, "POST", RULES, admin,
	     "{\"pattern\":\"example.com\",\"allowed\":true,\"grade\":\"guest\"}");
	call(t, "POST", RULES, admin, "{\"pattern\":\"example.org\",\"allowed\":false}");
	static const struct {
		const char *address, *outcome, *rule, *grade, *detail;
	} rows[] = {
		{"anna%40example.com", "invited", "example.com", "guest", "as a guest"},
		{"anna%40example.org", "refused", "example.org", NULL, "would be refused"},
		{"anna%40example.net", "invited", NULL, NULL, "no rule is about it"},
		{"admin%40example.com", "known", NULL, "professional", "is known already"},
		{"nobody", "not_an_address", NULL, NULL, "is not an e-mail address"},
		{"", "not_an_address", NULL, NULL, "is not an e-mail address"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		call(t, "GET",
		     arena_printf(&t->f.arena, RULES "/test?address=%s", rows[i].address).data,
		     admin, NULL);
		expect(t, 200);
		expect_text(t, "outcome", rows[i].outcome);
		if (rows[i].rule)
			expect_text(t, "rule", rows[i].rule);
		else
			assert_true(json_is_null(at(t, "rule")));
		if (rows[i].grade)
			expect_text(t, "grade", rows[i].grade);
		else
			assert_true(json_is_null(at(t, "grade")));
		assert_non_null(strstr(json_string_value(at(t, "detail")), rows[i].detail));
	}
}

static void test_mistakes_are_told(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	static const struct {
		const char *method, *path, *body, *field;
	} bad[] = {
		{"POST", RULES, "{\"allowed\":true}", "pattern"},
		{"POST", RULES, "{\"pattern\":\"example.com\"}", "allowed"},
		{"POST", RULES, "{\"pattern\":\"exa mple\",\"allowed\":true}", "pattern"},
		{"POST", RULES, "{\"pattern\":\"example.com\",\"allowed\":\"yes\"}", "allowed"},
		{"POST", RULES, "{\"pattern\":\"example.com\",\"allowed\":true,\"grade\":\"x\"}",
		 "grade"},
		{"POST", RULES,
		 "{\"pattern\":\"example.com\",\"allowed\":false,\"grade\":\"guest\"}", "grade"},
		{"POST", RULES, "{\"pattern\":\"example.com\",\"allowed\":true,\"x\":1}", "x"},
		{"PUT", RULES "/example.com", "{\"pattern\":\"example.org\",\"allowed\":true}",
		 "pattern"},
		{"PUT", RULES "/nothing", "{\"allowed\":true}", "pattern"},
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		call(t, bad[i].method, bad[i].path, admin, bad[i].body);
		expect_type(t, 422, "mistakes");
		assert_true(has_error(t, bad[i].field));
	}
	call(t, "GET", RULES, admin, NULL);
	assert_int_equal(json_array_size(at(t, "items")), 0);
}

static void test_only_administrators(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	struct str token;
	call(t, "POST", "/api/v1/messages", admin,
	     "{\"to\":[\"gabi@example.org\"],\"subject\":\"s\",\"body\":\"b\"}");
	api_fixture_take_mails(&t->f, "gabi@example.org", &token);
	const char *guest = api_fixture_register(&t->f, token, "Gabi");
	static const char *const calls[][2] = {
		{"GET", RULES},
		{"GET", RULES "/test?address=a%40example.com"},
		{"GET", RULES "/example.com"},
		{"DELETE", RULES "/example.com"},
	};
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		call(t, calls[i][0], calls[i][1], guest, NULL);
		expect_type(t, 403, "denied");
		call(t, calls[i][0], calls[i][1], NULL, NULL);
		expect_type(t, 401, "not-signed-in");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_rule_is_made_changed_and_deleted),
		TEST(test_two_at_once),
		TEST(test_what_would_happen),
		TEST(test_mistakes_are_told),
		TEST(test_only_administrators),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
