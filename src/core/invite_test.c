/* Who may be invited, and as what (PRODUCT.md P2.2). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/log_capture.h"
#include "core/core_test_support.h"
#include "core/invite.h"

/* P2.2 */
static void registration_rules(void **state)
{
	static const struct {
		const char *sentence;
		struct str address;
		enum grade chosen;
		bool is_controlled;
		bool is_refused;
		enum grade grade;
	} cases[] = {
		{"no rule: guest", STR("a1@free.example"), 0, false, false, GRADE_GUEST},
		{"no rule: the sender's choice", STR("a2@free.example"), GRADE_PROFESSIONAL, false,
		 false, GRADE_PROFESSIONAL},
		{"a rule for the domain wins over the choice", STR("a3@staff.example"), GRADE_GUEST,
		 false, false, GRADE_PROFESSIONAL},
		{"a rule for the domain is not for those below", STR("a4@sub.staff.example"),
		 GRADE_GUEST, false, false, GRADE_GUEST},
		{"a rule with a dot is for those below", STR("a5@deep.sub.group.example"),
		 GRADE_GUEST, false, false, GRADE_PROFESSIONAL},
		{"a rule with a dot is for the domain itself", STR("a6@group.example"), GRADE_GUEST,
		 false, false, GRADE_PROFESSIONAL},
		{"a longer name that only ends alike is another", STR("a7@othergroup.example"),
		 GRADE_GUEST, false, false, GRADE_GUEST},
		{"the address wins over its domain", STR("boss@staff.example"), GRADE_PROFESSIONAL,
		 false, false, GRADE_GUEST},
		{"the address in capitals is the same", STR("BOSS2@STAFF.example"),
		 GRADE_PROFESSIONAL, false, false, GRADE_GUEST},
		{"a refused domain", STR("a8@bad.example"), 0, false, true, 0},
		{"one address allowed in a refused domain", STR("good@bad.example"), 0, false,
		 false, GRADE_GUEST},
		{"controlled: no rule, refused", STR("a9@free.example"), 0, true, true, 0},
		{"controlled: a rule allows", STR("a10@staff.example"), 0, true, false,
		 GRADE_PROFESSIONAL},
		{"controlled: a rule that leaves the grade to the sender", STR("a11@open.example"),
		 GRADE_PROFESSIONAL, true, false, GRADE_PROFESSIONAL},
	};
	struct core_fixture *f = *state;
	core_fixture_rule(f, STR("staff.example"), true, GRADE_PROFESSIONAL);
	core_fixture_rule(f, STR(".group.example"), true, GRADE_PROFESSIONAL);
	core_fixture_rule(f, STR("boss@staff.example"), true, GRADE_GUEST);
	core_fixture_rule(f, STR("boss2@staff.example"), true, GRADE_GUEST);
	core_fixture_rule(f, STR("bad.example"), false, 0);
	core_fixture_rule(f, STR("good@bad.example"), true, 0);
	core_fixture_rule(f, STR("open.example"), true, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct draft draft = {.to = cases[i].address,
					    .subject = STR("Hello"),
					    .body = STR("You?"),
					    .invite_as = cases[i].chosen};
		struct form_errors errors = {0};
		core_fixture_set(f, "access",
				 cases[i].is_controlled ? STR("controlled") : STR("open"));
		enum err err = core_fixture_try_send(f, f->admin, &draft, NULL, &errors);
		if (err != (cases[i].is_refused ? ERR_INVALID : OK))
			fail_msg("%s: %s", cases[i].sentence, err_name(err));
		if (!cases[i].is_refused &&
		    core_fixture_user(f, cases[i].address).grade != cases[i].grade)
			fail_msg("%s", cases[i].sentence);
	}
	assert_int_equal(core_fixture_problems(f), 0);
}

/* P2.2: a choice for one address wins over the one for all. */
static void each_new_address_has_its_own_choice(void **state)
{
	struct core_fixture *f = *state;
	const struct invite_choice choices[] = {{STR("Pia <PIA@example.com>"), GRADE_PROFESSIONAL},
						{STR("odd@example.com"), (enum grade)77}};
	const struct draft draft = {.to = STR("pia@example.com, gus@example.com, odd@example.com"),
				    .subject = STR("Hello"),
				    .body = STR("You?"),
				    .invite_as = GRADE_GUEST,
				    .choices = choices,
				    .choice_count = 2};
	assert_int_equal(core_fixture_try_send(f, f->admin, &draft, NULL, NULL), OK);
	assert_int_equal(core_fixture_user(f, STR("pia@example.com")).grade, GRADE_PROFESSIONAL);
	assert_int_equal(core_fixture_user(f, STR("gus@example.com")).grade, GRADE_GUEST);
	assert_int_equal(core_fixture_user(f, STR("odd@example.com")).grade, GRADE_GUEST);
}

/* Whoever invites them once more finds a conflict, and looks again: no alarm, and nothing that was
 * not found. */
static enum err write_again(struct db *db, void *again)
{
	return invite_again_write(db, again);
}

static void who_registers_meanwhile_is_not_invited_again(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct invite_again again;
	core_fixture_send(f, f->admin, STR("new@example.org"), STR("Hello"), STR("You?"));
	struct user invited = core_fixture_user(f, STR("new@example.org"));
	assert_int_equal(invite_again_prepare(&cx, &invited, NULL, &(struct id){0}, &again), OK);
	core_fixture_person(f, STR("new@example.org"), STR("New"), GRADE_GUEST);
	/* What was prepared before would be a way in to a key that is none of theirs any more. */
	assert_int_equal(store_transact(f->portal->store, write_again, &again, cx.arena),
			 ERR_CONFLICT);
	struct log_capture capture;
	log_capture_begin(&capture);
	enum err err = invite_again_prepare(&cx, &invited, NULL, &(struct id){0}, &again);
	const char *log = log_capture_end(&capture);
	assert_int_equal(err, ERR_CONFLICT);
	assert_string_equal(log, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(registration_rules),
		CORE_TEST(each_new_address_has_its_own_choice),
		CORE_TEST(who_registers_meanwhile_is_not_invited_again),
		CORE_TEST_STRICT(who_registers_meanwhile_is_not_invited_again),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
