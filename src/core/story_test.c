/* The whole story (PRODUCT.md P2): from a message to an unknown address to the guest's answer, and
 * what can come in between. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/account.h"
#include "core/check.h"
#include "core/core_test_support.h"
#include "core/people.h"
#include "core/session.h"

#define GUEST STR("gabi@example.org")
#define NEW_PASSWORD STR("copper lantern meadow 7")

#define assert_str(got, expected)                                                                  \
	do {                                                                                       \
		struct str got_ = (got), expected_ = (expected);                                   \
		if (!str_eq(got_, expected_))                                                      \
			fail_msg("\"%.*s\" is not \"%.*s\"", STR_ARGS(got_), STR_ARGS(expected_)); \
	} while (0)

static struct registration try_register(struct core_fixture *f, struct str token, struct str name,
					struct str password, enum err expected,
					struct form_errors *errors)
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

static struct invitation_view look(struct core_fixture *f, struct str token)
{
	struct cx cx = core_fixture_cx(f, NULL);
	struct invitation_view view;
	assert_int_equal(register_look(&cx, token, &view), OK);
	return view;
}

static enum err sign_in(struct core_fixture *f, struct str address, struct str password,
			struct sign_in *ret)
{
	struct cx cx = core_fixture_cx(f, NULL);
	struct sign_in begun;
	int64_t wait_s;
	enum err err = session_sign_in(&cx, address, password, SESSION_BROWSER, STR("Test"), &begun,
				       &wait_s);
	if (err == OK)
		core_fixture_keep(f, begun.session);
	if (err == OK && ret)
		*ret = begun;
	return err;
}

static struct message_list inbox(struct core_fixture *f, struct session *session)
{
	struct cx cx = core_fixture_cx(f, session);
	struct message_list list;
	assert_int_equal(mailbox_list(&cx, BOX_INBOX, STR(""), 50, &list), OK);
	return list;
}

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
		struct invitation_view view = look(f, token);
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
	struct message_list list = inbox(f, again);
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
	assert_int_equal(look(f, token).waiting_count, WAITING);
	struct invitation_view waiting = look(f, token);
	assert_true(id_eq(&waiting.message_id, &ids[WAITING - 1]));
	struct session *guest = core_fixture_register(f, token, STR("Gabi")).sign_in.session;
	assert_int_equal(inbox(f, guest).unread_count, WAITING);
	for (int i = 0; i < WAITING; i++)
		assert_str(core_fixture_open(f, guest, &ids[i]).body,
			   arena_printf(&f->arena, "Number %d", i));
	assert_int_equal(inbox(f, guest).unread_count, 0);
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
	assert_str(look(f, core_fixture_token(f, MAIL_INVITATION, GUEST)).inviter, STR("Paul"));
}

/* P2.3, P2.5 */
static void an_older_link_is_over_when_invited_again(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("One"));
	struct str old = core_fixture_token(f, MAIL_INVITATION, GUEST);
	struct user user = core_fixture_user(f, GUEST);
	core_fixture_sleep(f, SECOND_MS);
	assert_int_equal(message_resend_invitation(&cx, &user.id), OK);
	struct str fresh = core_fixture_token(f, MAIL_INVITATION, GUEST);
	assert_false(str_eq(old, fresh));
	assert_int_equal(look(f, old).state, LINK_EXPIRED);
	struct form_errors errors = {0};
	try_register(f, old, STR("Gabi"), CORE_FIXTURE_PASSWORD, ERR_CONFLICT, &errors);
	assert_int_equal(look(f, fresh).state, LINK_GOOD);
	struct session *guest = core_fixture_register(f, fresh, STR("Gabi")).sign_in.session;
	assert_int_equal(inbox(f, guest).count, 1);
	/* Both say so now, and nothing more can be sent. */
	assert_int_equal(look(f, old).state, LINK_USED);
	assert_int_equal(look(f, fresh).state, LINK_USED);
	assert_int_equal(message_resend_invitation(&cx, &user.id), ERR_CONFLICT);
	assert_int_equal(core_fixture_problems(f), 0);
}

