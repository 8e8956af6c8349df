/* Documents that came signed, and what was added to them: by us, by others, by attackers (P6). */
#include "core/verify.h"

#include "crypto/secret.h"
#include "pdf/foreign_pdf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { NEW = 20, NEW_SIGNATURE = 30 };

static struct verify_report verify(struct pdf_fixture *it)
{
	struct verify_report report = {0};
	it->refusal = PDF_FINE;
	enum err err = verify_document(it->workers, &it->document, NULL, 0, pdf_fixture_now_ms,
				       &it->arena, &report, &it->refusal);
	if (err == ERR_INVALID) /* damaged, say: as little to be relied on */
		report.verdict = VERIFY_BROKEN;
	else
		assert_int_equal(err, OK);
	return report;
}

static enum err prepare(struct pdf_fixture *it, size_t signers)
{
	static const struct pdf_field fields[] = {
		{STR("a1"), PDF_FIELD_TEXT, 0, {1, 72, 100, 200, 30}},
		{STR("a2"), PDF_FIELD_SIGNATURE, 0, {1, 72, 200, 200, 60}},
	};
	struct pdf_plan plan = pdf_fixture_plan(it, signers);
	plan.fields = fields;
	plan.field_count = 2;
	return pdf_fixture_prepare(it, &plan);
}

/* Prepared, signed by two, sealed. */
static void finish(struct pdf_fixture *it)
{
	struct pdf_plan plan = pdf_fixture_plan(it, 2);
	assert_int_equal(prepare(it, 2), OK);
	pdf_fixture_finish(it, &plan);
}

static void what_came_signed_holds_for_what_it_covers(void **state)
{
	static const struct foreign_object second[] = {
		{1, "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R 30 0 R]/SigFlags 3>>>>"},
		{FOREIGN_PAGE, FOREIGN_PAGE_WITH(" 30 0 R", "")},
		{0, NULL}};
	struct pdf_fixture *it = *state;
	for (size_t before = 1; before <= 2; before++) {
		foreign_make(it, "", NULL);
		if (before == 2)
			foreign_add_signed(it, second, NEW_SIGNATURE);
		struct verify_report report = verify(it);
		assert_int_equal(report.verdict, VERIFY_HOLDS);
		assert_false(report.was_added_to);
		finish(it);
		pdf_fixture_assert_valid(it, (int)before + 4);
		pdf_fixture_assert_sound(it);
		report = verify(it);
		assert_int_equal(report.verdict, VERIFY_HOLDS);
		assert_true(report.was_added_to);
		assert_int_equal(report.count, before + 4);
		for (size_t i = 0; i < report.count; i++) {
			const struct verify_signature *one = &report.signatures[i];
			assert_int_equal(one->state, i < before ? VERIFY_ADDED_TO : VERIFY_GOOD);
			assert_int_equal(one->covers_all, i == before + 3);
			assert_true(i >= before ||
				    str_eq(one->changed, STR("page 2, fields on page 1")));
		}
	}
}

/* Until somebody has signed what was added, nobody stands for it. */
static void what_nobody_has_signed_since_is_told(void **state)
{
	struct pdf_fixture *it = *state;
	foreign_make(it, "", NULL);
	assert_int_equal(prepare(it, 1), OK);
	struct verify_report report = verify(it);
	assert_int_equal(report.verdict, VERIFY_BROKEN);
	assert_int_equal(report.signatures[0].state, VERIFY_CHANGED_AFTER);
	const struct pdf_signing certify = {
		.kind = PDF_CERTIFY, .name = STR("Practice"), .at_ms = pdf_fixture_now_ms};
	assert_int_equal(pdf_fixture_sign(it, &certify), OK);
	assert_int_equal(verify(it).verdict, VERIFY_HOLDS);
	assert_int_equal(pdf_bytes_add(&it->document, STR("\n%comment\n")), OK);
	assert_int_equal(verify(it).verdict, VERIFY_BROKEN);
}

