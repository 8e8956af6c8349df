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

#define assert_str(got, expected)                                                                  \
	do {                                                                                       \
		struct str got_ = (got), expected_ = (expected);                                   \
		if (!str_eq(got_, expected_))                                                      \
			fail_msg("\"%.*s\" is not \"%.*s\"", STR_ARGS(got_), STR_ARGS(expected_)); \
	} while (0)

/* ---- steps that may fail (core_fixture.h has those that must go well) ---- */

static inline struct registration core_test_register(struct core_fixture *f, struct str token,
						     struct str name, struct str password,
						     enum err expected, struct form_errors *errors)
{
	struct cx cx = core_fixture_cx(f, NULL);
	struct registration registration = {0};
	assert_int_equal(register_complete(&cx, token, name, password, true, SESSION_BROWSER,
					   STR("Test"), &registration, errors),
			 expected);
	if (expected == OK)
		core_fixture_keep(f, registration.sign_in.session);
	return registration;
}

static inline struct invitation_view core_test_look(struct core_fixture *f, struct str token)
{
	struct cx cx = core_fixture_cx(f, NULL);
	struct invitation_view view;
	assert_int_equal(register_look(&cx, token, &view), OK);
	return view;
}

/* ret may be NULL; empty unless OK. */
static inline enum err core_test_sign_in(struct core_fixture *f, struct str address,
					 struct str password, struct sign_in *ret)
{
	struct cx cx = core_fixture_cx(f, NULL);
	struct sign_in begun = {0};
	int64_t wait_s;
	enum err err = session_sign_in(&cx, address, password, SESSION_BROWSER, STR("Test"), &begun,
				       &wait_s);
	if (err == OK)
		core_fixture_keep(f, begun.session);
	if (ret)
		*ret = begun;
	return err;
}

static inline struct message_list core_test_inbox(struct core_fixture *f, struct session *session)
{
	struct cx cx = core_fixture_cx(f, session);
	struct message_list list;
	assert_int_equal(mailbox_list(&cx, BOX_INBOX, STR(""), 50, &list), OK);
	return list;
}
