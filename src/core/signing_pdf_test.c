/* Requests to sign with real documents: whole lives, whose result pdfsig and qpdf look at. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/signing_test_support.h"
#include "pdf/pdf_fixture.h"

enum { SIGNERS_MAX = 20, PAGE_COUNT = 3 };

struct life {
	struct core_fixture *f;
	struct pdf_fixture pdf; /* what looks at documents */
	struct session *signers[SIGNERS_MAX];
	struct str addresses[SIGNERS_MAX];
	size_t count;
	struct str to;
	struct pdf_workers *workers;
};

static struct life begin(void **state, size_t signers)
{
	struct life life = {.f = *state, .count = signers, .to = STR("")};
	struct arena *arena = &life.f->arena;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pdf_workers_new(STR(POSTERN_PDF), 2, &life.workers), OK);
	life.f->portal->pdf = life.workers;
	for (size_t i = 0; i < signers; i++) {
		struct str name = arena_printf(arena, "Signer Number %d", (int)i + 1);
		life.addresses[i] = arena_printf(arena, "signer%d@example.org", (int)i + 1);
		life.signers[i] = core_fixture_person(life.f, life.addresses[i], name, GRADE_GUEST);
		life.to = arena_printf(arena, "%.*s%s%.*s", STR_ARGS(life.to), i > 0 ? ", " : "",
				       STR_ARGS(life.addresses[i]));
	}
	arena_init(&life.pdf.arena, 64 << 20);
	return life;
}

static void end(struct life *life)
{
	life->f->portal->pdf = NULL;
	pdf_workers_free(life->workers);
	arena_release(&life->pdf.arena);
}

static struct id upload(struct life *life, const char *name)
{
	struct buf bytes;
	buf_init(&bytes, 1 << 20);
	made_pdf_write(&(struct made_pdf){.pages = PAGE_COUNT}, &bytes);
	struct id id = signing_test_upload(life->f, life->f->admin, str_of(name), buf_str(&bytes));
	buf_release(&bytes);
	return id;
}

/* What it is now, by what everybody else's programs say. */
static void assert_valid(struct life *life, const struct id *id, int64_t position, int signatures)
{
	struct cx cx = core_fixture_cx(life->f, life->f->admin);
	assert_int_equal(signing_document(&cx, id, position, &life->pdf.document), OK);
	pdf_fixture_assert_valid(&life->pdf, signatures);
	pdf_fixture_assert_sound(&life->pdf);
	pdf_bytes_free(&life->pdf.document);
}

/* For each signer a signature and a text on page 2 of the first document. */
static struct signing_field *place_fields(struct life *life)
{
	struct signing_field *fields =
		ARENA_ARRAY(&life->f->arena, 2 * life->count, struct signing_field);
	for (size_t i = 0; i < life->count; i++) {
		fields[2 * i] =
			(struct signing_field){.id = arena_printf(&life->f->arena, "s%d", (int)i),
					       .kind = PDF_FIELD_SIGNATURE,
					       .signer = life->addresses[i],
					       .box = {2, 72, 20 + 35.0 * (double)i, 180, 30},
					       .is_required = true};
		fields[2 * i + 1] = fields[2 * i];
		fields[2 * i + 1].id = arena_printf(&life->f->arena, "t%d", (int)i);
		fields[2 * i + 1].kind = PDF_FIELD_TEXT;
		fields[2 * i + 1].box.x = 300;
	}
	return fields;
}

static void sign_all(struct life *life, const struct id *id, bool has_fields)
{
	for (size_t i = 0; i < life->count; i++) {
		struct arena *arena = &life->f->arena;
		const struct signing_value values[] = {
			{.field_id = arena_printf(arena, "s%d", (int)i),
			 .text = STR("Zoë Weiß 王小明")},
			{.field_id = arena_printf(arena, "t%d", (int)i), .text = STR("Grüße")},
		};
		signing_test_sign(life->f, life->signers[i], id, values, has_fields ? 2 : 0);
	}
}

/* In one: as many signers, in whatever order, with fields or without. */
static void live(void **state, size_t signers, enum signing_order order, size_t documents,
		 bool has_fields)
{
	struct life life = begin(state, signers);
	struct id files[2];
	for (size_t i = 0; i < documents; i++)
		files[i] = upload(&life, i == 0 ? "lease.pdf" : "annex.pdf");
	struct signing_plan plan = {.order = order};
	if (has_fields) {
		plan.fields = place_fields(&life);
		plan.field_count = 2 * signers;
	}
	struct draft draft =
		signing_test_draft(arena_cstr(&life.f->arena, life.to), files, documents, &plan);
	struct id id = signing_test_send(life.f, life.f->admin, &draft);
	sign_all(&life, &id, has_fields);
	assert_int_equal(signing_test_get(life.f, life.f->admin, &id).state, SIGNING_COMPLETED);
	for (size_t i = 0; i < documents; i++)
		assert_valid(&life, &id, (int64_t)i, (int)signers + 2);
	assert_int_equal(signing_test_audit_bad(life.f), 0);
	assert_int_equal(core_fixture_problems(life.f), 0);
	end(&life);
}

static void one_signer(void **state)
{
	live(state, 1, SIGNING_ALL_AT_ONCE, 1, true);
}

