/* Requests to sign: what a recall takes, and from whom (P4.4, P6). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/file_recall.h"
#include "core/people.h"
#include "core/recall.h"
#include "core/signing_fake_pdf.h"
#include "core/signing_scene.h"

static enum err recall(struct signing_scene *s, const char *from, struct form_errors *errors)
{
	struct cx cx = core_fixture_cx(s->f, s->f->admin);
	struct str address = str_of(from);
	const struct recall_wish wish = {.reason = STR("Wrong rent"),
					 .addresses = &address,
					 .address_count = from ? 1 : 0,
					 .is_whole = from == NULL};
	struct recalled recalled;
	*errors = (struct form_errors){.count = 0};
	return recall_message(&cx, &s->id, &wish, &recalled, errors);
}

static enum delivery_end end_of(struct signing_scene *s, struct session *session)
{
	return core_fixture_open(s->f, session, &s->id).ended;
}

static enum err try_get(struct signing_scene *s, struct session *session)
{
	struct cx cx = core_fixture_cx(s->f, session);
	struct signing_view view;
	return signing_get(&cx, &s->id, &view);
}

static enum err try_read(struct signing_scene *s, struct session *session)
{
	struct cx cx = core_fixture_cx(s->f, session);
	struct pdf_bytes document;
	enum err err = signing_document(&cx, &s->id, 0, &document);
	if (err == OK)
		pdf_bytes_free(&document);
	return err;
}

static void recalled_unsigned_it_is_gone_for_all(void **state)
{
	struct signing_scene s;
	struct form_errors errors;
	signing_scene_begin(state, &s);
	assert_int_equal(recall(&s, NULL, &errors), OK);
	assert_int_equal(end_of(&s, s.gabi), DELIVERY_RECALLED);
	assert_int_equal(end_of(&s, s.wanda), DELIVERY_RECALLED);
	assert_int_equal(try_get(&s, s.gabi), ERR_CONFLICT);
	assert_int_equal(try_read(&s, s.gabi), ERR_CONFLICT);
	assert_int_equal(try_read(&s, s.wanda), ERR_CONFLICT);
	struct signing_view view = signing_scene_get(&s, s.f->admin);
	assert_int_equal(view.state, SIGNING_CANCELLED);
	/* Again, which changes nothing. */
	assert_int_equal(recall(&s, NULL, &errors), OK);
	signing_scene_assert_whole(&s);
}

static void who_has_signed_keeps_it(void **state)
{
	struct signing_scene s;
	struct form_errors errors;
	signing_scene_begin(state, &s);
	signing_scene_sign(&s, s.gabi);
	struct str signed_copy = signing_test_read(s.f, s.gabi, &s.id, 0);
	assert_int_equal(recall(&s, SCENE_GABI, &errors), ERR_INVALID);
	assert_string_equal(errors.items[0].field, "recipients");
	assert_int_equal(signing_scene_get(&s, s.f->admin).state, SIGNING_OPEN);
	assert_int_equal(recall(&s, NULL, &errors), OK);
	assert_int_equal(end_of(&s, s.gabi), DELIVERY_LIVE);
	assert_int_equal(end_of(&s, s.peter), DELIVERY_RECALLED);
	assert_int_equal(end_of(&s, s.wanda), DELIVERY_RECALLED);
	assert_str(signing_test_read(s.f, s.gabi, &s.id, 0), signed_copy);
	assert_int_equal(try_get(&s, s.peter), ERR_CONFLICT);
	assert_int_equal(try_read(&s, s.peter), ERR_CONFLICT);
	struct signing_view view = signing_scene_get(&s, s.gabi);
	assert_int_equal(view.state, SIGNING_CANCELLED);
	assert_int_equal(view.signers[0].state, SIGNER_SIGNED);
	/* A second one finds nobody else. */
	assert_int_equal(recall(&s, NULL, &errors), OK);
	assert_int_equal(end_of(&s, s.gabi), DELIVERY_LIVE);
	signing_scene_assert_whole(&s);
}

static void from_who_watches_the_request_goes_on(void **state)
{
	struct signing_scene s;
	struct form_errors errors;
	signing_scene_begin(state, &s);
	assert_int_equal(recall(&s, SCENE_WANDA, &errors), OK);
	assert_int_equal(end_of(&s, s.wanda), DELIVERY_RECALLED);
	assert_int_equal(signing_scene_get(&s, s.gabi).state, SIGNING_OPEN);
	/* The sealed copy is not hers either. */
	signing_scene_sign(&s, s.gabi);
	signing_scene_sign(&s, s.peter);
	assert_int_equal(signing_scene_get(&s, s.f->admin).state, SIGNING_COMPLETED);
	struct cx cx = core_fixture_cx(s.f, s.wanda);
	struct library_list list;
	struct form_errors none = {.count = 0};
	assert_int_equal(library_list_files(&cx, STR(""), STR(""), 10, &list, &none), OK);
	assert_int_equal(list.count, 0);
	assert_int_equal(signing_scene_mails_about(&s, SCENE_WANDA, ABOUT_COMPLETED), 0);
	signing_scene_assert_whole(&s);
}

static void from_one_who_was_to_sign_it_ends(void **state)
{
	struct signing_scene s;
	struct form_errors errors;
	signing_scene_begin(state, &s);
	assert_int_equal(recall(&s, SCENE_PETER, &errors), OK);
	assert_int_equal(end_of(&s, s.peter), DELIVERY_RECALLED);
	assert_int_equal(end_of(&s, s.gabi), DELIVERY_LIVE);
	assert_int_equal(signing_scene_get(&s, s.gabi).state, SIGNING_CANCELLED);
}

