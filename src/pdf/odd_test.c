/* Odd documents on their whole way: what is taken out, what is kept, what is refused. */
#include "pdf/pdf_fixture.h"

#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct made_pdf plain = {.name = "plain", .pages = 2};

static bool has(struct pdf_fixture *it, const char *words)
{
	struct str view;
	assert_int_equal(pdf_bytes_map(&it->document, &view), OK);
	bool is_there = str_find(view, str_of(words)) >= 0;
	pdf_bytes_unmap(view);
	return is_there;
}

static void scripts_are_taken_out(void **state)
{
	static const struct made_pdf odd[] = {
		{.name = "when it is opened",
		 .catalog = "/OpenAction<</S/JavaScript/JS(evil\\(\\))>>"},
		{.name = "a chain",
		 .catalog = "/OpenAction 4 0 R",
		 .objects = {"<</S/GoTo/D[10 0 R/Fit]/Next 5 0 R>>",
			     "<</S/JavaScript/JS(evil\\(\\))>>"}},
		{.name = "an address that is asked when it is opened",
		 .catalog = "/OpenAction<</S/URI/URI(https://evil.example)>>"},
		{.name = "after a place that is shown",
		 .catalog = "/OpenAction<</S/GoTo/D[10 0 R/Fit]/Next 4 0 R>>",
		 .objects = {"<</S/GoToR/F(evil.pdf)/D[0/Fit]>>"}},
		{.name = "of a picture in three dimensions",
		 .page = "/Other 4 0 R",
		 .objects = {"<</Type/3D/Subtype/U3D/OnInstantiate 5 0 R/Length "
			     "1>>\nstream\nx\nendstream",
			     "<</Length 6>>\nstream\nevil()\nendstream"}},
		{.name = "among names",
		 .catalog = "/Names<</JavaScript<</Names[(a)4 0 R]>>>>",
		 .objects = {"<</S/JavaScript/JS 5 0 R>>",
			     "<</Length 6>>\nstream\nevil()\nendstream"}},
		{.name = "of a page", .page = "/AA<</O<</S/Launch/F(evil\\(\\))>>>>"},
		{.name = "of a button",
		 .catalog = "/AcroForm<</Fields[4 0 R]>>",
		 .page = "/Annots[4 0 R]",
		 .objects = {"<</Type/Annot/Subtype/Widget/FT/Btn/T(a)/Rect[9 9 99 99]"
			     "/A<</S/SubmitForm/F(evil\\(\\))>>>>"}},
		{.name = "of the document, on closing",
		 .catalog = "/AA<</WC 4 0 R>>",
		 .objects = {"<</S/JavaScript/JS(evil\\(\\))>>"}},
		{.name = "somewhere unheard of",
		 .catalog = "/Other 4 0 R",
		 .objects = {"<</Something 5 0 R>>", "<</S/JavaScript/JS(evil\\(\\))>>"}},
	};
	struct pdf_fixture *it = *state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		struct pdf_plan plan = pdf_fixture_plan(it, 1);
		pdf_fixture_take(it, made_pdf(&odd[i]));
		assert_true(has(it, "evil"));
		assert_int_equal(pdf_fixture_prepare(it, &plan), OK);
		if (has(it, "evil") || has(it, "/JavaScript") || has(it, "/AA<<") ||
		    has(it, "/AA "))
			fail_msg("%s", odd[i].name);
		pdf_fixture_finish(it, &plan);
		pdf_fixture_assert_valid(it, 3);
		pdf_fixture_assert_sound(it);
	}
}

static void files_and_links_are_kept(void **state)
{
	static const struct made_pdf odd = {
		.name = "a file and a link",
		.catalog = "/Names<</EmbeddedFiles<</Names[(a)4 0 R]>>>>",
		.page = "/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]"
			"/A<</S/URI/URI(https://example.com)>>>>]",
		.objects = {"<</Type/Filespec/F(a.txt)/EF<</F 5 0 R>>>>",
			    "<</Length 5>>\nstream\nhello\nendstream"}};
	struct pdf_fixture *it = *state;
	struct pdf_plan plan = pdf_fixture_plan(it, 1);
	pdf_fixture_take(it, made_pdf(&odd));
	assert_int_equal(pdf_fixture_prepare(it, &plan), OK);
	assert_true(has(it, "hello"));
	assert_true(has(it, "https://example.com"));
	pdf_fixture_finish(it, &plan);
	pdf_fixture_assert_valid(it, 3);
}

