/* Requests to sign whose sender is one of the signers: whole lives, and who has what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/preferences.h"
#include "core/signing_list.h"
#include "core/signing_scene.h"
#include "core/tracking.h"

static bool has(struct str text, const char *part)
{
	return str_find(text, str_of(part)) >= 0;
}

static void assert_refused(enum err err, enum err expected, const struct form_errors *errors,
			   struct str sentence)
{
	assert_int_equal(err, expected);
	assert_str(form_errors_for(errors, ""), sentence);
}

/* Everybody has the sealed copy, and it names the sender at this place. */
static void assert_sealed(struct signing_scene *s, const char *signed_by_ada)
{
	struct session *const readers[] = {s->ada, s->gabi, s->wanda};
	struct str sealed = signing_test_read(s->f, s->ada, &s->id, 0);
	assert_int_equal(signing_scene_get(s, s->ada).state, SIGNING_COMPLETED);
	assert_true(has(sealed, signed_by_ada));
	assert_true(has(sealed, "SEALED"));
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
		assert_int_equal(core_fixture_open(s->f, readers[i], &s->id).file_count, 1);
		assert_str(signing_test_read(s->f, readers[i], &s->id, 0), sealed);
	}
	signing_scene_assert_whole(s);
}

/* ---- whole lives ---- */

static void first_in_a_sequence(void **state)
{
	struct signing_scene s;
	signing_scene_begin_for(state, &s, SCENE_ADA ", " SCENE_GABI, SIGNING_IN_SEQUENCE);
	size_t before = signing_scene_mails(&s, MAIL_NOTIFICATION, SCENE_GABI);
	struct signing_view view = signing_scene_get(&s, s.ada);
	assert_int_equal(view.signer_count, 2);
	assert_true(view.signers[0].is_me && view.signers[0].state == SIGNER_ASKED);
	assert_true(view.can_sign && view.can_cancel);
	assert_false(view.can_decline || view.can_remind);
	assert_int_equal(view.my_field_count, 1);
	assert_true(signing_scene_get(&s, s.gabi).can_decline &&
		    !signing_scene_get(&s, s.gabi).can_sign);
	assert_int_equal(signing_scene_mails(&s, MAIL_NOTIFICATION, SCENE_ADA), 0);
	signing_scene_sign(&s, s.ada);
	assert_int_equal(signing_scene_mails(&s, MAIL_NOTIFICATION, SCENE_GABI), before + 1);
	assert_true(signing_scene_get(&s, s.ada).can_remind);
	signing_scene_sign(&s, s.gabi);
	assert_int_equal(signing_scene_mails(&s, MAIL_SIGNING, SCENE_ADA),
			 1); /* everybody has signed */
	assert_sealed(&s, "SIGNED 0 by Ada Admin: [=Ada Admin]");
}

static void in_the_middle_of_a_sequence(void **state)
{
	struct signing_scene s;
	signing_scene_begin_for(state, &s,
				SCENE_GABI ", " SCENE_ADA ", new@example.net, " SCENE_PETER,
				SIGNING_IN_SEQUENCE);
	struct form_errors errors = {.count = 0};
	struct signing_view view = signing_scene_get(&s, s.ada);
	assert_false(view.can_sign || view.can_decline);
	assert_true(view.can_remind);
	assert_refused(signing_test_try_sign(s.f, s.ada, &s.id, NULL, 0, &errors), ERR_DENIED,
		       &errors,
		       STR("It is not your turn yet: others sign first. You will get an e-mail "
			   "when it is."));
	assert_int_equal(signing_scene_mails(&s, MAIL_NOTIFICATION, SCENE_ADA), 0);
	signing_scene_sign(&s, s.gabi);
	/* Their turn came later than sending: they are told, and nobody after them. */
	assert_int_equal(signing_scene_mails(&s, MAIL_NOTIFICATION, SCENE_ADA), 1);
	assert_int_equal(signing_scene_mails(&s, MAIL_INVITATION, "new@example.net"), 0);
	signing_scene_sign(&s, s.ada);
	assert_int_equal(signing_scene_mails(&s, MAIL_INVITATION, "new@example.net"), 1);
	struct str token = core_fixture_token(s.f, MAIL_INVITATION, STR("new@example.net"));
	signing_scene_sign(&s, core_fixture_register(s.f, token, STR("Nina")).sign_in.session);
	signing_scene_sign(&s, s.peter);
	struct str sealed = signing_test_read(s.f, s.ada, &s.id, 0);
	assert_true(has(sealed, "SIGNED 2 by Nina"));
	assert_true(has(sealed, "SIGNED 3 by Peter"));
	assert_sealed(&s, "SIGNED 1 by Ada Admin");
}

