/* Other addresses of a person: asked for, confirmed, turned back (core/address_change.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "core/account.h"
#include "core/address_change.h"
#include "core/audit_test_support.h"
#include "core/core_test_support.h"
#include "core/people.h"
#include "core/people_erase.h"
#include "core/people_search.h"
#include "store/store_direct.h"

#define GABI STR("gabi@example.org")
#define NEW STR("gabriele@example.net")
#define BEN STR("ben@example.org")
#define PRO STR("paul@example.com")
#define WRONG STR("wrong password!")
#define NEW_PASSWORD STR("copper lantern meadow 7")

/* ---- steps ---- */

static enum err ask(struct core_fixture *f, struct session *session, const struct id *user_id,
		    struct str address, bool is_alias, struct form_errors *errors)
{
	struct cx cx = core_fixture_cx(f, session);
	struct address_ask ask = {.user_id = *user_id,
				  .address = address,
				  .is_alias = is_alias,
				  .password = CORE_FIXTURE_PASSWORD};
	errors->count = 0;
	return address_change_ask(&cx, &ask, errors);
}

static struct str asked(struct core_fixture *f, struct session *session, const struct id *user_id,
			struct str address, bool is_alias)
{
	struct form_errors errors;
	core_fixture_sleep(f, SECOND_MS);
	if (ask(f, session, user_id, address, is_alias, &errors) != OK)
		fail_msg("%.*s", STR_ARGS(errors.items[0].detail));
	return core_fixture_token(f, MAIL_ADDRESS, address);
}

static enum err confirm(struct core_fixture *f, struct session *session, struct str token,
			struct str password, struct form_errors *errors)
{
	struct cx cx = core_fixture_cx(f, session);
	errors->count = 0;
	return address_change_confirm(&cx, token, password, errors);
}

static void confirmed(struct core_fixture *f, struct session *session, struct str token)
{
	struct form_errors errors;
	if (confirm(f, session, token, CORE_FIXTURE_PASSWORD, &errors) != OK)
		fail_msg("%.*s", STR_ARGS(errors.items[0].detail));
}

static struct address_link look(struct core_fixture *f, struct session *session, struct str token)
{
	struct cx cx = core_fixture_cx(f, session);
	struct address_link link;
	assert_int_equal(address_change_link(&cx, token, &link), OK);
	return link;
}

static struct addresses addresses_of(struct core_fixture *f, const struct id *user_id)
{
	struct cx cx = core_fixture_cx(f, f->admin);
	struct addresses addresses;
	assert_int_equal(address_change_look(&cx, user_id, &addresses), OK);
	return addresses;
}

static void alias_added(struct core_fixture *f, struct session *session, struct str address)
{
	confirmed(f, session, asked(f, session, &session->user.id, address, true));
}

static void tell(void *argument, struct cx *cx, const struct audit_problem *problem)
{
	struct audit_problem *last = argument;
	assert_true(audit_problem_sentence(cx, problem).len > 20);
	*last = *problem;
}

/* The last problem of the log, how many there are. */
static int64_t verify(struct core_fixture *f, struct audit_problem *ret_last)
{
	struct cx cx = core_fixture_cx(f, NULL);
	struct audit_report report;
	assert_int_equal(audit_verify(&cx, f->portal->checkpoints, tell, ret_last, &report), OK);
	return report.problems;
}

static void expect_whole(struct core_fixture *f)
{
	struct audit_problem problem = {.number = 0};
	if (verify(f, &problem) != 0)
		fail_msg("%s: %.*s, not %.*s", audit_problem_word(problem.kind),
			 STR_ARGS(problem.is), STR_ARGS(problem.said));
	assert_int_equal(core_fixture_problems(f), 0);
}

/* ---- a new address ---- */

