/* Documents that came with signatures: kept valid, or refused where they forbid more. */
#include "pdf/foreign_pdf.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct made_pdf plain = {.name = "plain", .pages = 2};

/* A page was added after the first, which is said; nothing was done after the others but to sign.
 */
static void assert_added_after_the_first(struct pdf_fixture *it, size_t count, bool is_added)
{
	struct pdf_signatures found;
	assert_int_equal(
		pdf_signatures(it->workers, &it->document, &it->arena, &found, &it->refusal), OK);
	assert_int_equal(found.count, count);
	for (size_t i = 0; i < count; i++) {
		assert_true(found.items[i].is_whole);
		assert_int_equal(found.items[i].is_untouched_since, i > 0 || !is_added);
		assert_int_equal(found.items[i].is_only_added_to, i == 0 && is_added);
	}
}

static void signatures_that_are_there_stay_valid(void **state)
{
	struct pdf_fixture *it = *state;
	for (int is_streamed = 0; is_streamed <= 1; is_streamed++) {
		struct pdf_plan plan = pdf_fixture_plan(it, 2);
		struct str before, after;
		if (is_streamed)
			foreign_make_streamed(it);
		else
			foreign_make(it, "", NULL);
		pdf_fixture_assert_valid(it, 1);
		assert_int_equal(pdf_bytes_map(&it->document, &before), OK);
		before = arena_copy(&it->arena, before);
		assert_int_equal(pdf_fixture_prepare(it, &plan), OK);
		assert_int_equal(pdf_bytes_map(&it->document, &after), OK);
		assert_true(str_starts_with(after, before));
		pdf_bytes_unmap(after);
		pdf_fixture_finish(it, &plan);
		pdf_fixture_assert_valid(it, 5);
		pdf_fixture_assert_sound(it);
		assert_added_after_the_first(it, 5, true);
	}
}

/* As another program would write it, with its objects in streams. */
static void objects_in_streams_stay_as_they_were(void **state)
{
	static const char *const streams[] = {"qpdf", "--object-streams=generate", NULL};
	struct pdf_fixture *it = *state;
	struct pdf_plan plan = pdf_fixture_plan(it, 2);
	pdf_fixture_take(it, made_pdf(&plain));
	assert_int_equal(pdf_fixture_prepare(it, &plan), OK);
	pdf_fixture_convert(it, streams);
	pdf_fixture_finish(it, &plan);
	pdf_fixture_assert_valid(it, 4);
	pdf_fixture_assert_sound(it);
	assert_added_after_the_first(it, 4, false);
}

static void what_its_signatures_forbid_is_refused(void **state)
{
	struct pdf_fixture *it = *state;
	struct pdf_plan plan = pdf_fixture_plan(it, 1);
	const struct pdf_signing certify = {
		.kind = PDF_CERTIFY, .name = STR("Somebody"), .at_ms = pdf_fixture_now_ms};
	pdf_fixture_take(it, made_pdf(&plain));
	assert_int_equal(pdf_fixture_prepare(it, &plan), OK);
	assert_int_equal(pdf_fixture_sign(it, &certify), OK);
	assert_int_equal(pdf_fixture_prepare(it, &plan), ERR_INVALID);
	assert_int_equal(it->refusal, PDF_SIGNED_SHUT);
	/* A seal; and before it one of ours, on a document that came signed. */
	foreign_make(it, "", NULL);
	assert_int_equal(pdf_fixture_prepare(it, &plan), OK);
	assert_int_equal(pdf_fixture_sign(it, &certify), OK);
	assert_int_equal(pdf_fixture_prepare(it, &plan), ERR_INVALID);
	assert_int_equal(it->refusal, PDF_SIGNED_SHUT);
	const struct pdf_signing seal = {.kind = PDF_SEAL,
					 .name = STR("Somebody"),
					 .trail = STR("x"),
					 .at_ms = pdf_fixture_now_ms};
	assert_int_equal(pdf_fixture_sign(it, &seal), OK);
	assert_int_equal(pdf_fixture_prepare(it, &plan), ERR_INVALID);
	assert_int_equal(it->refusal, PDF_SIGNED_SHUT);
}

static void nobody_signs_twice(void **state)
{
	struct pdf_fixture *it = *state;
	struct pdf_plan plan = pdf_fixture_plan(it, 1);
	static const enum pdf_signing_kind kinds[] = {PDF_CERTIFY, PDF_SIGN, PDF_SEAL};
	pdf_fixture_take(it, made_pdf(&plain));
	assert_int_equal(pdf_fixture_prepare(it, &plan), OK);
	pdf_fixture_finish(it, &plan);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct pdf_signing again = {
			.kind = kinds[i], .name = STR("Again"), .at_ms = pdf_fixture_now_ms};
		assert_int_equal(pdf_fixture_sign(it, &again), ERR_INVALID);
		assert_int_equal(it->refusal, PDF_BAD_FIELD);
	}
}

