/* Requests to sign when somebody of them is not any more what they were: a signer who was disabled,
 * somebody who was erased, a sender whom their grade allows no further requests; and what each is
 * told first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "core/housekeeping.h"
#include "core/people.h"
#include "core/people_erase.h"
#include "core/signing_fake_pdf.h"
#include "core/signing_list.h"
#include "core/signing_test_support.h"

#define GABI "gabi@example.org"
#define HANS "hans@example.org"
#define NEW "new@example.net"
#define PETER "peter@example.org"

/* Peter sends; Gabi and Hans sign. */
struct scene {
	struct core_fixture *f;
	struct session *gabi, *hans, *peter;
	struct signing_plan plan;
	struct id id;
};

static void begin(void **state, struct scene *s, const char *to, struct signing_plan plan)
{
	struct core_fixture *f = *state;
	f->portal->pdf = signing_fake_workers();
	signing_fake_before_open(NULL, NULL);
	*s = (struct scene){.f = f, .plan = plan};
	s->gabi = core_fixture_person(f, STR(GABI), STR("Gabi"), GRADE_GUEST);
	s->hans = core_fixture_person(f, STR(HANS), STR("Hans"), GRADE_GUEST);
	s->peter = core_fixture_person(f, STR(PETER), STR("Peter"), GRADE_PROFESSIONAL);
	struct id file =
		signing_test_upload(f, s->peter, STR("lease.pdf"), STR("%PDF-1.7 lease\n"));
	struct draft draft = signing_test_draft(to, &file, 1, &s->plan);
	s->id = signing_test_send(f, s->peter, &draft);
}

static struct signing_view look(struct scene *s, struct session *session)
{
	return signing_test_get(s->f, session, &s->id);
}

static void sign(struct scene *s, struct session *session)
{
	signing_test_sign(s->f, session, &s->id, NULL, 0);
}

static void enable(struct scene *s, const struct session *session, bool is_enabled)
{
	struct cx cx = core_fixture_cx(s->f, s->f->admin);
	assert_int_equal(people_enable(&cx, &session->user.id, is_enabled), OK);
}

/* What asks them once more. */
static size_t reminders(struct scene *s, const char *address)
{
	size_t count = 0;
	core_fixture_take_mails(s->f);
	for (size_t i = 0; i < s->f->mail_count; i++)
		count += s->f->mails[i].about == ABOUT_REMINDER &&
			 str_eq(s->f->mails[i].to_address, str_of(address));
	return count;
}

static size_t events(const struct signing_view *view, enum audit_kind kind)
{
	size_t count = 0;
	for (size_t i = 0; i < view->event_count; i++)
		count += view->events[i].kind == kind;
	return count;
}

static void assert_whole(struct scene *s)
{
	assert_int_equal(signing_test_audit_bad(s->f), 0);
	assert_int_equal(core_fixture_problems(s->f), 0);
}

/* ---- a signer who was disabled (P1.7) ---- */

static void whoever_asked_sees_who_holds_it_up_and_can_cancel(void **state)
{
	struct scene s;
	begin(state, &s, GABI ", " HANS, (struct signing_plan){.order = SIGNING_IN_SEQUENCE});
	struct cx cx = core_fixture_cx(s.f, s.peter);
	struct form_errors errors = {.count = 0};
	int64_t count = 0;
	assert_false(look(&s, s.peter).signers[0].is_gone);
	enable(&s, s.gabi, false);
	struct signing_view view = look(&s, s.peter);
	assert_true(view.signers[0].is_gone);
	assert_false(view.signers[1].is_gone);
	assert_true(view.can_cancel);
	assert_false(view.can_remind);
	/* Who is disabled is nothing that guests are told. */
	assert_false(look(&s, s.hans).signers[0].is_gone);
	assert_int_equal(signing_remind(&cx, &s.id, &count, &errors), ERR_CONFLICT);
	assert_true(str_starts_with(form_errors_for(&errors, ""),
				    STR("Whoever is asked now cannot sign in at the moment")));
	errors.count = 0;
	assert_int_equal(signing_cancel(&cx, &s.id, STR(""), &errors), OK);
	assert_false(look(&s, s.peter).can_cancel);
	assert_whole(&s);
}

