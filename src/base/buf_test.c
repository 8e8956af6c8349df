#include "base/buf.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The linker sends this program's calls of malloc here. */
void *__real_malloc(size_t bytes);
void *__wrap_malloc(size_t bytes);
static bool is_memory_gone;

void *__wrap_malloc(size_t bytes)
{
	return is_memory_gone ? NULL : __real_malloc(bytes);
}

static void what_is_added_is_there(void **state)
{
	(void)state;
	struct buf buf CLEANUP_BUF;
	buf_init(&buf, 1 << 20);
	buf_add(&buf, STR_NONE);
	assert_int_equal(buf_str(&buf).len, 0);
	buf_add(&buf, STR("a\0b"));
	buf_add_char(&buf, '-');
	buf_add_int(&buf, 0);
	buf_add_int(&buf, INT64_MIN);
	buf_add_int(&buf, INT64_MAX);
	buf_addf(&buf, "%s:%03d", "n", 7);
	assert_true(
		str_eq(buf_str(&buf), STR("a\0b-0-92233720368547758089223372036854775807n:007")));
	assert_int_equal(buf.err, OK);
}

static void long_formats_grow_the_buffer(void **state)
{
	(void)state;
	static const int widths[] = {254, 255, 256, 257, 5000};
	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		struct buf buf CLEANUP_BUF;
		buf_init(&buf, 1 << 20);
		buf_addf(&buf, "%*d", widths[i], 7);
		buf_add_char(&buf, '.');
		assert_int_equal(buf.len, widths[i] + 1);
		assert_int_equal(buf.data[widths[i] - 1], '7');
		assert_int_equal(buf.data[widths[i]], '.');
	}
}

static void the_ceiling_is_exact(void **state)
{
	(void)state;
	struct buf buf CLEANUP_BUF;
	buf_init(&buf, 1000);
	for (int i = 0; i < 1000; i++)
		buf_add_char(&buf, 'x');
	assert_int_equal(buf.err, OK);
	buf_add(&buf, STR_NONE);
	assert_int_equal(buf.err, OK);
	buf_add_char(&buf, 'y');
	assert_int_equal(buf.err, ERR_TOO_LARGE);
	assert_int_equal(buf_str(&buf).len, 1000);
	assert_null(memchr(buf.data, 'y', buf.len));
}

static void the_first_error_sticks(void **state)
{
	(void)state;
	struct buf buf CLEANUP_BUF;
	buf_init(&buf, 4);
	buf_add(&buf, STR("ab"));
	buf_add(&buf, STR("too long"));
	buf_add(&buf, STR("c"));
	buf_add_char(&buf, 'c');
	buf_add_int(&buf, 1);
	buf_addf(&buf, "%d", 1);
	assert_null(buf_reserve(&buf, 1));
	assert_int_equal(buf.err, ERR_TOO_LARGE);
	assert_true(str_eq(buf_str(&buf), STR("ab")));
	buf_clear(&buf);
	assert_int_equal(buf.err, OK);
	buf_add(&buf, STR("wxyz"));
	assert_true(str_eq(buf_str(&buf), STR("wxyz")));
	struct buf huge CLEANUP_BUF;
	buf_init(&huge, 1000);
	buf_add_char(&huge, 'x');
	assert_null(buf_reserve(&huge, SIZE_MAX));
	assert_int_equal(huge.err, ERR_TOO_LARGE);
}

static void no_memory_is_reported(void **state)
{
	(void)state;
	struct buf buf CLEANUP_BUF;
	buf_init(&buf, 1 << 20);
	buf_add(&buf, STR("kept"));
	char *room = buf_reserve(&buf, 100);
	is_memory_gone = true;
	char *more = buf_reserve(&buf, 100000);
	is_memory_gone = false;
	assert_non_null(room);
	assert_null(more);
	assert_int_equal(buf.err, ERR_UNAVAILABLE);
	assert_true(str_eq(buf_str(&buf), STR("kept")));
}

static void what_is_cleared_is_wiped(void **state)
{
	(void)state;
	static const char zero[16];
	struct buf buf CLEANUP_BUF;
	buf_init(&buf, 1 << 20);
	buf_add(&buf, STR("a typed password"));
	buf_clear(&buf);
	assert_memory_equal(buf.data, zero, sizeof(zero));
	buf_release(&buf);
	assert_null(buf.data);
	assert_int_equal(buf.max_bytes, 1 << 20);
	buf_release(NULL);
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_added_is_there),
		cmocka_unit_test(long_formats_grow_the_buffer),
		cmocka_unit_test(the_ceiling_is_exact),
		cmocka_unit_test(the_first_error_sticks),
		cmocka_unit_test(no_memory_is_reported),
		cmocka_unit_test(what_is_cleared_is_wiped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
