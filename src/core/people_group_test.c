/* Personal groups: kept under the owner's key, and replaced by their members when a message goes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/log_capture.h"
#include "core/core_test_support.h"
#include "core/people_group.h"
#include "store/store_direct.h"

static const struct id fresh = {0};

static struct people_group save(struct core_fixture *f, struct session *session, const char *name,
				const char *members)
{
	struct cx cx = core_fixture_cx(f, session);
	struct form_errors errors = {0};
	struct people_group group;
	assert_int_equal(
		people_group_save(&cx, &fresh, str_of(name), str_of(members), &group, &errors), OK);
	return group;
}

static void a_group_is_made_changed_and_deleted(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct form_errors errors = {0};
	struct people_group *groups, group;
	size_t count;
	save(f, f->admin, "Family", "ivo@example.org");
	struct people_group board = save(f, f->admin, " Board ",
					 "Anna <anna@example.org>; ben@example.org, "
					 "ANNA@example.org\n");
	assert_int_equal(people_group_list(&cx, &groups, &count), OK);
	assert_int_equal(count, 2);
	assert_str(groups[0].name, STR("Board"));
	assert_int_equal(groups[0].member_count, 2);
	assert_str(groups[0].members[0], STR("anna@example.org"));
	assert_int_equal(people_group_save(&cx, &board.id, STR("The board"),
					   STR("carla@example.org"), &group, &errors),
			 OK);
	assert_int_equal(people_group_get(&cx, &board.id, &group), OK);
	assert_str(group.name, STR("The board"));
	assert_int_equal(group.member_count, 1);
	assert_int_equal(people_group_suggest(&cx, STR("bOa"), &groups, &count), OK);
	assert_int_equal(count, 1);
	assert_int_equal(people_group_suggest(&cx, STR("oard"), &groups, &count), OK);
	assert_int_equal(count, 0);
	assert_int_equal(people_group_delete(&cx, &board.id), OK);
	assert_int_equal(people_group_delete(&cx, &board.id), ERR_NOT_FOUND);
	assert_int_equal(people_group_get(&cx, &board.id, &group), ERR_NOT_FOUND);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void others_have_nothing_of_it(void **state)
{
	struct core_fixture *f = *state;
	struct session *guest =
		core_fixture_person(f, STR("gabi@example.org"), STR("Gabi"), GRADE_GUEST);
	struct people_group board = save(f, f->admin, "Board", "anna@example.org"), group;
	struct cx cx = core_fixture_cx(f, guest);
	struct form_errors errors = {0};
	struct people_group *groups;
	size_t count;
	assert_int_equal(people_group_get(&cx, &board.id, &group), ERR_NOT_FOUND);
	assert_int_equal(people_group_save(&cx, &board.id, STR("Mine"), STR("a@example.org"),
					   &group, &errors),
			 ERR_NOT_FOUND);
	assert_int_equal(people_group_delete(&cx, &board.id), ERR_NOT_FOUND);
	assert_int_equal(people_group_list(&cx, &groups, &count), OK);
	assert_int_equal(count, 0);
	/* The name may be used twice, by two people. */
	save(f, guest, "Board", "admin@example.com");
}

static void mistakes_have_sentences(void **state)
{
	struct core_fixture *f = *state;
	static const struct {
		const char *name, *members, *field;
	} rows[] = {
		{"", "anna@example.org", "name"},
		{" ", "anna@example.org", "name"},
		{"a@b", "anna@example.org", "name"},
		{"Board, new", "anna@example.org", "name"},
		{"Bo\nard", "anna@example.org", "name"},
		{"Bo\u202e"
		 "ard",
		 "anna@example.org", "name"},
		{"family", "anna@example.org", "name"},
		{"F\u00e0mily", "anna@example.org", "name"},
		{"1234567890123456789012345678901234567890123456789012345678901",
		 "anna@example.org", "name"},
		{"Board", "", "members"},
		{"Board", " , ;", "members"},
		{"Board", "anna@example.org, nobody", "members"},
		{"Board", "Family", "members"},
	};
	struct cx cx = core_fixture_cx(f, f->admin);
	save(f, f->admin, "Family", "ivo@example.org");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct form_errors errors = {0};
		struct people_group group;
		assert_int_equal(people_group_save(&cx, &fresh, str_of(rows[i].name),
						   str_of(rows[i].members), &group, &errors),
				 ERR_INVALID);
		assert_int_equal(errors.count, 1);
		assert_string_equal(errors.items[0].field, rows[i].field);
	}
}

static struct str many(struct core_fixture *f, size_t count)
{
	struct buf out CLEANUP_BUF;
	buf_init(&out, 1 << 20);
	for (size_t i = 0; i < count; i++)
		buf_addf(&out, "p%zu@example.org\n", i);
	return arena_copy(&f->arena, buf_str(&out));
}

static void there_is_an_end_to_members_and_groups(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct form_errors errors = {0};
	struct people_group group;
	assert_int_equal(people_group_save(&cx, &fresh, STR("Many"),
					   many(f, LIMIT_GROUP_MEMBERS + 1), &group, &errors),
			 ERR_INVALID);
	assert_string_equal(errors.items[0].field, "members");
	errors.count = 0;
	assert_int_equal(people_group_save(&cx, &fresh, STR("Many"), many(f, LIMIT_GROUP_MEMBERS),
					   &group, &errors),
			 OK);
	assert_int_equal(people_group_get(&cx, &group.id, &group), OK);
	assert_int_equal(group.member_count, LIMIT_GROUP_MEMBERS);
	for (int i = 1; i < LIMIT_GROUPS; i++)
		save(f, f->admin, arena_cstr(&f->arena, arena_printf(&f->arena, "Group %d", i)),
		     "anna@example.org");
	assert_int_equal(people_group_save(&cx, &fresh, STR("One more"), STR("a@example.org"),
					   &group, &errors),
			 ERR_INVALID);
	assert_string_equal(errors.items[0].field, "");
}

