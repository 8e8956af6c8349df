/* The pages, through dispatch() and against a whole portal, without a socket. */
#include "web/web_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/limits.h"
#include "core/core_test_support.h"
#include "core/people.h"
#include "store/store_direct.h"
#include "web/routes.h"
#include "web/site.h"

static struct web_fixture web;

static int set_up(void **state)
{
	web_fixture_init(&web, CUSTODY_MANAGED);
	*state = &web;
	return 0;
}

static int set_up_strict(void **state)
{
	web_fixture_init(&web, CUSTODY_STRICT);
	*state = &web;
	return 0;
}

static int tear_down(void **state)
{
	web_fixture_release(*state);
	return secret_live() == 0 ? 0 : -1;
}

static bool has(const struct web_answer *answer, const char *part)
{
	return str_find(answer->body, str_of(part)) >= 0;
}

/* "/register/" and a token and "/renew". */
static struct str path_of(const char *before, struct str part, const char *after)
{
	return arena_printf(&web.core.arena, "%s%.*s%s", before, STR_ARGS(part), after);
}

/* What stands between the tag with this attribute and the next tag. */
static struct str text_of(const struct web_answer *answer, const char *attribute)
{
	ptrdiff_t at = str_find(answer->body, str_of(attribute));
	assert_true(at >= 0);
	struct str rest = str_slice(answer->body, (size_t)at, answer->body.len);
	struct str text;
	assert_true(str_next(&rest, '>', &text) && str_next(&rest, '<', &text));
	return str_trim(text);
}

static struct str admin(void)
{
	return web_fixture_sign_in(&web, STR("admin@example.com"));
}

/* A guest who has a message, and the cookie. */
static struct str guest(void)
{
	core_fixture_person(&web.core, STR("ben@example.com"), STR("Ben Adler"), GRADE_GUEST);
	return web_fixture_sign_in(&web, STR("ben@example.com"));
}

static const struct {
	const char *path;
	int anonymous, guest, professional;
} pages[] = {
	{"/", 303, 303, 303},
	{"/robots.txt", 200, 200, 200},
	{"/favicon.ico", 303, 303, 303},
	{"/sign-in", 200, 303, 303},
	{"/help-signing-in", 200, 200, 200},
	{"/register/nonsense", 404, 404, 404},
	{"/reset/nonsense", 404, 404, 404},
	{"/inbox", 303, 200, 200},
	{"/inbox?cursor=nonsense", 303, 400, 400},
	{"/inbox?cursor=%zz", 303, 400, 400},
	{"/sent", 303, 200, 200},
	{"/message/nonsense", 303, 404, 404},
	{"/message/01J00000000000000000000000", 303, 404, 404},
	{"/compose", 303, 200, 200},
	{"/people/suggest?q=ad", 303, 200, 200},
	{"/account", 303, 200, 200},
};

static void every_page_opens_to_those_it_is_for(void **state)
{
	(void)state;
	struct str ben = guest();
	struct str anna = admin();
	for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
		struct str path = str_of(pages[i].path);
		print_message("# %s\n", pages[i].path);
		assert_int_equal(web_fixture_get(&web, path, STR_NONE).status, pages[i].anonymous);
		assert_int_equal(web_fixture_get(&web, path, ben).status, pages[i].guest);
		assert_int_equal(web_fixture_get(&web, path, anna).status, pages[i].professional);
	}
}

static void strangers_are_sent_to_sign_in_and_back(void **state)
{
	(void)state;
	struct web_answer answer = web_fixture_get(&web, STR("/sent?cursor=a"), STR_NONE);
	assert_int_equal(answer.status, 303);
	assert_true(str_eq(answer.location, STR("/sign-in?next=%2Fsent%3Fcursor%3Da")));
	answer = web_fixture_get(&web, answer.location, STR_NONE);
	assert_true(has(&answer, "name=\"next\" value=\"/sent?cursor=a\""));
	/* P1.1 */
	assert_true(has(&answer, "You register by an invitation"));
}

static void every_form_of_another_site_is_refused(void **state)
{
	(void)state;
	struct str anna = admin();
	for (size_t i = 0; i < web_route_count; i++) {
		if (web_routes[i].method != METHOD_POST)
			continue;
		struct str path = str_of(web_routes[i].path);
		struct web_answer answer =
			web_fixture_post_from_elsewhere(&web, path, STR("a=b"), anna);
		assert_int_equal(answer.status, 403);
		assert_int_equal(answer.cookie.len, 0);
	}
}