/* For who has pages read to them. */
static void fields_have_names(void **state)
{
	struct pdf_fixture *it = *state;
	struct pdf_plan plan = pdf_fixture_plan(it, 2);
	pdf_fixture_take(it, made_pdf(&plain));
	assert_int_equal(pdf_fixture_prepare(it, &plan), OK);
	/* "Signer 1" and "Signer 2", in UTF-16 */
	assert_true(has(it, "/TU<FEFF005300690067006E0065007200200031>"));
	assert_true(has(it, "/TU<FEFF005300690067006E0065007200200032>"));
}

static void a_form_that_is_there_cannot_be_filled_in_any_more(void **state)
{
	static const struct made_pdf odd = {
		.name = "a form with a field of our name",
		.catalog = "/AcroForm<</Fields[4 0 R]/NeedAppearances true>>",
		.page = "/Annots[4 0 R]",
		.objects = {"<</Type/Annot/Subtype/Widget/FT/Tx/T(signer-1)/Rect[9 9 99 99]>>"}};
	struct pdf_fixture *it = *state;
	struct pdf_plan plan = pdf_fixture_plan(it, 1);
	pdf_fixture_take(it, made_pdf(&odd));
	assert_int_equal(pdf_fixture_prepare(it, &plan), OK);
	assert_true(has(it, "/Ff 1"));
	assert_true(has(it, "(signer-1-2)"));
	assert_false(has(it, "NeedAppearances"));
	pdf_fixture_finish(it, &plan);
	pdf_fixture_assert_valid(it, 3);
}

static void what_readers_would_draw_is_drawn(void **state)
{
	static const char *const program[] = {"pdftotext", NULL};
	static const struct made_pdf odd = {
		.name = "a field that was never drawn",
		.catalog = "/AcroForm<</Fields[4 0 R]/NeedAppearances true"
			   "/DA(/Helv 10 Tf 0 g)/DR<</Font<</Helv 3 0 R>>>>>>",
		.page = "/Annots[4 0 R]",
		.objects = {"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(filled in)"
			    "/DA(/Helv 10 Tf 0 g)/Rect[50 50 250 70]>>"}};
	struct pdf_fixture *it = *state;
	struct pdf_plan plan = pdf_fixture_plan(it, 1);
	int code;
	pdf_fixture_take(it, made_pdf(&odd));
	assert_int_equal(pdf_fixture_prepare(it, &plan), OK);
	pdf_fixture_finish(it, &plan);
	assert_true(str_find(pdf_fixture_ask(it, program, &code), STR("filled in")) >= 0);
	pdf_fixture_assert_valid(it, 3);
}

/* Whether it is let be or unpacked as far as it goes: within the limits, and with an answer. */
static void bombs_do_no_harm(void **state)
{
	static const struct made_pdf odd = {.name = "a gigabyte of objects", .is_bomb = true};
	struct pdf_fixture *it = *state;
	struct pdf_plan plan = pdf_fixture_plan(it, 1);
	pdf_fixture_take(it, made_pdf(&odd));
	enum err err = pdf_fixture_prepare(it, &plan);
	if (err == OK)
		pdf_fixture_finish(it, &plan);
	else
		assert_true(it->refusal == PDF_TOO_HEAVY || it->refusal == PDF_DAMAGED);
	if (err == OK)
		pdf_fixture_assert_valid(it, 3);
}

static void other_shapes_of_the_same_are_signed(void **state)
{
	static const char *const programs[][4] = {
		{"qpdf", "--object-streams=generate"},
		{"qpdf", "--linearize"},
		{"qpdf", "--qdf"},
		{"qpdf", "--stream-data=uncompress"},
	};
	struct pdf_fixture *it = *state;
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		struct pdf_plan plan = pdf_fixture_plan(it, 2);
		pdf_fixture_take(it, made_pdf(&plain));
		pdf_fixture_convert(it, programs[i]);
		assert_int_equal(pdf_fixture_prepare(it, &plan), OK);
		pdf_fixture_finish(it, &plan);
		pdf_fixture_assert_valid(it, 4);
		pdf_fixture_assert_sound(it);
	}
}