static void a_new_address_holds_once_it_is_confirmed(void **state)
{
	struct core_fixture *f = *state;
	struct form_errors errors;
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	struct sign_in there;
	const struct id id = gabi->user.id;
	assert_int_equal(core_test_sign_in(f, GABI, CORE_FIXTURE_PASSWORD, &there), OK);
	struct str token = asked(f, gabi, &id, NEW, false);
	audit_test_says(f, AUDIT_ADDRESS_ASKED, &id,
			"Gabi asked to confirm gabriele@example.net as an address of Gabi. It does "
			"not hold yet.");
	/* Nothing holds yet, and looking changes nothing. */
	for (int i = 0; i < 2; i++) {
		struct address_link link = look(f, NULL, token);
		assert_int_equal(link.state, ADDRESS_LINK_GOOD);
		assert_true(link.needs_password);
		assert_str(link.address, NEW);
	}
	assert_str(addresses_of(f, &id).user.address, GABI);
	assert_int_equal(addresses_of(f, &id).pending_count, 1);
	assert_int_equal(core_test_sign_in(f, NEW, CORE_FIXTURE_PASSWORD, NULL), ERR_DENIED);
	/* She has asked with her password and is signed in: that is enough. */
	assert_false(look(f, gabi, token).needs_password);
	assert_int_equal(confirm(f, gabi, token, STR(""), &errors), OK);
	struct addresses now = addresses_of(f, &id);
	assert_str(now.user.address, NEW);
	assert_int_equal(now.user.grade, GRADE_GUEST);
	assert_int_equal(now.alias_count, 1);
	assert_str(now.aliases[0].address, GABI);
	assert_int_equal(now.pending_count, 0);
	audit_test_says(f, AUDIT_USER_ADDRESS, &id,
			"Gabi changed an address of Gabi from gabi@example.org to "
			"gabriele@example.net.");
	/* Once. */
	assert_int_equal(confirm(f, gabi, token, STR(""), &errors), ERR_CONFLICT);
	assert_int_equal(look(f, NULL, token).state, ADDRESS_LINK_USED);
	/* Sessions go on; both addresses sign in. */
	assert_non_null(core_fixture_next_request(f, there.token));
	assert_int_equal(core_test_sign_in(f, NEW, CORE_FIXTURE_PASSWORD, NULL), OK);
	assert_int_equal(core_test_sign_in(f, GABI, CORE_FIXTURE_PASSWORD, NULL), OK);
	/* The notice goes to the old mailbox, which is not told the new one; mails to the new one.
	 */
	assert_int_equal(core_fixture_count_mails(f, MAIL_ADDRESS_CHANGED, GABI), 1);
	assert_int_equal(core_fixture_count_mails(f, MAIL_ADDRESS_CHANGED, NEW), 0);
	core_fixture_send(f, f->admin, GABI, STR("To the old one"), STR("B"));
	core_fixture_send(f, f->admin, NEW, STR("To the new one"), STR("B"));
	assert_int_equal(core_fixture_count_mails(f, MAIL_NOTIFICATION, NEW), 2);
	assert_int_equal(core_test_inbox(f, gabi).count, 3);
	expect_whole(f);
}

/* P2.7: nobody else takes an account over by naming a mailbox of theirs. */
static void only_the_person_confirms(void **state)
{
	struct core_fixture *f = *state;
	struct form_errors errors;
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	struct session *ben = core_fixture_person(f, BEN, STR("Ben"), GRADE_GUEST);
	const struct id id = gabi->user.id;
	assert_int_equal(ask(f, ben, &id, NEW, false, &errors), ERR_DENIED);
	assert_int_equal(ask(f, NULL, &id, NEW, false, &errors), OK);
	struct str token = asked(f, f->admin, &id, NEW, false);
	struct session *others[] = {NULL, f->admin, ben, gabi};
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_true(look(f, others[i], token).needs_password);
		assert_int_equal(confirm(f, others[i], token, WRONG, &errors), ERR_INVALID);
		assert_string_equal(errors.items[0].field, "current");
	}
	assert_str(addresses_of(f, &id).user.address, GABI);
	assert_int_equal(confirm(f, NULL, token, CORE_FIXTURE_PASSWORD, &errors), OK);
	assert_str(addresses_of(f, &id).user.address, NEW);
	/* Asking oneself needs the password, of administrators too. */
	struct cx cx = core_fixture_cx(f, f->admin);
	struct address_ask own = {
		.user_id = f->admin->user.id, .address = STR("ada@example.net"), .password = WRONG};
	assert_int_equal(address_change_ask(&cx, &own, &errors), ERR_INVALID);
	assert_string_equal(errors.items[0].field, "current");
	/* Others see nothing of it. */
	struct cx bens = core_fixture_cx(f, ben);
	struct addresses seen;
	assert_int_equal(address_change_look(&bens, &id, &seen), ERR_DENIED);
	assert_int_equal(address_change_remove(&bens, &id, GABI), ERR_DENIED);
	expect_whole(f);
}