struct row {
	const char *name;
	struct foreign_object objects[7];
	bool holds;
	const char *changed; /* of the first signature; NULL: whatever */
};
#define SIGNED_FORM(fields, more)                                                                  \
	{                                                                                          \
		1, "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R 30 0 R" fields             \
		   "]/SigFlags 3" more ">>>>"                                                      \
	}
#define SAME_FORM SIGNED_FORM("", "")
#define SIGNED_PAGE(annotations, more)                                                             \
	{                                                                                          \
		FOREIGN_PAGE, FOREIGN_PAGE_WITH(" 30 0 R" annotations, more)                       \
	}
#define MORE_PAGE                                                                                  \
	{                                                                                          \
		NEW, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 11 0 "              \
		     "R/Resources<<>>>>"                                                           \
	}
#define TREE(kids, count, more)                                                                    \
	{                                                                                          \
		2, "<</Type/Pages/Count " count "/Kids[" kids "]" more ">>"                        \
	}
#define FIELD(name, more)                                                                          \
	{                                                                                          \
		NEW + 1, "<</Type/Annot/Subtype/Widget/FT/Tx/T(" name ")/Rect[0 0 595 842]" more   \
			 ">>"                                                                      \
	}
#define STREAM "<</Length 8>>\nstream\nBT ET Q \nendstream"

/* What somebody else adds and signs, after the first has signed. */
static const struct row rows[] = {
	{"a page after the last one",
	 {SAME_FORM, SIGNED_PAGE("", ""), TREE("10 0 R 20 0 R ", "2", ""), MORE_PAGE},
	 true,
	 "page 2, fields on page 1"},
	{"a field on a page",
	 {SIGNED_FORM(" 21 0 R", ""), SIGNED_PAGE(" 21 0 R", ""), FIELD("more", "")},
	 true,
	 "fields on page 1"},
	{"a page before the first one",
	 {SAME_FORM, SIGNED_PAGE("", ""), TREE("20 0 R 10 0 R ", "2", ""), MORE_PAGE},
	 false,
	 NULL},
	{"another page in the place of the first one",
	 {SAME_FORM, SIGNED_PAGE("", ""), TREE("20 0 R ", "1", ""), MORE_PAGE},
	 false,
	 NULL},
	{"a page, and other fonts for all of them",
	 {SAME_FORM, SIGNED_PAGE("", ""),
	  TREE("10 0 R 20 0 R ", "2", "/Resources<</Font<</F1 20 0 R>>>>"), MORE_PAGE},
	 false,
	 NULL},
	{"other content of a page",
	 {SAME_FORM, SIGNED_PAGE("", ""), {FOREIGN_CONTENTS, STREAM}},
	 false,
	 "page 1"},
	{"other content of a page, and one more page",
	 {SAME_FORM,
	  SIGNED_PAGE("", ""),
	  TREE("10 0 R 20 0 R ", "2", ""),
	  MORE_PAGE,
	  {FOREIGN_CONTENTS, STREAM}},
	 false,
	 "page 1"},
	{"a page that is cut differently",
	 {SAME_FORM, SIGNED_PAGE("", "/CropBox[0 0 9 9]")},
	 false,
	 "page 1"},
	{"another font of a page",
	 {SAME_FORM, SIGNED_PAGE("", ""), {3, "<</Type/Font/Subtype/Type1/BaseFont/Symbol>>"}},
	 false,
	 "page 1"},
	{"a note that covers a page",
	 {SAME_FORM,
	  SIGNED_PAGE(" 20 0 R", ""),
	  {NEW, "<</Type/Annot/Subtype/FreeText/Contents(x)/Rect[0 0 595 842]>>"}},
	 false,
	 "page 1"},
	{"a stamp that covers a page, in the page itself",
	 {SAME_FORM, SIGNED_PAGE("<</Type/Annot/Subtype/Stamp/Rect[0 0 595 842]>>", "")},
	 false,
	 "page 1"},
	{"a field of the name of one that is there",
	 {SIGNED_FORM(" 21 0 R", ""), SIGNED_PAGE(" 21 0 R", ""), FIELD("theirs", "")},
	 false,
	 NULL},
	{"a field within one that is there",
	 {SIGNED_FORM(" 21 0 R", ""), SIGNED_PAGE(" 21 0 R", ""), FIELD("theirs.a", "")},
	 false,
	 NULL},
	{"a field with one that is there as its part",
	 {SIGNED_FORM(" 21 0 R", ""), SIGNED_PAGE(" 21 0 R", ""), FIELD("b", "/Kids[4 0 R]")},
	 false,
	 NULL},
	{"a field with a script",
	 {SIGNED_FORM(" 21 0 R", ""), SIGNED_PAGE(" 21 0 R", ""),
	  FIELD("b", "/AA<</E<</S/JavaScript/JS(x)>>>>")},
	 false,
	 NULL},
	{"a field that was an object of another kind",
	 {SIGNED_FORM(" 6 0 R", ""),
	  SIGNED_PAGE(" 6 0 R", ""),
	  {FOREIGN_OTHER, "<</Type/Annot/Subtype/Widget/FT/Tx/T(more)/Rect[0 0 595 842]>>"}},
	 false,
	 NULL},
	{"a form that readers draw anew",
	 {SIGNED_FORM("", "/NeedAppearances true"), SIGNED_PAGE("", "")},
	 false,
	 "document"},
	{"other fonts of the form",
	 {SIGNED_FORM("", "/DR<</Font<</Helv 3 0 R>>>>"), SIGNED_PAGE("", "")},
	 false,
	 "document"},
	{"a form with less than it had",
	 {{1, "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[30 0 R 4 0 R]/SigFlags 3>>>>"},
	  SIGNED_PAGE("", "")},
	 false,
	 "document"},
	{"something that happens when it is opened",
	 {{1, "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R 30 0 R]/SigFlags 3>>"
	      "/OpenAction<</S/JavaScript/JS(x)>>>>"},
	  SIGNED_PAGE("", "")},
	 false,
	 "document"},
	{"layers",
	 {{1, "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R 30 0 R]/SigFlags 3>>"
	      "/OCProperties<<>>>>"},
	  SIGNED_PAGE("", "")},
	 false,
	 "document"},
	{"another field in the place of what was signed",
	 {SAME_FORM,
	  SIGNED_PAGE("", ""),
	  {FOREIGN_FIELD, "<</Type/Annot/Subtype/Widget/FT/Sig/T(theirs)/Rect[0 0 595 842]/F 132"
			  "/P 10 0 R/V 5 0 R>>"}},
	 false,
	 "field theirs"},
};

static void only_what_leaves_all_as_it_was_may_be_added(void **state)
{
	struct pdf_fixture *it = *state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		foreign_make(it, "", "<</Not/A/Field true>>");
		foreign_add_signed(it, rows[i].objects, NEW_SIGNATURE);
		struct verify_report report = verify(it);
		if ((report.verdict == VERIFY_HOLDS) != rows[i].holds ||
		    (report.count > 0 && report.was_added_to != rows[i].holds))
			fail_msg("%s: verdict %d", rows[i].name, report.verdict);
		if (rows[i].changed &&
		    !str_eq(report.signatures[0].changed, str_of(rows[i].changed)))
			fail_msg("%s: %.*s", rows[i].name, STR_ARGS(report.signatures[0].changed));
		/* Sealing it here makes nothing good again. */
		if (rows[i].holds || report.count == 0 || prepare(it, 1) != OK)
			continue;
		struct pdf_plan plan = pdf_fixture_plan(it, 1);
		pdf_fixture_finish(it, &plan);
		if (verify(it).verdict != VERIFY_BROKEN)
			fail_msg("%s, sealed", rows[i].name);
	}
}

