/* The whole story (PRODUCT.md P2): from a message to an unknown address to the guest's answer. What
 * can come in between: register_test.c, account_test.c, people_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/core_test_support.h"
#include "core/session.h"

#define GUEST STR("gabi@example.org")

static struct sent reply(struct core_fixture *f, struct session *session, const struct id *id,
			 bool is_to_all, struct str body)
{
	struct cx cx = core_fixture_cx(f, session);
	struct draft draft;
	struct sent sent;
	assert_int_equal(message_reply_draft(&cx, id, is_to_all, &draft), OK);
	draft.body = body;
	assert_int_equal(core_fixture_try_send(f, session, &draft, &sent, NULL), OK);
	return sent;
}

/* P2.1, P2.3, P2.4 */
static void from_an_unknown_address_to_an_answer(void **state)
{
	struct core_fixture *f = *state;
	struct sent sent =
		core_fixture_send(f, f->admin, GUEST, STR("Your results"), STR("All is **well**."));
	assert_int_equal(sent.addressing.new_count, 1);
	assert_int_equal(sent.addressing.items[0].state, ADDRESSEE_NEW);
	assert_int_equal(sent.addressing.items[0].grade, GRADE_GUEST);
	assert_int_equal(core_fixture_count_mails(f, MAIL_NOTIFICATION, GUEST), 1);
	assert_int_equal(core_fixture_count_mails(f, MAIL_INVITATION, GUEST), 1);

	struct str token = core_fixture_token(f, MAIL_INVITATION, GUEST);
	for (int i = 0; i < 3; i++) {
		/* P2.5: looking spends nothing. */
		struct invitation_view view = core_test_look(f, token);
		assert_int_equal(view.state, LINK_GOOD);
		assert_str(view.address, GUEST);
		assert_str(view.inviter, STR("Ada Admin"));
		assert_int_equal(view.waiting_count, 1);
		assert_true(id_eq(&view.message_id, &sent.id));
	}

	struct registration registration = core_fixture_register(f, token, STR("Gabi Guest"));
	struct session *guest = registration.sign_in.session;
	assert_true(id_eq(&registration.message_id, &sent.id));
	struct session *again = core_fixture_next_request(f, registration.sign_in.token);
	assert_non_null(again);
	assert_int_equal(again->user.grade, GRADE_GUEST);
	struct message_list list = core_test_inbox(f, again);
	assert_int_equal(list.count, 1);
	assert_int_equal(list.unread_count, 1);
	assert_true(list.rows[0].is_unread);
	assert_str(list.rows[0].subject, STR("Your results"));
	struct message_view view = core_fixture_open(f, guest, &sent.id);
	assert_true(view.was_unread);
	assert_str(view.subject, STR("Your results"));
	assert_str(view.body, STR("All is **well**."));
	assert_str(view.sender.name, STR("Ada Admin"));
	view = core_fixture_open(f, guest, &sent.id);
	assert_false(view.was_unread);
	assert_str(view.body, STR("All is **well**."));

	core_fixture_sleep(f, SECOND_MS); /* ids of one millisecond have no order */
	struct sent answer = reply(f, guest, &sent.id, false, STR("Thank you!"));
	assert_true(id_eq(&answer.conversation_id, &sent.conversation_id));
	assert_int_equal(core_fixture_count_mails(f, MAIL_NOTIFICATION, STR("admin@example.com")),
			 1);
	struct cx cx = core_fixture_cx(f, f->admin);
	struct conversation_view conversation;
	assert_int_equal(mailbox_conversation(&cx, &answer.id, &conversation), OK);
	assert_int_equal(conversation.count, 2);
	assert_str(conversation.messages[1].subject, STR("Re: Your results"));
	assert_str(conversation.messages[1].body, STR("Thank you!"));
	assert_int_not_equal(conversation.messages[0].people[0].opened_ms, 0);
	assert_true(conversation.can_reply);
	assert_int_equal(core_fixture_problems(f), 0);

	/* After a restart, and by password. */
	core_fixture_reopen(f);
	guest = core_fixture_sign_in(f, STR("Gabi@Example.ORG"), CORE_FIXTURE_PASSWORD);
	assert_str(core_fixture_open(f, guest, &sent.id).body, STR("All is **well**."));
}

/* P2.6, P2.3: further notifications, no further invitation. */
static void several_messages_wait(void **state)
{
	enum { WAITING = 5 };
	struct core_fixture *f = *state;
	struct id ids[WAITING];
	for (int i = 0; i < WAITING; i++) {
		ids[i] = core_fixture_send(f, f->admin, GUEST, STR("One of five"),
					   arena_printf(&f->arena, "Number %d", i))
				 .id;
		core_fixture_sleep(f, SECOND_MS);
	}
	assert_int_equal(core_fixture_count_mails(f, MAIL_NOTIFICATION, GUEST), WAITING);
	assert_int_equal(core_fixture_count_mails(f, MAIL_INVITATION, GUEST), 1);
	struct str token = core_fixture_token(f, MAIL_INVITATION, GUEST);
	assert_int_equal(core_test_look(f, token).waiting_count, WAITING);
	struct invitation_view waiting = core_test_look(f, token);
	assert_true(id_eq(&waiting.message_id, &ids[WAITING - 1]));
	struct session *guest = core_fixture_register(f, token, STR("Gabi")).sign_in.session;
	assert_int_equal(core_test_inbox(f, guest).unread_count, WAITING);
	for (int i = 0; i < WAITING; i++)
		assert_str(core_fixture_open(f, guest, &ids[i]).body,
			   arena_printf(&f->arena, "Number %d", i));
	assert_int_equal(core_test_inbox(f, guest).unread_count, 0);
}

/* P2.2: a professional can invite in turn. */
static void a_professional_is_invited(void **state)
{
	struct core_fixture *f = *state;
	struct session *pro =
		core_fixture_person(f, STR("paul@example.com"), STR("Paul"), GRADE_PROFESSIONAL);
	assert_int_equal(pro->user.grade, GRADE_PROFESSIONAL);
	assert_int_equal(pro->user.role, ROLE_MEMBER);
	struct sent sent = core_fixture_send(f, pro, GUEST, STR("Hello"), STR("Welcome"));
	assert_int_equal(sent.addressing.new_count, 1);
	assert_str(core_test_look(f, core_fixture_token(f, MAIL_INVITATION, GUEST)).inviter,
		   STR("Paul"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(from_an_unknown_address_to_an_answer),
		CORE_TEST_STRICT(from_an_unknown_address_to_an_answer),
		CORE_TEST(several_messages_wait),
		CORE_TEST_STRICT(several_messages_wait),
		CORE_TEST(a_professional_is_invited),
		CORE_TEST_STRICT(a_professional_is_invited),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
