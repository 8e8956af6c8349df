#include "crypto/digest.h"

#include "crypto/hex_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Bytes 0, 1, 2 ... 31. */
static struct secret *counting_key(void)
{
	uint8_t bytes[KEY_BYTES];
	struct secret *key = NULL;
	for (int i = 0; i < KEY_BYTES; i++)
		bytes[i] = (uint8_t)i;
	assert_int_equal(secret_copy(str_bytes(bytes, sizeof(bytes)), &key), OK);
	return key;
}

static void assert_hex(const uint8_t *bytes, const char *expected)
{
	char text[DIGEST_BYTES * 2 + 1];
	sodium_bin2hex(text, sizeof(text), bytes, DIGEST_BYTES);
	assert_string_equal(text, expected);
}

/* Expected values of this file: another implementation, Python's hashlib.blake2b(digest_size=32),
 * over the bytes pictured in digest.c. */
static void digests_are_blake2b_256(void **state)
{
	(void)state;
	uint8_t out[DIGEST_BYTES];
	digest(STR("abc"), out);
	assert_hex(out, "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
	digest(STR_NONE, out);
	assert_hex(out, "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
}

/* RFC 7693 appendix E: a Fibonacci-like sequence of bytes. */
static void fill(uint8_t *out, size_t len, uint32_t seed)
{
	uint32_t a = 0xDEAD4BAD * seed, b = 1;
	for (size_t i = 0; i < len; i++) {
		uint32_t next = a + b;
		a = b;
		b = next;
		out[i] = (uint8_t)(next >> 24);
	}
}

/* RFC 7693 appendix E: the hash over hashes of many lengths, unkeyed and keyed. The 32-byte ones go
 * through digest(). */
static void the_self_test_of_the_rfc_passes(void **state)
{
	(void)state;
	static const size_t out_lens[] = {20, 32, 48, 64}, in_lens[] = {0, 3, 128, 129, 255, 1024};
	uint8_t in[1024], key[64], out[64], result[32];
	crypto_generichash_state all;
	crypto_generichash_init(&all, NULL, 0, sizeof(result));
	for (size_t i = 0; i < COUNT(out_lens); i++) {
		for (size_t k = 0; k < COUNT(in_lens); k++) {
			fill(in, in_lens[k], (uint32_t)in_lens[k]);
			if (out_lens[i] == DIGEST_BYTES)
				digest(str_bytes(in, in_lens[k]), out);
			else
				crypto_generichash(out, out_lens[i], in, in_lens[k], NULL, 0);
			crypto_generichash_update(&all, out, out_lens[i]);
			fill(key, out_lens[i], (uint32_t)out_lens[i]);
			crypto_generichash(out, out_lens[i], in, in_lens[k], key, out_lens[i]);
			crypto_generichash_update(&all, out, out_lens[i]);
		}
	}
	crypto_generichash_final(&all, result, sizeof(result));
	assert_hex(result, "c23a7800d98123bd10f506c61e29da5603d763b8bbad2e737f5e765a7bccd475");
}

static void comparison_sees_every_difference(void **state)
{
	(void)state;
	assert_true(digest_eq(STR("abc"), STR("abc")));
	assert_true(digest_eq(STR_NONE, STR("")));
	assert_false(digest_eq(STR("abc"), STR("abd")));
	assert_false(digest_eq(STR("abc"), STR("bbc")));
	assert_false(digest_eq(STR("abc"), STR("ab")));
	assert_false(digest_eq(STR("abc"), STR_NONE));
}

static void keys_are_derived_by_purpose(void **state)
{
	(void)state;
	struct secret *from CLEANUP_SECRET = counting_key();
	struct secret *other_from CLEANUP_SECRET = NULL, *key CLEANUP_SECRET = NULL,
				  *again CLEANUP_SECRET = NULL;
	struct secret *other CLEANUP_SECRET = NULL, *third CLEANUP_SECRET = NULL;
	assert_int_equal(secret_random(&other_from), OK);
	assert_int_equal(key_derive(from, "session.wrap", &key), OK);
	assert_int_equal(key_derive(from, "session.wrap", &again), OK);
	assert_int_equal(key_derive(from, "session.wra", &other), OK);
	assert_int_equal(key_derive(other_from, "session.wrap", &third), OK);
	assert_hex(key->bytes, "d1ece3053db386e240b7c5d7e67c860fc2cf5e162bc4bbe2458260a1c8ff7f17");
	assert_memory_equal(key->bytes, again->bytes, KEY_BYTES);
	assert_memory_not_equal(key->bytes, other->bytes, KEY_BYTES);
	assert_memory_not_equal(key->bytes, third->bytes, KEY_BYTES);
}

static void the_mac_of_a_row_is_fixed(void **state)
{
	(void)state;
	struct secret *key CLEANUP_SECRET = counting_key();
	struct mac mac;
	uint8_t out[DIGEST_BYTES];
	mac_begin(&mac, key, "user");
	mac_str(&mac, STR("anna@example.com"));
	mac_int(&mac, -1);
	mac_str(&mac, STR_NONE);
	mac_end(&mac, out);
	assert_hex(out, "97ff89554cddee0ff590a41646e212ebb079b953bb08514e3be35a508541b915");
}

/* A field of a row: text, or a number where text is NULL. */
struct field {
	const char *text;
	int64_t number;
};

static const struct row {
	const char *sentence;
	const char *table;
	struct field fields[3];
	size_t count;
} rows[] = {
	{"the row itself", "user", {{"ab"}, {"c"}, {NULL, 1}}, 3},
	{"another table", "wrap", {{"ab"}, {"c"}, {NULL, 1}}, 3},
	{"a letter moved to the table's name", "usera", {{"b"}, {"c"}, {NULL, 1}}, 3},
	{"a letter moved to the next field", "user", {{"a"}, {"bc"}, {NULL, 1}}, 3},
	{"fields exchanged", "user", {{"c"}, {"ab"}, {NULL, 1}}, 3},
	{"an empty field more", "user", {{"ab"}, {""}, {NULL, 1}}, 3},
	{"a field less", "user", {{"ab"}, {"c"}}, 2},
	{"another number", "user", {{"ab"}, {"c"}, {NULL, 2}}, 3},
	{"the number's sign", "user", {{"ab"}, {"c"}, {NULL, -1}}, 3},
	{"the number's high half", "user", {{"ab"}, {"c"}, {NULL, 1 + (INT64_C(1) << 32)}}, 3},
	{"the number written as text", "user", {{"ab"}, {"c"}, {"1"}}, 3},
	{"no fields", "user", {{NULL}}, 0},
};

static void add_row(struct mac *mac, const struct secret *key, const struct row *row)
{
	mac_begin(mac, key, row->table);
	for (size_t i = 0; i < row->count; i++) {
		if (row->fields[i].text)
			mac_str(mac, str_of(row->fields[i].text));
		else
			mac_int(mac, row->fields[i].number);
	}
}

static void no_two_rows_have_the_same_mac(void **state)
{
	(void)state;
	struct secret *key CLEANUP_SECRET = counting_key();
	struct secret *other_key CLEANUP_SECRET = NULL;
	assert_int_equal(secret_random(&other_key), OK);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mac mac;
		uint8_t stored[DIGEST_BYTES];
		add_row(&mac, key, &rows[i]);
		mac_end(&mac, stored);
		for (size_t k = 0; k < COUNT(rows); k++) {
			add_row(&mac, key, &rows[k]);
			if (mac_check(&mac, str_bytes(stored, sizeof(stored))) != (i == k))
				fail_msg("'%s' passed as '%s'", rows[i].sentence, rows[k].sentence);
		}
		add_row(&mac, other_key, &rows[i]);
		assert_false(mac_check(&mac, str_bytes(stored, sizeof(stored))));
	}
}

static void a_damaged_mac_is_refused(void **state)
{
	(void)state;
	struct secret *key CLEANUP_SECRET = counting_key();
	struct mac mac;
	uint8_t stored[DIGEST_BYTES];
	add_row(&mac, key, &rows[0]);
	mac_end(&mac, stored);
	for (size_t i = 0; i < sizeof(stored) * 8; i++) {
		stored[i / 8] ^= (uint8_t)(1 << i % 8);
		add_row(&mac, key, &rows[0]);
		assert_false(mac_check(&mac, str_bytes(stored, sizeof(stored))));
		stored[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (size_t len = 0; len < sizeof(stored); len++) {
		add_row(&mac, key, &rows[0]);
		assert_false(mac_check(&mac, str_bytes(stored, len)));
	}
}

static void the_key_does_not_stay_in_the_state(void **state)
{
	(void)state;
	static const struct mac zero;
	struct secret *key CLEANUP_SECRET = counting_key();
	struct mac mac;
	uint8_t out[DIGEST_BYTES];
	add_row(&mac, key, &rows[0]);
	assert_memory_not_equal(&mac, &zero, sizeof(mac));
	mac_end(&mac, out);
	assert_memory_equal(&mac, &zero, sizeof(mac));
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_are_blake2b_256),
		cmocka_unit_test(the_self_test_of_the_rfc_passes),
		cmocka_unit_test(comparison_sees_every_difference),
		cmocka_unit_test(keys_are_derived_by_purpose),
		cmocka_unit_test(the_mac_of_a_row_is_fixed),
		cmocka_unit_test(no_two_rows_have_the_same_mac),
		cmocka_unit_test(a_damaged_mac_is_refused),
		cmocka_unit_test(the_key_does_not_stay_in_the_state),
	};
	return crypto_init() != OK || cmocka_run_group_tests(tests, NULL, NULL);
}
