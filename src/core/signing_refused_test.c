/* Requests to sign: what is refused, when they are sent and when they are signed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/signing_scene.h"

static void only_ones_own_fields_once_and_whole(void **state)
{
	static const struct {
		const char *what;
		struct signing_value values[3];
		size_t count;
		const char *field;
	} rows[] = {
		{"a field of another signer",
		 {{.field_id = STR("g1"), .text = STR("G")},
		  {.field_id = STR("p1"), .text = STR("G")}},
		 2,
		 "fields.p1"},
		{"a field that there is not",
		 {{.field_id = STR("g1"), .text = STR("G")},
		  {.field_id = STR("x"), .text = STR("G")}},
		 2,
		 "fields.x"},
		{"one given twice",
		 {{.field_id = STR("g1"), .text = STR("G")},
		  {.field_id = STR("g1"), .text = STR("H")}},
		 2,
		 "fields.g1"},
		{"a required one left out",
		 {{.field_id = STR("g2"), .text = STR("G")}},
		 1,
		 "fields.g1"},
		{"a required one left empty",
		 {{.field_id = STR("g1"), .text = STR("  ")}},
		 1,
		 "fields.g1"},
		{"the certificate page's, by whom has a place of their own",
		 {{.field_id = STR("g1"), .text = STR("G")},
		  {.field_id = STR("signature"), .text = STR("G")}},
		 2,
		 "fields.signature"},
		{"a picture that is none",
		 {{.field_id = STR("g1"), .png = STR("GIF89a")}},
		 1,
		 "fields.g1"},
		{"a picture where text belongs",
		 {{.field_id = STR("g1"), .text = STR("G")},
		  {.field_id = STR("g2"), .png = STR("GIF89a")}},
		 2,
		 "fields.g2"},
		{"two lines", {{.field_id = STR("g1"), .text = STR("G\nH")}}, 1, "fields.g1"},
	};
	struct signing_scene s;
	signing_scene_begin(state, &s);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct form_errors errors = {.count = 0};
		enum err err = signing_test_try_sign(s.f, s.gabi, &s.id, rows[i].values,
						     rows[i].count, &errors);
		if (err != ERR_INVALID || form_errors_for(&errors, rows[i].field).len == 0)
			fail_msg("%s: %s", rows[i].what, err_name(err));
	}
	struct cx cx = core_fixture_cx(s.f, s.gabi);
	struct form_errors errors = {.count = 0};
	const struct signing_act act = {.values = signing_scene_gabis, .value_count = 2};
	assert_int_equal(signing_sign(&cx, &s.id, &act, &errors), ERR_INVALID);
	assert_true(form_errors_for(&errors, "consent").len > 0);
	assert_int_equal(signing_scene_get(&s, s.gabi).documents[0].revision, 0);
	signing_scene_assert_whole(&s);
}

static void nobody_else_has_a_right(void **state)
{
	struct signing_scene s;
	signing_scene_begin(state, &s);
	struct session *other =
		core_fixture_person(s.f, STR("other@example.org"), STR("O"), GRADE_PROFESSIONAL);
	struct cx cx = core_fixture_cx(s.f, other);
	struct cx watcher = core_fixture_cx(s.f, s.wanda);
	struct cx signer = core_fixture_cx(s.f, s.gabi);
	struct form_errors errors = {.count = 0};
	struct signing_view view;
	struct pdf_bytes document;
	int64_t count;
	assert_int_equal(signing_get(&cx, &s.id, &view), ERR_NOT_FOUND);
	assert_int_equal(signing_document(&cx, &s.id, 0, &document), ERR_NOT_FOUND);
	assert_int_equal(signing_decline(&cx, &s.id, STR(""), STR(""), &errors), ERR_NOT_FOUND);
	assert_int_equal(signing_cancel(&cx, &s.id, STR(""), &errors), ERR_NOT_FOUND);
	signing_scene_assert_sign(&s, other, signing_scene_gabis, 2, ERR_NOT_FOUND, NULL, STR_NONE);
	signing_scene_assert_sign(
		&s, s.wanda, signing_scene_gabis, 2, ERR_DENIED, "",
		STR("You were not asked to sign these documents. You can read them."));
	signing_scene_assert_sign(&s, s.f->admin, signing_scene_gabis, 2, ERR_DENIED, NULL,
				  STR_NONE);
	assert_int_equal(signing_decline(&watcher, &s.id, STR(""), STR(""), &errors), ERR_DENIED);
	assert_int_equal(signing_cancel(&signer, &s.id, STR(""), &errors), ERR_DENIED);
	assert_int_equal(signing_remind(&signer, &s.id, &count, &errors), ERR_DENIED);
	assert_int_equal(signing_document(&signer, &s.id, 1, &document), ERR_NOT_FOUND);
	assert_int_equal(signing_document(&signer, &s.id, -1, &document), ERR_NOT_FOUND);
	view = signing_scene_get(&s, s.wanda);
	assert_false(view.can_sign || view.can_decline || view.can_cancel || view.can_remind);
	assert_int_equal(view.my_field_count, 0);
	/* A message that is no request. */
	struct sent plain =
		core_fixture_send(s.f, s.f->admin, STR(SCENE_GABI), STR("Hi"), STR("Hi"));
	assert_int_equal(signing_get(&signer, &plain.id, &view), ERR_NOT_FOUND);
}

static void assert_not_sent(struct signing_scene *s, struct session *session,
			    const char *field_name)
{
	struct form_errors errors = {.count = 0};
	struct sent sent;
	assert_int_equal(core_fixture_try_send(s->f, session, &s->draft, &sent, &errors),
			 ERR_INVALID);
	if (form_errors_for(&errors, field_name).len == 0)
		fail_msg("nothing is said of %s", field_name);
}

static void what_cannot_be_sent(void **state)
{
	struct signing_scene s;
	signing_scene_set_up(state, &s);
	s.fields[0].box.page = 3;
	assert_not_sent(&s, s.f->admin, "fields.g1");
	s.fields[0].box.page = 1;
	s.fields[0].box.x = 500;
	assert_not_sent(&s, s.f->admin, "fields.g1");
	s.fields[0].box.x = 72;
	s.draft.bcc = STR("other@example.org");
	assert_not_sent(&s, s.f->admin, "bcc");
	s.draft.bcc = STR("");
	s.file = signing_test_upload(s.f, s.f->admin, STR("a.pdf"), STR("%PDF LOCKED"));
	assert_not_sent(&s, s.f->admin, "files");
	/* A guest, who writes to a professional. */
	s.file = signing_test_upload(s.f, s.gabi, STR("a.pdf"), STR("%PDF fine"));
	s.draft.to = STR(SCENE_PETER);
	s.draft.cc = STR("");
	s.plan.field_count = 0;
	assert_not_sent(&s, s.gabi, "");
	/* Where there is no worker. */
	s.file = signing_scene_upload(&s, "b.pdf");
	s.f->portal->pdf = NULL;
	assert_not_sent(&s, s.f->admin, "files");
	signing_scene_assert_whole(&s);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CORE_TEST(only_ones_own_fields_once_and_whole),
		CORE_TEST(nobody_else_has_a_right),
		CORE_TEST(what_cannot_be_sent),
	};
	return engines_test_run("signing_refused", tests, sizeof(tests) / sizeof(tests[0]));
}