/* P2.5 */
static void an_expired_link_is_renewed_by_mail(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, NULL);
	struct sent sent = core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("One"));
	struct str old = core_fixture_token(f, MAIL_INVITATION, GUEST);
	core_fixture_sleep(f, 14 * DAY_MS - 1);
	assert_int_equal(look(f, old).state, LINK_GOOD);
	assert_int_equal(register_renew(&cx, old), OK);
	assert_int_equal(core_fixture_count_mails(f, MAIL_INVITATION, GUEST), 1);
	core_fixture_sleep(f, 1);
	assert_int_equal(look(f, old).state, LINK_EXPIRED);
	struct form_errors errors = {0};
	try_register(f, old, STR("Gabi"), CORE_FIXTURE_PASSWORD, ERR_CONFLICT, &errors);
	assert_int_equal(register_renew(&cx, old), OK);
	assert_int_equal(core_fixture_count_mails(f, MAIL_INVITATION, GUEST), 2);
	struct str fresh = core_fixture_token(f, MAIL_INVITATION, GUEST);
	assert_false(str_eq(old, fresh));
	/* No more than three an hour; and of those that are still queued only the newest goes out.
	 */
	for (int i = 0; i < 5; i++)
		assert_int_equal(register_renew(&cx, old), OK);
	assert_int_equal(core_fixture_count_mails(f, MAIL_INVITATION, GUEST), 3);
	fresh = core_fixture_token(f, MAIL_INVITATION, GUEST);
	struct session *guest = core_fixture_register(f, fresh, STR("Gabi")).sign_in.session;
	assert_str(core_fixture_open(f, guest, &sent.id).body, STR("One"));
	/* A used link gives no mail. */
	core_fixture_sleep(f, HOUR_MS);
	assert_int_equal(register_renew(&cx, fresh), OK);
	assert_int_equal(core_fixture_count_mails(f, MAIL_INVITATION, GUEST), 3);
}

/* P2.5 */
static void a_used_link_says_so(void **state)
{
	struct core_fixture *f = *state;
	struct form_errors errors = {0};
	core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("One"));
	struct str token = core_fixture_token(f, MAIL_INVITATION, GUEST);
	core_fixture_register(f, token, STR("Gabi"));
	assert_int_equal(look(f, token).state, LINK_USED);
	try_register(f, token, STR("Mallory"), NEW_PASSWORD, ERR_CONFLICT, &errors);
	assert_str(core_fixture_user(f, GUEST).name, STR("Gabi"));
	core_fixture_sleep(f, 30 * DAY_MS);
	assert_int_equal(look(f, token).state, LINK_USED);
}

static void a_mangled_link_is_none(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, NULL);
	core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("One"));
	struct str token = core_fixture_token(f, MAIL_INVITATION, GUEST);
	struct invitation_view view;
	for (size_t i = 0; i < token.len; i++) {
		struct str bent = arena_copy(&f->arena, token);
		((char *)bent.data)[i] = token.data[i] == 'A' ? 'B' : 'A';
		assert_int_equal(register_look(&cx, bent, &view), ERR_NOT_FOUND);
	}
	for (size_t len = 0; len < token.len; len++)
		assert_int_equal(register_look(&cx, str_slice(token, 0, len), &view),
				 ERR_NOT_FOUND);
	static const char *const ends[] = {".", ")", ">", "=", "%20", "\r\n", "A"};
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		assert_int_equal(
			register_look(&cx,
				      arena_printf(&f->arena, "%.*s%s", STR_ARGS(token), ends[i]),
				      &view),
			ERR_NOT_FOUND);
	struct form_errors errors = {0};
	try_register(f, str_slice(token, 0, 63), STR("Gabi"), CORE_FIXTURE_PASSWORD, ERR_NOT_FOUND,
		     &errors);
	assert_int_equal(register_renew(&cx, STR("nonsense")), OK);
	/* A reset link is no invitation, and the other way round. */
	struct form_errors none = {0};
	assert_int_equal(account_ask_help(&cx, STR("admin@example.com"), &none), OK);
	struct str reset = core_fixture_token(f, MAIL_RESET, STR("admin@example.com"));
	assert_int_equal(register_look(&cx, reset, &view), ERR_NOT_FOUND);
	struct reset_view reset_view;
	assert_int_equal(account_reset_look(&cx, token, &reset_view), ERR_NOT_FOUND);
	assert_null(core_fixture_next_request(f, token));
	assert_null(core_fixture_next_request(f, reset));
}

/* P2.4: mistakes are told, the link stays good. */
static void mistakes_in_the_registration_form(void **state)
{
	static const struct {
		const char *sentence;
		struct str name, password;
		const char *field;
	} cases[] = {
		{"a name is needed", STR("  "), STR("violet kettle harbour 42"), "name"},
		{"a name is one line", STR("Gabi\nGuest"), STR("violet kettle harbour 42"), "name"},
		{"a password is needed", STR("Gabi"), STR(""), "password"},
		{"eleven characters are too few", STR("Gabi"), STR("xkvqjwpzlmt"), "password"},
		{"one's own address is no password", STR("Gabi"), STR("gabi@example.org"),
		 "password"},
	};
	struct core_fixture *f = *state;
	core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("One"));
	struct str token = core_fixture_token(f, MAIL_INVITATION, GUEST);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct form_errors errors = {0};
		try_register(f, token, cases[i].name, cases[i].password, ERR_INVALID, &errors);
		if (errors.count != 1 || strcmp(errors.items[0].field, cases[i].field) != 0)
			fail_msg("%s", cases[i].sentence);
	}
	core_fixture_set(f, "terms_url", STR("https://example.com/terms"));
	struct cx cx = core_fixture_cx(f, NULL);
	struct registration registration;
	struct form_errors errors = {0};
	assert_int_equal(register_complete(&cx, token, STR("Gabi"), CORE_FIXTURE_PASSWORD, false,
					   SESSION_BROWSER, STR("Test"), &registration, &errors),
			 ERR_INVALID);
	assert_int_equal(errors.count, 1);
	assert_string_equal(errors.items[0].field, "terms");
	assert_int_equal(look(f, token).state, LINK_GOOD);
	core_fixture_register(f, token, STR("Gabi"));
}