static void what_everybody_has_signed_stays(void **state)
{
	struct signing_scene s;
	struct form_errors errors;
	signing_scene_begin(state, &s);
	signing_scene_sign(&s, s.gabi);
	signing_scene_sign(&s, s.peter);
	assert_int_equal(recall(&s, NULL, &errors), ERR_CONFLICT);
	assert_string_equal(errors.items[0].field, "");
	assert_int_equal(recall(&s, SCENE_WANDA, &errors), ERR_CONFLICT);
	assert_int_equal(end_of(&s, s.wanda), DELIVERY_LIVE);
	struct signing_view view = signing_scene_get(&s, s.f->admin);
	struct cx cx = core_fixture_cx(s.f, s.f->admin);
	const struct recall_wish wish = {.is_whole = true};
	struct recalled recalled;
	errors.count = 0;
	assert_int_equal(
		file_recall(&cx, &s.id, &view.documents[0].file_id, &wish, &recalled, &errors),
		ERR_CONFLICT);
	assert_string_equal(errors.items[0].field, "");
	/* Whoever cannot recall it is told as ever. */
	struct cx other = core_fixture_cx(s.f, s.wanda);
	errors.count = 0;
	assert_int_equal(recall_message(&other, &s.id, &wish, &recalled, &errors), ERR_DENIED);
}

/* P1.4, P1.5: what they asked for goes on, and they may end it; they ask for no more, and take
 * nothing back. */
static void of_who_becomes_a_guest_the_request_goes_on(void **state)
{
	struct signing_scene s;
	struct form_errors errors = {.count = 0};
	struct recalled recalled;
	struct sent sent;
	signing_scene_set_up(state, &s);
	struct session *paul =
		core_fixture_person(s.f, STR("paul@example.com"), STR("Paul"), GRADE_PROFESSIONAL);
	struct cx cx = core_fixture_cx(s.f, s.f->admin);
	s.file = signing_test_upload(s.f, paul, STR("a.pdf"), STR("%PDF-1.7"));
	s.id = signing_test_send(s.f, paul, &s.draft);
	s.file = signing_test_upload(s.f, paul, STR("b.pdf"), STR("%PDF-1.7"));
	assert_int_equal(people_set_grade(&cx, &paul->user.id, GRADE_GUEST), OK);
	paul = core_fixture_sign_in(s.f, STR("paul@example.com"), CORE_FIXTURE_PASSWORD);
	assert_int_equal(core_fixture_try_send(s.f, paul, &s.draft, &sent, &errors), ERR_INVALID);
	assert_true(form_errors_for(&errors, "").len > 0);
	signing_scene_sign(&s, s.gabi);
	struct cx guest = core_fixture_cx(s.f, paul);
	const struct recall_wish wish = {.is_whole = true};
	errors.count = 0;
	assert_int_equal(recall_message(&guest, &s.id, &wish, &recalled, &errors), ERR_DENIED);
	assert_int_equal(signing_scene_get(&s, paul).state, SIGNING_OPEN);
	assert_int_equal(signing_cancel(&guest, &s.id, STR(""), &errors), OK);
	assert_int_equal(signing_scene_get(&s, s.peter).state, SIGNING_CANCELLED);
	signing_scene_assert_whole(&s);
}

/* P4.4: nobody is mailed of what was taken back. */
static void a_recall_takes_its_mails_back(void **state)
{
	struct signing_scene s;
	struct form_errors errors;
	signing_scene_begin(state, &s);
	signing_scene_sign(&s, s.gabi);
	assert_int_equal(recall(&s, NULL, &errors), OK);
	assert_int_equal(signing_scene_mails_about(&s, SCENE_PETER, ABOUT_SIGN), 0);
	assert_int_equal(signing_scene_mails_about(&s, SCENE_PETER, ABOUT_CANCELLED), 0);
	assert_int_equal(signing_scene_mails_about(&s, SCENE_GABI, ABOUT_CANCELLED), 1);
}

static struct signing_scene *meanwhile;

static void recall_it(void *argument)
{
	struct form_errors errors;
	(void)argument;
	signing_fake_before_open(NULL, NULL);
	assert_int_equal(recall(meanwhile, NULL, &errors), OK);
}

static void a_recall_in_the_middle_of_signing_comes_first(void **state)
{
	struct signing_scene s;
	struct form_errors errors = {.count = 0};
	signing_scene_begin(state, &s);
	meanwhile = &s;
	signing_fake_before_open(recall_it, NULL);
	assert_int_equal(signing_test_try_sign(s.f, s.gabi, &s.id, signing_scene_gabis, 2, &errors),
			 ERR_CONFLICT);
	assert_int_equal(errors.count, 1);
	assert_int_equal(end_of(&s, s.gabi), DELIVERY_RECALLED);
	struct signing_view view = signing_scene_get(&s, s.f->admin);
	assert_int_equal(view.state, SIGNING_CANCELLED);
	assert_int_equal(view.signers[0].state, SIGNER_ASKED);
	signing_scene_assert_whole(&s);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CORE_TEST(recalled_unsigned_it_is_gone_for_all),
		CORE_TEST(who_has_signed_keeps_it),
		CORE_TEST(from_who_watches_the_request_goes_on),
		CORE_TEST(from_one_who_was_to_sign_it_ends),
		CORE_TEST(what_everybody_has_signed_stays),
		CORE_TEST(of_who_becomes_a_guest_the_request_goes_on),
		CORE_TEST(a_recall_takes_its_mails_back),
		CORE_TEST(a_recall_in_the_middle_of_signing_comes_first),
	};
	return engines_test_run("signing_recall", tests, sizeof(tests) / sizeof(tests[0]));
}
