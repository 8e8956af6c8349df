/* Signing in, guessing, and what opens to nobody without a session. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/api.h"
#include "api/api_test_support.h"

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

static void test_nobody_reads_without_a_session(void **state)
{
	struct test *t = *state;
	for (size_t i = 0; i < api_route_count; i++) {
		if (api_routes[i].access == ACCESS_ANYONE)
			continue;
		call(t, method_name(api_routes[i].method).data, api_routes[i].path, NULL,
		     api_routes[i].body == BODY_JSON ? "{}" : NULL);
		expect_type(t, 401, "not-signed-in");
	}
	assert_int_equal(routes_check(api_routes, api_route_count), OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_wrong_password_and_unknown_address_are_alike),
		TEST(test_guessing_is_slowed),
		TEST(test_bad_tokens),
		TEST(test_nobody_reads_without_a_session),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
