/* Placing fields on documents to sign, without the script: what the page says, keeps and sends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/file_test_support.h"
#include "web/web_test_support.h"

#define ID "01KDVDNA00GTSSYSV7Y2WS2NVR"
#define FIELDS "/drafts/" ID "/fields"

#define TEXT(...) arena_printf(&web.core.arena, __VA_ARGS__)
#define POST(path, token, ...) web_fixture_post(&web, STR(path), TEXT(__VA_ARGS__), token)
#define GET(path, token) web_fixture_get(&web, STR(path), token)
#define SAYS(answer, ...) (str_find((answer)->body, TEXT(__VA_ARGS__)) >= 0)

static struct str anna;
static struct id document;

/* Ben and Kim are known; a draft asks Ben to sign, and Kim to watch. */
static void begin(const char *to)
{
	guest();
	core_fixture_person(&web.core, STR("kim@example.com"), STR("Kim Lee"), GRADE_GUEST);
	anna = admin();
	document = file_test_pdf(&web.core, web.core.admin, "Contract <1>.pdf");
	struct web_answer answer =
		POST("/drafts/save", anna,
		     "to=%s&cc=kim%%40example.com&subject=S&body=Please+sign&key=k&draft=" ID
		     "&version=0&signing=on&signing_order=sequence&signing_deadline=2030-05-01&"
		     "signing_after=3&file=%s",
		     to, document.text);
	assert_int_equal(answer.status, 200);
}

#define FORM "key=f&draft=" ID "&signing=on&signing_order=sequence&signing_deadline=2030-05-01"
/* A line of signing_fields, as forms encode it. */
#define LINE "f1+signature+ben%%40example.com+%s+1+72+540.5+180+40+required"

static void the_switch_leads_to_the_fields(void **state)
{
	(void)state;
	begin("ben%40example.com");
	struct web_answer answer = GET("/compose?draft=" ID, anna);
	assert_true(has(&answer, "id=\"signing\" name=\"signing\" value=\"on\" checked"));
	assert_true(has(&answer, "name=\"signing_deadline\" value=\"2030-05-01\""));
	assert_true(has(&answer, "name=\"signing_after\" value=\"3\""));
	answer = POST("/compose", anna,
		      "to=ben%%40example.com&subject=S&body=B&key=k&draft=" ID
		      "&version=1&signing=on&file=%s&next=fields",
		      document.text);
	assert_int_equal(answer.status, 303);
	assert_true(str_eq(answer.location, STR(FIELDS)));
	answer = GET(FIELDS, anna);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "data-signer=\"ben@example.com\" data-name=\"Ben Adler\""));
	assert_true(has(&answer, "Contract &lt;1&gt;.pdf"));
	assert_true(has(&answer, "No field: signs on the certificate page at the end."));
	assert_true(has(&answer, "Placing fields needs JavaScript."));
	assert_true(str_find(answer.policy, STR("worker-src 'self'; trusted-types pdf-worker")) >=
		    0);
}

/* The day that the portal proposes for messages; a form without its script sends it along. */
static void a_request_has_a_deadline_and_no_day_of_expiry(void **state)
{
	static const struct {
		const char *sentence, *day, *setting;
		bool is_told;
	} cases[] = {
		{"what the portal proposed is nobody's choice", "2026-01-31", "30", false},
		{"another day was chosen", "2026-02-01", "30", true},
		{"nothing was proposed", "2026-01-31", "0", true},
		{"no day", "", "30", false},
	};
	(void)state;
	begin("ben%40example.com");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		core_fixture_set(&web.core, "expiry_days_default", str_of(cases[i].setting));
		/* There is no worker for documents here: that is told as well. */
		struct web_answer answer =
			POST("/compose", anna,
			     "to=ben%%40example.com&subject=S&body=B&key=x%zu&signing=on&file=%s"
			     "&expires_at=%s",
			     i, document.text, cases[i].day);
		assert_int_equal(answer.status, 422);
		if (has(&answer, "have a deadline and no expiry date") != cases[i].is_told)
			fail_msg("%s", cases[i].sentence);
	}
	/* Of a message it is the day. */
	core_fixture_set(&web.core, "expiry_days_default", STR("30"));
	struct web_answer answer = POST("/compose", anna,
					"to=ben%%40example.com&subject=S&body=B&key=y&"
					"expires_at=2026-01-31");
	assert_int_equal(answer.status, 303);
	answer = web_fixture_get(&web, answer.location, anna);
	assert_true(has(&answer, "Expires 31 Jan"));
}

