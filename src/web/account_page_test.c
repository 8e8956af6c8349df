/* The page of one's own account. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/people.h"
#include "web/web_test_support.h"

static void an_account_is_changed_by_its_owner(void **state)
{
	(void)state;
	struct str ben = guest();
	struct str other = web_fixture_sign_in(&web, STR("ben@example.com"));
	struct web_answer answer = web_fixture_post(&web, STR("/account/name"), STR("name="), ben);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "href=\"#name\""));
	assert_int_equal(
		web_fixture_post(&web, STR("/account/name"), STR("name=Benjamin"), ben).status,
		303);
	answer = web_fixture_post(&web, STR("/account/locale"),
				  STR("language=en&zone=Nowhere%2FLand"), ben);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "value=\"Nowhere/Land\""));
	answer = web_fixture_post(&web, STR("/account/password"),
				  STR("current=wrong&password=quiet+morning+train+9"), ben);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "href=\"#current\""));
	answer = web_fixture_post(&web, STR("/account/recovery-code"),
				  STR("code_current=violet+kettle+harbour+42"), ben);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "id=\"recovery-code\""));
	assert_int_equal(web_fixture_get(&web, STR("/inbox"), other).status, 200);
	assert_int_equal(
		web_fixture_post(&web, STR("/account/sessions/end-others"), STR("a=b"), ben).status,
		303);
	assert_int_equal(web_fixture_get(&web, STR("/inbox"), other).status, 303);
	assert_int_equal(web_fixture_get(&web, STR("/inbox"), ben).status, 200);
}

static void a_new_password_ends_the_old_cookie(void **state)
{
	(void)state;
	struct str ben = guest();
	struct web_answer answer = web_fixture_post(
		&web, STR("/account/password"),
		STR("current=violet+kettle+harbour+42&password=quiet+morning+train+9"), ben);
	assert_int_equal(answer.status, 303);
	struct str token = web_fixture_token(&answer);
	assert_int_equal(web_fixture_get(&web, STR("/inbox"), ben).status, 303);
	assert_int_equal(web_fixture_get(&web, STR("/inbox"), token).status, 200);
}

static void a_notice_is_for_who_did_it(void **state)
{
	(void)state;
	struct str ben = guest();
	struct str path = STR("/account?done=password-changed");
	const char *notice = "class=\"notice\"";
	struct web_answer answer = web_fixture_get(&web, path, ben);
	assert_true(has(&answer, notice));
	answer = web_fixture_get_from_elsewhere(&web, path, ben);
	assert_int_equal(answer.status, 200);
	assert_false(has(&answer, notice));
}

/* P4.1: the same moment, on the clock and in the calendar of who reads. */
static void times_are_those_of_the_readers_zone(void **state)
{
	static const struct {
		const char *zone, *shown;
	} zones[] = {
		{"UTC", "2 Jan 2026, 03:04"},
		{"Asia/Tokyo", "2 Jan 2026, 12:04"},
		{"America/New_York", "1 Jan 2026, 22:04"},
	};
	(void)state;
	guest();
	web.core.clock.now_ms = 1767323040000; /* 2026-01-02T03:04:00Z */
	struct str ben = web_fixture_sign_in(&web, STR("ben@example.com"));
	struct sent sent = core_fixture_send(&web.core, web.core.admin, STR("ben@example.com"),
					     STR("S"), STR("B"));
	for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
		struct str form =
			arena_printf(&web.core.arena, "language=en&zone=%s", zones[i].zone);
		struct web_answer answer =
			web_fixture_post(&web, STR("/account/locale"), form, ben);
		assert_int_equal(answer.status, 303);
		answer = web_fixture_get(&web, path_of("/message/", id_str(&sent.id), ""), ben);
		struct str shown = text_of(&answer, "datetime=\"2026-01-02T03:04:00Z\"");
		if (!str_eq(shown, str_of(zones[i].shown)))
			fail_msg("%s: %.*s", zones[i].zone, STR_ARGS(shown));
	}
}

static void an_administrator_is_told_so(void **state)
{
	(void)state;
	struct web_answer answer = web_fixture_get(&web, STR("/account"), admin());
	assert_true(has(&answer, "<dd>Professional, administrator</dd>"));
	answer = web_fixture_get(&web, STR("/account"), guest());
	assert_true(has(&answer, "<dd>Guest</dd>"));

	struct form_errors errors = {0};
	struct cx cx = core_fixture_cx(&web.core, NULL);
	assert_int_equal(people_add(&cx, STR("cora@example.com"), GRADE_PROFESSIONAL,
				    ROLE_ADMINISTRATOR, &errors),
			 OK);
	struct str token = core_fixture_token(&web.core, MAIL_INVITATION, STR("cora@example.com"));
	answer = web_fixture_get(&web, path_of("/register/", token, ""), STR_NONE);
	assert_true(has(&answer, "You become the administrator of"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(an_account_is_changed_by_its_owner),
		WEB_TEST(a_new_password_ends_the_old_cookie),
		WEB_TEST(a_notice_is_for_who_did_it),
		WEB_TEST(times_are_those_of_the_readers_zone),
		WEB_TEST(an_administrator_is_told_so),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
