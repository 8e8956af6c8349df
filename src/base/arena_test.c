#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The linker sends this program's calls of calloc and free here: one to fail, the other to look at
 * what is freed. */
void *__real_calloc(size_t count, size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void __real_free(void *memory);
void __wrap_free(void *memory);
static bool is_memory_gone;
static struct {
	const char *watched; /* where a secret lies */
	size_t len;
	bool was_freed, was_wiped;
	void *block;
} watch;

void *__wrap_calloc(size_t count, size_t bytes)
{
	void *memory = is_memory_gone ? NULL : __real_calloc(count, bytes);
	if (memory && watch.watched == NULL)
		watch.block = memory;
	return memory;
}

void __wrap_free(void *memory)
{
	if (memory && watch.watched && memory == watch.block) {
		watch.was_freed = true;
		watch.was_wiped = true;
		for (size_t i = 0; i < watch.len; i++)
			if (watch.watched[i] != 0)
				watch.was_wiped = false;
	}
	__real_free(memory);
}

static void memory_is_zeroed_and_aligned(void **state)
{
	(void)state;
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, 8 << 20);
	for (size_t bytes = 0; bytes < 20000; bytes += 37) {
		unsigned char *memory = arena_alloc(&arena, bytes);
		assert_non_null(memory);
		assert_int_equal((uintptr_t)memory % 16, 0);
		for (size_t i = 0; i < bytes; i++)
			assert_int_equal(memory[i], 0);
		memset(memory, 0xff, bytes);
		if (arena.used_bytes > (6 << 20))
			arena_release(&arena);
	}
	assert_false(arena.failed);
}

static void the_cap_holds_and_failure_sticks(void **state)
{
	(void)state;
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, 64 << 10);
	size_t got = 0;
	while (arena_alloc(&arena, 1000))
		got += 1000;
	assert_in_range(got, 40000, 64 << 10);
	assert_true(arena.used_bytes <= arena.max_bytes);
	assert_true(arena.failed);
	assert_null(arena_alloc(&arena, 30000));
	assert_true(arena.failed);
	arena_release(&arena);
	assert_false(arena.failed);
	assert_int_equal(arena.used_bytes, 0);
	assert_non_null(arena_alloc(&arena, 30000));
}

static void sizes_that_wrap_fail(void **state)
{
	(void)state;
	static const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 15, SIZE_MAX - 40,
				       SIZE_MAX / 2 + 1};
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct arena arena CLEANUP_ARENA;
		arena_init(&arena, SIZE_MAX);
		assert_null(arena_alloc(&arena, sizes[i]));
		assert_true(arena.failed);
	}
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, 1 << 20);
	assert_null(arena_array(&arena, SIZE_MAX / 2, 3));
	assert_true(arena.failed);
	arena_release(&arena);
	assert_null(arena_copy(&arena, (struct str){"", SIZE_MAX}).data);
	arena_release(NULL);
}

static void no_memory_is_a_failure(void **state)
{
	(void)state;
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, 1 << 20);
	is_memory_gone = true;
	void *memory = arena_alloc(&arena, 10);
	const char *text = arena_cstr(&arena, STR("text"));
	struct str printed = arena_printf(&arena, "%d", 1);
	is_memory_gone = false;
	assert_null(memory);
	assert_string_equal(text, "");
	assert_int_equal(printed.len, 0);
	assert_true(arena.failed);
	assert_int_equal(arena.used_bytes, 0);
}

static void released_memory_is_wiped(void **state)
{
	(void)state;
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, 1 << 20);
	memset(&watch, 0, sizeof(watch));
	struct str copy = arena_copy(&arena, STR("a typed password"));
	watch.len = copy.len;
	watch.watched = copy.data;
	arena_release(&arena);
	watch.watched = NULL;
	assert_true(watch.was_freed);
	assert_true(watch.was_wiped);
}

static void texts_are_copied_and_ended(void **state)
{
	(void)state;
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, 1 << 20);
	char source[] = "anna";
	struct str copy = arena_copy(&arena, STR_NONE);
	assert_int_equal(copy.len, 0);
	assert_string_equal(copy.data, "");
	copy = arena_copy(&arena, str_of(source));
	const char *text = arena_cstr(&arena, (struct str){source, 2});
	source[0] = 'x';
	assert_string_equal(copy.data, "anna");
	assert_string_equal(text, "an");
	struct str printed = arena_printf(&arena, "%s-%05d", "id", 42);
	assert_true(str_eq(printed, STR("id-00042")));
	printed = arena_printf(&arena, "%20000s", "x");
	assert_int_equal(printed.len, 20000);
	assert_int_equal(printed.data[19999], 'x');
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_and_aligned),
		cmocka_unit_test(the_cap_holds_and_failure_sticks),
		cmocka_unit_test(sizes_that_wrap_fail),
		cmocka_unit_test(no_memory_is_a_failure),
		cmocka_unit_test(released_memory_is_wiped),
		cmocka_unit_test(texts_are_copied_and_ended),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
