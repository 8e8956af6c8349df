/* Drafts on pages, with and without the script that saves them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "web/web_test_support.h"

#define ID "01KDVDNA00GTSSYSV7Y2WS2NVR"

static struct web_answer post(const char *path, const char *form, struct str who)
{
	return web_fixture_post(&web, str_of(path), str_of(form), who);
}

static struct web_answer look(const char *path, struct str who)
{
	return web_fixture_get(&web, str_of(path), who);
}

static void the_button_saves_and_the_list_shows_it(void **state)
{
	(void)state;
	struct str anna = admin();
	struct web_answer answer = look("/drafts", anna);
	assert_true(has(&answer, "No drafts"));
	answer = post("/compose",
		      "to=ben%40example.com&subject=&body=Half+%3Cb%3E&key=k&draft=" ID
		      "&version=0&save=yes&grade%3Aben%40example.com=professional",
		      anna);
	assert_int_equal(answer.status, 303);
	assert_true(str_eq(answer.location, STR("/compose?draft=" ID "&done=draft-saved")));
	answer = look("/compose?draft=" ID "&done=draft-saved", anna);
	assert_true(has(&answer, "Your draft is saved."));
	assert_true(has(&answer, "Half &lt;b&gt;</textarea>"));
	assert_true(has(&answer, "name=\"version\" value=\"1\""));
	assert_true(has(&answer, "name=\"grade:ben@example.com\" value=\"professional\" checked"));
	answer = look("/drafts", anna);
	assert_true(has(&answer, "href=\"/compose?draft=" ID "\""));
	assert_true(has(&answer, "To ben@example.com"));
	assert_true(has(&answer, "(no subject)"));
	answer = post("/drafts/" ID "/delete", "", anna);
	assert_true(str_eq(answer.location, STR("/drafts?done=draft-deleted")));
	answer = look("/compose?draft=" ID, anna);
	assert_true(str_eq(answer.location, STR("/compose?done=draft-gone")));
}

static void the_script_is_told_of_other_windows(void **state)
{
	(void)state;
	struct str anna = admin();
	struct web_answer answer =
		post("/drafts/save", "body=One&key=k1&draft=" ID "&version=0", anna);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "\"version\":1,\"said\":\"Saved "));
	answer = post("/drafts/save", "body=Two&key=k2&draft=" ID "&version=0", anna);
	assert_int_equal(answer.status, 409);
	assert_true(has(&answer, "\"version\":1,\"said\":\"This draft was changed in another"));
	answer = look("/compose?draft=" ID, anna);
	assert_true(has(&answer, "One</textarea>"));
	/* Without the script, the page says it and keeps what was typed. */
	answer = post("/compose", "body=Two&key=k2&draft=" ID "&version=0&save=yes", anna);
	assert_int_equal(answer.status, 409);
	assert_true(has(&answer, "This draft was changed in another window."));
	assert_true(has(&answer, "<a href=\"/compose?draft=" ID "\">Open the other one</a>"));
	assert_true(has(&answer, "Two</textarea>"));
	assert_true(has(&answer, "name=\"version\" value=\"1\""));
	answer = post("/drafts/save", "body=One&key=k1&draft=" ID "&version=9", anna);
	assert_int_equal(answer.status, 200);
	struct str long_text = arena_printf(&web.core.arena, "subject=%.*s&draft=" ID "&version=2",
					    STR_ARGS(repeated("s", 300)));
	answer = web_fixture_post(&web, STR("/drafts/save"), long_text, anna);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "That subject is too long."));
	post("/drafts/" ID "/delete", "", anna);
	answer = post("/drafts/save", "body=Two&key=k2&draft=" ID "&version=2", anna);
	assert_int_equal(answer.status, 404);
	assert_true(has(&answer, "\"version\":0,\"said\":\"This draft was sent or deleted"));
	assert_false(has(&answer, ID));
}

static void sending_takes_it_away_and_twice_is_once(void **state)
{
	static const char form[] = "to=ben%40example.com&subject=S&body=B&key=k1&draft=" ID
				   "&version=1&grade%3Aben%40example.com=guest";
	(void)state;
	struct str anna = admin();
	post("/drafts/save", "body=One&key=k1&draft=" ID "&version=0", anna);
	post("/drafts/save", "body=Two&key=k2&draft=" ID "&version=1", anna);
	struct web_answer answer = post("/compose", form, anna);
	assert_int_equal(answer.status, 409);
	assert_true(has(&answer, "This draft was changed in another window."));
	post("/drafts/save", "body=Three&key=k1&draft=" ID "&version=2", anna);
	answer = post("/compose", form, anna);
	assert_int_equal(answer.status, 303);
	struct web_answer again = post("/compose", form, anna);
	assert_int_equal(again.status, 303);
	assert_true(str_eq(str_slice(again.location, 0, 35), str_slice(answer.location, 0, 35)));
	answer = look("/drafts", anna);
	assert_true(has(&answer, "No drafts"));
	assert_int_equal(
		core_fixture_count_mails(&web.core, MAIL_NOTIFICATION, STR("ben@example.com")), 1);
	/* Another window that has it open still. */
	answer = post("/compose",
		      "to=ben%40example.com&subject=S&body=B&key=k2&draft=" ID "&version=2", anna);
	assert_int_equal(answer.status, 409);
	assert_true(has(&answer, "This draft was sent or deleted in another window."));
	assert_false(has(&answer, ID));
}

