/* Marking what was found, in texts of which nearly every letter was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/search_mark.h"

static struct str joined(struct arena *arena, const struct search_marked *marked)
{
	struct str all = STR("");
	for (size_t i = 0; i < marked->count; i++)
		all = arena_printf(arena, "%.*s%.*s", STR_ARGS(all),
				   STR_ARGS(marked->pieces[i].text));
	return all;
}

/* However many pieces a text falls into, they are as many as there is room for, and all of it. */
static void pieces_stay_within_their_room(void **state)
{
	(void)state;
	const struct search_query query = {.term_count = 1, .terms = {{.folded = STR("a")}}};
	for (size_t count = 0; count < 200; count++) {
		struct arena arena CLEANUP_ARENA;
		struct search_marked marked;
		arena_init(&arena, 1 << 20);
		char *letters = arena_alloc(&arena, count + 1);
		memset(letters, 'a', count);
		struct str text = arena_printf(&arena, "%s-a-end", letters);
		assert_int_equal(
			search_mark(&arena, &query, search_match_all(&query), text, &marked), OK);
		/* What is made next lies behind them. */
		memset(arena_alloc(&arena, 4096), 0, 4096);
		assert_true(str_eq(joined(&arena, &marked), text));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_stay_within_their_room),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