static void last_of_a_sequence(void **state)
{
	struct signing_scene s;
	signing_scene_begin_for(state, &s, SCENE_GABI ", " SCENE_ADA, SIGNING_IN_SEQUENCE);
	signing_scene_sign(&s, s.gabi);
	assert_int_equal(signing_scene_mails(&s, MAIL_NOTIFICATION, SCENE_ADA), 1);
	signing_scene_sign(&s, s.ada);
	/* Whoever signed last knows. */
	assert_int_equal(signing_scene_mails(&s, MAIL_SIGNING, SCENE_ADA), 0);
	assert_int_equal(signing_scene_mails(&s, MAIL_SIGNING, SCENE_GABI), 1);
	assert_sealed(&s, "SIGNED 1 by Ada Admin");
}

static void all_at_once_in_any_order(void **state)
{
	struct signing_scene s;
	signing_scene_begin_for(state, &s, SCENE_GABI ", " SCENE_ADA ", " SCENE_PETER,
				SIGNING_ALL_AT_ONCE);
	assert_int_equal(signing_scene_mails(&s, MAIL_NOTIFICATION, SCENE_ADA), 0);
	signing_scene_sign(&s, s.peter);
	signing_scene_sign(&s, s.ada);
	signing_scene_sign(&s, s.gabi);
	assert_sealed(&s, "SIGNED 1 by Ada Admin");
}

/* A document that only the sender signs, with one who watches, or nobody. */
static void alone(void **state)
{
	static const char *const watchers[] = {SCENE_WANDA, ""};
	struct signing_scene s;
	signing_scene_set_up_for(state, &s, SCENE_ADA, SIGNING_ALL_AT_ONCE);
	for (size_t i = 0; i < 2; i++) {
		s.draft.cc = str_of(watchers[i]);
		signing_scene_send(&s);
		assert_false(signing_scene_get(&s, s.ada).can_remind);
		signing_scene_sign(&s, s.ada);
		struct message_view message = core_fixture_open(s.f, s.ada, &s.id);
		assert_int_equal(message.file_count, 1);
		assert_int_equal(message.people_count, 1 - i);
		if (i == 0)
			assert_int_equal(core_fixture_open(s.f, s.wanda, &s.id).file_count, 1);
		assert_int_equal(signing_scene_get(&s, s.ada).state, SIGNING_COMPLETED);
		signing_scene_assert_whole(&s);
	}
}

static void fields_of_ones_own_are_filled_in(void **state)
{
	struct signing_scene s;
	signing_scene_set_up_for(state, &s, SCENE_GABI ", Ada <ADMIN@example.com>",
				 SIGNING_ALL_AT_ONCE);
	struct signing_field fields[] = {
		{.id = STR("a1"),
		 .kind = PDF_FIELD_SIGNATURE,
		 .signer = STR("Admin@example.com"),
		 .box = {1, 72, 500, 180, 40},
		 .is_required = true},
		{.id = STR("g1"),
		 .kind = PDF_FIELD_SIGNATURE,
		 .signer = STR(SCENE_GABI),
		 .box = {1, 72, 400, 180, 40},
		 .is_required = true},
	};
	const struct signing_value mine = {.field_id = STR("a1"), .text = STR("Ada A.")};
	const struct signing_value other = {.field_id = STR("g1"), .text = STR("Ada A.")};
	struct form_errors errors = {.count = 0};
	s.plan.fields = fields;
	s.plan.field_count = 2;
	signing_scene_send(&s);
	assert_int_equal(signing_scene_get(&s, s.ada).my_field_count, 1);
	assert_int_equal(signing_test_try_sign(s.f, s.ada, &s.id, &other, 1, &errors), ERR_INVALID);
	assert_true(form_errors_for(&errors, "fields.g1").len > 0);
	signing_test_sign(s.f, s.ada, &s.id, &mine, 1);
	assert_true(has(signing_test_read(s.f, s.gabi, &s.id, 0),
			"SIGNED 1 by Ada Admin: [a1=Ada A.]"));
	signing_scene_assert_whole(&s);
}

