/* Options of messages (P4.2): enforced here, whatever a page shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "core/core_test_support.h"
#include "core/housekeeping.h"
#include "core/mailbox_move.h"
#include "store/store_direct.h"

#define BEN STR("ben@example.com")
#define CARA STR("cara@example.com")
#define GABI STR("gabi@example.org")
#define HUGO STR("hugo@example.org")

static struct session *ben, *cara, *gabi, *hugo;

static void meet(struct core_fixture *f)
{
	ben = core_fixture_person(f, BEN, STR("Ben"), GRADE_PROFESSIONAL);
	cara = core_fixture_person(f, CARA, STR("Cara"), GRADE_PROFESSIONAL);
	gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	hugo = core_fixture_person(f, HUGO, STR("Hugo"), GRADE_GUEST);
	core_fixture_sleep(f, SECOND_MS);
}

static struct id send(struct core_fixture *f, struct session *session, const struct draft *draft)
{
	struct sent sent;
	struct form_errors errors = {0};
	enum err err = core_fixture_try_send(f, session, draft, &sent, &errors);
	if (err != OK)
		fail_msg("%s: %.*s", err_name(err), STR_ARGS(errors.items[0].detail));
	core_fixture_sleep(f, 1);
	return sent.id;
}

static struct id send_with(struct core_fixture *f, struct session *from, struct str to,
			   unsigned options, struct str expires)
{
	const struct draft draft = {.to = to,
				    .subject = STR("Report"),
				    .body = STR("The secret"),
				    .options = options,
				    .expires = expires};
	return send(f, from, &draft);
}

/* An answer, to whom the core itself proposes. */
static enum err answer(struct core_fixture *f, struct session *session, const struct id *id,
		       bool is_to_all, struct form_errors *errors, struct sent *ret)
{
	struct cx cx = core_fixture_cx(f, session);
	struct draft draft;
	assert_int_equal(message_reply_draft(&cx, id, is_to_all, &draft), OK);
	draft.body = STR("Thank you");
	return core_fixture_try_send(f, session, &draft, ret, errors);
}

static enum err forward(struct core_fixture *f, struct session *session, const struct id *id,
			struct str to, struct form_errors *errors, struct sent *ret)
{
	const struct draft draft = {.to = to, .subject = STR("Fwd: Report"), .forward_of = *id};
	enum err err = core_fixture_try_send(f, session, &draft, ret, errors);
	core_fixture_sleep(f, 1);
	return err;
}

static struct id forwarded(struct core_fixture *f, struct session *session, const struct id *id,
			   struct str to)
{
	struct form_errors errors = {0};
	struct sent sent;
	enum err err = forward(f, session, id, to, &errors, &sent);
	if (err != OK)
		fail_msg("%s: %.*s", err_name(err), STR_ARGS(errors.items[0].detail));
	return sent.id;
}

static void assert_refused(enum err err, enum err expected, const struct form_errors *errors,
			   const char *field, enum text_id sentence)
{
	struct str said = form_errors_for(errors, field);
	if (err != expected || errors->count != 1 ||
	    !str_eq(said, text_get(language_find(STR("en")), sentence)))
		fail_msg("%s, %zu: %.*s", err_name(err), errors->count, STR_ARGS(said));
}

/* ---- what an option forbids ---- */

