#include "base/encode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void html_escapes_five_characters_and_nothing_else(void **state)
{
	(void)state;
	struct buf buf CLEANUP_BUF;
	buf_init(&buf, 1 << 20);
	for (int c = 0; c < 256; c++) {
		char text[3] = {'x', (char)c, 'y'};
		const char *entity = c == '&'    ? "x&amp;y"
				     : c == '<'  ? "x&lt;y"
				     : c == '>'  ? "x&gt;y"
				     : c == '"'  ? "x&quot;y"
				     : c == '\'' ? "x&#39;y"
						 : NULL;
		struct str expected = entity ? str_of(entity) : (struct str){text, 3};
		buf_clear(&buf);
		encode_html(&buf, (struct str){text, 3});
		assert_true(str_eq(buf_str(&buf), expected));
	}
	buf_clear(&buf);
	encode_html(&buf, STR("<a href=\"'&\">"));
	assert_true(str_eq(buf_str(&buf), STR("&lt;a href=&quot;&#39;&amp;&quot;&gt;")));
	buf_clear(&buf);
	encode_html(&buf, STR_NONE);
	assert_int_equal(buf.len, 0);
}

static void every_character_survives_a_url(void **state)
{
	(void)state;
	static const char unreserved[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	for (int c = 1; c < 0x800; c++) {
		struct arena arena CLEANUP_ARENA;
		struct buf buf CLEANUP_BUF;
		arena_init(&arena, 1 << 16);
		buf_init(&buf, 1000);
		char text[2] = {(char)c, '\0'};
		if (c >= 0x80) {
			text[0] = (char)(0xc0 | c >> 6);
			text[1] = (char)(0x80 | (c & 0x3f));
		}
		struct str plain = {text, c >= 0x80 ? 2 : 1}, decoded;
		encode_url(&buf, plain);
		bool is_plain = c < 0x80 && strchr(unreserved, c);
		assert_int_equal(buf.len, is_plain ? 1 : plain.len * 3);
		assert_int_equal(buf.data[0] == '%', !is_plain);
		assert_int_equal(decode_url(&arena, buf_str(&buf), false, &decoded), OK);
		assert_true(str_eq(decoded, plain));
		assert_int_equal(decode_url(&arena, buf_str(&buf), true, &decoded), OK);
		assert_true(str_eq(decoded, plain));
	}
}

static void url_bytes_beyond_ascii_are_encoded_by_byte(void **state)
{
	(void)state;
	struct buf buf CLEANUP_BUF;
	buf_init(&buf, 1000);
	encode_url(&buf, STR("\xff\n\x80 /\0"));
	assert_true(str_eq(buf_str(&buf), STR("%FF%0A%80%20%2F%00")));
}

static void urls_are_decoded_once_and_strictly(void **state)
{
	(void)state;
	static const struct {
		const char *sentence;
		struct str text;
		bool is_form;
		enum err err;
		struct str expected;
	} rows[] = {
		{"plain", STR("abc"), false, OK, STR("abc")},
		{"nothing", STR_NONE, false, OK, STR("")},
		{"lower and upper case digits", STR("%2f%2F%c3%A4"), false, OK, STR("//\xc3\xa4")},
		{"an escaped escape stays one", STR("%252e%2500"), false, OK, STR("%2e%00")},
		{"a plus in a path", STR("a+b"), false, OK, STR("a+b")},
		{"a plus in a form", STR("a+b%2B"), true, OK, STR("a b+")},
		{"NUL", STR("a%00b"), false, ERR_INVALID, STR("")},
		{"a bare NUL", STR("a\0b"), false, ERR_INVALID, STR("")},
		{"cut after the percent sign", STR("a%"), false, ERR_INVALID, STR("")},
		{"cut after one digit", STR("a%4"), false, ERR_INVALID, STR("")},
		{"wrong second digit", STR("%4g"), false, ERR_INVALID, STR("")},
		{"wrong first digit", STR("%g4"), false, ERR_INVALID, STR("")},
		{"a sign in an escape", STR("%+1"), true, ERR_INVALID, STR("")},
		{"a space in an escape", STR("% A"), false, ERR_INVALID, STR("")},
		{"overlong slash", STR("%c0%af"), false, ERR_INVALID, STR("")},
		{"a surrogate", STR("%ed%a0%80"), false, ERR_INVALID, STR("")},
		{"a cut character", STR("%e2%82"), false, ERR_INVALID, STR("")},
		{"a bare byte that is not UTF-8", STR("\xff"), false, ERR_INVALID, STR("")},
		{"IIS-style escape", STR("%u0041"), false, ERR_INVALID, STR("")},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena arena CLEANUP_ARENA;
		arena_init(&arena, 1 << 16);
		struct str out = STR("");
		if (decode_url(&arena, rows[i].text, rows[i].is_form, &out) != rows[i].err ||
		    !str_eq(out, rows[i].expected))
			fail_msg("%s", rows[i].sentence);
	}
}

static void base64url_of_the_rfc(void **state)
{
	(void)state;
	/* RFC 4648 10, without padding, and the two letters of the URL alphabet. */
	static const struct {
		struct str bytes, text;
	} rows[] = {
		{STR(""), STR("")},
		{STR("f"), STR("Zg")},
		{STR("fo"), STR("Zm8")},
		{STR("foo"), STR("Zm9v")},
		{STR("foob"), STR("Zm9vYg")},
		{STR("fooba"), STR("Zm9vYmE")},
		{STR("foobar"), STR("Zm9vYmFy")},
		{STR("\xfb\xff\0"), STR("-_8A")},
	};
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, 1 << 16);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str out;
		assert_true(str_eq(encode_base64url(&arena, rows[i].bytes), rows[i].text));
		assert_int_equal(decode_base64url(&arena, rows[i].text, &out), OK);
		assert_true(str_eq(out, rows[i].bytes));
	}
}

