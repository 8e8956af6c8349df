#include "crypto/aead.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct context context = {.purpose = "message.subject",
				       .object = STR("message-1"),
				       .holder = STR("anna"),
				       .version = 7};

/* Any two of these must not be exchangeable. */
static const struct {
	const char *sentence;
	struct context context;
} contexts[] = {
	{"the context used", {"message.subject", STR("message-1"), STR("anna"), 7}},
	{"another purpose", {"message.body", STR("message-1"), STR("anna"), 7}},
	{"another object", {"message.subject", STR("message-2"), STR("anna"), 7}},
	{"another holder", {"message.subject", STR("message-1"), STR("bert"), 7}},
	{"no holder", {"message.subject", STR("message-1"), STR(""), 7}},
	{"another version", {"message.subject", STR("message-1"), STR("anna"), 8}},
	{"a version of the other sign", {"message.subject", STR("message-1"), STR("anna"), -7}},
	{"a version that differs only in its high half",
	 {"message.subject", STR("message-1"), STR("anna"), (INT64_C(1) << 32) + 7}},
	{"object and holder exchanged", {"message.subject", STR("anna"), STR("message-1"), 7}},
	{"the holder moved into the object", {"message.subject", STR("message-1anna"), STR(""), 7}},
	{"a letter moved from object to purpose",
	 {"message.subjectm", STR("essage-1"), STR("anna"), 7}},
	{"a letter moved from holder to object",
	 {"message.subject", STR("message-1a"), STR("nna"), 7}},
};

struct fixture {
	struct arena arena;
	struct secret *key;
	struct secret *other_key;
};

static int setup(void **state)
{
	static struct fixture fixture;
	arena_init(&fixture.arena, 4 << 20);
	*state = &fixture;
	return secret_random(&fixture.key) != OK || secret_random(&fixture.other_key) != OK;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;
	arena_release(&fixture->arena);
	secret_free(fixture->key);
	secret_free(fixture->other_key);
	return secret_live() != 0;
}

static struct str encrypt(struct fixture *fixture, struct str plain)
{
	struct str cipher = STR_NONE;
	assert_int_equal(aead_encrypt(fixture->key, &context, plain, &fixture->arena, &cipher), OK);
	assert_int_equal(cipher.len, plain.len + AEAD_OVERHEAD_BYTES);
	return cipher;
}

static void assert_refused(struct fixture *fixture, const struct secret *key,
			   const struct context *with, struct str cipher, const char *sentence)
{
	struct str plain = STR("untouched");
	if (aead_decrypt(key, with, cipher, &fixture->arena, &plain) != ERR_CORRUPT)
		fail_msg("not refused: %s", sentence);
	assert_true(str_eq(plain, STR("untouched")));
	assert_false(fixture->arena.failed);
}

static void what_is_encrypted_comes_back(void **state)
{
	struct fixture *fixture = *state;
	static char long_text[100000];
	memset(long_text, 'x', sizeof(long_text));
	const struct str rows[] = {STR_NONE,
				   STR("a"),
				   STR("Your results are here."),
				   STR("\0\xff\0"),
				   {long_text, sizeof(long_text)}};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str cipher = encrypt(fixture, rows[i]);
		struct str plain;
		assert_int_equal(
			aead_decrypt(fixture->key, &context, cipher, &fixture->arena, &plain), OK);
		assert_true(str_eq(plain, rows[i]));
		assert_int_equal(plain.data[plain.len], '\0');
	}
}

static void the_same_text_never_looks_the_same(void **state)
{
	struct fixture *fixture = *state;
	struct str first = encrypt(fixture, STR("same"));
	for (int i = 0; i < 1000; i++) {
		struct str next = encrypt(fixture, STR("same"));
		assert_false(str_eq(str_slice(first, 1, 12), str_slice(next, 1, 12)));
		assert_int_equal(next.data[0], 1);
	}
}

static void every_flipped_bit_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct str cipher = encrypt(fixture, STR("Come on Tuesday"));
	char *bytes = (char *)cipher.data;
	for (size_t i = 0; i < cipher.len * 8; i++) {
		bytes[i / 8] ^= (char)(1 << i % 8);
		assert_refused(fixture, fixture->key, &context, cipher, "a flipped bit");
		bytes[i / 8] ^= (char)(1 << i % 8);
	}
	struct str plain;
	assert_int_equal(aead_decrypt(fixture->key, &context, cipher, &fixture->arena, &plain), OK);
}

static void every_other_length_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct str cipher = encrypt(fixture, STR("Come on Tuesday"));
	for (size_t len = 0; len < cipher.len; len++) {
		assert_refused(fixture, fixture->key, &context, str_slice(cipher, 0, len),
			       "cut at the end");
		assert_refused(fixture, fixture->key, &context,
			       str_slice(cipher, cipher.len - len, len), "cut at the start");
	}
	struct str longer = arena_printf(&fixture->arena, "%*s", (int)cipher.len + 1, "");
	memcpy((char *)longer.data, cipher.data, cipher.len);
	assert_refused(fixture, fixture->key, &context, longer, "one byte more");
}

static void another_key_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct str cipher = encrypt(fixture, STR("Come on Tuesday"));
	assert_refused(fixture, fixture->other_key, &context, cipher, "another key");
}

