#include "crypto/token.h"

#include "crypto/hex_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void what_is_written_is_read(void **state)
{
	(void)state;
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, 1 << 20);
	for (int i = 0; i < 200; i++) {
		struct token token CLEANUP_TOKEN = {0}, read CLEANUP_TOKEN = {0};
		struct id id = id_new(1700000000000 + i);
		assert_int_equal(token_new(&id, &token), OK);
		struct str text = token_text(&token, &arena);
		assert_int_equal(text.len, TOKEN_CHARS);
		assert_int_equal(token_parse(text, &read), OK);
		assert_true(id_eq(&read.id, &id));
		assert_memory_equal(read.secret->bytes, token.secret->bytes, KEY_BYTES);
	}
	assert_int_equal(secret_live(), 0);
}

static void the_form_is_fixed(void **state)
{
	(void)state;
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, 1 << 20);
	struct token token CLEANUP_TOKEN = {0};
	struct str text = STR("____AAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-_");
	uint8_t id[ID_BYTES];
	assert_int_equal(token_parse(text, &token), OK);
	id_to_bytes(&token.id, id);
	assert_memory_equal(id, ((uint8_t[]){255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}),
			    ID_BYTES);
	assert_int_equal(token.secret->bytes[KEY_BYTES - 1], 0xbf);
	assert_true(str_eq(token_text(&token, &arena), text));
}

static void nothing_else_is_read(void **state)
{
	(void)state;
	char text[TOKEN_CHARS + 4];
	struct token token = {0};
	memset(text, 'A', sizeof(text));
	for (size_t len = 0; len <= sizeof(text); len++)
		if (len != TOKEN_CHARS)
			assert_int_equal(token_parse((struct str){text, len}, &token), ERR_INVALID);
	for (size_t at = 0; at < TOKEN_CHARS; at++) {
		for (int c = 0; c < 256; c++) {
			struct token read CLEANUP_TOKEN = {0};
			text[at] = (char)c;
			bool is_allowed = c != 0 && strchr(alphabet, c) != NULL;
			enum err err = token_parse((struct str){text, TOKEN_CHARS}, &read);
			if (err != (is_allowed ? OK : ERR_INVALID))
				fail_msg("byte %d at %zu", c, at);
			assert_int_equal(read.secret != NULL, is_allowed);
		}
		text[at] = 'A';
	}
	assert_null(token.secret);
	assert_int_equal(secret_live(), 0);
}

static void a_full_arena_gives_no_text(void **state)
{
	(void)state;
	struct arena full CLEANUP_ARENA;
	arena_init(&full, 16);
	struct token token CLEANUP_TOKEN = {0};
	struct id id = id_new(1);
	assert_int_equal(token_new(&id, &token), OK);
	assert_null(token_text(&token, &full).data);
	assert_null(recovery_code_new(&full).data);
	assert_true(full.failed);
}

static void a_code_is_five_groups_of_six(void **state)
{
	(void)state;
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, 4 << 20);
	bool is_seen[256] = {false};
	for (int i = 0; i < 200; i++) {
		struct str code = recovery_code_new(&arena);
		assert_int_equal(code.len, 34);
		for (size_t k = 0; k < code.len; k++) {
			assert_int_equal(code.data[k] == '-', k % 7 == 6);
			is_seen[(unsigned char)code.data[k]] = true;
		}
		struct secret *key CLEANUP_SECRET = NULL;
		assert_int_equal(recovery_code_key(code, &key), OK);
	}
	const char *expected = "-0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	for (int c = 1; c < 256; c++)
		assert_int_equal(is_seen[c], strchr(expected, c) != NULL);
}

/* Expected keys: Python's hashlib.blake2b(b"postern.recovery.1" + characters, digest_size=32). */
static void a_code_is_read_as_people_type_it(void **state)
{
	(void)state;
	static const char key_of_first[] =
		"1e63aad0ef8798c59bc83fd20abe70e2ff867fe1292cfd8bb457d9616b2856b4";
	static const char key_of_second[] =
		"f55456c643b5c6e1b70fb0e8f25c5beae0d6bc9d927ff70ca29f8967a7f3d1a5";
	static const struct {
		const char *sentence, *typed, *key;
	} rows[] = {
		{"as printed", "012345-6789AB-CDEFGH-JKMNPQ-RSTVWX", key_of_first},
		{"without hyphens", "0123456789ABCDEFGHJKMNPQRSTVWX", key_of_first},
		{"in lower case", "012345-6789ab-cdefgh-jkmnpq-rstvwx", key_of_first},
		{"with spaces and a new line", " 012345 6789AB CDEFGH\tJKMNPQ RSTVWX\r\n",
		 key_of_first},
		{"with hyphens anywhere", "-0-12345--6789ABCDEFGHJKMNPQRSTVWX-", key_of_first},
		{"O for 0, I and L for 1", "OILO1l-Oi1oIL-011011-011011-01101L", key_of_second},
		{"another code", "012345-6789AB-CDEFGH-JKMNPQ-RSTVWY", NULL},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct secret *key CLEANUP_SECRET = NULL;
		uint8_t expected[HEX_MAX_BYTES];
		assert_int_equal(hex_decode(rows[i].key ? rows[i].key : key_of_first, expected).len,
				 KEY_BYTES);
		assert_int_equal(recovery_code_key(str_of(rows[i].typed), &key), OK);
		if ((memcmp(key->bytes, expected, KEY_BYTES) == 0) != (rows[i].key != NULL))
			fail_msg("%s", rows[i].sentence);
	}
}

static void what_is_no_code_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *sentence;
		struct str typed;
	} rows[] = {
		{"nothing", STR_NONE},
		{"only hyphens", STR("------------------------------")},
		{"a character too few", STR("012345-6789AB-CDEFGH-JKMNPQ-RSTVW")},
		{"a character too many", STR("012345-6789AB-CDEFGH-JKMNPQ-RSTVWXY")},
		{"a U, which is no letter of the alphabet",
		 STR("012345-6789AB-CDEFGH-JKMNPQ-RSTVWU")},
		{"a full stop", STR("012345.6789AB-CDEFGH-JKMNPQ-RSTVWX")},
		{"a NUL in place of a character", STR("012345-6789AB-CDEFGH-JKMNPQ-RSTVW\0")},
		{"a NUL after the code", STR("012345-6789AB-CDEFGH-JKMNPQ-RSTVWX\0")},
		{"a letter beyond ASCII", STR("012345-6789AB-CDEFGH-JKMNPQ-RSTV\xc3\x84")},
	};
	struct secret *key = NULL;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (recovery_code_key(rows[i].typed, &key) != ERR_INVALID)
			fail_msg("%s", rows[i].sentence);
	assert_null(key);
	assert_int_equal(secret_live(), 0);
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(the_form_is_fixed),
		cmocka_unit_test(nothing_else_is_read),
		cmocka_unit_test(a_full_arena_gives_no_text),
		cmocka_unit_test(a_code_is_five_groups_of_six),
		cmocka_unit_test(a_code_is_read_as_people_type_it),
		cmocka_unit_test(what_is_no_code_is_refused),
	};
	return crypto_init() != OK || cmocka_run_group_tests(tests, NULL, NULL);
}
