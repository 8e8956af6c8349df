/* What people can do to each other without breaking anything: keep somebody out, fill their box,
 * call themselves something else. */
#include "base/limits.h"
#include "core/account.h"
#include "core/device.h"
#include "core/housekeeping.h"
#include "core/message.h"
#include "core/register.h"
#include "core/throttle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/core_test_support.h"
#include "store/store_direct.h"

#define KNOWN STR("kim@example.org")
#define WRONG STR("wrong password 123")

/* ---- keeping others from signing in ---- */

/* From the network of the person and from anywhere: ERR_DENIED, or ERR_BUSY once it is slowed. */
static enum err sign_in_with(struct core_fixture *f, struct str device, struct str address,
			     struct str password, struct str *ret_device)
{
	struct cx cx = core_fixture_cx(f, NULL);
	struct sign_in begun;
	int64_t wait_s;
	cx.remote = STR("192.0.2.7");
	cx.device = device;
	enum err err = session_sign_in(&cx, address, password, SESSION_BROWSER, STR("Test"), &begun,
				       &wait_s);
	if (err == OK)
		core_fixture_keep(f, begun.session);
	if (err == OK && ret_device)
		*ret_device = begun.device;
	return err;
}

static void block(struct core_fixture *f, struct str address)
{
	for (int i = 0; i < THROTTLE_FREE_TRIES; i++)
		assert_int_equal(sign_in_with(f, STR_NONE, address, WRONG, NULL), ERR_DENIED);
	assert_int_equal(sign_in_with(f, STR_NONE, address, CORE_FIXTURE_PASSWORD, NULL), ERR_BUSY);
}

static void a_known_device_signs_in_while_others_guess(void **state)
{
	struct core_fixture *f = *state;
	struct str device, again;
	core_fixture_person(f, KNOWN, STR("Kim Known"), GRADE_GUEST);
	assert_int_equal(sign_in_with(f, STR_NONE, KNOWN, CORE_FIXTURE_PASSWORD, &device), OK);
	assert_int_equal(device.len, DEVICE_CHARS);
	block(f, KNOWN);
	for (int i = 0; i < THROTTLE_FREE_NETWORK_TRIES; i++) {
		struct str other = arena_printf(&f->arena, "u%d@example.com", i);
		(void)!sign_in_with(f, STR_NONE, other, WRONG, NULL);
	}
	assert_int_equal(sign_in_with(f, STR_NONE, STR("new@example.com"), WRONG, NULL), ERR_BUSY);
	assert_int_equal(sign_in_with(f, device, KNOWN, CORE_FIXTURE_PASSWORD, &again), OK);
	/* It stays the same device: signing in gives no new tries to guess with. */
	assert_true(str_eq(device, again));
	/* And what held the others holds them still. */
	assert_int_equal(sign_in_with(f, STR_NONE, KNOWN, CORE_FIXTURE_PASSWORD, NULL), ERR_BUSY);
}

static void a_device_of_another_or_a_forged_one_does_not_help(void **state)
{
	struct core_fixture *f = *state;
	struct str others, own;
	core_fixture_person(f, KNOWN, STR("Kim Known"), GRADE_GUEST);
	core_fixture_person(f, STR("mallory@example.com"), STR("Mallory"), GRADE_GUEST);
	assert_int_equal(sign_in_with(f, STR_NONE, STR("mallory@example.com"),
				      CORE_FIXTURE_PASSWORD, &others),
			 OK);
	assert_int_equal(sign_in_with(f, STR_NONE, KNOWN, CORE_FIXTURE_PASSWORD, &own), OK);
	block(f, KNOWN);
	assert_int_equal(sign_in_with(f, others, KNOWN, CORE_FIXTURE_PASSWORD, NULL), ERR_BUSY);
	for (size_t at = 0; at < own.len; at += 7) {
		struct str forged = arena_copy(&f->arena, own);
		char *byte = (char *)forged.data + at;
		*byte = *byte == 'A' ? 'B' : 'A';
		assert_int_equal(sign_in_with(f, forged, KNOWN, CORE_FIXTURE_PASSWORD, NULL),
				 ERR_BUSY);
	}
	assert_int_equal(
		sign_in_with(f, str_slice(own, 0, own.len - 1), KNOWN, CORE_FIXTURE_PASSWORD, NULL),
		ERR_BUSY);
	assert_int_equal(sign_in_with(f, own, KNOWN, CORE_FIXTURE_PASSWORD, NULL), OK);
}