static void others_have_nothing_of_it(void **state)
{
	(void)state;
	struct str anna = admin();
	struct str ben = guest();
	post("/drafts/save", "body=Private&key=k1&draft=" ID "&version=0", anna);
	struct web_answer answer = look("/compose?draft=" ID, ben);
	assert_true(str_eq(answer.location, STR("/compose?done=draft-gone")));
	answer = post("/drafts/" ID "/delete", "", ben);
	assert_int_equal(answer.status, 404);
	answer = post("/drafts/save", "body=X&key=k1&draft=" ID "&version=1", ben);
	assert_int_equal(answer.status, 404);
	answer = post("/drafts/save", "body=X&key=k1&draft=" ID "&version=0", ben);
	assert_int_equal(answer.status, 404);
	answer = web_fixture_post_from_elsewhere(&web, STR("/drafts/" ID "/delete"), STR(""), anna);
	assert_int_equal(answer.status, 403);
	answer = web_fixture_post_from_elsewhere(&web, STR("/drafts/save"),
						 STR("body=X&key=k1&draft=" ID "&version=1"), anna);
	assert_int_equal(answer.status, 403);
	answer = look("/compose?draft=" ID, anna);
	assert_true(has(&answer, "Private</textarea>"));
}

/* Begun below the message, gone on with there or among the drafts. */
static void an_answer_is_kept_below_its_message(void **state)
{
	(void)state;
	struct str ben = guest();
	struct sent sent = core_fixture_send(&web.core, web.core.admin, STR("ben@example.com"),
					     STR("Tides"), STR("When is high water?"));
	struct str page = path_of("/message/", id_str(&sent.id), "");
	struct str reply = path_of("/message/", id_str(&sent.id), "/reply");
	struct str keep = path_of("/message/", id_str(&sent.id), "/reply/save");
	struct web_answer answer = web_fixture_get(&web, page, ben);
	assert_true(has(&answer, "name=\"version\" value=\"0\""));
	answer = web_fixture_post(&web, keep, STR("body=At+seven&key=k1&draft=" ID "&version=0"),
				  ben);
	assert_int_equal(answer.status, 200);
	answer = web_fixture_get(&web, page, ben);
	assert_true(has(&answer, "name=\"draft\" value=\"" ID "\""));
	assert_true(has(&answer, "At seven</textarea>"));
	answer = look("/compose?draft=" ID, ben);
	assert_true(has(&answer, "admin@example.com"));
	assert_true(has(&answer, "value=\"Re: Tides\""));
	assert_true(has(&answer, "At seven</textarea>"));
	/* Addressed anew there, it is not sent to others than is seen here. */
	answer = post(
		"/drafts/save",
		arena_printf(&web.core.arena,
			     "to=carl%%40example.com&subject=Re%%3A+Tides&body=At+eight&key=k2&"
			     "draft=" ID "&version=1&reply_to=%s",
			     sent.id.text)
			.data,
		ben);
	assert_int_equal(answer.status, 200);
	answer = web_fixture_get(&web, page, ben);
	assert_true(has(&answer, "<a class=\"link\" href=\"/compose?draft=" ID "\">"));
	assert_false(has(&answer, "At eight"));
	/* An older window is told, and has its text still. */
	answer = web_fixture_post(&web, reply, STR("body=At+nine&key=k3&draft=" ID "&version=1"),
				  ben);
	assert_int_equal(answer.status, 409);
	assert_true(has(&answer, "This draft was changed in another window."));
	assert_true(has(&answer, "At nine</textarea>"));
	answer = web_fixture_post(&web, reply, STR("body=At+nine&key=k3&draft=" ID "&version=2"),
				  ben);
	assert_int_equal(answer.status, 303);
	answer = look("/drafts", ben);
	assert_true(has(&answer, "No drafts"));
	/* Somebody else's message, to which there is no answer to keep. */
	sent = core_fixture_send(&web.core, web.core.admin, STR("carl@example.com"), STR("S"),
				 STR("B"));
	answer = web_fixture_post(&web, path_of("/message/", id_str(&sent.id), "/reply/save"),
				  STR("body=x&key=k&draft=" ID "&version=0"), ben);
	assert_int_equal(answer.status, 404);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(the_button_saves_and_the_list_shows_it),
		WEB_TEST(the_script_is_told_of_other_windows),
		WEB_TEST(sending_takes_it_away_and_twice_is_once),
		WEB_TEST(others_have_nothing_of_it),
		WEB_TEST(an_answer_is_kept_below_its_message),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