/* In a tree of pages, more at the end of a branch may be more in the middle. */
static void pages_stay_the_first_ones(void **state)
{
#define BRANCH(kids, count) "<</Type/Pages/Parent 2 0 R/Count " count "/Kids[" kids "]>>"
#define LEAF "<</Type/Page/Parent 20 0 R/MediaBox[0 0 595 842]/Contents 11 0 R/Resources<<>>>>"
#define FORM_OF(more)                                                                              \
	{                                                                                          \
		1, "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R" more "]/SigFlags 3>>>>"   \
	}
	static const struct foreign_object branched[] = {FORM_OF(" 30 0 R"),
							 TREE("20 0 R 10 0 R ", "2", ""),
							 {NEW, BRANCH("21 0 R", "1")},
							 {NEW + 1, LEAF},
							 {0, NULL}};
	static const struct foreign_object middle[] = {FORM_OF(" 30 0 R 32 0 R"),
						       TREE("20 0 R 10 0 R ", "3", ""),
						       {NEW, BRANCH("21 0 R 22 0 R", "2")},
						       {NEW + 2, LEAF},
						       {0, NULL}};
	static const struct foreign_object end[] = {FORM_OF(" 30 0 R 32 0 R"),
						    TREE("20 0 R 10 0 R 22 0 R", "3", ""),
						    {NEW + 2, LEAF},
						    {0, NULL}};
	struct pdf_fixture *it = *state;
	for (int is_end = 0; is_end <= 1; is_end++) {
		foreign_make(it, "", NULL);
		foreign_add_signed(it, branched, NEW_SIGNATURE);
		foreign_add_signed(it, is_end ? end : middle, NEW_SIGNATURE + 2);
		struct verify_report report = verify(it);
		assert_int_equal(report.count, 3);
		assert_int_equal(report.signatures[1].state,
				 is_end ? VERIFY_ADDED_TO : VERIFY_CHANGED_AFTER);
		/* The first one's only page became the second one. */
		assert_int_equal(report.signatures[0].state, VERIFY_CHANGED_AFTER);
	}
}

