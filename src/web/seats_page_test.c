/* The page of seats, and what can be taken along from it (P1.6). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "core/people.h"
#include "core/seats.h"
#include "web/web_test_support.h"

static void add(const char *address)
{
	struct cx cx = core_fixture_cx(&web.core, web.core.admin);
	struct form_errors errors = {0};
	assert_int_equal(people_add(&cx, str_of(address), GRADE_PROFESSIONAL, ROLE_MEMBER, &errors),
			 OK);
}

static void seats_are_shown_by_day(void **state)
{
	(void)state;
	core_fixture_sleep(&web.core, 2 * DAY_MS);
	add("paul@example.com");
	struct cx cx = core_fixture_cx(&web.core, web.core.admin);
	const struct id id = core_fixture_user(&web.core, STR("paul@example.com")).id;
	assert_int_equal(people_enable(&cx, &id, false), OK);
	struct str anna = admin();
	struct web_answer answer = web_fixture_get(&web, STR("/admin/seats"), anna);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "1 seat is used."));
	assert_true(has(&answer, "between 1 and 2"));
	assert_true(has(&answer, "<rect x=\"20\" y=\"0\""));
	assert_true(has(&answer, "paul@example.com"));
	assert_true(has(&answer, "the portal itself"));
	assert_false(has(&answer, "style="));
	core_fixture_set(&web.core, "seat_limit", STR("1"));
	answer = web_fixture_get(&web, STR("/admin/seats"), anna);
	assert_true(has(&answer, "1 of 1 seats is used."));
	assert_true(has(&answer, "Every seat is taken"));
	answer = web_fixture_get(&web, STR("/admin/seats?from=tomorrow"), anna);
	assert_int_equal(answer.status, 422);
	assert_true(has(&answer, "Please give a day like"));
	assert_true(has(&answer, "value=\"tomorrow\""));
}

static void both_can_be_taken_along(void **state)
{
	(void)state;
	/* The address begins like a formula. */
	add("+paul@example.com");
	struct str anna = admin();
	struct web_answer answer = web_fixture_get(&web, STR("/admin/seats/days.csv"), anna);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "date,seats\r\n"));
	assert_true(has(&answer, ",2\r\n"));
	answer = web_fixture_get(&web, STR("/admin/seats/changes.csv"), anna);
	assert_true(has(&answer, "time,change,person,by,seats\r\n"));
	assert_true(
		has(&answer, ",taken,\"'+paul@example.com\",Ada Admin <admin@example.com>,2\r\n"));
	struct str ben = guest();
	assert_int_equal(web_fixture_get(&web, STR("/admin/seats"), ben).status, 403);
	assert_int_equal(web_fixture_get(&web, STR("/admin/seats/changes.csv"), ben).status, 403);
	assert_int_equal(web_fixture_get(&web, STR("/admin/seats/days.csv?from=x"), anna).status,
			 400);
}

enum { MANY = 21000 };

static enum err write_many(struct db *db, void *argument)
{
	const struct id *id = argument;
	for (int i = 0; i < MANY; i++) {
		struct seat_change change = {.at_ms = web.core.clock.now_ms,
					     .user_id = *id,
					     .actor_id = *id,
					     .delta = i % 2 == 0 ? -1 : 1};
		TRY(seats_append(db, &change));
	}
	return OK;
}

/* A bill leaves nothing out. */
static void all_of_many_changes_are_taken_along(void **state)
{
	(void)state;
	struct id id = core_fixture_user(&web.core, STR("admin@example.com")).id;
	assert_int_equal(store_transact(web.core.portal->store, write_many, &id, NULL), OK);
	struct web_answer answer = web_fixture_get(&web, STR("/admin/seats/changes.csv"), admin());
	assert_int_equal(answer.status, 200);
	struct str rest = answer.body, line;
	int count = 0;
	while (str_next(&rest, '\n', &line))
		count += str_find(line, STR("Ada Admin <admin@example.com>,Ada Admin")) > 0;
	assert_int_equal(count, MANY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(seats_are_shown_by_day),
		WEB_TEST(both_can_be_taken_along),
		WEB_TEST(all_of_many_changes_are_taken_along),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