static void no_two_contexts_can_be_exchanged(void **state)
{
	struct fixture *fixture = *state;
	for (size_t i = 0; i < COUNT(contexts); i++) {
		struct str cipher, wrapped;
		assert_int_equal(aead_encrypt(fixture->key, &contexts[i].context, STR("text"),
					      &fixture->arena, &cipher),
				 OK);
		assert_int_equal(key_wrap(fixture->key, &contexts[i].context, fixture->other_key,
					  &fixture->arena, &wrapped),
				 OK);
		for (size_t k = 0; k < COUNT(contexts); k++) {
			struct secret *key CLEANUP_SECRET = NULL;
			enum err expected = i == k ? OK : ERR_CORRUPT;
			if (k != i)
				assert_refused(fixture, fixture->key, &contexts[k].context, cipher,
					       contexts[k].sentence);
			if (key_unwrap(fixture->key, &contexts[k].context, wrapped, &key) !=
			    expected)
				fail_msg("wrap of '%s' under '%s'", contexts[i].sentence,
					 contexts[k].sentence);
			assert_int_equal(key != NULL, i == k);
		}
	}
}

static void a_wrapped_key_comes_back(void **state)
{
	struct fixture *fixture = *state;
	struct str wrapped;
	struct secret *key CLEANUP_SECRET = NULL;
	assert_int_equal(
		key_wrap(fixture->key, &context, fixture->other_key, &fixture->arena, &wrapped),
		OK);
	assert_int_equal(wrapped.len, WRAP_BYTES);
	assert_int_equal(key_unwrap(fixture->key, &context, wrapped, &key), OK);
	assert_memory_equal(key->bytes, fixture->other_key->bytes, KEY_BYTES);
}

static void a_damaged_wrap_gives_no_key(void **state)
{
	struct fixture *fixture = *state;
	struct str wrapped;
	struct secret *key = NULL;
	size_t live = secret_live();
	assert_int_equal(
		key_wrap(fixture->key, &context, fixture->other_key, &fixture->arena, &wrapped),
		OK);
	char *bytes = (char *)wrapped.data;
	for (size_t i = 0; i < wrapped.len * 8; i++) {
		bytes[i / 8] ^= (char)(1 << i % 8);
		assert_int_equal(key_unwrap(fixture->key, &context, wrapped, &key), ERR_CORRUPT);
		bytes[i / 8] ^= (char)(1 << i % 8);
	}
	for (size_t len = 0; len < wrapped.len; len++)
		assert_int_equal(
			key_unwrap(fixture->key, &context, str_slice(wrapped, 0, len), &key),
			ERR_CORRUPT);
	assert_int_equal(key_unwrap(fixture->other_key, &context, wrapped, &key), ERR_CORRUPT);
	struct str text = encrypt(fixture, STR("a text, not a key"));
	assert_int_equal(key_unwrap(fixture->key, &context, text, &key), ERR_CORRUPT);
	assert_null(key);
	assert_int_equal(secret_live(), live);
}

static void a_full_arena_is_reported(void **state)
{
	struct fixture *fixture = *state;
	struct arena full CLEANUP_ARENA;
	arena_init(&full, 16);
	struct str out = STR("untouched");
	struct str cipher = encrypt(fixture, STR("text"));
	assert_int_equal(aead_encrypt(fixture->key, &context, STR("text"), &full, &out),
			 ERR_UNAVAILABLE);
	assert_int_equal(aead_decrypt(fixture->key, &context, cipher, &full, &out),
			 ERR_UNAVAILABLE);
	assert_true(str_eq(out, STR("untouched")));
}

static void a_context_too_long_is_our_mistake(void **state)
{
	struct fixture *fixture = *state;
	static const char text[CONTEXT_MAX_BYTES];
	uint8_t bytes[CONTEXT_MAX_BYTES];
	/* Format, three lengths and the version take 21 bytes, "p" one. */
	struct context longest = {.purpose = "p", .object = {text, CONTEXT_MAX_BYTES - 22}};
	struct context too_long = {.purpose = "p", .object = {text, CONTEXT_MAX_BYTES - 21}};
	struct context huge = {.purpose = "p", .object = {text, SIZE_MAX - 8}};
	assert_int_equal(context_encode(&longest, bytes), CONTEXT_MAX_BYTES);
	assert_int_equal(context_encode(&too_long, bytes), 0);
	assert_int_equal(context_encode(&huge, bytes), 0);
	struct str out = STR_NONE;
	assert_int_equal(aead_encrypt(fixture->key, &too_long, STR("text"), &fixture->arena, &out),
			 ERR_INTERNAL);
	assert_null(out.data);
}

static void the_encoding_of_a_context_is_fixed(void **state)
{
	(void)state;
	static const uint8_t expected[] = {1, 0, 0, 0, 2, 'a', '.', 0, 0, 0, 1, 'o',
					   0, 0, 0, 0, 0, 0,   0,   0, 0, 0, 1, 2};
	const struct context small = {.purpose = "a.", .object = STR("o"), .version = 0x102};
	uint8_t bytes[CONTEXT_MAX_BYTES];
	assert_int_equal(context_encode(&small, bytes), sizeof(expected));
	assert_memory_equal(bytes, expected, sizeof(expected));
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_encrypted_comes_back, setup, teardown),
		cmocka_unit_test_setup_teardown(the_same_text_never_looks_the_same, setup,
						teardown),
		cmocka_unit_test_setup_teardown(every_flipped_bit_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(every_other_length_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(another_key_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(no_two_contexts_can_be_exchanged, setup, teardown),
		cmocka_unit_test_setup_teardown(a_wrapped_key_comes_back, setup, teardown),
		cmocka_unit_test_setup_teardown(a_damaged_wrap_gives_no_key, setup, teardown),
		cmocka_unit_test_setup_teardown(a_full_arena_is_reported, setup, teardown),
		cmocka_unit_test_setup_teardown(a_context_too_long_is_our_mistake, setup, teardown),
		cmocka_unit_test(the_encoding_of_a_context_is_fixed),
	};
	return crypto_init() != OK || cmocka_run_group_tests(tests, NULL, NULL);
}