static void signing_in_and_out(void **state)
{
	(void)state;
	struct web_answer answer = web_fixture_post(
		&web, STR("/sign-in"), STR("address=admin%40example.com&password="), STR_NONE);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "href=\"#password\""));
	assert_true(has(&answer, "value=\"admin@example.com\""));
	answer = web_fixture_post(&web, STR("/sign-in"),
				  STR("address=admin%40example.com&password=wrong+wrong+wrong"),
				  STR_NONE);
	assert_int_equal(answer.status, 403);
	assert_true(has(&answer, "do not fit together"));
	struct web_answer unknown = web_fixture_post(
		&web, STR("/sign-in"),
		STR("address=nobody%40example.com&password=wrong+wrong+wrong"), STR_NONE);
	assert_int_equal(unknown.status, 403);
	assert_true(has(&unknown, "do not fit together"));

	const char form[] =
		"address=admin%40example.com&password=violet+kettle+harbour+42&next=%2Fsent";
	answer = web_fixture_post(&web, STR("/sign-in"), str_of(form), STR_NONE);
	assert_int_equal(answer.status, 303);
	assert_true(str_eq(answer.location, STR("/sent")));
	assert_true(str_ends_with(answer.cookie, STR("; Path=/; HttpOnly; SameSite=Lax; Secure")));
	struct str token = web_fixture_token(&answer);
	assert_int_equal(web_fixture_get(&web, STR("/inbox"), token).status, 200);

	/* Signing in again ends the session before it. */
	answer = web_fixture_post(&web, STR("/sign-in"), str_of(form), token);
	assert_int_equal(answer.status, 303);
	assert_int_equal(web_fixture_get(&web, STR("/inbox"), token).status, 303);
	token = web_fixture_token(&answer);

	answer = web_fixture_post(&web, STR("/sign-out"), STR("a=b"), token);
	assert_int_equal(answer.status, 303);
	assert_true(str_find(answer.clear, STR("\"storage\"")) >= 0);
	assert_true(str_find(answer.cookie, STR("Max-Age=0")) >= 0);
	assert_int_equal(web_fixture_get(&web, STR("/inbox"), token).status, 303);
}

static void a_known_browser_signs_in_while_others_guess(void **state)
{
	const struct str good = STR("address=ben%40example.com&password=violet+kettle+harbour+42");
	const struct str wrong = STR("address=ben%40example.com&password=wrong+wrong+wrong");
	(void)state;
	guest();
	struct web_answer answer = web_fixture_post(&web, STR("/sign-in"), good, STR_NONE);
	assert_int_equal(answer.status, 303);
	assert_true(str_ends_with(answer.device, STR("; Path=/; HttpOnly; SameSite=Lax; "
						     "Max-Age=34560000; Secure")));
	struct str device = STR_NONE;
	struct str rest = answer.device;
	assert_true(str_next(&rest, ';', &device));
	/* It stays after signing out. */
	answer = web_fixture_post(&web, STR("/sign-out"), STR("a=b"), web_fixture_token(&answer));
	assert_int_equal(answer.device.len, 0);
	for (int i = 0; i < 5; i++)
		assert_int_equal(web_fixture_post(&web, STR("/sign-in"), wrong, STR_NONE).status,
				 403);
	assert_int_equal(web_fixture_post(&web, STR("/sign-in"), good, STR_NONE).status, 429);
	struct str cookies = arena_printf(&web.core.arena, "none; %.*s", STR_ARGS(device));
	answer = web_fixture_post(&web, STR("/sign-in"), good, cookies);
	assert_int_equal(answer.status, 303);
	assert_true(str_starts_with(answer.device, device));
}

static void a_notice_is_for_who_did_it(void **state)
{
	(void)state;
	struct str ben = guest();
	struct str path = STR("/account?done=password-changed");
	const char *notice = "class=\"notice\"";
	struct web_answer answer = web_fixture_get(&web, path, ben);
	assert_true(has(&answer, notice));
	answer = web_fixture_get_from_elsewhere(&web, path, ben);
	assert_int_equal(answer.status, 200);
	assert_false(has(&answer, notice));
}

