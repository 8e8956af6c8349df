/* Who took or freed a paying seat, and when (PRODUCT.md P1.6). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "core/core_test_support.h"
#include "core/people.h"
#include "core/seats.h"
#include "store/store_direct.h"

#define PAUL STR("paul@example.com")

static size_t changes(struct core_fixture *f, struct seat_change **ret)
{
	struct db *db CLEANUP_READ = NULL;
	size_t count;
	int64_t bad;
	assert_int_equal(store_read_begin(f->portal->store, &db), OK);
	assert_int_equal(seats_changes(db, &f->arena, 0, INT64_MAX, 0, 100, ret, &count, &bad), OK);
	assert_int_equal(bad, 0);
	return count;
}

static void add(struct core_fixture *f, struct session *by, struct str address, enum grade grade)
{
	struct cx cx = core_fixture_cx(f, by);
	struct form_errors errors = {0};
	assert_int_equal(people_add(&cx, address, grade, ROLE_MEMBER, &errors), OK);
}

static void each_seat_taken_or_freed_is_written_down(void **state)
{
	struct core_fixture *f = *state;
	struct cx admin = core_fixture_cx(f, f->admin);
	struct seat_change *rows;
	/* The first administrator, by nobody. */
	assert_int_equal(changes(f, &rows), 1);
	assert_int_equal(rows[0].used, 1);
	assert_true(id_is_empty(&rows[0].actor_id));
	assert_true(id_eq(&rows[0].user_id, &f->admin->user.id));
	add(f, f->admin, STR("gabi@example.org"), GRADE_GUEST);
	assert_int_equal(changes(f, &rows), 1);
	add(f, f->admin, PAUL, GRADE_PROFESSIONAL);
	const struct id id = core_fixture_user(f, PAUL).id;
	assert_int_equal(people_set_grade(&admin, &id, GRADE_PROFESSIONAL), OK);
	core_fixture_sleep(f, 5000);
	assert_int_equal(people_enable(&admin, &id, false), OK);
	assert_int_equal(people_set_grade(&admin, &id, GRADE_GUEST), OK);
	assert_int_equal(people_enable(&admin, &id, true), OK);
	assert_int_equal(people_set_grade(&admin, &id, GRADE_PROFESSIONAL), OK);
	static const int64_t deltas[] = {1, -1, 1, 1}, used[] = {2, 1, 2, 1};
	assert_int_equal(changes(f, &rows), 4);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(rows[i].delta, deltas[i]);
		assert_int_equal(rows[i].used, used[i]);
		assert_int_equal(rows[i].number, 4 - i);
	}
	assert_true(id_eq(&rows[1].user_id, &id));
	assert_true(id_eq(&rows[1].actor_id, &f->admin->user.id));
	assert_int_equal(rows[1].at_ms - rows[2].at_ms, 5000);
	assert_int_equal(core_fixture_problems(f), 0);
}

/* P2.1: whoever invites a professional by a message takes a seat. */
static void a_message_that_invites_takes_a_seat(void **state)
{
	struct core_fixture *f = *state;
	struct session *paul = core_fixture_person(f, PAUL, STR("Paul"), GRADE_PROFESSIONAL);
	const struct draft draft = {.to = STR("quinn@example.com"),
				    .subject = STR("Hello"),
				    .body = STR("You?"),
				    .invite_as = GRADE_PROFESSIONAL};
	struct seat_change *rows;
	assert_int_equal(core_fixture_try_send(f, paul, &draft, NULL, NULL), OK);
	assert_int_equal(changes(f, &rows), 3);
	assert_int_equal(rows[0].used, 3);
	assert_true(id_eq(&rows[0].actor_id, &paul->user.id));
	assert_int_equal(core_fixture_problems(f), 0);
}

