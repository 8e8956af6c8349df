/* The page of registration rules (P2.2). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/registration_rule.h"
#include "core/settings_live.h"
#include "web/web_test_support.h"

static struct web_answer post(const char *path, const char *form, struct str who)
{
	return web_fixture_post(&web, str_of(path), str_of(form), who);
}

static void a_rule_is_made_changed_and_deleted(void **state)
{
	(void)state;
	struct str anna = admin();
	struct web_answer answer = web_fixture_get(&web, STR("/admin/rules"), anna);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "There is no rule yet."));
	answer = post("/admin/rules", "pattern=%40Example.com&effect=allowed&grade=guest", anna);
	assert_int_equal(answer.status, 303);
	answer = web_fixture_get(&web, answer.location, anna);
	assert_true(has(&answer, "The rule is saved."));
	assert_true(has(&answer, "<bdi>example.com</bdi>"));
	assert_true(has(&answer, "May be invited, as a guest"));
	answer = post("/admin/rules", "pattern=example.com&effect=refused&grade=guest", anna);
	assert_int_equal(answer.status, 409);
	assert_true(has(&answer, "There is a rule for addresses at example.com already."));
	assert_true(has(&answer, "value=\"refused\" checked"));
	answer = web_fixture_get(&web, STR("/admin/rules"), anna);
	struct cx cx = core_fixture_cx(&web.core, web.core.admin);
	struct rule rule;
	assert_int_equal(registration_rule_get(&cx, STR("example.com"), &rule), OK);
	struct str seen = arena_printf(&web.core.arena, "%lld", (long long)rule.created_ms);
	struct str form = path_of("pattern=example.com&effect=refused&grade=guest&seen=", seen, "");
	answer = web_fixture_post(&web, STR("/admin/rules/change"), form, anna);
	assert_int_equal(answer.status, 303);
	/* Somebody who has seen what stood there before. */
	form = path_of("pattern=example.com&effect=allowed&grade=&seen=", seen, "");
	answer = web_fixture_post(&web, STR("/admin/rules/change"), form, anna);
	assert_int_equal(answer.status, 409);
	assert_true(has(&answer, "Somebody else has changed this rule meanwhile."));
	assert_true(has(&answer, "May not be invited</span>"));
	answer = web_fixture_post(&web, STR("/admin/rules/delete"),
				  path_of("pattern=example.com&seen=", seen, ""), anna);
	assert_int_equal(answer.status, 409);
	assert_true(has(&answer, "Somebody else has changed this rule meanwhile."));
	for (int i = 0; i < 2; i++) {
		answer = post("/admin/rules/delete", "pattern=example.com&seen=0", anna);
		assert_int_equal(answer.status, 303);
	}
	answer = web_fixture_post(&web, STR("/admin/rules/change"), form, anna);
	assert_int_equal(answer.status, 409);
	assert_true(has(&answer, "That rule is no longer there."));
	assert_true(has(&answer, "value=\"example.com\""));
}

static void the_test_box_answers_in_words(void **state)
{
	(void)state;
	struct str anna = admin();
	assert_int_equal(post("/admin/rules", "pattern=.example.com&effect=refused", anna).status,
			 303);
	struct web_answer answer =
		web_fixture_get(&web, STR("/admin/rules?address=a%40b.example.com"), anna);
	assert_true(has(&answer, "a@b.example.com would be refused, because of the rule for "
				 "addresses at example.com and all domains below it."));
	assert_true(has(&answer, "value=\"a@b.example.com\""));
	answer = web_fixture_get(&web, STR("/admin/rules?address=%3Cb%3E"), anna);
	assert_true(has(&answer, "&lt;b&gt;&quot; is not an e-mail address") ||
		    has(&answer, "\"&lt;b&gt;\" is not an e-mail address"));
	assert_false(has(&answer, "<b>"));
}

static void mistakes_come_back_with_what_was_typed(void **state)
{
	(void)state;
	struct str anna = admin();
	struct web_answer answer =
		post("/admin/rules", "pattern=not+a+domain&effect=refused&grade=", anna);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "is neither an address nor a domain."));
	assert_true(has(&answer, "value=\"not a domain\""));
	answer = post("/admin/rules", "pattern=example.com&effect=allowed&grade=boss", anna);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "\"boss\" is no grade.") ||
		    has(&answer, "&quot;boss&quot; is no grade."));
}

