/* Who may do what (P1.3, P1.4, P2.1, P2.2): every cell of the table against what is written out
 * here, and through message_send() where it is about writing and inviting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/core_test_support.h"
#include "core/people.h"
#include "core/policy.h"
#include "core/portal_settings.h"

/* ---- the table ---- */

static const struct {
	const char *sentence;
	enum act act;
	bool guest, professional, administrator;
} cells[] = {
	{"everybody reads", ACT_READ, true, true, true},
	{"everybody replies", ACT_REPLY, true, true, true},
	{"everybody forwards (P4.2); to whom is another question", ACT_FORWARD, true, true, true},
	{"everybody keeps people in a reply (P1.4)", ACT_KEEP_PEOPLE_IN_REPLY, true, true, true},
	{"everybody writes to professionals", ACT_WRITE_TO_PROFESSIONAL, true, true, true},
	{"guests do not write to guests (P1.4)", ACT_WRITE_TO_GUEST, false, true, true},
	{"guests do not invite guests (P1.4)", ACT_INVITE_GUEST, false, true, true},
	{"guests do not invite professionals", ACT_INVITE_PROFESSIONAL, false, true, true},
	{"guests do not send invitations again", ACT_RESEND_INVITATION, false, true, true},
	{"guests recall nothing (P4.4)", ACT_RECALL, false, true, true},
	{"guests block nobody", ACT_BLOCK_GUEST, false, true, true},
	{"guests do not ask for signatures (P1.4)", ACT_REQUEST_SIGNATURES, false, true, true},
	{"everybody signs what they were asked to (P1.4)", ACT_SIGN, true, true, true},
	{"everybody sends files (P1.3, P1.4)", ACT_SEND_FILES, true, true, true},
	{"everybody asks for the password (P4.2)", ACT_MARK_CONFIDENTIAL, true, true, true},
	{"everybody sets a date (P4.2)", ACT_SET_EXPIRY, true, true, true},
	{"administrators administer", ACT_ADMINISTER, false, false, true},
};

static void every_cell(void **state)
{
	(void)state;
	const struct settings on = portal_settings_default();
	assert_int_equal(sizeof(cells) / sizeof(cells[0]), ACT_COUNT);
	for (size_t i = 0; i < ACT_COUNT; i++) {
		enum act act = cells[i].act;
		bool is_right =
			act == (enum act)i &&
			policy_grade_allows(&on, GRADE_GUEST, ROLE_MEMBER, act) == cells[i].guest &&
			policy_grade_allows(&on, GRADE_PROFESSIONAL, ROLE_MEMBER, act) ==
				cells[i].professional &&
			policy_grade_allows(&on, GRADE_PROFESSIONAL, ROLE_ADMINISTRATOR, act) ==
				cells[i].administrator &&
			/* A guest with the role is a guest (P1.2); what is no grade is one too. */
			policy_grade_allows(&on, GRADE_GUEST, ROLE_ADMINISTRATOR, act) ==
				cells[i].guest &&
			policy_grade_allows(&on, (enum grade)0, ROLE_ADMINISTRATOR, act) ==
				cells[i].guest;
		if (!is_right)
			fail_msg("%s", cells[i].sentence);
		for (enum user_state s = USER_INVITED; s <= USER_DISABLED; s++) {
			struct user user = {.grade = GRADE_PROFESSIONAL,
					    .role = ROLE_ADMINISTRATOR,
					    .state = s};
			assert_int_equal(policy_allows(&on, &user, act),
					 s == USER_ACTIVE && cells[i].administrator);
		}
	}
	assert_false(policy_grade_allows(&on, GRADE_PROFESSIONAL, ROLE_ADMINISTRATOR, ACT_COUNT));
	assert_false(
		policy_grade_allows(&on, GRADE_PROFESSIONAL, ROLE_ADMINISTRATOR, (enum act) - 1));
}