static void a_new_password_ends_the_old_cookie(void **state)
{
	(void)state;
	struct str ben = guest();
	struct web_answer answer = web_fixture_post(
		&web, STR("/account/password"),
		STR("current=violet+kettle+harbour+42&password=quiet+morning+train+9"), ben);
	assert_int_equal(answer.status, 303);
	struct str token = web_fixture_token(&answer);
	assert_int_equal(web_fixture_get(&web, STR("/inbox"), ben).status, 303);
	assert_int_equal(web_fixture_get(&web, STR("/inbox"), token).status, 200);
}

static void a_reset_ends_the_session_of_another(void **state)
{
	(void)state;
	struct str ben = guest();
	struct str ada = web_fixture_sign_in(&web, STR("admin@example.com"));
	web_fixture_post(&web, STR("/help-signing-in"), STR("address=ben%40example.com"), STR_NONE);
	struct str link = core_fixture_token(&web.core, MAIL_RESET, STR("ben@example.com"));
	struct web_answer answer =
		web_fixture_post(&web, arena_printf(&web.core.arena, "/reset/%.*s", STR_ARGS(link)),
				 STR("password=quiet+morning+train+9"), ada);
	assert_int_equal(answer.status, 303);
	assert_int_equal(web_fixture_get(&web, STR("/inbox"), ada).status, 303);
	assert_int_equal(web_fixture_get(&web, STR("/inbox"), ben).status, 303);
	assert_int_equal(web_fixture_get(&web, STR("/inbox"), web_fixture_token(&answer)).status,
			 200);
}

/* From a browser that is still signed in as the same person. */
static void a_reset_goes_on_in_a_browser_that_is_signed_in(void **state)
{
	const struct web_fixture *fixture = *state;
	struct str ben = guest();
	bool is_strict = fixture->core.portal->settings.custody == CUSTODY_STRICT;
	struct str code = STR("");
	if (is_strict) {
		struct web_answer made =
			web_fixture_post(&web, STR("/account/recovery-code"),
					 STR("code_current=violet+kettle+harbour+42"), ben);
		code = text_of(&made, "id=\"recovery-code\"");
	}
	web_fixture_post(&web, STR("/help-signing-in"), STR("address=ben%40example.com"), STR_NONE);
	struct str link = core_fixture_token(&web.core, MAIL_RESET, STR("ben@example.com"));
	struct web_answer answer = web_fixture_post(
		&web, path_of("/reset/", link, ""),
		path_of("password=quiet+morning+train+9&recovery_code=", code, ""), ben);
	assert_int_equal(answer.status, 303);
	assert_true(str_eq(answer.location, STR("/inbox?done=password-changed")));
	assert_int_equal(web_fixture_get(&web, STR("/inbox"), ben).status, 303);
	assert_int_equal(web_fixture_get(&web, STR("/inbox"), web_fixture_token(&answer)).status,
			 200);
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
		assert_false(has(&answer, "just now"));
	}
}

static void signing_in_leads_to_no_other_site(void **state)
{
	static const char *const nexts[] = {
		"%2F%2Fevil.example", "https%3A%2F%2Fevil.example", "%2F%5Cevil.example",
		"%5C%5Cevil.example", "%2F%09%2Fevil.example",      "javascript%3Aalert%281%29",
	};
	(void)state;
	for (size_t i = 0; i < sizeof nexts / sizeof nexts[0]; i++) {
		char form[256];
		snprintf(form, sizeof form,
			 "address=admin%%40example.com&password=violet+kettle+harbour+42&next=%s",
			 nexts[i]);
		struct web_answer answer =
			web_fixture_post(&web, STR("/sign-in"), str_of(form), STR_NONE);
		assert_int_equal(answer.status, 303);
		assert_true(str_eq(answer.location, STR("/")));
	}
}

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

static void a_form_of_another_site_is_told_why(void **state)
{
	(void)state;
	struct web_answer answer =
		web_fixture_post_from_elsewhere(&web, STR("/compose"), STR("a=b"), admin());
	assert_int_equal(answer.status, 403);
	assert_true(has(&answer, "This came from another website"));
	assert_false(has(&answer, "Your account may not do this"));
}

