/* The page of the audit log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/people_change.h"
#include "core/people_erase.h"
#include "web/web_test_support.h"

static void administrators_alone_read_it(void **state)
{
	(void)state;
	struct str anna = web_fixture_sign_in(&web, STR("admin@example.com"));
	struct web_answer answer = web_fixture_get(&web, STR("/admin/audit"), anna);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "Ada Admin signed in."));
	assert_true(has(&answer, "href=\"/admin/audit\" aria-current=\"page\""));
	core_fixture_person(&web.core, STR("paul@example.com"), STR("Paul"), GRADE_PROFESSIONAL);
	struct str paul = web_fixture_sign_in(&web, STR("paul@example.com"));
	answer = web_fixture_get(&web, STR("/admin/audit"), paul);
	assert_int_equal(answer.status, 403);
	assert_false(has(&answer, "signed in."));
}

/* What somebody typed is shown as text. */
static void what_was_typed_is_only_text(void **state)
{
	(void)state;
	struct cx cx = core_fixture_cx(&web.core, NULL);
	struct sign_in begun;
	int64_t wait_s;
	assert_int_equal(session_sign_in(&cx, STR("<script>alert(1)</script>"),
					 STR("wrong password"), SESSION_BROWSER, STR("Test"),
					 &begun, &wait_s),
			 ERR_DENIED);
	struct str anna = web_fixture_sign_in(&web, STR("admin@example.com"));
	struct web_answer answer = web_fixture_get(&web, STR("/admin/audit"), anna);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "&lt;script&gt;alert(1)"));
	assert_false(has(&answer, "<script>alert"));
}

static void mistakes_keep_what_was_typed(void **state)
{
	(void)state;
	struct str anna = web_fixture_sign_in(&web, STR("admin@example.com"));
	struct web_answer answer = web_fixture_get(
		&web, STR("/admin/audit?person=nobody%40example.org&q=hello&from=2026-02-30"),
		anna);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "Nobody here has this address."));
	assert_true(has(&answer, "Choose a day"));
	assert_true(has(&answer, "value=\"nobody@example.org\""));
	assert_true(has(&answer, "value=\"hello\""));
}

/* Old and new, as of every setting. */
static void what_a_portal_was_called_stands_there(void **state)
{
	(void)state;
	struct str anna = web_fixture_sign_in(&web, STR("admin@example.com"));
	core_fixture_set(&web.core, "name", STR("Other Clinic"));
	struct web_answer answer = web_fixture_get(&web, STR("/admin/audit"), anna);
	assert_true(has(&answer, "to \xe2\x80\x9cOther Clinic\xe2\x80\x9d."));
}

/* Of whoever is erased there is no page to open. */
static void no_link_leads_to_who_is_erased(void **state)
{
	(void)state;
	struct str anna = web_fixture_sign_in(&web, STR("admin@example.com"));
	struct cx cx = core_fixture_cx(&web.core, web.core.admin);
	struct form_errors errors = {0};
	struct id id =
		core_fixture_person(&web.core, STR("gone@example.com"), STR("Gone"), GRADE_GUEST)
			->user.id;
	const char *link = arena_cstr(
		&web.core.arena,
		arena_printf(&web.core.arena, "href=\"/admin/users/%.*s\"", STR_ARGS(id_str(&id))));
	assert_int_equal(people_set_grade(&cx, &id, GRADE_PROFESSIONAL), OK);
	struct web_answer answer = web_fixture_get(&web, STR("/admin/audit"), anna);
	assert_true(has(&answer, link));
	assert_int_equal(people_erase(&cx, &id, NULL, &errors), OK);
	answer = web_fixture_get(&web, STR("/admin/audit"), anna);
	assert_true(has(&answer, "erased a person"));
	assert_false(has(&answer, link));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(administrators_alone_read_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_was_typed_is_only_text, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_a_portal_was_called_stands_there, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(no_link_leads_to_who_is_erased, set_up, tear_down),
		cmocka_unit_test_setup_teardown(mistakes_keep_what_was_typed, set_up, tear_down),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
