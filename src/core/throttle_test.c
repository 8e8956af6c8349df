#include "core/throttle.h"

#include "base/clock.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "crypto/secret.h"

#define ANNA STR("anna@example.com")
#define BERT STR("bert@example.com")
#define HOME STR("192.0.2.7")

static const struct throttle_try anna = {
	.address_key = {"anna@example.com", 16},
	.remote = {"192.0.2.7", 9},
};

static int set_up(void **state)
{
	return throttle_new((struct throttle **)state) == OK ? 0 : -1;
}

static int tear_down(void **state)
{
	throttle_free(*state);
	return 0;
}

/* The wait that a try meets; 0 when it may go ahead, and then it fails. */
static int64_t guess_as(struct throttle *throttle, const struct throttle_try *try, int64_t now_ms)
{
	int64_t wait_s = 0;
	if (throttle_check(throttle, try, now_ms, &wait_s) == OK)
		throttle_failed(throttle, try, now_ms);
	return wait_s;
}

static int64_t guess(struct throttle *throttle, struct str address, struct str remote,
		     int64_t now_ms)
{
	struct throttle_try try = {.address_key = address, .remote = remote};
	return guess_as(throttle, &try, now_ms);
}

static void fail_times(struct throttle *throttle, int times, int64_t now_ms)
{
	for (int i = 0; i < times; i++)
		assert_int_equal(guess(throttle, ANNA, HOME, now_ms), 0);
}

static void test_five_tries_are_free(void **state)
{
	fail_times(*state, 5, 1000);
	assert_int_equal(guess(*state, ANNA, HOME, 1000), 1);
	assert_int_equal(guess(*state, ANNA, HOME, 1999), 1);
	assert_int_equal(guess(*state, ANNA, HOME, 2000), 0);
}

static void test_the_wait_doubles_up_to_fifteen_minutes(void **state)
{
	static const int64_t waits_s[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512};
	int64_t now_ms = 5000;
	fail_times(*state, 5, now_ms);
	for (size_t i = 0; i < sizeof(waits_s) / sizeof(waits_s[0]); i++) {
		assert_int_equal(guess(*state, ANNA, HOME, now_ms), waits_s[i]);
		now_ms += waits_s[i] * SECOND_MS;
		assert_int_equal(guess(*state, ANNA, HOME, now_ms), 0);
	}
	assert_int_equal(guess(*state, ANNA, HOME, now_ms), 900);
}

static void test_nobody_is_locked_out_for_ever(void **state)
{
	int64_t now_ms = 5000;
	for (int i = 0; i < 3000; i++) {
		int64_t wait_s = guess(*state, ANNA, HOME, now_ms);
		if (wait_s == 0)
			continue;
		assert_in_range(wait_s, 1, 900);
		now_ms += wait_s * SECOND_MS;
		assert_int_equal(guess(*state, ANNA, HOME, now_ms), 0);
	}
}

static void test_quiet_takes_failures_back(void **state)
{
	fail_times(*state, 5, 0);
	/* Two of five are forgiven after twenty minutes: two more tries are free. */
	int64_t now_ms = 20 * MINUTE_MS;
	assert_int_equal(guess(*state, ANNA, HOME, now_ms), 0);
	assert_int_equal(guess(*state, ANNA, HOME, now_ms), 0);
	assert_int_equal(guess(*state, ANNA, HOME, now_ms), 1);
}

static void test_success_forgets(void **state)
{
	int64_t wait_s;
	fail_times(*state, 4, 1000);
	assert_int_equal(throttle_check(*state, &anna, 1000, &wait_s), OK);
	throttle_succeeded(*state, &anna, 1000);
	fail_times(*state, 5, 1000);
}

static void test_others_go_on(void **state)
{
	fail_times(*state, 5, 1000);
	assert_int_equal(guess(*state, ANNA, STR("198.51.100.1"), 1000), 1);
	assert_int_equal(guess(*state, BERT, HOME, 1000), 0);
}

/* One failure for each of as many addresses as are free for a network. */
static void spray(struct throttle *throttle, const char *remote_start)
{
	for (int i = 0; i < THROTTLE_FREE_NETWORK_TRIES; i++) {
		char address[32];
		char remote[64];
		snprintf(address, sizeof(address), "u%d@example.com", i);
		snprintf(remote, sizeof(remote), "%s%d", remote_start, i);
		assert_int_equal(guess(throttle, str_of(address),
				       remote_start ? str_of(remote) : STR_NONE, 1000),
				 0);
	}
}

