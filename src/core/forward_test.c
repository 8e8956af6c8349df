/* Forwards, and people added to an answer: keys are handed on, and no text (P4.2). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "core/mailbox_move.h"
#include "core/options_test_support.h"

static void a_forward_hands_on_the_key_and_no_text(void **state)
{
	struct core_fixture *f = *state;
	meet(f);
	struct id id = send_with(f, f->admin, BEN, 0, STR(""));
	struct id forward_id = forwarded(f, ben, &id, CARA);
	struct message_view view = core_fixture_open(f, cara, &forward_id);
	assert_str(view.body, STR(""));
	assert_int_equal(view.quoted_count, 1);
	assert_str(view.quoted[0].body, STR("The secret"));
	assert_str(view.quoted[0].sender.address, STR("admin@example.com"));
	assert_true(view.quoted[0].is_quoted);
	/* In no list of Cara's, and she is in no list of people. */
	assert_int_equal(core_test_inbox(f, cara).count, 2);
	assert_int_equal(core_fixture_open(f, f->admin, &id).people_count, 1);
	struct cx cx = core_fixture_cx(f, cara);
	assert_int_equal(mailbox_open(&cx, &id, &view), OK);
	assert_int_equal(view.acts.reply, REFUSAL_QUOTED);
	/* A forward of the forward: each gets what is behind it. */
	struct id again = forwarded(f, cara, &forward_id, GABI);
	view = core_fixture_open(f, gabi, &again);
	assert_int_equal(view.quoted_count, 2);
	assert_str(view.quoted[0].sender.address, BEN);
	assert_str(view.quoted[1].body, STR("The secret"));
	assert_int_equal(core_fixture_problems(f), 0);
}

static void forwarding_follows_the_policy(void **state)
{
	struct core_fixture *f = *state;
	meet(f);
	struct id id = send_with(f, f->admin, STR("ben@example.com, gabi@example.org"), 0, STR(""));
	const struct {
		const char *sentence;
		struct session *who;
		struct str to;
		enum err err;
	} cases[] = {
		{"a guest to a professional", gabi, CARA, OK},
		{"a guest to a guest", gabi, HUGO, ERR_INVALID},
		{"a guest to an unknown address", gabi, STR("new@example.net"), ERR_INVALID},
		{"a professional to a guest", ben, HUGO, OK},
		{"a professional invites", ben, STR("new@example.net"), OK},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct form_errors errors = {0};
		struct sent sent;
		enum err err = forward(f, cases[i].who, &id, cases[i].to, &errors, &sent);
		if (err != cases[i].err)
			fail_msg("%s: %s", cases[i].sentence, err_name(err));
	}
	/* Hugo has it as part of another only; a stranger does not have it at all. */
	struct form_errors errors = {0};
	struct sent sent;
	assert_refused(forward(f, hugo, &id, CARA, &errors, &sent), ERR_DENIED, &errors, "",
		       TEXT_ERROR_QUOTED_ONLY);
	struct id other = send_with(f, f->admin, BEN, 0, STR(""));
	errors.count = 0;
	assert_int_equal(forward(f, cara, &other, BEN, &errors, &sent), ERR_NOT_FOUND);
	const struct id nothing = id_new(1);
	assert_int_equal(forward(f, cara, &nothing, BEN, &errors, &sent), ERR_NOT_FOUND);
	/* The invited one reads it once they have registered. */
	struct str token = core_fixture_token(f, MAIL_INVITATION, STR("new@example.net"));
	struct session *nora = core_fixture_register(f, token, STR("Nora")).sign_in.session;
	struct message_list inbox = core_test_inbox(f, nora);
	assert_int_equal(inbox.count, 1);
	struct message_view view = core_fixture_open(f, nora, &inbox.rows[0].id);
	assert_str(view.quoted[0].body, STR("The secret"));
	assert_int_equal(core_fixture_problems(f), 0);
}