static void a_waiting_message_is_announced_to_who_is_new(void **state)
{
	const char *sentence = "Not registered yet?";
	(void)state;
	struct web_answer answer = web_fixture_get(&web, STR("/sign-in"), STR_NONE);
	assert_false(has(&answer, sentence));
	answer = web_fixture_get(&web, STR("/sign-in?next=%2Fmessage%2F01J00000000000000000000000"),
				 STR_NONE);
	assert_true(has(&answer, sentence));
}

static void an_administrator_is_told_so(void **state)
{
	(void)state;
	struct web_answer answer = web_fixture_get(&web, STR("/account"), admin());
	assert_true(has(&answer, "<dd>Professional, administrator</dd>"));
	answer = web_fixture_get(&web, STR("/account"), guest());
	assert_true(has(&answer, "<dd>Guest</dd>"));

	struct form_errors errors = {0};
	struct cx cx = core_fixture_cx(&web.core, NULL);
	assert_int_equal(people_add(&cx, STR("cora@example.com"), GRADE_PROFESSIONAL,
				    ROLE_ADMINISTRATOR, &errors),
			 OK);
	struct str token = core_fixture_token(&web.core, MAIL_INVITATION, STR("cora@example.com"));
	answer = web_fixture_get(&web, path_of("/register/", token, ""), STR_NONE);
	assert_true(has(&answer, "You become the administrator of"));
}

/* P2.4, P2.5 */
static void registering_by_a_link(void **state)
{
	(void)state;
	core_fixture_send(&web.core, web.core.admin, STR("ben@example.com"), STR("Your <results>"),
			  STR("All is **well**, <script>alert(1)</script>"));
	struct str token = core_fixture_token(&web.core, MAIL_INVITATION, STR("ben@example.com"));
	struct str path = path_of("/register/", token, "");
	for (int i = 0; i < 3; i++) {
		struct web_answer page = web_fixture_get(&web, path, STR_NONE);
		assert_int_equal(page.status, 200);
		assert_true(has(&page, "Ada Admin has a secure message for you"));
		assert_true(has(&page, "value=\"ben@example.com\""));
		assert_true(has(&page, "at least 12 characters"));
		assert_true(has(&page, "nor of the name of this portal"));
		assert_true(has(&page, "does not repeat the same few characters"));
		assert_true(has(&page, " (UTC).</p>"));
		assert_false(has(&page, "You become the administrator"));
		assert_int_equal(page.cookie.len, 0);
	}
	struct web_answer answer =
		web_fixture_post(&web, path, STR("name=Ben+Adler&password=short"), STR_NONE);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "href=\"#password\""));
	assert_true(has(&answer, "value=\"Ben Adler\""));
	assert_false(has(&answer, "value=\"short\""));

	const char form[] = "name=Ben+Adler&password=green+window+curtains+7";
	answer = web_fixture_post(&web, path, str_of(form), STR_NONE);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "You are registered, Ben Adler"));
	assert_true(has(&answer, "id=\"recovery-code\""));
	assert_true(has(&answer,
			"All is <strong>well</strong>, &lt;script&gt;alert(1)&lt;/script&gt;"));
	assert_true(has(&answer, "<title>Your &lt;results&gt; "));
	assert_false(has(&answer, "<script>"));
	struct str cookie = web_fixture_token(&answer);
	answer = web_fixture_get(&web, STR("/inbox"), cookie);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "Your &lt;results&gt;"));

	answer = web_fixture_get(&web, path, STR_NONE);
	assert_int_equal(answer.status, 410);
	assert_true(has(&answer, "was used already"));
	assert_true(has(&answer, "href=\"/sign-in\">Go to sign in"));
	assert_false(has(&answer, "<nav"));
	answer = web_fixture_get(&web, path, cookie);
	assert_int_equal(answer.status, 410);
	assert_true(has(&answer, "href=\"/inbox\">Go to the Inbox"));
	assert_true(has(&answer, "<nav"));
	answer = web_fixture_post(&web, path, str_of(form), STR_NONE);
	assert_int_equal(answer.status, 410);
	assert_int_equal(answer.cookie.len, 0);
}

static struct str repeated(const char *part, size_t bytes)
{
	char *text = arena_alloc(&web.core.arena, bytes);
	size_t len = str_of(part).len;
	for (size_t i = 0; i < bytes; i++)
		text[i] = part[i % len];
	return str_bytes(text, bytes);
}

/* P2.4: the link is spent and the code shown only once, so the page comes whatever it was to show
 * below them. */
