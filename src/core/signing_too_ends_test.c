/* Requests to sign whose sender is one of the signers: how they end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "core/mailbox_move.h"
#include "core/recall.h"
#include "core/signing_fake_pdf.h"
#include "core/signing_scene.h"

static bool has(struct str text, const char *part)
{
	return str_find(text, str_of(part)) >= 0;
}

static void assert_refused(enum err err, enum err expected, const struct form_errors *errors,
			   struct str sentence)
{
	assert_int_equal(err, expected);
	assert_str(form_errors_for(errors, ""), sentence);
}

static void the_sender_cancels_and_does_not_decline(void **state)
{
	struct signing_scene s;
	signing_scene_begin_for(state, &s, SCENE_ADA ", " SCENE_GABI, SIGNING_ALL_AT_ONCE);
	struct cx cx = core_fixture_cx(s.f, s.ada);
	struct form_errors errors = {.count = 0};
	assert_refused(signing_decline(&cx, &s.id, STR("No"), STR("Test"), &errors), ERR_DENIED,
		       &errors,
		       STR("You have sent this request yourself. If it is not to be signed any "
			   "more, please cancel it: then it ends for everybody."));
	errors.count = 0;
	assert_int_equal(signing_cancel(&cx, &s.id, STR("Wrong one"), &errors), OK);
	assert_int_equal(signing_scene_mails(&s, MAIL_SIGNING, SCENE_ADA), 0);
	assert_int_equal(signing_scene_mails(&s, MAIL_SIGNING, SCENE_GABI), 1);
	assert_int_equal(signing_test_try_sign(s.f, s.ada, &s.id, NULL, 0, &errors), ERR_CONFLICT);
	signing_scene_assert_whole(&s);
}

static void of_a_decline_the_sender_is_told_once(void **state)
{
	struct signing_scene s;
	signing_scene_begin_for(state, &s, SCENE_ADA ", " SCENE_GABI, SIGNING_ALL_AT_ONCE);
	struct cx cx = core_fixture_cx(s.f, s.gabi);
	struct form_errors errors = {.count = 0};
	assert_int_equal(signing_decline(&cx, &s.id, STR("No"), STR("Test"), &errors), OK);
	assert_int_equal(signing_scene_mails(&s, MAIL_SIGNING, SCENE_ADA), 1);
	assert_int_equal(signing_test_try_sign(s.f, s.ada, &s.id, NULL, 0, &errors), ERR_CONFLICT);
	signing_scene_assert_whole(&s);
}

static void reminded_and_told_of_the_deadline_once(void **state)
{
	struct signing_scene s;
	signing_scene_set_up_for(state, &s, SCENE_ADA ", " SCENE_GABI, SIGNING_ALL_AT_ONCE);
	s.plan.remind_after_days = 2;
	s.plan.deadline = STR("2026-01-04T12:00:00Z");
	signing_scene_send(&s);
	core_fixture_sleep(s.f, 2 * DAY_MS);
	signing_scene_sweep(&s);
	assert_int_equal(signing_scene_mails(&s, MAIL_SIGNING, SCENE_ADA), 1);
	assert_int_equal(signing_scene_mails(&s, MAIL_SIGNING, SCENE_GABI), 1);
	core_fixture_sleep(s.f, 2 * DAY_MS);
	signing_scene_sweep(&s);
	assert_int_equal(signing_scene_mails(&s, MAIL_SIGNING, SCENE_ADA), 2);
	assert_int_equal(signing_scene_mails(&s, MAIL_SIGNING, SCENE_GABI), 2);
	assert_int_equal(signing_scene_get(&s, s.ada).state, SIGNING_EXPIRED);
	signing_scene_assert_whole(&s);
}

static void nobody_reminds_themselves(void **state)
{
	struct signing_scene s;
	signing_scene_begin_for(state, &s, SCENE_GABI ", " SCENE_ADA, SIGNING_ALL_AT_ONCE);
	struct cx cx = core_fixture_cx(s.f, s.ada);
	struct form_errors errors = {.count = 0};
	int64_t count;
	assert_int_equal(signing_remind(&cx, &s.id, &count, &errors), OK);
	assert_int_equal(count, 1);
	assert_int_equal(signing_scene_mails(&s, MAIL_SIGNING, SCENE_ADA), 0);
	assert_int_equal(signing_remind(&cx, &s.id, &count, &errors), ERR_BUSY);
	errors.count = 0;
	signing_scene_sign(&s, s.gabi);
	assert_false(signing_scene_get(&s, s.ada).can_remind);
	assert_refused(signing_remind(&cx, &s.id, &count, &errors), ERR_CONFLICT, &errors,
		       STR("Only your own signature is asked for now, so there is nobody else to "
			   "remind. You can sign on the page of the message."));
}

static enum err recall(struct signing_scene *s, const struct recall_wish *wish,
		       struct form_errors *errors)
{
	struct cx cx = core_fixture_cx(s->f, s->ada);
	struct recalled recalled;
	return recall_message(&cx, &s->id, wish, &recalled, errors);
}

static void recalled_after_the_sender_has_signed(void **state)
{
	struct signing_scene s;
	signing_scene_begin_for(state, &s, SCENE_ADA ", " SCENE_GABI, SIGNING_ALL_AT_ONCE);
	const struct recall_wish whole = {.is_whole = true};
	struct form_errors errors = {.count = 0};
	signing_scene_sign(&s, s.ada);
	assert_int_equal(recall(&s, &whole, &errors), OK);
	struct cx gabi = core_fixture_cx(s.f, s.gabi);
	struct signing_view view;
	assert_int_equal(signing_get(&gabi, &s.id, &view), ERR_CONFLICT);
	view = signing_scene_get(&s, s.ada);
	assert_int_equal(view.state, SIGNING_CANCELLED);
	assert_true(has(signing_test_read(s.f, s.ada, &s.id, 0), "SIGNED 0 by Ada Admin"));
	signing_scene_assert_whole(&s);
}

/* It ends as any other, though there is nobody to take it from; and goes when it is deleted. */
static void alone_it_is_recalled_and_deleted(void **state)
{
	struct signing_scene s;
	signing_scene_set_up_for(state, &s, SCENE_ADA, SIGNING_ALL_AT_ONCE);
	s.draft.cc = STR("");
	signing_scene_send(&s);
	const struct recall_wish whole = {.is_whole = true};
	struct form_errors errors = {.count = 0};
	assert_int_equal(recall(&s, &whole, &errors), OK);
	assert_int_equal(signing_scene_get(&s, s.ada).state, SIGNING_CANCELLED);
	signing_scene_assert_whole(&s);
	struct cx cx = core_fixture_cx(s.f, s.ada);
	struct signing_view view;
	assert_int_equal(mailbox_move(&cx, &s.id, 1, BOX_TRASH), OK);
	assert_int_equal(mailbox_destroy(&cx, &s.id, 1), OK);
	assert_int_equal(signing_get(&cx, &s.id, &view), ERR_NOT_FOUND);
	signing_scene_assert_whole(&s);
	signing_scene_send(&s);
	signing_scene_sign(&s, s.ada);
	assert_int_equal(recall(&s, &whole, &errors), ERR_CONFLICT);
}