static struct str settings(const char *access, const char *days, int64_t version)
{
	return arena_printf(&web.core.arena,
			    "access=%s&invitation_days=%s&invitations_per_day_professional=7&"
			    "messages_per_day_professional=8&messages_per_day_guest=9&version=%lld",
			    access, days, (long long)version);
}

static void who_may_be_invited_is_set_there(void **state)
{
	(void)state;
	struct str anna = admin();
	const struct str path = STR("/admin/rules/settings");
	/* A version of 0 would be any. */
	core_fixture_set(&web.core, "name", STR("Clinic"));
	int64_t version = settings_live_version(web.core.portal);
	struct web_answer answer =
		web_fixture_post(&web, path, settings("controlled", "30", version), anna);
	assert_int_equal(answer.status, 303);
	assert_int_equal(web.core.portal->settings->access, ACCESS_CONTROLLED);
	assert_int_equal(web.core.portal->settings->invitation_days, 30);
	assert_int_equal(web.core.portal->settings->invitations_per_day_professional, 7);
	assert_int_equal(web.core.portal->settings->messages_per_day_guest, 9);
	version = settings_live_version(web.core.portal);
	answer = web_fixture_post(&web, path, settings("open", "31", version), anna);
	assert_int_equal(answer.status, 303);
	answer = web_fixture_post(&web, path, settings("controlled", "32", version), anna);
	assert_int_equal(answer.status, 409);
	assert_true(has(&answer, "Somebody else has changed settings meanwhile."));
	assert_true(has(&answer, "value=\"32\""));
	assert_int_equal(web.core.portal->settings->invitation_days, 31);
	answer = web_fixture_post(&web, path, settings("open", "4000", version + 1), anna);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "value=\"4000\""));
}

static void others_are_refused(void **state)
{
	(void)state;
	(void)admin();
	struct str ben = guest();
	assert_int_equal(web_fixture_get(&web, STR("/admin/rules"), ben).status, 403);
	assert_int_equal(post("/admin/rules", "pattern=example.com&effect=refused", ben).status,
			 403);
	assert_int_equal(post("/admin/rules/delete", "pattern=example.com&seen=0", ben).status,
			 403);
	assert_int_equal(web_fixture_post_from_elsewhere(&web, STR("/admin/rules"),
							 STR("pattern=example.com&effect=refused"),
							 admin())
				 .status,
			 403);
}

/* 10,000 rules: fifty on a page. */
static void many_rules_are_shown_page_by_page(void **state)
{
	(void)state;
	struct str anna = admin();
	struct cx cx = core_fixture_cx(&web.core, web.core.admin);
	for (int i = 0; i < 120; i++) {
		struct rule rule;
		struct form_errors errors = {0};
		const struct rule_typed typed = {
			.pattern = arena_printf(cx.arena, "d%03d.example", i), .is_allowed = true};
		assert_int_equal(
			registration_rule_save(&cx, &typed, RULE_NEW, 0, &rule, NULL, &errors), OK);
	}
	struct web_answer answer = web_fixture_get(&web, STR("/admin/rules"), anna);
	assert_true(has(&answer, "d000.example"));
	assert_false(has(&answer, "d119.example"));
	assert_true(has(&answer, "after=d0"));
	answer = web_fixture_get(&web, STR("/admin/rules?q=d119"), anna);
	assert_true(has(&answer, "<bdi>d119.example</bdi>"));
	answer = web_fixture_get(&web, STR("/admin/rules?q=nothing"), anna);
	assert_true(has(&answer, "No rule contains"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(a_rule_is_made_changed_and_deleted),
		WEB_TEST(the_test_box_answers_in_words),
		WEB_TEST(mistakes_come_back_with_what_was_typed),
		WEB_TEST(who_may_be_invited_is_set_there),
		WEB_TEST(others_are_refused),
		WEB_TEST(many_rules_are_shown_page_by_page),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