/* ---- forgotten passwords ---- */

struct resetting {
	struct str token;
	struct sent sent;
	struct registration registration;
};

static struct resetting register_and_forget(struct core_fixture *f)
{
	struct resetting r;
	struct cx cx = core_fixture_cx(f, NULL);
	struct form_errors errors = {0};
	r.sent = core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("One"));
	r.registration = core_fixture_register(f, core_fixture_token(f, MAIL_INVITATION, GUEST),
					       STR("Gabi"));
	core_fixture_sleep(f, SECOND_MS);
	assert_int_equal(account_ask_help(&cx, GUEST, &errors), OK);
	r.token = core_fixture_token(f, MAIL_RESET, GUEST);
	return r;
}

static enum err reset(struct core_fixture *f, struct str token, struct str password,
		      struct str code, struct sign_in *ret, struct form_errors *errors)
{
	struct cx cx = core_fixture_cx(f, NULL);
	struct sign_in begun;
	enum err err = account_reset(&cx, token, password, code, SESSION_BROWSER, STR("Test"),
				     &begun, errors);
	if (err != OK)
		return err;
	core_fixture_keep(f, begun.session);
	*ret = begun;
	return OK;
}

static void a_reset_keeps_the_mail(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, NULL);
	struct resetting r = register_and_forget(f);
	struct reset_view view;
	assert_int_equal(account_reset_look(&cx, r.token, &view), OK);
	assert_true(view.is_good);
	assert_false(view.needs_recovery_code);
	assert_str(view.address, GUEST);
	struct sign_in begun;
	struct form_errors errors = {0};
	assert_int_equal(reset(f, r.token, STR("short"), STR(""), &begun, &errors), ERR_INVALID);
	assert_string_equal(errors.items[0].field, "password");
	errors.count = 0;
	assert_int_equal(reset(f, r.token, NEW_PASSWORD, STR(""), &begun, &errors), OK);
	assert_str(core_fixture_open(f, begun.session, &r.sent.id).body, STR("One"));
	assert_null(core_fixture_next_request(f, r.registration.sign_in.token));
	assert_int_equal(sign_in(f, GUEST, CORE_FIXTURE_PASSWORD, NULL), ERR_DENIED);
	assert_int_equal(sign_in(f, GUEST, NEW_PASSWORD, NULL), OK);
	assert_int_equal(account_reset_look(&cx, r.token, &view), OK);
	assert_false(view.is_good);
	assert_int_equal(reset(f, r.token, NEW_PASSWORD, STR(""), &begun, &errors), ERR_CONFLICT);
	assert_int_equal(core_fixture_count_mails(f, MAIL_PASSWORD_CHANGED, GUEST), 1);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void a_reset_link_expires_and_a_newer_one_ends_it(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, NULL);
	struct resetting r = register_and_forget(f);
	struct sign_in begun;
	struct form_errors errors = {0};
	core_fixture_sleep(f, 60 * MINUTE_MS);
	assert_int_equal(reset(f, r.token, NEW_PASSWORD, STR(""), &begun, &errors), ERR_CONFLICT);
	assert_int_equal(account_ask_help(&cx, GUEST, &errors), OK);
	struct str second = core_fixture_token(f, MAIL_RESET, GUEST);
	core_fixture_sleep(f, SECOND_MS);
	assert_int_equal(account_ask_help(&cx, GUEST, &errors), OK);
	assert_int_equal(reset(f, second, NEW_PASSWORD, STR(""), &begun, &errors), ERR_NOT_FOUND);
	struct str third = core_fixture_token(f, MAIL_RESET, GUEST);
	assert_int_equal(reset(f, third, NEW_PASSWORD, STR(""), &begun, &errors), OK);
}

