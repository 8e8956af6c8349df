/* Writing a message: what is asked before it is sent, and that nothing typed is lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "web/web_test_support.h"

/* The first message to somebody unknown comes back once, asking; the answer sends it, once. */
static void inviting_is_shown_before_it_is_sent(void **state)
{
	(void)state;
	struct str anna = admin();
	const char form[] = "to=ben%40example.com&cc=&bcc=&subject=Results&body=All+is+well&key=k1";
	struct web_answer answer = web_fixture_post(&web, STR("/compose"), str_of(form), anna);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "One person will be invited"));
	assert_true(has(&answer, "name=\"grade:ben@example.com\" value=\"guest\" checked"));
	assert_true(has(&answer, "All is well</textarea>"));
	assert_true(has(&answer, "value=\"k1\""));
	assert_int_equal(
		core_fixture_count_mails(&web.core, MAIL_INVITATION, STR("ben@example.com")), 0);

	const char chosen[] =
		"to=ben%40example.com&cc=&bcc=&subject=Results&body=All+is+well&key=k1"
		"&grade%3Aben%40example.com=professional";
	answer = web_fixture_post(&web, STR("/compose"), str_of(chosen), anna);
	assert_int_equal(answer.status, 303);
	assert_true(str_starts_with(answer.location, STR("/message/")));
	assert_int_equal(
		core_fixture_count_mails(&web.core, MAIL_INVITATION, STR("ben@example.com")), 1);
	assert_int_equal(core_fixture_user(&web.core, STR("ben@example.com")).grade,
			 GRADE_PROFESSIONAL);

	/* A double click. */
	struct web_answer again = web_fixture_post(&web, STR("/compose"), str_of(chosen), anna);
	assert_int_equal(again.status, 303);
	assert_true(str_eq(str_slice(again.location, 0, 35), str_slice(answer.location, 0, 35)));
	assert_int_equal(
		core_fixture_count_mails(&web.core, MAIL_NOTIFICATION, STR("ben@example.com")), 1);
}

static void what_is_only_asked_says_that_nothing_is_sent(void **state)
{
	const char *sentence = "Not sent yet: please look who will be invited, then send.";
	(void)state;
	struct str anna = admin();
	struct web_answer answer = web_fixture_get(&web, STR("/compose"), anna);
	assert_false(has(&answer, sentence));
	answer = web_fixture_post(&web, STR("/compose"),
				  STR("to=ben%40example.com&subject=S&body=B&key=k"), anna);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, sentence));
}

/* Who is in Bcc, and colleagues, are not counted. */
static void many_guests_are_better_in_bcc(void **state)
{
	static const struct {
		const char *sentence, *form;
		bool is_many;
	} cases[] = {
		{"four", "to=a%40x.example,b%40x.example,c%40x.example&cc=d%40x.example", false},
		{"five",
		 "to=a%40x.example,b%40x.example,c%40x.example,d%40x.example"
		 "&cc=e%40x.example",
		 true},
		{"five, one unseen",
		 "to=a%40x.example,b%40x.example,c%40x.example,d%40x.example"
		 "&bcc=e%40x.example",
		 false},
		{"five, one a professional",
		 "to=a%40x.example,b%40x.example,c%40x.example,"
		 "d%40x.example,e%40x.example"
		 "&grade%3Ae%40x.example=professional",
		 false},
	};
	(void)state;
	struct str anna = admin();
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct str form =
			arena_printf(&web.core.arena, "%s&subject=S&body=B&key=k", cases[i].form);
		struct web_answer page = web_fixture_post(&web, STR("/compose"), form, anna);
		struct web_answer json = web_fixture_post(&web, STR("/compose/people"), form, anna);
		if (has(&page, "id=\"many\" role=\"status\" hidden>") == cases[i].is_many ||
		    has(&json, "\"is_many\":true") != cases[i].is_many)
			fail_msg("%s", cases[i].sentence);
		assert_int_equal(page.status, 200);
	}
}

static void mistakes_keep_what_was_typed(void **state)
{
	(void)state;
	struct str ben = guest();
	struct web_answer answer = web_fixture_post(&web, STR("/compose"),
						    STR("to=stranger%40example.net&subject=Hello&"
							"body=A+%3Cb%3Elong%3C%2Fb%3E+text&key=k2"),
						    ben);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "href=\"#to\""));
	assert_true(has(&answer, "aria-describedby=\"to-wrong\""));
	assert_true(has(&answer, "As a guest you can write to the staff of"));
	assert_false(has(&answer, "only be added by our own staff"));
	assert_true(has(&answer, "stranger@example.net</textarea>"));
	assert_true(has(&answer, "value=\"Hello\""));
	assert_true(has(&answer, "A &lt;b&gt;long&lt;/b&gt; text</textarea>"));
}