static void what_is_switched_off_nobody_may(void **state)
{
	static const enum feature needed[ACT_COUNT] = {
		[ACT_FORWARD] = FEATURE_FORWARDING,
		[ACT_RECALL] = FEATURE_RECALL,
		[ACT_REQUEST_SIGNATURES] = FEATURE_SIGNATURES,
		[ACT_SEND_FILES] = FEATURE_FILES,
		[ACT_MARK_CONFIDENTIAL] = FEATURE_CONFIDENTIAL,
		[ACT_SET_EXPIRY] = FEATURE_EXPIRY,
	};
	(void)state;
	for (int feature = FEATURE_ALWAYS + 1; feature < FEATURE_COUNT; feature++) {
		struct settings settings = portal_settings_default();
		settings.is_off[feature] = true;
		for (size_t i = 0; i < ACT_COUNT; i++) {
			/* Documents to sign are files. */
			bool is_on = needed[i] != (enum feature)feature &&
				     (needed[i] != FEATURE_SIGNATURES || feature != FEATURE_FILES);
			if (policy_grade_allows(&settings, GRADE_PROFESSIONAL, ROLE_ADMINISTRATOR,
						(enum act)i) != (is_on && cells[i].administrator))
				fail_msg("%d: %s", feature, cells[i].sentence);
		}
	}
}

/* ---- through message_send() ---- */

static struct session *gabi, *hugo, *paul;

static void meet(struct core_fixture *f)
{
	gabi = core_fixture_person(f, STR("gabi@example.org"), STR("Gabi"), GRADE_GUEST);
	hugo = core_fixture_person(f, STR("hugo@example.org"), STR("Hugo"), GRADE_GUEST);
	paul = core_fixture_person(f, STR("paul@example.com"), STR("Paul"), GRADE_PROFESSIONAL);
	/* Invited, not registered. */
	core_fixture_send(f, f->admin, STR("ivo@example.org"), STR("Hello"), STR("You?"));
}

enum who { AS_GUEST, AS_PROFESSIONAL, AS_ADMINISTRATOR };

static struct session *session_of(struct core_fixture *f, enum who who)
{
	return who == AS_GUEST ? gabi : who == AS_PROFESSIONAL ? paul : f->admin;
}