static void strict_custody_needs_the_recovery_code(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, NULL);
	struct resetting r = register_and_forget(f);
	struct reset_view view;
	assert_int_equal(account_reset_look(&cx, r.token, &view), OK);
	assert_true(view.needs_recovery_code);
	static const char *const wrong[] = {"", "x", "ABCDEF-ABCDEF-ABCDEF-ABCDEF-ABCDEF"};
	struct sign_in begun;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct form_errors errors = {0};
		assert_int_equal(reset(f, r.token, NEW_PASSWORD, str_of(wrong[i]), &begun, &errors),
				 ERR_INVALID);
		assert_string_equal(errors.items[0].field, "recovery_code");
	}
	/* Somebody else's code opens nothing. */
	struct form_errors errors = {0};
	assert_int_equal(reset(f, r.token, NEW_PASSWORD, f->admin_recovery_code, &begun, &errors),
			 ERR_INVALID);
	errors.count = 0;
	assert_int_equal(
		reset(f, r.token, NEW_PASSWORD, r.registration.recovery_code, &begun, &errors), OK);
	assert_str(core_fixture_open(f, begun.session, &r.sent.id).body, STR("One"));
	assert_int_equal(core_fixture_problems(f), 0);
}

static void a_new_recovery_code_ends_the_old_one(void **state)
{
	struct core_fixture *f = *state;
	struct resetting r = register_and_forget(f);
	struct cx cx = core_fixture_cx(f, r.registration.sign_in.session);
	struct form_errors errors = {0};
	struct str code;
	assert_int_equal(account_new_recovery_code(&cx, NEW_PASSWORD, &code, &errors), ERR_INVALID);
	assert_string_equal(errors.items[0].field, "current");
	errors.count = 0;
	assert_int_equal(account_new_recovery_code(&cx, CORE_FIXTURE_PASSWORD, &code, &errors), OK);
	struct sign_in begun;
	assert_int_equal(
		reset(f, r.token, NEW_PASSWORD, r.registration.recovery_code, &begun, &errors),
		ERR_INVALID);
	errors.count = 0;
	assert_int_equal(reset(f, r.token, NEW_PASSWORD, code, &begun, &errors), OK);
}

/* Asking for help tells nothing: same answer for all. */
static void help_is_mailed_to_who_can_use_it(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, NULL);
	struct form_errors errors = {0};
	assert_int_equal(account_ask_help(&cx, STR("nobody@example.org"), &errors), OK);
	core_fixture_take_mails(f);
	assert_int_equal(f->mail_count, 0);
	core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("One"));
	struct str old = core_fixture_token(f, MAIL_INVITATION, GUEST);
	core_fixture_sleep(f, SECOND_MS);
	assert_int_equal(account_ask_help(&cx, GUEST, &errors), OK);
	assert_int_equal(core_fixture_count_mails(f, MAIL_INVITATION, GUEST), 2);
	assert_int_equal(core_fixture_count_mails(f, MAIL_RESET, GUEST), 0);
	assert_int_equal(look(f, old).state, LINK_EXPIRED);
	struct user user = core_fixture_user(f, GUEST);
	core_fixture_register(f, core_fixture_token(f, MAIL_INVITATION, GUEST), STR("Gabi"));
	assert_int_equal(people_enable(&cx, &user.id, false), OK);
	assert_int_equal(account_ask_help(&cx, GUEST, &errors), OK);
	assert_int_equal(core_fixture_count_mails(f, MAIL_RESET, GUEST), 0);
	assert_int_equal(errors.count, 0);
	assert_int_equal(account_ask_help(&cx, STR("no address"), &errors), ERR_INVALID);
	assert_string_equal(errors.items[0].field, "address");
	assert_int_equal(core_fixture_problems(f), 0);
}

/* ---- sessions ---- */

static void changing_the_password_ends_other_sessions(void **state)
{
	struct core_fixture *f = *state;
	struct sign_in here, there;
	core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	assert_int_equal(sign_in(f, GUEST, CORE_FIXTURE_PASSWORD, &here), OK);
	assert_int_equal(sign_in(f, GUEST, CORE_FIXTURE_PASSWORD, &there), OK);
	struct cx cx = core_fixture_cx(f, here.session);
	struct form_errors errors = {0};
	assert_int_equal(
		account_change_password(&cx, STR("wrong password!"), NEW_PASSWORD, &errors),
		ERR_INVALID);
	assert_string_equal(errors.items[0].field, "current");
	assert_non_null(core_fixture_next_request(f, there.token));
	errors.count = 0;
	assert_int_equal(account_change_password(&cx, CORE_FIXTURE_PASSWORD, NEW_PASSWORD, &errors),
			 OK);
	assert_non_null(core_fixture_next_request(f, here.token));
	assert_null(core_fixture_next_request(f, there.token));
	assert_int_equal(sign_in(f, GUEST, CORE_FIXTURE_PASSWORD, NULL), ERR_DENIED);
	assert_int_equal(sign_in(f, GUEST, NEW_PASSWORD, NULL), OK);
	/* A request that was running in the ended session can do no harm any more. */
	struct cx late = core_fixture_cx(f, there.session);
	errors.count = 0;
	assert_int_not_equal(account_change_password(&late, NEW_PASSWORD,
						     STR("purple anchor violin 3"), &errors),
			     OK);
	struct str code;
	assert_int_not_equal(account_new_recovery_code(&late, NEW_PASSWORD, &code, &errors), OK);
	assert_int_equal(sign_in(f, GUEST, NEW_PASSWORD, NULL), OK);
}

