/* Plans of documents to sign (P6): as lines, as bytes, in drafts; and every mistake before anything
 * is sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "core/draft.h"
#include "core/file_test_support.h"
#include "core/signing_fake_pdf.h"
#include "core/signing_plan.h"
#include "core/signing_test_support.h"

static const struct id none = {0};

static struct signing_field field(const char *id, const char *signer)
{
	return (struct signing_field){
		.id = str_of(id),
		.kind = PDF_FIELD_SIGNATURE,
		.signer = str_of(signer),
		.box = {.page = 1, .x = 72, .y = 540.5, .width = 180, .height = 40.25},
		.is_required = true,
	};
}

/* ---- lines ---- */

static void what_is_written_as_a_line_is_read_from_it(void **state)
{
	struct core_fixture *f = *state;
	const struct id files[] = {id_new(1), id_new(2)};
	struct signing_field written = field("a1", "anna@example.com"), read;
	written.file = 1;
	written.kind = PDF_FIELD_CHECK;
	written.label = STR("I agree, of course");
	struct str line = signing_plan_line(&f->arena, &written, files);
	assert_str(line, arena_printf(&f->arena,
				      "a1 check anna@example.com %s 1 72 540.5 180 40.25 required "
				      "I agree, of course",
				      files[1].text));
	assert_int_equal(signing_plan_line_parse(line, files, 2, &read), OK);
	assert_str(read.id, written.id);
	assert_str(read.signer, written.signer);
	assert_str(read.label, written.label);
	assert_int_equal(read.kind, written.kind);
	assert_int_equal(read.file, 1);
	assert_true(read.is_required && read.box.page == 1 && read.box.y == 540.5 &&
		    read.box.height == 40.25);
	/* Its document was taken out. */
	assert_int_equal(signing_plan_line_parse(line, files, 1, &read), ERR_NOT_FOUND);
	written.label = STR_NONE;
	written.is_required = false;
	line = signing_plan_line(&f->arena, &written, files);
	assert_int_equal(signing_plan_line_parse(line, files, 2, &read), OK);
	assert_true(read.label.len == 0 && !read.is_required);
}

static void what_is_no_line_is_refused(void **state)
{
	struct core_fixture *f = *state;
	const struct id file = id_new(1);
	static const char *const bad[] = {
		"",
		"a1",
		"a1 signature a@b.org FILE 1 72 72 100",
		"a1 signature a@b.org FILE 1 72 72 100 40",
		"a1 signature a@b.org FILE 1 72 72 100 40 perhaps",
		"a1 stamp a@b.org FILE 1 72 72 100 40 required",
		"a1 signature a@b.org none 1 72 72 100 40 required",
		"a1 signature a@b.org FILE -1 72 72 100 40 required",
		"a1 signature a@b.org FILE 5001 72 72 100 40 required",
		"a1 signature a@b.org FILE 1 -72 72 100 40 required",
		"a1 signature a@b.org FILE 1 nan 72 100 40 required",
		"a1 signature a@b.org FILE 1 inf 72 100 40 required",
		"a1 signature a@b.org FILE 1 1e3 72 100 40 required",
		"a1 signature a@b.org FILE 1 14401 72 100 40 required",
		"a1 signature a@b.org FILE 1 99999999999999999999 72 100 40 required",
		"a1 signature a@b.org FILE 1 7.123 72 100 40 required",
		"a1 signature a@b.org FILE 1 7.-1 72 100 40 required",
		"a1 signature a@b.org FILE 1 .5 72 100 40 required",
		"a1 signature a@b.org FILE 1 72 72 100 40 required \xff",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct signing_field read;
		const char *at = strstr(bad[i], "FILE");
		struct str line = str_of(bad[i]);
		if (at)
			line = arena_printf(&f->arena, "%.*s%s%s", (int)(at - bad[i]), bad[i],
					    file.text, at + 4);
		if (signing_plan_line_parse(line, &file, 1, &read) != ERR_INVALID)
			fail_msg("%s", bad[i]);
	}
}

