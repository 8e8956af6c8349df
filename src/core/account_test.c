/* Forgotten passwords and recovery codes (core/account.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/account.h"
#include "core/core_test_support.h"
#include "core/people.h"

#define GUEST STR("gabi@example.org")
#define NEW_PASSWORD STR("copper lantern meadow 7")

struct resetting {
	struct str token;
	struct sent sent;
	struct registration registration;
};

static struct resetting register_and_forget(struct core_fixture *f)
{
	struct resetting r;
	struct cx cx = core_fixture_cx(f, NULL);
	struct form_errors errors = {0};
	r.sent = core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("One"));
	r.registration = core_fixture_register(f, core_fixture_token(f, MAIL_INVITATION, GUEST),
					       STR("Gabi"));
	core_fixture_sleep(f, SECOND_MS);
	assert_int_equal(account_ask_help(&cx, GUEST, &errors), OK);
	r.token = core_fixture_token(f, MAIL_RESET, GUEST);
	return r;
}

static enum err reset(struct core_fixture *f, struct str token, struct str password,
		      struct str code, struct sign_in *ret, struct form_errors *errors)
{
	struct cx cx = core_fixture_cx(f, NULL);
	struct sign_in begun;
	enum err err = account_reset(&cx, token, password, code, SESSION_BROWSER, STR("Test"),
				     &begun, errors);
	if (err != OK)
		return err;
	core_fixture_keep(f, begun.session);
	*ret = begun;
	return OK;
}

static void a_reset_keeps_the_mail(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, NULL);
	struct resetting r = register_and_forget(f);
	struct reset_view view;
	assert_int_equal(account_reset_look(&cx, r.token, &view), OK);
	assert_true(view.is_good);
	assert_false(view.needs_recovery_code);
	assert_str(view.address, GUEST);
	struct sign_in begun;
	struct form_errors errors = {0};
	assert_int_equal(reset(f, r.token, STR("short"), STR(""), &begun, &errors), ERR_INVALID);
	assert_string_equal(errors.items[0].field, "password");
	errors.count = 0;
	assert_int_equal(reset(f, r.token, NEW_PASSWORD, STR(""), &begun, &errors), OK);
	assert_str(core_fixture_open(f, begun.session, &r.sent.id).body, STR("One"));
	assert_null(core_fixture_next_request(f, r.registration.sign_in.token));
	assert_int_equal(core_test_sign_in(f, GUEST, CORE_FIXTURE_PASSWORD, NULL), ERR_DENIED);
	assert_int_equal(core_test_sign_in(f, GUEST, NEW_PASSWORD, NULL), OK);
	assert_int_equal(account_reset_look(&cx, r.token, &view), OK);
	assert_false(view.is_good);
	assert_int_equal(reset(f, r.token, NEW_PASSWORD, STR(""), &begun, &errors), ERR_CONFLICT);
	assert_int_equal(core_fixture_count_mails(f, MAIL_PASSWORD_CHANGED, GUEST), 1);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void a_reset_link_expires_and_a_newer_one_ends_it(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, NULL);
	struct resetting r = register_and_forget(f);
	struct sign_in begun;
	struct form_errors errors = {0};
	core_fixture_sleep(f, 60 * MINUTE_MS);
	assert_int_equal(reset(f, r.token, NEW_PASSWORD, STR(""), &begun, &errors), ERR_CONFLICT);
	assert_int_equal(account_ask_help(&cx, GUEST, &errors), OK);
	struct str second = core_fixture_token(f, MAIL_RESET, GUEST);
	core_fixture_sleep(f, SECOND_MS);
	assert_int_equal(account_ask_help(&cx, GUEST, &errors), OK);
	assert_int_equal(reset(f, second, NEW_PASSWORD, STR(""), &begun, &errors), ERR_NOT_FOUND);
	struct str third = core_fixture_token(f, MAIL_RESET, GUEST);
	assert_int_equal(reset(f, third, NEW_PASSWORD, STR(""), &begun, &errors), OK);
}

static void strict_custody_needs_the_recovery_code(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, NULL);
	struct resetting r = register_and_forget(f);
	struct reset_view view;
	assert_int_equal(account_reset_look(&cx, r.token, &view), OK);
	assert_true(view.needs_recovery_code);
	static const char *const wrong[] = {"", "x", "ABCDEF-ABCDEF-ABCDEF-ABCDEF-ABCDEF"};
	struct sign_in begun;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct form_errors errors = {0};
		assert_int_equal(reset(f, r.token, NEW_PASSWORD, str_of(wrong[i]), &begun, &errors),
				 ERR_INVALID);
		assert_string_equal(errors.items[0].field, "recovery_code");
	}
	/* Somebody else's code opens nothing. */
	struct form_errors errors = {0};
	assert_int_equal(reset(f, r.token, NEW_PASSWORD, f->admin_recovery_code, &begun, &errors),
			 ERR_INVALID);
	errors.count = 0;
	assert_int_equal(
		reset(f, r.token, NEW_PASSWORD, r.registration.recovery_code, &begun, &errors), OK);
	assert_str(core_fixture_open(f, begun.session, &r.sent.id).body, STR("One"));
	assert_int_equal(core_fixture_problems(f), 0);
}