/* Whether an address is taken is for administrators to know. */
static void a_taken_address_is_refused(void **state)
{
	struct core_fixture *f = *state;
	struct form_errors errors;
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	struct session *ben = core_fixture_person(f, BEN, STR("Ben"), GRADE_GUEST);
	const struct id id = gabi->user.id;
	alias_added(f, ben, STR("benny@example.org"));
	size_t mails = core_fixture_count_mails(f, MAIL_ADDRESS, STR("benny@example.org"));
	const struct str taken[] = {BEN, STR("benny@example.org"), STR("BEN@Example.ORG")};
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		assert_int_equal(ask(f, f->admin, &id, taken[i], i == 1, &errors), ERR_INVALID);
		assert_string_equal(errors.items[0].field, "address");
		/* She is answered as if it were free; only the mail does not go. */
		assert_int_equal(ask(f, gabi, &id, taken[i], i == 1, &errors), OK);
		core_fixture_sleep(f, HOUR_MS);
	}
	assert_int_equal(addresses_of(f, &id).pending_count, 2);
	assert_int_equal(core_fixture_count_mails(f, MAIL_ADDRESS, BEN), 0);
	assert_int_equal(core_fixture_count_mails(f, MAIL_ADDRESS, STR("benny@example.org")),
			 mails);
	/* Of two who ask for the same, who confirms first has it. */
	struct str hers = asked(f, gabi, &id, NEW, false);
	struct str his = asked(f, ben, &ben->user.id, NEW, false);
	confirmed(f, ben, his);
	assert_int_equal(confirm(f, gabi, hers, STR(""), &errors), ERR_DENIED);
	assert_int_equal(errors.count, 1);
	assert_str(addresses_of(f, &id).user.address, GABI);
	/* Somebody was invited there meanwhile. */
	struct str late = asked(f, gabi, &id, STR("later@example.net"), true);
	core_fixture_send(f, f->admin, STR("later@example.net"), STR("S"), STR("B"));
	assert_int_equal(confirm(f, gabi, late, STR(""), &errors), ERR_DENIED);
	/* What is an alias cannot be added as somebody new. */
	struct cx admin = core_fixture_cx(f, f->admin);
	errors.count = 0;
	assert_int_equal(
		people_add(&admin, STR("benny@example.org"), GRADE_GUEST, ROLE_MEMBER, &errors),
		ERR_CONFLICT);
	expect_whole(f);
}

/* P2.2 */
static void registration_rules_hold(void **state)
{
	struct core_fixture *f = *state;
	struct form_errors errors;
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	struct session *paul = core_fixture_person(f, PRO, STR("Paul"), GRADE_PROFESSIONAL);
	core_fixture_rule(f, STR("refused.example"), false, 0);
	core_fixture_rule(f, STR("clinic.example"), true, GRADE_PROFESSIONAL);
	core_fixture_rule(f, STR("clients.example"), true, GRADE_GUEST);
	assert_int_equal(ask(f, gabi, &gabi->user.id, STR("g@refused.example"), false, &errors),
			 ERR_INVALID);
	assert_string_equal(errors.items[0].field, "address");
	assert_int_equal(ask(f, f->admin, &gabi->user.id, STR("g@refused.example"), true, &errors),
			 ERR_INVALID);
	/* Refused by the time it is confirmed. */
	struct str token = asked(f, gabi, &gabi->user.id, NEW, false);
	core_fixture_rule(f, STR("example.net"), false, 0);
	assert_int_equal(confirm(f, gabi, token, STR(""), &errors), ERR_DENIED);
	assert_str(addresses_of(f, &gabi->user.id).user.address, GABI);
	/* The grade stays, up and down. */
	confirmed(f, gabi, asked(f, gabi, &gabi->user.id, STR("g@clinic.example"), false));
	assert_int_equal(core_fixture_user(f, GABI).grade, GRADE_GUEST);
	/* A professional does not go among the guests by themself; an administrator may say so. */
	assert_int_equal(ask(f, paul, &paul->user.id, STR("p@clients.example"), false, &errors),
			 ERR_INVALID);
	confirmed(f, paul, asked(f, f->admin, &paul->user.id, STR("p@clients.example"), false));
	assert_int_equal(core_fixture_user(f, PRO).grade, GRADE_PROFESSIONAL);
	expect_whole(f);
}