static void one_signer_without_a_field(void **state)
{
	live(state, 1, SIGNING_ALL_AT_ONCE, 1, false);
}

static void two_signers_of_two_documents(void **state)
{
	live(state, 2, SIGNING_ALL_AT_ONCE, 2, true);
}

static void two_signers_one_after_the_other(void **state)
{
	live(state, 2, SIGNING_IN_SEQUENCE, 1, false);
}

static void twenty_signers(void **state)
{
	live(state, 20, SIGNING_IN_SEQUENCE, 1, true);
}

/* Each stage is valid, not only the last one. */
static void what_is_not_finished_is_valid_too(void **state)
{
	struct life life = begin(state, 2);
	struct id file = upload(&life, "lease.pdf");
	struct signing_plan plan = {.order = SIGNING_ALL_AT_ONCE};
	struct draft draft =
		signing_test_draft(arena_cstr(&life.f->arena, life.to), &file, 1, &plan);
	struct id id = signing_test_send(life.f, life.f->admin, &draft);
	assert_valid(&life, &id, 0, 1);
	signing_test_sign(life.f, life.signers[1], &id, NULL, 0);
	assert_valid(&life, &id, 0, 2);
	end(&life);
}

static void what_cannot_be_signed_is_refused_with_a_sentence(void **state)
{
	struct life life = begin(state, 1);
	struct id file = signing_test_upload(life.f, life.f->admin, STR("holiday.pdf"),
					     STR("GIF89a, which is no PDF"));
	struct signing_plan plan = {.order = SIGNING_ALL_AT_ONCE};
	struct draft draft =
		signing_test_draft(arena_cstr(&life.f->arena, life.to), &file, 1, &plan);
	struct form_errors errors = {.count = 0};
	struct sent sent;
	assert_int_equal(core_fixture_try_send(life.f, life.f->admin, &draft, &sent, &errors),
			 ERR_INVALID);
	assert_str(form_errors_for(&errors, "files"),
		   STR("“holiday.pdf” is not a PDF, and only PDFs can be signed. Please save or "
		       "print it to PDF and upload that."));
	end(&life);
}

/* A program that dies as one does that has touched what it may not. */
static void make_dying(char *path)
{
	static const char script[] = "#!/bin/sh\nkill -SEGV $$\n";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, script, sizeof(script) - 1), sizeof(script) - 1);
	assert_int_equal(fchmod(fd, 0700), 0);
	close(fd);
}

/* P6: the portal goes on, says so clearly, and nothing is half done. */
static void a_worker_that_dies_costs_nothing(void **state)
{
	char dying[] = "/tmp/postern-dying-XXXXXX";
	make_dying(dying);
	const char *const programs[] = {"/nonexistent/postern-pdf", "/bin/false", dying};
	const struct str sentence =
		STR("The documents could not be handled just now. Nothing was sent or signed. "
		    "Please try again in a minute; if it happens again, please ask an "
		    "administrator.");
	struct life life = begin(state, 1);
	const struct id files[] = {upload(&life, "lease.pdf"), upload(&life, "annex.pdf")};
	struct signing_plan plan = {.order = SIGNING_ALL_AT_ONCE};
	const char *to = arena_cstr(&life.f->arena, life.to);
	struct draft draft = signing_test_draft(to, &files[0], 1, &plan);
	struct draft later = signing_test_draft(to, &files[1], 1, &plan);
	struct id id = signing_test_send(life.f, life.f->admin, &draft);
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		struct form_errors unsent = {.count = 0}, unsigned_yet = {.count = 0};
		struct pdf_workers *broken;
		struct sent sent;
		assert_int_equal(pdf_workers_new(str_of(programs[i]), 1, &broken), OK);
		life.f->portal->pdf = broken;
		enum err err = core_fixture_try_send(life.f, life.f->admin, &later, &sent, &unsent);
		assert_int_equal(err, ERR_UNAVAILABLE);
		assert_str(form_errors_for(&unsent, ""), sentence);
		err = signing_test_try_sign(life.f, life.signers[0], &id, NULL, 0, &unsigned_yet);
		assert_int_equal(err, ERR_UNAVAILABLE);
		assert_str(form_errors_for(&unsigned_yet, ""), sentence);
		life.f->portal->pdf = life.workers;
		pdf_workers_free(broken);
	}
	unlink(dying);
	assert_valid(&life, &id, 0, 1);
	signing_test_send(life.f, life.f->admin, &later);
	signing_test_sign(life.f, life.signers[0], &id, NULL, 0);
	assert_valid(&life, &id, 0, 3);
	assert_int_equal(signing_test_audit_bad(life.f), 0);
	assert_int_equal(core_fixture_problems(life.f), 0);
	end(&life);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(one_signer),
		CORE_TEST(one_signer_without_a_field),
		CORE_TEST(two_signers_of_two_documents),
		CORE_TEST(two_signers_one_after_the_other),
		CORE_TEST(twenty_signers),
		CORE_TEST(what_is_not_finished_is_valid_too),
		CORE_TEST(what_cannot_be_signed_is_refused_with_a_sentence),
		CORE_TEST(a_worker_that_dies_costs_nothing),
	};
	return engines_test_run("signing", tests, sizeof(tests) / sizeof(tests[0]));
}