/* Nothing is recalled from the sender; and so nothing is cancelled for it. */
static void ones_own_address_is_none_to_recall_from(void **state)
{
	struct signing_scene s;
	signing_scene_begin_for(state, &s, SCENE_ADA ", " SCENE_GABI, SIGNING_ALL_AT_ONCE);
	struct str own = STR(SCENE_ADA);
	const struct recall_wish wish = {.addresses = &own, .address_count = 1};
	struct form_errors errors = {.count = 0};
	assert_int_equal(recall(&s, &wish, &errors), ERR_INVALID);
	assert_int_equal(signing_scene_get(&s, s.ada).state, SIGNING_OPEN);
}

/* ---- two at one moment ---- */

static void gabi_signs(void *argument)
{
	struct signing_scene *s = argument;
	signing_fake_before_open(NULL, NULL);
	signing_scene_sign(s, s->gabi);
}

static void ada_signs(void *argument)
{
	struct signing_scene *s = argument;
	signing_fake_before_open(NULL, NULL);
	signing_scene_sign(s, s->ada);
}

static void both_sign_at_the_same_moment(void **state)
{
	static const struct {
		const char *what;
		void (*meanwhile)(void *s);
		bool is_ada_late;
	} rows[] = {
		{"the sender is late", gabi_signs, true},
		{"the other is late", ada_signs, false},
	};
	struct signing_scene s;
	signing_scene_set_up_for(state, &s, SCENE_ADA ", " SCENE_GABI, SIGNING_ALL_AT_ONCE);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		signing_scene_send(&s);
		signing_fake_before_open(rows[i].meanwhile, &s);
		signing_scene_sign(&s, rows[i].is_ada_late ? s.ada : s.gabi);
		struct str sealed = signing_test_read(s.f, s.ada, &s.id, 0);
		if (signing_scene_get(&s, s.ada).state != SIGNING_COMPLETED ||
		    !has(sealed, "SIGNED 0 by Ada Admin") || !has(sealed, "SIGNED 1 by Gabi"))
			fail_msg("%s", rows[i].what);
		signing_scene_assert_whole(&s);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CORE_TEST(the_sender_cancels_and_does_not_decline),
		CORE_TEST(of_a_decline_the_sender_is_told_once),
		CORE_TEST(reminded_and_told_of_the_deadline_once),
		CORE_TEST(nobody_reminds_themselves),
		CORE_TEST(recalled_after_the_sender_has_signed),
		CORE_TEST(alone_it_is_recalled_and_deleted),
		CORE_TEST(ones_own_address_is_none_to_recall_from),
		CORE_TEST(both_sign_at_the_same_moment),
	};
	return engines_test_run("signing_too_ends", tests, sizeof(tests) / sizeof(tests[0]));
}
