/* Reading a message in its conversation, and answering it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/limits.h"
#include "web/web_test_support.h"

static void a_message_leads_back_to_where_it_is_listed(void **state)
{
	(void)state;
	struct str ben = guest();
	struct str anna = admin();
	struct sent sent = core_fixture_send(&web.core, web.core.admin, STR("ben@example.com"),
					     STR("S"), STR("B"));
	struct str path = path_of("/message/", id_str(&sent.id), "");
	struct web_answer answer = web_fixture_get(&web, path, anna);
	assert_true(has(&answer, "href=\"/sent\">Back to Sent"));
	answer = web_fixture_get(&web, path, ben);
	assert_true(has(&answer, "href=\"/inbox\">Back to the Inbox"));
}

static void a_folded_message_says_what_is_inside(void **state)
{
	static const struct {
		const char *body, *shown;
	} cases[] = {
		{"Dear Ben,\nall is well.", "excerpt\">Dear Ben,</bdi>"},
		{"\n\n# **Results** & more", "excerpt\">Results &amp; more</bdi>"},
		{"---\n> quoted", "excerpt\">quoted</bdi>"},
	};
	(void)state;
	struct str ben = guest();
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct draft draft = {.to = STR("ben@example.com"),
				      .subject = STR("S"),
				      .body = str_of(cases[i].body)};
		struct sent first, second;
		assert_int_equal(
			core_fixture_try_send(&web.core, web.core.admin, &draft, &first, NULL), OK);
		core_fixture_sleep(&web.core, MINUTE_MS);
		draft.reply_to = first.id;
		draft.body = STR("The newest is open.");
		assert_int_equal(
			core_fixture_try_send(&web.core, web.core.admin, &draft, &second, NULL),
			OK);
		struct str path = path_of("/message/", id_str(&second.id), "");
		struct web_answer answer = web_fixture_get(&web, path, ben);
		assert_false(has(&answer, "message-excerpt"));
		answer = web_fixture_get(&web, path,
					 ben); /* all are read now, and older ones folded */
		if (!has(&answer, cases[i].shown) || has(&answer, "excerpt\">The newest"))
			fail_msg("%s", cases[i].body);
	}
}

/* Older messages that were read are links, until all are asked for. */
static void what_was_read_is_a_link(void **state)
{
	(void)state;
	struct str ben = guest();
	struct draft draft = {.to = STR("ben@example.com"), .body = STR("**Words** of old")};
	struct sent first, second;
	assert_int_equal(core_fixture_try_send(&web.core, web.core.admin, &draft, &first, NULL),
			 OK);
	core_fixture_sleep(&web.core, MINUTE_MS);
	draft.reply_to = first.id;
	draft.body = STR("News");
	assert_int_equal(core_fixture_try_send(&web.core, web.core.admin, &draft, &second, NULL),
			 OK);
	struct str path = path_of("/message/", id_str(&second.id), "");
	struct str link = path_of("href=\"/message/", id_str(&first.id), "#m");
	struct str all = path_of("/message/", id_str(&second.id), "?all=yes");
	struct web_answer answer = web_fixture_get(&web, path, ben);
	assert_true(has(&answer, "<strong>Words</strong>")); /* unread until now */
	assert_false(has(&answer, "in full"));
	answer = web_fixture_get(&web, path, ben);
	assert_false(has(&answer, "<strong>Words</strong>"));
	assert_true(str_find(answer.body, link) >= 0);
	assert_true(str_find(answer.body, path_of("href=\"", all, "\"")) >= 0);
	assert_true(has(&answer, "News"));
	answer = web_fixture_get(&web, all, ben);
	assert_true(has(&answer, "<strong>Words</strong>"));
}