static void links_end(void **state)
{
	struct core_fixture *f = *state;
	struct form_errors errors;
	struct address_link link;
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	const struct id id = gabi->user.id;
	struct cx hers = core_fixture_cx(f, gabi), admin = core_fixture_cx(f, f->admin);
	/* By time. */
	struct str token = asked(f, gabi, &id, NEW, false);
	core_fixture_sleep(f, LIMIT_ADDRESS_LINK_HOURS * HOUR_MS - SECOND_MS);
	assert_int_equal(look(f, gabi, token).state, ADDRESS_LINK_GOOD);
	core_fixture_sleep(f, SECOND_MS);
	assert_int_equal(look(f, gabi, token).state, ADDRESS_LINK_EXPIRED);
	assert_int_equal(confirm(f, gabi, token, CORE_FIXTURE_PASSWORD, &errors), ERR_CONFLICT);
	/* By another one. */
	struct str first = asked(f, gabi, &id, NEW, false);
	struct str second = asked(f, gabi, &id, STR("other@example.net"), false);
	assert_int_equal(confirm(f, gabi, first, STR(""), &errors), ERR_NOT_FOUND);
	/* By being taken back, once. */
	struct addresses now = addresses_of(f, &id);
	assert_int_equal(now.pending_count, 1);
	assert_int_equal(address_change_withdraw(&hers, &id, &now.pending[0].id), OK);
	assert_int_equal(address_change_withdraw(&hers, &id, &now.pending[0].id), ERR_NOT_FOUND);
	assert_int_equal(address_change_withdraw(&admin, &id, &gabi->id), ERR_NOT_FOUND);
	assert_int_equal(address_change_link(&hers, second, &link), ERR_NOT_FOUND);
	assert_int_equal(address_change_link(&hers, STR("nonsense"), &link), ERR_NOT_FOUND);
	/* By being disabled, until enabled; and for ever by being erased. */
	core_fixture_sleep(f, HOUR_MS);
	token = asked(f, gabi, &id, NEW, false);
	assert_int_equal(people_enable(&admin, &id, false), OK);
	assert_int_equal(confirm(f, NULL, token, CORE_FIXTURE_PASSWORD, &errors), ERR_CONFLICT);
	assert_int_equal(ask(f, f->admin, &id, NEW, true, &errors), ERR_CONFLICT);
	assert_int_equal(people_enable(&admin, &id, true), OK);
	assert_int_equal(look(f, NULL, token).state, ADDRESS_LINK_GOOD);
	core_fixture_send(f, f->admin, STR("new@example.org"), STR("S"), STR("B"));
	const struct id invited = core_fixture_user(f, STR("new@example.org")).id;
	assert_int_equal(ask(f, f->admin, &invited, NEW, false, &errors), ERR_CONFLICT);
	struct session *again = core_fixture_sign_in(f, GABI, CORE_FIXTURE_PASSWORD);
	alias_added(f, again, STR("alias@example.net"));
	errors.count = 0;
	assert_int_equal(people_erase(&admin, &id, NULL, &errors), OK);
	assert_int_equal(confirm(f, NULL, token, CORE_FIXTURE_PASSWORD, &errors), ERR_NOT_FOUND);
	/* Her addresses are free again. */
	core_fixture_send(f, f->admin, STR("alias@example.net"), STR("S"), STR("B"));
	assert_int_equal(core_fixture_user(f, STR("alias@example.net")).state, USER_INVITED);
	expect_whole(f);
}