static void wrong_guesses_from_a_device_slow_only_that_device(void **state)
{
	struct core_fixture *f = *state;
	struct str stolen, own;
	core_fixture_person(f, KNOWN, STR("Kim Known"), GRADE_GUEST);
	assert_int_equal(sign_in_with(f, STR_NONE, KNOWN, CORE_FIXTURE_PASSWORD, &stolen), OK);
	assert_int_equal(sign_in_with(f, STR_NONE, KNOWN, CORE_FIXTURE_PASSWORD, &own), OK);
	for (int i = 0; i < THROTTLE_FREE_TRIES; i++)
		assert_int_equal(sign_in_with(f, stolen, KNOWN, WRONG, NULL), ERR_DENIED);
	assert_int_equal(sign_in_with(f, stolen, KNOWN, CORE_FIXTURE_PASSWORD, NULL), ERR_BUSY);
	assert_int_equal(sign_in_with(f, own, KNOWN, CORE_FIXTURE_PASSWORD, NULL), OK);
	assert_int_equal(sign_in_with(f, STR_NONE, KNOWN, CORE_FIXTURE_PASSWORD, NULL), OK);
	core_fixture_sleep(f, 2 * SECOND_MS);
	assert_int_equal(sign_in_with(f, stolen, KNOWN, CORE_FIXTURE_PASSWORD, NULL), OK);
}

static void the_api_knows_no_devices(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, NULL);
	struct sign_in begun;
	struct str device;
	int64_t wait_s;
	core_fixture_person(f, KNOWN, STR("Kim Known"), GRADE_GUEST);
	assert_int_equal(sign_in_with(f, STR_NONE, KNOWN, CORE_FIXTURE_PASSWORD, &device), OK);
	assert_int_equal(session_sign_in(&cx, KNOWN, CORE_FIXTURE_PASSWORD, SESSION_API,
					 STR("Test"), &begun, &wait_s),
			 OK);
	core_fixture_keep(f, begun.session);
	assert_int_equal(begun.device.len, 0);
	block(f, KNOWN);
	cx.device = device;
	assert_int_equal(session_sign_in(&cx, KNOWN, CORE_FIXTURE_PASSWORD, SESSION_API,
					 STR("Test"), &begun, &wait_s),
			 ERR_BUSY);
}

static void a_signed_in_person_confirms_while_others_guess(void **state)
{
	struct core_fixture *f = *state;
	struct form_errors errors = {0};
	struct session *kim = core_fixture_person(f, KNOWN, STR("Kim Known"), GRADE_GUEST);
	struct cx cx = core_fixture_cx(f, kim);
	struct str code;
	block(f, KNOWN);
	for (int i = 0; i < THROTTLE_FREE_TRIES; i++)
		assert_int_equal(account_new_recovery_code(&cx, WRONG, &code, &errors),
				 ERR_INVALID);
	assert_int_equal(account_new_recovery_code(&cx, CORE_FIXTURE_PASSWORD, &code, &errors),
			 ERR_BUSY);
	core_fixture_sleep(f, 2 * SECOND_MS);
	assert_int_equal(account_new_recovery_code(&cx, CORE_FIXTURE_PASSWORD, &code, &errors), OK);
}

static void help_is_counted_by_network(void **state)
{
	struct core_fixture *f = *state;
	struct form_errors errors = {0};
	struct cx cx = core_fixture_cx(f, NULL);
	enum err err = OK;
	int asked = 0;
	for (; err == OK && asked < 100; asked++) {
		cx.remote = arena_printf(&f->arena, "2001:db8:1:1::%d", asked);
		err = account_ask_help(&cx, arena_printf(&f->arena, "u%d@example.com", asked),
				       &errors);
	}
	assert_int_equal(err, ERR_BUSY);
	assert_int_equal(asked, 61);
	cx.remote = STR("2001:db8:1:2::1");
	assert_int_equal(account_ask_help(&cx, STR("u@example.com"), &errors), OK);
}

