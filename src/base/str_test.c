#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void equality(void **state)
{
	(void)state;
	static const struct {
		struct str a, b;
		bool is_equal, is_equal_nocase;
	} rows[] = {
		{STR(""), STR_NONE, true, true},
		{STR("a"), STR("a"), true, true},
		{STR("a"), STR("A"), false, true},
		{STR("Az-09"), STR("aZ-09"), false, true},
		{STR("a"), STR("ab"), false, false},
		{STR("a\0b"), STR("a\0c"), false, false},
		{STR("["), STR("{"), false, false},
		{STR("@"), STR("`"), false, false},
		{STR("\xc3\x84"), STR("\xc3\xa4"), false, false},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(str_eq(rows[i].a, rows[i].b), rows[i].is_equal);
		assert_int_equal(str_eq_nocase(rows[i].a, rows[i].b), rows[i].is_equal_nocase);
	}
	assert_true(str_is_empty(str_of(NULL)));
	assert_true(str_is_empty(str_of("")));
	assert_false(str_is_empty(str_bytes("\0", 1)));
}

static void letters_and_digits(void **state)
{
	const struct str all =
		STR("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
	(void)state;
	for (int c = 0; c < 256; c++)
		assert_int_equal(str_is_alnum((char)c), str_find_char(all, (char)c) >= 0);
}

static void order(void **state)
{
	(void)state;
	/* Each before the next. */
	static const struct str rows[] = {STR(""),    STR("\0"), STR("Z"), STR("a"),
					  STR("a\0"), STR("ab"), STR("b"), STR("\xc3\xa4")};
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t k = 0; k < COUNT(rows); k++) {
			int sign = str_compare(rows[i], rows[k]);
			assert_int_equal((sign > 0) - (sign < 0), (i > k) - (i < k));
		}
	}
	assert_int_equal(str_compare(STR_NONE, STR("")), 0);
}

static void beginnings_and_ends(void **state)
{
	(void)state;
	assert_true(str_starts_with(STR("Bearer x"), STR("Bearer ")));
	assert_true(str_starts_with(STR("x"), STR("")));
	assert_true(str_starts_with(STR_NONE, STR_NONE));
	assert_false(str_starts_with(STR("Bear"), STR("Bearer ")));
	assert_false(str_starts_with(STR("xBearer "), STR("Bearer ")));
	assert_true(str_ends_with(STR("a.eml"), STR(".eml")));
	assert_true(str_ends_with(STR("a"), STR_NONE));
	assert_false(str_ends_with(STR("eml"), STR(".eml")));
	assert_false(str_ends_with(STR("a.eml "), STR(".eml")));
}

static void slices_are_clamped(void **state)
{
	(void)state;
	static const struct {
		size_t start, len;
		struct str expected;
	} rows[] = {
		{0, 3, STR("abc")}, {1, 1, STR("b")},
		{1, 99, STR("bc")}, {1, SIZE_MAX, STR("bc")},
		{3, 1, STR("")},    {99, 1, STR("")},
		{0, 0, STR("")},    {SIZE_MAX, SIZE_MAX, STR("")},
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_true(str_eq(str_slice(STR("abc"), rows[i].start, rows[i].len),
				   rows[i].expected));
	assert_null(str_slice(STR_NONE, 0, 1).data);
}

static void trimming(void **state)
{
	(void)state;
	static const struct {
		struct str text, expected;
	} rows[] = {
		{STR(" \t\r\n\v\f a b \n"), STR("a b")},
		{STR("a"), STR("a")},
		{STR("   "), STR("")},
		{STR_NONE, STR("")},
		{STR("\xc2\xa0x"), STR("\xc2\xa0x")},
		{STR("\0x\0"), STR("\0x\0")},
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_true(str_eq(str_trim(rows[i].text), rows[i].expected));
}

static void parts_between_separators(void **state)
{
	(void)state;
	static const struct {
		struct str text;
		struct str parts[4];
		size_t count;
	} rows[] = {
		{STR("a,b"), {STR("a"), STR("b")}, 2},
		{STR("a"), {STR("a")}, 1},
		{STR(","), {STR(""), STR("")}, 2},
		{STR("a,"), {STR("a"), STR("")}, 2},
		{STR(",,b"), {STR(""), STR(""), STR("b")}, 3},
		{STR(""), {STR("")}, 1},
		{STR_NONE, {{NULL, 0}}, 0},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str rest = rows[i].text, part = STR("untouched");
		for (size_t k = 0; k < rows[i].count; k++) {
			assert_true(str_next(&rest, ',', &part));
			assert_true(str_eq(part, rows[i].parts[k]));
		}
		part = STR("untouched");
		assert_false(str_next(&rest, ',', &part));
		assert_true(str_eq(part, STR("untouched")));
	}
}

static void finding(void **state)
{
	(void)state;
	assert_int_equal(str_find(STR("abcabc"), STR("ca")), 2);
	assert_int_equal(str_find(STR("abc"), STR("")), 0);
	assert_int_equal(str_find(STR_NONE, STR("a")), -1);
	assert_int_equal(str_find(STR("ab"), STR("abc")), -1);
	assert_int_equal(str_find(STR("a\0bc"), STR("\0b")), 1);
	assert_int_equal(str_find_char(STR("abca"), 'a'), 0);
	assert_int_equal(str_find_char(STR("abca"), 'c'), 2);
	assert_int_equal(str_find_char(STR("abca"), 'x'), -1);
	assert_int_equal(str_find_char(STR_NONE, 'x'), -1);
}

static void numbers(void **state)
{
	(void)state;
	static const struct {
		struct str text;
		bool is_number;
		int64_t value;
	} rows[] = {
		{STR("0"), true, 0},
		{STR("0042"), true, 42},
		{STR("9223372036854775807"), true, INT64_MAX},
		{STR("9223372036854775808"), false, 0},
		{STR("9999999999999999999"), false, 0},
		{STR("10000000000000000000"), false, 0},
		{STR(""), false, 0},
		{STR_NONE, false, 0},
		{STR("-1"), false, 0},
		{STR("+1"), false, 0},
		{STR(" 1"), false, 0},
		{STR("1 "), false, 0},
		{STR("1e3"), false, 0},
		{STR("0x1"), false, 0},
		{STR("1\0"), false, 0},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t value = -77;
		assert_int_equal(str_to_int(rows[i].text, &value), rows[i].is_number);
		assert_int_equal(value, rows[i].is_number ? rows[i].value : -77);
	}
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equality),
		cmocka_unit_test(letters_and_digits),
		cmocka_unit_test(order),
		cmocka_unit_test(beginnings_and_ends),
		cmocka_unit_test(slices_are_clamped),
		cmocka_unit_test(trimming),
		cmocka_unit_test(parts_between_separators),
		cmocka_unit_test(finding),
		cmocka_unit_test(numbers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