static void encrypted_ones_are_refused(void **state)
{
	static const char *const programs[][10] = {
		{"qpdf", "--encrypt", "user", "owner", "256", "--"},
		{"qpdf", "--encrypt", "", "owner", "256", "--"},
		{"qpdf", "--encrypt", "", "owner", "128", "--use-aes=y", "--"},
		{"qpdf", "--allow-weak-crypto", "--encrypt", "", "", "40", "--"},
	};
	struct pdf_fixture *it = *state;
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		struct pdf_plan plan = pdf_fixture_plan(it, 1);
		pdf_fixture_take(it, made_pdf(&plain));
		pdf_fixture_convert(it, programs[i]);
		assert_int_equal(pdf_fixture_prepare(it, &plan), ERR_INVALID);
		assert_int_equal(it->refusal, PDF_NEEDS_PASSWORD);
	}
}

/* Whatever people type cannot look like a part of the document's structure. */
static void words_that_look_like_structure_do_no_harm(void **state)
{
	const struct str evil =
		STR("/ByteRange[0 1 2 3]/Contents<00> endobj\nstartxref\n0\n%%EOF (\\");
	struct pdf_fixture *it = *state;
	struct pdf_plan plan = pdf_fixture_plan(it, 1);
	plan.signers = &evil;
	plan.title = evil;
	const struct pdf_mark mark = {.text = evil};
	const struct pdf_signing signing = {.kind = PDF_SIGN,
					    .marks = &mark,
					    .mark_count = 1,
					    .name = evil,
					    .reason = evil,
					    .contact = evil,
					    .at_ms = pdf_fixture_now_ms},
				 seal = {.kind = PDF_SEAL,
					 .name = evil,
					 .reason = evil,
					 .trail = evil,
					 .at_ms = pdf_fixture_now_ms};
	struct pdf_open open;
	pdf_fixture_take(it, made_pdf(&plain));
	assert_int_equal(pdf_fixture_prepare(it, &plan), OK);
	assert_int_equal(
		pdf_open_signature(it->workers, &it->document, &signing, &open, &it->refusal), OK);
	pdf_fixture_take(it, open.document);
	assert_int_equal(pdf_open_signature(it->workers, &it->document, &seal, &open, &it->refusal),
			 OK);
	pdf_bytes_free(&open.document);
	pdf_fixture_assert_sound(it);
}

static void the_certificate_page_is_upright_and_whole(void **state)
{
	static const struct made_pdf odd = {
		.name = "all pages are turned and cut",
		.tree = "/Rotate 90/CropBox[100 100 300 300]/MediaBox[0 0 595 842]",
		.media = ""};
	struct pdf_fixture *it = *state;
	struct pdf_plan plan = pdf_fixture_plan(it, 1);
	struct pdf_facts facts;
	pdf_fixture_take(it, made_pdf(&odd));
	assert_int_equal(pdf_fixture_prepare(it, &plan), OK);
	assert_int_equal(pdf_inspect(it->workers, &it->document, &it->arena, &facts, &it->refusal),
			 OK);
	assert_int_equal(facts.page_count, 2);
	assert_true(facts.pages[0].width == 200 && facts.pages[0].rotation == 90);
	assert_true(facts.pages[1].width == 595 && facts.pages[1].height == 842);
	assert_int_equal(facts.pages[1].rotation, 0);
}

static void as_many_pages_as_may_be_are_signed_and_read_again(void **state)
{
	static const struct made_pdf odd = {.name = "5,000 pages", .pages = LIMIT_PDF_PAGES};
	struct pdf_fixture *it = *state;
	struct pdf_plan plan = pdf_fixture_plan(it, 1);
	struct pdf_signatures found;
	pdf_fixture_take(it, made_pdf(&odd));
	assert_int_equal(pdf_fixture_prepare(it, &plan), OK);
	pdf_fixture_finish(it, &plan);
	assert_int_equal(
		pdf_signatures(it->workers, &it->document, &it->arena, &found, &it->refusal), OK);
	assert_int_equal(found.count, 3);
	assert_true(found.items[0].is_untouched_since);
	pdf_fixture_assert_valid(it, 3);
}

