#include "crypto/hashing.h"

#include "base/random.h"
#include "crypto/hex_test.h"
#include "crypto/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static struct hashing *new_of(enum hash_kind kind)
{
	struct hashing *hashing;
	assert_int_equal(hashing_new(kind, &hashing), OK);
	return hashing;
}

static void check_result(const struct hashing *hashing, enum hash_kind kind, const char *hex)
{
	uint8_t result[HASHING_MAX_BYTES], bytes[HEX_MAX_BYTES];
	struct str expected = hex_decode(hex, bytes);
	assert_int_equal(expected.len, hash_kind_bytes(kind));
	hashing_result(hashing, result);
	assert_memory_equal(result, expected.data, expected.len);
}

/* FIPS 180-4, examples by NIST. */
static const char two_blocks[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
static const struct {
	enum hash_kind kind;
	const char *text;
	int times;
	const char *hex;
} vectors[] = {
	{HASH_SHA256, "", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	{HASH_SHA256, "abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	{HASH_SHA256, two_blocks, 1,
	 "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	{HASH_SHA256, "aaaaaaaaaa", 100000,
	 "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
	{HASH_SHA1, "", 1, "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
	{HASH_SHA1, "abc", 1, "a9993e364706816aba3e25717850c26c9cd0d89d"},
	{HASH_SHA1, two_blocks, 1, "84983e441c3bd26ebaae4aa1f95129e5e54670f1"},
	{HASH_SHA1, "aaaaaaaaaa", 100000, "34aa973cd4c4daa4f61eeb2bdbad27316534016f"},
};

static void known_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(vectors); i++) {
		struct hashing *hashing = new_of(vectors[i].kind);
		for (int n = 0; n < vectors[i].times; n++)
			hashing_add(hashing, str_of(vectors[i].text));
		check_result(hashing, vectors[i].kind, vectors[i].hex);
		hashing_free(hashing);
	}
	hashing_free(NULL);
}

static void a_result_is_of_what_was_added_so_far(void **state)
{
	(void)state;
	for (enum hash_kind kind = 0; kind < HASH_KINDS; kind++) {
		struct hashing *hashing = new_of(kind);
		check_result(hashing, kind, vectors[kind == HASH_SHA256 ? 0 : 4].hex);
		hashing_add(hashing, STR("a"));
		hashing_add(hashing, STR_NONE);
		hashing_add(hashing, STR("bc"));
		check_result(hashing, kind, vectors[kind == HASH_SHA256 ? 1 : 5].hex);
		check_result(hashing, kind, vectors[kind == HASH_SHA256 ? 1 : 5].hex);
		hashing_free(hashing);
	}
}

static void the_words_of_tus(void **state)
{
	(void)state;
	assert_string_equal(hash_kind_word(HASH_SHA256), "sha256");
	assert_string_equal(hash_kind_word(HASH_SHA1), "sha1");
	assert_null(hash_kind_word(HASH_KINDS));
	assert_int_equal(hash_kind_bytes(HASH_KINDS), 0);
}

static void known_state(void **state)
{
	(void)state;
	/* After 67 bytes: the state of one block, computed by other code, the length,
	   and what waits. */
	uint8_t saved[SHA256_STATE_BYTES], bytes[HEX_MAX_BYTES];
	struct hashing *hashing = new_of(HASH_SHA256);
	for (int i = 0; i < 67; i++)
		hashing_add(hashing, STR("a"));
	hashing_save(hashing, saved);
	struct str expected =
		hex_decode("df5bb81ce81e0626fb45a8944fd40f31b25e6816d6d499c1ab90492900635e66"
			   "0000000000000043616161",
			   bytes);
	assert_int_equal(expected.len, 32 + 8 + 3);
	assert_memory_equal(saved, expected.data, expected.len);
	for (size_t i = expected.len; i < sizeof(saved); i++)
		assert_int_equal(saved[i], 0);
	hashing_free(hashing);
}

static void put_aside_anywhere_it_goes_on(void **state)
{
	(void)state;
	enum { LEN = 64 * 5 + 3 };
	uint8_t plain[LEN], whole[HASHING_MAX_BYTES], result[HASHING_MAX_BYTES];
	uint8_t saved[SHA256_STATE_BYTES];
	random_fill(plain, sizeof(plain));
	struct hashing *hashing = new_of(HASH_SHA256);
	hashing_add(hashing, str_bytes(plain, LEN));
	hashing_result(hashing, whole);
	hashing_free(hashing);
	for (size_t cut = 0; cut <= LEN; cut++) {
		hashing = new_of(HASH_SHA256);
		hashing_add(hashing, str_bytes(plain, cut));
		hashing_save(hashing, saved);
		hashing_free(hashing);
		assert_int_equal(hashing_restore(str_bytes(saved, sizeof(saved)), &hashing), OK);
		hashing_add(hashing, str_bytes(plain + cut, LEN - cut));
		hashing_result(hashing, result);
		assert_memory_equal(result, whole, SHA256_BYTES);
		hashing_free(hashing);
	}
}

static void lengths_over_4_gib_count(void **state)
{
	(void)state;
	/* 2^29 bytes are 2^32 bits: one word of the length is full. A state of that length is made
	   rather than hashed. */
	uint8_t saved[SHA256_STATE_BYTES] = {1}, again[SHA256_STATE_BYTES];
	struct hashing *hashing;
	for (unsigned shift = 29; shift < 61; shift++) {
		memset(saved + 32, 0, 8);
		saved[32 + 7 - shift / 8] = (uint8_t)(1u << shift % 8);
		assert_int_equal(hashing_restore(str_bytes(saved, sizeof(saved)), &hashing), OK);
		hashing_save(hashing, again);
		assert_memory_equal(saved, again, sizeof(saved));
		hashing_free(hashing);
	}
}

static void what_no_state_is_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *sentence;
		const char *text;
		size_t at;
		uint8_t byte;
	} cases[] = {
		{"another start", "abc", 0, 0xff},
		{"a byte behind what waits", "abc", 32 + 8 + 3, 1},
		{"the last byte", "abc", SHA256_STATE_BYTES - 1, 1},
		{"fewer waiting than there are", "abc", 32 + 7, 2},
		{"a length of which the bits do not fit", "abc", 32, 0x20},
	};
	uint8_t saved[SHA256_STATE_BYTES] = {0};
	struct hashing *hashing;
	assert_int_equal(hashing_restore(STR_NONE, &hashing), ERR_CORRUPT);
	assert_int_equal(hashing_restore(str_bytes(saved, sizeof(saved)), &hashing), ERR_CORRUPT);
	for (size_t i = 0; i < COUNT(cases); i++) {
		hashing = new_of(HASH_SHA256);
		hashing_add(hashing, str_of(cases[i].text));
		hashing_save(hashing, saved);
		hashing_free(hashing);
		assert_int_equal(hashing_restore(str_bytes(saved, sizeof(saved) - 1), &hashing),
				 ERR_CORRUPT);
		saved[cases[i].at] = cases[i].byte;
		if (hashing_restore(str_bytes(saved, sizeof(saved)), &hashing) != ERR_CORRUPT)
			fail_msg("%s", cases[i].sentence);
	}
	/* Of another hash there is none. */
	hashing = new_of(HASH_SHA1);
	hashing_save(hashing, saved);
	hashing_free(hashing);
	assert_int_equal(hashing_restore(str_bytes(saved, sizeof(saved)), &hashing), ERR_CORRUPT);
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_answers),
		cmocka_unit_test(a_result_is_of_what_was_added_so_far),
		cmocka_unit_test(the_words_of_tus),
		cmocka_unit_test(known_state),
		cmocka_unit_test(put_aside_anywhere_it_goes_on),
		cmocka_unit_test(lengths_over_4_gib_count),
		cmocka_unit_test(what_no_state_is_is_refused),
	};
	return crypto_init() != OK || cmocka_run_group_tests(tests, NULL, NULL);
}