static void options_bind_the_recipients(void **state)
{
	struct core_fixture *f = *state;
	meet(f);
	const struct {
		const char *sentence;
		unsigned options;
		struct session *who;
		enum err reply, reply_all, forward;
	} cases[] = {
		{"without options all goes", 0, ben, OK, OK, OK},
		{"no forwarding", OPTION_NO_FORWARD, ben, OK, OK, ERR_DENIED},
		{"no reply-all", OPTION_NO_REPLY_ALL, ben, OK, ERR_INVALID, OK},
		{"no reply is no reply-all either", OPTION_NO_REPLY, ben, ERR_DENIED, ERR_DENIED,
		 OK},
		{"confidential is not handed on", OPTION_CONFIDENTIAL, ben, OK, OK, ERR_DENIED},
		{"a guest is bound too", OPTION_NO_FORWARD | OPTION_NO_REPLY, gabi, ERR_DENIED,
		 ERR_DENIED, ERR_DENIED},
		{"the sender is not", OPTION_NO_FORWARD | OPTION_NO_REPLY, f->admin, OK, OK, OK},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct form_errors errors[3] = {0};
		struct sent sent;
		struct id id = send_with(f, f->admin, STR("ben@example.com, gabi@example.org"),
					 cases[i].options, STR(""));
		enum err reply = answer(f, cases[i].who, &id, false, &errors[0], &sent);
		enum err all = answer(f, cases[i].who, &id, true, &errors[1], &sent);
		enum err fwd = forward(f, cases[i].who, &id, CARA, &errors[2], &sent);
		if (reply != cases[i].reply || all != cases[i].reply_all || fwd != cases[i].forward)
			fail_msg("%s: %s, %s, %s", cases[i].sentence, err_name(reply),
				 err_name(all), err_name(fwd));
		for (size_t e = 0; e < 3; e++)
			assert_true((errors[e].count > 0) ==
				    ((enum err[]){reply, all, fwd}[e] != OK));
	}
	assert_int_equal(core_fixture_problems(f), 0);
}

