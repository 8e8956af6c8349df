/* Administration: the pages where texts of mails are written (P3.3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/spam_filter.h"
#include "web/web_test_support.h"

#define PATH STR("/admin/texts/invitation?language=en")
#define GOOD                                                                                       \
	"Hello+%7Bname%7D%2C%0D%0A%0D%0A%7Bsender%7D+has+written+to+you+at+%7Bportal%7D.+"         \
	"Register+here%3A%0D%0A%0D%0A%7Blink%7D"

static struct web_answer post(const char *form, struct str who)
{
	return web_fixture_post(&web, PATH, str_of(form), who);
}

/* Nor is it saved by nobody. */
static void a_session_that_ended_loses_no_mail_text(void **state)
{
	(void)state;
	struct web_answer answer = post("act=save&version=0&subject=Mine&text=" GOOD, STR_NONE);
	assert_int_equal(answer.status, 403);
	assert_true(has(&answer, "You were signed out"));
	assert_true(has(&answer, "action=\"/admin/texts/invitation?language=en\""));
	assert_true(has(&answer, "name=\"subject\" value=\"Mine\""));
	assert_true(has(&answer, "name=\"act\" value=\"save\""));
	assert_true(has(&answer, "{sender} has written to you at {portal}."));
	answer = web_fixture_get(&web, PATH, admin());
	assert_false(has(&answer, "Mine"));
}

static void what_is_saved_stands_there_again(void **state)
{
	(void)state;
	struct str anna = admin();
	struct web_answer answer = web_fixture_get(&web, STR("/admin/texts"), anna);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "2 of the texts"));
	assert_true(has(&answer, "Not sent"));
	answer = web_fixture_get(&web, PATH, anna);
	assert_true(has(&answer, "Hello {name},"));
	assert_true(has(&answer, "Please change it"));
	assert_true(has(&answer, "Nothing: this text reads well"));
	assert_false(has(&answer, "SpamAssassin"));
	answer = post("act=save&version=0&subject=%3Cb%3E+Come+in&text=" GOOD, anna);
	assert_int_equal(answer.status, 303);
	answer = web_fixture_get(&web, answer.location, anna);
	assert_true(has(&answer, "Saved."));
	assert_true(has(&answer, "value=\"&lt;b&gt; Come in\""));
	assert_true(has(&answer, "Hello {name},\n\n{sender} has written"));
	assert_true(has(&answer, "Changed by Ada Admin"));
	assert_true(has(&answer, "Version 1"));
	/* What is made up, and a link that opens nothing. */
	assert_true(has(&answer, "Dr. Ben Sample has written to you at"));
	assert_true(has(&answer, "/register/example-link\n"));
	answer = web_fixture_get(&web, STR("/register/example-link"), STR_NONE);
	assert_int_equal(answer.status, 404);
	answer = post("act=standard&version=1", anna);
	assert_int_equal(answer.status, 303);
	answer = web_fixture_get(&web, STR("/admin/texts/invitation?version=1"), anna);
	assert_true(has(&answer, "version 1, as it was"));
	assert_true(has(&answer, "value=\"&lt;b&gt; Come in\""));
	assert_true(has(&answer, "name=\"version\" value=\"2\""));
	answer = web_fixture_get(&web, STR("/admin/texts/invitation?version=9"), anna);
	assert_int_equal(answer.status, 404);
}

static void mistakes_come_back_with_what_was_typed(void **state)
{
	(void)state;
	struct str anna = admin();
	struct web_answer answer = post("act=save&version=0&subject=Mine&text=Hello", anna);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "The text has no {link}"));
	assert_true(has(&answer, "value=\"Mine\""));
	answer = post("act=test&version=0&subject=Mine&text=Hello", anna);
	assert_int_equal(answer.status, 422);
	answer = post("act=check&version=0&subject=Mine&text=Hello", anna);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "The text has no {link}"));
	answer = post("act=save&version=x&subject=Mine&text=" GOOD, anna);
	assert_int_equal(answer.status, 400);
	answer = web_fixture_post_from_elsewhere(
		&web, PATH, STR("act=save&version=0&subject=Mine&text=" GOOD), anna);
	assert_int_equal(answer.status, 403);
	answer = web_fixture_post(&web, PATH, repeated("text=%7Blink%7D+", 1 << 20), anna);
	assert_int_equal(answer.status, 413);
	/* Longer than a mail, and not longer than a form. */
	struct str form = arena_printf(&web.core.arena, "act=save&version=0&subject=Mine&text=%.*s",
				       STR_ARGS(repeated("x%7Blink%7D", 50000)));
	answer = web_fixture_post(&web, PATH, form, anna);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "too long for a mail"));
	answer = web_fixture_get(&web, PATH, anna);
	assert_true(has(&answer, "Nobody has changed this text yet."));
}

