#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum fitness { MALFORMED, VALID, TEXT, LINE }; /* TEXT is not fit for one line; VALID for neither */

static const struct {
	const char *sentence;
	struct str text;
	enum fitness fitness;
} rows[] = {
	{"nothing", STR_NONE, LINE},
	{"ASCII", STR("Anna <anna@example.com> ~"), LINE},
	{"two, three and four bytes", STR("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"), LINE},
	{"smallest of two bytes is a control, smallest of three, of four",
	 STR("\xe0\xa0\x80\xf0\x90\x80\x80"), LINE},
	{"largest of two, three, four", STR("\xdf\xbf\xef\xbf\xbf\xf4\x8f\xbf\xbf"), LINE},
	{"either side of the surrogates", STR("\xed\x9f\xbf\xee\x80\x80"), LINE},
	{"no-break space", STR("\xc2\xa0"), LINE},
	{"tab and newlines", STR("a\tb\r\nc"), TEXT},
	{"line separator", STR("a\xe2\x80\xa8"), TEXT},
	{"paragraph separator", STR("a\xe2\x80\xa9"), TEXT},
	{"right-to-left override",
	 STR("a\xe2\x80\xae"
	     "b"),
	 TEXT},
	{"left-to-right embedding", STR("\xe2\x80\xaa"), TEXT},
	{"first strong isolate", STR("\xe2\x81\xa6"), TEXT},
	{"pop directional isolate", STR("\xe2\x81\xa9"), TEXT},
	{"NUL", STR("a\0b"), VALID},
	{"escape", STR("\x1b[31m"), VALID},
	{"delete", STR("\x7f"), VALID},
	{"U+0080", STR("\xc2\x80"), VALID},
	{"next line, U+0085", STR("\xc2\x85"), VALID},
	{"U+009F", STR("\xc2\x9f"), VALID},
	{"a lone continuation byte", STR("\x80"), MALFORMED},
	{"a continuation byte too many", STR("\xc3\xa4\x80"), MALFORMED},
	{"overlong slash in two bytes", STR("\xc0\xaf"), MALFORMED},
	{"overlong NUL in two bytes", STR("\xc0\x80"), MALFORMED},
	{"overlong U+007F", STR("\xc1\xbf"), MALFORMED},
	{"overlong slash in three bytes", STR("\xe0\x80\xaf"), MALFORMED},
	{"overlong U+07FF", STR("\xe0\x9f\xbf"), MALFORMED},
	{"overlong slash in four bytes", STR("\xf0\x80\x80\xaf"), MALFORMED},
	{"overlong U+FFFF", STR("\xf0\x8f\xbf\xbf"), MALFORMED},
	{"first surrogate", STR("\xed\xa0\x80"), MALFORMED},
	{"last surrogate", STR("\xed\xbf\xbf"), MALFORMED},
	{"a pair of surrogates", STR("\xed\xa0\xbd\xed\xb8\x80"), MALFORMED},
	{"U+110000", STR("\xf4\x90\x80\x80"), MALFORMED},
	{"a first byte F5", STR("\xf5\x80\x80\x80"), MALFORMED},
	{"five bytes", STR("\xf8\x88\x80\x80\x80"), MALFORMED},
	{"FE", STR("\xfe"), MALFORMED},
	{"FF", STR("\xff"), MALFORMED},
	{"two bytes cut after one", STR("a\xc3"), MALFORMED},
	{"three cut after one", STR("\xe2"), MALFORMED},
	{"three cut after two", STR("\xe2\x82"), MALFORMED},
	{"four cut after three", STR("\xf0\x9f\x98"), MALFORMED},
	{"two bytes broken by ASCII",
	 STR("\xc3"
	     "a"),
	 MALFORMED},
	{"three broken at the last", STR("\xe2\x82\x28"), MALFORMED},
	{"three broken at the second", STR("\xe2\x28\xa1"), MALFORMED},
	{"three broken by another first byte", STR("\xe2\x82\xc3"), MALFORMED},
	{"Latin-1", STR("M\xfcller"), MALFORMED},
};

static void each_row_is_fit_for_what_it_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (utf8_is_valid(rows[i].text) != (rows[i].fitness >= VALID) ||
		    utf8_is_text(rows[i].text) != (rows[i].fitness >= TEXT) ||
		    utf8_is_line(rows[i].text) != (rows[i].fitness >= LINE))
			fail_msg("%s", rows[i].sentence);
	}
}

/* Written again here from the table of RFC 3629 4, over every code point and its encoding. */
static void every_code_point_is_valid_but_surrogates(void **state)
{
	(void)state;
	for (uint32_t c = 0; c < 0x120000; c++) {
		unsigned char bytes[4];
		size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
		static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};
		bytes[0] = (unsigned char)(first[len] | c >> (6 * (len - 1)));
		for (size_t i = 1; i < len; i++)
			bytes[i] = (unsigned char)(0x80 | (c >> (6 * (len - 1 - i)) & 0x3f));
		bool is_expected = c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff);
		if (utf8_is_valid(str_bytes(bytes, len)) != is_expected ||
		    utf8_is_ascii(str_bytes(bytes, len)) != (len == 1))
			fail_msg("U+%04X", c);
	}
}

static void counting_and_cutting(void **state)
{
	(void)state;
	assert_true(utf8_is_ascii(STR_NONE));
	assert_true(utf8_is_ascii(STR("Anna <anna@example.com>\x7f")));
	assert_false(utf8_is_ascii(STR("anna\xc3\xa4")));
	struct str text = STR("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z");
	static const size_t ends[] = {0, 1, 3, 6, 10, 11, 11, 11};
	assert_int_equal(utf8_count(text), 5);
	assert_int_equal(utf8_count(STR_NONE), 0);
	for (size_t count = 0; count < COUNT(ends); count++) {
		struct str first = utf8_first(text, count);
		assert_true(str_eq(first, str_slice(text, 0, ends[count])));
		assert_true(utf8_is_valid(first));
	}
	assert_int_equal(utf8_first(text, SIZE_MAX).len, text.len);
	assert_int_equal(utf8_first(STR_NONE, 3).len, 0);
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_is_fit_for_what_it_says),
		cmocka_unit_test(every_code_point_is_valid_but_surrogates),
		cmocka_unit_test(counting_and_cutting),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