static void new_messages(void **state)
{
	static const struct {
		const char *sentence;
		enum who who;
		struct str to, cc, bcc;
		const char *refused_in; /* field; NULL: it goes */
	} cases[] = {
		{"a guest writes to a professional", AS_GUEST, STR("paul@example.com"), STR(""),
		 STR(""), NULL},
		{"a guest writes to an administrator", AS_GUEST, STR("admin@example.com"), STR(""),
		 STR(""), NULL},
		{"a guest may not write to a guest", AS_GUEST, STR("hugo@example.org"), STR(""),
		 STR(""), "to"},
		{"a guest may not write to a guest by Cc", AS_GUEST, STR("paul@example.com"),
		 STR("hugo@example.org"), STR(""), "cc"},
		{"a guest may not write to a guest by Bcc", AS_GUEST, STR("paul@example.com"),
		 STR(""), STR("hugo@example.org"), "bcc"},
		{"a guest may not write to an invited guest", AS_GUEST, STR("ivo@example.org"),
		 STR(""), STR(""), "to"},
		{"a guest may not invite", AS_GUEST, STR("new1@example.org"), STR(""), STR(""),
		 "to"},
		{"a guest may not invite by Cc", AS_GUEST, STR("paul@example.com"),
		 STR("new2@example.org"), STR(""), "cc"},
		{"a guest may not invite by Bcc", AS_GUEST, STR("paul@example.com"), STR(""),
		 STR("new3@example.org"), "bcc"},
		{"a professional writes to a guest", AS_PROFESSIONAL, STR("gabi@example.org"),
		 STR(""), STR(""), NULL},
		{"a professional writes to an invited guest", AS_PROFESSIONAL,
		 STR("ivo@example.org"), STR(""), STR(""), NULL},
		{"a professional invites", AS_PROFESSIONAL, STR("new4@example.org"), STR(""),
		 STR(""), NULL},
		{"a professional invites by Bcc", AS_PROFESSIONAL, STR("gabi@example.org"), STR(""),
		 STR("new5@example.org"), NULL},
		{"an administrator invites", AS_ADMINISTRATOR, STR("new6@example.org"), STR(""),
		 STR(""), NULL},
		{"nobody writes to themselves", AS_PROFESSIONAL, STR("Paul@Example.com"), STR(""),
		 STR(""), "to"},
		{"nobody is addressed by a word", AS_PROFESSIONAL, STR("gabi"), STR(""), STR(""),
		 "to"},
		{"somebody must be addressed", AS_PROFESSIONAL, STR(" ,; \n"), STR(""), STR(""),
		 "to"},
		{"one bad address stops all", AS_PROFESSIONAL, STR("new7@example.org"), STR("x@"),
		 STR(""), "cc"},
	};
	struct core_fixture *f = *state;
	meet(f);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct draft draft = {.to = cases[i].to,
					    .cc = cases[i].cc,
					    .bcc = cases[i].bcc,
					    .subject = STR("x"),
					    .body = STR("y")};
		struct session *session = session_of(f, cases[i].who);
		struct form_errors errors = {0};
		core_fixture_take_mails(f);
		size_t mails = f->mail_count;
		enum err err = core_fixture_try_send(f, session, &draft, NULL, &errors);
		core_fixture_take_mails(f);
		if (cases[i].refused_in == NULL) {
			if (err != OK || f->mail_count == mails)
				fail_msg("%s: %s", cases[i].sentence, err_name(err));
			continue;
		}
		if (err != ERR_INVALID || errors.count != 1 ||
		    strcmp(errors.items[0].field, cases[i].refused_in) != 0 ||
		    f->mail_count != mails)
			fail_msg("%s", cases[i].sentence);
		/* The same said before sending. */
		struct cx cx = core_fixture_cx(f, session);
		struct form_errors before = {0};
		struct addressing addressing;
		assert_int_equal(message_address(&cx, &draft, &addressing, &before), ERR_INVALID);
		assert_string_equal(before.items[0].field, cases[i].refused_in);
	}
	assert_int_equal(core_fixture_problems(f), 0);
}

/* The words around the address. */
static struct str said_of(struct arena *arena, struct str detail, const char *address)
{
	ptrdiff_t at = str_find(detail, str_of(address));
	if (at < 0)
		fail_msg("%.*s", STR_ARGS(detail));
	size_t after = (size_t)at + strlen(address);
	return arena_printf(arena, "%.*s...%.*s", (int)at, detail.data,
			    STR_ARGS(str_slice(detail, after, detail.len - after)));
}

/* What a guest is told says nothing about who is here. */
static void a_guest_is_told_the_same_for_known_and_unknown(void **state)
{
	static const char *const addresses[] = {"hugo@example.org", "ivo@example.org",
						"dora@example.org", "zero@example.org"};
	struct core_fixture *f = *state;
	meet(f);
	struct session *dora =
		core_fixture_person(f, STR("dora@example.org"), STR("Dora"), GRADE_GUEST);
	struct cx admin = core_fixture_cx(f, f->admin);
	assert_int_equal(people_enable(&admin, &dora->user.id, false), OK);
	core_fixture_rule(f, STR("zero@example.org"), false, 0);
	struct str first = STR_NONE;
	for (size_t i = 0; i < 4; i++) {
		const struct draft draft = {
			.to = str_of(addresses[i]), .subject = STR("x"), .body = STR("y")};
		struct form_errors errors = {0};
		assert_int_equal(core_fixture_try_send(f, gabi, &draft, NULL, &errors),
				 ERR_INVALID);
		struct str said = said_of(&f->arena, errors.items[0].detail, addresses[i]);
		if (i == 0)
			first = said;
		assert_true(str_eq(first, said));
	}
	assert_true(str_starts_with(first, STR("As a guest you can write to the staff of ")));
}

