/* Requests to sign, with documents that are text (core/signing_fake_pdf.c): who does what, in
 * which order, and what everybody has at the end. With real ones: signing_pdf_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/signing_scene.h"

static bool has(struct str text, const char *part)
{
	return str_find(text, str_of(part)) >= 0;
}

static void all_sign_and_everybody_has_the_sealed_copy(void **state)
{
	struct signing_scene s;
	signing_scene_begin(state, &s);
	struct str prepared = signing_test_read(s.f, s.gabi, &s.id, 0);
	assert_true(has(prepared, "PREPARED 2 signers 4 fields"));
	assert_true(has(prepared, "CERTIFIED"));
	struct signing_view view = signing_scene_get(&s, s.peter);
	assert_true(view.can_sign && view.can_decline && !view.can_cancel);
	assert_int_equal(view.my_field_count, 2);
	signing_scene_sign(&s, s.peter);
	assert_int_equal(signing_scene_state(&s), SIGNING_OPEN);
	signing_scene_assert_sign(&s, s.peter, signing_scene_peters, 2, ERR_CONFLICT, "",
				  STR("You have signed already, so there is nothing left to do."));
	signing_scene_sign(&s, s.gabi);

	view = signing_scene_get(&s, s.wanda);
	assert_int_equal(view.state, SIGNING_COMPLETED);
	struct str sealed = signing_test_read(s.f, s.f->admin, &s.id, 0);
	assert_true(str_starts_with(sealed, prepared));
	assert_true(has(sealed, "SIGNED 1 by Peter Pro: [p1=Peter P.] [p2=on]"));
	assert_true(has(sealed, "SIGNED 0 by Gabi Guest: [g1=Gabi G.] [g2=Room 4]"));
	assert_true(has(sealed, "SEALED"));
	assert_true(has(sealed, "From 192.0.2.7, Test/1.0"));
	assert_true(has(sealed, "Address proven by the link of the invitation"));
	struct session *const readers[] = {s.f->admin, s.gabi, s.peter, s.wanda};
	for (size_t i = 0; i < 4; i++) {
		struct message_view message = core_fixture_open(s.f, readers[i], &s.id);
		assert_int_equal(message.file_count, 1);
		assert_str(signing_test_read(s.f, readers[i], &s.id, 0), sealed);
	}
	signing_scene_assert_whole(&s);
}

static void without_fields_everybody_signs_on_the_certificate_page(void **state)
{
	struct signing_scene s;
	signing_scene_set_up(state, &s);
	s.plan.field_count = 0;
	signing_scene_send(&s);
	struct signing_view view = signing_scene_get(&s, s.gabi);
	assert_int_equal(view.my_field_count, 1);
	const struct signing_value mark = {.field_id = view.my_fields[0].id, .text = STR("G. G.")};
	signing_test_sign(s.f, s.gabi, &s.id, &mark, 1);
	signing_scene_sign(&s, s.peter);
	struct str sealed = signing_test_read(s.f, s.gabi, &s.id, 0);
	assert_true(has(sealed, "SIGNED 0 by Gabi Guest: [=G. G.]"));
	assert_true(has(sealed, "SIGNED 1 by Peter Pro: [=Peter Pro]"));
	signing_scene_assert_whole(&s);
}

/* Lines are broken where the page is made; here they stand whole. */
static void nothing_of_the_trail_is_cut(void **state)
{
	static const char name[] = "agreement-on-the-lease-of-the-second-floor-of-the-building-in-"
				   "the-yard-behind-the-old-mill-with-the-garden-and-both-cellars-"
				   "as-amended-for-the-third-time.pdf";
	struct signing_scene s;
	signing_scene_set_up(state, &s);
	s.file = signing_scene_upload(&s, name);
	signing_scene_send(&s);
	signing_scene_sign(&s, s.gabi);
	signing_scene_sign(&s, s.peter);
	assert_true(has(signing_test_read(s.f, s.gabi, &s.id, 0), name));
	signing_scene_assert_whole(&s);
}

/* It may be all that somebody has. */
static void the_trail_says_where_it_was_signed_and_how_to_check_it(void **state)
{
	struct signing_scene s;
	signing_scene_set_up(state, &s);
	signing_scene_send(&s);
	signing_scene_sign(&s, s.gabi);
	signing_scene_sign(&s, s.peter);
	struct str trail = signing_test_read(s.f, s.gabi, &s.id, 0);
	assert_true(has(trail, "Signed on Harbour Clinic, https://"));
	assert_true(has(trail, "How to check this document"));
	assert_false(has(trail, ", UTC)")); /* once is enough */
	signing_scene_assert_whole(&s);
}

static void a_date_is_the_day_of_signing_whatever_is_sent(void **state)
{
	static const struct signing_value values[] = {
		{.field_id = STR("g1"), .text = STR("Gabi G.")},
		{.field_id = STR("g2"), .text = STR("1 Jan 1999")}};
	struct signing_scene s;
	signing_scene_set_up(state, &s);
	s.fields[1].kind = PDF_FIELD_DATE;
	signing_scene_send(&s);
	signing_test_sign(s.f, s.gabi, &s.id, values, 2);
	struct str document = signing_test_read(s.f, s.peter, &s.id, 0);
	assert_false(has(document, "Jan 1999"));
	assert_true(has(document, "[g2=1 Jan 2026]"));
	signing_scene_assert_whole(&s);
}

