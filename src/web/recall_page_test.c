/* The pages of recall and tracking (P4.3, P4.4). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/limits.h"
#include "web/web_test_support.h"

static struct sent send_to(const char *to, const char *cc)
{
	const struct draft draft = {.to = str_of(to),
				    .cc = str_of(cc),
				    .subject = STR("Findings"),
				    .body = STR("Secret <words>")};
	struct sent sent;
	assert_int_equal(core_fixture_try_send(&web.core, web.core.admin, &draft, &sent, NULL), OK);
	return sent;
}

static void the_page_explains_and_recalls(void **state)
{
	(void)state;
	struct str ben = guest(), anna = admin();
	struct sent sent = send_to("ben@example.com", "");
	struct str message = path_of("/message/", id_str(&sent.id), "");
	struct str recall = path_of("/message/", id_str(&sent.id), "/recall");
	struct web_answer answer = web_fixture_get(&web, message, anna);
	assert_true(has(&answer, "/recall\">Recall"));
	answer = web_fixture_get(&web, recall, anna);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "<bdi>Ben Adler</bdi>"));
	assert_true(has(&answer, "Not opened yet"));
	/* Looking at the page recalls nothing. */
	answer = web_fixture_get(&web, message, ben);
	assert_true(has(&answer, "Secret &lt;words&gt;"));
	answer = web_fixture_post(&web, recall, STR("from=all&reason=Wrong+%3Cfile%3E"), anna);
	assert_int_equal(answer.status, 303);
	assert_true(str_ends_with(answer.location, STR("?done=recalled")));
	answer = web_fixture_get(&web, message, ben);
	assert_int_equal(answer.status, 200);
	assert_false(has(&answer, "Secret"));
	assert_true(has(&answer, "recalled this message on"));
	assert_true(has(&answer, "Reason: Wrong &lt;file&gt;"));
	answer = web_fixture_get(&web, STR("/inbox"), ben);
	assert_true(has(&answer, "row-mark\">Recalled</span> <bdi>Findings</bdi>"));
	answer = web_fixture_get(&web, message, anna);
	assert_true(has(&answer, "You recalled this message from everybody"));
	assert_true(has(&answer, "Secret"));
	assert_false(has(&answer, "/recall\">Recall"));
	/* Again: nothing is left to do. */
	answer = web_fixture_get(&web, recall, anna);
	assert_int_equal(answer.status, 303);
}

static void some_of_them(void **state)
{
	(void)state;
	struct str ben = guest(), anna = admin();
	core_fixture_person(&web.core, STR("cora@example.com"), STR("Cora"), GRADE_GUEST);
	struct str cora = web_fixture_sign_in(&web, STR("cora@example.com"));
	struct sent sent = send_to("ben@example.com", "cora@example.com");
	struct user user = core_fixture_user(&web.core, STR("ben@example.com"));
	struct str message = path_of("/message/", id_str(&sent.id), "");
	struct str recall = path_of("/message/", id_str(&sent.id), "/recall");
	/* Some, but none of them. */
	struct web_answer answer = web_fixture_post(&web, recall, STR("from=some"), anna);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "choose at least one person"));
	answer = web_fixture_post(&web, recall, path_of("from=some&person=", id_str(&user.id), ""),
				  anna);
	assert_int_equal(answer.status, 303);
	answer = web_fixture_get(&web, message, ben);
	assert_false(has(&answer, "Secret"));
	answer = web_fixture_get(&web, message, cora);
	assert_true(has(&answer, "Secret"));
	/* Ben is told of in the panel, and not offered again. */
	answer = web_fixture_get(&web, message, anna);
	assert_true(has(&answer, "person-state\">Recalled "));
	answer = web_fixture_get(&web, recall, anna);
	assert_false(has(&answer, "Ben Adler"));
	assert_true(has(&answer, "Cora"));
}

static void mistakes_keep_what_was_typed(void **state)
{
	(void)state;
	guest();
	struct str anna = admin();
	struct sent sent = send_to("ben@example.com", "");
	struct str recall = path_of("/message/", id_str(&sent.id), "/recall");
	struct str form =
		path_of("reason=", repeated("x", LIMIT_RECALL_REASON_CHARS + 1), "&from=all");
	struct web_answer answer = web_fixture_post(&web, recall, form, anna);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "xxxxx</textarea>"));
	assert_true(has(&answer, "id=\"reason-wrong\""));
}