static void all_mistakes_stand_beside_their_field(void **state)
{
	(void)state;
	struct str anna = admin();
	struct web_answer answer = web_fixture_post(
		&web, STR("/compose"), STR("to=one%2C+two&cc=three&subject=S&body=B&key=k"), anna);
	assert_int_equal(answer.status, 422);
	ptrdiff_t to = str_find(answer.body, STR("id=\"to-wrong\""));
	ptrdiff_t cc = str_find(answer.body, STR("id=\"cc-wrong\""));
	assert_true(to >= 0 && cc > to);
	struct str beside_to = str_slice(answer.body, (size_t)to, (size_t)(cc - to));
	assert_true(str_find(beside_to, STR("<p>“one” is not a complete")) >= 0);
	assert_true(str_find(beside_to, STR("<p>“two” is not a complete")) >= 0);
	assert_false(str_find(beside_to, STR("<p>“three”")) >= 0);
}

static void too_many_messages_keep_what_was_typed(void **state)
{
	(void)state;
	struct str ben = guest();
	core_fixture_set(&web.core, "messages_per_hour_guest", STR("1"));
	for (int i = 0; i < 2; i++) {
		struct web_answer answer = web_fixture_post(
			&web, STR("/compose"),
			arena_printf(&web.core.arena,
				     "to=admin%%40example.com&subject=Hello&body=A+text&key=m%d",
				     i),
			ben);
		assert_int_equal(answer.status, i == 0 ? 303 : 429);
		assert_int_equal(has(&answer, "A text</textarea>"), i == 1);
		assert_int_equal(has(&answer, "within the last hour"), i == 1);
		assert_false(has(&answer, "could not be sent just now"));
	}
}

/* P1.6: whom to ask, and nothing is lost. */
static void at_the_limit_of_seats_it_is_told_whom_to_ask(void **state)
{
	const char form[] = "to=carl%40example.com&subject=Hello&body=A+long+text&key=k9"
			    "&grade%3Acarl%40example.com=professional";
	(void)state;
	core_fixture_person(&web.core, STR("paul@example.com"), STR("Paul"), GRADE_PROFESSIONAL);
	struct str paul = web_fixture_sign_in(&web, STR("paul@example.com"));
	core_fixture_set(&web.core, "seat_limit", STR("2"));
	core_fixture_set(&web.core, "name", STR("Lakeside <Clinic>"));
	struct web_answer answer = web_fixture_post(&web, STR("/compose"), str_of(form), paul);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "All 2 seats for our own staff are taken."));
	assert_true(has(&answer, "or ask an administrator of Lakeside &lt;Clinic&gt; for more"));
	assert_true(has(&answer, "A long text</textarea>"));
	assert_true(has(&answer, "carl@example.com</textarea>"));
	core_fixture_set(&web.core, "support", STR("+41 44 123"));
	answer = web_fixture_post(&web, STR("/compose"), str_of(form), paul);
	assert_true(has(&answer, "or ask +41 44 123 for more seats"));
	/* The same, once there is one. */
	core_fixture_set(&web.core, "seat_limit", STR("3"));
	answer = web_fixture_post(&web, STR("/compose"), str_of(form), paul);
	assert_int_equal(answer.status, 303);
}

static void a_session_that_ended_loses_no_text(void **state)
{
	(void)state;
	struct web_answer answer = web_fixture_post(
		&web, STR("/compose"),
		STR("to=ben%40example.com&subject=S&body=My+%22text%22&key=k"), STR_NONE);
	assert_int_equal(answer.status, 403);
	assert_true(has(&answer, "action=\"/compose\""));
	assert_true(has(&answer, "name=\"body\" value=\"My &quot;text&quot;\""));
	assert_true(has(&answer, "You were signed out"));
	assert_true(has(&answer, "<dd><bdi>ben@example.com</bdi></dd>"));
	assert_true(has(&answer, "<dd><bdi>S</bdi></dd>"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(inviting_is_shown_before_it_is_sent),
		WEB_TEST(what_is_only_asked_says_that_nothing_is_sent),
		WEB_TEST(many_guests_are_better_in_bcc),
		WEB_TEST(mistakes_keep_what_was_typed),
		WEB_TEST(all_mistakes_stand_beside_their_field),
		WEB_TEST(too_many_messages_keep_what_was_typed),
		WEB_TEST(at_the_limit_of_seats_it_is_told_whom_to_ask),
		WEB_TEST(a_session_that_ended_loses_no_text),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