/* Stamps that look like objects which are not there yet: as those who sign fill theirs in, they
 * would appear on a page that others have signed. */
static void what_is_not_there_stays_so(void **state)
{
	enum { FIRST = 12, COUNT = 60 };
	static const char *const page_text[] = {"pdftotext", "-l", "1", NULL};
	struct pdf_fixture *it = *state;
	struct pdf_plan plan = pdf_fixture_plan(it, 1);
	const struct pdf_mark mark = {.text = STR("I pay a million")};
	const struct pdf_signing signing = {.kind = PDF_SIGN,
					    .marks = &mark,
					    .mark_count = 1,
					    .name = STR("Signer 1"),
					    .at_ms = pdf_fixture_now_ms};
	struct made_pdf odd = {
		.name = "stamps",
		.objects = {"<</Type/Annot/Subtype/Widget/FT/Sig/T(a)/Rect[0 0 0 0]/V 5 0 R>>",
			    "<</Type/Sig/ByteRange[0 1 2 3]/Contents<00>>>"}};
	CLEANUP_BUF struct buf page;
	int code;
	buf_init(&page, 65536);
	buf_add(&page, STR("/Annots["));
	for (int i = FIRST; i < FIRST + COUNT; i++)
		buf_addf(&page,
			 "<</Type/Annot/Subtype/Stamp/F 4/Rect[0 0 595 842]/AP<</N %d 0 R>>>>", i);
	buf_add(&page, STR("]"));
	odd.page = arena_cstr(&it->arena, buf_str(&page));
	pdf_fixture_take(it, made_pdf(&odd));
	assert_int_equal(pdf_fixture_prepare(it, &plan), OK);
	assert_int_equal(pdf_fixture_sign(it, &signing), OK);
	struct str text = pdf_fixture_ask(it, page_text, &code);
	assert_true(str_eq(str_trim(text), STR("Contract, page 1")));
	/* What is signed already cannot be mended. */
	odd.catalog = "/AcroForm<</Fields[4 0 R]/SigFlags 3>>";
	struct pdf_facts facts;
	pdf_fixture_take(it, made_pdf(&odd));
	assert_int_equal(pdf_inspect(it->workers, &it->document, &it->arena, &facts, &it->refusal),
			 ERR_INVALID);
	assert_int_equal(it->refusal, PDF_DAMAGED);
	assert_int_equal(pdf_fixture_prepare(it, &plan), ERR_INVALID);
	assert_int_equal(it->refusal, PDF_DAMAGED);
}

static void what_differs_on_paper_is_taken_out(void **state)
{
	static const struct {
		struct made_pdf made;
		const char *gone, *there;
	} rows[] = {
		{{.name = "layers that go by themselves",
		  .catalog = "/OCProperties<</OCGs[4 0 R]/D<</Order[4 0 R]/AS[<</Event/Print"
			     "/OCGs[4 0 R]/Category[/Print]>>]>>>>",
		  .objects = {"<</Type/OCG/Name(a)/Usage<</Print<</PrintState/OFF>>>>>>"}},
		 "Print",
		 "/Order"},
		{{.name = "a comment for paper only",
		  .page = "/Annots[<</Type/Annot/Subtype/Stamp/Rect[0 0 9 9]/F 36>>]"},
		 "/F 36",
		 "/F 6"},
		{{.name = "a picture for printing",
		  .page = "/Other 4 0 R",
		  .objects = {"<</Subtype/Image/Alternates[<</DefaultForPrinting true>>]/Length "
			      "1>>\nstream\nx\nendstream"}},
		 "Alternates",
		 "/Subtype/Image"},
		{{.name = "bytes that are elsewhere",
		  .page = "/Other 4 0 R",
		  .objects = {"<</Subtype/Form/F(a.txt)/Length 1>>\nstream\nx\nendstream"}},
		 "a.txt",
		 "/Subtype/Form"},
		{{.name = "a page of another document",
		  .page = "/Other 4 0 R",
		  .objects = {"<</Subtype/Form/Ref<</F(a.pdf)/Page 0>>/Length 1>>\nstream\nx\n"
			      "endstream"}},
		 "a.pdf",
		 "/Subtype/Form"},
	};
	struct pdf_fixture *it = *state;
	struct pdf_plan plan = pdf_fixture_plan(it, 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		pdf_fixture_take(it, made_pdf(&rows[i].made));
		assert_true(has(it, rows[i].gone));
		assert_int_equal(pdf_fixture_prepare(it, &plan), OK);
		if (has(it, rows[i].gone) || !has(it, rows[i].there))
			fail_msg("%s", rows[i].made.name);
		pdf_fixture_finish(it, &plan);
		pdf_fixture_assert_valid(it, 3);
		pdf_fixture_assert_sound(it);
	}
}