static void the_trail_says_what_is_known_of_the_sender(void **state)
{
	struct signing_scene s;
	signing_scene_begin_for(state, &s, SCENE_ADA, SIGNING_ALL_AT_ONCE);
	signing_test_read(s.f, s.ada, &s.id, 0);
	signing_scene_sign(&s, s.ada);
	struct str sealed = signing_test_read(s.f, s.ada, &s.id, 0);
	assert_true(has(sealed, "1. Ada Admin"));
	/* Who set the portal up was sent no link. */
	assert_true(has(sealed, "Address proven by no link on record"));
	struct signing_view view = signing_scene_get(&s, s.ada);
	static const enum audit_kind kinds[] = {
		AUDIT_SIGNING_SENT,   AUDIT_SIGNING_DOWNLOADED, AUDIT_SIGNING_AGREED,
		AUDIT_SIGNING_SIGNED, AUDIT_SIGNING_COMPLETED,
	};
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		assert_int_equal(view.events[i].kind, kinds[i]);
}

/* ---- who has what ---- */

static void one_delivery_and_no_tracking_of_oneself(void **state)
{
	struct signing_scene s;
	signing_scene_begin_for(state, &s, SCENE_ADA ", " SCENE_GABI, SIGNING_ALL_AT_ONCE);
	signing_scene_sign(&s, s.ada);
	struct cx cx = core_fixture_cx(s.f, s.ada);
	struct tracking tracking;
	assert_int_equal(tracking_of(&cx, &s.id, &tracking), OK);
	assert_int_equal(tracking.count, 2);
	for (size_t i = 0; i < tracking.count; i++)
		assert_false(str_eq(tracking.people[i].address, STR(SCENE_ADA)));
	struct message_list inbox, sent;
	assert_int_equal(mailbox_list(&cx, BOX_INBOX, STR(""), 10, &inbox), OK);
	assert_int_equal(mailbox_list(&cx, BOX_SENT, STR(""), 10, &sent), OK);
	assert_int_equal(inbox.count, 0);
	size_t found = 0;
	for (size_t i = 0; i < sent.count; i++)
		found += id_eq(&sent.rows[i].id, &s.id) &&
			 sent.rows[i].signing.my_state == SIGNER_SIGNED;
	assert_int_equal(found, 1);
}

static void assert_shelf(struct signing_scene *s, enum signing_shelf shelf, size_t count)
{
	struct cx cx = core_fixture_cx(s->f, s->ada);
	struct signing_list list;
	struct signing_counts counts;
	assert_int_equal(signing_list(&cx, shelf, STR(""), 10, &list), OK);
	assert_int_equal(list.count, count);
	assert_int_equal(signing_count(&cx, &counts), OK);
	if (shelf == SIGNING_SHELF_MINE)
		assert_int_equal(counts.mine, count);
}

static void lists_count_it_as_ones_own_to_sign(void **state)
{
	struct signing_scene s;
	signing_scene_begin_for(state, &s, SCENE_GABI ", " SCENE_ADA ", " SCENE_PETER,
				SIGNING_IN_SEQUENCE);
	assert_shelf(&s, SIGNING_SHELF_MINE, 0);
	assert_shelf(&s, SIGNING_SHELF_WAITING, 1);
	signing_scene_sign(&s, s.gabi);
	assert_shelf(&s, SIGNING_SHELF_MINE, 1);
	assert_shelf(&s, SIGNING_SHELF_WAITING, 0);
	signing_scene_sign(&s, s.ada);
	assert_shelf(&s, SIGNING_SHELF_MINE, 0);
	assert_shelf(&s, SIGNING_SHELF_WAITING, 1);
	signing_scene_sign(&s, s.peter);
	assert_shelf(&s, SIGNING_SHELF_FINISHED, 1);
	assert_shelf(&s, SIGNING_SHELF_ALL, 1);
}