static void enabled_again_they_sign(void **state)
{
	struct scene s;
	begin(state, &s, GABI ", " HANS, (struct signing_plan){.order = SIGNING_IN_SEQUENCE});
	enable(&s, s.gabi, false);
	enable(&s, s.gabi, true);
	assert_false(look(&s, s.peter).signers[0].is_gone);
	assert_true(look(&s, s.peter).can_remind);
	sign(&s, core_fixture_sign_in(s.f, STR(GABI), CORE_FIXTURE_PASSWORD));
	sign(&s, s.hans);
	assert_int_equal(look(&s, s.peter).state, SIGNING_COMPLETED);
	/* Who has signed holds nothing up. */
	enable(&s, s.gabi, false);
	assert_false(look(&s, s.peter).signers[0].is_gone);
}

static void nobody_is_said_to_be_reminded_who_cannot_be(void **state)
{
	struct scene s;
	begin(state, &s, GABI ", " HANS,
	      (struct signing_plan){.order = SIGNING_ALL_AT_ONCE,
				    .remind_after_days = 1,
				    .remind_every_days = 1});
	struct cx cx = core_fixture_cx(s.f, s.peter), nobody = core_fixture_cx(s.f, NULL);
	struct form_errors errors = {.count = 0};
	int64_t count = 0;
	enable(&s, s.gabi, false);
	assert_int_equal(signing_remind(&cx, &s.id, &count, &errors), OK);
	assert_int_equal(count, 1);
	for (size_t day = 1; day <= 3; day++) {
		core_fixture_sleep(s.f, DAY_MS);
		/* What is due is done: it is not looked at again and again. */
		for (size_t i = 0; i < 2; i++)
			assert_int_equal(housekeeping_sweep(&nobody), OK);
		assert_int_equal(reminders(&s, HANS), 1 + day);
	}
	assert_int_equal(reminders(&s, GABI), 0);
	s.peter = core_fixture_sign_in(s.f, STR(PETER), CORE_FIXTURE_PASSWORD);
	struct signing_view view = look(&s, s.peter);
	assert_int_equal(events(&view, AUDIT_SIGNING_REMINDED), 4);
	assert_whole(&s);
}

/* ---- somebody who was erased (P1.7) ---- */

static void erase(struct scene *s, const struct session *session)
{
	struct cx cx = core_fixture_cx(s->f, s->f->admin);
	struct form_errors errors = {.count = 0};
	assert_int_equal(people_erase(&cx, &session->user.id, NULL, &errors), OK);
}

/* Told that it ended. */
static size_t cancellations(struct scene *s, const char *address)
{
	size_t count = 0;
	core_fixture_take_mails(s->f);
	for (size_t i = 0; i < s->f->mail_count; i++)
		count += s->f->mails[i].about == ABOUT_CANCELLED &&
			 str_eq(s->f->mails[i].to_address, str_of(address));
	return count;
}

/* For whoever is left it has ended, and they see why. */
static void assert_broken_off(struct scene *s, struct session *session)
{
	struct cx cx = core_fixture_cx(s->f, session);
	struct form_errors errors = {.count = 0};
	struct signing_list list;
	struct signing_view view = look(s, session);
	assert_int_equal(view.state, SIGNING_CANCELLED);
	assert_true(view.is_broken_off);
	assert_false(view.can_sign || view.can_decline || view.can_cancel || view.can_remind);
	assert_int_equal(events(&view, AUDIT_SIGNING_CANCELLED), 1);
	assert_int_equal(signing_list(&cx, SIGNING_SHELF_WAITING, STR(""), 10, &list), OK);
	assert_int_equal(list.count, 0);
	assert_int_equal(signing_decline(&cx, &s->id, STR(""), STR(""), &errors),
			 id_eq(&session->user.id, &s->peter->user.id) ? ERR_DENIED : ERR_CONFLICT);
}

