/* Who may hold how much: bytes of bodies or answers, and what counts as one client. */
#include "http/budget.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static struct network network_of(const char *address)
{
	struct network network = {0};
	assert_true(proxy_client_network(str_of(address), &network));
	return network;
}

static void a_network_counts_as_one(void **state)
{
	static const struct {
		const char *what, *first, *second;
		bool is_one;
	} rows[] = {
		{"an address", "203.0.113.9", "203.0.113.9", true},
		{"neighbours", "203.0.113.9", "203.0.113.8", false},
		{"two addresses of an IPv6 household", "2001:db8::1", "2001:db8::ffff:1", true},
		{"two IPv6 households", "2001:db8::1", "2001:db8:0:1::1", false},
		{"IPv4 written as IPv6", "::ffff:203.0.113.9", "::ffff:203.0.113.9", true},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct network first = network_of(rows[i].first);
		struct network second = network_of(rows[i].second);
		struct tally *tally = NULL;
		assert_int_equal(tally_new(&tally), OK);
		assert_true(tally_add(tally, &first, 1, 1));
		if (tally_add(tally, &second, 1, 1) == rows[i].is_one)
			fail_msg("%s", rows[i].what);
		tally_subtract(tally, &first, 1);
		assert_true(tally_add(tally, &first, 1, 1));
		tally_free(tally);
	}
	struct network none;
	assert_false(proxy_client_network(STR("unknown"), &none));
	assert_false(proxy_client_network(STR(""), &none));
}

static void many_networks_are_kept_apart(void **state)
{
	enum { NETWORKS = 40000 }; /* more than there are buckets */
	struct tally *tally = NULL;
	(void)state;
	assert_int_equal(tally_new(&tally), OK);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < NETWORKS; i++) {
			struct network network = {.bytes = {(uint8_t)i, (uint8_t)(i >> 8)}};
			network.bytes[2] = (uint8_t)(i >> 16);
			if (round == 2)
				tally_subtract(tally, &network, 2);
			else if (tally_add(tally, &network, 2, 3) != (round == 0))
				fail_msg("%d in round %d", i, round);
		}
	}
	tally_free(tally);
}

static void who_stands_for_many(void **state)
{
	static const struct {
		const char *address;
		bool is_many;
	} rows[] = {
		{"127.0.0.1", true},  {"127.9.9.9", true},    {"::1", true},
		{"10.0.0.1", true},   {"10.0.0.2", false},    {"::2", false},
		{"128.0.0.1", false}, {"2001:db8::1", false}, {"unknown", false},
		{"", false},
	};
	struct networks proxies;
	(void)state;
	assert_int_equal(networks_parse(STR("10.0.0.1"), &proxies), OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (proxies_stand_for_many(&proxies, str_of(rows[i].address)) != rows[i].is_many)
			fail_msg("%s", rows[i].address);
	}
}

static void they_share_what_there_is(void **state)
{
	struct budget budget = {.limits = {.bytes = 1000, .bytes_per_network = 400}};
	struct budget_share mine = {.is_large = true, .is_network_bound = true};
	struct budget_share others = {.is_large = true}, small = {0};
	(void)state;
	mine.network = network_of("203.0.113.9");
	assert_int_equal(tally_new(&budget.large), OK);
	assert_true(budget_reserve(&budget, &mine, 300));
	assert_true(budget_reserve(&budget, &mine, 200)); /* has that already */
	assert_true(budget_reserve(&budget, &mine, 400));
	assert_false(budget_reserve(&budget, &mine, 401)); /* its network's part */
	assert_true(budget_reserve(&budget, &others, 350));
	assert_false(budget_reserve(&budget, &others, 351)); /* three quarters */
	assert_true(budget_reserve(&budget, &small, 250));
	assert_false(budget_reserve(&budget, &small, 251)); /* all */
	budget_release(&budget, &mine);
	budget_release(&budget, &mine);
	assert_true(budget_reserve(&budget, &small, 650));
	budget_release(&budget, &small);
	assert_true(budget_reserve(&budget, &mine, 400));
	budget_release(&budget, &mine);
	budget_release(&budget, &others);
	assert_int_equal(budget.bytes, 0);
	tally_free(budget.large);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_network_counts_as_one),
		cmocka_unit_test(many_networks_are_kept_apart),
		cmocka_unit_test(who_stands_for_many),
		cmocka_unit_test(they_share_what_there_is),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
