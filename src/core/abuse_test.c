/* What people can do to each other without breaking anything: keep somebody out, fill their box,
 * call themselves something else. */
#include "core/account.h"
#include "core/device.h"
#include "core/housekeeping.h"
#include "core/message.h"
#include "core/throttle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/core_test_support.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(a_known_device_signs_in_while_others_guess),
		CORE_TEST(a_device_of_another_or_a_forged_one_does_not_help),
		CORE_TEST(wrong_guesses_from_a_device_slow_only_that_device),
		CORE_TEST(the_api_knows_no_devices),
		CORE_TEST(a_signed_in_person_confirms_while_others_guess),
		CORE_TEST(help_is_counted_by_network),
	};
	return core_test_run_on_both(tests, sizeof(tests) / sizeof(tests[0]));
}