static void there_are_limits(void **state)
{
	struct core_fixture *f = *state;
	struct form_errors errors;
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	struct session *ben = core_fixture_person(f, BEN, STR("Ben"), GRADE_GUEST);
	/* To one mailbox, whoever asks. */
	for (int i = 0; i < LIMIT_ADDRESS_MAILS_PER_HOUR; i++)
		assert_int_equal(ask(f, gabi, &gabi->user.id, NEW, false, &errors), OK);
	assert_int_equal(ask(f, ben, &ben->user.id, NEW, false, &errors), ERR_BUSY);
	assert_int_equal(errors.count, 1);
	/* Of one person. */
	for (int i = LIMIT_ADDRESS_MAILS_PER_HOUR; i < LIMIT_ADDRESS_ASKED_PER_HOUR; i++)
		assert_int_equal(ask(f, gabi, &gabi->user.id,
				     arena_printf(&f->arena, "g%d@example.net", i), false, &errors),
				 OK);
	assert_int_equal(ask(f, f->admin, &gabi->user.id, STR("x@example.net"), true, &errors),
			 ERR_BUSY);
	/* Aliases, and what is to become one. */
	core_fixture_sleep(f, 25 * HOUR_MS);
	for (int i = 0; i < LIMIT_ALIASES - 1; i++)
		alias_added(f, ben, arena_printf(&f->arena, "b%d@example.net", i));
	struct str token = asked(f, ben, &ben->user.id, STR("b9@example.net"), true);
	assert_int_equal(ask(f, ben, &ben->user.id, STR("b8@example.net"), true, &errors),
			 ERR_INVALID);
	assert_int_equal(ask(f, ben, &ben->user.id, STR("b8@example.net"), false, &errors),
			 ERR_INVALID);
	confirmed(f, ben, token);
	assert_int_equal(addresses_of(f, &ben->user.id).alias_count, LIMIT_ALIASES);
	/* An alias may take the place of the address: they change places. */
	core_fixture_sleep(f, HOUR_MS);
	confirmed(f, ben, asked(f, ben, &ben->user.id, STR("b0@example.net"), false));
	assert_int_equal(addresses_of(f, &ben->user.id).alias_count, LIMIT_ALIASES);
	expect_whole(f);
}

/* The mailbox before is no way in any more. */
static void a_reset_link_in_the_old_mailbox_stops_working(void **state)
{
	struct core_fixture *f = *state;
	struct form_errors errors = {0};
	struct reset_view view;
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	struct cx nobody = core_fixture_cx(f, NULL);
	assert_int_equal(account_ask_help(&nobody, GABI, &errors), OK);
	struct str reset = core_fixture_token(f, MAIL_RESET, GABI);
	confirmed(f, gabi, asked(f, gabi, &gabi->user.id, NEW, false));
	assert_int_equal(account_reset_look(&nobody, reset, &view), ERR_NOT_FOUND);
	/* Help asked for with the old one goes to the new one. */
	assert_int_equal(account_ask_help(&nobody, GABI, &errors), OK);
	assert_int_equal(core_fixture_count_mails(f, MAIL_RESET, GABI), 1);
	assert_int_equal(core_fixture_count_mails(f, MAIL_RESET, NEW), 1);
	expect_whole(f);
}

/* ---- turning back ---- */