static void what_is_placed_is_kept_and_nothing_else_changes(void **state)
{
	(void)state;
	begin("ben%40example.com");
	struct web_answer answer =
		POST(FIELDS "/save", anna, FORM "&version=1&file=%s&signing_fields=" LINE,
		     document.text, document.text);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "\"version\":2"));
	answer = GET(FIELDS, anna);
	assert_true(SAYS(&answer, "f1 signature ben@example.com %s 1 72 540.5 180 40 required",
			 document.text));
	assert_true(has(&answer, "The field that is placed already stays."));
	answer = GET("/compose?draft=" ID, anna);
	assert_true(has(&answer, "Please sign</textarea>"));
	assert_true(has(&answer, "kim@example.com</textarea>"));
	assert_true(has(&answer, "One field is placed on the pages."));
	assert_true(SAYS(&answer, "f1 signature ben@example.com %s", document.text));
	/* Another window has saved since. */
	answer = POST(FIELDS "/save", anna, "key=other&draft=" ID "&signing=on&version=1&file=%s",
		      document.text);
	assert_int_equal(answer.status, 409);
	answer = POST(FIELDS, anna, "key=other&draft=" ID "&signing=on&version=1&file=%s&act=send",
		      document.text);
	assert_int_equal(answer.status, 409);
	assert_true(has(&answer, "This draft was changed in another window."));
	/* The way back saves as well. */
	answer = POST(FIELDS, anna, FORM "&version=2&file=%s&act=back", document.text);
	assert_true(str_eq(answer.location, STR("/compose?draft=" ID)));
	answer = GET("/compose?draft=" ID, anna);
	assert_true(has(&answer, "Without fields, everybody signs on a certificate page"));
}

/* The box, without a script: it stands for the own address in To, whichever says more. */
static void the_sender_signs_too(void **state)
{
	static const struct {
		const char *sentence, *form, *to;
		bool is_in;
	} cases[] = {
		{"ticked: last", "to=ben%40example.com&signing_too=admin%40example.com",
		 "ben@example.com, admin@example.com", true},
		{"ticked alone", "to=&signing_too=admin%40example.com", "admin@example.com", true},
		{"ticked and typed: where it was typed",
		 "to=Ann+%3CADMIN%40example.com%3E,ben%40example.com&signing_too=admin%40example."
		 "com",
		 "Ann &lt;ADMIN@example.com&gt;,ben@example.com", true},
		{"typed only", "to=admin%40example.com,ben%40example.com",
		 "admin@example.com,ben@example.com", true},
		{"no longer ticked",
		 "to=admin%40example.com,ben%40example.com&signing_too_was=admin%40example.com",
		 "ben@example.com", false},
		{"neither", "to=ben%40example.com", "ben@example.com", false},
	};
	(void)state;
	begin("ben%40example.com");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct web_answer answer = POST("/drafts/save", anna,
						"%s&subject=S&body=B&key=k&draft=" ID
						"&version=%zu&signing=on&file=%s",
						cases[i].form, i + 1, document.text);
		assert_int_equal(answer.status, 200);
		answer = GET("/compose?draft=" ID, anna);
		if (!SAYS(&answer, "\n%s</textarea>", cases[i].to))
			fail_msg("%s: not %s", cases[i].sentence, cases[i].to);
		if (cases[i].is_in != has(&answer, "value=\"admin@example.com\" checked") ||
		    cases[i].is_in != has(&answer, "name=\"signing_too_was\""))
			fail_msg("%s: the box", cases[i].sentence);
		answer = GET(FIELDS, anna);
		if (cases[i].is_in != has(&answer, "data-name=\"Ada Admin (you)\""))
			fail_msg("%s: the fields", cases[i].sentence);
	}
	/* Of an ordinary message the box means nothing. */
	POST("/drafts/save", anna,
	     "to=ben%%40example.com&signing_too=admin%%40example.com&subject=S&key=k&draft=" ID
	     "&version=7");
	struct web_answer answer = GET("/compose?draft=" ID, anna);
	assert_true(has(&answer, "\nben@example.com</textarea>"));
}

static void what_no_page_of_ours_sends_is_refused(void **state)
{
	static const struct {
		const char *sentence, *form;
		int status;
	} cases[] = {
		{"a line of nonsense", "signing=on&version=1&signing_fields=nonsense", 400},
		{"no plan at all", "version=1", 400},
		{"a form that does not know the draft's version", "signing=on", 409},
	};
	(void)state;
	begin("ben%40example.com");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct web_answer answer =
			web_fixture_post(&web, STR(FIELDS "/save"), str_of(cases[i].form), anna);
		if (answer.status != cases[i].status)
			fail_msg("%s: %d", cases[i].sentence, answer.status);
	}
}

static void nobody_elses(void **state)
{
	(void)state;
	begin("ben%40example.com");
	struct str ben = web_fixture_sign_in(&web, STR("ben@example.com"));
	struct web_answer answer = GET(FIELDS, ben);
	assert_int_equal(answer.status, 303);
	assert_true(str_eq(answer.location, STR("/compose?done=draft-gone")));
	answer = POST(FIELDS "/save", ben, FORM "&version=1&file=%s", document.text);
	assert_int_equal(answer.status, 404);
	/* A guest who writes such a form by hand is offered nothing. */
	answer = POST("/drafts/save", ben, "subject=S&key=g&draft=%s&version=0&signing=on",
		      "01KDVDNA00GTSSYSV7Y2WS2NV0");
	assert_int_equal(answer.status, 200);
	answer = GET("/drafts/01KDVDNA00GTSSYSV7Y2WS2NV0/fields", ben);
	assert_int_equal(answer.status, 403);
}

