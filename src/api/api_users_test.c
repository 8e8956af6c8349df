/* People by API, for administrators. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/api_test_support.h"

static const char *user_path(struct test *t, const char *id, const char *after)
{
	return arena_printf(&t->f.arena, "/api/v1/users/%s%s", id, after).data;
}

static const char *add(struct test *t, const char *admin, const char *body)
{
	call(t, "POST", "/api/v1/users", admin, body);
	expect(t, 201);
	return keep(t, "id");
}

static void patch_if(struct test *t, const char *path, const char *token, const char *body,
		     const char *tag)
{
	struct api_call c = {.method = "PATCH", .path = path, .token = token, .body = str_of(body)};
	c.headers[0] = (struct header){STR("If-Match"), str_of(tag)};
	api_fixture_call(&t->f, &c, &t->answer);
}

static void test_a_life(void **state)
{
	struct test *t = *state;
	if (t == NULL)
		skip();
	const char *admin = sign_in_admin(t);
	const char *id = add(t, admin, "{\"address\":\"Gabi@example.org\"}");
	expect_text(t, "email", "Gabi@example.org");
	expect_text(t, "grade", "guest");
	expect_text(t, "role", "member");
	expect_text(t, "state", "invited");
	assert_true(json_is_null(at(t, "last_seen_at")));
	call(t, "POST", "/api/v1/users", admin, "{\"address\":\"gabi@EXAMPLE.org\"}");
	expect_type(t, 409, "conflict");
	call(t, "POST", user_path(t, id, "/password-reset"), admin, NULL);
	expect_type(t, 409, "conflict");
	call(t, "POST", user_path(t, id, "/invite"), admin, NULL);
	expect(t, 204);
	struct str token = STR_NONE;
	api_fixture_take_mails(&t->f, "Gabi@example.org", &token);
	const char *gabi = api_fixture_register(&t->f, token, "Gabi");
	/* P1.5: grade and role hold for the token that she has. */
	call(t, "GET", "/api/v1/users", gabi, NULL);
	expect_type(t, 403, "denied");
	call(t, "PATCH", user_path(t, id, ""), admin,
	     "{\"grade\":\"professional\",\"role\":\"administrator\"}");
	expect(t, 200);
	expect_text(t, "role", "administrator");
	call(t, "GET", "/api/v1/users?q=gab", gabi, NULL);
	expect(t, 200);
	expect_text(t, "items.0.name", "Gabi");
	assert_int_equal(json_integer_value(at(t, "total")), 1);
	call(t, "PATCH", user_path(t, id, ""), admin, "{\"grade\":\"guest\"}");
	expect(t, 200);
	expect_text(t, "role", "member");
	call(t, "GET", "/api/v1/users", gabi, NULL);
	expect_type(t, 403, "denied");
	call(t, "POST", user_path(t, id, "/password-reset"), admin, NULL);
	expect(t, 204);
	call(t, "PATCH", user_path(t, id, ""), admin, "{\"state\":\"disabled\"}");
	expect(t, 200);
	expect_text(t, "state", "disabled");
	call(t, "GET", "/api/v1/me", gabi, NULL);
	expect_type(t, 401, "not-signed-in");
	call(t, "PATCH", user_path(t, id, ""), admin, "{\"state\":\"active\"}");
	expect(t, 200);
	expect_text(t, "state", "active");
	call(t, "DELETE", user_path(t, id, ""), admin, NULL);
	expect(t, 204);
	call(t, "GET", user_path(t, id, ""), admin, NULL);
	expect_type(t, 404, "not-found");
	call(t, "DELETE", user_path(t, id, ""), admin, NULL);
	expect_type(t, 404, "not-found");
	call(t, "GET", "/api/v1/users", admin, NULL);
	expect(t, 200);
	assert_int_equal(json_integer_value(at(t, "total")), 1);
}