static void test_networks(void **state)
{
	static const struct {
		const char *sentence;
		const char *from; /* and a number: another host every time */
		const char *then;
		int64_t wait_s;
	} rows[] = {
		{"a /24 is slowed as one", "192.0.2.", "192.0.2.200", 1},
		{"the next /24 is not", "198.51.100.", "198.51.101.1", 0},
		{"a /64 is slowed as one", "2001:db8:1:1::", "2001:db8:1:1:ffff::1", 1},
		{"the next /64 is not", "2001:db8:1:3::", "2001:db8:1:4::1", 0},
		{"an IPv4 address is the same in IPv6 dress", "::ffff:203.0.113.", "203.0.113.99",
		 1},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct throttle *throttle;
		assert_int_equal(throttle_new(&throttle), OK);
		spray(throttle, rows[i].from);
		if (guess(throttle, BERT, str_of(rows[i].then), 1000) != rows[i].wait_s)
			fail_msg("%s", rows[i].sentence);
		throttle_free(throttle);
	}
}

static void test_no_network_known(void **state)
{
	spray(*state, NULL);
	assert_int_equal(guess(*state, BERT, STR_NONE, 1000), 0);
}

static void test_many_at_once_do_not_pass_together(void **state)
{
	int64_t wait_s = 0;
	for (int i = 0; i < THROTTLE_FREE_TRIES; i++)
		assert_int_equal(throttle_check(*state, &anna, 1000, &wait_s), OK);
	assert_int_equal(throttle_check(*state, &anna, 1000, &wait_s), ERR_BUSY);
	assert_int_equal(wait_s, 1);
	throttle_undone(*state, &anna, 1000);
	assert_int_equal(throttle_check(*state, &anna, 1000, &wait_s), OK);
	/* Tries whose end was never told do not lock the address. */
	assert_int_equal(throttle_check(*state, &anna, 1001 + THROTTLE_PENDING_MAX_MS, &wait_s),
			 OK);
}

static void test_a_clock_set_back_does_not_lock(void **state)
{
	int64_t far_ms = 400 * DAY_MS;
	fail_times(*state, 5, far_ms);
	assert_in_range(guess(*state, ANNA, HOME, 1000), 1, 900);
	assert_int_equal(guess(*state, ANNA, HOME, 1000 + 15 * MINUTE_MS), 0);
}

/* One wrong password for each of many made-up addresses. */
static void flood(struct throttle *throttle, int count, struct str remote, int64_t now_ms)
{
	for (int i = 0; i < count; i++) {
		char address[32];
		snprintf(address, sizeof(address), "u%d@example.com", i);
		(void)guess(throttle, str_of(address), remote, now_ms);
	}
}

static void test_a_flood_of_addresses_keeps_memory_and_the_newest(void **state)
{
	flood(*state, 200000, STR_NONE, 0);
	fail_times(*state, 5, 200000);
	assert_int_equal(guess(*state, ANNA, HOME, 200000), 1);
}

static void test_a_flood_does_not_wash_out_who_is_waiting(void **state)
{
	fail_times(*state, 5, 1000);
	flood(*state, 200000, STR_NONE, 1000);
	assert_int_equal(guess(*state, ANNA, HOME, 1000), 1);
}

static void test_a_flood_does_not_wash_out_who_has_failed_more_often(void **state)
{
	fail_times(*state, 5, 1000);
	/* Anna waits no longer, but her failures are remembered. */
	flood(*state, 200000, STR_NONE, 3000);
	assert_int_equal(guess(*state, ANNA, HOME, 3000), 0);
	assert_int_equal(guess(*state, ANNA, HOME, 3000), 2);
}

/* Bert's one failure is worth as much as each of the flood's: kept only because a network that
 * waits leaves no trace at addresses. */
static void test_a_network_that_waits_leaves_no_trace(void **state)
{
	spray(*state, "203.0.113.");
	for (int i = 0; i < THROTTLE_FREE_TRIES; i++)
		assert_int_equal(guess(*state, BERT, HOME, 1000), i < 5 ? 0 : 1);
	for (int i = 0; i < 140000; i++) {
		char address[32];
		snprintf(address, sizeof(address), "v%d@example.com", i);
		assert_int_equal(guess(*state, str_of(address), STR("203.0.113.9"), 1000), 1);
	}
	assert_int_equal(guess(*state, BERT, HOME, 1000), 1);
	/* Nor has the flood of one table touched another. */
	assert_int_equal(guess(*state, STR("new@example.com"), STR("203.0.113.9"), 1000), 1);
}

static void test_a_refused_network_makes_no_address_wait(void **state)
{
	int64_t wait_s = 0;
	spray(*state, "203.0.113.");
	struct throttle_try refused = {.address_key = ANNA, .remote = STR("203.0.113.9")};
	for (int i = 0; i < 100; i++)
		assert_int_equal(throttle_check(*state, &refused, 1000, &wait_s), ERR_BUSY);
	fail_times(*state, 5, 1000);
}