static void registering_always_shows_the_code(void **state)
{
	static const struct {
		const char *sentence;
		const char *part;
		size_t bytes;
		const char *sql; /* once the registration has been written */
		const char *shown;
	} waiting[] = {
		{"HTML that would be very long", "-\n+\n", LIMIT_BODY_BYTES, NULL, "<p>-<br>"},
		{"HTML at its longest", "\"", LIMIT_BODY_BYTES, NULL, "&quot;&quot;"},
		{"a message that is gone", "a", 1,
		 "CREATE TRIGGER gone AFTER INSERT ON ways_in BEGIN DELETE FROM deliveries; END",
		 "Open it"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof waiting / sizeof waiting[0]; i++) {
		struct str address = arena_printf(&web.core.arena, "ben%zu@example.com", i);
		struct sent sent =
			core_fixture_send(&web.core, web.core.admin, address, STR("Subject"),
					  repeated(waiting[i].part, waiting[i].bytes));
		struct str token = core_fixture_token(&web.core, MAIL_INVITATION, address);
		print_message("# %s\n", waiting[i].sentence);
		if (waiting[i].sql)
			store_direct_run(web.core.url, waiting[i].sql);
		struct web_answer answer = web_fixture_post(
			&web, path_of("/register/", token, ""),
			STR("name=Ben+Adler&password=green+window+curtains+7"), STR_NONE);
		assert_int_equal(answer.status, 200);
		assert_true(has(&answer, "id=\"recovery-code\""));
		assert_true(has(&answer, waiting[i].shown));
		assert_true(str_find(answer.body, id_str(&sent.id)) >= 0);
		struct str cookie = web_fixture_token(&answer);
		assert_int_equal(web_fixture_get(&web, STR("/inbox"), cookie).status, 200);
	}
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
		struct web_answer answer =
			web_fixture_get(&web, path_of("/message/", id_str(&ids[i]), ""), ben);
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

static void an_expired_link_is_renewed_with_one_click(void **state)
{
	(void)state;
	core_fixture_send(&web.core, web.core.admin, STR("ben@example.com"), STR("S"), STR("B"));
	struct str token = core_fixture_token(&web.core, MAIL_INVITATION, STR("ben@example.com"));
	core_fixture_sleep(&web.core, 30 * DAY_MS);
	struct str path = path_of("/register/", token, "");
	struct web_answer answer = web_fixture_get(&web, path, STR_NONE);
	assert_int_equal(answer.status, 410);
	assert_true(has(&answer, "has expired"));
	assert_true(has(&answer, "/renew\""));
	answer = web_fixture_post(&web, path_of("/register/", token, "/renew"), STR("a=b"),
				  STR_NONE);
	assert_int_equal(answer.status, 200);
	struct str fresh = core_fixture_token(&web.core, MAIL_INVITATION, STR("ben@example.com"));
	assert_false(str_eq(fresh, token));
	assert_int_equal(web_fixture_get(&web, path_of("/register/", fresh, ""), STR_NONE).status,
			 200);
	/* P2.5: the one before says that there is a newer one. */
	answer = web_fixture_get(&web, path, STR_NONE);
	assert_int_equal(answer.status, 410);
	assert_true(has(&answer, "A newer invitation was sent"));
	assert_false(has(&answer, "has expired"));
	assert_true(has(&answer, "/renew\""));
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

static void strict_custody_warns_before_registering(void **state)
{
	(void)state;
	core_fixture_send(&web.core, web.core.admin, STR("ben@example.com"), STR("S"), STR("B"));
	struct str token = core_fixture_token(&web.core, MAIL_INVITATION, STR("ben@example.com"));
	struct web_answer answer =
		web_fixture_get(&web, path_of("/register/", token, ""), STR_NONE);
	assert_true(has(&answer, "the only way back to your messages"));
	web_fixture_post(&web, STR("/help-signing-in"), STR("address=admin%40example.com"),
			 STR_NONE);
	token = core_fixture_token(&web.core, MAIL_RESET, STR("admin@example.com"));
	answer = web_fixture_get(&web, path_of("/reset/", token, ""), STR_NONE);
	assert_true(has(&answer, "not even the administrator"));
	assert_false(has(&answer, "ask the administrator"));
	answer = web_fixture_get(&web, STR("/help-signing-in"), STR_NONE);
	assert_true(has(&answer, "you will also need the recovery code"));
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
	core_fixture_person(&web.core, STR("cora@example.com"), STR("Cora"), GRADE_GUEST);
	core_fixture_person(&web.core, STR("dora@example.com"), STR("Dora"), GRADE_GUEST);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct draft draft = {.to = cases[i].to,
					    .cc = cases[i].cc,
					    .bcc = cases[i].bcc,
					    .subject = STR("S"),
					    .body = STR("B")};
		struct sent sent;
		assert_int_equal(
			core_fixture_try_send(&web.core, web.core.admin, &draft, &sent, NULL), OK);
		struct str path = path_of("/message/", id_str(&sent.id), "");
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
	core_fixture_person(&web.core, STR("cora@example.com"), STR("Cora"), GRADE_GUEST);
	core_fixture_person(&web.core, STR("dora@example.com"), STR("Dora"), GRADE_GUEST);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct draft draft = {.to = cases[i].to,
					    .cc = cases[i].cc,
					    .subject = STR("S"),
					    .body = STR("B")};
		struct sent sent;
		assert_int_equal(
			core_fixture_try_send(&web.core, web.core.admin, &draft, &sent, NULL), OK);
		struct str path = path_of("/message/", id_str(&sent.id), "");
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
	ptrdiff_t old = str_find(answer.body, STR("<details class=\"delivery\">"));
	ptrdiff_t new =
		str_find(answer.body, STR("</details>\n\n<details class=\"delivery\" open>"));
	assert_true(old >= 0 && new > old);
	/* An older one that was asked for shows it too. */
	answer = web_fixture_get(&web, path_of("/message/", id_str(&first.id), ""), anna);
	assert_true(has(&answer, "<details class=\"delivery\" open>"));
	assert_false(has(&answer, "<details class=\"delivery\">"));
}

/* Who cannot read at the moment is not told that reading works. */
static void a_busy_server_does_not_speak_of_its_store(void **state)
{
	static const struct {
		enum err err;
		const char *title;
	} rows[] = {{ERR_BUSY, "One moment, please"},
		    {ERR_UNAVAILABLE, "We cannot store anything at the moment"}};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct cx cx = core_fixture_cx(&web.core, NULL);
		struct request req = {.arena = cx.arena, .method = METHOD_GET};
		struct response res = {.status = 503, .arena = cx.arena};
		buf_init(&res.body, 1 << 20);
		web_refuse(&cx, &req, &res, rows[i].err);
		assert_true(str_find(buf_str(&res.body), str_of(rows[i].title)) >= 0);
		buf_release(&res.body);
	}
}

static void a_page_that_is_not_there_leads_back(void **state)
{
	(void)state;
	struct str ben = guest();
	struct web_answer answer = web_fixture_get(&web, STR("/nothing-here"), ben);
	assert_int_equal(answer.status, 404);
	assert_true(has(&answer, "<nav class=\"nav\""));
	assert_true(has(&answer, "Ben Adler"));
	answer = web_fixture_get(&web, STR("/nothing-here"), STR("nonsense"));
	assert_int_equal(answer.status, 404);
	assert_false(has(&answer, "<nav"));
	answer = web_fixture_get(&web, STR("/nothing-here"), STR_NONE);
	assert_int_equal(answer.status, 404);
	assert_false(has(&answer, "<nav"));
}

static void many_unread_are_not_counted_out(void **state)
{
	(void)state;
	struct str ben = guest();
	/* One has been waiting. */
	for (int i = 2; i <= 100; i++) {
		core_fixture_send(&web.core, web.core.admin, STR("ben@example.com"), STR("S"),
				  STR("B"));
		if (i < 99)
			continue;
		struct web_answer answer = web_fixture_get(&web, STR("/inbox"), ben);
		assert_true(has(&answer, i == 99 ? ">99</span>" : ">99+</span>"));
		assert_true(has(&answer, i == 99 ? ", 99 unread" : ", more than 99 unread"));
	}
}

static void help_tells_nobody_who_is_known(void **state)
{
	(void)state;
	struct web_answer known = web_fixture_post(&web, STR("/help-signing-in"),
						   STR("address=admin%40example.com"), STR_NONE);
	struct web_answer unknown = web_fixture_post(&web, STR("/help-signing-in"),
						     STR("address=other%40example.com"), STR_NONE);
	assert_int_equal(known.status, 200);
	assert_int_equal(unknown.status, 200);
	assert_int_equal(known.body.len, unknown.body.len);
	assert_int_equal(
		web_fixture_post(&web, STR("/help-signing-in"), STR("address=nonsense"), STR_NONE)
			.status,
		422);
}

static void an_account_is_changed_by_its_owner(void **state)
{
	(void)state;
	struct str ben = guest();
	struct str other = web_fixture_sign_in(&web, STR("ben@example.com"));
	struct web_answer answer = web_fixture_post(&web, STR("/account/name"), STR("name="), ben);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "href=\"#name\""));
	assert_int_equal(
		web_fixture_post(&web, STR("/account/name"), STR("name=Benjamin"), ben).status,
		303);
	answer = web_fixture_post(&web, STR("/account/locale"),
				  STR("language=en&zone=Nowhere%2FLand"), ben);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "value=\"Nowhere/Land\""));
	answer = web_fixture_post(&web, STR("/account/password"),
				  STR("current=wrong&password=quiet+morning+train+9"), ben);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "href=\"#current\""));
	answer = web_fixture_post(&web, STR("/account/recovery-code"),
				  STR("code_current=violet+kettle+harbour+42"), ben);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "id=\"recovery-code\""));
	assert_int_equal(web_fixture_get(&web, STR("/inbox"), other).status, 200);
	assert_int_equal(
		web_fixture_post(&web, STR("/account/sessions/end-others"), STR("a=b"), ben).status,
		303);
	assert_int_equal(web_fixture_get(&web, STR("/inbox"), other).status, 303);
	assert_int_equal(web_fixture_get(&web, STR("/inbox"), ben).status, 200);
}

