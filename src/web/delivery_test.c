/* What the page of a message says of those who got it, or will. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/limits.h"
#include "core/people_erase.h"
#include "web/web_test_support.h"

static void two_more_guests(void)
{
	core_fixture_person(&web.core, STR("cora@example.com"), STR("Cora"), GRADE_GUEST);
	core_fixture_person(&web.core, STR("dora@example.com"), STR("Dora"), GRADE_GUEST);
}

/* The path of a message that the administrator sends. */
static struct str send_to(struct str to, struct str cc, struct str bcc)
{
	const struct draft draft = {
		.to = to, .cc = cc, .bcc = bcc, .subject = STR("S"), .body = STR("B")};
	struct sent sent;
	assert_int_equal(core_fixture_try_send(&web.core, web.core.admin, &draft, &sent, NULL), OK);
	return path_of("/message/", id_str(&sent.id), "");
}

/* What a page says of who got its messages. */
static void who_got_a_message(void **state)
{
	static const struct {
		const char *sentence;
		struct str to, cc, bcc;
		const char *said_to_ben, *said_to_sender;
	} cases[] = {
		{"one person", STR("ben@example.com"), STR(""), STR(""),
		 "<p class=\"audience\"><bdi>To you</bdi>",
		 "<p class=\"audience\"><bdi>To Ben Adler (ben@example.com)</bdi>"},
		{"two people", STR("ben@example.com"), STR("cora@example.com"), STR(""),
		 "<summary><bdi>To you and one other</bdi>",
		 "<summary><bdi>To Ben Adler and one other</bdi>"},
		{"in copy", STR("cora@example.com"), STR("ben@example.com, dora@example.com"),
		 STR(""), "<summary><bdi>To you and 2 others</bdi>",
		 "<summary><bdi>To Cora and 2 others</bdi>"},
		{"hidden", STR("cora@example.com"), STR(""), STR("ben@example.com"),
		 "<summary><bdi>To you, unseen by the others</bdi>",
		 "<summary><bdi>To Cora and one other</bdi>"},
		{"others hidden", STR("ben@example.com"), STR(""), STR("cora@example.com"),
		 "<p class=\"audience\"><bdi>To you</bdi>",
		 "<summary><bdi>To Ben Adler and one other</bdi>"},
		{"only hidden", STR(""), STR(""), STR("ben@example.com"),
		 "<summary><bdi>To you, unseen by the others</bdi>",
		 "<summary><bdi>To Ben Adler (ben@example.com)</bdi>"},
	};
	(void)state;
	struct str ben = guest();
	struct str anna = admin();
	two_more_guests();
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct str path = send_to(cases[i].to, cases[i].cc, cases[i].bcc);
		struct web_answer to_ben = web_fixture_get(&web, path, ben);
		struct web_answer to_sender = web_fixture_get(&web, path, anna);
		if (!has(&to_ben, cases[i].said_to_ben) ||
		    !has(&to_sender, cases[i].said_to_sender))
			fail_msg("%s", cases[i].sentence);
	}
}

/* Writing more goes to those in To; with nobody there, to those in Cc. */
static void writing_more_says_to_whom(void **state)
{
	static const struct {
		const char *sentence;
		struct str to, cc;
		const char *shown;
		const char *all; /* what the form then says */
	} cases[] = {
		{"one", STR("ben@example.com"), STR(""), "To Ben Adler (ben@example.com)</bdi>",
		 ""},
		{"three in To", STR("ben@example.com, cora@example.com, dora@example.com"), STR(""),
		 "To Ben Adler and 2 others</bdi>", ""},
		{"some in Cc", STR("ben@example.com"), STR("cora@example.com"),
		 "Only Ben Adler (ben@example.com)</label>", "&all=yes"},
		{"all in Cc", STR(""), STR("cora@example.com, dora@example.com"),
		 "<input type=\"hidden\" name=\"all\" value=\"yes\">", "&all=yes"},
	};
	(void)state;
	guest();
	struct str anna = admin();
	two_more_guests();
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct str path = send_to(cases[i].to, cases[i].cc, STR(""));
		struct web_answer answer = web_fixture_get(&web, path, anna);
		struct str form =
			arena_printf(&web.core.arena, "body=x&key=m%zu%s", i, cases[i].all);
		int status = web_fixture_post(&web, path_of("", path, "/reply"), form, anna).status;
		if (!has(&answer, cases[i].shown) || status != 303)
			fail_msg("%s: %d", cases[i].sentence, status);
	}
}