static void a_signer_who_was_erased(void **state)
{
	static const struct signing_plan plans[] = {{.order = SIGNING_ALL_AT_ONCE},
						    {.order = SIGNING_IN_SEQUENCE}};
	for (size_t i = 0; i < 2; i++) {
		struct scene s;
		if (i == 0)
			begin(state, &s, GABI ", " HANS, plans[i]);
		else
			begin(state, &s, HANS ", " GABI, plans[i]);
		core_fixture_take_mails(s.f);
		erase(&s, s.gabi);
		assert_broken_off(&s, s.peter);
		assert_broken_off(&s, s.hans);
		struct signing_view view = look(&s, s.peter);
		assert_str(view.signers[i].name, STR("Erased person"));
		assert_int_equal(cancellations(&s, PETER), i + 1);
		assert_int_equal(cancellations(&s, HANS), i + 1);
		assert_int_equal(cancellations(&s, GABI), 0);
		assert_whole(&s);
		/* The next round has others of the same address. */
		erase(&s, s.hans);
		erase(&s, s.peter);
		assert_whole(&s);
	}
}

static void a_sender_who_was_erased(void **state)
{
	struct scene s;
	begin(state, &s, GABI ", " HANS, (struct signing_plan){.order = SIGNING_ALL_AT_ONCE});
	sign(&s, s.gabi);
	erase(&s, s.peter);
	assert_broken_off(&s, s.hans);
	assert_true(look(&s, s.gabi).is_broken_off);
	/* What she has signed stays hers as it stands. */
	assert_true(signing_test_read(s.f, s.gabi, &s.id, 0).len > 0);
	assert_int_equal(cancellations(&s, GABI), 1);
	assert_int_equal(cancellations(&s, HANS), 1);
	assert_whole(&s);
}

/* Nothing waits for them any more. */
static void a_signer_who_had_signed_before(void **state)
{
	struct scene s;
	begin(state, &s, GABI ", " HANS, (struct signing_plan){.order = SIGNING_IN_SEQUENCE});
	sign(&s, s.gabi);
	erase(&s, s.gabi);
	assert_int_equal(look(&s, s.hans).state, SIGNING_OPEN);
	sign(&s, s.hans);
	assert_int_equal(look(&s, s.peter).state, SIGNING_COMPLETED);
	assert_int_equal(cancellations(&s, HANS), 0);
	assert_whole(&s);
}

/* ---- a sender whose grade was lowered (P1.5) ---- */

static void lowered_they_go_on_with_what_they_have_sent(void **state)
{
	struct scene s;
	begin(state, &s, GABI ", " PETER ", " NEW,
	      (struct signing_plan){.order = SIGNING_ALL_AT_ONCE});
	struct cx admin = core_fixture_cx(s.f, s.f->admin);
	struct form_errors errors = {.count = 0};
	struct signing_list list;
	int64_t count = 0;
	assert_int_equal(people_set_grade(&admin, &s.peter->user.id, GRADE_GUEST), OK);
	s.peter = core_fixture_sign_in(s.f, STR(PETER), CORE_FIXTURE_PASSWORD);
	struct cx cx = core_fixture_cx(s.f, s.peter);
	struct signing_view view = look(&s, s.peter);
	assert_true(view.can_cancel && view.can_remind && view.can_sign);
	assert_int_equal(signing_remind(&cx, &s.id, &count, &errors), OK);
	assert_int_equal(count, 2);
	assert_int_equal(reminders(&s, GABI), 1);
	sign(&s, s.peter);
	assert_int_equal(signing_list(&cx, SIGNING_SHELF_WAITING, STR(""), 10, &list), OK);
	assert_int_equal(list.count, 1);
	assert_int_equal(signing_cancel(&cx, &s.id, STR("Not mine any more"), &errors), OK);
	assert_int_equal(look(&s, s.gabi).state, SIGNING_CANCELLED);
	assert_whole(&s);
}

/* ---- what is said first ---- */

