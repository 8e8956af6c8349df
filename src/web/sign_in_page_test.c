/* Signing in and out, and the way back in without a password. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "web/web_test_support.h"

static void strangers_are_sent_to_sign_in_and_back(void **state)
{
	(void)state;
	struct web_answer answer = web_fixture_get(&web, STR("/sent?cursor=a"), STR_NONE);
	assert_int_equal(answer.status, 303);
	assert_true(str_eq(answer.location, STR("/sign-in?next=%2Fsent%3Fcursor%3Da")));
	answer = web_fixture_get(&web, answer.location, STR_NONE);
	assert_true(has(&answer, "name=\"next\" value=\"/sent?cursor=a\""));
	/* P1.1 */
	assert_true(has(&answer, "You register by an invitation"));
}

static void signing_in_and_out(void **state)
{
	(void)state;
	struct web_answer answer = web_fixture_post(
		&web, STR("/sign-in"), STR("address=admin%40example.com&password="), STR_NONE);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "href=\"#password\""));
	assert_true(has(&answer, "value=\"admin@example.com\""));
	answer = web_fixture_post(&web, STR("/sign-in"),
				  STR("address=admin%40example.com&password=wrong+wrong+wrong"),
				  STR_NONE);
	assert_int_equal(answer.status, 403);
	assert_true(has(&answer, "do not fit together"));
	struct web_answer unknown = web_fixture_post(
		&web, STR("/sign-in"),
		STR("address=nobody%40example.com&password=wrong+wrong+wrong"), STR_NONE);
	assert_int_equal(unknown.status, 403);
	assert_true(has(&unknown, "do not fit together"));

	const char form[] =
		"address=admin%40example.com&password=violet+kettle+harbour+42&next=%2Fsent";
	answer = web_fixture_post(&web, STR("/sign-in"), str_of(form), STR_NONE);
	assert_int_equal(answer.status, 303);
	assert_true(str_eq(answer.location, STR("/sent")));
	assert_true(str_ends_with(answer.cookie, STR("; Path=/; HttpOnly; SameSite=Lax; Secure")));
	struct str token = web_fixture_token(&answer);
	assert_int_equal(web_fixture_get(&web, STR("/inbox"), token).status, 200);

	/* Signing in again ends the session before it. */
	answer = web_fixture_post(&web, STR("/sign-in"), str_of(form), token);
	assert_int_equal(answer.status, 303);
	assert_int_equal(web_fixture_get(&web, STR("/inbox"), token).status, 303);
	token = web_fixture_token(&answer);

	answer = web_fixture_post(&web, STR("/sign-out"), STR("a=b"), token);
	assert_int_equal(answer.status, 303);
	assert_true(str_find(answer.clear, STR("\"storage\"")) >= 0);
	assert_true(str_find(answer.cookie, STR("Max-Age=0")) >= 0);
	assert_int_equal(web_fixture_get(&web, STR("/inbox"), token).status, 303);
}

static void a_known_browser_signs_in_while_others_guess(void **state)
{
	const struct str good = STR("address=ben%40example.com&password=violet+kettle+harbour+42");
	const struct str wrong = STR("address=ben%40example.com&password=wrong+wrong+wrong");
	(void)state;
	guest();
	struct web_answer answer = web_fixture_post(&web, STR("/sign-in"), good, STR_NONE);
	assert_int_equal(answer.status, 303);
	assert_true(str_ends_with(answer.device, STR("; Path=/; HttpOnly; SameSite=Lax; "
						     "Max-Age=34560000; Secure")));
	struct str device = STR_NONE;
	struct str rest = answer.device;
	assert_true(str_next(&rest, ';', &device));
	/* It stays after signing out. */
	answer = web_fixture_post(&web, STR("/sign-out"), STR("a=b"), web_fixture_token(&answer));
	assert_int_equal(answer.device.len, 0);
	for (int i = 0; i < 5; i++)
		assert_int_equal(web_fixture_post(&web, STR("/sign-in"), wrong, STR_NONE).status,
				 403);
	assert_int_equal(web_fixture_post(&web, STR("/sign-in"), good, STR_NONE).status, 429);
	struct str cookies = arena_printf(&web.core.arena, "none; %.*s", STR_ARGS(device));
	answer = web_fixture_post(&web, STR("/sign-in"), good, cookies);
	assert_int_equal(answer.status, 303);
	assert_true(str_starts_with(answer.device, device));
}