/* P4.1: nobody makes a conversation unreadable for the others in it. */
static void a_message_page_opens_whatever_was_sent(void **state)
{
	static const char *const parts[] = {"-\n+\n", "\"", "\n", "[a](", "*a* <b>\n"};
	enum { COUNT = 20 };
	(void)state;
	struct str ben = guest();
	struct id ids[COUNT];
	struct id first = {0};
	for (size_t i = 0; i < COUNT; i++) {
		/* The longest of all, and such as are formatted. */
		const struct draft draft = {
			.to = STR("ben@example.com"),
			.subject = STR("Subject"),
			.reply_to = first,
			.body = repeated(parts[i % 5],
					 i % 2 ? LIMIT_BODY_BYTES : LIMIT_MARKDOWN_BYTES),
		};
		struct sent sent;
		assert_int_equal(
			core_fixture_try_send(&web.core, web.core.admin, &draft, &sent, NULL),
			i % 5 == 2 ? ERR_INVALID : OK);
		if (i % 5 == 2)
			continue;
		ids[i] = sent.id;
		first = i == 0 ? sent.id : first;
	}
	for (size_t i = 0; i < COUNT; i++) {
		if (i % 5 == 2)
			continue;
		struct web_answer answer = web_fixture_get(
			&web, path_of("/message/", id_str(&ids[i]), "?all=yes"), ben);
		assert_int_equal(answer.status, 200);
		assert_true(has(&answer, "on a page of its own"));
		/* Not a link to itself. */
		assert_false(str_find(answer.body,
				      path_of("href=\"/message/", id_str(&ids[i]), "\"")) >= 0);
	}
}

/* RFC 9110 9.2.1: HEAD changes nothing. P4.3 */
static void asking_for_the_head_opens_nothing(void **state)
{
	(void)state;
	struct str ben = guest();
	struct sent sent = core_fixture_send(&web.core, web.core.admin, STR("ben@example.com"),
					     STR("S"), STR("B"));
	struct str path = path_of("/message/", id_str(&sent.id), "");
	struct str anna = admin();
	assert_int_equal(web_fixture_head(&web, path, ben).status, 200);
	struct web_answer answer = web_fixture_get(&web, path, anna);
	assert_true(has(&answer, "Not opened yet"));
	assert_int_equal(web_fixture_get(&web, path, ben).status, 200);
	answer = web_fixture_get(&web, path, anna);
	assert_false(has(&answer, "Not opened yet"));
}

static void answering(void **state)
{
	(void)state;
	struct str ben = guest();
	struct str anna = admin();
	struct sent sent = core_fixture_send(&web.core, web.core.admin, STR("ben@example.com"),
					     STR("S"), STR("B"));
	struct str path = path_of("/message/", id_str(&sent.id), "/reply");
	struct web_answer answer = web_fixture_post(&web, path, STR("body=&key=r1"), ben);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "id=\"body-wrong\""));
	answer = web_fixture_post(&web, path, STR("body=Thank+you&key=r1"), ben);
	assert_int_equal(answer.status, 303);
	answer = web_fixture_get(&web, path_of("/message/", id_str(&sent.id), ""), anna);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "<p>Thank you</p>"));
	assert_true(has(&answer, "Opened by 1 of 1 person"));

	/* Somebody else's message is not there. */
	core_fixture_person(&web.core, STR("eve@example.com"), STR("Eve"), GRADE_GUEST);
	struct str eve = web_fixture_sign_in(&web, STR("eve@example.com"));
	assert_int_equal(
		web_fixture_get(&web, path_of("/message/", id_str(&sent.id), ""), eve).status, 404);
	assert_int_equal(web_fixture_post(&web, path, STR("body=x&key=r2"), eve).status, 404);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(a_message_leads_back_to_where_it_is_listed),
		WEB_TEST(a_folded_message_says_what_is_inside),
		WEB_TEST(what_was_read_is_a_link),
		WEB_TEST(a_message_page_opens_whatever_was_sent),
		WEB_TEST(asking_for_the_head_opens_nothing),
		WEB_TEST(answering),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