/* Of an ordinary message one's own address means nothing; nor in Cc. */
static void only_in_to_of_a_request(void **state)
{
	struct signing_scene s;
	signing_scene_set_up_for(state, &s, SCENE_GABI, SIGNING_ALL_AT_ONCE);
	s.draft.cc = STR(SCENE_ADA);
	signing_scene_send(&s);
	assert_int_equal(signing_scene_get(&s, s.ada).signer_count, 1);
	assert_false(signing_scene_get(&s, s.ada).can_sign);
	s.draft.to = STR("");
	struct form_errors errors = {.count = 0};
	struct sent sent;
	assert_int_equal(core_fixture_try_send(s.f, s.ada, &s.draft, &sent, &errors), ERR_INVALID);
	core_fixture_send(s.f, s.ada, STR(SCENE_ADA ", " SCENE_GABI), STR("Hi"), STR("Hi"));
	const struct draft plain = {.to = STR(SCENE_ADA), .subject = STR("Hi"), .body = STR("Hi")};
	errors.count = 0;
	assert_int_equal(core_fixture_try_send(s.f, s.ada, &plain, &sent, &errors), ERR_INVALID);
	assert_true(form_errors_for(&errors, "to").len > 0);
}

static void twice_in_to_is_once(void **state)
{
	struct signing_scene s;
	signing_scene_begin_for(state, &s, SCENE_ADA ", " SCENE_GABI ", Ada <ADMIN@EXAMPLE.com>",
				SIGNING_ALL_AT_ONCE);
	assert_int_equal(signing_scene_get(&s, s.ada).signer_count, 2);
}

static void sent_again_by_the_same_key_it_is_one(void **state)
{
	struct signing_scene s;
	signing_scene_set_up_for(state, &s, SCENE_ADA ", " SCENE_GABI, SIGNING_ALL_AT_ONCE);
	s.draft.idempotency_key = STR("once");
	struct id first = signing_test_send(s.f, s.ada, &s.draft);
	struct id second = signing_test_send(s.f, s.ada, &s.draft);
	assert_true(id_eq(&first, &second));
}

/* Nobody tells themselves that they are away. */
static void who_is_away_does_not_answer_themselves(void **state)
{
	struct signing_scene s;
	signing_scene_set_up_for(state, &s, SCENE_ADA ", " SCENE_GABI, SIGNING_ALL_AT_ONCE);
	struct cx cx = core_fixture_cx(s.f, s.ada);
	const struct preferences away = {.notify = NOTIFY_EACH,
					 .away_from = STR("2026-01-01"),
					 .away_until = STR("2036-01-01"),
					 .away_text = STR("I am in the mountains.")};
	struct form_errors errors = {.count = 0};
	struct message_list inbox;
	assert_int_equal(preferences_write(&cx, &away, &errors), OK);
	signing_test_send(s.f, s.ada, &s.draft);
	assert_int_equal(mailbox_list(&cx, BOX_INBOX, STR(""), 10, &inbox), OK);
	assert_int_equal(inbox.count, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CORE_TEST(first_in_a_sequence),
		CORE_TEST(in_the_middle_of_a_sequence),
		CORE_TEST(last_of_a_sequence),
		CORE_TEST(all_at_once_in_any_order),
		CORE_TEST(alone),
		CORE_TEST(fields_of_ones_own_are_filled_in),
		CORE_TEST(the_trail_says_what_is_known_of_the_sender),
		CORE_TEST(one_delivery_and_no_tracking_of_oneself),
		CORE_TEST(lists_count_it_as_ones_own_to_sign),
		CORE_TEST(only_in_to_of_a_request),
		CORE_TEST(twice_in_to_is_once),
		CORE_TEST(sent_again_by_the_same_key_it_is_one),
		CORE_TEST(who_is_away_does_not_answer_themselves),
	};
	return engines_test_run("signing_too", tests, sizeof(tests) / sizeof(tests[0]));
}