static void a_password_change_gives_a_new_token(void **state)
{
	struct core_fixture *f = *state;
	struct form_errors errors = {0};
	struct sign_in begun, renewed;
	int64_t wait_s;
	core_fixture_person(f, KNOWN, STR("Kim Known"), GRADE_GUEST);
	struct cx cx = core_fixture_cx(f, NULL);
	assert_int_equal(session_sign_in(&cx, KNOWN, CORE_FIXTURE_PASSWORD, SESSION_BROWSER,
					 STR("Test"), &begun, &wait_s),
			 OK);
	cx.session = core_fixture_keep(f, begun.session);
	assert_int_equal(account_change_password(&cx, CORE_FIXTURE_PASSWORD,
						 STR("amber copper meadow 77"), &errors),
			 OK);
	assert_int_equal(session_renew(&cx, STR("Test"), &renewed), OK);
	core_fixture_keep(f, renewed.session);
	assert_null(core_fixture_next_request(f, begun.token));
	assert_non_null(core_fixture_next_request(f, renewed.token));
	/* The ended one gives no third. */
	assert_int_equal(session_renew(&cx, STR("Test"), &renewed), ERR_CONFLICT);
}

/* ---- sending too much ---- */

static enum err send_to(struct core_fixture *f, struct session *session, struct str to,
			struct form_errors *errors)
{
	struct sent sent;
	struct draft draft = {.to = to, .subject = STR("Hello"), .body = STR("Hello!")};
	*errors = (struct form_errors){0};
	return core_fixture_try_send(f, session, &draft, &sent, errors);
}

static void a_guest_sends_so_many_an_hour(void **state)
{
	struct core_fixture *f = *state;
	struct form_errors errors;
	struct session *guest = core_fixture_person(f, KNOWN, STR("Kim Known"), GRADE_GUEST);
	for (int i = 0; i < LIMIT_MESSAGES_PER_HOUR_GUEST; i++)
		assert_int_equal(send_to(f, guest, STR("admin@example.com"), &errors), OK);
	assert_int_equal(send_to(f, guest, STR("admin@example.com"), &errors), ERR_BUSY);
	assert_true(form_errors_for(&errors, "").len > 0);
	/* Others go on, and so do they in the next hour. */
	assert_int_equal(send_to(f, f->admin, KNOWN, &errors), OK);
	core_fixture_sleep(f, HOUR_MS);
	struct session *later = core_fixture_sign_in(f, KNOWN, CORE_FIXTURE_PASSWORD);
	assert_int_equal(send_to(f, later, STR("admin@example.com"), &errors), OK);
}

static void a_professional_sends_as_many_as_is_set(void **state)
{
	struct core_fixture *f = *state;
	struct form_errors errors;
	core_fixture_person(f, KNOWN, STR("Kim Known"), GRADE_GUEST);
	core_fixture_sleep(f, HOUR_MS);
	core_fixture_set(f, "messages_per_hour_professional", STR("3"));
	/* Mistakes are not counted. */
	assert_int_equal(send_to(f, f->admin, STR("nobody"), &errors), ERR_INVALID);
	for (int i = 0; i < 3; i++)
		assert_int_equal(send_to(f, f->admin, KNOWN, &errors), OK);
	assert_int_equal(send_to(f, f->admin, KNOWN, &errors), ERR_BUSY);
	core_fixture_set(f, "messages_per_hour_professional", STR("4"));
	assert_int_equal(send_to(f, f->admin, KNOWN, &errors), OK);
}

static struct str many_addresses(struct core_fixture *f, int count)
{
	struct str list = STR("");
	for (int i = 0; i < count; i++)
		list = arena_printf(&f->arena, "%.*s,m%d@example.org", STR_ARGS(list), i);
	return list;
}

static void recipients_are_counted_too(void **state)
{
	struct core_fixture *f = *state;
	struct form_errors errors;
	core_fixture_set(f, "messages_per_hour_professional", STR("10"));
	/* However few messages are allowed, one to everybody is. */
	struct str most = many_addresses(f, LIMIT_RECIPIENTS);
	assert_int_equal(send_to(f, f->admin, most, &errors), OK);
	assert_int_equal(send_to(f, f->admin, STR("m1@example.org"), &errors), ERR_BUSY);
	core_fixture_sleep(f, HOUR_MS);
	assert_int_equal(send_to(f, f->admin, STR("m1@example.org"), &errors), OK);
}

