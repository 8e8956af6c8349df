/* What makes people and messages, whatever fails on the way (core/fault_steps.h): sending, drafts,
 * registering, passwords. Mailboxes: fault_mailbox_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/account.h"
#include "core/core_test_support.h"
#include "core/draft.h"
#include "core/fault_steps.h"
#include "core/people.h"

static enum err do_send(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, s->f->admin);
	struct form_errors errors = {0};
	const struct draft draft = {.to = s->address,
				    .cc = STR("known@example.org"),
				    .subject = STR("Hello"),
				    .body = STR("Something secret"),
				    .idempotency_key = s->address};
	struct sent sent;
	enum err err = message_send(&cx, &draft, &sent, &errors);
	if (err == OK)
		s->id = sent.id;
	return err;
}

static void prepare_expiring(struct fault_state *s)
{
	const struct draft draft = {.to = STR("known@example.org"),
				    .subject = STR("Hello"),
				    .body = STR("One"),
				    .expires = STR("2030-12-31")};
	struct sent sent;
	assert_int_equal(core_fixture_try_send(s->f, s->f->admin, &draft, &sent, NULL), OK);
	s->id = sent.id;
}

static enum err do_forward(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, s->f->admin);
	struct form_errors errors = {0};
	const struct draft draft = {
		.to = s->address, .subject = STR("Fwd: Hello"), .forward_of = s->id};
	struct sent sent;
	return message_send(&cx, &draft, &sent, &errors);
}

static void prepare_invitation(struct fault_state *s)
{
	core_fixture_send(s->f, s->f->admin, s->address, STR("Hello"), STR("One"));
	s->token = core_fixture_token(s->f, MAIL_INVITATION, s->address);
	s->id = core_fixture_user(s->f, s->address).id;
}

static enum err do_register(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, NULL);
	struct form_errors errors = {0};
	struct registration registration = {0};
	enum err err =
		register_complete(&cx, s->token, STR("Somebody"), CORE_FIXTURE_PASSWORD, true,
				  SESSION_BROWSER, STR("Test"), &registration, &errors);
	s->begun = registration.sign_in;
	return err;
}

static enum err do_invite_again(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, s->f->admin);
	return message_resend_invitation(&cx, &s->id);
}

static enum err do_sign_in(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, NULL);
	int64_t wait_s;
	struct sign_in begun = {0};
	enum err err = session_sign_in(&cx, STR("known@example.org"), CORE_FIXTURE_PASSWORD,
				       SESSION_BROWSER, STR("Test"), &begun, &wait_s);
	s->begun = begun;
	return err;
}

static enum err do_save_draft(struct fault_state *s)
{
	const struct id fresh = {0};
	struct cx cx = fault_steps_cx(s, s->f->admin);
	struct form_errors errors = {0};
	const struct draft draft = {
		.to = s->address, .subject = STR("Hello"), .body = STR("Something secret")};
	struct draft_saved saved;
	enum err err = draft_save(&cx, &fresh, 0, &draft, &saved, &errors);
	if (err == OK)
		s->id = saved.id;
	return err;
}

static void prepare_draft(struct fault_state *s)
{
	arena_init(&s->arena, 16 << 20);
	assert_int_equal(do_save_draft(s), OK);
	arena_release(&s->arena);
}

static enum err do_save_draft_again(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, s->f->admin);
	struct form_errors errors = {0};
	const struct draft draft = {.body = STR("Something else")};
	struct draft_saved saved;
	return draft_save(&cx, &s->id, 1, &draft, &saved, &errors);
}

static enum err do_send_draft(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, s->f->admin);
	struct form_errors errors = {0};
	struct sent sent;
	return draft_send(&cx, &s->id, s->address, &sent, &errors);
}

static void prepare_reset(struct fault_state *s)
{
	struct cx cx = core_fixture_cx(s->f, NULL);
	struct form_errors errors = {0};
	core_fixture_sleep(s->f, HOUR_MS);
	assert_int_equal(account_ask_help(&cx, STR("known@example.org"), &errors), OK);
	s->token = core_fixture_token(s->f, MAIL_RESET, STR("known@example.org"));
}

static enum err do_reset(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, NULL);
	struct form_errors errors = {0};
	struct sign_in begun = {0};
	enum err err = account_reset(&cx, s->token, CORE_FIXTURE_PASSWORD, STR(""), SESSION_BROWSER,
				     STR("Test"), &begun, &errors);
	s->begun = begun;
	return err;
}

static enum err do_change_password(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, s->session);
	struct form_errors errors = {0};
	return account_change_password(&cx, CORE_FIXTURE_PASSWORD, CORE_FIXTURE_PASSWORD, &errors);
}

static enum err do_ask_help(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, NULL);
	struct form_errors errors = {0};
	core_fixture_sleep(s->f, HOUR_MS);
	return account_ask_help(&cx, STR("known@example.org"), &errors);
}

static enum err do_disable(struct fault_state *s)
{
	struct cx cx = fault_steps_cx(s, s->f->admin);
	return people_enable(&cx, &s->id, false);
}

static const struct fault_step steps[] = {
	{"sending to somebody known and somebody new", fault_steps_nothing, do_send},
	{"forwarding what expires to somebody new", prepare_expiring, do_forward},
	{"saving a draft", fault_steps_nothing, do_save_draft},
	{"saving a draft again", prepare_draft, do_save_draft_again},
	{"sending a draft", prepare_draft, do_send_draft},
	{"registering", prepare_invitation, do_register},
	{"inviting again", prepare_invitation, do_invite_again},
	{"signing in", fault_steps_nothing, do_sign_in},
	{"asking for help", fault_steps_nothing, do_ask_help},
	{"resetting the password", prepare_reset, do_reset},
	{"changing the password", fault_steps_known, do_change_password},
	{"disabling somebody", prepare_invitation, do_disable},
};

static void each_step_is_whole_or_absent(void **state)
{
	fault_steps_run(*state, steps, sizeof(steps) / sizeof(steps[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(each_step_is_whole_or_absent),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
