/* Registering by the link of an invitation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/limits.h"
#include "store/store_direct.h"
#include "web/web_test_support.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(registering_by_a_link),
		WEB_TEST(registering_always_shows_the_code),
		WEB_TEST(an_expired_link_is_renewed_with_one_click),
		STRICT_TEST(strict_custody_warns_before_registering),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
