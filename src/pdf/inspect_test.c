/* What postern-pdf says of documents, plain and odd; the real program is run for each. */
#include "base/limits.h"
#include "pdf/made_pdf.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static enum err look(const struct pdf_bytes *document, struct arena *arena, struct pdf_facts *facts,
		     enum pdf_refusal *refusal)
{
	struct pdf_workers *workers;
	assert_int_equal(pdf_workers_new(str_of(POSTERN_PDF), 1, &workers), OK);
	enum err err = pdf_inspect(workers, document, arena, facts, refusal);
	pdf_workers_free(workers);
	return err;
}

struct row {
	struct made_pdf made;
	enum pdf_refusal refusal;
	double width, height; /* of the first page; 0: A4 */
	int rotation;
	int64_t signatures;
	bool has_scripts, has_files, has_form;
};
static const struct row rows[] = {
	{.made = {.name = "a plain page"}},
	{.made = {.name = "three pages", .pages = 3}},
	{.made = {.name = "turned to the right", .page = "/Rotate 90"},
	 .width = 842,
	 .height = 595,
	 .rotation = 90},
	{.made = {.name = "turned to the left, with a negative angle", .page = "/Rotate -90"},
	 .width = 842,
	 .height = 595,
	 .rotation = 270},
	{.made = {.name = "upside down", .page = "/Rotate 180"}, .rotation = 180},
	{.made = {.name = "cut to a part", .page = "/CropBox[100 200 300 500]"},
	 .width = 200,
	 .height = 300},
	{.made = {.name = "cut to more than there is", .page = "/CropBox[-100 -100 3000 5000]"}},
	{.made = {.name = "a box with its corners exchanged", .media = "/MediaBox[595 842 0 0]"}},
	{.made = {.name = "a unit of two points", .page = "/UserUnit 2"},
	 .width = 1190,
	 .height = 1684},
	{.made = {.name = "no size at all", .media = ""}, .refusal = PDF_BAD_PAGE},
	{.made = {.name = "a size of 0", .media = "/MediaBox[0 0 0 0]"}, .refusal = PDF_BAD_PAGE},
	{.made = {.name = "10 km wide", .media = "/MediaBox[0 0 28346456 842]"},
	 .refusal = PDF_BAD_PAGE},
	{.made = {.name = "cut to nothing", .page = "/CropBox[1000 1000 1100 1100]"},
	 .refusal = PDF_BAD_PAGE},
	{.made = {.name = "more pages than we take", .pages = LIMIT_PDF_PAGES + 1},
	 .refusal = PDF_TOO_MANY_PAGES},
	{.made = {.name = "says that it has 10,000 pages", .count = 10000},
	 .refusal = PDF_TOO_MANY_PAGES},
	{.made = {.name = "says that it has more pages than there are", .count = 7},
	 .refusal = PDF_DAMAGED},
	{.made = {.name = "cut off", .cut_bytes = 200}, .refusal = PDF_DAMAGED},
	{.made = {.name = "its table of objects is elsewhere", .shift_xref = -40},
	 .refusal = PDF_DAMAGED},
	{.made = {.name = "a script when it is opened",
		  .catalog = "/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>"},
	 .has_scripts = true},
	{.made = {.name = "a script among its names",
		  .catalog = "/Names<</JavaScript<</Names[(a)4 0 R]>>>>",
		  .objects = {"<</S/JavaScript/JS(app.alert\\(1\\))>>"}},
	 .has_scripts = true},
	{.made = {.name = "a program that a page starts",
		  .page = "/AA<</O<</S/Launch/F(cmd.exe)>>>>"},
	 .has_scripts = true},
	{.made = {.name = "a form with a script",
		  .catalog = "/AcroForm<</Fields[4 0 R]>>",
		  .page = "/Annots[4 0 R]",
		  .objects = {"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/Rect[10 10 100 30]"
			      "/AA<</K<</S/JavaScript/JS(x)>>>>>>"}},
	 .has_scripts = true,
	 .has_form = true},
	{.made = {.name = "a form with fields in a ring",
		  .catalog = "/AcroForm<</Fields[4 0 R]>>",
		  .objects = {"<</T(a)/Kids[5 0 R]>>", "<</T(b)/Kids[4 0 R]>>"}},
	 .refusal = PDF_DAMAGED},
	{.made = {.name = "a link that one may follow",
		  .page = "/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]"
			  "/A<</S/URI/URI(https://example.com)>>>>]"}},
	{.made = {.name = "an embedded file",
		  .catalog = "/Names<</EmbeddedFiles<</Names[(a)4 0 R]>>>>",
		  .objects = {"<</Type/Filespec/F(a.txt)/EF<</F 5 0 R>>>>",
			      "<</Length 1>>\nstream\nx\nendstream"}},
	 .has_files = true},
	{.made = {.name = "an XFA form",
		  .catalog = "/AcroForm<</Fields[]/XFA 4 0 R>>",
		  .objects = {"<</Length 1>>\nstream\nx\nendstream"}},
	 .refusal = PDF_XFA},
	{.made = {.name = "encrypted by who knows what", .trailer = "/Encrypt<</Filter/Other>>"},
	 .refusal = PDF_NEEDS_PASSWORD},
	{.made = {.name = "arrays in arrays, 200,000 deep", .is_nested = true}},
	{.made = {.name = "a stream of objects that unpacks to a gigabyte", .is_bomb = true}},
	{.made = {.name = "a little junk before its header", .before = "junk\n"},
	 .refusal = PDF_DAMAGED},
};