static void a_new_recovery_code_ends_the_old_one(void **state)
{
	struct core_fixture *f = *state;
	struct resetting r = register_and_forget(f);
	struct cx cx = core_fixture_cx(f, r.registration.sign_in.session);
	struct form_errors errors = {0};
	struct str code;
	assert_int_equal(account_new_recovery_code(&cx, NEW_PASSWORD, &code, &errors), ERR_INVALID);
	assert_string_equal(errors.items[0].field, "current");
	errors.count = 0;
	assert_int_equal(account_new_recovery_code(&cx, CORE_FIXTURE_PASSWORD, &code, &errors), OK);
	struct sign_in begun;
	assert_int_equal(
		reset(f, r.token, NEW_PASSWORD, r.registration.recovery_code, &begun, &errors),
		ERR_INVALID);
	errors.count = 0;
	assert_int_equal(reset(f, r.token, NEW_PASSWORD, code, &begun, &errors), OK);
}

/* Asking for help tells nothing: same answer for all. */
static void help_is_mailed_to_who_can_use_it(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, NULL);
	struct form_errors errors = {0};
	assert_int_equal(account_ask_help(&cx, STR("nobody@example.org"), &errors), OK);
	core_fixture_take_mails(f);
	assert_int_equal(f->mail_count, 0);
	core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("One"));
	struct str old = core_fixture_token(f, MAIL_INVITATION, GUEST);
	core_fixture_sleep(f, SECOND_MS);
	assert_int_equal(account_ask_help(&cx, GUEST, &errors), OK);
	assert_int_equal(core_fixture_count_mails(f, MAIL_INVITATION, GUEST), 2);
	assert_int_equal(core_fixture_count_mails(f, MAIL_RESET, GUEST), 0);
	assert_int_equal(core_test_look(f, old).state, LINK_REPLACED);
	struct user user = core_fixture_user(f, GUEST);
	core_fixture_register(f, core_fixture_token(f, MAIL_INVITATION, GUEST), STR("Gabi"));
	assert_int_equal(people_enable(&cx, &user.id, false), OK);
	assert_int_equal(account_ask_help(&cx, GUEST, &errors), OK);
	assert_int_equal(core_fixture_count_mails(f, MAIL_RESET, GUEST), 0);
	assert_int_equal(errors.count, 0);
	assert_int_equal(account_ask_help(&cx, STR("no address"), &errors), ERR_INVALID);
	assert_string_equal(errors.items[0].field, "address");
	assert_int_equal(core_fixture_problems(f), 0);
}

static void changing_the_password_ends_other_sessions(void **state)
{
	struct core_fixture *f = *state;
	struct sign_in here, there;
	core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	assert_int_equal(core_test_sign_in(f, GUEST, CORE_FIXTURE_PASSWORD, &here), OK);
	assert_int_equal(core_test_sign_in(f, GUEST, CORE_FIXTURE_PASSWORD, &there), OK);
	struct cx cx = core_fixture_cx(f, here.session);
	struct form_errors errors = {0};
	assert_int_equal(
		account_change_password(&cx, STR("wrong password!"), NEW_PASSWORD, &errors),
		ERR_INVALID);
	assert_string_equal(errors.items[0].field, "current");
	assert_non_null(core_fixture_next_request(f, there.token));
	errors.count = 0;
	assert_int_equal(account_change_password(&cx, CORE_FIXTURE_PASSWORD, NEW_PASSWORD, &errors),
			 OK);
	assert_non_null(core_fixture_next_request(f, here.token));
	assert_null(core_fixture_next_request(f, there.token));
	assert_int_equal(core_test_sign_in(f, GUEST, CORE_FIXTURE_PASSWORD, NULL), ERR_DENIED);
	assert_int_equal(core_test_sign_in(f, GUEST, NEW_PASSWORD, NULL), OK);
	/* A request that was running in the ended session can do no harm any more. */
	struct cx late = core_fixture_cx(f, there.session);
	errors.count = 0;
	assert_int_not_equal(account_change_password(&late, NEW_PASSWORD,
						     STR("purple anchor violin 3"), &errors),
			     OK);
	struct str code;
	assert_int_not_equal(account_new_recovery_code(&late, NEW_PASSWORD, &code, &errors), OK);
	assert_int_equal(core_test_sign_in(f, GUEST, NEW_PASSWORD, NULL), OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(a_reset_keeps_the_mail),
		CORE_TEST(a_reset_link_expires_and_a_newer_one_ends_it),
		CORE_TEST_STRICT(strict_custody_needs_the_recovery_code),
		CORE_TEST_STRICT(a_new_recovery_code_ends_the_old_one),
		CORE_TEST(help_is_mailed_to_who_can_use_it),
		CORE_TEST(changing_the_password_ends_other_sessions),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
