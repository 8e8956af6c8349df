/* Messages that expire, and confidential ones (P4.2). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/housekeeping.h"
#include "core/options_test_support.h"
#include "core/recall_test_support.h"

static void sweep(struct core_fixture *f)
{
	struct cx cx = core_fixture_cx(f, NULL);
	assert_int_equal(housekeeping_sweep(&cx), OK);
}

static void assert_expired(struct core_fixture *f, struct session *session, const struct id *id)
{
	struct message_view view = core_fixture_open(f, session, id);
	assert_int_equal(view.ended, DELIVERY_EXPIRED);
	assert_str(view.subject, STR("Report"));
	assert_str(view.body, STR(""));
	assert_true(view.ended_ms == view.expires_ms && view.expires_ms > 0);
	assert_false(view.is_unreadable);
}

static void after_its_date_a_message_is_its_subject(void **state)
{
	struct core_fixture *f = *state;
	meet(f);
	struct id id = send_with(f, f->admin, STR("ben@example.com, new@example.net"), 0,
				 STR("2026-01-02T00:00:00Z"));
	struct id opened = send_with(f, f->admin, BEN, 0, STR("2026-01-02T00:00:00Z"));
	assert_str(core_fixture_open(f, ben, &opened).body, STR("The secret"));
	struct id forward_id = forwarded(f, ben, &id, CARA);
	core_fixture_sleep(f, DAY_MS);
	/* At once, and just the same once housekeeping has come by. */
	for (int swept = 0; swept < 2; swept++) {
		struct form_errors errors = {0};
		struct sent sent;
		assert_expired(f, ben, &id);
		assert_expired(f, ben, &opened);
		struct message_view view = core_fixture_open(f, cara, &forward_id);
		assert_int_equal(view.quoted[0].ended, DELIVERY_EXPIRED);
		assert_str(view.quoted[0].body, STR(""));
		assert_str(view.quoted[0].subject, STR("Report"));
		assert_str(core_fixture_open(f, f->admin, &id).body, STR("The secret"));
		assert_refused(answer(f, ben, &id, false, &errors, &sent), ERR_CONFLICT, &errors,
			       "", TEXT_ERROR_MESSAGE_EXPIRED);
		errors.count = 0;
		assert_refused(forward(f, ben, &id, CARA, &errors, &sent), ERR_CONFLICT, &errors,
			       "", TEXT_ERROR_MESSAGE_EXPIRED);
		errors.count = 0;
		assert_refused(answer(f, f->admin, &id, false, &errors, &sent), ERR_CONFLICT,
			       &errors, "", TEXT_ERROR_MESSAGE_EXPIRED);
		sweep(f);
	}
	/* Ben twice, Cara and the one who is invited. */
	assert_int_equal(count(f, "SELECT COUNT(*) FROM deliveries WHERE ended = 2"), 4);
	assert_int_equal(count(f, "SELECT COUNT(*) FROM deliveries WHERE LENGTH(notice) > 0"), 0);
	/* Who registers only now sees that there was something. */
	struct str token = core_fixture_token(f, MAIL_INVITATION, STR("new@example.net"));
	struct session *nora = core_fixture_register(f, token, STR("Nora")).sign_in.session;
	assert_expired(f, nora, &id);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void who_registers_before_the_date_keeps_the_notice(void **state)
{
	struct core_fixture *f = *state;
	meet(f);
	const struct str address = STR("new@example.net");
	struct id id = send_with(f, f->admin, address, 0, STR("2026-01-02T00:00:00Z"));
	struct str token = core_fixture_token(f, MAIL_INVITATION, address);
	struct session *nora = core_fixture_register(f, token, STR("Nora")).sign_in.session;
	assert_str(core_fixture_open(f, nora, &id).body, STR("The secret"));
	core_fixture_sleep(f, DAY_MS);
	sweep(f);
	assert_expired(f, nora, &id);
	assert_expired(f, nora, &id); /* wrapped anew by the first opening */
	assert_int_equal(core_fixture_problems(f), 0);
}

/* ---- and recalled ---- */

