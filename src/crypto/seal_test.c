#include "crypto/seal.h"

#include "crypto/hex_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct context context = {
	.purpose = "message.key", .object = STR("message-1"), .holder = STR("anna"), .version = 1};

struct fixture {
	struct arena arena;
	struct secret *private_key;
	struct secret *key;
	uint8_t public_key[PUBLIC_KEY_BYTES];
};

static int setup(void **state)
{
	static struct fixture fixture;
	arena_init(&fixture.arena, 4 << 20);
	*state = &fixture;
	return secret_random(&fixture.key) != OK ||
	       keypair_new(&fixture.private_key, fixture.public_key) != OK;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;
	arena_release(&fixture->arena);
	secret_free(fixture->private_key);
	secret_free(fixture->key);
	return secret_live() != 0;
}

static struct str seal(struct fixture *fixture)
{
	struct str sealed = STR_NONE;
	assert_int_equal(
		seal_key(fixture->public_key, &context, fixture->key, &fixture->arena, &sealed),
		OK);
	assert_int_equal(sealed.len, SEAL_BYTES);
	return sealed;
}

static void assert_refused(struct fixture *fixture, const struct context *with, struct str sealed,
			   const char *sentence)
{
	size_t live = secret_live();
	struct secret *key = NULL;
	if (seal_open(fixture->private_key, fixture->public_key, with, sealed, &key) != ERR_CORRUPT)
		fail_msg("not refused: %s", sentence);
	assert_null(key);
	assert_int_equal(secret_live(), live);
}

static void public_halves_are_those_of_the_rfc(void **state)
{
	(void)state;
	static const struct {
		const char *sentence, *private_key, *public_key;
	} rows[] = {
		{"RFC 7748 6.1, Alice",
		 "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
		 "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"},
		{"RFC 7748 6.1, Bob",
		 "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
		 "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"},
		{"RFC 7748 5.2, nine times the base point, once",
		 "0900000000000000000000000000000000000000000000000000000000000000",
		 "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t bytes[2][HEX_MAX_BYTES], public_key[PUBLIC_KEY_BYTES];
		struct secret *key CLEANUP_SECRET = NULL;
		assert_int_equal(secret_copy(hex_decode(rows[i].private_key, bytes[0]), &key), OK);
		assert_int_equal(hex_decode(rows[i].public_key, bytes[1]).len, PUBLIC_KEY_BYTES);
		assert_int_equal(keypair_public(key, public_key), OK);
		if (memcmp(public_key, bytes[1], PUBLIC_KEY_BYTES) != 0)
			fail_msg("%s", rows[i].sentence);
	}
}

/* RFC 7748 5.2: the result after 1,000 rounds. */
static void the_ladder_is_that_of_the_rfc(void **state)
{
	(void)state;
	uint8_t expected[HEX_MAX_BYTES], k[32] = {9}, u[32] = {9}, next[32];
	hex_decode("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51", expected);
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(crypto_scalarmult(next, k, u), 0);
		memcpy(u, k, sizeof(u));
		memcpy(k, next, sizeof(k));
	}
	assert_memory_equal(k, expected, sizeof(k));
}

static void opened_by_the_holder(void **state)
{
	struct fixture *fixture = *state;
	struct secret *key CLEANUP_SECRET = NULL;
	struct str sealed = seal(fixture);
	assert_int_equal(
		seal_open(fixture->private_key, fixture->public_key, &context, sealed, &key), OK);
	assert_memory_equal(key->bytes, fixture->key->bytes, KEY_BYTES);
	assert_int_equal(sealed.data[0], 2);
}

static void two_seals_of_one_key_differ(void **state)
{
	struct fixture *fixture = *state;
	struct str first = seal(fixture), second = seal(fixture);
	assert_false(str_eq(str_slice(first, 1, 32), str_slice(second, 1, 32)));
	assert_false(str_eq(str_slice(first, 33, 64), str_slice(second, 33, 64)));
}

static void every_flipped_bit_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct str sealed = seal(fixture);
	char *bytes = (char *)sealed.data;
	for (size_t i = 0; i < sealed.len * 8; i++) {
		bytes[i / 8] ^= (char)(1 << i % 8);
		assert_refused(fixture, &context, sealed, "a flipped bit");
		bytes[i / 8] ^= (char)(1 << i % 8);
	}
}

static void every_other_length_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct str sealed = seal(fixture);
	char longer[SEAL_BYTES + 1] = {0};
	memcpy(longer, sealed.data, sealed.len);
	for (size_t len = 0; len < sealed.len; len++)
		assert_refused(fixture, &context, str_slice(sealed, 0, len), "too short");
	assert_refused(fixture, &context, str_bytes(longer, sizeof(longer)), "too long");
}

static void another_context_is_refused(void **state)
{
	struct fixture *fixture = *state;
	static const struct {
		const char *sentence;
		struct context context;
	} rows[] = {
		{"another purpose", {"file.key", STR("message-1"), STR("anna"), 1}},
		{"another object", {"message.key", STR("message-2"), STR("anna"), 1}},
		{"another holder", {"message.key", STR("message-1"), STR("bert"), 1}},
		{"another version", {"message.key", STR("message-1"), STR("anna"), 2}},
		{"object and holder exchanged", {"message.key", STR("anna"), STR("message-1"), 1}},
		{"a letter moved from holder to object",
		 {"message.key", STR("message-1a"), STR("nna"), 1}},
	};
	struct str sealed = seal(fixture);
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_refused(fixture, &rows[i].context, sealed, rows[i].sentence);
}