#define WEB_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define STRICT_TEST(name) cmocka_unit_test_setup_teardown(name, set_up_strict, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(every_page_opens_to_those_it_is_for),
		WEB_TEST(strangers_are_sent_to_sign_in_and_back),
		WEB_TEST(a_busy_server_does_not_speak_of_its_store),
		WEB_TEST(every_form_of_another_site_is_refused),
		WEB_TEST(signing_in_and_out),
		WEB_TEST(a_known_browser_signs_in_while_others_guess),
		WEB_TEST(a_notice_is_for_who_did_it),
		WEB_TEST(a_new_password_ends_the_old_cookie),
		WEB_TEST(a_reset_ends_the_session_of_another),
		WEB_TEST(a_reset_goes_on_in_a_browser_that_is_signed_in),
		STRICT_TEST(a_reset_goes_on_in_a_browser_that_is_signed_in),
		WEB_TEST(too_many_messages_keep_what_was_typed),
		WEB_TEST(signing_in_leads_to_no_other_site),
		WEB_TEST(inviting_is_shown_before_it_is_sent),
		WEB_TEST(mistakes_keep_what_was_typed),
		WEB_TEST(a_session_that_ended_loses_no_text),
		WEB_TEST(all_mistakes_stand_beside_their_field),
		WEB_TEST(what_is_only_asked_says_that_nothing_is_sent),
		WEB_TEST(many_guests_are_better_in_bcc),
		WEB_TEST(a_message_leads_back_to_where_it_is_listed),
		WEB_TEST(a_folded_message_says_what_is_inside),
		WEB_TEST(a_form_of_another_site_is_told_why),
		WEB_TEST(a_waiting_message_is_announced_to_who_is_new),
		WEB_TEST(an_administrator_is_told_so),
		WEB_TEST(registering_by_a_link),
		WEB_TEST(registering_always_shows_the_code),
		WEB_TEST(a_message_page_opens_whatever_was_sent),
		WEB_TEST(asking_for_the_head_opens_nothing),
		WEB_TEST(an_expired_link_is_renewed_with_one_click),
		WEB_TEST(inviting_again_too_often_says_so),
		STRICT_TEST(strict_custody_warns_before_registering),
		WEB_TEST(answering),
		WEB_TEST(who_got_a_message),
		WEB_TEST(writing_more_says_to_whom),
		WEB_TEST(the_newest_of_ones_own_shows_its_state),
		WEB_TEST(a_page_that_is_not_there_leads_back),
		WEB_TEST(many_unread_are_not_counted_out),
		WEB_TEST(help_tells_nobody_who_is_known),
		WEB_TEST(an_account_is_changed_by_its_owner),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
