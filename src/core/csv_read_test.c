/* CSV of whatever origin: read whole, or refused with the reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "core/csv_read.h"

static const struct csv_limits limits = {.rows = 5, .cells = 4, .cell_bytes = 20};

/* "line:cell|cell/line:cell" */
static struct str shown(struct arena *arena, const struct csv *csv)
{
	struct buf out CLEANUP_BUF;
	buf_init(&out, 10000);
	for (size_t i = 0; i < csv->count; i++) {
		buf_add(&out, arena_printf(arena, "%s%lld:", i > 0 ? "/" : "",
					   (long long)csv->rows[i].line));
		for (size_t k = 0; k < csv->rows[i].count; k++) {
			if (k > 0)
				buf_add_char(&out, '|');
			buf_add(&out, csv->rows[i].cells[k]);
		}
	}
	return arena_copy(arena, buf_str(&out));
}

static void files_are_read_or_refused(void **state)
{
	(void)state;
	static const struct {
		struct str text;
		const char *rows;
		enum csv_problem problem;
		int64_t line;
	} files[] = {
		{STR("a,b\r\nc,d\r\n"), "1:a|b/2:c|d", CSV_FINE, 0},
		{STR("a,b\nc,d"), "1:a|b/2:c|d", CSV_FINE, 0},
		{STR("a\rb\r"), "1:a/2:b", CSV_FINE, 0},
		{STR("a;b\nc;\"d,e\""), "1:a|b/2:c|d,e", CSV_FINE, 0},
		{STR("\xef\xbb\xbf"
		     "a,b"),
		 "1:a|b", CSV_FINE, 0},
		{STR("\"a;b\",c\n1,2"), "1:a;b|c/2:1|2", CSV_FINE, 0},
		{STR("\n\na,b\n\n , \nc"), "3:a|b/6:c", CSV_FINE, 0},
		{STR("a,\"b\nb\"\nc"), "1:a|b\nb/3:c", CSV_FINE, 0},
		{STR("a,\"say \"\"hi\"\"\""), "1:a|say \"hi\"", CSV_FINE, 0},
		{STR("  a  , b "), "1:a|b", CSV_FINE, 0},
		{STR("a,,\n"), "1:a||", CSV_FINE, 0},
		{STR(""), NULL, CSV_NOTHING, 0},
		{STR("\n \r\n,,\n"), NULL, CSV_NOTHING, 0},
		{STR("\xef\xbb\xbf"), NULL, CSV_NOTHING, 0},
		{STR("\xff\xfe"
		     "a\0,\0"),
		 NULL, CSV_UTF16, 0},
		{STR("\xfe\xff\0a\0,"), NULL, CSV_UTF16, 0},
		{STR("a\0,\0b\0"), NULL, CSV_UTF16, 0},
		{STR("\0a\0,"), NULL, CSV_UTF16, 0},
		{STR("a,b\nc,d\0"), NULL, CSV_NUL, 0},
		{STR("name\nM\xfcller\n"), NULL, CSV_NOT_UTF8, 0},
		{STR("a\n\"b\nc\nd\n"), NULL, CSV_QUOTES, 2},
		{STR("a\nb\"c\n"), NULL, CSV_QUOTES, 2},
		{STR("a\n\"b\"c\n"), NULL, CSV_QUOTES, 2},
		{STR("a\n123456789012345678901\n"), NULL, CSV_LONG_CELL, 2},
		{STR("1\n2\n3\n4\n5\n6\n"), NULL, CSV_MANY_ROWS, 6},
		{STR("1,2,3,4,5\n"), NULL, CSV_MANY_CELLS, 1},
	};
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct arena arena CLEANUP_ARENA;
		struct csv csv = {.count = 0};
		enum csv_problem problem;
		int64_t line;
		arena_init(&arena, 1 << 20);
		enum err err = csv_read(&arena, files[i].text, &limits, &csv, &problem, &line);
		print_message("%zu\n", i);
		assert_int_equal(problem, files[i].problem);
		assert_int_equal(err, problem == CSV_FINE ? OK : ERR_INVALID);
		if (files[i].line > 0)
			assert_int_equal(line, files[i].line);
		if (files[i].rows && !str_eq(shown(&arena, &csv), str_of(files[i].rows)))
			fail_msg("%.*s, not %s", STR_ARGS(shown(&arena, &csv)), files[i].rows);
	}
}

static void a_line_of_a_megabyte_is_refused(void **state)
{
	(void)state;
	struct arena arena CLEANUP_ARENA;
	struct csv csv;
	enum csv_problem problem;
	int64_t line;
	arena_init(&arena, 8 << 20);
	char *text = arena_alloc(&arena, 1 << 20);
	memset(text, 'x', 1 << 20);
	assert_int_equal(csv_read(&arena, str_bytes(text, 1 << 20), &limits, &csv, &problem, &line),
			 ERR_INVALID);
	assert_int_equal(problem, CSV_LONG_CELL);
	text[0] = '"';
	assert_int_equal(csv_read(&arena, str_bytes(text, 1 << 20), &limits, &csv, &problem, &line),
			 ERR_INVALID);
	memset(text, ',', 1 << 20);
	assert_int_equal(csv_read(&arena, str_bytes(text, 1 << 20), &limits, &csv, &problem, &line),
			 ERR_INVALID);
	assert_int_equal(problem, CSV_MANY_CELLS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_read_or_refused),
		cmocka_unit_test(a_line_of_a_megabyte_is_refused),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
