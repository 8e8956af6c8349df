/* Links of invitations, good and over, and the form behind them (PRODUCT.md P2.3 to P2.5). */
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

/* P2.3, P2.5 */
static void an_older_link_is_over_when_invited_again(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("One"));
	struct str old = core_fixture_token(f, MAIL_INVITATION, GUEST);
	struct user user = core_fixture_user(f, GUEST);
	core_fixture_sleep(f, SECOND_MS);
	assert_int_equal(message_resend_invitation(&cx, &user.id), OK);
	struct str fresh = core_fixture_token(f, MAIL_INVITATION, GUEST);
	assert_false(str_eq(old, fresh));
	assert_int_equal(core_test_look(f, old).state, LINK_REPLACED);
	struct form_errors errors = {0};
	core_test_register(f, old, STR("Gabi"), CORE_FIXTURE_PASSWORD, ERR_CONFLICT, &errors);
	assert_int_equal(core_test_look(f, fresh).state, LINK_GOOD);
	struct session *guest = core_fixture_register(f, fresh, STR("Gabi")).sign_in.session;
	assert_int_equal(core_test_inbox(f, guest).count, 1);
	/* Both say so now, and nothing more can be sent. */
	assert_int_equal(core_test_look(f, old).state, LINK_USED);
	assert_int_equal(core_test_look(f, fresh).state, LINK_USED);
	assert_int_equal(message_resend_invitation(&cx, &user.id), ERR_CONFLICT);
	assert_int_equal(core_fixture_problems(f), 0);
}

/* P2.5 */
static void an_expired_link_is_renewed_by_mail(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, NULL);
	struct sent sent = core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("One"));
	struct str old = core_fixture_token(f, MAIL_INVITATION, GUEST);
	core_fixture_sleep(f, 14 * DAY_MS - 1);
	assert_int_equal(core_test_look(f, old).state, LINK_GOOD);
	assert_int_equal(register_renew(&cx, old), OK);
	assert_int_equal(core_fixture_count_mails(f, MAIL_INVITATION, GUEST), 1);
	core_fixture_sleep(f, 1);
	assert_int_equal(core_test_look(f, old).state, LINK_EXPIRED);
	struct form_errors errors = {0};
	core_test_register(f, old, STR("Gabi"), CORE_FIXTURE_PASSWORD, ERR_CONFLICT, &errors);
	assert_int_equal(register_renew(&cx, old), OK);
	assert_int_equal(core_fixture_count_mails(f, MAIL_INVITATION, GUEST), 2);
	struct str fresh = core_fixture_token(f, MAIL_INVITATION, GUEST);
	assert_false(str_eq(old, fresh));
	assert_int_equal(core_test_look(f, old).state, LINK_REPLACED);
	assert_int_equal(core_test_look(f, fresh).state, LINK_GOOD);
	/* No more than three an hour; and of those that are still queued only the newest goes out.
	 */
	for (int i = 0; i < 5; i++)
		assert_int_equal(register_renew(&cx, old), OK);
	assert_int_equal(core_fixture_count_mails(f, MAIL_INVITATION, GUEST), 3);
	fresh = core_fixture_token(f, MAIL_INVITATION, GUEST);
	struct session *guest = core_fixture_register(f, fresh, STR("Gabi")).sign_in.session;
	assert_str(core_fixture_open(f, guest, &sent.id).body, STR("One"));
	/* A used link gives no mail. */
	core_fixture_sleep(f, HOUR_MS);
	assert_int_equal(register_renew(&cx, fresh), OK);
	assert_int_equal(core_fixture_count_mails(f, MAIL_INVITATION, GUEST), 3);
}

/* P2.5 */
static void a_used_link_says_so(void **state)
{
	struct core_fixture *f = *state;
	struct form_errors errors = {0};
	core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("One"));
	struct str token = core_fixture_token(f, MAIL_INVITATION, GUEST);
	core_fixture_register(f, token, STR("Gabi"));
	assert_int_equal(core_test_look(f, token).state, LINK_USED);
	core_test_register(f, token, STR("Mallory"), NEW_PASSWORD, ERR_CONFLICT, &errors);
	assert_str(core_fixture_user(f, GUEST).name, STR("Gabi"));
	core_fixture_sleep(f, 30 * DAY_MS);
	assert_int_equal(core_test_look(f, token).state, LINK_USED);
}