/* P4.2, P4.4: the first of the two holds, whether housekeeping has come by or not. */
static void recalled_after_its_date_it_has_expired(void **state)
{
	struct core_fixture *f = *state;
	meet(f);
	for (int swept = 0; swept < 2; swept++) {
		struct id id = send_with(f, f->admin, STR("ben@example.com, cara@example.com"), 0,
					 swept ? STR("2026-01-03T00:00:00Z")
					       : STR("2026-01-02T00:00:00Z"));
		assert_str(core_fixture_open(f, ben, &id).body, STR("The secret"));
		core_fixture_sleep(f, DAY_MS);
		if (swept)
			sweep(f);
		recall_test_from(f, f->admin, &id, BEN, STR("Why"));
		struct recalled recalled = recall_test_whole(f, f->admin, &id, STR("Why"));
		assert_int_equal(recalled.keys, swept ? 0 : 1);
		for (int i = 0; i < 2; i++) {
			struct message_view view = core_fixture_open(f, ben, &id);
			assert_expired(f, ben, &id);
			assert_expired(f, cara, &id);
			assert_str(view.reason, STR(""));
			/* Its sender sees that they recalled it, from nobody who had it still. */
			view = core_fixture_open(f, f->admin, &id);
			assert_str(view.body, STR("The secret"));
			assert_int_equal(view.recalled_ms, recalled.recalled_ms);
			assert_int_equal(view.people[0].recalled_ms, 0);
			assert_true(view.people[0].has_expired);
			sweep(f);
		}
	}
	assert_int_equal(count(f, "SELECT COUNT(*) FROM deliveries WHERE ended = 1"), 0);
	assert_int_equal(count(f, "SELECT COUNT(*) FROM deliveries WHERE ended = 2"), 4);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void recalled_before_its_date_it_stays_recalled(void **state)
{
	struct core_fixture *f = *state;
	meet(f);
	struct id id = send_with(f, f->admin, STR("ben@example.com, cara@example.com"), 0,
				 STR("2026-01-02T00:00:00Z"));
	struct recalled recalled = recall_test_from(f, f->admin, &id, BEN, STR("Why"));
	core_fixture_sleep(f, DAY_MS);
	for (int swept = 0; swept < 2; swept++) {
		struct message_view view = core_fixture_open(f, ben, &id);
		assert_int_equal(view.ended, DELIVERY_RECALLED);
		assert_int_equal(view.ended_ms, recalled.recalled_ms);
		assert_str(view.reason, STR("Why"));
		assert_str(view.subject, STR("Report"));
		assert_str(view.body, STR(""));
		/* Cara had it until its date. */
		assert_expired(f, cara, &id);
		view = core_fixture_open(f, f->admin, &id);
		assert_int_equal(view.people[0].recalled_ms, recalled.recalled_ms);
		assert_int_equal(view.people[1].recalled_ms, 0);
		sweep(f);
	}
	assert_int_equal(count(f, "SELECT COUNT(*) FROM deliveries WHERE ended = 1"), 1);
	assert_int_equal(core_fixture_problems(f), 0);
}

/* ---- confidential ---- */

static void a_confidential_message_asks_at_every_opening(void **state)
{
	struct core_fixture *f = *state;
	meet(f);
	struct id id = send_with(f, f->admin, BEN, OPTION_CONFIDENTIAL, STR(""));
	struct id other = send_with(f, f->admin, BEN, OPTION_CONFIDENTIAL, STR(""));
	for (int i = 0; i < 2; i++) {
		struct form_errors errors = {0};
		struct cx cx = core_fixture_cx(f, ben);
		struct message_view view;
		assert_int_equal(mailbox_open(&cx, &id, &view), OK);
		assert_true(view.needs_password && view.body.len == 0);
		assert_str(view.subject, STR("Report"));
		assert_int_equal(core_fixture_open(f, f->admin, &id).people[0].opened_ms > 0,
				 i > 0);
		assert_refused(mailbox_confirm(&cx, &id, STR("wrong"), &errors), ERR_INVALID,
			       &errors, "password", TEXT_ERROR_PASSWORD_WRONG);
		assert_int_equal(mailbox_open(&cx, &id, &view), OK);
		assert_true(view.needs_password && view.body.len == 0);
		errors.count = 0;
		assert_int_equal(mailbox_confirm(&cx, &id, CORE_FIXTURE_PASSWORD, &errors), OK);
		assert_int_equal(mailbox_open(&cx, &id, &view), OK);
		assert_str(view.body, STR("The secret"));
		assert_false(view.needs_password);
		/* That one, and no other. */
		assert_int_equal(mailbox_open(&cx, &other, &view), OK);
		assert_true(view.needs_password && view.body.len == 0);
		struct conversation_view conversation;
		assert_int_equal(mailbox_conversation(&cx, &id, &conversation), OK);
		assert_str(conversation.messages[0].body, STR("The secret"));
	}
	struct form_errors errors = {0};
	struct cx cx = core_fixture_cx(f, cara);
	assert_int_equal(mailbox_confirm(&cx, &id, CORE_FIXTURE_PASSWORD, &errors), ERR_NOT_FOUND);
	/* The sender is asked too. */
	assert_true(core_fixture_open(f, f->admin, &id).needs_password);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(after_its_date_a_message_is_its_subject),
		CORE_TEST(who_registers_before_the_date_keeps_the_notice),
		CORE_TEST(recalled_after_its_date_it_has_expired),
		CORE_TEST(recalled_before_its_date_it_stays_recalled),
		CORE_TEST(a_confidential_message_asks_at_every_opening),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
