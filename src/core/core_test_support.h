/* Shared by the tests of core/: running each test on both engines. Include after cmocka.h. */
#pragma once

#include "core/core_fixture.h"
#include "crypto/secret.h"

#include <stdio.h>
#include <stdlib.h>

static inline int core_test_setup_in(void **state, enum custody custody)
{
	const bool *is_postgres = *state;
	static struct core_fixture fixture;
	if (*is_postgres && !store_fixture_has_postgres()) {
		*state = NULL;
		return 0;
	}
	core_fixture_init(&fixture, *is_postgres, custody);
	*state = &fixture;
	return 0;
}

static inline int core_test_setup(void **state)
{
	return core_test_setup_in(state, CUSTODY_MANAGED);
}

static inline int core_test_setup_strict(void **state)
{
	return core_test_setup_in(state, CUSTODY_STRICT);
}

/* Every key handed out during a test must have been given back. */
static inline int core_test_teardown(void **state)
{
	if (*state == NULL)
		return 0;
	core_fixture_release(*state);
	return secret_live() == 0 ? 0 : -1;
}

static inline void core_test_skipped(void **state)
{
	(void)state;
	skip();
}

#define CORE_TEST(name) cmocka_unit_test_setup_teardown(name, core_test_setup, core_test_teardown)
#define CORE_TEST_STRICT(name)                                                                     \
	{                                                                                          \
#name " (strict custody)", name, core_test_setup_strict, core_test_teardown, NULL  \
	}

/* Every test twice; the second time visibly skipped when there is no PostgreSQL. */
static inline int core_test_run_on_both(const struct CMUnitTest *tests, size_t count)
{
	static const bool engines[] = {false, true};
	static const char *const names[] = {"sqlite", "postgres"};
	struct CMUnitTest *all = calloc(2 * count, sizeof(*all));
	char(*titles)[128] = calloc(2 * count, sizeof(*titles));
	for (size_t i = 0; i < 2 * count; i++) {
		size_t engine = i / count;
		snprintf(titles[i], sizeof(titles[i]), "%s: %s", names[engine],
			 tests[i % count].name);
		all[i] = tests[i % count];
		all[i].name = titles[i];
		all[i].initial_state = (void *)(uintptr_t)&engines[engine];
		if (engines[engine] && !store_fixture_has_postgres())
			all[i].test_func = core_test_skipped;
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	int failed = _cmocka_run_group_tests("core", all, 2 * count, NULL, NULL);
	free(titles);
	free(all);
	return failed;
}