static void sessions_end_by_idleness_and_by_age(void **state)
{
	struct core_fixture *f = *state;
	struct sign_in begun;
	core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	assert_int_equal(sign_in(f, GUEST, CORE_FIXTURE_PASSWORD, &begun), OK);
	core_fixture_sleep(f, 120 * MINUTE_MS - 1);
	assert_non_null(core_fixture_next_request(f, begun.token));
	core_fixture_sleep(f, 120 * MINUTE_MS);
	assert_null(core_fixture_next_request(f, begun.token));

	assert_int_equal(sign_in(f, GUEST, CORE_FIXTURE_PASSWORD, &begun), OK);
	for (int hour = 1; hour < 24; hour++) {
		core_fixture_sleep(f, HOUR_MS);
		assert_non_null(core_fixture_next_request(f, begun.token));
	}
	core_fixture_sleep(f, HOUR_MS);
	assert_null(core_fixture_next_request(f, begun.token));
}

static void sessions_are_listed_and_ended(void **state)
{
	struct core_fixture *f = *state;
	struct sign_in here, there, third;
	core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	assert_int_equal(sign_in(f, GUEST, CORE_FIXTURE_PASSWORD, &here), OK);
	assert_int_equal(sign_in(f, GUEST, CORE_FIXTURE_PASSWORD, &there), OK);
	assert_int_equal(sign_in(f, GUEST, CORE_FIXTURE_PASSWORD, &third), OK);
	struct cx cx = core_fixture_cx(f, here.session);
	struct way_in_view *ways_in;
	size_t count, current = 0, sessions = 0;
	assert_int_equal(session_list_ways_in(&cx, &ways_in, &count), OK);
	for (size_t i = 0; i < count; i++) {
		current += ways_in[i].is_current;
		sessions += ways_in[i].is_session;
	}
	assert_int_equal(current, 1);
	assert_int_equal(sessions, 4);  /* the registration's too */
	assert_int_equal(count, 4 + 3); /* password, recovery code, portal */
	assert_int_equal(session_end_one(&cx, &there.session->id), OK);
	assert_null(core_fixture_next_request(f, there.token));
	/* Nobody ends somebody else's. */
	struct cx other = core_fixture_cx(f, f->admin);
	assert_int_equal(session_end_one(&other, &third.session->id), ERR_NOT_FOUND);
	assert_non_null(core_fixture_next_request(f, third.token));
	assert_int_equal(session_end_others(&cx), OK);
	assert_null(core_fixture_next_request(f, third.token));
	assert_non_null(core_fixture_next_request(f, here.token));
	assert_int_equal(session_end(&cx), OK);
	assert_null(core_fixture_next_request(f, here.token));
	/* A cookie is no API token. */
	struct session *session;
	assert_int_equal(sign_in(f, GUEST, CORE_FIXTURE_PASSWORD, &here), OK);
	assert_int_equal(session_open(&cx, here.token, SESSION_API, &session), ERR_NOT_FOUND);
}

static void wrong_passwords_and_unknown_addresses_look_alike(void **state)
{
	static const struct {
		const char *sentence;
		struct str address, password;
	} cases[] = {
		{"a wrong password", STR("admin@example.com"), STR("violet kettle harbour 43")},
		{"no password", STR("admin@example.com"), STR("")},
		{"an unknown address", STR("nobody@example.com"), STR("violet kettle harbour 42")},
		{"somebody invited", STR("gabi@example.org"), STR("violet kettle harbour 42")},
		{"no address", STR("admin"), STR("violet kettle harbour 42")},
		{"bad UTF-8", STR("admin@example.com"), STR("\xff\xfe password")},
	};
	struct core_fixture *f = *state;
	core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("One"));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (sign_in(f, cases[i].address, cases[i].password, NULL) != ERR_DENIED)
			fail_msg("%s", cases[i].sentence);
	assert_int_equal(sign_in(f, STR(" ADMIN@example.com "), CORE_FIXTURE_PASSWORD, NULL), OK);
}

/* ---- who is who (P1) ---- */