static void every_byte_survives_base64url(void **state)
{
	(void)state;
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, 8 << 20);
	unsigned char bytes[256 + 3];
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * 167);
	for (size_t len = 0; len <= sizeof(bytes); len++) {
		struct str out, plain = str_bytes(bytes, len);
		assert_int_equal(decode_base64url(&arena, encode_base64url(&arena, plain), &out),
				 OK);
		assert_true(str_eq(out, plain));
	}
}

static void base64url_is_strict(void **state)
{
	(void)state;
	static const struct {
		const char *sentence;
		struct str text;
	} rows[] = {
		{"one character", STR("A")},
		{"five characters", STR("AAAAA")},
		{"padding", STR("Zg==")},
		{"white space", STR("Zm 9v")},
		{"a new line", STR("Zm9v\n")},
		{"unused bits set, two characters", STR("Zh")},
		{"unused bits set, three", STR("Zm9")},
		{"the other alphabet's +", STR("+AAA")},
		{"the other alphabet's /", STR("/AAA")},
		{"NUL", STR("AAA\0")},
		{"beyond ASCII", STR("AAA\xc1")},
	};
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, 1 << 16);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str out = STR_NONE;
		if (decode_base64url(&arena, rows[i].text, &out) != ERR_INVALID || out.data)
			fail_msg("%s", rows[i].sentence);
	}
	for (int c = 0; c < 256; c++) {
		char text[4] = {'A', 'A', 'A', (char)c};
		struct str out;
		bool is_letter =
			c &&
			strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
			       c);
		assert_int_equal(decode_base64url(&arena, (struct str){text, 4}, &out),
				 is_letter ? OK : ERR_INVALID);
	}
}

static void base64_of_the_rfc(void **state)
{
	(void)state;
	/* RFC 4648 10, and the two letters of the other alphabet. */
	static const struct {
		struct str bytes, text;
	} rows[] = {
		{STR(""), STR("")},
		{STR("f"), STR("Zg==")},
		{STR("fo"), STR("Zm8=")},
		{STR("foo"), STR("Zm9v")},
		{STR("foob"), STR("Zm9vYg==")},
		{STR("fooba"), STR("Zm9vYmE=")},
		{STR("foobar"), STR("Zm9vYmFy")},
		{STR("\xfb\xff\0"), STR("+/8A")},
	};
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, 1 << 16);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str out;
		assert_true(str_eq(encode_base64(&arena, rows[i].bytes), rows[i].text));
		assert_int_equal(decode_base64(&arena, rows[i].text, &out), OK);
		assert_true(str_eq(out, rows[i].bytes));
	}
}

static void base64_is_strict(void **state)
{
	(void)state;
	static const struct {
		const char *sentence;
		struct str text;
	} rows[] = {
		{"no padding", STR("Zg")},
		{"too little padding", STR("Zg=")},
		{"too much padding", STR("Zm8==")},
		{"three signs of padding", STR("Z===")},
		{"padding alone", STR("====")},
		{"padding in the middle", STR("Zg==Zg==")},
		{"padding where none is due", STR("Zm9v====")},
		{"white space", STR("Zm 9v===")},
		{"a new line", STR("Zm9vZm9\n")},
		{"unused bits set, one byte", STR("Zh==")},
		{"unused bits set, two bytes", STR("Zm9=")},
		{"the other alphabet's -", STR("-AAA")},
		{"the other alphabet's _", STR("_AAA")},
		{"NUL", STR("AAA\0")},
	};
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, 1 << 16);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str out = STR_NONE;
		if (decode_base64(&arena, rows[i].text, &out) != ERR_INVALID || out.data)
			fail_msg("%s", rows[i].sentence);
	}
}

static void a_full_arena_is_reported(void **state)
{
	(void)state;
	struct arena full CLEANUP_ARENA;
	arena_init(&full, 8);
	struct str out = STR_NONE;
	assert_int_equal(decode_url(&full, STR("a"), false, &out), ERR_TOO_LARGE);
	assert_int_equal(decode_base64url(&full, STR("AAAA"), &out), ERR_TOO_LARGE);
	assert_null(encode_base64url(&full, STR("abc")).data);
	assert_int_equal(decode_base64(&full, STR("AAAA"), &out), ERR_TOO_LARGE);
	assert_null(encode_base64(&full, STR("abc")).data);
	assert_null(out.data);
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(html_escapes_five_characters_and_nothing_else),
		cmocka_unit_test(every_character_survives_a_url),
		cmocka_unit_test(url_bytes_beyond_ascii_are_encoded_by_byte),
		cmocka_unit_test(urls_are_decoded_once_and_strictly),
		cmocka_unit_test(base64url_of_the_rfc),
		cmocka_unit_test(every_byte_survives_base64url),
		cmocka_unit_test(base64url_is_strict),
		cmocka_unit_test(base64_of_the_rfc),
		cmocka_unit_test(base64_is_strict),
		cmocka_unit_test(a_full_arena_is_reported),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
