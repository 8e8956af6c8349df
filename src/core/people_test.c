/* Who is who, and who may change it (PRODUCT.md P1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/core_test_support.h"
#include "core/people.h"

#define GUEST STR("gabi@example.org")

/* P1.7 */
static void a_disabled_user_is_out_at_once(void **state)
{
	struct core_fixture *f = *state;
	struct cx admin = core_fixture_cx(f, f->admin);
	struct sign_in begun;
	core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	assert_int_equal(core_test_sign_in(f, GUEST, CORE_FIXTURE_PASSWORD, &begun), OK);
	struct id id = begun.session->user.id;
	assert_int_equal(people_enable(&admin, &id, false), OK);
	assert_null(core_fixture_next_request(f, begun.token));
	assert_int_equal(core_test_sign_in(f, GUEST, CORE_FIXTURE_PASSWORD, NULL), ERR_DENIED);
	/* Others get a sentence; a request that was running sends nothing. */
	const struct draft to_her = {.to = GUEST, .subject = STR("Hello"), .body = STR("You?")};
	const struct draft from_her = {
		.to = STR("admin@example.com"), .subject = STR("Hello"), .body = STR("Me")};
	struct form_errors errors = {0};
	assert_int_equal(core_fixture_try_send(f, f->admin, &to_her, NULL, &errors), ERR_INVALID);
	assert_string_equal(errors.items[0].field, "to");
	assert_int_equal(core_fixture_try_send(f, begun.session, &from_her, NULL, NULL),
			 ERR_DENIED);
	assert_int_equal(people_enable(&admin, &id, true), OK);
	assert_int_equal(core_fixture_try_send(f, f->admin, &to_her, NULL, NULL), OK);
	struct session *back = core_fixture_sign_in(f, GUEST, CORE_FIXTURE_PASSWORD);
	assert_int_equal(core_test_inbox(f, back).count, 2);
	assert_int_equal(core_fixture_problems(f), 0);
}

/* P1.5 */
static void a_grade_changes_at_the_next_request(void **state)
{
	struct core_fixture *f = *state;
	struct cx admin = core_fixture_cx(f, f->admin);
	struct sign_in begun;
	core_fixture_person(f, STR("paul@example.com"), STR("Paul"), GRADE_PROFESSIONAL);
	assert_int_equal(
		core_test_sign_in(f, STR("paul@example.com"), CORE_FIXTURE_PASSWORD, &begun), OK);
	const struct draft draft = {.to = GUEST, .subject = STR("Hello"), .body = STR("You?")};
	assert_int_equal(people_set_grade(&admin, &begun.session->user.id, GRADE_GUEST), OK);
	/* Even for the session object that was opened before. */
	assert_int_equal(core_fixture_try_send(f, begun.session, &draft, NULL, NULL), ERR_INVALID);
	struct session *lowered = core_fixture_next_request(f, begun.token);
	assert_non_null(lowered);
	assert_int_equal(lowered->user.grade, GRADE_GUEST);
	assert_int_equal(core_fixture_try_send(f, lowered, &draft, NULL, NULL), ERR_INVALID);
	assert_int_equal(core_test_inbox(f, lowered).count, 1);
	assert_int_equal(people_set_grade(&admin, &lowered->user.id, GRADE_PROFESSIONAL), OK);
	struct session *raised = core_fixture_next_request(f, begun.token);
	assert_int_equal(core_fixture_try_send(f, raised, &draft, NULL, NULL), OK);
}