static void it_is_not_everybodys(void **state)
{
	(void)state;
	struct str ben = guest(), anna = admin();
	core_fixture_person(&web.core, STR("paul@example.com"), STR("Paul"), GRADE_PROFESSIONAL);
	core_fixture_person(&web.core, STR("ines@example.com"), STR("Ines"), GRADE_PROFESSIONAL);
	struct str paul = web_fixture_sign_in(&web, STR("paul@example.com"));
	struct str ines = web_fixture_sign_in(&web, STR("ines@example.com"));
	struct sent sent = send_to("ben@example.com", "paul@example.com");
	struct str message = path_of("/message/", id_str(&sent.id), "");
	struct str recall = path_of("/message/", id_str(&sent.id), "/recall");
	const struct {
		const char *sentence;
		struct str cookie;
		int status;
	} rows[] = {
		{"a guest recalls nothing", ben, 403},
		{"nor does who only got it", paul, 403},
		{"for a stranger it does not exist", ines, 404},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct web_answer shown = web_fixture_get(&web, recall, rows[i].cookie);
		struct web_answer done =
			web_fixture_post(&web, recall, STR("from=all"), rows[i].cookie);
		if (shown.status != rows[i].status || done.status != rows[i].status)
			fail_msg("%s", rows[i].sentence);
	}
	struct web_answer answer = web_fixture_get(&web, message, ben);
	assert_true(has(&answer, "Secret"));
	assert_false(has(&answer, "/recall\">Recall"));
	answer = web_fixture_get(&web, message, anna);
	assert_true(has(&answer, "/recall\">Recall"));
}

/* A mail scanner has the link and no session: its visit is no opening (P4.3). */
static void a_scanners_visit_is_no_opening(void **state)
{
	(void)state;
	struct str ben = guest(), anna = admin();
	struct sent sent = send_to("ben@example.com", "");
	struct str message = path_of("/message/", id_str(&sent.id), "");
	core_fixture_take_mails(&web.core);
	struct web_answer answer = web_fixture_get(&web, message, STR_NONE);
	assert_int_equal(answer.status, 303);
	answer = web_fixture_get(&web, message, anna);
	assert_true(has(&answer, "Not opened yet"));
	assert_true(has(&answer, "Notified "));
	answer = web_fixture_get(&web, message, ben);
	assert_true(has(&answer, "What the sender can see about you"));
	assert_true(has(&answer, "<li>Opened "));
	assert_true(has(&answer, "<li>Notified "));
	answer = web_fixture_get(&web, message, anna);
	assert_true(has(&answer, "person-state is-good\">Opened "));
	assert_false(has(&answer, "What the sender can see about you"));
}

/* P4.2, P4.4: what can no longer be done is explained, and what was typed meanwhile is kept. */
static void a_recalled_message_is_neither_answered_nor_forwarded(void **state)
{
	static const char *const why = "That message was recalled, so it can be "
				       "neither answered nor forwarded.";
	(void)state;
	struct str ben = guest(), anna = admin();
	struct sent sent = send_to("ben@example.com", "");
	struct str message = path_of("/message/", id_str(&sent.id), "");
	struct str forward = arena_printf(
		&web.core.arena,
		"to=admin%%40example.com&subject=F&body=My+forward&key=k2&forward_of=%s",
		sent.id.text);
	struct web_answer answer = web_fixture_get(&web, message, ben);
	assert_true(has(&answer, "data-forward>Forward</a>"));
	assert_false(has(&answer, "act-off"));
	answer = web_fixture_post(&web, path_of("", message, "/recall"), STR("from=all"), anna);
	assert_int_equal(answer.status, 303);
	answer = web_fixture_get(&web, message, ben);
	struct str off = path_of("disabled aria-describedby=\"why-", id_str(&sent.id),
				 "\">Forward</button>");
	assert_true(str_find(answer.body, off) >= 0);
	assert_true(has(&answer, "disabled aria-describedby=\"why-no-reply\""));
	assert_true(has(&answer,
			arena_printf(&web.core.arena, "id=\"why-%s\">%s", sent.id.text, why).data));
	assert_true(
		has(&answer, arena_printf(&web.core.arena, "id=\"why-no-reply\">%s", why).data));
	assert_false(has(&answer, "data-forward"));
	/* They had the page open. */
	answer = web_fixture_post(&web, path_of("", message, "/reply"),
				  STR("body=My+answer&key=k1"), ben);
	assert_int_equal(answer.status, 409);
	assert_true(has(&answer, why));
	assert_true(has(&answer, "My answer</textarea>"));
	assert_false(has(&answer, "Secret"));
	answer = web_fixture_post(&web, STR("/compose"), forward, ben);
	assert_int_equal(answer.status, 409);
	assert_true(has(&answer, why));
	assert_true(has(&answer, "My forward</textarea>"));
	assert_false(has(&answer, "Secret"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(the_page_explains_and_recalls),
		WEB_TEST(some_of_them),
		WEB_TEST(mistakes_keep_what_was_typed),
		WEB_TEST(it_is_not_everybodys),
		WEB_TEST(a_scanners_visit_is_no_opening),
		WEB_TEST(a_recalled_message_is_neither_answered_nor_forwarded),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