static void test_a_known_device_is_counted_alone(void **state)
{
	struct throttle_try home = anna;
	struct throttle_try other = anna;
	home.device = STR("one");
	other.device = STR("two");
	spray(*state, "192.0.2.");
	for (int i = 0; i < 5; i++)
		assert_int_equal(guess(*state, ANNA, STR("198.51.100.1"), 1000), 0);
	assert_int_equal(guess(*state, ANNA, STR("198.51.100.1"), 1000), 1);
	assert_int_equal(guess(*state, BERT, HOME, 1000), 1);
	/* Address and network wait; the device does not. */
	for (int i = 0; i < 5; i++)
		assert_int_equal(guess_as(*state, &home, 1000), 0);
	assert_int_equal(guess_as(*state, &home, 1000), 1);
	assert_int_equal(guess_as(*state, &other, 1000), 0);
	/* Its success says nothing about who else guesses. */
	throttle_succeeded(*state, &other, 1000);
	assert_int_equal(guess(*state, ANNA, STR("198.51.100.1"), 1000), 1);
	/* What it got wrong slows nobody else. */
	assert_int_equal(guess(*state, ANNA, STR("198.51.100.1"), 2000), 0);
}

static void test_take(void **state)
{
	for (int i = 0; i < 3; i++)
		assert_int_equal(throttle_take(*state, "help", ANNA, 1, 3, HOUR_MS, 1000 + i), OK);
	assert_int_equal(throttle_take(*state, "help", ANNA, 1, 3, HOUR_MS, 2000), ERR_BUSY);
	assert_int_equal(throttle_take(*state, "help", BERT, 1, 3, HOUR_MS, 2000), OK);
	assert_int_equal(throttle_take(*state, "renew", ANNA, 1, 3, HOUR_MS, 2000), OK);
	assert_int_equal(throttle_take(*state, "help", ANNA, 1, 3, HOUR_MS, 999 + HOUR_MS),
			 ERR_BUSY);
	assert_int_equal(throttle_take(*state, "help", ANNA, 1, 3, HOUR_MS, 1000 + HOUR_MS), OK);
	/* The clock was set back: a new window, not a longer one. */
	assert_int_equal(throttle_take(*state, "help", ANNA, 1, 1, HOUR_MS, 500), OK);
	assert_int_equal(throttle_take(*state, "help", ANNA, 1, 1, HOUR_MS, 500), ERR_BUSY);
}

static void test_take_many(void **state)
{
	assert_int_equal(throttle_take(*state, "to", ANNA, 400, 1000, HOUR_MS, 1000), OK);
	assert_int_equal(throttle_take(*state, "to", ANNA, 601, 1000, HOUR_MS, 1000), ERR_BUSY);
	/* What was refused is not counted. */
	assert_int_equal(throttle_take(*state, "to", ANNA, 600, 1000, HOUR_MS, 1000), OK);
	assert_int_equal(throttle_take(*state, "to", ANNA, 1, 1000, HOUR_MS, 1000), ERR_BUSY);
	assert_int_equal(throttle_take(*state, "to", ANNA, 1, 1000, HOUR_MS, 1000 + HOUR_MS), OK);
}

static void test_what_is_used_up_is_not_washed_out(void **state)
{
	assert_int_equal(throttle_take(*state, "help", ANNA, 3, 3, HOUR_MS, 1000), OK);
	for (int i = 0; i < 200000; i++) {
		char address[32];
		snprintf(address, sizeof(address), "u%d@example.com", i);
		assert_int_equal(
			throttle_take(*state, "help", str_of(address), 1, 3, HOUR_MS, 1000), OK);
	}
	assert_int_equal(throttle_take(*state, "help", ANNA, 1, 3, HOUR_MS, 1000), ERR_BUSY);
}

static void *guess_often(void *argument)
{
	for (int i = 0; i < 5000; i++) {
		int64_t wait_s;
		if (throttle_check(argument, &anna, i, &wait_s) == OK)
			throttle_succeeded(argument, &anna, i);
	}
	return NULL;
}

static void test_threads(void **state)
{
	pthread_t threads[4];
	int64_t wait_s;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, guess_often, *state), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(throttle_check(*state, &anna, 6000, &wait_s), OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_five_tries_are_free),
		TEST(test_the_wait_doubles_up_to_fifteen_minutes),
		TEST(test_nobody_is_locked_out_for_ever),
		TEST(test_quiet_takes_failures_back),
		TEST(test_success_forgets),
		TEST(test_others_go_on),
		TEST(test_networks),
		TEST(test_no_network_known),
		TEST(test_many_at_once_do_not_pass_together),
		TEST(test_a_clock_set_back_does_not_lock),
		TEST(test_a_flood_of_addresses_keeps_memory_and_the_newest),
		TEST(test_a_flood_does_not_wash_out_who_is_waiting),
		TEST(test_a_flood_does_not_wash_out_who_has_failed_more_often),
		TEST(test_a_network_that_waits_leaves_no_trace),
		TEST(test_a_refused_network_makes_no_address_wait),
		TEST(test_a_known_device_is_counted_alone),
		TEST(test_take),
		TEST(test_take_many),
		TEST(test_what_is_used_up_is_not_washed_out),
		TEST(test_threads),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (crypto_init() != OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
