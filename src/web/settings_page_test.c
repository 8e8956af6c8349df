/* The page of one's own settings, and the signature below a new message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "web/web_test_support.h"

static struct web_answer save(const char *form, struct str who)
{
	return web_fixture_post(&web, STR("/settings"), str_of(form), who);
}

static void what_is_chosen_stands_there_again(void **state)
{
	(void)state;
	struct str anna = admin();
	struct web_answer answer = web_fixture_get(&web, STR("/settings"), anna);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "value=\"each\" checked"));
	answer = save("notifications=hourly&away_from=2099-12-24&away_until=2099-12-31&"
		      "away_text=Skiing+%3Cb%3E&signature=Anna%0ABerg",
		      anna);
	assert_int_equal(answer.status, 303);
	answer = web_fixture_get(&web, answer.location, anna);
	assert_true(has(&answer, "Saved."));
	assert_true(has(&answer, "value=\"hourly\" checked"));
	assert_true(has(&answer, "value=\"2099-12-24\""));
	assert_true(has(&answer, "Skiing &lt;b&gt;</textarea>"));
	assert_true(has(&answer, "Anna\nBerg</textarea>"));
	assert_false(has(&answer, "You are away now"));
	answer = web_fixture_get(&web, STR("/compose"), anna);
	assert_true(has(&answer, "Anna\nBerg</textarea>"));
	assert_true(has(&answer, "data-untouched"));
	struct sent sent = core_fixture_send(&web.core, web.core.admin, STR("ben@example.com"),
					     STR("Findings"), STR("Text"));
	answer = web_fixture_get(&web, path_of("/compose?forward=", id_str(&sent.id), ""), anna);
	assert_true(has(&answer, "Anna\nBerg</textarea>"));
	answer = web_fixture_post(&web, STR("/compose"),
				  STR("to=ben%40example.com&subject=Hi&body=%0D%0AAnna%0D%0ABerg"),
				  anna);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "Your message is empty."));
	assert_true(has(&answer, "Anna\r\nBerg</textarea>"));
	struct str ben = guest();
	answer = web_fixture_get(&web, STR("/settings"), ben);
	assert_false(has(&answer, "Skiing"));
	answer = web_fixture_get(&web, STR("/compose"), ben);
	assert_false(has(&answer, "Berg</textarea>"));
}

static void mistakes_come_back_with_what_was_typed(void **state)
{
	(void)state;
	struct str anna = admin();
	struct web_answer answer = save(
		"notifications=never&away_from=2099-12-31&away_until=2099-12-24&away_text=Skiing",
		anna);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "Your absence ends before it begins."));
	assert_true(has(&answer, "Please choose how you want to be told"));
	assert_true(has(&answer, "Skiing</textarea>"));
	answer = web_fixture_get(&web, STR("/settings"), anna);
	assert_false(has(&answer, "Skiing"));
	answer = web_fixture_post_from_elsewhere(&web, STR("/settings"),
						 STR("notifications=hourly"), anna);
	assert_int_equal(answer.status, 403);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(what_is_chosen_stands_there_again),
		WEB_TEST(mistakes_come_back_with_what_was_typed),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
