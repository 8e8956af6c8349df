#include "crypto/attest.h"

#include "crypto/hex_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* RFC 8032 7.1, tests 1 to 3. */
static const struct {
	const char *seed, *public_key, *text, *signature;
} vectors[] = {
	{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
	 "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
	 "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701"
	 "c"
	 "f9b46bd25bf5f0595bbe24655141438e7a100b"},
	{"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
	 "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
	 "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d"
	 "0"
	 "f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
	{"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
	 "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
	 "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f7609"
	 "8"
	 "4dc6594a7c15e9716ed28dc027beceea1ec40a"},
};

static void signatures_are_those_of_the_rfc(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		uint8_t seed_bytes[HEX_MAX_BYTES], text_bytes[HEX_MAX_BYTES];
		uint8_t expected[HEX_MAX_BYTES], signature[ATTEST_BYTES];
		uint8_t public_key[ATTEST_PUBLIC_BYTES];
		struct secret *seed CLEANUP_SECRET = NULL;
		assert_int_equal(secret_copy(hex_decode(vectors[i].seed, seed_bytes), &seed), OK);
		struct str text = hex_decode(vectors[i].text, text_bytes);
		assert_int_equal(attest_public(seed, public_key), OK);
		hex_decode(vectors[i].public_key, expected);
		assert_memory_equal(public_key, expected, sizeof(public_key));
		assert_int_equal(attest_sign(seed, text, signature), OK);
		hex_decode(vectors[i].signature, expected);
		assert_memory_equal(signature, expected, sizeof(signature));
		assert_true(attest_check(public_key, text, str_bytes(signature, ATTEST_BYTES)));
	}
}

static void any_other_byte_is_refused(void **state)
{
	(void)state;
	struct secret *seed CLEANUP_SECRET = NULL;
	uint8_t public_key[ATTEST_PUBLIC_BYTES], signature[ATTEST_BYTES];
	char text[] = "entry 12";
	assert_int_equal(secret_random(&seed), OK);
	assert_int_equal(attest_public(seed, public_key), OK);
	assert_int_equal(attest_sign(seed, str_of(text), signature), OK);
	for (size_t i = 0; i < sizeof(signature); i++) {
		signature[i] ^= 1;
		assert_false(
			attest_check(public_key, str_of(text), str_bytes(signature, ATTEST_BYTES)));
		signature[i] ^= 1;
	}
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		text[i] ^= 1;
		assert_false(
			attest_check(public_key, str_of(text), str_bytes(signature, ATTEST_BYTES)));
		text[i] ^= 1;
	}
	assert_true(attest_check(public_key, str_of(text), str_bytes(signature, ATTEST_BYTES)));
	assert_false(
		attest_check(public_key, str_of(text), str_bytes(signature, ATTEST_BYTES - 1)));
	public_key[3] ^= 4;
	assert_false(attest_check(public_key, str_of(text), str_bytes(signature, ATTEST_BYTES)));
}

int main(void)
{
	if (crypto_init() != OK)
		return 1;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signatures_are_those_of_the_rfc),
		cmocka_unit_test(any_other_byte_is_refused),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
