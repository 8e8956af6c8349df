/* Shared by the tests of this layer and above: each test on both engines. Include after cmocka.h.
 */
#pragma once

#include "store/store_fixture.h"

#include <stdio.h>
#include <stdlib.h>

static inline void engines_test_skipped(void **state)
{
	(void)state;
	skip();
}

/* At first *state points to a bool: whether it is PostgreSQL's turn. */
static inline int engines_test_run_on(size_t engine_count, const char *group,
				      const struct CMUnitTest *tests, size_t count)
{
	static const bool engines[] = {false, true};
	static const char *const names[] = {"sqlite", "postgres"};
	struct CMUnitTest *all = calloc(engine_count * count, sizeof(*all));
	char(*titles)[128] = calloc(engine_count * count, sizeof(*titles));
	for (size_t i = 0; i < engine_count * count; i++) {
		size_t engine = i / count;
		snprintf(titles[i], sizeof(titles[i]), "%s: %s", names[engine],
			 tests[i % count].name);
		if (engines[engine] && !store_fixture_has_postgres())
			all[i].test_func = engines_test_skipped;
		else
			all[i] = tests[i % count];
		all[i].name = titles[i];
		all[i].initial_state = (void *)(uintptr_t)&engines[engine];
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	int failed = _cmocka_run_group_tests(group, all, engine_count * count, NULL, NULL);
	free(titles);
	free(all);
	return failed;
}

/* Every test twice; the second time visibly skipped when there is no PostgreSQL. */
static inline int engines_test_run(const char *group, const struct CMUnitTest *tests, size_t count)
{
	return engines_test_run_on(2, group, tests, count);
}

/* On SQLite alone: where thousands of steps fail above the store, and fault_test shows that the
 * other engine takes it as well. */
static inline int engines_test_run_sqlite(const char *group, const struct CMUnitTest *tests,
					  size_t count)
{
	return engines_test_run_on(1, group, tests, count);
}