/* P1.5 */
static void the_last_administrator_stays(void **state)
{
	struct core_fixture *f = *state;
	struct cx admin = core_fixture_cx(f, f->admin);
	const struct id id = f->admin->user.id;
	struct form_errors errors = {0};
	assert_int_equal(people_enable(&admin, &id, false), ERR_DENIED);
	assert_int_equal(people_set_grade(&admin, &id, GRADE_GUEST), ERR_DENIED);
	/* One who is only invited can not take over yet. */
	assert_int_equal(people_add(&admin, STR("bea@example.com"), GRADE_PROFESSIONAL,
				    ROLE_ADMINISTRATOR, &errors),
			 OK);
	assert_int_equal(people_enable(&admin, &id, false), ERR_DENIED);
	struct session *second =
		core_fixture_register(
			f, core_fixture_token(f, MAIL_INVITATION, STR("bea@example.com")),
			STR("Bea"))
			.sign_in.session;
	assert_int_equal(second->user.role, ROLE_ADMINISTRATOR);
	/* Nobody takes it from themself, though another is left. */
	assert_int_equal(people_set_grade(&admin, &id, GRADE_GUEST), ERR_DENIED);
	assert_int_equal(people_enable(&admin, &id, false), ERR_DENIED);
	struct cx other = core_fixture_cx(f, second);
	assert_int_equal(people_set_grade(&other, &id, GRADE_GUEST), OK);
	/* Who was one when their request began is none by now. */
	assert_int_equal(people_set_grade(&admin, &second->user.id, GRADE_GUEST), ERR_DENIED);
	assert_int_equal(people_enable(&other, &second->user.id, false), ERR_DENIED);
	/* A guest is never an administrator (P1.2). */
	assert_int_equal(people_add(&other, STR("cleo@example.com"), GRADE_GUEST,
				    ROLE_ADMINISTRATOR, &errors),
			 ERR_INVALID);
	assert_int_equal(core_fixture_user(f, STR("admin@example.com")).role, ROLE_MEMBER);
}

/* Changing people is for administrators, whoever calls. */
static void only_administrators_change_people(void **state)
{
	struct core_fixture *f = *state;
	struct session *pro =
		core_fixture_person(f, STR("paul@example.com"), STR("Paul"), GRADE_PROFESSIONAL);
	struct session *guest = core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	struct session *const sessions[] = {pro, guest};
	for (size_t i = 0; i < 2; i++) {
		struct cx cx = core_fixture_cx(f, sessions[i]);
		struct form_errors errors = {0};
		assert_int_equal(people_set_grade(&cx, &guest->user.id, GRADE_PROFESSIONAL),
				 ERR_DENIED);
		assert_int_equal(people_enable(&cx, &f->admin->user.id, false), ERR_DENIED);
		assert_int_equal(
			people_add(&cx, STR("new@example.com"), GRADE_GUEST, ROLE_MEMBER, &errors),
			ERR_DENIED);
	}
}

/* P1.6 */
static void the_last_seat(void **state)
{
	struct core_fixture *f = *state;
	struct cx admin = core_fixture_cx(f, f->admin);
	core_fixture_set(f, "seat_limit", STR("2"));
	struct session *pro =
		core_fixture_person(f, STR("paul@example.com"), STR("Paul"), GRADE_PROFESSIONAL);
	const struct draft draft = {.to = STR("quinn@example.com"),
				    .subject = STR("Hello"),
				    .body = STR("You?"),
				    .invite_as = GRADE_PROFESSIONAL};
	struct form_errors errors = {0};
	size_t mails = f->mail_count;
	assert_int_equal(core_fixture_try_send(f, f->admin, &draft, NULL, &errors), ERR_INVALID);
	assert_string_equal(errors.items[0].field, "to");
	assert_non_null(strstr(arena_cstr(&f->arena, errors.items[0].detail), "All 2 seats"));
	struct user user;
	assert_int_equal(people_find(&admin, STR("quinn@example.com"), &user), ERR_NOT_FOUND);
	core_fixture_take_mails(f);
	assert_int_equal(f->mail_count, mails);
	/* Guests are free. */
	core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	struct id guest_id = core_fixture_user(f, GUEST).id;
	assert_int_equal(people_set_grade(&admin, &guest_id, GRADE_PROFESSIONAL), ERR_TOO_LARGE);
	errors.count = 0;
	assert_int_equal(people_add(&admin, STR("quinn@example.com"), GRADE_PROFESSIONAL,
				    ROLE_MEMBER, &errors),
			 ERR_TOO_LARGE);
	assert_int_equal(errors.count, 1);
	assert_int_equal(people_enable(&admin, &pro->user.id, false), OK);
	assert_int_equal(people_set_grade(&admin, &guest_id, GRADE_PROFESSIONAL), OK);
	assert_int_equal(people_enable(&admin, &pro->user.id, true), ERR_TOO_LARGE);
	assert_int_equal(people_set_grade(&admin, &guest_id, GRADE_GUEST), OK);
	assert_int_equal(people_enable(&admin, &pro->user.id, true), OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(a_disabled_user_is_out_at_once),
		CORE_TEST(a_grade_changes_at_the_next_request),
		CORE_TEST(the_last_administrator_stays),
		CORE_TEST(only_administrators_change_people),
		CORE_TEST(the_last_seat),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