static void so_many_wait_for_who_has_not_registered(void **state)
{
	struct core_fixture *f = *state;
	struct form_errors errors;
	struct invitation_view view;
	struct cx cx = core_fixture_cx(f, NULL);
	core_fixture_set(f, "messages_per_hour_professional", STR("100000"));
	for (int i = 0; i < LIMIT_WAITING_MESSAGES; i++)
		assert_int_equal(send_to(f, f->admin, KNOWN, &errors), OK);
	assert_int_equal(send_to(f, f->admin, KNOWN, &errors), ERR_INVALID);
	assert_true(str_find(form_errors_for(&errors, "to"), KNOWN) >= 0);
	struct str link = core_fixture_token(f, MAIL_INVITATION, KNOWN);
	assert_int_equal(register_look(&cx, link, &view), OK);
	assert_int_equal(view.waiting_count, LIMIT_WAITING_MESSAGES);
	assert_false(id_is_empty(&view.message_id));
	core_fixture_register(f, link, STR("Kim Known"));
	assert_int_equal(send_to(f, f->admin, KNOWN, &errors), OK);
}

static void invitations_again_are_few(void **state)
{
	struct core_fixture *f = *state;
	struct form_errors errors;
	struct cx cx = core_fixture_cx(f, f->admin);
	assert_int_equal(send_to(f, f->admin, KNOWN, &errors), OK);
	struct user user = core_fixture_user(f, KNOWN);
	core_fixture_take_mails(f);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(message_resend_invitation(&cx, &user.id),
				 i < LIMIT_INVITATIONS_AGAIN_PER_HOUR ? OK : ERR_BUSY);
		core_fixture_take_mails(f);
	}
	assert_int_equal(core_fixture_count_mails(f, MAIL_INVITATION, KNOWN),
			 1 + LIMIT_INVITATIONS_AGAIN_PER_HOUR);
	/* The last one sent is good. */
	core_fixture_register(f, core_fixture_token(f, MAIL_INVITATION, KNOWN), STR("Kim"));
	assert_int_equal(message_resend_invitation(&cx, &user.id), ERR_CONFLICT);
}

/* ---- names ---- */

static void names_pass_for_nothing_else(void **state)
{
	static const struct {
		const char *name;
		enum err expected;
	} rows[] = {
		{"Kim Known", OK},
		{"Łukasz Żółć-O'Neill, Jr.", OK},
		{"山田太郎", OK},
		{"محمد", OK},
		{"Agent 7", OK},
		{"ceo@clinic.example", ERR_INVALID},
		{"Kim \uff20 Clinic", ERR_INVALID},
		{"Kim \ufe6b Clinic", ERR_INVALID},
		{"\u200b\u200b", ERR_INVALID},
		{"\u3164", ERR_INVALID},
		{"\u2800", ERR_INVALID},
		{"\u115f\u1160", ERR_INVALID},
		{"Kim\u200d Known", ERR_INVALID},
		{"Kim\u00ad Known", ERR_INVALID},
		/* Joiners stand where scripts need them, one at a time. */
		{"علی\u200cرضا", OK},
		{"ශ්\u200dරී ලංකා", OK},
		{"क्\u200dष", OK},
		{"Kim 👩\u200d🔬", OK},
		{"Kim 👩🏽\u200d🔬", OK},
		{"Kim\u200cKnown", ERR_INVALID},
		{"Kim\u200dKnown", ERR_INVALID},
		{"علی\u200c\u200cرضا", ERR_INVALID},
		{"علی\u200d\u200cرضا", ERR_INVALID},
		{"\u200cعلی", ERR_INVALID},
		{"علی\u200c", ERR_INVALID},
		{"علی\u200c رضا", ERR_INVALID},
		{"علی \u200cرضا", ERR_INVALID},
		{"山\u200b田", ERR_INVALID},
		{"محمد\u200e", ERR_INVALID},
		{"محمد\u202eعلی", ERR_INVALID},
		{"山\u200d\u3164", ERR_INVALID},
		{"\ufeffKim", ERR_INVALID},
		{"Kim\ufe0f", ERR_INVALID},
		{"Kim \u180e Known", ERR_INVALID},
		{"Kim \u2060 Known", ERR_INVALID},
		{"...", ERR_INVALID},
		{"\u00a0", ERR_INVALID},
	};
	struct core_fixture *f = *state;
	struct session *kim = core_fixture_person(f, KNOWN, STR("Kim Known"), GRADE_GUEST);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct cx cx = core_fixture_cx(f, kim);
		struct form_errors errors = {0};
		enum err err = account_rename(&cx, str_of(rows[i].name), &errors);
		if (err != rows[i].expected ||
		    (err != OK && form_errors_for(&errors, "name").len == 0))
			fail_msg("row %zu, %s: %s", i, rows[i].name, err_name(err));
	}
}

