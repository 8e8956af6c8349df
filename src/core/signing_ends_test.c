/* Requests to sign: how they end before everybody has signed, and that they do not afterwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/mailbox_move.h"
#include "core/signing_scene.h"

static void one_decline_ends_it_for_all(void **state)
{
	struct signing_scene s;
	signing_scene_begin(state, &s);
	signing_scene_sign(&s, s.peter);
	struct cx cx = core_fixture_cx(s.f, s.gabi);
	struct form_errors errors = {.count = 0};
	assert_int_equal(
		signing_decline(&cx, &s.id, STR("The rent is too high"), STR("Test"), &errors), OK);
	struct signing_view view = signing_scene_get(&s, s.wanda);
	assert_int_equal(view.state, SIGNING_DECLINED);
	assert_int_equal(view.events[view.event_count - 1].kind, AUDIT_SIGNING_DECLINED);
	assert_int_equal(view.signers[0].state, SIGNER_DECLINED);
	assert_str(view.signers[0].reason, STR("The rent is too high"));
	signing_scene_assert_sign(&s, s.gabi, signing_scene_gabis, 2, ERR_CONFLICT, NULL, STR_NONE);
	assert_int_equal(signing_decline(&cx, &s.id, STR(""), STR("Test"), &errors), ERR_CONFLICT);
	assert_int_equal(core_fixture_count_mails(s.f, MAIL_SIGNING, STR(SCENE_ADA)), 1);
	signing_scene_assert_whole(&s);
}

static void the_sender_cancels(void **state)
{
	struct signing_scene s;
	signing_scene_begin(state, &s);
	struct cx cx = core_fixture_cx(s.f, s.f->admin);
	struct form_errors errors = {.count = 0};
	assert_int_equal(signing_cancel(&cx, &s.id, STR("Wrong document"), &errors), OK);
	assert_int_equal(signing_scene_state(&s), SIGNING_CANCELLED);
	signing_scene_assert_sign(
		&s, s.gabi, signing_scene_gabis, 2, ERR_CONFLICT, "",
		STR("This request was cancelled, so it cannot be signed any more. "
		    "There is nothing left to do."));
	assert_int_equal(signing_cancel(&cx, &s.id, STR(""), &errors), ERR_CONFLICT);
	signing_scene_assert_whole(&s);
}

static void who_waits_for_their_turn_is_not_told_of_an_end(void **state)
{
	struct signing_scene s;
	signing_scene_begin_for(state, &s, SCENE_GABI ", " SCENE_PETER, SIGNING_IN_SEQUENCE);
	struct cx cx = core_fixture_cx(s.f, s.f->admin);
	struct form_errors errors = {.count = 0};
	assert_int_equal(signing_cancel(&cx, &s.id, STR(""), &errors), OK);
	assert_int_equal(signing_scene_mails_about(&s, SCENE_GABI, ABOUT_CANCELLED), 1);
	assert_int_equal(signing_scene_mails_about(&s, SCENE_PETER, ABOUT_CANCELLED), 0);
}

/* As with all other files of a message: nothing comes to where it was destroyed. */
static void who_has_destroyed_the_message_gets_no_copy(void **state)
{
	struct signing_scene s;
	signing_scene_begin(state, &s);
	struct cx wanda = core_fixture_cx(s.f, s.wanda);
	assert_int_equal(mailbox_move(&wanda, &s.id, 1, BOX_TRASH), OK);
	assert_int_equal(mailbox_destroy(&wanda, &s.id, 1), OK);
	signing_scene_sign(&s, s.gabi);
	signing_scene_sign(&s, s.peter);
	assert_int_equal(signing_scene_state(&s), SIGNING_COMPLETED);
	assert_int_equal(signing_scene_mails_about(&s, SCENE_WANDA, ABOUT_COMPLETED), 0);
	signing_scene_assert_whole(&s);
}

static void what_is_complete_stays(void **state)
{
	struct signing_scene s;
	signing_scene_begin(state, &s);
	signing_scene_sign(&s, s.peter);
	signing_scene_sign(&s, s.gabi);
	struct cx cx = core_fixture_cx(s.f, s.f->admin);
	struct cx gabi = core_fixture_cx(s.f, s.gabi);
	struct form_errors errors = {.count = 0};
	int64_t count;
	assert_int_equal(signing_cancel(&cx, &s.id, STR(""), &errors), ERR_CONFLICT);
	assert_int_equal(signing_remind(&cx, &s.id, &count, &errors), ERR_CONFLICT);
	assert_int_equal(signing_decline(&gabi, &s.id, STR(""), STR(""), &errors), ERR_CONFLICT);
	assert_int_equal(signing_scene_state(&s), SIGNING_COMPLETED);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CORE_TEST(one_decline_ends_it_for_all),
		CORE_TEST(the_sender_cancels),
		CORE_TEST(who_waits_for_their_turn_is_not_told_of_an_end),
		CORE_TEST(who_has_destroyed_the_message_gets_no_copy),
		CORE_TEST(what_is_complete_stays),
	};
	return engines_test_run("signing_ends", tests, sizeof(tests) / sizeof(tests[0]));
}
