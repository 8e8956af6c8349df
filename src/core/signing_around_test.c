/* What is around requests to sign (P4.3, P6): forwarding, answers, tracking, lists, search and
 * mails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "core/search.h"
#include "core/signing_scene.h"
#include "core/tracking.h"

/* ---- handing on ---- */

static enum err forward(struct signing_scene *s, struct session *session,
			struct form_errors *errors)
{
	const struct draft draft = {.to = STR(SCENE_ADA),
				    .subject = STR("Fwd"),
				    .body = STR("See below."),
				    .forward_of = s->id};
	struct sent sent;
	*errors = (struct form_errors){.count = 0};
	return core_fixture_try_send(s->f, session, &draft, &sent, errors);
}

static void only_what_is_signed_is_forwarded(void **state)
{
	struct signing_scene s;
	struct form_errors errors;
	signing_scene_begin(state, &s);
	assert_int_equal(core_fixture_open(s.f, s.gabi, &s.id).acts.forward, REFUSAL_UNSIGNED);
	assert_int_equal(forward(&s, s.gabi, &errors), ERR_CONFLICT);
	assert_int_equal(errors.count, 1);
	signing_scene_sign(&s, s.gabi);
	assert_int_equal(forward(&s, s.gabi, &errors), ERR_CONFLICT);
	signing_scene_sign(&s, s.peter);
	assert_int_equal(core_fixture_open(s.f, s.gabi, &s.id).acts.forward, REFUSAL_NONE);
	assert_int_equal(forward(&s, s.gabi, &errors), OK);
}

/* Whoever is added to an answer does not get the documents with what it answers. */
static void an_answer_hands_nothing_on(void **state)
{
	struct signing_scene s;
	signing_scene_begin(state, &s);
	struct session *paul =
		core_fixture_person(s.f, STR("paul@example.com"), STR("Paul"), GRADE_PROFESSIONAL);
	const struct draft draft = {.to = STR("admin@example.com, paul@example.com"),
				    .subject = STR("Re: The lease"),
				    .body = STR("May Paul look at it?"),
				    .reply_to = s.id};
	struct sent sent;
	assert_int_equal(core_fixture_try_send(s.f, s.gabi, &draft, &sent, NULL), OK);
	struct cx cx = core_fixture_cx(s.f, paul);
	struct signing_view signing;
	assert_int_equal(signing_get(&cx, &s.id, &signing), ERR_NOT_FOUND);
	struct message_view view;
	assert_int_equal(mailbox_look(&cx, &s.id, &view), ERR_NOT_FOUND);
}

/* ---- what is told of it ---- */

static struct message_row row_of(struct signing_scene *s, struct session *session)
{
	struct cx cx = core_fixture_cx(s->f, session);
	struct message_row row;
	assert_int_equal(mailbox_row(&cx, &s->id, &row), OK);
	return row;
}

static void assert_words(struct signing_scene *s, struct session *session, const char *words)
{
	struct cx cx = core_fixture_cx(s->f, session);
	struct message_row row = row_of(s, session);
	assert_str(signing_brief_words(&cx, &row.signing), str_of(words));
}

static void lists_say_how_far_it_is(void **state)
{
	struct signing_scene s;
	signing_scene_set_up(state, &s);
	s.plan.order = SIGNING_IN_SEQUENCE;
	signing_scene_send(&s);
	assert_words(&s, s.gabi, "Waiting for your signature");
	assert_words(&s, s.peter, "Others sign first");
	assert_words(&s, s.f->admin, "0 of 2 have signed");
	signing_scene_sign(&s, s.gabi);
	assert_words(&s, s.gabi, "1 of 2 have signed");
	assert_words(&s, s.peter, "Waiting for your signature");
	assert_words(&s, s.wanda, "1 of 2 have signed");
	signing_scene_sign(&s, s.peter);
	assert_words(&s, s.gabi, "Signed by everybody");
	/* Any other message says nothing. */
	s.id = core_fixture_send(s.f, s.f->admin, STR(SCENE_GABI), STR("Hello"), STR("B")).id;
	assert_words(&s, s.gabi, "");
}

