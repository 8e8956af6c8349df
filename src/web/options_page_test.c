/* Options of messages, forwards and confidential messages on pages (P4.2). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/housekeeping.h"
#include "web/web_test_support.h"

static struct id send_with(unsigned options, const char *expires)
{
	const struct draft draft = {.to = STR("ben@example.com, kim@example.com"),
				    .subject = STR("Report"),
				    .body = STR("The secret"),
				    .options = options,
				    .expires = str_of(expires)};
	struct sent sent;
	assert_int_equal(core_fixture_try_send(&web.core, web.core.admin, &draft, &sent, NULL), OK);
	core_fixture_sleep(&web.core, SECOND_MS);
	return sent.id;
}

static struct web_answer get(const char *before, const struct id *id, const char *after,
			     struct str cookie)
{
	return web_fixture_get(&web, path_of(before, id_str(id), after), cookie);
}

static void the_form_sends_what_is_chosen(void **state)
{
	static const struct {
		const char *sentence, *form, *shown;
		int status;
	} cases[] = {
		{"all", "no_forward=yes&confidential=yes&expires_at=2026-12-31", NULL, 303},
		{"none", "expires_at=", NULL, 303},
		{"a past date", "expires_at=2020-01-01", "id=\"expires_at-wrong\">That date has",
		 422},
		{"no date", "expires_at=soon", "That is not a date", 422},
		{"far away", "expires_at=2999-01-01", "within the next 10 years", 422},
	};
	(void)state;
	guest();
	struct str anna = admin();
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct str form = arena_printf(&web.core.arena,
					       "to=ben%%40example.com&subject=S&body=B&key=o%zu&%s",
					       i, cases[i].form);
		struct web_answer answer = web_fixture_post(&web, STR("/compose"), form, anna);
		if (answer.status != cases[i].status ||
		    (cases[i].shown && !has(&answer, cases[i].shown)))
			fail_msg("%s: %d", cases[i].sentence, answer.status);
		if (cases[i].status == 422)
			assert_true(has(&answer, "id=\"options\" open>"));
	}
}

#define DAY_FIELD "name=\"expires_at\" type=\"date\" value=\""

static bool proposes(const char *path, const char *day, struct str cookie)
{
	struct web_answer answer = web_fixture_get(&web, str_of(path), cookie);
	assert_int_equal(answer.status, 200);
	return has(&answer, arena_printf(&web.core.arena, DAY_FIELD "%s\"", day).data);
}

/* expiry_days_default: in new messages and forwards, where it can be changed; held at once. */
static void the_portal_proposes_a_day_of_expiry(void **state)
{
	guest();
	core_fixture_person(&web.core, STR("kim@example.com"), STR("Kim Lee"), GRADE_GUEST);
	struct id id = send_with(0, "");
	const char *forward = path_of("/compose?forward=", id_str(&id), "").data;
	const char *message = path_of("/message/", id_str(&id), "").data;
	struct str anna = admin();
	(void)state;
	assert_true(proposes("/compose", "", anna));
	core_fixture_set(&web.core, "expiry_days_default", STR("30"));
	assert_true(proposes("/compose", "2026-01-31", anna));
	assert_true(proposes(forward, "2026-01-31", anna));
	core_fixture_set(&web.core, "expiry_days_default", STR("7"));
	assert_true(proposes("/compose", "2026-01-08", anna));
	/* An answer ends when what it answers does. */
	struct web_answer answer = web_fixture_get(&web, str_of(message), anna);
	assert_false(has(&answer, "2026-01-08"));
	/* Taken out, it stays out. */
	answer = web_fixture_post(&web, STR("/compose"),
				  STR("to=&subject=S&body=B&key=e1&expires_at="), anna);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, DAY_FIELD "\""));
	core_fixture_set(&web.core, "expiry", STR("no"));
	answer = web_fixture_get(&web, STR("/compose"), anna);
	assert_false(has(&answer, "2026-01-08"));
}