static void without_reply_all_an_answer_goes_to_the_sender_alone(void **state)
{
	struct core_fixture *f = *state;
	meet(f);
	struct id id = send_with(f, f->admin, STR("ben@example.com, cara@example.com"),
				 OPTION_NO_REPLY_ALL, STR(""));
	const struct {
		const char *sentence;
		struct draft draft;
		const char *field; /* NULL: it goes */
	} cases[] = {
		{"to the sender", {.to = STR("admin@example.com")}, NULL},
		{"and somebody in To", {.to = STR("admin@example.com, cara@example.com")}, "to"},
		{"and somebody in Cc", {.to = STR("admin@example.com"), .cc = CARA}, "cc"},
		{"and somebody in Bcc", {.to = STR("admin@example.com"), .bcc = CARA}, "bcc"},
		{"and somebody new", {.to = STR("admin@example.com, new@example.net")}, "to"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct form_errors errors = {0};
		struct draft draft = cases[i].draft;
		draft.reply_to = id;
		draft.body = STR("x");
		enum err err = core_fixture_try_send(f, ben, &draft, NULL, &errors);
		if (cases[i].field ? err != ERR_INVALID || errors.count != 1 ||
					     strcmp(errors.items[0].field, cases[i].field) != 0
				   : err != OK)
			fail_msg("%s: %s", cases[i].sentence, err_name(err));
	}
}

static void answers_inherit(void **state)
{
	struct core_fixture *f = *state;
	meet(f);
	struct form_errors errors = {0};
	struct sent sent;
	struct id id = send_with(f, f->admin, BEN, OPTION_NO_FORWARD | OPTION_CONFIDENTIAL,
				 STR("2026-02-01"));
	assert_int_equal(answer(f, ben, &id, false, &errors, &sent), OK);
	struct message_view view = core_fixture_open(f, f->admin, &sent.id);
	assert_int_equal(view.options, OPTION_NO_FORWARD | OPTION_CONFIDENTIAL);
	assert_int_equal(view.expires_ms, core_fixture_open(f, f->admin, &id).expires_ms);
	assert_int_equal(view.acts.forward, REFUSAL_NO_FORWARD);
	/* More may be set, nothing may be taken off. */
	const struct {
		const char *sentence;
		unsigned on, off;
		struct str expires;
		const char *field; /* NULL: it goes */
	} cases[] = {
		{"one more", OPTION_NO_REPLY, 0, STR(""), NULL},
		{"said again", OPTION_CONFIDENTIAL, 0, STR(""), NULL},
		{"off", 0, OPTION_CONFIDENTIAL, STR(""), "options"},
		{"another one off", 0, OPTION_NO_REPLY, STR(""), NULL},
		{"an earlier end", 0, 0, STR("2026-01-15"), NULL},
		{"a later end", 0, 0, STR("2026-03-15"), "expires_at"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct draft draft = {.to = STR("admin@example.com"),
					    .body = STR("x"),
					    .reply_to = id,
					    .options = cases[i].on,
					    .options_off = cases[i].off,
					    .expires = cases[i].expires};
		errors.count = 0;
		enum err err = core_fixture_try_send(f, ben, &draft, NULL, &errors);
		if (cases[i].field ? err != ERR_INVALID || errors.count != 1 ||
					     strcmp(errors.items[0].field, cases[i].field) != 0
				   : err != OK)
			fail_msg("%s: %s", cases[i].sentence, err_name(err));
	}
}

static void contradictions_and_odd_dates(void **state)
{
	struct core_fixture *f = *state;
	meet(f);
	const struct id id = send_with(f, f->admin, BEN, 0, STR(""));
	const struct {
		const char *sentence;
		struct draft draft;
		const char *field; /* NULL: it goes */
		enum text_id said;
	} cases[] = {
		{"no reply, but reply-all",
		 {.options = OPTION_NO_REPLY, .options_off = OPTION_NO_REPLY_ALL},
		 "options",
		 TEXT_ERROR_OPTIONS_CONTRADICT},
		{"on and off",
		 {.options = OPTION_NO_FORWARD, .options_off = OPTION_NO_FORWARD},
		 "options",
		 TEXT_ERROR_OPTIONS_CONTRADICT},
		{"options that do not exist are none", {.options = 0xfffffff0}, NULL, 0},
		{"yesterday", {.expires = STR("2025-12-31")}, "expires_at", TEXT_ERROR_EXPIRY_PAST},
		{"today", {.expires = STR("2026-01-01")}, NULL, 0},
		{"this very moment",
		 {.expires = STR("2026-01-01T00:00:00Z")},
		 "expires_at",
		 TEXT_ERROR_EXPIRY_PAST},
		{"in the year 9999", {.expires = STR("9999-12-31")}, "expires_at", 0},
		{"30 February",
		 {.expires = STR("2026-02-30")},
		 "expires_at",
		 TEXT_ERROR_EXPIRY_BAD},
		{"words", {.expires = STR("tomorrow")}, "expires_at", TEXT_ERROR_EXPIRY_BAD},
		{"a NUL", {.expires = STR("2026-02-01\0")}, "expires_at", TEXT_ERROR_EXPIRY_BAD},
		{"an answer that forwards",
		 {.reply_to = id, .forward_of = id},
		 "forward_of",
		 TEXT_ERROR_ANSWER_OR_FORWARD},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct form_errors errors = {0};
		struct draft draft = cases[i].draft;
		draft.to = BEN;
		draft.body = STR("x");
		enum err err = core_fixture_try_send(f, f->admin, &draft, NULL, &errors);
		if (cases[i].field == NULL) {
			if (err != OK)
				fail_msg("%s: %s", cases[i].sentence, err_name(err));
			continue;
		}
		if (err != ERR_INVALID || errors.count != 1 ||
		    strcmp(errors.items[0].field, cases[i].field) != 0)
			fail_msg("%s: %s", cases[i].sentence, err_name(err));
		if (cases[i].said)
			assert_refused(err, ERR_INVALID, &errors, cases[i].field, cases[i].said);
	}
}

/* ---- forwarding ---- */

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

static int64_t count(struct core_fixture *f, const char *sql)
{
	char *value = store_direct_read(f->url, sql);
	int64_t number = value ? strtoll(value, NULL, 10) : -1;
	free(value);
	return number;
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

/* ---- expiry ---- */

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
		CORE_TEST(options_bind_the_recipients),
		CORE_TEST(without_reply_all_an_answer_goes_to_the_sender_alone),
		CORE_TEST(answers_inherit),
		CORE_TEST(contradictions_and_odd_dates),
		CORE_TEST(a_forward_hands_on_the_key_and_no_text),
		CORE_TEST(forwarding_follows_the_policy),
		CORE_TEST(somebody_added_to_an_answer_sees_what_is_answered),
		CORE_TEST(a_chain_has_an_end),
		CORE_TEST(what_is_quoted_can_not_be_moved),
		CORE_TEST(a_deleted_forward_takes_along_what_it_forwards),
		CORE_TEST(after_its_date_a_message_is_its_subject),
		CORE_TEST(who_registers_before_the_date_keeps_the_notice),
		CORE_TEST(a_confidential_message_asks_at_every_opening),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