/* P1.4: in a reply. */
static void replies_of_a_guest(void **state)
{
	static const struct {
		const char *sentence;
		struct str to;
		bool is_refused;
	} cases[] = {
		{"the sender", STR("paul@example.com"), false},
		{"a guest who is on it already", STR("paul@example.com, hugo@example.org"), false},
		{"only that guest", STR("hugo@example.org"), false},
		{"one more professional", STR("paul@example.com, admin@example.com"), false},
		{"one more guest", STR("paul@example.com, karl@example.org"), true},
		{"an invited guest who is on it", STR("ivo@example.org"), false},
		{"an unknown address", STR("paul@example.com, new@example.org"), true},
		{"a guest who is on it, but hidden", STR("paul@example.com, bert@example.org"),
		 true},
	};
	struct core_fixture *f = *state;
	meet(f);
	core_fixture_person(f, STR("karl@example.org"), STR("Karl"), GRADE_GUEST);
	struct session *bert =
		core_fixture_person(f, STR("bert@example.org"), STR("Bert"), GRADE_GUEST);
	const struct draft draft = {.to = STR("gabi@example.org, ivo@example.org"),
				    .cc = STR("hugo@example.org"),
				    .bcc = STR("bert@example.org"),
				    .subject = STR("Plan"),
				    .body = STR("See below.")};
	struct sent sent;
	assert_int_equal(core_fixture_try_send(f, paul, &draft, &sent, NULL), OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct draft answer = {.to = cases[i].to,
					     .subject = STR("Re: Plan"),
					     .body = STR("y"),
					     .reply_to = sent.id};
		struct form_errors errors = {0};
		enum err err = core_fixture_try_send(f, gabi, &answer, NULL, &errors);
		if (err != (cases[i].is_refused ? ERR_INVALID : OK))
			fail_msg("%s: %s", cases[i].sentence, err_name(err));
		/* The sentence is about answers. */
		assert_true(err == OK || str_find(errors.items[0].detail,
						  STR("can only be added by our own staff")) >= 0);
	}
	/* Nobody answers what they never got. */
	const struct draft foreign = {.to = STR("paul@example.com"),
				      .subject = STR("x"),
				      .body = STR("y"),
				      .reply_to = sent.id};
	struct session *karl =
		core_fixture_sign_in(f, STR("karl@example.org"), CORE_FIXTURE_PASSWORD);
	assert_int_equal(core_fixture_try_send(f, karl, &foreign, NULL, NULL), ERR_NOT_FOUND);

	/* Reply-all keeps the guest and names nobody hidden. */
	struct cx cx = core_fixture_cx(f, gabi);
	struct draft all;
	assert_int_equal(message_reply_draft(&cx, &sent.id, true, &all), OK);
	assert_true(str_find(all.to, STR("paul@example.com")) >= 0);
	assert_true(str_find(all.to, STR("ivo@example.org")) >= 0);
	assert_true(str_find(all.cc, STR("hugo@example.org")) >= 0);
	assert_true(str_find(all.to, STR("bert")) < 0 && str_find(all.cc, STR("bert")) < 0);
	assert_true(str_find(all.to, STR("gabi")) < 0 && str_find(all.cc, STR("gabi")) < 0);
	all.body = STR("Fine.");
	assert_int_equal(core_fixture_try_send(f, gabi, &all, NULL, NULL), OK);
	struct draft one;
	assert_int_equal(message_reply_draft(&cx, &sent.id, false, &one), OK);
	assert_true(str_eq(one.to, STR("paul@example.com")));
	assert_int_equal(one.cc.len, 0);
	/* Somebody hidden may answer, and keep those whom they see. */
	struct cx cx_bert = core_fixture_cx(f, bert);
	assert_int_equal(message_reply_draft(&cx_bert, &sent.id, true, &all), OK);
	all.body = STR("Fine.");
	assert_int_equal(core_fixture_try_send(f, bert, &all, NULL, NULL), OK);
}

static bool sees(struct core_fixture *f, struct session *session, const struct id *id,
		 const char *address)
{
	struct message_view view = core_fixture_open(f, session, id);
	for (size_t i = 0; i < view.people_count; i++)
		if (str_eq(view.people[i].address, str_of(address)))
			return true;
	return false;
}