/* As outlines of documents are; one of a length that nobody has is too deep for the worker. */
static void chains_of_objects_are_signed_or_too_heavy(void **state)
{
	static const struct {
		struct made_pdf made;
		enum pdf_refusal refusal;
	} rows[] = {
		{{.name = "long", .catalog = "/Chain 12 0 R", .chain = 50000}, PDF_FINE},
		{{.name = "longer", .catalog = "/Chain 12 0 R", .chain = 1500000}, PDF_TOO_HEAVY},
	};
	struct pdf_fixture *it = *state;
	struct pdf_plan plan = pdf_fixture_plan(it, 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		pdf_fixture_take(it, made_pdf(&rows[i].made));
		enum err err = pdf_fixture_prepare(it, &plan);
		assert_int_equal(it->refusal, rows[i].refusal);
		assert_int_equal(err, rows[i].refusal == PDF_FINE ? OK : ERR_INVALID);
	}
}

/* Far more than the page has room for at its usual size. (Short lines: pdftotext drops small
 * letters when there are more than 50,000.) */
static void a_long_trail_fits(void **state)
{
	static const char *const program[] = {"pdftotext", NULL};
	struct pdf_fixture *it = *state;
	struct pdf_plan plan = pdf_fixture_plan(it, 50);
	CLEANUP_BUF struct buf trail;
	int code;
	buf_init(&trail, 1 << 20);
	for (int i = 0; i < LIMIT_SIGNING_EVENTS; i++)
		buf_addf(&trail, "Event %d\n", i);
	buf_add(&trail, STR("the very last"));
	plan.trail_lines = LIMIT_SIGNING_EVENTS;
	const struct pdf_signing seal = {.kind = PDF_SEAL,
					 .name = STR("Practice"),
					 .trail = buf_str(&trail),
					 .at_ms = pdf_fixture_now_ms};
	pdf_fixture_take(it, made_pdf(&plain));
	assert_int_equal(pdf_fixture_prepare(it, &plan), OK);
	enum err err = pdf_fixture_sign(it, &seal);
	assert_int_equal(it->refusal, PDF_FINE);
	assert_int_equal(err, OK);
	struct str text = pdf_fixture_ask(it, program, &code);
	assert_true(str_find(text, STR("Event 1999")) >= 0);
	assert_true(str_find(text, STR("the very last")) >= 0);
	pdf_fixture_assert_sound(it);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, pdf_fixture_begin, pdf_fixture_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(scripts_are_taken_out),
		WITH_FIXTURE(files_and_links_are_kept),
		WITH_FIXTURE(fields_have_names),
		WITH_FIXTURE(a_form_that_is_there_cannot_be_filled_in_any_more),
		WITH_FIXTURE(what_readers_would_draw_is_drawn),
		WITH_FIXTURE(bombs_do_no_harm),
		WITH_FIXTURE(other_shapes_of_the_same_are_signed),
		WITH_FIXTURE(encrypted_ones_are_refused),
		WITH_FIXTURE(words_that_look_like_structure_do_no_harm),
		WITH_FIXTURE(the_certificate_page_is_upright_and_whole),
		WITH_FIXTURE(as_many_pages_as_may_be_are_signed_and_read_again),
		WITH_FIXTURE(what_is_not_there_stays_so),
		WITH_FIXTURE(what_differs_on_paper_is_taken_out),
		WITH_FIXTURE(chains_of_objects_are_signed_or_too_heavy),
		WITH_FIXTURE(a_long_trail_fits),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