/* ---- what nobody needs any more ---- */

static int64_t count_rows(struct core_fixture *f, const char *sql)
{
	char *text = store_direct_read(f->url, sql);
	int64_t count = text ? strtoll(text, NULL, 10) : -1;
	free(text);
	return count;
}

#define VOID_MAILS "SELECT COUNT(*) FROM mails WHERE state = 4"
#define ALL_MAILS "SELECT COUNT(*) FROM mails"
#define LINKS "SELECT COUNT(*) FROM ways_in WHERE kind IN (4, 7)"

static void old_rows_go(void **state)
{
	struct core_fixture *f = *state;
	struct form_errors errors = {0};
	struct cx cx = core_fixture_cx(f, NULL);
	core_fixture_person(f, KNOWN, STR("Kim Known"), GRADE_GUEST);
	assert_int_equal(send_to(f, f->admin, STR("new@example.com"), &errors), OK);
	for (int i = 0; i < LIMIT_SWEEP_ROWS / 10; i++) {
		cx.remote = arena_printf(&f->arena, "203.0.%d.1", i);
		assert_int_equal(account_ask_help(&cx,
						  arena_printf(&f->arena, "u%d@example.com", i),
						  &errors),
				 OK);
	}
	core_fixture_take_mails(f);
	assert_int_equal(count_rows(f, VOID_MAILS), LIMIT_SWEEP_ROWS / 10);
	assert_int_equal(housekeeping_sweep(&cx), OK);
	assert_int_equal(count_rows(f, VOID_MAILS), LIMIT_SWEEP_ROWS / 10);
	core_fixture_sleep(f, DAY_MS + SECOND_MS);
	assert_int_equal(housekeeping_sweep(&cx), OK);
	assert_int_equal(count_rows(f, VOID_MAILS), 0);
	assert_int_not_equal(count_rows(f, ALL_MAILS), 0);
	struct user new_user = core_fixture_user(f, STR("new@example.com"));
	/* Queued ones stay, however old; links until 90 days after their end. */
	cx.session = f->admin;
	assert_int_equal(message_resend_invitation(&cx, &new_user.id), OK);
	cx.session = NULL;
	core_fixture_sleep(f, 91 * DAY_MS);
	assert_int_equal(housekeeping_sweep(&cx), OK);
	assert_int_equal(count_rows(f, ALL_MAILS), 1);
	/* Of the one who has not registered: the last link expired 77 days ago. */
	assert_int_equal(count_rows(f, LINKS " AND used_ms = 0 AND expires_ms > 0"), 1);
	core_fixture_sleep(f, 14 * DAY_MS);
	assert_int_equal(housekeeping_sweep(&cx), OK);
	assert_int_equal(count_rows(f, LINKS), 0);
	assert_int_equal(core_fixture_problems(f), 0);
	/* And they can still come in. */
	assert_int_equal(account_ask_help(&cx, STR("new@example.com"), &errors), OK);
	core_fixture_register(f, core_fixture_token(f, MAIL_INVITATION, STR("new@example.com")),
			      STR("Nora New"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(a_known_device_signs_in_while_others_guess),
		CORE_TEST(a_device_of_another_or_a_forged_one_does_not_help),
		CORE_TEST(wrong_guesses_from_a_device_slow_only_that_device),
		CORE_TEST(the_api_knows_no_devices),
		CORE_TEST(a_signed_in_person_confirms_while_others_guess),
		CORE_TEST(help_is_counted_by_network),
		CORE_TEST(a_password_change_gives_a_new_token),
		CORE_TEST(a_guest_sends_so_many_an_hour),
		CORE_TEST(a_professional_sends_as_many_as_is_set),
		CORE_TEST(recipients_are_counted_too),
		CORE_TEST(so_many_wait_for_who_has_not_registered),
		CORE_TEST(invitations_again_are_few),
		CORE_TEST(names_pass_for_nothing_else),
		CORE_TEST(old_rows_go),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
