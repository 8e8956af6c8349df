/* Options of messages (P4.2): enforced here, whatever a page shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/options_test_support.h"

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

/* P4.2: its sender may hand it on, but does not free it by that. */
static void a_forward_of_ones_own_keeps_no_forwarding(void **state)
{
	struct core_fixture *f = *state;
	meet(f);
	struct form_errors errors = {0};
	struct id id = send_with(f, f->admin, BEN, OPTION_NO_FORWARD | OPTION_NO_REPLY, STR(""));
	struct draft draft = {.to = CARA, .subject = STR("Fwd"), .forward_of = id};
	struct id forward = send(f, f->admin, &draft);
	struct message_view view = core_fixture_open(f, cara, &forward);
	assert_int_equal(view.options, OPTION_NO_FORWARD);
	assert_int_equal(view.acts.forward, REFUSAL_NO_FORWARD);
	draft = (struct draft){.to = BEN, .subject = STR("Fwd"), .forward_of = forward};
	assert_int_equal(core_fixture_try_send(f, cara, &draft, NULL, &errors), ERR_DENIED);
	draft = (struct draft){.to = CARA,
			       .subject = STR("Fwd"),
			       .forward_of = id,
			       .options_off = OPTION_NO_FORWARD};
	errors.count = 0;
	assert_int_equal(core_fixture_try_send(f, f->admin, &draft, NULL, &errors), ERR_INVALID);
	assert_true(form_errors_for(&errors, "options").len > 0);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(options_bind_the_recipients),
		CORE_TEST(without_reply_all_an_answer_goes_to_the_sender_alone),
		CORE_TEST(answers_inherit),
		CORE_TEST(a_forward_of_ones_own_keeps_no_forwarding),
		CORE_TEST(contradictions_and_odd_dates),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