/* P1.7 */
static void a_disabled_user_is_out_at_once(void **state)
{
	struct core_fixture *f = *state;
	struct cx admin = core_fixture_cx(f, f->admin);
	struct sign_in begun;
	core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	assert_int_equal(sign_in(f, GUEST, CORE_FIXTURE_PASSWORD, &begun), OK);
	struct id id = begun.session->user.id;
	assert_int_equal(people_enable(&admin, &id, false), OK);
	assert_null(core_fixture_next_request(f, begun.token));
	assert_int_equal(sign_in(f, GUEST, CORE_FIXTURE_PASSWORD, NULL), ERR_DENIED);
	/* Others get a sentence; a request that was running sends nothing. */
	const struct draft to_her = {.to = GUEST, .subject = STR("Hello"), .body = STR("You?")};
	const struct draft from_her = {
		.to = STR("admin@example.com"), .subject = STR("Hello"), .body = STR("Me")};
	struct form_errors errors = {0};
	assert_int_equal(core_fixture_try_send(f, f->admin, &to_her, NULL, &errors), ERR_INVALID);
	assert_string_equal(errors.items[0].field, "to");
	assert_int_equal(core_fixture_try_send(f, begun.session, &from_her, NULL, NULL),
			 ERR_DENIED);
	assert_int_equal(people_enable(&admin, &id, true), OK);
	assert_int_equal(core_fixture_try_send(f, f->admin, &to_her, NULL, NULL), OK);
	struct session *back = core_fixture_sign_in(f, GUEST, CORE_FIXTURE_PASSWORD);
	assert_int_equal(inbox(f, back).count, 2);
	assert_int_equal(core_fixture_problems(f), 0);
}

/* P1.7, before they registered. */
static void a_disabled_invitee_can_not_register(void **state)
{
	struct core_fixture *f = *state;
	struct cx admin = core_fixture_cx(f, f->admin);
	struct form_errors errors = {0};
	core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("One"));
	struct str token = core_fixture_token(f, MAIL_INVITATION, GUEST);
	struct user user = core_fixture_user(f, GUEST);
	assert_int_equal(people_enable(&admin, &user.id, false), OK);
	try_register(f, token, STR("Gabi"), CORE_FIXTURE_PASSWORD, ERR_CONFLICT, &errors);
	assert_int_equal(core_fixture_problems(f), 0);
	assert_int_equal(people_enable(&admin, &user.id, true), OK);
	core_fixture_register(f, token, STR("Gabi"));
}

/* P1.5 */
static void a_grade_changes_at_the_next_request(void **state)
{
	struct core_fixture *f = *state;
	struct cx admin = core_fixture_cx(f, f->admin);
	struct sign_in begun;
	core_fixture_person(f, STR("paul@example.com"), STR("Paul"), GRADE_PROFESSIONAL);
	assert_int_equal(sign_in(f, STR("paul@example.com"), CORE_FIXTURE_PASSWORD, &begun), OK);
	const struct draft draft = {.to = GUEST, .subject = STR("Hello"), .body = STR("You?")};
	assert_int_equal(people_set_grade(&admin, &begun.session->user.id, GRADE_GUEST), OK);
	/* Even for the session object that was opened before. */
	assert_int_equal(core_fixture_try_send(f, begun.session, &draft, NULL, NULL), ERR_INVALID);
	struct session *lowered = core_fixture_next_request(f, begun.token);
	assert_non_null(lowered);
	assert_int_equal(lowered->user.grade, GRADE_GUEST);
	assert_int_equal(core_fixture_try_send(f, lowered, &draft, NULL, NULL), ERR_INVALID);
	assert_int_equal(inbox(f, lowered).count, 1);
	assert_int_equal(people_set_grade(&admin, &lowered->user.id, GRADE_PROFESSIONAL), OK);
	struct session *raised = core_fixture_next_request(f, begun.token);
	assert_int_equal(core_fixture_try_send(f, raised, &draft, NULL, NULL), OK);
}

/* P1.5 */
static void the_last_administrator_stays(void **state)
{
	struct core_fixture *f = *state;
	struct cx admin = core_fixture_cx(f, f->admin);
	const struct id id = f->admin->user.id;
	struct form_errors errors = {0};
	assert_int_equal(people_enable(&admin, &id, false), ERR_DENIED);
	assert_int_equal(people_set_grade(&admin, &id, GRADE_GUEST), ERR_DENIED);
	/* One who is only invited can not take over yet. */
	assert_int_equal(people_add(&admin, STR("bea@example.com"), GRADE_PROFESSIONAL,
				    ROLE_ADMINISTRATOR, &errors),
			 OK);
	assert_int_equal(people_enable(&admin, &id, false), ERR_DENIED);
	struct session *second =
		core_fixture_register(
			f, core_fixture_token(f, MAIL_INVITATION, STR("bea@example.com")),
			STR("Bea"))
			.sign_in.session;
	assert_int_equal(second->user.role, ROLE_ADMINISTRATOR);
	assert_int_equal(people_set_grade(&admin, &id, GRADE_GUEST), OK);
	struct cx other = core_fixture_cx(f, second);
	assert_int_equal(people_enable(&other, &second->user.id, false), ERR_DENIED);
	/* A guest is never an administrator (P1.2). */
	assert_int_equal(people_add(&other, STR("cleo@example.com"), GRADE_GUEST,
				    ROLE_ADMINISTRATOR, &errors),
			 ERR_INVALID);
	assert_int_equal(core_fixture_user(f, STR("admin@example.com")).role, ROLE_MEMBER);
}

