/* What may follow a signature of whoever, and what may not: updates made by hand. */
#include "pdf/pdf_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { PAGE = 10, CONTENTS = 11 };

#define FORM "/AcroForm<</Fields[4 0 R]/SigFlags 3>>"
#define FIELD "<</Type/Annot/Subtype/Widget/FT/Sig/T(a)/Rect[0 0 0 0]/V 5 0 R>>"
#define VALUE "<</Type/Sig/ByteRange[0 1 2 000000]/Contents<00>>>"
#define COMMENTS "<</Type/Sig/ByteRange[0 1 2 000000]/Contents<00>" RULES ">>"
#define RULES "/Reference[<</TransformMethod/DocMDP/TransformParams<</P 3>>>>]"
#define PAGE_WITH(more)                                                                            \
	"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>"          \
	"/Contents 11 0 R" more ">>"
#define SAME_TEXT                                                                                  \
	"<</Length 47>>\nstream\nBT /F1 24 Tf 72 700 Td (Contract, page 1) Tj ET\nendstream"

#define FORM_WITH(field)                                                                           \
	"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R" field "]/SigFlags 3>>>>"
#define ONE_MORE "<</FT/Sig/T(b)>>"

struct row {
	const char *name;
	const char *page, *value; /* of what was signed; NULL: the usual */
	int object, gen;
	const char *body;
	const char *changed; /* "": nothing that is not allowed */
};
static const struct row rows[] = {
	{"nothing but the same again", NULL, NULL, PAGE, 0, PAGE_WITH(""), ""},
	{"one more place for a signature", NULL, NULL, PAGE, 0,
	 PAGE_WITH("/Annots[<</Subtype/Widget/FT/Sig/T(b)>>]"), ""},
	{"a comment that covers the page", NULL, NULL, PAGE, 0,
	 PAGE_WITH("/Annots[<</Subtype/FreeText/Contents(x)/Rect[0 0 595 842]>>]"), "page 1"},
	{"a field with text", NULL, NULL, PAGE, 0,
	 PAGE_WITH("/Annots[<</Subtype/Widget/FT/Tx/T(b)/Rect[0 0 595 842]>>]"), "page 1"},
	{"a comment where comments are allowed", NULL, COMMENTS, PAGE, 0,
	 PAGE_WITH("/Annots[<</Subtype/FreeText/Contents(x)/Rect[0 0 595 842]>>]"), ""},
	{"what was not there, though named", "/Other 40 0 R", NULL, 40, 0, "<</Some/Thing>>",
	 "page 1"},
	{"what was not there, and still is not", "/Other 40 0 R", NULL, 41, 0, "<</Some/Thing>>",
	 ""},
	{"one more signature, in a form within the catalog", NULL, NULL, 1, 0, FORM_WITH(ONE_MORE),
	 ""},
	{"one more field with text there", NULL, NULL, 1, 0, FORM_WITH("<</FT/Tx/T(b)>>"),
	 "document"},
	{"one more signature there, where only comments are allowed", NULL, COMMENTS, 1, 0,
	 FORM_WITH(ONE_MORE), "document"},
	{"one more place in a list by itself", "/Annots 6 0 R", NULL, 6, 0, "[" ONE_MORE "]", ""},
	{"a comment in a list by itself", "/Annots 6 0 R", NULL, 6, 0,
	 "[<</Subtype/FreeText/Rect[0 0 595 842]>>]", "page 1"},
	{"another list of something else", "/Other 6 0 R", NULL, 6, 0, "[" ONE_MORE "]", "page 1"},
	{"the same text", NULL, NULL, CONTENTS, 0, SAME_TEXT, ""},
	{"the same text of another generation", NULL, NULL, CONTENTS, 1, SAME_TEXT, "page 1"},
};

static struct str view_of(struct pdf_fixture *it)
{
	struct str view;
	assert_int_equal(pdf_bytes_map(&it->document, &view), OK);
	struct str copy = arena_copy(&it->arena, view);
	pdf_bytes_unmap(view);
	return copy;
}

/* The signature is none; its range is that of one. */
static void make_signed(struct pdf_fixture *it, const struct row *row)
{
	const struct made_pdf made = {.name = row->name,
				      .catalog = FORM,
				      .page = row->page,
				      .objects = {FIELD, row->value ? row->value : VALUE, "[]"}};
	const struct str dummy = STR("000000]");
	pdf_fixture_take(it, made_pdf(&made));
	struct str bytes = view_of(it);
	struct str digits = arena_printf(&it->arena, "%06zu", bytes.len - 2);
	ptrdiff_t at = str_find(bytes, dummy);
	assert_true(at > 0);
	memcpy((char *)bytes.data + at, digits.data, digits.len);
	pdf_fixture_take(it, made_bytes(bytes));
}

static void add_update(struct pdf_fixture *it, const struct row *row)
{
	CLEANUP_BUF struct buf update;
	struct str bytes = view_of(it);
	ptrdiff_t table = str_find(bytes, STR("\nxref\n"));
	assert_true(table > 0);
	buf_init(&update, 65536);
	buf_addf(&update, "%d %d obj\n%s\nendobj\n", row->object, row->gen, row->body);
	size_t xref = bytes.len + update.len;
	buf_addf(&update, "xref\n%d 1\n%010zu %05d n \n", row->object, bytes.len, row->gen);
	buf_addf(&update, "trailer\n<</Size 50/Root 1 0 R/Prev %d>>\n", (int)table + 1);
	buf_addf(&update, "startxref\n%zu\n%%%%EOF\n", xref);
	assert_int_equal(pdf_bytes_add(&it->document, buf_str(&update)), OK);
}

static void only_what_is_allowed_is_no_change(void **state)
{
	struct pdf_fixture *it = *state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pdf_signatures found;
		make_signed(it, &rows[i]);
		add_update(it, &rows[i]);
		assert_int_equal(pdf_signatures(it->workers, &it->document, &it->arena, &found,
						&it->refusal),
				 OK);
		assert_int_equal(found.count, 1);
		const char *changed = arena_cstr(&it->arena, found.items[0].changed);
		if (strcmp(changed, rows[i].changed) != 0 ||
		    found.items[0].is_untouched_since != (rows[i].changed[0] == '\0'))
			fail_msg("%s: \"%s\"", rows[i].name, changed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(
		only_what_is_allowed_is_no_change, pdf_fixture_begin, pdf_fixture_end)};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
