/* Requests to sign, and somebody who writes to the database. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/signing_scene.h"
#include "store/store_direct.h"

static void what_was_changed_from_outside_is_refused(void **state)
{
	static const char *const attacks[] = {
		"UPDATE signing_people SET state = 3 WHERE position = 0",
		"DELETE FROM signing_people WHERE position = 0",
		"UPDATE signings SET signer_count = 1",
		"UPDATE signings SET state = 2",
		"UPDATE signing_files SET revision = 7",
		"UPDATE signing_events SET at_ms = at_ms - 1 WHERE number = 1",
		"DELETE FROM signing_events WHERE number = 1",
	};
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		struct signing_scene s;
		struct signing_view view;
		if (i > 0)
			signing_scene_start_again(state, CUSTODY_MANAGED);
		signing_scene_begin(state, &s);
		signing_scene_get(&s, s.gabi);
		struct cx cx = core_fixture_cx(s.f, s.gabi);
		store_direct_run(s.f->url, attacks[i]);
		enum err err = signing_get(&cx, &s.id, &view);
		if (err != ERR_CORRUPT)
			fail_msg("%s: %s", attacks[i], err_name(err));
		signing_scene_assert_sign(&s, s.gabi, signing_scene_gabis, 2, ERR_CORRUPT, NULL,
					  STR_NONE);
	}
}

/* What no reader can see is seen by the check. */
static void the_check_finds_what_was_changed(void **state)
{
	static const char *const attacks[] = {
		"UPDATE signings SET deadline_ms = 5",
		"DELETE FROM signing_people WHERE position = 1",
		("DELETE FROM deliveries WHERE user_id = (SELECT user_id FROM signing_people WHERE "
		 "position = 0)"),
		"UPDATE signing_files SET original_id = ''",
		"DELETE FROM signing_events WHERE number = 2",
		"DELETE FROM audit WHERE number = 2",
		"UPDATE audit SET at_ms = 1 WHERE number = 1",
	};
	struct signing_scene s;
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		if (i > 0)
			signing_scene_start_again(state, CUSTODY_MANAGED);
		signing_scene_begin(state, &s);
		signing_scene_get(&s, s.gabi);
		assert_int_equal(core_fixture_problems(s.f), 0);
		store_direct_run(s.f->url, attacks[i]);
		if (core_fixture_problems(s.f) == 0)
			fail_msg("%s: no problem", attacks[i]);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CORE_TEST(what_was_changed_from_outside_is_refused),
		CORE_TEST(the_check_finds_what_was_changed),
	};
	return engines_test_run("signing_changed", tests, sizeof(tests) / sizeof(tests[0]));
}