static const struct row *row_of(const char *name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	fail_msg("%s", name);
	return NULL;
}

static void what_is_added_without_a_whole_signature_is_told(void **state)
{
	const struct row *page = row_of("a page after the last one");
	struct pdf_fixture *it = *state;
	struct str view;
	foreign_make(it, "", NULL);
	foreign_add(it, page->objects);
	assert_int_equal(verify(it).verdict, VERIFY_BROKEN);
	/* Nor by a signature that is not genuine: one digit of the text that was added. */
	foreign_make(it, "", NULL);
	size_t before = (size_t)it->document.bytes;
	foreign_add_signed(it, page->objects, NEW_SIGNATURE);
	assert_int_equal(pdf_bytes_map(&it->document, &view), OK);
	struct str bytes = arena_copy(&it->arena, view);
	pdf_bytes_unmap(view);
	ptrdiff_t at = str_find(str_slice(bytes, before, bytes.len), STR("[0 0 595 842]"));
	assert_true(at > 0);
	((char *)bytes.data)[before + (size_t)at + 6] = '6';
	pdf_fixture_take(it, made_bytes(bytes));
	struct verify_report report = verify(it);
	assert_int_equal(report.verdict, VERIFY_BROKEN);
	assert_int_equal(report.signatures[0].state, VERIFY_CHANGED_AFTER);
	assert_int_equal(report.signatures[1].state, VERIFY_CHANGED);
}

/* A certification, or a lock of all fields, allows no page. */
static void what_forbids_more_is_obeyed(void **state)
{
	static const char *const rules[] = {
		"/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</P 3/V/1.2>>>>]",
		"/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</P 2/V/1.2>>>>]",
		"/Reference[<</Type/SigRef/TransformMethod/DocMDP>>]",
		"/Reference[<</Type/SigRef/TransformMethod/FieldMDP/TransformParams"
		"<</Action/All/V/1.2>>>>]",
		"/Reference[<</Type/SigRef/TransformMethod/FieldMDP/TransformParams"
		"<</Action/Exclude/Fields[(x)]/V/1.2>>>>]",
	};
	struct pdf_fixture *it = *state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		foreign_make(it, rules[i], NULL);
		assert_int_equal(prepare(it, 1), ERR_INVALID);
		assert_int_equal(it->refusal, PDF_SIGNED_SHUT);
		foreign_add_signed(it, row_of("a page after the last one")->objects, NEW_SIGNATURE);
		assert_int_equal(verify(it).verdict, VERIFY_BROKEN);
	}
}

