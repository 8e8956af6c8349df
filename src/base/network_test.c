#include "base/network.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void networks_are_addresses(void **state)
{
	static const char *const bad[] = {"proxy",       "10.0.0.1/33", "10.0.0.1/", "::1/129",
					  "10.0.0.1/-1", "10.0.0",      "/8"};
	struct networks networks;
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (networks_parse(str_of(bad[i]), &networks) != ERR_INVALID)
			fail_msg("%s", bad[i]);
	}
	assert_int_equal(networks_parse(STR(" ::1 , 10.0.0.1/8,"), &networks), OK);
	assert_int_equal(networks.count, 2);
	assert_true(networks_have(&networks, STR("10.200.0.1")));
	assert_true(networks_have(&networks, STR("::ffff:10.200.0.1")));
	assert_true(networks_have(&networks, STR("::1")));
	assert_false(networks_have(&networks, STR("::2")));
	assert_false(networks_have(&networks, STR("11.0.0.1")));
	assert_false(networks_have(&networks, STR("10.0.0")));
}

static void what_is_not_of_the_internet_is_told_apart(void **state)
{
	static const char *const public[] = {
		"1.1.1.1",         "9.255.255.255",   "11.0.0.0",        "100.63.255.255",
		"100.128.0.0",     "126.255.255.255", "128.0.0.0",       "169.253.255.255",
		"172.15.255.255",  "172.32.0.0",      "192.167.255.255", "198.17.255.255",
		"223.255.255.255", "::ffff:1.1.1.1",  "2001:4860::8888", "2a00::1",
		"3ffe::1",
	};
	static const char *const others[] = {
		"0.0.0.0",
		"10.1.2.3",
		"100.64.0.1",
		"127.0.0.1",
		"127.255.255.255",
		"169.254.169.254",
		"172.16.0.1",
		"172.31.255.255",
		"192.0.0.1",
		"192.0.2.1",
		"192.88.99.1",
		"192.168.1.1",
		"198.18.0.1",
		"198.19.255.255",
		"198.51.100.1",
		"203.0.113.1",
		"224.0.0.1",
		"240.0.0.1",
		"255.255.255.255",
		"::",
		"::1",
		"::127.0.0.1",
		"::ffff:127.0.0.1",
		"::ffff:169.254.169.254",
		"64:ff9b::7f00:1",
		"100::1",
		"2001::1",
		"2001:db8::1",
		"2002:7f00:1::1",
		"3fff::1",
		"fc00::1",
		"fd00:ec2::254",
		"fe80::1",
		"fec0::1",
		"ff02::1",
		"localhost",
		"",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(public) / sizeof(public[0]); i++)
		if (!network_is_public(str_of(public[i])))
			fail_msg("%s", public[i]);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (network_is_public(str_of(others[i])))
			fail_msg("%s", others[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(networks_are_addresses),
		cmocka_unit_test(what_is_not_of_the_internet_is_told_apart),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