static void somebody_added_to_an_answer_sees_what_is_answered(void **state)
{
	struct core_fixture *f = *state;
	meet(f);
	for (int is_forbidden = 0; is_forbidden < 2; is_forbidden++) {
		struct id id =
			send_with(f, f->admin, BEN, is_forbidden ? OPTION_NO_FORWARD : 0, STR(""));
		const struct draft draft = {.to = STR("admin@example.com, cara@example.com"),
					    .subject = STR("Re: Report"),
					    .body = STR("Cara knows"),
					    .reply_to = id};
		struct id answer_id = send(f, ben, &draft);
		struct cx cx = core_fixture_cx(f, cara);
		struct conversation_view view;
		assert_int_equal(mailbox_conversation(&cx, &answer_id, &view), OK);
		assert_int_equal(view.count, is_forbidden ? 1 : 2);
		if (!is_forbidden)
			assert_str(view.messages[0].body, STR("The secret"));
	}
	assert_int_equal(core_fixture_problems(f), 0);
}

static void a_chain_has_an_end(void **state)
{
	struct core_fixture *f = *state;
	meet(f);
	struct id id = send_with(f, f->admin, BEN, 0, STR(""));
	for (int i = 1; i < LIMIT_FORWARD_CHAIN; i++)
		id = i % 2 ? forwarded(f, ben, &id, CARA) : forwarded(f, cara, &id, BEN);
	struct id last = forwarded(f, ben, &id, CARA);
	assert_int_equal(core_fixture_open(f, cara, &last).quoted_count, LIMIT_FORWARD_CHAIN);
	struct form_errors errors = {0};
	struct sent sent;
	assert_int_equal(forward(f, cara, &last, BEN, &errors, &sent), ERR_INVALID);
	assert_int_equal(form_errors_for(&errors, "forward_of").len > 0, true);
}

static void what_is_quoted_can_not_be_moved(void **state)
{
	struct core_fixture *f = *state;
	meet(f);
	struct id id = send_with(f, f->admin, BEN, 0, STR(""));
	forwarded(f, ben, &id, CARA);
	struct cx cx = core_fixture_cx(f, cara);
	for (enum box box = BOX_INBOX; box <= BOX_TRASH; box++)
		assert_int_equal(mailbox_move(&cx, &id, 1, box), ERR_NOT_FOUND);
	assert_int_equal(mailbox_mark(&cx, &id, 1, true), ERR_NOT_FOUND);
	assert_int_equal(mailbox_destroy(&cx, &id, 1), ERR_NOT_FOUND);
}

static void destroy(struct core_fixture *f, struct session *session, const struct id *id)
{
	struct cx cx = core_fixture_cx(f, session);
	assert_int_equal(mailbox_move(&cx, id, 1, BOX_TRASH), OK);
	assert_int_equal(mailbox_destroy(&cx, id, 1), OK);
}

static void a_deleted_forward_takes_along_what_it_forwards(void **state)
{
	struct core_fixture *f = *state;
	static const char quoted[] = "SELECT COUNT(*) FROM deliveries WHERE kind = 4";
	meet(f);
	struct id id = send_with(f, f->admin, BEN, 0, STR(""));
	struct id first = forwarded(f, ben, &id, GABI);
	struct id both = forwarded(f, ben, &first, CARA);
	struct id second = forwarded(f, ben, &id, CARA);
	assert_int_equal(count(f, quoted), 3); /* one for Gabi, the chain of two for Cara */
	destroy(f, cara, &both);
	assert_int_equal(count(f, quoted), 2);
	/* The other forward still shows it. */
	assert_str(core_fixture_open(f, cara, &second).quoted[0].body, STR("The secret"));
	destroy(f, gabi, &first);
	assert_int_equal(count(f, quoted), 1);
	/* Whoever deletes a message and gets it forwarded has deleted it all the same. */
	destroy(f, ben, &id);
	struct id again = forwarded(f, cara, &second, BEN);
	struct message_view view = core_fixture_open(f, ben, &again);
	assert_int_equal(view.quoted_count, 2);
	assert_true(view.quoted[1].is_missing);
	assert_int_equal(core_fixture_problems(f), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(a_forward_hands_on_the_key_and_no_text),
		CORE_TEST(forwarding_follows_the_policy),
		CORE_TEST(somebody_added_to_an_answer_sees_what_is_answered),
		CORE_TEST(a_chain_has_an_end),
		CORE_TEST(what_is_quoted_can_not_be_moved),
		CORE_TEST(a_deleted_forward_takes_along_what_it_forwards),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