/* P2.1, P4.1 */
static void the_name_stands_for_its_members(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi =
		core_fixture_person(f, STR("gabi@example.org"), STR("Gabi"), GRADE_GUEST);
	core_fixture_person(f, STR("paul@example.com"), STR("Paul"), GRADE_PROFESSIONAL);
	save(f, f->admin, "Board", "paul@example.com, gabi@example.org, new@example.net");
	save(f, f->admin, "Empty-ish", "admin@example.com");
	const struct draft draft = {.to = STR("gabi@example.org, board"),
				    .cc = STR("BOARD"),
				    .subject = STR("Hello"),
				    .body = STR("All of you")};
	struct sent sent;
	assert_int_equal(core_fixture_try_send(f, f->admin, &draft, &sent, NULL), OK);
	assert_int_equal(sent.addressing.count, 3);
	assert_int_equal(sent.addressing.new_count, 1);
	struct message_view view = core_fixture_open(f, gabi, &sent.id);
	assert_int_equal(view.people_count, 3);
	for (size_t i = 0; i < view.people_count; i++)
		assert_int_equal(view.people[i].kind, RECIPIENT_TO);
	/* Of the sender alone nothing is left. */
	struct form_errors errors = {0};
	const struct draft own = {
		.to = STR("Empty-ish"), .subject = STR("Hello"), .body = STR("Me")};
	assert_int_equal(core_fixture_try_send(f, f->admin, &own, NULL, &errors), ERR_INVALID);
	/* Another's group is no address. */
	errors.count = 0;
	const struct draft guests = {
		.to = STR("Board"), .subject = STR("Hello"), .body = STR("Who?")};
	assert_int_equal(core_fixture_try_send(f, gabi, &guests, NULL, &errors), ERR_INVALID);
	assert_non_null(strstr(arena_cstr(&f->arena, errors.items[0].detail), "Board"));
	/* P1.4: a guest's own group reaches whom the guest may write to. */
	save(f, gabi, "Board", "admin@example.com, paul@example.com");
	assert_int_equal(core_fixture_try_send(f, gabi, &guests, NULL, NULL), OK);
	save(f, gabi, "Others", "admin@example.com, stranger@example.net");
	const struct draft strangers = {
		.to = STR("Others"), .subject = STR("Hello"), .body = STR("Who?")};
	assert_int_equal(core_fixture_try_send(f, gabi, &strangers, NULL, NULL), ERR_INVALID);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void three_large_groups_are_too_many_people(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct form_errors errors = {0};
	struct people_group group;
	for (int g = 0; g < 3; g++) {
		struct buf members CLEANUP_BUF;
		buf_init(&members, 1 << 20);
		for (int i = 0; i < LIMIT_GROUP_MEMBERS; i++)
			buf_addf(&members, "p%d.%d@example.org\n", g, i);
		assert_int_equal(people_group_save(&cx, &fresh,
						   arena_printf(&f->arena, "Group %d", g),
						   buf_str(&members), &group, &errors),
				 OK);
	}
	const struct draft draft = {.to = STR("Group 0, Group 1, Group 2"),
				    .subject = STR("Hello"),
				    .body = STR("All of you")};
	struct addressing addressing;
	assert_int_equal(message_address(&cx, &draft, &addressing, &errors), ERR_INVALID);
	assert_string_equal(errors.items[0].field, "to");
}

static void a_bent_one_is_left_out_and_told(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct people_group board = save(f, f->admin, "Board", "anna@example.org"), group;
	core_fixture_sleep(f, SECOND_MS);
	save(f, f->admin, "Family", "ivo@example.org");
	struct people_group *groups;
	struct log_capture log;
	size_t count;
	log_capture_begin(&log);
	/* Another version's, or another group's, is none of this one. */
	store_direct_run(f->url, "UPDATE people_groups SET version = version + 1 WHERE id = "
				 "(SELECT MIN(id) FROM people_groups)");
	assert_int_equal(people_group_get(&cx, &board.id, &group), ERR_CORRUPT);
	assert_int_equal(people_group_list(&cx, &groups, &count), OK);
	assert_int_equal(count, 1);
	assert_non_null(strstr(log_capture_end(&log), " alarm "));
	log_capture_begin(&log);
	store_direct_run(f->url, "UPDATE people_groups SET version = 0");
	assert_int_equal(core_fixture_problems(f), 2);
	assert_non_null(strstr(log_capture_end(&log), " alarm "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(a_group_is_made_changed_and_deleted),
		CORE_TEST(others_have_nothing_of_it),
		CORE_TEST(mistakes_have_sentences),
		CORE_TEST(there_is_an_end_to_members_and_groups),
		CORE_TEST(the_name_stands_for_its_members),
		CORE_TEST(three_large_groups_are_too_many_people),
		CORE_TEST(a_bent_one_is_left_out_and_told),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