static void a_change_is_turned_back(void **state)
{
	struct core_fixture *f = *state;
	struct form_errors errors;
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	const struct id id = gabi->user.id;
	struct sign_in thief;
	assert_int_equal(core_test_sign_in(f, GABI, CORE_FIXTURE_PASSWORD, &thief), OK);
	confirmed(f, thief.session, asked(f, thief.session, &id, NEW, false));
	struct str first = core_fixture_token(f, MAIL_ADDRESS_CHANGED, GABI);
	/* Neither another change nor taking the alias away helps whoever did it. */
	confirmed(f, thief.session, asked(f, thief.session, &id, STR("third@example.net"), false));
	struct session *now = core_fixture_next_request(f, thief.token);
	struct cx cx = core_fixture_cx(f, now);
	assert_int_equal(address_change_remove(&cx, &id, GABI), OK);
	struct str pending = asked(f, now, &id, STR("fourth@example.net"), true);
	struct address_link link = look(f, NULL, first);
	assert_true(link.is_back);
	assert_false(link.needs_password);
	assert_int_equal(confirm(f, NULL, first, STR(""), &errors), OK);
	assert_str(addresses_of(f, &id).user.address, GABI);
	assert_null(core_fixture_next_request(f, thief.token));
	assert_int_equal(confirm(f, NULL, pending, CORE_FIXTURE_PASSWORD, &errors), ERR_NOT_FOUND);
	assert_int_equal(
		core_test_sign_in(f, STR("third@example.net"), CORE_FIXTURE_PASSWORD, NULL),
		ERR_DENIED);
	/* She chooses a new password by the link that comes with it. */
	struct cx nobody = core_fixture_cx(f, NULL);
	struct sign_in begun;
	assert_int_equal(account_reset(&nobody, core_fixture_token(f, MAIL_RESET, GABI),
				       NEW_PASSWORD, STR(""), SESSION_BROWSER, STR("Test"), &begun,
				       &errors),
			 OK);
	core_fixture_keep(f, begun.session);
	assert_int_equal(core_fixture_count_mails(f, MAIL_ADDRESS_GONE, STR("third@example.net")),
			 1);
	assert_int_equal(confirm(f, NULL, first, STR(""), &errors), ERR_CONFLICT);
	expect_whole(f);
}

static void turning_back_has_its_time(void **state)
{
	struct core_fixture *f = *state;
	struct form_errors errors;
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	confirmed(f, gabi, asked(f, gabi, &gabi->user.id, NEW, false));
	struct str back = core_fixture_token(f, MAIL_ADDRESS_CHANGED, GABI);
	core_fixture_sleep(f, LIMIT_ADDRESS_BACK_HOURS * HOUR_MS);
	assert_int_equal(confirm(f, NULL, back, STR(""), &errors), ERR_CONFLICT);
	assert_int_equal(look(f, NULL, back).state, ADDRESS_LINK_EXPIRED);
	assert_str(addresses_of(f, &gabi->user.id).user.address, NEW);
}

/* An administrator says that the mailbox before is nobody's business any more. */
static void an_old_address_may_go(void **state)
{
	struct core_fixture *f = *state;
	struct form_errors errors = {0};
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	const struct id id = gabi->user.id;
	struct cx admin = core_fixture_cx(f, f->admin);
	struct address_ask ask = {.user_id = id, .address = NEW, .drops_old = true};
	assert_int_equal(address_change_ask(&admin, &ask, &errors), OK);
	confirmed(f, NULL, core_fixture_token(f, MAIL_ADDRESS, NEW));
	assert_int_equal(addresses_of(f, &id).alias_count, 0);
	assert_int_equal(core_fixture_count_mails(f, MAIL_ADDRESS_GONE, GABI), 1);
	assert_int_equal(core_fixture_count_mails(f, MAIL_ADDRESS_CHANGED, GABI), 0);
	assert_int_equal(core_test_sign_in(f, GABI, CORE_FIXTURE_PASSWORD, NULL), ERR_DENIED);
	core_fixture_send(f, f->admin, GABI, STR("S"), STR("B"));
	assert_int_equal(core_fixture_user(f, GABI).state, USER_INVITED);
	/* Nobody does so for themself, as whoever has stolen their session would: the way back
	 * stays open. */
	struct session *ben = core_fixture_person(f, BEN, STR("Ben"), GRADE_GUEST);
	struct cx bens = core_fixture_cx(f, ben);
	ask = (struct address_ask){.user_id = ben->user.id,
				   .address = STR("b@example.net"),
				   .drops_old = true,
				   .password = CORE_FIXTURE_PASSWORD};
	assert_int_equal(address_change_ask(&bens, &ask, &errors), OK);
	confirmed(f, ben, core_fixture_token(f, MAIL_ADDRESS, STR("b@example.net")));
	assert_int_equal(addresses_of(f, &ben->user.id).alias_count, 1);
	assert_int_equal(core_fixture_count_mails(f, MAIL_ADDRESS_CHANGED, BEN), 1);
	expect_whole(f);
}