static void signing_in_leads_to_no_other_site(void **state)
{
	static const char *const nexts[] = {
		"%2F%2Fevil.example", "https%3A%2F%2Fevil.example", "%2F%5Cevil.example",
		"%5C%5Cevil.example", "%2F%09%2Fevil.example",      "javascript%3Aalert%281%29",
	};
	(void)state;
	for (size_t i = 0; i < sizeof nexts / sizeof nexts[0]; i++) {
		char form[256];
		snprintf(form, sizeof form,
			 "address=admin%%40example.com&password=violet+kettle+harbour+42&next=%s",
			 nexts[i]);
		struct web_answer answer =
			web_fixture_post(&web, STR("/sign-in"), str_of(form), STR_NONE);
		assert_int_equal(answer.status, 303);
		assert_true(str_eq(answer.location, STR("/")));
	}
}

static void a_waiting_message_is_announced_to_who_is_new(void **state)
{
	const char *sentence = "Not registered yet?";
	(void)state;
	struct web_answer answer = web_fixture_get(&web, STR("/sign-in"), STR_NONE);
	assert_false(has(&answer, sentence));
	answer = web_fixture_get(&web, STR("/sign-in?next=%2Fmessage%2F01J00000000000000000000000"),
				 STR_NONE);
	assert_true(has(&answer, sentence));
}

static void help_tells_nobody_who_is_known(void **state)
{
	(void)state;
	struct web_answer known = web_fixture_post(&web, STR("/help-signing-in"),
						   STR("address=admin%40example.com"), STR_NONE);
	struct web_answer unknown = web_fixture_post(&web, STR("/help-signing-in"),
						     STR("address=other%40example.com"), STR_NONE);
	assert_int_equal(known.status, 200);
	assert_int_equal(unknown.status, 200);
	assert_int_equal(known.body.len, unknown.body.len);
	assert_int_equal(
		web_fixture_post(&web, STR("/help-signing-in"), STR("address=nonsense"), STR_NONE)
			.status,
		422);
}

static void a_reset_ends_the_session_of_another(void **state)
{
	(void)state;
	struct str ben = guest();
	struct str ada = web_fixture_sign_in(&web, STR("admin@example.com"));
	web_fixture_post(&web, STR("/help-signing-in"), STR("address=ben%40example.com"), STR_NONE);
	struct str link = core_fixture_token(&web.core, MAIL_RESET, STR("ben@example.com"));
	struct web_answer answer =
		web_fixture_post(&web, arena_printf(&web.core.arena, "/reset/%.*s", STR_ARGS(link)),
				 STR("password=quiet+morning+train+9"), ada);
	assert_int_equal(answer.status, 303);
	assert_int_equal(web_fixture_get(&web, STR("/inbox"), ada).status, 303);
	assert_int_equal(web_fixture_get(&web, STR("/inbox"), ben).status, 303);
	assert_int_equal(web_fixture_get(&web, STR("/inbox"), web_fixture_token(&answer)).status,
			 200);
}

/* From a browser that is still signed in as the same person. */
static void a_reset_goes_on_in_a_browser_that_is_signed_in(void **state)
{
	const struct web_fixture *fixture = *state;
	struct str ben = guest();
	bool is_strict = fixture->core.portal->settings->custody == CUSTODY_STRICT;
	struct str code = STR("");
	if (is_strict) {
		struct web_answer made =
			web_fixture_post(&web, STR("/account/recovery-code"),
					 STR("code_current=violet+kettle+harbour+42"), ben);
		code = text_of(&made, "id=\"recovery-code\"");
	}
	web_fixture_post(&web, STR("/help-signing-in"), STR("address=ben%40example.com"), STR_NONE);
	struct str link = core_fixture_token(&web.core, MAIL_RESET, STR("ben@example.com"));
	struct web_answer answer = web_fixture_post(
		&web, path_of("/reset/", link, ""),
		path_of("password=quiet+morning+train+9&recovery_code=", code, ""), ben);
	assert_int_equal(answer.status, 303);
	assert_true(str_eq(answer.location, STR("/inbox?done=password-changed")));
	assert_int_equal(web_fixture_get(&web, STR("/inbox"), ben).status, 303);
	assert_int_equal(web_fixture_get(&web, STR("/inbox"), web_fixture_token(&answer)).status,
			 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(strangers_are_sent_to_sign_in_and_back),
		WEB_TEST(signing_in_and_out),
		WEB_TEST(a_known_browser_signs_in_while_others_guess),
		WEB_TEST(signing_in_leads_to_no_other_site),
		WEB_TEST(a_waiting_message_is_announced_to_who_is_new),
		WEB_TEST(help_tells_nobody_who_is_known),
		WEB_TEST(a_reset_ends_the_session_of_another),
		WEB_TEST(a_reset_goes_on_in_a_browser_that_is_signed_in),
		STRICT_TEST(a_reset_goes_on_in_a_browser_that_is_signed_in),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