static void one_row(void **state)
{
	const struct row *row = *state;
	struct pdf_bytes document = made_pdf(&row->made);
	CLEANUP_ARENA struct arena arena;
	struct pdf_facts facts = {0};
	enum pdf_refusal refusal = PDF_FINE;
	arena_init(&arena, 8 << 20);
	enum err err = look(&document, &arena, &facts, &refusal);
	pdf_bytes_free(&document);
	assert_int_equal(refusal, row->refusal);
	assert_int_equal(err, row->refusal == PDF_FINE ? OK : ERR_INVALID);
	if (err != OK)
		return;
	assert_int_equal(facts.page_count, row->made.pages ? row->made.pages : 1);
	assert_true(fabs(facts.pages[0].width - (row->width > 0 ? row->width : 595)) < 0.01);
	assert_true(fabs(facts.pages[0].height - (row->height > 0 ? row->height : 842)) < 0.01);
	assert_int_equal(facts.pages[0].rotation, row->rotation);
	assert_int_equal(facts.signature_count, row->signatures);
	assert_int_equal(facts.has_scripts, row->has_scripts);
	assert_int_equal(facts.has_files, row->has_files);
	assert_int_equal(facts.has_form, row->has_form);
}

static void what_is_no_pdf_is_said_to_be_none(void **state)
{
	(void)state;
	static const char *const others[] = {"", "x", "PK\x03\x04 a spreadsheet",
					     "<html>%PD F-1.7</html>"};
	CLEANUP_ARENA struct arena arena;
	struct pdf_facts facts;
	arena_init(&arena, 1 << 20);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		enum pdf_refusal refusal = PDF_FINE;
		struct pdf_bytes document = made_bytes(str_of(others[i]));
		assert_int_equal(look(&document, &arena, &facts, &refusal), ERR_INVALID);
		assert_int_equal(refusal, PDF_NOT_A_PDF);
		pdf_bytes_free(&document);
	}
}

int main(void)
{
	enum { ROWS = sizeof(rows) / sizeof(rows[0]) };
	struct CMUnitTest tests[ROWS + 1] = {cmocka_unit_test(what_is_no_pdf_is_said_to_be_none)};
	for (size_t i = 0; i < ROWS; i++)
		tests[i + 1] = (struct CMUnitTest){.name = rows[i].made.name,
						   .test_func = one_row,
						   .initial_state = (void *)&rows[i]};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
