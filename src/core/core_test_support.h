/* Shared by the tests of core/: a portal for each test. Include after cmocka.h. */
#pragma once

#include "core/core_fixture.h"
#include "crypto/secret.h"
#include "store/engines_test_support.h"

static inline int core_test_setup_in(void **state, enum custody custody)
{
	const bool *is_postgres = *state;
	static struct core_fixture fixture;
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
	core_fixture_release(*state);
	return secret_live() == 0 ? 0 : -1;
}

#define CORE_TEST(name) cmocka_unit_test_setup_teardown(name, core_test_setup, core_test_teardown)
#define CORE_TEST_STRICT(name)                                                                     \
	{                                                                                          \
#name " (strict custody)", name, core_test_setup_strict, core_test_teardown, NULL  \
	}