static void what_the_sender_does_not_want_is_explained(void **state)
{
	static const struct {
		const char *sentence;
		unsigned options;
		const char *shown[4];
	} cases[] = {
		{"without options",
		 0,
		 {"data-forward>Forward</a>", "id=\"all-yes\" name=\"all\" value=\"yes\">"}},
		{"no forwarding",
		 OPTION_NO_FORWARD,
		 {"disabled aria-describedby=\"why-", "has not allowed this message to be",
		  "<li>No forwarding</li>", "keeps the options of the message: No forwarding."}},
		{"confidential",
		 OPTION_CONFIDENTIAL,
		 {"disabled aria-describedby=\"why-",
		  "asks each reader for their password, so it cannot be forwarded",
		  "<textarea id=\"body\""}},
		{"no reply-all",
		 OPTION_NO_REPLY_ALL,
		 {"disabled aria-describedby=\"why-not-all\"", "answers go to the sender alone"}},
		{"no reply",
		 OPTION_NO_REPLY,
		 {"disabled aria-describedby=\"why-no-reply\"",
		  "The sender has asked for no answers", "<li>No answers</li>"}},
	};
	(void)state;
	struct str ben = guest();
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct id id = send_with(cases[i].options, "");
		struct web_answer answer = get("/message/", &id, "", ben);
		assert_int_equal(answer.status, 200);
		for (size_t s = 0; s < 4 && cases[i].shown[s]; s++)
			if (!has(&answer, cases[i].shown[s]))
				fail_msg("%s: %s", cases[i].sentence, cases[i].shown[s]);
	}
	/* Whoever gets round the button is told the same, and keeps their text. */
	struct id id = send_with(OPTION_NO_REPLY, "");
	struct web_answer answer =
		web_fixture_post(&web, path_of("/message/", id_str(&id), "/reply"),
				 STR("body=My+words&key=r1"), ben);
	assert_int_equal(answer.status, 403);
	assert_true(has(&answer, "The sender has asked for no answers"));
	assert_true(has(&answer, "My words</textarea>"));
	id = send_with(OPTION_NO_FORWARD, "");
	answer = get("/compose?forward=", &id, "", ben);
	assert_int_equal(answer.status, 403);
	assert_true(has(&answer, "has not allowed this message to be"));
}

static void a_forward_shows_what_it_forwards(void **state)
{
	(void)state;
	struct str ben = guest();
	struct session *cara = core_fixture_person(&web.core, STR("cara@example.com"), STR("Cara"),
						   GRADE_PROFESSIONAL);
	(void)cara;
	struct str caras = web_fixture_sign_in(&web, STR("cara@example.com"));
	struct id id = send_with(0, "2026-01-02");
	struct web_answer answer = get("/compose?forward=", &id, "", ben);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "value=\"Fwd: Report\""));
	assert_true(has(&answer, "Forwarded with it: Report"));
	struct str form = arena_printf(
		&web.core.arena, "to=cara%%40example.com&subject=Fwd&body=&key=f1&forward_of=%s",
		id.text);
	answer = web_fixture_post(&web, STR("/compose"), form, ben);
	assert_int_equal(answer.status, 303);
	struct cx cx = core_fixture_cx(&web.core, cara);
	struct message_list list;
	assert_int_equal(mailbox_list(&cx, BOX_INBOX, STR(""), 1, &list), OK);
	id = list.rows[0].id;
	answer = get("/message/", &id, "", caras);
	assert_true(has(&answer, "Forwarded message from Ada Admin"));
	assert_true(has(&answer, "The secret"));
	assert_false(has(&answer, "This message has no text"));
	/* Blank once it has expired. */
	core_fixture_sleep(&web.core, 2 * DAY_MS);
	caras = web_fixture_sign_in(&web, STR("cara@example.com"));
	answer = get("/message/", &id, "", caras);
	assert_true(has(&answer, "This message expired on"));
	assert_false(has(&answer, "The secret"));
	/* Somebody else's is as good as none. */
	struct id own = core_fixture_send(&web.core, web.core.admin, STR("kim@example.com"),
					  STR("S"), STR("B"))
				.id;
	assert_int_equal(get("/compose?forward=", &own, "", caras).status, 404);
	assert_int_equal(web_fixture_get(&web, STR("/compose?forward=x"), caras).status, 404);
	/* What expired while the forward was being written. */
	form = arena_printf(&web.core.arena,
			    "to=ben%%40example.com&subject=Fwd&body=Mine&key=f2&forward_of=%s",
			    list.rows[0].id.text);
	answer = web_fixture_post(&web, STR("/compose"), form, caras);
	assert_int_equal(answer.status, 303);
}