/* Changing people is for administrators, whoever calls. */
static void only_administrators_change_people(void **state)
{
	struct core_fixture *f = *state;
	struct session *pro =
		core_fixture_person(f, STR("paul@example.com"), STR("Paul"), GRADE_PROFESSIONAL);
	struct session *guest = core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	struct session *const sessions[] = {pro, guest};
	for (size_t i = 0; i < 2; i++) {
		struct cx cx = core_fixture_cx(f, sessions[i]);
		struct form_errors errors = {0};
		assert_int_equal(people_set_grade(&cx, &guest->user.id, GRADE_PROFESSIONAL),
				 ERR_DENIED);
		assert_int_equal(people_enable(&cx, &f->admin->user.id, false), ERR_DENIED);
		assert_int_equal(
			people_add(&cx, STR("new@example.com"), GRADE_GUEST, ROLE_MEMBER, &errors),
			ERR_DENIED);
	}
}

/* P1.6 */
static void the_last_seat(void **state)
{
	struct core_fixture *f = *state;
	struct cx admin = core_fixture_cx(f, f->admin);
	core_fixture_set(f, "seat_limit", STR("2"));
	struct session *pro =
		core_fixture_person(f, STR("paul@example.com"), STR("Paul"), GRADE_PROFESSIONAL);
	const struct draft draft = {.to = STR("quinn@example.com"),
				    .subject = STR("Hello"),
				    .body = STR("You?"),
				    .invite_as = GRADE_PROFESSIONAL};
	struct form_errors errors = {0};
	size_t mails = f->mail_count;
	assert_int_equal(core_fixture_try_send(f, f->admin, &draft, NULL, &errors), ERR_INVALID);
	assert_string_equal(errors.items[0].field, "to");
	assert_non_null(strstr(arena_cstr(&f->arena, errors.items[0].detail), "All 2 seats"));
	struct user user;
	assert_int_equal(people_find(&admin, STR("quinn@example.com"), &user), ERR_NOT_FOUND);
	core_fixture_take_mails(f);
	assert_int_equal(f->mail_count, mails);
	/* Guests are free. */
	core_fixture_person(f, GUEST, STR("Gabi"), GRADE_GUEST);
	struct id guest_id = core_fixture_user(f, GUEST).id;
	assert_int_equal(people_set_grade(&admin, &guest_id, GRADE_PROFESSIONAL), ERR_DENIED);
	assert_int_equal(people_enable(&admin, &pro->user.id, false), OK);
	assert_int_equal(people_set_grade(&admin, &guest_id, GRADE_PROFESSIONAL), OK);
	assert_int_equal(people_enable(&admin, &pro->user.id, true), ERR_DENIED);
	assert_int_equal(people_set_grade(&admin, &guest_id, GRADE_GUEST), OK);
	assert_int_equal(people_enable(&admin, &pro->user.id, true), OK);
}