/* Of a conversation only the newest message of one's own shows at once what became of it. */
static void the_newest_of_ones_own_shows_its_state(void **state)
{
	(void)state;
	struct str anna = admin();
	guest();
	struct draft draft = {.to = STR("ben@example.com"), .subject = STR("S"), .body = STR("B")};
	struct sent first, second;
	assert_int_equal(core_fixture_try_send(&web.core, web.core.admin, &draft, &first, NULL),
			 OK);
	core_fixture_sleep(&web.core, MINUTE_MS);
	draft.reply_to = first.id;
	assert_int_equal(core_fixture_try_send(&web.core, web.core.admin, &draft, &second, NULL),
			 OK);
	struct web_answer answer =
		web_fixture_get(&web, path_of("/message/", id_str(&second.id), ""), anna);
	assert_true(has(&answer, "<details class=\"delivery\" open>"));
	assert_false(has(&answer, "<details class=\"delivery\">"));
	answer = web_fixture_get(&web, path_of("/message/", id_str(&second.id), "?all=yes"), anna);
	ptrdiff_t old = str_find(answer.body, STR("<details class=\"delivery\">"));
	ptrdiff_t new = str_find(answer.body, STR("<details class=\"delivery\" open>"));
	assert_true(old >= 0 && new > old);
	/* An older one that was asked for shows it too. */
	answer = web_fixture_get(&web, path_of("/message/", id_str(&first.id), ""), anna);
	assert_true(has(&answer, "<details class=\"delivery\" open>"));
	assert_false(has(&answer, "<details class=\"delivery\">"));
}

static void who_is_erased_has_a_name_and_no_address(void **state)
{
	(void)state;
	struct str anna = admin();
	struct cx cx = core_fixture_cx(&web.core, web.core.admin);
	struct form_errors errors = {0};
	two_more_guests();
	struct str path = send_to(STR("cora@example.com"), STR("dora@example.com"), STR_NONE);
	struct web_answer answer = web_fixture_get(&web, path, anna);
	assert_true(has(&answer, "cora@example.com"));
	struct user cora = core_fixture_user(&web.core, STR("cora@example.com"));
	assert_int_equal(people_erase(&cx, &cora.id, NULL, &errors), OK);
	answer = web_fixture_get(&web, path, anna);
	assert_true(has(&answer, "Erased person"));
	assert_true(has(&answer, "dora@example.com"));
	assert_false(has(&answer, "@erased.invalid"));
}

static void inviting_again_too_often_says_so(void **state)
{
	(void)state;
	struct str anna = admin();
	core_fixture_send(&web.core, web.core.admin, STR("ben@example.com"), STR("S"), STR("B"));
	struct user ben = core_fixture_user(&web.core, STR("ben@example.com"));
	struct str path = path_of("/people/", id_str(&ben.id), "/invite-again");
	for (int i = 0; i <= LIMIT_INVITATIONS_AGAIN_PER_HOUR; i++) {
		struct web_answer answer = web_fixture_post(&web, path, STR("next=%2Fsent"), anna);
		assert_int_equal(answer.status, 303);
		answer = web_fixture_get(&web, answer.location, anna);
		bool is_sent = i < LIMIT_INVITATIONS_AGAIN_PER_HOUR;
		assert_int_equal(has(&answer, "A fresh invitation is on its way"), is_sent);
		assert_int_equal(has(&answer, "several invitations within the last hour"),
				 !is_sent);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(who_got_a_message),
		WEB_TEST(writing_more_says_to_whom),
		WEB_TEST(the_newest_of_ones_own_shows_its_state),
		WEB_TEST(who_is_erased_has_a_name_and_no_address),
		WEB_TEST(inviting_again_too_often_says_so),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