static void test_two_at_once(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	const char *id = add(t, admin, "{\"address\":\"gabi@example.org\"}");
	const char *path = user_path(t, id, "");
	patch_if(t, path, admin, "{\"grade\":\"professional\"}", "\"1\"");
	expect(t, 200);
	patch_if(t, path, admin, "{\"grade\":\"guest\"}", "\"1\"");
	expect_type(t, 412, "changed");
	patch_if(t, path, admin, "{\"grade\":\"guest\"}", "\"2\"");
	expect(t, 200);
	patch_if(t, path, admin, "{\"grade\":\"guest\"}", "*");
	expect(t, 200);
}

/* ASVS 7.5.3 */
static void test_erasing_needs_a_fresh_sign_in(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	const char *id = add(t, admin, "{\"address\":\"gabi@example.org\"}");
	t->f.clock.now_ms += 15 * MINUTE_MS;
	call(t, "DELETE", user_path(t, id, ""), admin, NULL);
	expect_type(t, 401, "sign-in-again");
	assert_non_null(strstr(t->answer.headers,
			       "WWW-Authenticate: Bearer error=\"insufficient_user_authentication\""
			       ", max_age=900\n"));
	call(t, "GET", user_path(t, id, ""), admin, NULL);
	expect(t, 200);
	expect_text(t, "email", "gabi@example.org");
	call(t, "POST", "/api/v1/session", NULL,
	     "{\"email\":\"admin@example.com\",\"password\":\"copper lantern river oat\"}");
	expect(t, 201);
	admin = keep(t, "token");
	t->f.clock.now_ms += 14 * MINUTE_MS;
	call(t, "DELETE", user_path(t, id, ""), admin, NULL);
	expect(t, 204);
}

static void test_mistakes(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	call(t, "GET", "/api/v1/users", admin, NULL);
	const char *own = keep(t, "items.0.id");
	const char *id = add(t, admin, "{\"address\":\"gabi@example.org\"}");
	static const struct {
		const char *body;
		const char *field;
	} cases[] = {
		{"{\"grade\":\"pro\"}", "grade"},
		{"{\"grade\":1}", "grade"},
		{"{\"role\":\"admin\"}", "role"},
		{"{\"state\":\"invited\"}", "state"},
		{"{\"state\":true}", "state"},
		{"{\"name\":\"Gabi\"}", "name"},
		{"{\"role\":\"administrator\"}", "role"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		call(t, "PATCH", user_path(t, id, ""), admin, cases[i].body);
		expect_type(t, 422, "mistakes");
		assert_true(has_error(t, cases[i].field));
	}
	static const char *const own_bodies[] = {"{\"grade\":\"guest\"}", "{\"role\":\"member\"}",
						 "{\"state\":\"disabled\"}"};
	for (size_t i = 0; i < 3; i++) {
		call(t, "PATCH", user_path(t, own, ""), admin, own_bodies[i]);
		expect_type(t, 422, "mistakes");
	}
	call(t, "DELETE", user_path(t, own, ""), admin, NULL);
	expect_type(t, 422, "mistakes");
	call(t, "POST", "/api/v1/users", admin, "{\"address\":\"gabi\"}");
	expect_type(t, 422, "mistakes");
	assert_true(has_error(t, "address"));
	call(t, "POST", "/api/v1/users", admin,
	     "{\"address\":\"x@example.org\",\"role\":\"administrator\"}");
	expect_type(t, 422, "mistakes");
	assert_true(has_error(t, "role"));
	static const char *const queries[] = {"grade=x",  "role=x", "state=x", "seen=x",
					      "cursor=x", "sort=x", "limit=0"};
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		call(t, "GET", arena_printf(&t->f.arena, "/api/v1/users?%s", queries[i]).data,
		     admin, NULL);
		expect_type(t, 422, "mistakes");
	}
	call(t, "GET", "/api/v1/users/x", admin, NULL);
	expect_type(t, 404, "not-found");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_life, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_life, set_up_postgres, tear_down),
		cmocka_unit_test_setup_teardown(test_two_at_once, set_up, tear_down),
		TEST(test_erasing_needs_a_fresh_sign_in),
		cmocka_unit_test_setup_teardown(test_mistakes, set_up, tear_down),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