/* What fails takes none. */
static void a_seat_refused_is_not_written_down(void **state)
{
	struct core_fixture *f = *state;
	struct cx admin = core_fixture_cx(f, f->admin);
	struct form_errors errors = {0};
	struct seat_change *rows;
	core_fixture_set(f, "seat_limit", STR("1"));
	assert_int_equal(people_add(&admin, PAUL, GRADE_PROFESSIONAL, ROLE_MEMBER, &errors),
			 ERR_TOO_LARGE);
	assert_int_equal(people_enable(&admin, &f->admin->user.id, false), ERR_DENIED);
	assert_int_equal(changes(f, &rows), 1);
	assert_int_equal(core_fixture_problems(f), 0);
}

/* A portal of before the history begins it with what there is. */
static void the_first_row_counts_what_there_is(void **state)
{
	struct core_fixture *f = *state;
	struct seat_change *rows;
	add(f, f->admin, PAUL, GRADE_PROFESSIONAL);
	store_direct_run(f->url, "DELETE FROM seats");
	store_direct_run(f->url, "DELETE FROM seats_head");
	assert_int_equal(core_fixture_problems(f), 0);
	add(f, f->admin, STR("quinn@example.com"), GRADE_PROFESSIONAL);
	assert_int_equal(changes(f, &rows), 1);
	assert_int_equal(rows[0].used, 3);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void the_check_sees_what_was_changed(void **state)
{
	struct core_fixture *f = *state;
	static const char *const changed[] = {
		"UPDATE seats SET used = 7 WHERE number = 2",
		"UPDATE seats SET user_id = actor_id WHERE number = 2",
		"DELETE FROM seats WHERE number = 1",
		"DELETE FROM seats WHERE number = 2",
		"UPDATE seats_head SET used = 1",
		"DELETE FROM seats_head",
	};
	add(f, f->admin, PAUL, GRADE_PROFESSIONAL);
	store_direct_run(f->url, "CREATE TABLE was AS SELECT * FROM seats");
	store_direct_run(f->url, "CREATE TABLE head_was AS SELECT * FROM seats_head");
	for (size_t i = 0; i < sizeof(changed) / sizeof(changed[0]); i++) {
		assert_int_equal(core_fixture_problems(f), 0);
		store_direct_run(f->url, changed[i]);
		if (core_fixture_problems(f) == 0)
			fail_msg("not seen: %s", changed[i]);
		store_direct_run(f->url, "DELETE FROM seats");
		store_direct_run(f->url, "INSERT INTO seats SELECT * FROM was");
		store_direct_run(f->url, "DELETE FROM seats_head");
		store_direct_run(f->url, "INSERT INTO seats_head SELECT * FROM head_was");
	}
}

static void days_have_the_most_that_was_used(void **state)
{
	struct core_fixture *f = *state;
	struct cx admin = core_fixture_cx(f, f->admin);
	struct seat_day *days;
	size_t count;
	int64_t used;
	int64_t today = cx_now_ms(&admin) / DAY_MS;
	core_fixture_sleep(f, 2 * DAY_MS);
	add(f, f->admin, PAUL, GRADE_PROFESSIONAL);
	const struct id id = core_fixture_user(f, PAUL).id;
	assert_int_equal(people_enable(&admin, &id, false), OK);
	struct db *db CLEANUP_READ = NULL;
	assert_int_equal(store_read_begin(f->portal->store, &db), OK);
	assert_int_equal(seats_days(db, &f->arena, 0, INT64_MAX, &days, &count), OK);
	assert_int_equal(count, 2);
	assert_int_equal(days[0].day, today);
	assert_int_equal(days[1].day, today + 2);
	assert_int_equal(days[1].most, 2);
	assert_int_equal(days[1].last, 1);
	assert_int_equal(seats_used_before(db, today * DAY_MS, &used), ERR_NOT_FOUND);
	assert_int_equal(seats_used_before(db, (today + 2) * DAY_MS, &used), OK);
	assert_int_equal(used, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(each_seat_taken_or_freed_is_written_down),
		CORE_TEST(a_message_that_invites_takes_a_seat),
		CORE_TEST(a_seat_refused_is_not_written_down),
		CORE_TEST(the_first_row_counts_what_there_is),
		CORE_TEST(the_check_sees_what_was_changed),
		CORE_TEST(days_have_the_most_that_was_used),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
