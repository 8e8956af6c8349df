#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/housekeeping.h"
#include "core/signing_fake_pdf.h"
#include "core/signing_scene.h"

const struct signing_value signing_scene_gabis[2] = {
	{.field_id = STR("g1"), .text = STR("Gabi G.")},
	{.field_id = STR("g2"), .text = STR("Room 4")},
};
const struct signing_value signing_scene_peters[2] = {
	{.field_id = STR("p1"), .text = STR("Peter P.")},
	{.field_id = STR("p2"), .text = STR("on")},
};

static struct signing_field field(const char *id, enum pdf_field_kind kind, const char *signer,
				  bool is_required)
{
	return (struct signing_field){.id = str_of(id),
				      .kind = kind,
				      .signer = str_of(signer),
				      .box = {1, 72, 500, 180, 40},
				      .is_required = is_required};
}

struct id signing_scene_upload(struct signing_scene *s, const char *name)
{
	return signing_test_upload(s->f, s->f->admin, str_of(name),
				   STR("%PDF-1.7 the lease\n%%EOF\n"));
}

void signing_scene_set_up(void **state, struct signing_scene *s)
{
	struct core_fixture *f = *state;
	f->portal->pdf = signing_fake_workers();
	signing_fake_before_open(NULL, NULL);
	*s = (struct signing_scene){.f = f, .ada = f->admin};
	s->gabi = core_fixture_person(f, STR(SCENE_GABI), STR("Gabi Guest"), GRADE_GUEST);
	s->peter = core_fixture_person(f, STR(SCENE_PETER), STR("Peter Pro"), GRADE_PROFESSIONAL);
	s->wanda = core_fixture_person(f, STR(SCENE_WANDA), STR("Wanda"), GRADE_GUEST);
	s->file = signing_scene_upload(s, "lease.pdf");
	s->fields[0] = field("g1", PDF_FIELD_SIGNATURE, SCENE_GABI, true);
	s->fields[1] = field("g2", PDF_FIELD_TEXT, SCENE_GABI, false);
	s->fields[2] = field("p1", PDF_FIELD_SIGNATURE, SCENE_PETER, true);
	s->fields[3] = field("p2", PDF_FIELD_CHECK, SCENE_PETER, true);
	s->plan = (struct signing_plan){
		.fields = s->fields, .field_count = 4, .order = SIGNING_ALL_AT_ONCE};
	s->draft = signing_test_draft(SCENE_GABI ", " SCENE_PETER, &s->file, 1, &s->plan);
	s->draft.cc = STR(SCENE_WANDA);
}

void signing_scene_set_up_for(void **state, struct signing_scene *s, const char *to,
			      enum signing_order order)
{
	signing_scene_set_up(state, s);
	s->plan = (struct signing_plan){.order = order};
	s->draft.to = str_of(to);
}

void signing_scene_send(struct signing_scene *s)
{
	s->id = signing_test_send(s->f, s->f->admin, &s->draft);
}

void signing_scene_begin(void **state, struct signing_scene *s)
{
	signing_scene_set_up(state, s);
	signing_scene_send(s);
}

void signing_scene_begin_for(void **state, struct signing_scene *s, const char *to,
			     enum signing_order order)
{
	signing_scene_set_up_for(state, s, to, order);
	signing_scene_send(s);
}

void signing_scene_start_again(void **state, enum custody custody)
{
	struct core_fixture *f = *state;
	bool is_postgres = str_starts_with(str_of(f->url), STR("postgres"));
	core_fixture_release(f);
	core_fixture_init(f, is_postgres, custody);
}

void signing_scene_sign(struct signing_scene *s, struct session *session)
{
	const struct signing_value *values =
		session == s->gabi ? signing_scene_gabis : signing_scene_peters;
	signing_test_sign(s->f, session, &s->id, values, s->plan.field_count ? 2 : 0);
}

void signing_scene_assert_sign(struct signing_scene *s, struct session *session,
			       const struct signing_value *values, size_t count, enum err expected,
			       const char *field_name, struct str sentence)
{
	struct form_errors errors = {.count = 0};
	enum err err = signing_test_try_sign(s->f, session, &s->id, values, count, &errors);
	if (err != expected)
		fail_msg("%s, not %s: %.*s", err_name(err), err_name(expected),
			 (int)(errors.count ? errors.items[0].detail.len : 0),
			 errors.count ? errors.items[0].detail.data : "");
	if (field_name)
		assert_str(form_errors_for(&errors, field_name), sentence);
}

struct signing_view signing_scene_get(struct signing_scene *s, struct session *session)
{
	return signing_test_get(s->f, session, &s->id);
}

enum signing_state signing_scene_state(struct signing_scene *s)
{
	return signing_scene_get(s, s->f->admin).state;
}

void signing_scene_sweep(struct signing_scene *s)
{
	struct cx cx = core_fixture_cx(s->f, NULL);
	assert_int_equal(housekeeping_sweep(&cx), OK);
}

size_t signing_scene_mails(struct signing_scene *s, enum mail_kind kind, const char *address)
{
	return core_fixture_count_mails(s->f, kind, str_of(address));
}

size_t signing_scene_mails_about(struct signing_scene *s, const char *address,
				 enum mail_about about)
{
	size_t count = 0;
	core_fixture_take_mails(s->f);
	for (size_t i = 0; i < s->f->mail_count; i++)
		count += s->f->mails[i].about == about &&
			 str_eq(s->f->mails[i].to_address, str_of(address));
	return count;
}

void signing_scene_assert_whole(struct signing_scene *s)
{
	assert_int_equal(signing_test_audit_bad(s->f), 0);
	assert_int_equal(core_fixture_problems(s->f), 0);
}
