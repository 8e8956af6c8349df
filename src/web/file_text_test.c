/* Whatever bytes a text file has, what is shown is text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "web/file_text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BYTES(literal)                                                                             \
	{                                                                                          \
		literal, sizeof(literal) - 1                                                       \
	}

static void bytes_become_text(void **state)
{
	static const struct {
		const char *what;
		struct str bytes;
		bool is_cut;
		struct str wanted;
		bool is_binary;
	} rows[] = {
		{"nothing", BYTES(""), false, BYTES(""), false},
		{"UTF-8 as it is", BYTES("a\n\tÄ 写"), false, BYTES("a\n\tÄ 写"), false},
		{"its mark is no sign", BYTES("\xef\xbb\xbfÄ"), false, BYTES("Ä"), false},
		{"markup is text", BYTES("<b>&"), false, BYTES("<b>&"), false},
		{"cut within a sign: that one is left out", BYTES("aÄ\xe5\x86"), true, BYTES("aÄ"),
		 false},
		{"not cut, it is no UTF-8: Latin-1", BYTES("a\xe5\x86"), false,
		 BYTES("a\xc3\xa5\xc2\x86"), false},
		{"Latin-1",
		 BYTES("Gr\xfc\xdf"
		       "e"),
		 false, BYTES("Grüße"), false},
		{"UTF-16, little end first", BYTES("\xff\xfe\x41\x00\xc4\x00"), false, BYTES("AÄ"),
		 false},
		{"UTF-16, big end first", BYTES("\xfe\xff\x00\x41\x5f\x69"), false, BYTES("A彩"),
		 false},
		{"UTF-16 beyond 16 bits", BYTES("\xfe\xff\xd8\x3d\xde\x00"), false, BYTES("😀"),
		 false},
		{"half of such a sign", BYTES("\xfe\xff\xd8\x3d\x00\x41"), false,
		 BYTES("\xef\xbf\xbd"
		       "A"),
		 false},
		{"an odd byte at the end", BYTES("\xfe\xff\x00\x41\x00"), false, BYTES("A"), false},
		{"what terminals obey is blank", BYTES("a\x1b[31mb\x07\x7f"), false,
		 BYTES("a [31mb  "), false},
		{"a NUL: no text", BYTES("PK\x03\x04\x00\x00"), false, BYTES(""), true},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena arena CLEANUP_ARENA;
		struct file_text text;
		arena_init(&arena, 1 << 20);
		assert_int_equal(file_text_decode(&arena, rows[i].bytes, rows[i].is_cut, &text),
				 OK);
		if (!str_eq(text.text, rows[i].wanted) || text.is_binary != rows[i].is_binary ||
		    text.is_cut != rows[i].is_cut || !utf8_is_valid(text.text))
			fail_msg("%s: \"%.*s\"", rows[i].what, STR_ARGS(text.text));
	}
}

static void the_largest_beginning_fits(void **state)
{
	struct arena arena CLEANUP_ARENA;
	struct file_text text;
	char *bytes = malloc(FILE_TEXT_BYTES);
	(void)state;
	assert_non_null(bytes);
	arena_init(&arena, 8 << 20);
	memset(bytes, 0xe4, FILE_TEXT_BYTES);
	assert_int_equal(file_text_decode(&arena, str_bytes(bytes, FILE_TEXT_BYTES), true, &text),
			 OK);
	assert_int_equal(text.text.len, 2 * FILE_TEXT_BYTES);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_become_text),
		cmocka_unit_test(the_largest_beginning_fits),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