static void the_sender_sees_who_signed_when(void **state)
{
	struct signing_scene s;
	struct tracking tracking;
	signing_scene_begin(state, &s);
	core_fixture_sleep(s.f, HOUR_MS);
	int64_t signed_ms = s.f->clock.now_ms;
	signing_scene_sign(&s, s.peter);
	struct cx cx = core_fixture_cx(s.f, s.f->admin);
	assert_int_equal(tracking_of(&cx, &s.id, &tracking), OK);
	for (size_t i = 0; i < tracking.count; i++) {
		const struct message_person *person = &tracking.people[i];
		bool has_signed = str_eq(person->address, STR(SCENE_PETER));
		assert_int_equal(person->signed_ms, has_signed ? signed_ms : 0);
		assert_int_equal(tracking_state_of(person) == TRACKING_SIGNED, has_signed);
	}
}

static void search_finds_documents_by_name(void **state)
{
	struct signing_scene s;
	signing_scene_set_up(state, &s);
	s.file = signing_scene_upload(&s, "Quarterly lease.pdf");
	signing_scene_send(&s);
	struct session *const people[] = {s.f->admin, s.gabi, s.wanda};
	for (size_t i = 0; i < 3; i++) {
		struct cx cx = core_fixture_cx(s.f, people[i]);
		struct search_result found;
		struct form_errors errors = {.count = 0};
		assert_int_equal(search_find(&cx, STR("quarterly"), STR(""), 10, &found, &errors),
				 OK);
		assert_int_equal(found.count, 1);
	}
}

/* ---- mails ---- */

static void each_is_mailed_when_it_is_their_turn(void **state)
{
	struct signing_scene s;
	/* The second one is new here. */
	signing_scene_set_up_for(state, &s, SCENE_GABI ", nina@example.net", SIGNING_IN_SEQUENCE);
	signing_scene_send(&s);
	assert_int_equal(signing_scene_mails_about(&s, SCENE_GABI, ABOUT_SIGN), 1);
	assert_int_equal(signing_scene_mails_about(&s, SCENE_WANDA, ABOUT_SIGN), 0);
	assert_int_equal(core_fixture_count_mails(s.f, MAIL_NOTIFICATION, STR("nina@example.net")),
			 0);
	assert_int_equal(core_fixture_count_mails(s.f, MAIL_INVITATION, STR("nina@example.net")),
			 0);
	signing_scene_sign(&s, s.gabi);
	/* P2.3: both mails. */
	assert_int_equal(signing_scene_mails_about(&s, "nina@example.net", ABOUT_TURN), 1);
	assert_int_equal(core_fixture_count_mails(s.f, MAIL_INVITATION, STR("nina@example.net")),
			 1);
	struct str token = core_fixture_token(s.f, MAIL_INVITATION, STR("nina@example.net"));
	core_fixture_register(s.f, token, STR("Nina"));
	struct session *nina =
		core_fixture_sign_in(s.f, STR("nina@example.net"), CORE_FIXTURE_PASSWORD);
	signing_scene_sign(&s, nina);
	assert_int_equal(signing_scene_mails_about(&s, SCENE_GABI, ABOUT_COMPLETED), 1);
	assert_int_equal(signing_scene_mails_about(&s, SCENE_ADA, ABOUT_COMPLETED), 1);
	assert_int_equal(signing_scene_mails_about(&s, SCENE_WANDA, ABOUT_COMPLETED), 1);
	assert_int_equal(signing_scene_get(&s, nina).state, SIGNING_COMPLETED);
	signing_scene_assert_whole(&s);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CORE_TEST(only_what_is_signed_is_forwarded),
		CORE_TEST(an_answer_hands_nothing_on),
		CORE_TEST(lists_say_how_far_it_is),
		CORE_TEST(the_sender_sees_who_signed_when),
		CORE_TEST(search_finds_documents_by_name),
		CORE_TEST(each_is_mailed_when_it_is_their_turn),
	};
	return engines_test_run("signing_around", tests, sizeof(tests) / sizeof(tests[0]));
}