static enum pdf_refusal look(struct pdf_fixture *it)
{
	struct pdf_facts facts = {.signature_count = -1};
	it->refusal = PDF_FINE;
	enum err err = pdf_inspect(it->workers, &it->document, &it->arena, &facts, &it->refusal);
	assert_int_equal(err, it->refusal == PDF_FINE ? OK : ERR_INVALID);
	assert_int_equal(facts.signature_count, err == OK ? 1 : -1);
	return it->refusal;
}

/* A dictionary that says so makes no signature, nor does one of other bytes. */
static void what_is_no_signature_does_not_count_as_one(void **state)
{
	static const char *const values[] = {
		"<<>>",
		"<</Type/Sig>>",
		"<</Type/Sig/ByteRange[0 1 2 3]/Contents<00>>>",
		"<</Type/Sig/ByteRange[0 1 2 3]/Contents<30030201>>>",
		"<</Type/Sig/SubFilter/ETSI.RFC3161/ByteRange[0 1 2 3]/Contents<00>>>",
	};
	struct pdf_fixture *it = *state;
	struct str view;
	struct made_pdf made = {.name = "false", .catalog = "/AcroForm<</Fields[4 0 R]>>"};
	made.objects[0] = "<</Type/Annot/Subtype/Widget/FT/Sig/T(a)/Rect[0 0 0 0]/V 5 0 R>>";
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		made.objects[1] = values[i];
		pdf_fixture_take(it, made_pdf(&made));
		assert_int_equal(look(it), PDF_SIGNED_FALSELY);
	}
	/* Nor do scripts stay in it. */
	made.catalog = "/AcroForm<</Fields[4 0 R]>>/OpenAction<</S/JavaScript/JS(x)>>";
	pdf_fixture_take(it, made_pdf(&made));
	assert_int_equal(look(it), PDF_SIGNED_SCRIPTS);
	foreign_make(it, "", NULL);
	assert_int_equal(look(it), PDF_FINE);
	assert_int_equal(pdf_bytes_map(&it->document, &view), OK);
	struct str bytes = arena_copy(&it->arena, view);
	pdf_bytes_unmap(view);
	ptrdiff_t at = str_find(bytes, STR("Contract"));
	assert_true(at > 0);
	((char *)bytes.data)[at] = 'K';
	pdf_fixture_take(it, made_bytes(bytes));
	assert_int_equal(look(it), PDF_SIGNED_FALSELY);
}

/* Taking them out would break its signatures; they are not left in either. */
static void scripts_in_a_signed_document_refuse_it(void **state)
{
#define FORM_OF_TWO(more)                                                                          \
	"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R 30 0 R]/SigFlags 3>>" more ">>"
	static const struct foreign_object rows[][3] = {
		{{1, FORM_OF_TWO("/OpenAction<</S/JavaScript/JS(x)>>")}},
		{{1, FORM_OF_TWO("/Names<</JavaScript<</Names[(a)<</S/JavaScript/JS(x)>>]>>>>")}},
		{{1, FORM_OF_TWO("")},
		 {FOREIGN_PAGE, FOREIGN_PAGE_WITH("", "/AA<</O<</S/Launch/F(cmd.exe)>>>>")}},
		{{1, FORM_OF_TWO("")},
		 {FOREIGN_PAGE, FOREIGN_PAGE_WITH("<</Type/Annot/Subtype/Link/Rect[0 0 9 9]"
						  "/A<</S/Launch/F(cmd.exe)>>>>",
						  "")}},
	};
	struct pdf_fixture *it = *state;
	struct pdf_plan plan = pdf_fixture_plan(it, 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		foreign_make(it, "", NULL);
		foreign_add_signed(it, rows[i], 30);
		assert_int_equal(look(it), PDF_SIGNED_SCRIPTS);
		it->refusal = PDF_FINE;
		assert_int_equal(pdf_fixture_prepare(it, &plan), ERR_INVALID);
		assert_int_equal(it->refusal, PDF_SIGNED_SCRIPTS);
	}
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, pdf_fixture_begin, pdf_fixture_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(signatures_that_are_there_stay_valid),
		WITH_FIXTURE(objects_in_streams_stay_as_they_were),
		WITH_FIXTURE(what_its_signatures_forbid_is_refused),
		WITH_FIXTURE(what_is_no_signature_does_not_count_as_one),
		WITH_FIXTURE(scripts_in_a_signed_document_refuse_it),
		WITH_FIXTURE(nobody_signs_twice),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