/* ---- aliases ---- */

static void aliases_receive(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	struct session *paul = core_fixture_person(f, PRO, STR("Paul"), GRADE_PROFESSIONAL);
	alias_added(f, gabi,
		    STR("Gabi@b\xc3\xbc"
			"cher.example"));
	struct form_errors errors = {0};
	struct draft draft = {.to = STR("GABI@xn--bcher-kva.example, gabi@example.org"),
			      .cc = STR("gabi@B\xc3\x9c"
					"CHER.example, ben@example.org"),
			      .subject = STR("S"),
			      .body = STR("To all of her")};
	struct sent sent;
	/* One person, whichever of her addresses; who writes sees her own. */
	assert_int_equal(core_fixture_try_send(f, paul, &draft, &sent, &errors), OK);
	assert_int_equal(sent.addressing.count, 2);
	assert_str(sent.addressing.items[0].address, GABI);
	assert_str(core_fixture_open(f, gabi, &sent.id).body, STR("To all of her"));
	assert_int_equal(core_test_inbox(f, gabi).count, 2);
	assert_int_equal(core_fixture_count_mails(f, MAIL_NOTIFICATION, GABI), 2);
	draft.to = STR("gabi@example.org, Gabi@b\xc3\xbc"
		       "cher.example");
	draft.cc = STR("");
	assert_int_equal(core_fixture_try_send(f, paul, &draft, &sent, &errors), OK);
	assert_int_equal(sent.addressing.count, 1);
	assert_int_equal(core_test_inbox(f, gabi).count, 3);
	/* To oneself by an alias is to oneself. */
	alias_added(f, paul, STR("p.p@example.com"));
	draft = (struct draft){.to = STR("p.p@example.com"), .subject = STR("S"), .body = STR("B")};
	assert_int_equal(core_fixture_try_send(f, paul, &draft, &sent, &errors), ERR_INVALID);
	/* A guest learns nothing by it: another guest's alias is as good as nobody's address. */
	draft.to = STR("gabi@b\xc3\xbc"
		       "cher.example");
	struct session *otto =
		core_fixture_person(f, STR("otto@example.org"), STR("Otto"), GRADE_GUEST);
	struct form_errors known = {0}, unknown = {0};
	assert_int_equal(core_fixture_try_send(f, otto, &draft, &sent, &known), ERR_INVALID);
	draft.to = STR("nobody@b\xc3\xbc"
		       "cher.example");
	assert_int_equal(core_fixture_try_send(f, otto, &draft, &sent, &unknown), ERR_INVALID);
	assert_int_equal(known.count, unknown.count);
	ptrdiff_t at = str_find(unknown.items[0].detail, STR("nobody@"));
	assert_str(arena_printf(&f->arena, "%.*sgabi@%.*s", (int)at, unknown.items[0].detail.data,
				(int)(unknown.items[0].detail.len - (size_t)at - 7),
				unknown.items[0].detail.data + at + 7),
		   known.items[0].detail);
	/* Guests reach a professional by an alias. */
	draft.to = STR("P.P@example.com");
	errors.count = 0;
	assert_int_equal(core_fixture_try_send(f, otto, &draft, &sent, &errors), OK);
	expect_whole(f);
}