/* P4.1: a Bcc person is seen by the sender and by themselves. */
static void bcc_is_private(void **state)
{
	struct core_fixture *f = *state;
	meet(f);
	const struct draft draft = {.to = STR("gabi@example.org"),
				    .cc = STR("admin@example.com"),
				    .bcc = STR("hugo@example.org"),
				    .subject = STR("Plan"),
				    .body = STR("See below.")};
	struct sent sent;
	assert_int_equal(core_fixture_try_send(f, paul, &draft, &sent, NULL), OK);
	assert_true(sees(f, paul, &sent.id, "hugo@example.org"));
	assert_true(sees(f, hugo, &sent.id, "hugo@example.org"));
	assert_false(sees(f, gabi, &sent.id, "hugo@example.org"));
	assert_false(sees(f, f->admin, &sent.id, "hugo@example.org"));
	assert_true(sees(f, gabi, &sent.id, "admin@example.com"));
	/* Tracking is for the sender alone. */
	struct message_view view = core_fixture_open(f, gabi, &sent.id);
	for (size_t i = 0; i < view.people_count; i++) {
		assert_int_equal(view.people[i].opened_ms, 0);
		assert_int_equal(view.people[i].mail, MAIL_NONE);
		assert_false(view.people[i].can_resend_invitation);
	}
	struct cx cx = core_fixture_cx(f, paul);
	struct message_list list;
	assert_int_equal(mailbox_list(&cx, BOX_SENT, STR(""), 10, &list), OK);
	assert_true(str_find(list.rows[0].people, STR("Hugo")) >= 0);
	/* Nobody else opens it at all. */
	struct session *karl =
		core_fixture_person(f, STR("karl@example.org"), STR("Karl"), GRADE_GUEST);
	struct cx other = core_fixture_cx(f, karl);
	assert_int_equal(mailbox_open(&other, &sent.id, &view), ERR_NOT_FOUND);
	/* A guest is offered only professionals they know: not who was hidden. */
	struct person *people;
	size_t count;
	struct cx cx_gabi = core_fixture_cx(f, gabi);
	assert_int_equal(message_suggest(&cx_gabi, STR("hug"), &people, &count), OK);
	assert_int_equal(count, 0);
	assert_int_equal(message_suggest(&cx_gabi, STR("pAU"), &people, &count), OK);
	assert_int_equal(count, 1);
	struct cx cx_karl = core_fixture_cx(f, karl);
	assert_int_equal(message_suggest(&cx_karl, STR("paul"), &people, &count), OK);
	assert_int_equal(count, 0);
	assert_int_equal(message_suggest(&cx, STR("hug"), &people, &count), OK);
	assert_int_equal(count, 1);
	assert_int_equal(message_suggest(&cx, STR("%"), &people, &count), OK);
	assert_int_equal(count, 0);
}

/* P2.3: who may send an invitation again. */
static void inviting_again(void **state)
{
	struct core_fixture *f = *state;
	meet(f);
	core_fixture_send(f, paul, STR("nina@example.org"), STR("Hello"), STR("You?"));
	struct session *quinn =
		core_fixture_person(f, STR("quinn@example.com"), STR("Quinn"), GRADE_PROFESSIONAL);
	struct user nina = core_fixture_user(f, STR("nina@example.org"));
	const struct {
		struct session *session;
		enum err expected;
	} cases[] = {{gabi, ERR_NOT_FOUND}, {quinn, ERR_NOT_FOUND}, {paul, OK}, {f->admin, OK}};
	for (size_t i = 0; i < 4; i++) {
		struct cx cx = core_fixture_cx(f, cases[i].session);
		assert_int_equal(message_resend_invitation(&cx, &nina.id), cases[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(every_cell),
		CORE_TEST(what_is_switched_off_nobody_may),
		CORE_TEST(new_messages),
		CORE_TEST(a_guest_is_told_the_same_for_known_and_unknown),
		CORE_TEST(replies_of_a_guest),
		CORE_TEST(bcc_is_private),
		CORE_TEST(inviting_again),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