static void points_are_kept_to_the_hundredth(void **state)
{
	struct core_fixture *f = *state;
	static const struct {
		double points;
		const char *text;
	} cases[] = {
		{0, "0"},
		{72, "72"},
		{72.5, "72.5"},
		{0.29, "0.29"},
		{1.005, "1"},
		{99.999, "100"},
		{-4, "0"},
		{1e300, "14400"},
		{__builtin_nan(""), "0"},
		{__builtin_inf(), "14400"},
		{-__builtin_inf(), "0"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_str(signing_plan_points(&f->arena, cases[i].points), str_of(cases[i].text));
	assert_true(signing_plan_round(0.1 + 0.2) == 0.3);
}

/* ---- drafts ---- */

static struct draft draft_with(struct core_fixture *f, const struct id *file,
			       struct signing_plan *plan)
{
	static struct signing_field fields[2];
	fields[0] = field("a1", "gabi@example.org");
	fields[1] = field("b2", "hugo@example.org");
	*plan = (struct signing_plan){
		.fields = fields,
		.field_count = 2,
		.order = SIGNING_IN_SEQUENCE,
		.deadline = STR("2100-01-01"),
		.remind_after_days = 3,
		.remind_every_days = 2,
		.remind_before_days = 1,
		.wants_password = true,
	};
	(void)f;
	return (struct draft){
		.to = STR("gabi@example.org, hugo@example.org"),
		.subject = STR("Contract"),
		.body = STR("Please sign."),
		.files = file,
		.file_count = 1,
		.signing = plan,
	};
}

static void a_draft_keeps_its_plan(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct form_errors errors = {.count = 0};
	struct id file = file_test_pdf(f, f->admin, "contract.pdf");
	struct signing_plan plan;
	struct draft draft = draft_with(f, &file, &plan);
	struct draft_saved saved;
	struct kept_draft kept;
	struct draft_list list;
	assert_int_equal(draft_save(&cx, &none, 0, &draft, &saved, &errors), OK);
	assert_int_equal(draft_get(&cx, &saved.id, &kept), OK);
	const struct signing_plan *read = kept.draft.signing;
	assert_non_null(read);
	assert_int_equal(read->order, SIGNING_IN_SEQUENCE);
	assert_str(read->deadline, plan.deadline);
	assert_int_equal(read->remind_after_days, 3);
	assert_int_equal(read->remind_every_days, 2);
	assert_int_equal(read->remind_before_days, 1);
	assert_true(read->wants_password);
	assert_int_equal(read->field_count, 2);
	assert_str(read->fields[1].signer, STR("hugo@example.org"));
	assert_true(read->fields[1].box.height == 40.25 && read->fields[1].box.page == 1);
	assert_int_equal(draft_list(&cx, STR(""), 10, &list), OK);
	assert_true(list.lines[0].is_signing && list.lines[0].file_count == 1);
	/* Before a document was chosen it is a plan too; and without one it is a draft as ever. */
	draft.file_count = 0;
	plan.field_count = 0;
	plan.remind_after_days = -1;
	assert_int_equal(draft_save(&cx, &saved.id, 1, &draft, &saved, &errors), OK);
	assert_int_equal(draft_get(&cx, &saved.id, &kept), OK);
	assert_true(kept.draft.signing && kept.draft.file_count == 0);
	assert_int_equal(kept.draft.signing->remind_after_days, -1);
	draft.signing = NULL;
	assert_int_equal(draft_save(&cx, &saved.id, 2, &draft, &saved, &errors), OK);
	assert_int_equal(draft_get(&cx, &saved.id, &kept), OK);
	assert_null(kept.draft.signing);
	assert_int_equal(draft_list(&cx, STR(""), 10, &list), OK);
	assert_false(list.lines[0].is_signing);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void fields_go_with_their_documents(void **state)
{
	struct core_fixture *f = *state;
	const struct id files[] = {id_new(1), id_new(2)};
	struct signing_plan plan;
	struct draft draft = draft_with(f, files, &plan);
	const struct signing_plan *moved;
	draft.file_count = 2;
	plan.fields[1].file = 1;
	assert_int_equal(signing_plan_move(&f->arena, &draft, &files[1], 1, &moved), OK);
	assert_int_equal(moved->field_count, 1);
	assert_str(moved->fields[0].id, STR("b2"));
	assert_int_equal(moved->fields[0].file, 0);
	assert_int_equal(plan.field_count, 2);
}

/* ---- mistakes ---- */

struct mistake {
	const char *sentence;
	const char *field; /* that is told; NULL: none */
	void (*make)(struct draft *draft, struct signing_plan *plan);
	const char *words; /* in its sentence; NULL: whatever */
};

#define MAKE(name)                                                                                 \
	static void name(struct draft *draft __attribute__((unused)),                              \
			 struct signing_plan *plan __attribute__((unused)))
MAKE(nothing)
{
}
MAKE(no_fields)
{
	plan->field_count = 0;
}
MAKE(no_signers)
{
	draft->to = STR("");
	draft->cc = STR("gabi@example.org");
	plan->field_count = 0;
}
MAKE(oneself)
{
	draft->to = STR("gabi@example.org, hugo@example.org, admin@example.com");
}
MAKE(oneself_alone)
{
	draft->to = STR("Ada <Admin@Example.com>");
	plan->field_count = 1;
	plan->fields[0].signer = STR("admin@example.com");
}
MAKE(oneself_in_cc)
{
	draft->to = STR("");
	draft->cc = STR("gabi@example.org, admin@example.com");
	plan->field_count = 0;
}
MAKE(bcc)
{
	draft->bcc = STR("zoe@example.org");
}
MAKE(no_documents)
{
	draft->file_count = 0;
	plan->field_count = 0;
}
MAKE(option)
{
	draft->options = OPTION_NO_FORWARD;
}
MAKE(confidential)
{
	draft->options = OPTION_CONFIDENTIAL;
}
MAKE(expires)
{
	draft->expires = STR("2026-12-31");
}
MAKE(past)
{
	plan->deadline = STR("2001-01-01");
}
MAKE(far)
{
	plan->deadline = STR("2999-01-01");
}
MAKE(no_day)
{
	plan->deadline = STR("soon");
}
MAKE(long_day)
{
	plan->deadline = STR("2100-01-01T00:00:00.00000000000000000000000000000000000Z");
}
MAKE(after_bad)
{
	plan->remind_after_days = -1;
}
MAKE(every_far)
{
	plan->remind_every_days = LIMIT_SIGNING_DAYS + 1;
}
MAKE(every_alone)
{
	plan->remind_after_days = 0;
}
MAKE(before_alone)
{
	plan->deadline = STR("");
}
MAKE(stranger)
{
	plan->fields[1].signer = STR("zoe@example.org");
}
MAKE(watcher)
{
	draft->to = STR("gabi@example.org");
	draft->cc = STR("hugo@example.org");
}
MAKE(same_address_otherwise_written)
{
	plan->fields[1].signer = STR("HUGO@EXAMPLE.ORG");
}
MAKE(id_twice)
{
	plan->fields[1].id = STR("a1");
}
MAKE(id_bad)
{
	plan->fields[1].id = STR("b.2");
}
MAKE(id_empty)
{
	plan->fields[1].id = STR("");
}
MAKE(id_long)
{
	plan->fields[1].id = STR("b23456789012345678901234567890123");
}
MAKE(no_file)
{
	plan->fields[1].file = 1;
}
MAKE(file_below)
{
	plan->fields[1].file = -1;
}
MAKE(no_page)
{
	plan->fields[1].box.page = 0;
}
MAKE(no_size)
{
	plan->fields[1].box.width = 0;
}
MAKE(wider_than_any_page)
{
	plan->fields[1].box.width = 1e300;
}
MAKE(higher_than_its_page)
{
	plan->fields[1].box.height = 900;
}
MAKE(nan_size)
{
	plan->fields[1].box.height = __builtin_nan("");
}
MAKE(label_lines)
{
	plan->fields[1].label = STR("One\ntwo");
}
#undef MAKE

static const struct mistake mistakes[] = {
	{"a plan without a mistake", NULL, nothing},
	{"nobody needs to place a field", NULL, no_fields},
	{"an address is the same in capitals", NULL, same_address_otherwise_written},
	{"somebody has to sign", "to", no_signers},
	{"one may sign oneself, beside others", NULL, oneself},
	{"or alone", NULL, oneself_alone},
	{"but does not watch alone what nobody signs", "to", oneself_in_cc},
	{"everybody sees who signs", "bcc", bcc},
	{"there is something to sign", "files", no_documents},
	{"who signs may hand on what is signed", "options", option},
	{"a password is asked for otherwise", "options", confidential},
	{"there is a deadline and no expiry", "expires_at", expires},
	{"a deadline is to come", "deadline", past},
	{"a deadline comes within a year", "deadline", far},
	{"a deadline is a day", "deadline", no_day},
	{"a deadline is not long", "deadline", long_day},
	{"days are a number", "remind_after_days", after_bad},
	{"reminders come within a year", "remind_every_days", every_far},
	{"further reminders need a first", "remind_every_days", every_alone},
	{"before a deadline there is a deadline", "remind_before_days", before_alone},
	{"a field is for a signer", "fields.b2", stranger},
	{"who watches has no field", "fields.b2", watcher},
	{"each field has a name of its own", "fields.a1", id_twice},
	{"a name is plain", "signing", id_bad},
	{"a field has a name", "signing", id_empty},
	{"a name is short", "signing", id_long},
	{"a field is on a document", "fields.b2", no_file},
	{"a document is counted from 0", "fields.b2", file_below},
	{"pages are counted from 1", "fields.b2", no_page},
	{"a field has a size", "fields.b2", no_size},
	{"no field is larger than a page can be", "fields.b2", wider_than_any_page,
	 "larger than a page can be"},
	{"no field is larger than its page", "fields.b2", higher_than_its_page, "inside its page"},
	{"a size is a number", "fields.b2", nan_size},
	{"a label is one line", "fields.b2", label_lines},
};

static struct id upload_contract(struct core_fixture *f, struct session *session)
{
	f->portal->pdf = signing_fake_workers();
	return signing_test_upload(f, session, STR("contract.pdf"), STR("%PDF-1.7 the contract"));
}

static void every_mistake_is_told_at_its_field(void **state)
{
	struct core_fixture *f = *state;
	struct id file = upload_contract(f, f->admin);
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		const struct mistake *mistake = &mistakes[i];
		struct cx cx = core_fixture_cx(f, f->admin);
		struct form_errors errors = {.count = 0};
		struct signing_plan plan;
		struct draft draft = draft_with(f, &file, &plan);
		plan.deadline = arena_printf(&f->arena, "%s", "2026-12-31");
		mistake->make(&draft, &plan);
		enum err err = message_check(&cx, &draft, &errors);
		if (mistake->field == NULL && err != OK)
			fail_msg("%s: %s %.*s", mistake->sentence, errors.items[0].field,
				 STR_ARGS(errors.items[0].detail));
		if (mistake->field && (err != ERR_INVALID || errors.count != 1 ||
				       strcmp(errors.items[0].field, mistake->field) != 0))
			fail_msg("%s: %s, %s (%d)", mistake->sentence, err_name(err),
				 errors.count ? errors.items[0].field : "", (int)errors.count);
		if (mistake->words && str_find(errors.items[0].detail, str_of(mistake->words)) < 0)
			fail_msg("%s: %.*s", mistake->sentence, STR_ARGS(errors.items[0].detail));
	}
}

static void guests_ask_nobody_to_sign(void **state)
{
	struct core_fixture *f = *state;
	struct session *guest =
		core_fixture_person(f, STR("gast@example.org"), STR("Gast"), GRADE_GUEST);
	struct id file = upload_contract(f, guest);
	struct cx cx = core_fixture_cx(f, guest);
	struct form_errors errors = {.count = 0};
	struct signing_plan plan = {.order = SIGNING_ALL_AT_ONCE};
	struct draft draft = draft_with(f, &file, &plan);
	plan.field_count = 0;
	draft.to = STR("admin@example.com");
	plan.deadline = STR("");
	plan.remind_before_days = 0;
	assert_int_equal(message_check(&cx, &draft, &errors), ERR_INVALID);
	assert_int_equal(errors.count, 1);
	assert_string_equal(errors.items[0].field, "");
}

static void only_ones_own_uploads_are_documents(void **state)
{
	struct core_fixture *f = *state;
	struct session *guest =
		core_fixture_person(f, STR("gabi@example.org"), STR("Gabi"), GRADE_GUEST);
	struct id file = file_test_pdf(f, guest, "hers.pdf");
	struct cx cx = core_fixture_cx(f, f->admin);
	struct form_errors errors = {.count = 0};
	struct signing_plan plan;
	file_test_give(f, guest, "admin@example.com", &file);
	struct draft draft = draft_with(f, &file, &plan);
	plan.deadline = STR("2026-12-31");
	assert_int_equal(message_check(&cx, &draft, &errors), ERR_INVALID);
	assert_int_equal(errors.count, 1);
	assert_string_equal(errors.items[0].field, "files");
	/* The places of fields would be ambiguous. */
	struct id mine = file_test_pdf(f, f->admin, "mine.pdf");
	const struct id twice[] = {mine, mine};
	errors.count = 0;
	draft.files = twice;
	draft.file_count = 2;
	assert_int_equal(message_check(&cx, &draft, &errors), ERR_INVALID);
	assert_string_equal(errors.items[0].field, "files");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(what_is_written_as_a_line_is_read_from_it),
		CORE_TEST(what_is_no_line_is_refused),
		CORE_TEST(points_are_kept_to_the_hundredth),
		CORE_TEST(a_draft_keeps_its_plan),
		CORE_TEST(fields_go_with_their_documents),
		CORE_TEST(every_mistake_is_told_at_its_field),
		CORE_TEST(guests_ask_nobody_to_sign),
		CORE_TEST(only_ones_own_uploads_are_documents),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