/* P2.2 */
static void registration_rules(void **state)
{
	static const struct {
		const char *sentence;
		struct str address;
		enum grade chosen;
		bool is_controlled;
		bool is_refused;
		enum grade grade;
	} cases[] = {
		{"no rule: guest", STR("a1@free.example"), 0, false, false, GRADE_GUEST},
		{"no rule: the sender's choice", STR("a2@free.example"), GRADE_PROFESSIONAL, false,
		 false, GRADE_PROFESSIONAL},
		{"a rule for the domain wins over the choice", STR("a3@staff.example"), GRADE_GUEST,
		 false, false, GRADE_PROFESSIONAL},
		{"a rule for the domain is not for those below", STR("a4@sub.staff.example"),
		 GRADE_GUEST, false, false, GRADE_GUEST},
		{"a rule with a dot is for those below", STR("a5@deep.sub.group.example"),
		 GRADE_GUEST, false, false, GRADE_PROFESSIONAL},
		{"a rule with a dot is for the domain itself", STR("a6@group.example"), GRADE_GUEST,
		 false, false, GRADE_PROFESSIONAL},
		{"a longer name that only ends alike is another", STR("a7@othergroup.example"),
		 GRADE_GUEST, false, false, GRADE_GUEST},
		{"the address wins over its domain", STR("boss@staff.example"), GRADE_PROFESSIONAL,
		 false, false, GRADE_GUEST},
		{"the address in capitals is the same", STR("BOSS2@STAFF.example"),
		 GRADE_PROFESSIONAL, false, false, GRADE_GUEST},
		{"a refused domain", STR("a8@bad.example"), 0, false, true, 0},
		{"one address allowed in a refused domain", STR("good@bad.example"), 0, false,
		 false, GRADE_GUEST},
		{"controlled: no rule, refused", STR("a9@free.example"), 0, true, true, 0},
		{"controlled: a rule allows", STR("a10@staff.example"), 0, true, false,
		 GRADE_PROFESSIONAL},
		{"controlled: a rule that leaves the grade to the sender", STR("a11@open.example"),
		 GRADE_PROFESSIONAL, true, false, GRADE_PROFESSIONAL},
	};
	struct core_fixture *f = *state;
	core_fixture_rule(f, STR("staff.example"), true, GRADE_PROFESSIONAL);
	core_fixture_rule(f, STR(".group.example"), true, GRADE_PROFESSIONAL);
	core_fixture_rule(f, STR("boss@staff.example"), true, GRADE_GUEST);
	core_fixture_rule(f, STR("boss2@staff.example"), true, GRADE_GUEST);
	core_fixture_rule(f, STR("bad.example"), false, 0);
	core_fixture_rule(f, STR("good@bad.example"), true, 0);
	core_fixture_rule(f, STR("open.example"), true, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct draft draft = {.to = cases[i].address,
					    .subject = STR("Hello"),
					    .body = STR("You?"),
					    .invite_as = cases[i].chosen};
		struct form_errors errors = {0};
		core_fixture_set(f, "access",
				 cases[i].is_controlled ? STR("controlled") : STR("open"));
		enum err err = core_fixture_try_send(f, f->admin, &draft, NULL, &errors);
		if (err != (cases[i].is_refused ? ERR_INVALID : OK))
			fail_msg("%s: %s", cases[i].sentence, err_name(err));
		if (!cases[i].is_refused &&
		    core_fixture_user(f, cases[i].address).grade != cases[i].grade)
			fail_msg("%s", cases[i].sentence);
	}
	assert_int_equal(core_fixture_problems(f), 0);
}

/* P2.2: a choice for one address wins over the one for all. */
static void each_new_address_has_its_own_choice(void **state)
{
	struct core_fixture *f = *state;
	const struct invite_choice choices[] = {{STR("Pia <PIA@example.com>"), GRADE_PROFESSIONAL},
						{STR("odd@example.com"), (enum grade)77}};
	const struct draft draft = {.to = STR("pia@example.com, gus@example.com, odd@example.com"),
				    .subject = STR("Hello"),
				    .body = STR("You?"),
				    .invite_as = GRADE_GUEST,
				    .choices = choices,
				    .choice_count = 2};
	assert_int_equal(core_fixture_try_send(f, f->admin, &draft, NULL, NULL), OK);
	assert_int_equal(core_fixture_user(f, STR("pia@example.com")).grade, GRADE_PROFESSIONAL);
	assert_int_equal(core_fixture_user(f, STR("gus@example.com")).grade, GRADE_GUEST);
	assert_int_equal(core_fixture_user(f, STR("odd@example.com")).grade, GRADE_GUEST);
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
		CORE_TEST(an_older_link_is_over_when_invited_again),
		CORE_TEST_STRICT(an_older_link_is_over_when_invited_again),
		CORE_TEST(an_expired_link_is_renewed_by_mail),
		CORE_TEST(a_used_link_says_so),
		CORE_TEST(a_mangled_link_is_none),
		CORE_TEST(mistakes_in_the_registration_form),
		CORE_TEST(a_reset_keeps_the_mail),
		CORE_TEST(a_reset_link_expires_and_a_newer_one_ends_it),
		CORE_TEST_STRICT(strict_custody_needs_the_recovery_code),
		CORE_TEST_STRICT(a_new_recovery_code_ends_the_old_one),
		CORE_TEST(help_is_mailed_to_who_can_use_it),
		CORE_TEST(changing_the_password_ends_other_sessions),
		CORE_TEST(sessions_end_by_idleness_and_by_age),
		CORE_TEST(sessions_are_listed_and_ended),
		CORE_TEST(wrong_passwords_and_unknown_addresses_look_alike),
		CORE_TEST(a_disabled_user_is_out_at_once),
		CORE_TEST(a_disabled_invitee_can_not_register),
		CORE_TEST_STRICT(a_disabled_invitee_can_not_register),
		CORE_TEST(a_grade_changes_at_the_next_request),
		CORE_TEST(the_last_administrator_stays),
		CORE_TEST(only_administrators_change_people),
		CORE_TEST(the_last_seat),
		CORE_TEST(registration_rules),
		CORE_TEST(each_new_address_has_its_own_choice),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
