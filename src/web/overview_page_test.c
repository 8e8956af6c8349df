/* The first page of administration. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "web/web_test_support.h"

static void settle_all(enum outbox_result result, const char *reply)
{
	for (;;) {
		struct cx cx = core_fixture_cx(&web.core, NULL);
		struct outbox_mail mail;
		int64_t due_ms;
		if (outbox_claim(&cx, OUTBOX_CLAIM_MS, &mail, &due_ms) != OK)
			return;
		assert_int_equal(outbox_settle(&cx, &mail, result, str_of(reply)), OK);
	}
}

static void administrators_alone_find_the_way(void **state)
{
	(void)state;
	struct str anna = admin();
	struct web_answer answer = web_fixture_get(&web, STR("/admin"), anna);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "href=\"/admin\" aria-current=\"page\""));
	assert_true(has(&answer, "You are the first one here"));
	assert_true(has(&answer, "No message has been sent in this time."));
	assert_true(has(&answer, "1 seat is taken."));
	assert_int_equal(web_fixture_get(&web, STR("/admin/nothing"), anna).status, 404);
	core_fixture_person(&web.core, STR("paul@example.com"), STR("Paul"), GRADE_PROFESSIONAL);
	struct str others[] = {guest(), web_fixture_sign_in(&web, STR("paul@example.com"))};
	for (size_t i = 0; i < 2; i++) {
		answer = web_fixture_get(&web, STR("/inbox"), others[i]);
		assert_false(has(&answer, "/admin"));
		answer = web_fixture_get(&web, STR("/admin"), others[i]);
		assert_int_equal(answer.status, 403);
		assert_true(has(&answer, "administrator"));
		assert_false(has(&answer, "Seats"));
		answer = web_fixture_post(&web, STR("/admin/mails/retry"), STR(""), others[i]);
		assert_int_equal(answer.status, 403);
		assert_int_equal(web_fixture_get(&web, STR("/admin/nothing"), others[i]).status,
				 404);
	}
	answer = web_fixture_get(&web, STR("/admin"), STR(""));
	assert_int_equal(answer.status, 303); /* to sign in */
}

static void what_came_back_is_shown_with_the_servers_words(void **state)
{
	(void)state;
	struct str anna = admin();
	core_fixture_send(&web.core, web.core.admin, STR("dora@example.org"), STR("Secret subject"),
			  STR("Secret body"));
	settle_all(OUTBOX_BOUNCED, "550 There is no <such> person");
	struct web_answer answer = web_fixture_get(&web, STR("/admin"), anna);
	assert_true(has(&answer, "The mail server said: <q>550 There is no &lt;such&gt; person"));
	assert_true(has(&answer, "dora@example.org"));
	assert_true(has(&answer, "Invitation"));
	assert_false(has(&answer, "Secret"));     /* never content */
	assert_false(has(&answer, "/register/")); /* P2.7 */
	assert_true(has(&answer, "1 message in 30 days, 1 of them today."));
	struct user dora = core_fixture_user(&web.core, STR("dora@example.org"));
	assert_true(str_find(answer.body,
			     path_of("href=\"/admin/users/", id_str(&dora.id), "\"")) >= 0);
	struct str rest = str_slice(answer.body,
				    (size_t)str_find(answer.body, STR("action=\"/admin/mails/0")),
				    answer.body.len);
	struct str path = str_slice(rest, 8, 13 + ID_CHARS + 9);
	answer = web_fixture_post(&web, path, STR(""), anna);
	assert_true(str_eq(answer.location, STR("/admin?done=mail-taken-off")));
	answer = web_fixture_post(&web, path, STR(""), anna);
	assert_true(str_eq(answer.location, STR("/admin?done=mail-gone")));
	answer = web_fixture_post(&web, STR("/admin/mails/nothing/take-off"), STR(""), anna);
	assert_int_equal(answer.status, 404);
	answer = web_fixture_post_from_elsewhere(&web, STR("/admin/mails/retry"), STR(""), anna);
	assert_int_equal(answer.status, 403);
	answer = web_fixture_post(&web, STR("/admin/mails/retry"), STR(""), anna);
	assert_true(str_eq(answer.location, STR("/admin?done=mails-retried&count=0#mails")));
	answer = web_fixture_get(&web, STR("/admin?done=mails-retried&count=3"), anna);
	assert_true(has(&answer, "3 e-mails are tried now."));
}

/* Nobody is quoted with what is ours to say. */
static void own_words_are_not_the_servers(void **state)
{
	(void)state;
	struct str anna = admin();
	core_fixture_send(&web.core, web.core.admin, STR("dora@example.org"), STR("S"), STR("B"));
	settle_all(OUTBOX_RETRY, "The mail server could not be reached.");
	struct web_answer answer = web_fixture_get(&web, STR("/admin"), anna);
	assert_true(has(&answer, "<p>The mail server could not be reached.</p>"));
	assert_false(has(&answer, "The mail server said"));
}

static ptrdiff_t place_of(const struct web_answer *answer, const char *health)
{
	struct str title = arena_printf(&web.core.arena, "\"health-name\">%s<", health);
	ptrdiff_t at = str_find(answer->body, title);
	assert_true(at >= 0);
	return at;
}

static void what_has_to_be_done_stands_first(void **state)
{
	(void)state;
	struct str anna = admin();
	web.core.portal->health.mail_ms = web.core.clock.now_ms;
	web.core.portal->health.is_mail_down = true;
	struct web_answer answer = web_fixture_get(&web, STR("/admin"), anna);
	/* Now, soon, good, not used. */
	assert_true(place_of(&answer, "Mail server") < place_of(&answer, "Backup"));
	assert_true(place_of(&answer, "Backup") < place_of(&answer, "E-mail texts"));
	assert_true(place_of(&answer, "E-mail texts") < place_of(&answer, "Database"));
	assert_true(place_of(&answer, "Database") < place_of(&answer, "Virus scanner"));
}

static void ninety_days_on_request(void **state)
{
	(void)state;
	struct str anna = admin();
	core_fixture_send(&web.core, web.core.admin, STR("dora@example.org"), STR("S"), STR("B"));
	core_fixture_sleep(&web.core, 40 * DAY_MS);
	anna = admin();
	struct web_answer answer = web_fixture_get(&web, STR("/admin"), anna);
	assert_true(has(&answer, "No message has been sent in this time."));
	answer = web_fixture_get(&web, STR("/admin?days=90"), anna);
	assert_true(has(&answer, "1 message in 90 days, 0 of them today."));
	assert_true(has(&answer, "viewBox=\"0 0 900 100\""));
	assert_false(has(&answer, "style="));
	answer = web_fixture_get(&web, STR("/admin?days=100000"), anna);
	assert_int_equal(answer.status, 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(administrators_alone_find_the_way),
		WEB_TEST(what_came_back_is_shown_with_the_servers_words),
		WEB_TEST(own_words_are_not_the_servers),
		WEB_TEST(what_has_to_be_done_stands_first),
		WEB_TEST(ninety_days_on_request),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