static void administrators_find_people_by_alias(void **state)
{
	struct core_fixture *f = *state;
	struct form_errors errors = {0};
	struct people_found found;
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	struct cx admin = core_fixture_cx(f, f->admin);
	struct people_query query = {.q = STR("schmidt@")};
	alias_added(f, gabi, STR("schmidt@example.net"));
	assert_int_equal(people_search(&admin, &query, 10, &found, &errors), OK);
	assert_int_equal(found.count, 1);
	assert_str(found.users[0].address, GABI);
	/* Also after a change of something else. */
	struct cx hers = core_fixture_cx(f, core_fixture_sign_in(f, GABI, CORE_FIXTURE_PASSWORD));
	assert_int_equal(account_rename(&hers, STR("Gabriele"), &errors), OK);
	assert_int_equal(people_search(&admin, &query, 10, &found, &errors), OK);
	assert_int_equal(found.count, 1);
	assert_int_equal(address_change_remove(&admin, &gabi->user.id, STR("SCHMIDT@example.net")),
			 OK);
	assert_int_equal(address_change_remove(&admin, &gabi->user.id, STR("schmidt@example.net")),
			 ERR_NOT_FOUND);
	assert_int_equal(people_search(&admin, &query, 10, &found, &errors), OK);
	assert_int_equal(found.count, 0);
	core_fixture_send(f, f->admin, STR("schmidt@example.net"), STR("S"), STR("B"));
	assert_int_equal(core_fixture_user(f, STR("schmidt@example.net")).state, USER_INVITED);
	expect_whole(f);
}

/* ---- what is written outside of the portal ---- */

static void rows_put_back_are_named(void **state)
{
	struct core_fixture *f = *state;
	struct audit_problem problem;
	struct session *gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	alias_added(f, gabi, STR("schmidt@example.net"));
	confirmed(f, gabi, asked(f, gabi, &gabi->user.id, NEW, false));
	expect_whole(f);
	/* An alias that was taken away is back; one is gone. */
	store_direct_run(f->url, "CREATE TABLE kept AS SELECT * FROM aliases");
	store_direct_run(f->url, "CREATE TABLE kept_users AS SELECT * FROM users");
	struct cx admin = core_fixture_cx(f, f->admin);
	assert_int_equal(address_change_remove(&admin, &gabi->user.id, STR("schmidt@example.net")),
			 OK);
	expect_whole(f);
	store_direct_run(f->url, "INSERT INTO aliases SELECT * FROM kept WHERE address = "
				 "'schmidt@example.net'");
	assert_int_equal(verify(f, &problem), 1);
	assert_int_equal(problem.kind, AUDIT_PROBLEM_USER_ADDRESSES);
	store_direct_run(f->url, "DELETE FROM aliases");
	assert_int_equal(verify(f, &problem), 1);
	assert_int_equal(problem.kind, AUDIT_PROBLEM_USER_ADDRESSES);
	store_direct_run(f->url, "INSERT INTO aliases SELECT * FROM kept WHERE address = "
				 "'gabi@example.org'");
	expect_whole(f);
	/* The user's row as it was before. */
	store_direct_run(f->url,
			 "UPDATE users SET version = (SELECT version FROM kept_users k WHERE k.id "
			 "= users.id), mac = (SELECT mac FROM kept_users k WHERE k.id = users.id)");
	assert_int_equal(verify(f, &problem), 1);
	assert_int_equal(problem.kind, AUDIT_PROBLEM_USER_OLDER);
	/* A planted one opens nothing. */
	store_direct_run(f->url, "UPDATE aliases SET address_key = 'thief@example.net'");
	assert_int_equal(
		core_test_sign_in(f, STR("thief@example.net"), CORE_FIXTURE_PASSWORD, NULL),
		ERR_CORRUPT);
	assert_true(core_fixture_problems(f) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(a_new_address_holds_once_it_is_confirmed),
		CORE_TEST(only_the_person_confirms),
		CORE_TEST(a_taken_address_is_refused),
		CORE_TEST(registration_rules_hold),
		CORE_TEST(links_end),
		CORE_TEST(there_are_limits),
		CORE_TEST(a_reset_link_in_the_old_mailbox_stops_working),
		CORE_TEST(a_change_is_turned_back),
		CORE_TEST(turning_back_has_its_time),
		CORE_TEST(an_old_address_may_go),
		CORE_TEST(aliases_receive),
		CORE_TEST(administrators_find_people_by_alias),
		CORE_TEST(rows_put_back_are_named),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