static void what_is_lacking_is_said_first(void **state)
{
	(void)state;
	anna = admin();
	POST("/drafts/save", anna, "subject=S&key=k&draft=%s&version=0&signing=on", ID);
	struct web_answer answer = GET(FIELDS, anna);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "Nobody is asked to sign yet."));
	assert_true(has(&answer, "There is no document yet."));
	assert_false(has(&answer, "value=\"send\""));
	/* An ordinary message has no fields. */
	POST("/drafts/save", anna, "subject=S&key=k&draft=%s&version=1", ID);
	answer = GET(FIELDS, anna);
	assert_true(str_eq(answer.location, STR("/compose?draft=" ID)));
}

static void who_is_new_is_shown_before_anything_is_sent(void **state)
{
	(void)state;
	begin("ben%40example.com,+new%40example.net");
	struct web_answer answer =
		POST(FIELDS, anna, FORM "&version=1&file=%s&act=send", document.text);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "Not sent yet: please look who will be invited, then send."));
	assert_true(has(&answer, "name=\"grade:new@example.net\""));
	/* Chosen; and then it is the documents that cannot be looked at here. */
	answer = POST(FIELDS, anna,
		      FORM "&version=1&file=%s&act=send&grade%%3Anew%%40example.net=guest",
		      document.text);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "class=\"problems\""));
	assert_true(has(&answer, "name=\"grade:new@example.net\" value=\"guest\" checked"));
}

static void who_left_to_is_marked(void **state)
{
	(void)state;
	begin("kim%40example.com");
	POST(FIELDS "/save", anna, FORM "&version=1&file=%s&signing_fields=" LINE, document.text,
	     document.text);
	struct web_answer answer = GET(FIELDS, anna);
	assert_true(has(&answer, "data-signer=\"ben@example.com\" data-name=\"ben@example.com\" "
				 "data-gone=\"yes\""));
	assert_true(has(&answer, "ben@example.com, no longer in To"));
	assert_false(has(&answer, "data-summary-of=\"ben@example.com\""));
}

static void templates_are_kept_used_and_deleted(void **state)
{
	(void)state;
	begin("ben%40example.com");
	struct web_answer answer =
		POST(FIELDS, anna, FORM "&version=1&file=%s&act=keep&name=&signing_fields=" LINE,
		     document.text, document.text);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "id=\"name-wrong\""));
	answer = POST(FIELDS, anna,
		      FORM "&version=2&file=%s&act=keep&name=Contract&signing_fields=" LINE,
		      document.text, document.text);
	assert_true(str_eq(answer.location, STR(FIELDS "?done=template-kept")));
	/* For whoever stands first in To. */
	POST("/drafts/save", anna,
	     "to=kim%%40example.com&subject=S&key=k2&draft=%s&version=3&signing=on&file=%s", ID,
	     document.text);
	answer = GET(FIELDS, anna);
	ptrdiff_t at = str_find(answer.body, STR("<option value=\""));
	assert_true(at >= 0);
	struct str template = str_slice(answer.body, (size_t)at + 15, sizeof(ID) - 1);
	answer = POST(FIELDS, anna,
		      "key=k2&draft=" ID "&signing=on&version=4&file=%s&act=use&"
		      "template=%.*s",
		      document.text, STR_ARGS(template));
	assert_true(str_eq(answer.location, STR(FIELDS "?done=template-used&left=0")));
	answer = GET(FIELDS, anna);
	assert_true(has(&answer, "signature kim@example.com"));
	answer = POST(FIELDS, anna,
		      "key=k2&draft=" ID "&signing=on&version=6&file=%s&act=delete&"
		      "template=%.*s",
		      document.text, STR_ARGS(template));
	assert_true(str_eq(answer.location, STR(FIELDS "?done=template-deleted")));
	answer = GET(FIELDS, anna);
	assert_false(has(&answer, "<option value=\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(the_switch_leads_to_the_fields),
		WEB_TEST(a_request_has_a_deadline_and_no_day_of_expiry),
		WEB_TEST(what_is_placed_is_kept_and_nothing_else_changes),
		WEB_TEST(the_sender_signs_too),
		WEB_TEST(what_no_page_of_ours_sends_is_refused),
		WEB_TEST(nobody_elses),
		WEB_TEST(what_is_lacking_is_said_first),
		WEB_TEST(who_is_new_is_shown_before_anything_is_sent),
		WEB_TEST(who_left_to_is_marked),
		WEB_TEST(templates_are_kept_used_and_deleted),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("fields_page", tests, NULL, NULL);
}