static void a_mangled_link_is_none(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, NULL);
	core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("One"));
	struct str token = core_fixture_token(f, MAIL_INVITATION, GUEST);
	struct invitation_view view;
	for (size_t i = 0; i < token.len; i++) {
		struct str bent = arena_copy(&f->arena, token);
		((char *)bent.data)[i] = token.data[i] == 'A' ? 'B' : 'A';
		assert_int_equal(register_look(&cx, bent, &view), ERR_NOT_FOUND);
	}
	for (size_t len = 0; len < token.len; len++)
		assert_int_equal(register_look(&cx, str_slice(token, 0, len), &view),
				 ERR_NOT_FOUND);
	static const char *const ends[] = {".", ")", ">", "=", "%20", "\r\n", "A"};
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		assert_int_equal(
			register_look(&cx,
				      arena_printf(&f->arena, "%.*s%s", STR_ARGS(token), ends[i]),
				      &view),
			ERR_NOT_FOUND);
	struct form_errors errors = {0};
	core_test_register(f, str_slice(token, 0, 63), STR("Gabi"), CORE_FIXTURE_PASSWORD,
			   ERR_NOT_FOUND, &errors);
	assert_int_equal(register_renew(&cx, STR("nonsense")), OK);
	/* A reset link is no invitation, and the other way round. */
	struct form_errors none = {0};
	assert_int_equal(account_ask_help(&cx, STR("admin@example.com"), &none), OK);
	struct str reset = core_fixture_token(f, MAIL_RESET, STR("admin@example.com"));
	assert_int_equal(register_look(&cx, reset, &view), ERR_NOT_FOUND);
	struct reset_view reset_view;
	assert_int_equal(account_reset_look(&cx, token, &reset_view), ERR_NOT_FOUND);
	assert_null(core_fixture_next_request(f, token));
	assert_null(core_fixture_next_request(f, reset));
}

/* P2.4: mistakes are told, the link stays good. */
static void mistakes_in_the_registration_form(void **state)
{
	static const struct {
		const char *sentence;
		struct str name, password;
		const char *field;
	} cases[] = {
		{"a name is needed", STR("  "), STR("violet kettle harbour 42"), "name"},
		{"a name is one line", STR("Gabi\nGuest"), STR("violet kettle harbour 42"), "name"},
		{"a password is needed", STR("Gabi"), STR(""), "password"},
		{"eleven characters are too few", STR("Gabi"), STR("xkvqjwpzlmt"), "password"},
		{"one's own address is no password", STR("Gabi"), STR("gabi@example.org"),
		 "password"},
	};
	struct core_fixture *f = *state;
	core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("One"));
	struct str token = core_fixture_token(f, MAIL_INVITATION, GUEST);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct form_errors errors = {0};
		core_test_register(f, token, cases[i].name, cases[i].password, ERR_INVALID,
				   &errors);
		if (errors.count != 1 || strcmp(errors.items[0].field, cases[i].field) != 0)
			fail_msg("%s", cases[i].sentence);
	}
	core_fixture_set(f, "terms_url", STR("https://example.com/terms"));
	struct cx cx = core_fixture_cx(f, NULL);
	struct registration registration;
	struct form_errors errors = {0};
	assert_int_equal(register_complete(&cx, token, STR("Gabi"), CORE_FIXTURE_PASSWORD, false,
					   SESSION_BROWSER, STR("Test"), &registration, &errors),
			 ERR_INVALID);
	assert_int_equal(errors.count, 1);
	assert_string_equal(errors.items[0].field, "terms");
	assert_int_equal(core_test_look(f, token).state, LINK_GOOD);
	core_fixture_register(f, token, STR("Gabi"));
}

/* P1.7, before they registered. */
static void a_disabled_invitee_can_not_register(void **state)
{
	struct core_fixture *f = *state;
	struct cx admin = core_fixture_cx(f, f->admin);
	struct form_errors errors = {0};
	core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("One"));
	struct str token = core_fixture_token(f, MAIL_INVITATION, GUEST);
	struct user user = core_fixture_user(f, GUEST);
	assert_int_equal(people_enable(&admin, &user.id, false), OK);
	core_test_register(f, token, STR("Gabi"), CORE_FIXTURE_PASSWORD, ERR_CONFLICT, &errors);
	assert_int_equal(core_fixture_problems(f), 0);
	assert_int_equal(people_enable(&admin, &user.id, true), OK);
	core_fixture_register(f, token, STR("Gabi"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(an_older_link_is_over_when_invited_again),
		CORE_TEST_STRICT(an_older_link_is_over_when_invited_again),
		CORE_TEST(an_expired_link_is_renewed_by_mail),
		CORE_TEST(a_used_link_says_so),
		CORE_TEST(a_mangled_link_is_none),
		CORE_TEST(mistakes_in_the_registration_form),
		CORE_TEST(a_disabled_invitee_can_not_register),
		CORE_TEST_STRICT(a_disabled_invitee_can_not_register),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
