/* What a worker hands back is looked at before anybody believes it. */
#include "pdf/result.h"

#include "base/limits.h"
#include "pdf/made_pdf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const struct str before = {"%PDF-1.7\nold\n", 13};

/* @1 and @2 stand for where the hole begins and ends, @3 for how much comes after it; each in three
 * digits, so that they can be known before they are written. */
static const struct {
	const char *sentence, *tail;
	bool is_good;
} holes[] = {
	{"as it should be", "/ByteRange[0 @1 @2 @3]/Contents<0000>end", true},
	{"with blanks", "/ByteRange [ 0 @1 @2 @3 ] /Contents <0000>end", true},
	{"no range", "/Contents<0000>end", false},
	{"two ranges", "/ByteRange[0 @1 @2 @3]/Contents<0000>/ByteRange[0 1 2 3]", false},
	{"not from the beginning", "/ByteRange[1 @1 @2 @3]/Contents<0000>end", false},
	{"not up to the end", "/ByteRange[0 @1 @2 1]/Contents<0000>end", false},
	{"beyond the end", "/ByteRange[0 @1 @2 999999]/Contents<0000>end", false},
	{"the hole is full", "/ByteRange[0 @1 @2 @3]/Contents<0001>end", false},
	{"the hole has an odd digit", "/ByteRange[0 @1 @2 @3]/Contents<000>end", false},
	{"the hole is somebody else's", "/ByteRange[0 @1 @2 @3]/Other<0000>end", false},
	{"the hole is in the old part", "/ByteRange[0 3 9 56]/Contents<0000>end", false},
	{"the hole is backwards", "/ByteRange[0 @2 @1 @3]/Contents<0000>end", false},
	{"three numbers", "/ByteRange[0 @1 @2]/Contents<0000>end", false},
	{"words", "/ByteRange[a b c d]/Contents<0000>end", false},
	{"a number too large", "/ByteRange[0 99999999999999999999 @2 @3]/Contents<0000>end", false},
	{"it ends in its range", "/ByteRange[0 @1 ", false},
	{"it ends at its range", "/ByteRange", false},
};

/* The old document and this, with `numbers` for its marks. */
static void write_hole(struct buf *out, const char *tail, const int numbers[3])
{
	buf_clear(out);
	buf_add(out, before);
	for (; *tail; tail++) {
		if (*tail == '@')
			buf_addf(out, "%03d", numbers[*++tail - '1']);
		else
			buf_add_char(out, *tail);
	}
}

static void a_place_for_a_signature_is_found_or_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(holes) / sizeof(holes[0]); i++) {
		CLEANUP_BUF struct buf document;
		struct result_hole hole;
		int numbers[3] = {0};
		buf_init(&document, 4096);
		write_hole(&document, holes[i].tail, numbers);
		numbers[0] = (int)str_find_char(buf_str(&document), '<');
		numbers[1] = (int)str_find_char(buf_str(&document), '>') + 1;
		numbers[2] = (int)document.len - numbers[1];
		write_hole(&document, holes[i].tail, numbers);
		enum err err = result_find_hole(buf_str(&document), (int64_t)before.len, &hole);
		if ((err == OK) != holes[i].is_good)
			fail_msg("%s: %.*s", holes[i].sentence, STR_ARGS(buf_str(&document)));
		if (err != OK)
			continue;
		assert_int_equal(hole.from, numbers[0]);
		assert_int_equal(hole.until, numbers[1]);
	}
}

/* As good a place as any, but for where it is: what was signed before is never written over. */
static void a_place_in_the_old_part_is_refused(void **state)
{
	(void)state;
	static const char document[] = "%PDF-1.7\n/Contents<0000>\n/ByteRange[0 18 24 029]end  ";
	struct result_hole hole;
	const struct str all = str_of(document);
	assert_int_equal(all.len, 24 + 29);
	assert_int_equal(result_find_hole(all, 25, &hole), ERR_INTERNAL);
	assert_int_equal(result_find_hole(all, 9, &hole), OK);
	assert_int_equal(hole.from, 18);
}

static void a_tail_comes_after_the_bytes_as_they_were(void **state)
{
	struct pdf_bytes old = made_bytes(before), tail = made_bytes(STR("new")), whole;
	const struct job_output answer = {.is_tail = true, .bytes = 3};
	struct str view;
	(void)state;
	tail.bytes = 0;
	assert_int_equal(result_assemble(&old, &tail, &answer, &whole), OK);
	assert_int_equal(pdf_bytes_map(&whole, &view), OK);
	assert_true(str_eq(view, STR("%PDF-1.7\nold\nnew")));
	pdf_bytes_unmap(view);
	assert_int_equal(tail.fd, -1);
	pdf_bytes_free(&old);
	pdf_bytes_free(&whole);
}

static void a_result_of_another_length_or_kind_is_refused(void **state)
{
	static const struct {
		struct str bytes;
		struct job_output answer;
	} rows[] = {
		{{"%PDF-1.7", 8}, {.bytes = 9}},
		{{"%PDF-1.7", 8}, {.bytes = 7}},
		{{"<html>", 6}, {.bytes = 6}},
		{{"new", 3}, {.is_tail = true, .bytes = 4}},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pdf_bytes old = made_bytes(before), made = made_bytes(rows[i].bytes), whole;
		made.bytes = 0;
		assert_int_equal(result_assemble(&old, &made, &rows[i].answer, &whole),
				 ERR_INTERNAL);
		assert_int_equal(made.fd, -1);
		pdf_bytes_free(&old);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_place_for_a_signature_is_found_or_refused),
		cmocka_unit_test(a_place_in_the_old_part_is_refused),
		cmocka_unit_test(a_tail_comes_after_the_bytes_as_they_were),
		cmocka_unit_test(a_result_of_another_length_or_kind_is_refused),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