static void another_pair_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct str sealed = seal(fixture);
	struct secret *other CLEANUP_SECRET = NULL, *key = NULL;
	uint8_t other_public[PUBLIC_KEY_BYTES];
	assert_int_equal(keypair_new(&other, other_public), OK);
	assert_int_equal(seal_open(other, other_public, &context, sealed, &key), ERR_CORRUPT);
	assert_int_equal(seal_open(fixture->private_key, other_public, &context, sealed, &key),
			 ERR_CORRUPT);
	assert_int_equal(seal_open(other, fixture->public_key, &context, sealed, &key),
			 ERR_CORRUPT);
	assert_null(key);
}

/* Project Wycheproof (https://github.com/C2SP/wycheproof, commit dac1dd4729fd),
 * testvectors_v1/x25519_test.json: every public key flagged ZeroSharedSecret. */
static const struct {
	int number;
	const char *public_key;
} low_order[] = {
	{32, "0000000000000000000000000000000000000000000000000000000000000000"},
	{33, "0100000000000000000000000000000000000000000000000000000000000000"},
	{63, "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"},
	{64, "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"},
	{65, "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
	{66, "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b880"},
	{67, "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f11d7"},
	{68, "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"},
	{74, "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
	{75, "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
	{76, "0000000000000000000000000000000000000000000000000000000000000080"},
	{77, "0100000000000000000000000000000000000000000000000000000000000080"},
	{81, "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"},
	{82, "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"},
};

static void nothing_is_sealed_to_a_point_of_low_order(void **state)
{
	struct fixture *fixture = *state;
	for (size_t i = 0; i < COUNT(low_order); i++) {
		uint8_t public_key[HEX_MAX_BYTES];
		struct str sealed = STR_NONE;
		assert_int_equal(hex_decode(low_order[i].public_key, public_key).len,
				 PUBLIC_KEY_BYTES);
		if (seal_key(public_key, &context, fixture->key, &fixture->arena, &sealed) !=
		    ERR_CORRUPT)
			fail_msg("sealed to the public key of vector %d", low_order[i].number);
		assert_null(sealed.data);
	}
}

/* Without the check of the shared secret, anybody could make a seal like this one without knowing a
 * secret: the box's key would be that of a shared secret of zeros. */
static void a_seal_from_a_point_of_low_order_is_refused(void **state)
{
	struct fixture *fixture = *state;
	const uint8_t zero[32] = {0};
	uint8_t box_key[32], inside[64] = {0}, encoded[CONTEXT_MAX_BYTES];
	crypto_core_hsalsa20(box_key, zero, zero, NULL);
	crypto_generichash(inside + KEY_BYTES, 32, encoded, context_encode(&context, encoded), NULL,
			   0);
	for (size_t i = 0; i < COUNT(low_order); i++) {
		uint8_t point[HEX_MAX_BYTES], nonce[crypto_box_NONCEBYTES],
			forged[SEAL_BYTES] = {2};
		crypto_generichash_state hash;
		hex_decode(low_order[i].public_key, point);
		crypto_generichash_init(&hash, NULL, 0, sizeof(nonce));
		crypto_generichash_update(&hash, point, PUBLIC_KEY_BYTES);
		crypto_generichash_update(&hash, fixture->public_key, PUBLIC_KEY_BYTES);
		crypto_generichash_final(&hash, nonce, sizeof(nonce));
		memcpy(forged + 1, point, PUBLIC_KEY_BYTES);
		crypto_box_easy_afternm(forged + 33, inside, sizeof(inside), nonce, box_key);
		assert_refused(fixture, &context, str_bytes(forged, sizeof(forged)),
			       "a forged seal");
	}
}

static void a_full_arena_is_reported(void **state)
{
	struct fixture *fixture = *state;
	struct arena full CLEANUP_ARENA;
	arena_init(&full, 16);
	struct str sealed = STR_NONE;
	assert_int_equal(seal_key(fixture->public_key, &context, fixture->key, &full, &sealed),
			 ERR_UNAVAILABLE);
	assert_null(sealed.data);
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(public_halves_are_those_of_the_rfc),
		cmocka_unit_test(the_ladder_is_that_of_the_rfc),
		cmocka_unit_test_setup_teardown(opened_by_the_holder, setup, teardown),
		cmocka_unit_test_setup_teardown(two_seals_of_one_key_differ, setup, teardown),
		cmocka_unit_test_setup_teardown(every_flipped_bit_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(every_other_length_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(another_context_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(another_pair_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_is_sealed_to_a_point_of_low_order, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_seal_from_a_point_of_low_order_is_refused, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_full_arena_is_reported, setup, teardown),
	};
	return crypto_init() != OK || cmocka_run_group_tests(tests, NULL, NULL);
}
