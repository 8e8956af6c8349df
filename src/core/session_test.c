/* Signing in, and when it is over (core/session.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/core_test_support.h"
#include "core/session.h"

#define GUEST STR("gabi@example.org")

static void sessions_end_by_idleness_and_by_age(void **state)
{
	struct core_fixture *f = *state;
	struct sign_in begun;
	core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	assert_int_equal(core_test_sign_in(f, GUEST, CORE_FIXTURE_PASSWORD, &begun), OK);
	core_fixture_sleep(f, 120 * MINUTE_MS - 1);
	assert_non_null(core_fixture_next_request(f, begun.token));
	core_fixture_sleep(f, 120 * MINUTE_MS);
	assert_null(core_fixture_next_request(f, begun.token));

	assert_int_equal(core_test_sign_in(f, GUEST, CORE_FIXTURE_PASSWORD, &begun), OK);
	for (int hour = 1; hour < 24; hour++) {
		core_fixture_sleep(f, HOUR_MS);
		assert_non_null(core_fixture_next_request(f, begun.token));
	}
	core_fixture_sleep(f, HOUR_MS);
	assert_null(core_fixture_next_request(f, begun.token));
}

static void sessions_are_listed_and_ended(void **state)
{
	struct core_fixture *f = *state;
	struct sign_in here, there, third;
	core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	assert_int_equal(core_test_sign_in(f, GUEST, CORE_FIXTURE_PASSWORD, &here), OK);
	assert_int_equal(core_test_sign_in(f, GUEST, CORE_FIXTURE_PASSWORD, &there), OK);
	assert_int_equal(core_test_sign_in(f, GUEST, CORE_FIXTURE_PASSWORD, &third), OK);
	struct cx cx = core_fixture_cx(f, here.session);
	struct way_in_view *ways_in;
	size_t count, current = 0, sessions = 0;
	assert_int_equal(session_list_ways_in(&cx, &ways_in, &count), OK);
	for (size_t i = 0; i < count; i++) {
		current += ways_in[i].is_current;
		sessions += ways_in[i].is_session;
	}
	assert_int_equal(current, 1);
	assert_int_equal(sessions, 4);  /* the registration's too */
	assert_int_equal(count, 4 + 3); /* password, recovery code, portal */
	assert_int_equal(session_end_one(&cx, &there.session->id), OK);
	assert_null(core_fixture_next_request(f, there.token));
	/* Nobody ends somebody else's. */
	struct cx other = core_fixture_cx(f, f->admin);
	assert_int_equal(session_end_one(&other, &third.session->id), ERR_NOT_FOUND);
	assert_non_null(core_fixture_next_request(f, third.token));
	assert_int_equal(session_end_others(&cx), OK);
	assert_null(core_fixture_next_request(f, third.token));
	assert_non_null(core_fixture_next_request(f, here.token));
	assert_int_equal(session_end(&cx), OK);
	assert_null(core_fixture_next_request(f, here.token));
	/* A cookie is no API token. */
	struct session *session;
	assert_int_equal(core_test_sign_in(f, GUEST, CORE_FIXTURE_PASSWORD, &here), OK);
	assert_int_equal(session_open(&cx, here.token, SESSION_API, &session), ERR_NOT_FOUND);
}

static void wrong_passwords_and_unknown_addresses_look_alike(void **state)
{
	static const struct {
		const char *sentence;
		struct str address, password;
	} cases[] = {
		{"a wrong password", STR("admin@example.com"), STR("violet kettle harbour 43")},
		{"no password", STR("admin@example.com"), STR("")},
		{"an unknown address", STR("nobody@example.com"), STR("violet kettle harbour 42")},
		{"somebody invited", STR("gabi@example.org"), STR("violet kettle harbour 42")},
		{"no address", STR("admin"), STR("violet kettle harbour 42")},
		{"bad UTF-8", STR("admin@example.com"), STR("\xff\xfe password")},
	};
	struct core_fixture *f = *state;
	core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("One"));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (core_test_sign_in(f, cases[i].address, cases[i].password, NULL) != ERR_DENIED)
			fail_msg("%s", cases[i].sentence);
	assert_int_equal(
		core_test_sign_in(f, STR(" ADMIN@example.com "), CORE_FIXTURE_PASSWORD, NULL), OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(sessions_end_by_idleness_and_by_age),
		CORE_TEST(sessions_are_listed_and_ended),
		CORE_TEST(wrong_passwords_and_unknown_addresses_look_alike),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
