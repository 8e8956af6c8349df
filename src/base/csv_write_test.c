/* CSV: what is quoted, and what a spreadsheet must not take for a formula. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/csv_write.h"

static void cells_are_quoted_and_neutralised(void **state)
{
	(void)state;
	static const struct {
		const char *text, *cell;
	} rows[] = {
		{"plain", "plain"},
		{"", ""},
		{"a,b", "\"a,b\""},
		{"a;b", "\"a;b\""},
		{"say \"hi\"", "\"say \"\"hi\"\"\""},
		{"two\nlines", "\"two\nlines\""},
		{"=1+1", "\"'=1+1\""},
		{"+49 30", "\"'+49 30\""},
		{"-1", "\"'-1\""},
		{"@SUM(A1)", "\"'@SUM(A1)\""},
		{"\t=1", "\"'\t=1\""},
		{"\r=1", "\"'\r=1\""},
		{"  =1", "\"'  =1\""},
		{" a ", "\" a \""},
		{"=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""},
		{"\xef\xbc\x9d"
		 "1+1",
		 "\"'\xef\xbc\x9d"
		 "1+1\""}, /* full-width, which Excel takes for = where Chinese or Japanese is typed
			    */
		{"\xef\xbc\x8b"
		 "1",
		 "\"'\xef\xbc\x8b"
		 "1\""},
		{"\xef\xbc\x8d"
		 "1",
		 "\"'\xef\xbc\x8d"
		 "1\""},
		{"\xef\xbc\xa0"
		 "SUM",
		 "\"'\xef\xbc\xa0"
		 "SUM\""},
		{"\xef\xbc\xa1", "\xef\xbc\xa1"}, /* a letter */
		{"'=1", "\"''=1\""},              /* so that reading it back gives the same */
		{"'a", "'a"},
		{"a=1", "a=1"},
		{"\xc3\xa9t\xc3\xa9", "\xc3\xa9t\xc3\xa9"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out CLEANUP_BUF;
		struct csv_write csv;
		buf_init(&out, 1000);
		csv_write_begin(&csv, &out);
		csv_write_text(&csv, str_of(rows[i].text));
		struct str got = buf_str(&out);
		if (!str_eq(str_slice(got, 3, got.len), str_of(rows[i].cell)))
			fail_msg("%s: %.*s", rows[i].text, STR_ARGS(got));
	}
}

static void what_was_written_is_read_back(void **state)
{
	(void)state;
	static const char *const texts[] = {"=1",
					    "'=1",
					    "''=1",
					    "'a",
					    "",
					    "'",
					    "  -1",
					    "a",
					    ("\xef\xbc\x9d"
					     "1")};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct buf out CLEANUP_BUF;
		struct csv_write csv = {.out = &out};
		buf_init(&out, 1000);
		csv_write_text(&csv, str_of(texts[i]));
		struct str cell = buf_str(&out);
		if (str_starts_with(cell, STR("\"")))
			cell = str_slice(cell, 1, cell.len - 2);
		if (!str_eq(csv_write_undo(cell), str_of(texts[i])))
			fail_msg("%s: %.*s", texts[i], STR_ARGS(cell));
	}
}

static void rows_end_as_they_should(void **state)
{
	(void)state;
	struct buf out CLEANUP_BUF;
	struct csv_write csv;
	buf_init(&out, 1000);
	csv_write_begin(&csv, &out);
	csv_write_text(&csv, STR("a"));
	csv_write_int(&csv, -5);
	csv_write_row_end(&csv);
	csv_write_int(&csv, INT64_MIN);
	csv_write_row_end(&csv);
	assert_true(str_eq(buf_str(&out), STR("\xef\xbb\xbf"
					      "a,-5\r\n-9223372036854775808\r\n")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cells_are_quoted_and_neutralised),
		cmocka_unit_test(what_was_written_is_read_back),
		cmocka_unit_test(rows_end_as_they_should),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
