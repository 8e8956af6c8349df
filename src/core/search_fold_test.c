/* What folds to what, and finding the way back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <unistr.h>

#include "base/buf.h"
#include "base/limits.h"
#include "core/plain_text.h"
#include "core/search_fold.h"

static struct arena arena;

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena, 64 << 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static void text_folds_in_any_script(void **state)
{
	(void)state;
	static const struct {
		const char *what, *typed, *folded;
	} rows[] = {
		{"case", "Results", "results"},
		{"accents", "Café déjà vu", "cafe deja vu"},
		{"accents apart from their letters", "Cafe\u0301", "cafe"},
		{"umlauts and the sharp s", "Ärzte, Größe, STRASSE", "arzte, grosse, strasse"},
		{"Turkish dotted capital I", "İstanbul", "istanbul"},
		{"Polish and Czech", "Żółć řeka", "zołc reka"},
		{"Greek with accents and final sigma", "Οδυσσέας", "οδυσσεασ"},
		{"Cyrillic case", "МОСКВА", "москва"},
		{"Hebrew without points", "שָׁלוֹם", "שלום"},
		{"Arabic without vowels", "مُحَمَّد", "محمد"},
		{"full width", "ＡＢＣ１２３", "abc123"},
		{"half width katakana", "ｶﾅ", "カナ"},
		{"Japanese voicing stays", "が", "か\u3099"},
		{"Hindi vowels stay", "कु", "कु"},
		{"Thai vowels stay", "ปู", "ปู"},
		{"ligatures", "ﬁnance", "finance"},
		{"Afrikaans article", "ŉ huis", "'n huis"},
		{"white space", "a \t\n\r\n\u00a0b", "a b"},
		{"dashes and quotes", "a\u2013b \u201cc\u201d d\u2019s", "a-b \"c\" d's"},
		{"invisible signs", "in\u00advisi\u200bble\ufeff", "invisible"},
		{"signs of regular expressions", "a.*b[c]^$(d)\\", "a.*b[c]^$(d)\\"},
		{"nothing", "", ""},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str folded, again;
		assert_int_equal(search_fold(&arena, str_of(rows[i].typed), &folded), OK);
		if (!str_eq(folded, str_of(rows[i].folded)))
			fail_msg("%s: \"%.*s\"", rows[i].what, STR_ARGS(folded));
		/* Folded once is folded for good, so that what was typed finds what was stored. */
		assert_int_equal(search_fold(&arena, folded, &again), OK);
		assert_true(str_eq(folded, again));
	}
	struct str folded;
	assert_int_equal(search_fold(&arena, STR("a\xff"), &folded), ERR_INVALID);
}

/* Otherwise what was typed would not find what was stored. */
static void each_character_is_folded_for_good(void **state)
{
	enum { TOGETHER = 256 };
	(void)state;
	for (uint32_t first = 1; first < 0x110000; first += TOGETHER) {
		struct buf text CLEANUP_BUF;
		struct str folded, again;
		buf_init(&text, 8 * TOGETHER);
		for (uint32_t c = first; c < first + TOGETHER; c++) {
			uint8_t bytes[8];
			int len = u8_uctomb(bytes, c, sizeof(bytes));
			if (len > 0)
				buf_add(&text, str_bytes(bytes, (size_t)len));
			buf_add(&text, STR("x"));
		}
		assert_int_equal(search_fold(&arena, buf_str(&text), &folded), OK);
		assert_int_equal(search_fold(&arena, folded, &again), OK);
		if (!str_eq(folded, again))
			fail_msg("U+%04X and after: %.*s", (unsigned)first, STR_ARGS(again));
		arena_release(&arena);
		arena_init(&arena, 64 << 20);
	}
}

static void what_was_found_is_shown_as_it_was_written(void **state)
{
	(void)state;
	static const struct {
		const char *text, *needle, *shown;
	} rows[] = {
		{"The Café is open", "cafe", "Café"},
		{"The Cafe\u0301 is open", "cafe", "Cafe\u0301"},
		{"a Straße b", "strasse", "Straße"},
		{"a Straße b", "stras", "Straß"},
		{"a Straße b", "se", "ße"},
		{"one\n\n two", "one two", "one\n\n two"},
		{"שָׁלוֹם", "שלום", "שָׁלוֹם"},
		{"in\u00adsight", "insight", "in\u00adsight"},
		{"ﬁne", "f", "ﬁ"},
		{"한국", "한", "한"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct search_folded folded;
		struct str needle, text = str_of(rows[i].text);
		size_t start, end;
		assert_int_equal(search_fold_map(&arena, text, &folded), OK);
		assert_int_equal(search_fold(&arena, str_of(rows[i].needle), &needle), OK);
		ptrdiff_t at = str_find(folded.text, needle);
		assert_true(at >= 0);
		search_fold_origin(&folded, (size_t)at, needle.len, &start, &end);
		struct str shown = str_slice(text, start, end - start);
		if (!str_eq(shown, str_of(rows[i].shown)))
			fail_msg("%s in %s: \"%.*s\"", rows[i].needle, rows[i].text,
				 STR_ARGS(shown));
	}
}

/* U+FDFA is eleven times as long when it is folded. */
static void long_and_growing_text_is_bounded(void **state)
{
	(void)state;
	struct buf buf CLEANUP_BUF;
	struct search_folded folded;
	struct str only;
	size_t start, end;
	buf_init(&buf, LIMIT_BODY_BYTES);
	while (buf.len + 3 <= LIMIT_BODY_BYTES)
		buf_add(&buf, STR("\uFDFA"));
	assert_int_equal(search_fold_map(&arena, buf_str(&buf), &folded), OK);
	assert_true(folded.text.len <= LIMIT_FOLDED_BYTES);
	assert_int_equal(search_fold(&arena, buf_str(&buf), &only), OK);
	assert_true(str_eq(only, folded.text));
	search_fold_origin(&folded, folded.text.len - 1, 1, &start, &end);
	assert_true(start < end && end <= buf.len);
}

static void markdown_is_searched_as_it_is_seen(void **state)
{
	(void)state;
	static const struct {
		const char *typed, *seen;
	} rows[] = {
		{"All **well**, *really*.", "All well, really.\n"},
		{"# Title\n\ntext\nline", "Title\ntext\nline\n"},
		{"* one\n* two", "one\ntwo\n"},
		{"see [the advice](https://example.com/a)",
		 "see the advice (https://example.com/a)\n"},
		{"<https://example.com/>", "https://example.com/\n"},
		{"`code` &amp; <b>raw</b>", "code & <b>raw</b>\n"},
		{"", ""},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str seen;
		assert_int_equal(plain_text(&arena, str_of(rows[i].typed), &seen), OK);
		if (!str_eq(seen, str_of(rows[i].seen)))
			fail_msg("%s: \"%.*s\"", rows[i].typed, STR_ARGS(seen));
	}
}

#define FOLD_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOLD_TEST(text_folds_in_any_script),
		FOLD_TEST(each_character_is_folded_for_good),
		FOLD_TEST(what_was_found_is_shown_as_it_was_written),
		FOLD_TEST(long_and_growing_text_is_bounded),
		FOLD_TEST(markdown_is_searched_as_it_is_seen),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