/* The newest body of an object that is written as such. */
static struct str newest(struct pdf_fixture *it, const char *head)
{
	struct str view, body = STR_NONE;
	assert_int_equal(pdf_bytes_map(&it->document, &view), OK);
	struct str rest = arena_copy(&it->arena, view);
	pdf_bytes_unmap(view);
	for (ptrdiff_t at; (at = str_find(rest, str_of(head))) >= 0;) {
		rest = str_slice(rest, (size_t)at + strlen(head), rest.len);
		body = str_slice(rest, 0, (size_t)str_find(rest, STR("\nendobj")));
	}
	assert_true(body.len > 0);
	return body;
}

/* With more at the beginning or the end of what stands between brackets after `key`. */
static const char *with_more(struct pdf_fixture *it, struct str body, const char *key,
			     const char *count, const char *more)
{
	size_t open = (size_t)str_find(body, str_of(key)) + strlen(key);
	size_t close = open + (size_t)str_find_char(str_slice(body, open, body.len), ']');
	struct str made =
		arena_printf(&it->arena, "%.*s%s%.*s%s", STR_ARGS(str_slice(body, 0, close)), more,
			     STR_ARGS(str_slice(body, close, body.len)), count);
	return arena_cstr(&it->arena, made);
}

/* What follows our own signatures, on a document that came signed and so is not certified. */
static void what_follows_ours_is_as_strict_as_ever(void **state)
{
	enum { MORE = 150, MORE_SIGNATURE };
	struct pdf_fixture *it = *state;
	for (int is_sealed = 0; is_sealed <= 1; is_sealed++) {
		const struct pdf_signing certify = {
			.kind = PDF_CERTIFY, .name = STR("Practice"), .at_ms = pdf_fixture_now_ms};
		foreign_make(it, "", NULL);
		if (is_sealed) {
			finish(it);
		} else {
			assert_int_equal(prepare(it, 1), OK);
			assert_int_equal(pdf_fixture_sign(it, &certify), OK);
		}
		assert_int_equal(verify(it).verdict, VERIFY_HOLDS);
		struct str tree = newest(it, "\n2 0 obj\n");
		size_t kids = (size_t)str_find(tree, STR("/Kids["));
		tree = arena_printf(&it->arena, "<</Type/Pages/Count 3%.*s",
				    STR_ARGS(str_slice(tree, kids, tree.len)));
		if (str_find(str_slice(tree, 6, tree.len), STR("/Count 2")) >= 0)
			tree.len = (size_t)str_find_char(tree, ']') + 1;
		const struct foreign_object objects[] = {
			{1, with_more(it, newest(it, "\n1 0 obj\n"), "/AcroForm<</Fields[", "",
				      " 151 0 R")},
			{2, with_more(it, tree, "/Kids[",
				      str_ends_with(tree, STR(">>")) ? "" : ">>", " 150 0 R")},
			{MORE, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>"},
			{0, NULL}};
		foreign_add_signed(it, objects, MORE_SIGNATURE);
		struct verify_report report = verify(it);
		assert_int_equal(report.count, is_sealed ? 6 : 3);
		assert_int_equal(report.verdict, VERIFY_BROKEN);
		assert_int_equal(report.signatures[1].state, VERIFY_CHANGED_AFTER);
		assert_int_equal(report.signatures[report.count - 1].state, VERIFY_GOOD);
		assert_false(report.was_added_to);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, pdf_fixture_begin, pdf_fixture_end)

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		TEST(what_came_signed_holds_for_what_it_covers),
		TEST(what_nobody_has_signed_since_is_told),
		TEST(only_what_leaves_all_as_it_was_may_be_added),
		TEST(pages_stay_the_first_ones),
		TEST(what_is_added_without_a_whole_signature_is_told),
		TEST(what_forbids_more_is_obeyed),
		TEST(what_follows_ours_is_as_strict_as_ever),
	};
	return crypto_init() != OK || cmocka_run_group_tests(tests, NULL, NULL);
}