static void one_after_the_other_each_is_told_at_their_turn(void **state)
{
	struct signing_scene s;
	signing_scene_set_up(state, &s);
	s.plan.order = SIGNING_IN_SEQUENCE;
	s.plan.field_count = 0;
	s.draft.to = STR(SCENE_GABI ", new@example.net, " SCENE_PETER);
	size_t before = core_fixture_count_mails(s.f, MAIL_NOTIFICATION, STR(SCENE_PETER));
	signing_scene_send(&s);
	assert_int_equal(core_fixture_count_mails(s.f, MAIL_NOTIFICATION, STR(SCENE_PETER)),
			 before);
	assert_int_equal(core_fixture_count_mails(s.f, MAIL_INVITATION, STR("new@example.net")), 0);
	signing_scene_assert_sign(
		&s, s.peter, NULL, 0, ERR_DENIED, "",
		STR("It is not your turn yet: others sign first. You will get an e-mail when it "
		    "is."));
	signing_scene_sign(&s, s.gabi);
	assert_int_equal(core_fixture_count_mails(s.f, MAIL_INVITATION, STR("new@example.net")), 1);
	assert_int_equal(core_fixture_count_mails(s.f, MAIL_NOTIFICATION, STR(SCENE_PETER)),
			 before);

	/* Invited, not registered until now: they sign then. */
	struct str token = core_fixture_token(s.f, MAIL_INVITATION, STR("new@example.net"));
	struct session *nina = core_fixture_register(s.f, token, STR("Nina")).sign_in.session;
	signing_scene_sign(&s, nina);
	assert_int_equal(core_fixture_count_mails(s.f, MAIL_NOTIFICATION, STR(SCENE_PETER)),
			 before + 1);
	signing_scene_sign(&s, s.peter);
	assert_int_equal(signing_scene_state(&s), SIGNING_COMPLETED);
	assert_int_equal(core_fixture_open(s.f, nina, &s.id).file_count, 1);
	signing_scene_assert_whole(&s);
}

static void somebody_who_is_invited_gets_the_sealed_copy_when_they_register(void **state)
{
	struct signing_scene s;
	signing_scene_set_up(state, &s);
	s.plan.field_count = 0;
	s.draft.to = STR(SCENE_GABI);
	s.draft.cc = STR("new@example.net");
	signing_scene_send(&s);
	signing_scene_sign(&s, s.gabi);
	struct str sealed = signing_test_read(s.f, s.gabi, &s.id, 0);
	struct str token = core_fixture_token(s.f, MAIL_INVITATION, STR("new@example.net"));
	struct session *nina = core_fixture_register(s.f, token, STR("Nina")).sign_in.session;
	assert_int_equal(core_fixture_open(s.f, nina, &s.id).file_count, 1);
	assert_str(signing_test_read(s.f, nina, &s.id, 0), sealed);
	signing_scene_assert_whole(&s);
}

static void signers_of_two_documents_sign_both(void **state)
{
	struct signing_scene s;
	signing_scene_set_up(state, &s);
	const struct id files[] = {s.file, signing_scene_upload(&s, "annex.pdf")};
	s.draft.files = files;
	s.draft.file_count = 2;
	s.fields[2].file = s.fields[3].file = 1;
	signing_scene_send(&s);
	signing_scene_sign(&s, s.gabi);
	signing_scene_sign(&s, s.peter);
	struct str lease = signing_test_read(s.f, s.gabi, &s.id, 0);
	struct str annex = signing_test_read(s.f, s.gabi, &s.id, 1);
	assert_true(has(lease, "SIGNED 0 by Gabi Guest: [g1=Gabi G.] [g2=Room 4]"));
	assert_true(has(annex, "SIGNED 0 by Gabi Guest: [=Gabi G.]"));
	assert_true(has(lease, "SIGNED 1 by Peter Pro: [=Peter P.]"));
	assert_true(has(annex, "SIGNED 1 by Peter Pro: [p1=Peter P.] [p2=on]"));
	assert_int_equal(core_fixture_open(s.f, s.wanda, &s.id).file_count, 2);
	signing_scene_assert_whole(&s);
}

static void the_password_is_asked_for_again_where_that_is_wanted(void **state)
{
	struct signing_scene s;
	signing_scene_set_up(state, &s);
	s.plan.wants_password = true;
	signing_scene_send(&s);
	struct cx cx = core_fixture_cx(s.f, s.gabi);
	struct form_errors errors = {.count = 0};
	const struct signing_act act = {.has_consented = true,
					.password = STR("something else entirely"),
					.values = signing_scene_gabis,
					.value_count = 2};
	assert_int_equal(signing_sign(&cx, &s.id, &act, &errors), ERR_INVALID);
	assert_true(form_errors_for(&errors, "password").len > 0);
	signing_scene_sign(&s, s.gabi);
}

/* Where only a person's own password opens what is theirs. */
static void in_strict_custody_it_goes_the_same_way(void **state)
{
	signing_scene_start_again(state, CUSTODY_STRICT);
	all_sign_and_everybody_has_the_sealed_copy(state);
	signing_scene_start_again(state, CUSTODY_STRICT);
	one_after_the_other_each_is_told_at_their_turn(state);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CORE_TEST(all_sign_and_everybody_has_the_sealed_copy),
		CORE_TEST(without_fields_everybody_signs_on_the_certificate_page),
		CORE_TEST(nothing_of_the_trail_is_cut),
		CORE_TEST(the_trail_says_where_it_was_signed_and_how_to_check_it),
		CORE_TEST(a_date_is_the_day_of_signing_whatever_is_sent),
		CORE_TEST(one_after_the_other_each_is_told_at_their_turn),
		CORE_TEST(somebody_who_is_invited_gets_the_sealed_copy_when_they_register),
		CORE_TEST(signers_of_two_documents_sign_both),
		CORE_TEST(the_password_is_asked_for_again_where_that_is_wanted),
		CORE_TEST(in_strict_custody_it_goes_the_same_way),
	};
	return engines_test_run("signing_life", tests, sizeof(tests) / sizeof(tests[0]));
}
