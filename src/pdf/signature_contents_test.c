/* What stands in a document's signatures, read out of its bytes by what their ranges say. */
#include "pdf/signature_contents.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct {
	const char *sentence, *document;
	int64_t range[4];
	struct str contents;
	bool is_whole, covers_all;
} rows[] = {
	{"a signature with its padding",
	 "%PDF /Contents<3002414200>end",
	 {0, 14, 26, 3},
	 {"\x30\x02"
	  "AB",
	  4},
	 true,
	 true},
	{"capital digits",
	 "%PDF /Contents<3002AABB00>end",
	 {0, 14, 26, 3},
	 {"\x30\x02\xaa\xbb", 4},
	 true,
	 true},
	{"capital digits among small ones",
	 "%PDF /Contents<3002AaBb00>end",
	 {0, 14, 26, 3},
	 {NULL, 0},
	 false,
	 false},
	{"something in its padding",
	 "%PDF /Contents<3002414201>end",
	 {0, 14, 26, 3},
	 {"\x30\x02"
	  "AB",
	  4},
	 false,
	 true},
	{"not up to the end",
	 "%PDF /Contents<3002414200>end",
	 {0, 14, 26, 2},
	 {"\x30\x02"
	  "AB",
	  4},
	 true,
	 false},
	{"a length of two bytes",
	 "%PDF /Contents<308200014100>end",
	 {0, 14, 28, 3},
	 {"\x30\x82\x00\x01"
	  "A",
	  5},
	 true,
	 true},
	{"longer than there is",
	 "%PDF /Contents<30ff>end",
	 {0, 14, 20, 3},
	 {"\x30\xff", 2},
	 true,
	 true},
	{"an odd digit", "%PDF /Contents<30024>end", {0, 14, 21, 3}, {NULL, 0}, false, false},
	{"no digits", "%PDF /Contents<30zz>end", {0, 14, 20, 3}, {NULL, 0}, false, false},
	{"the hole is wider than its brackets",
	 "%PDF /Contents<3000>end",
	 {0, 13, 20, 3},
	 {NULL, 0},
	 false,
	 false},
	{"the hole is narrower",
	 "%PDF /Contents<3000>end",
	 {0, 14, 19, 4},
	 {NULL, 0},
	 false,
	 false},
	{"not from the beginning",
	 "%PDF /Contents<3000>end",
	 {1, 13, 20, 3},
	 {NULL, 0},
	 false,
	 false},
	{"backwards", "%PDF /Contents<3000>end", {0, 20, 14, 3}, {NULL, 0}, false, false},
	{"beyond the end", "%PDF /Contents<3000>end", {0, 14, 20, 4}, {NULL, 0}, false, false},
	{"far beyond the end",
	 "%PDF /Contents<3000>end",
	 {0, 14, INT64_MAX, INT64_MAX},
	 {NULL, 0},
	 false,
	 false},
	{"negative", "%PDF /Contents<3000>end", {0, -1, 20, 3}, {NULL, 0}, false, false},
	{"a negative rest", "%PDF /Contents<3000>end", {0, 14, 20, -3}, {NULL, 0}, false, false},
	{"no hole at all", "%PDF /Contents<3000>end", {0, 14, 14, 9}, {NULL, 0}, false, false},
};

static void what_the_range_leaves_out_is_the_signature_or_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CLEANUP_ARENA struct arena arena;
		struct pdf_signature one = {.is_whole = true};
		struct pdf_signatures all = {.items = &one, .count = 1};
		arena_init(&arena, 1 << 20);
		for (int k = 0; k < 4; k++)
			one.range[k] = rows[i].range[k];
		assert_int_equal(signature_contents(str_of(rows[i].document), &arena, &all), OK);
		if (one.is_whole != rows[i].is_whole || one.covers_all != rows[i].covers_all ||
		    all.has_unsigned_end == rows[i].covers_all ||
		    !str_eq(one.contents, rows[i].contents))
			fail_msg("%s", rows[i].sentence);
	}
}

static void who_said_that_it_is_not_whole_is_believed(void **state)
{
	CLEANUP_ARENA struct arena arena;
	struct pdf_signature one = {.range = {0, 14, 26, 3}};
	struct pdf_signatures all = {.items = &one, .count = 1};
	(void)state;
	arena_init(&arena, 1 << 20);
	assert_int_equal(signature_contents(STR("%PDF /Contents<3002414200>end"), &arena, &all),
			 OK);
	assert_false(one.is_whole);
}

static void without_signatures_nothing_is_signed(void **state)
{
	struct pdf_signatures none = {0};
	(void)state;
	assert_int_equal(signature_contents(STR("%PDF"), NULL, &none), OK);
	assert_true(none.has_unsigned_end);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_range_leaves_out_is_the_signature_or_nothing),
		cmocka_unit_test(who_said_that_it_is_not_whole_is_believed),
		cmocka_unit_test(without_signatures_nothing_is_signed),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