static void two_administrators_see_each_other(void **state)
{
	(void)state;
	struct str anna = admin();
	assert_int_equal(post("act=save&version=0&subject=First&text=" GOOD, anna).status, 303);
	struct web_answer answer = post("act=save&version=0&subject=Second&text=" GOOD, anna);
	assert_int_equal(answer.status, 409);
	assert_true(has(&answer, "Somebody else has changed this text meanwhile"));
	assert_true(has(&answer, "value=\"Second\""));
	assert_true(has(&answer, "What stands there now"));
	assert_true(has(&answer, "<bdi>First</bdi>"));
	assert_true(has(&answer, "name=\"version\" value=\"1\""));
}

static enum err spam(struct spam_filter *filter, struct str letter, struct spam_verdict *ret)
{
	(void)filter;
	(void)letter;
	*ret = (struct spam_verdict){.tenths = 61, .threshold_tenths = 50, .rules = "DEAR_FRIEND"};
	return OK;
}

static enum err down(struct spam_filter *filter, struct str letter, struct spam_verdict *ret)
{
	(void)filter;
	(void)letter;
	(void)ret;
	return ERR_BUSY;
}

static void the_spam_filter_is_heard(void **state)
{
	(void)state;
	struct spam_filter filter = {.judge = spam}, gone = {.judge = down};
	struct str anna = admin();
	web.core.portal->spam_filter = &filter;
	struct web_answer answer = web_fixture_get(&web, PATH, anna);
	assert_true(has(&answer, "6.1 points"));
	assert_true(has(&answer, "DEAR_FRIEND"));
	web.core.portal->spam_filter = &gone;
	answer = web_fixture_get(&web, PATH, anna);
	assert_true(has(&answer, "does not answer right now"));
	answer = post("act=save&version=0&subject=Mine&text=" GOOD, anna);
	assert_int_equal(answer.status, 303);
	web.core.portal->spam_filter = NULL;
}

static void a_test_goes_to_oneself(void **state)
{
	(void)state;
	struct str anna = admin();
	struct web_answer answer = post("act=test&version=0&subject=Trial&text=" GOOD, anna);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "on its way to admin@example.com"));
	core_fixture_take_mails(&web.core);
	const struct outbox_mail *mail = &web.core.mails[web.core.mail_count - 1];
	assert_int_equal(mail->kind, MAIL_TEST);
	assert_true(str_starts_with(mail->own_body, STR("Hello Ada Admin,\n\nAda Admin has")));
	assert_true(str_find(mail->own_body, STR("/admin/texts/invitation\n")) >= 0);
}

static void nobody_else_comes_in(void **state)
{
	(void)state;
	struct str ben = guest();
	assert_int_equal(web_fixture_get(&web, STR("/admin/texts"), ben).status, 403);
	assert_int_equal(web_fixture_get(&web, PATH, ben).status, 403);
	assert_int_equal(post("act=save&version=0&subject=Mine&text=" GOOD, ben).status, 403);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(what_is_saved_stands_there_again),
		WEB_TEST(a_session_that_ended_loses_no_mail_text),
		WEB_TEST(mistakes_come_back_with_what_was_typed),
		WEB_TEST(two_administrators_see_each_other),
		WEB_TEST(the_spam_filter_is_heard),
		WEB_TEST(a_test_goes_to_oneself),
		WEB_TEST(nobody_else_comes_in),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