static void an_expired_message_is_answered_by_a_sentence(void **state)
{
	(void)state;
	guest();
	struct id id = send_with(0, "2026-01-02");
	core_fixture_sleep(&web.core, 2 * DAY_MS);
	struct str ben = web_fixture_sign_in(&web, STR("ben@example.com"));
	struct web_answer answer =
		web_fixture_post(&web, path_of("/message/", id_str(&id), "/reply"),
				 STR("body=My+words&key=r2"), ben);
	assert_int_equal(answer.status, 409);
	assert_true(has(&answer, "That message has expired"));
	assert_true(has(&answer, "My words</textarea>"));
	assert_true(has(&answer, "Expired 2 Jan 2026, 23:59"));
	struct str form = arena_printf(
		&web.core.arena, "to=admin%%40example.com&subject=F&body=Mine&key=f3&forward_of=%s",
		id.text);
	answer = web_fixture_post(&web, STR("/compose"), form, ben);
	assert_int_equal(answer.status, 409);
	assert_true(has(&answer, "That message has expired"));
	assert_true(has(&answer, "Mine</textarea>"));
}

static void a_confidential_message_asks_on_its_page(void **state)
{
	(void)state;
	struct str ben = guest();
	struct id id = send_with(OPTION_CONFIDENTIAL, "");
	struct str path = path_of("/message/", id_str(&id), "/open");
	for (int i = 0; i < 2; i++) {
		struct web_answer answer = get("/message/", &id, "", ben);
		assert_true(has(&answer, "This message is confidential"));
		assert_false(has(&answer, "The secret"));
		answer = web_fixture_post(&web, path, STR("password=wrong"), ben);
		assert_int_equal(answer.status, 422);
		assert_true(has(&answer, "That is not your password"));
		assert_false(has(&answer, "The secret"));
		answer =
			web_fixture_post(&web, path, STR("password=violet+kettle+harbour+42"), ben);
		assert_int_equal(answer.status, 200);
		assert_true(has(&answer, "The secret"));
		assert_false(has(&answer, "This message is confidential"));
	}
	path = path_of("/message/", STR("01ARZ3NDEKTSV4RRFFQ69G5FAV"), "/open");
	assert_int_equal(
		web_fixture_post(&web, path, STR("password=violet+kettle+harbour+42"), ben).status,
		404);
}

static void a_draft_keeps_options_and_what_it_forwards(void **state)
{
	(void)state;
	struct str ben = guest();
	struct id id = send_with(0, "");
	struct str form = arena_printf(&web.core.arena,
				       "to=&subject=Fwd&body=&key=d1&save=yes&no_reply=yes&expires_"
				       "at=2026-05-05&forward_of=%s",
				       id.text);
	struct web_answer answer = web_fixture_post(&web, STR("/compose"), form, ben);
	assert_int_equal(answer.status, 303);
	answer = web_fixture_get(&web, answer.location, ben);
	assert_true(has(&answer, "name=\"no_reply\" value=\"yes\" checked"));
	assert_true(has(&answer, "value=\"2026-05-05\""));
	assert_true(has(&answer, "Forwarded with it: Report"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(the_form_sends_what_is_chosen),
		WEB_TEST(the_portal_proposes_a_day_of_expiry),
		WEB_TEST(what_the_sender_does_not_want_is_explained),
		WEB_TEST(a_forward_shows_what_it_forwards),
		WEB_TEST(an_expired_message_is_answered_by_a_sentence),
		WEB_TEST(a_confidential_message_asks_on_its_page),
		WEB_TEST(a_draft_keeps_options_and_what_it_forwards),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("options_page", tests, NULL, NULL);
}