static void how_it_stands_is_told_before_what_is_wrong_with_a_reason(void **state)
{
	static char too_long[LIMIT_RECALL_REASON_CHARS + 2];
	struct scene s;
	begin(state, &s, GABI ", " HANS, (struct signing_plan){.order = SIGNING_ALL_AT_ONCE});
	struct cx gabi = core_fixture_cx(s.f, s.gabi), peter = core_fixture_cx(s.f, s.peter);
	struct form_errors errors = {.count = 0};
	memset(too_long, 'a', sizeof(too_long) - 1);
	struct str reason = str_of(too_long);
	assert_int_equal(signing_decline(&gabi, &s.id, reason, STR(""), &errors), ERR_INVALID);
	assert_true(form_errors_for(&errors, "reason").len > 0);
	errors.count = 0;
	assert_int_equal(signing_cancel(&peter, &s.id, reason, &errors), ERR_INVALID);
	assert_true(form_errors_for(&errors, "reason").len > 0);
	sign(&s, s.gabi);
	errors.count = 0;
	assert_int_equal(signing_decline(&gabi, &s.id, reason, STR(""), &errors), ERR_CONFLICT);
	assert_str(form_errors_for(&errors, ""),
		   STR("You have signed already, so there is nothing left to do."));
	errors.count = 0;
	assert_int_equal(signing_cancel(&gabi, &s.id, reason, &errors), ERR_DENIED);
	sign(&s, s.hans);
	errors.count = 0;
	assert_int_equal(signing_cancel(&peter, &s.id, reason, &errors), ERR_CONFLICT);
}

static void who_looks_for_the_first_time_has_opened_it(void **state)
{
	struct scene s;
	begin(state, &s, GABI ", " HANS, (struct signing_plan){.order = SIGNING_ALL_AT_ONCE});
	struct signing_view view = look(&s, s.gabi);
	assert_int_equal(view.signers[0].opened_ms, s.f->clock.now_ms);
	assert_int_equal(view.signers[1].opened_ms, 0);
	assert_int_equal(events(&view, AUDIT_SIGNING_OPENED), 1);
	view = look(&s, s.gabi);
	assert_int_equal(events(&view, AUDIT_SIGNING_OPENED), 1);
}

/* Who asks cannot decline, and their mails do not say so (mail/mail_text.c). */
static void mails_to_the_sender_who_signs_are_their_own(void **state)
{
	static const enum mail_about abouts[] = {ABOUT_OWN_TURN, ABOUT_OWN_REMINDER};
	struct scene s;
	begin(state, &s, GABI ", " PETER,
	      (struct signing_plan){.order = SIGNING_IN_SEQUENCE, .remind_after_days = 1});
	struct cx nobody = core_fixture_cx(s.f, NULL);
	sign(&s, s.gabi);
	core_fixture_sleep(s.f, DAY_MS);
	assert_int_equal(housekeeping_sweep(&nobody), OK);
	core_fixture_take_mails(s.f);
	size_t found = 0;
	for (size_t i = 0; i < s.f->mail_count; i++) {
		const struct outbox_mail *mail = &s.f->mails[i];
		if (mail->about == ABOUT_MESSAGE || !str_eq(mail->to_address, STR(PETER)))
			continue;
		assert_true(found < 2);
		assert_int_equal(mail->about, abouts[found++]);
		assert_int_equal(mail->documents, 1);
	}
	assert_int_equal(found, 2);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CORE_TEST(whoever_asked_sees_who_holds_it_up_and_can_cancel),
		CORE_TEST(enabled_again_they_sign),
		CORE_TEST(nobody_is_said_to_be_reminded_who_cannot_be),
		CORE_TEST(a_signer_who_was_erased),
		CORE_TEST(a_sender_who_was_erased),
		CORE_TEST(a_signer_who_had_signed_before),
		CORE_TEST(lowered_they_go_on_with_what_they_have_sent),
		CORE_TEST(how_it_stands_is_told_before_what_is_wrong_with_a_reason),
		CORE_TEST(who_looks_for_the_first_time_has_opened_it),
		CORE_TEST(mails_to_the_sender_who_signs_are_their_own),
	};
	return engines_test_run("signing_gone", tests, sizeof(tests) / sizeof(tests[0]));
}
