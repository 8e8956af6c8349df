/* Sizes as administrators write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/byte_size.h"

static const struct {
	const char *typed;
	int64_t bytes; /* -1: it is none */
	const char *shown;
} rows[] = {
	{"0", 0, "0"},
	{"1000", 1000, "1 kB"},
	{"1001", 1001, "1001"},
	{"1536 KiB", 1536 << 10, "1536 KiB"},
	{"1024KiB", 1 << 20, "1 MiB"},
	{"500MB", 500000000, "500 MB"},
	{"5 GiB", INT64_C(5) << 30, "5 GiB"},
	{"2 TB", INT64_C(2000000000000), "1953125000 KiB"},
	{"-1", -1, NULL},
	{"", -1, NULL},
	{"GiB", -1, NULL},
	{"5 gib", -1, NULL},
	{"1.5 GiB", -1, NULL},
	{"5 GiB GiB", -1, NULL},
	{"9223372036854775807", INT64_MAX, "9223372036854775807"},
	{"9000000 TiB", -1, NULL},
};

static void sizes_are_read_and_written(void **state)
{
	struct arena arena CLEANUP_ARENA;
	(void)state;
	arena_init(&arena, 1 << 16);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t bytes = -1;
		bool is_read = byte_size_parse(str_of(rows[i].typed), &bytes);
		if (is_read != (rows[i].shown != NULL) || bytes != rows[i].bytes)
			fail_msg("%s: %lld", rows[i].typed, (long long)bytes);
		if (is_read && !str_eq(byte_size_text(&arena, bytes), str_of(rows[i].shown)))
			fail_msg("%s: %s", rows[i].typed, byte_size_text(&arena, bytes).data);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(sizes_are_read_and_written)};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
