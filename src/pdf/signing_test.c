/* Documents on their whole way: prepared, certified, signed by few and by many, sealed; looked at
 * by programs that are not ours. */
#include "pdf/pdf_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const struct made_pdf shapes[] = {
	{.name = "a plain page"},
	{.name = "ten pages", .pages = 10},
	{.name = "turned and cut", .page = "/Rotate 90/CropBox[50 60 500 700]"},
};

static void all_signatures_are_valid_with_any_number_of_signers(void **state)
{
	static const size_t signers[] = {1, 2, 20};
	struct pdf_fixture *it = *state;
	for (size_t i = 0; i < sizeof(signers) / sizeof(signers[0]); i++) {
		struct pdf_plan plan = pdf_fixture_plan(it, signers[i]);
		pdf_fixture_take(it, made_pdf(&shapes[i]));
		assert_int_equal(pdf_fixture_prepare(it, &plan), OK);
		pdf_fixture_assert_sound(it);
		pdf_fixture_finish(it, &plan);
		pdf_fixture_assert_sound(it);
		pdf_fixture_assert_valid(it, (int)signers[i] + 2);
	}
}

/* A finished document of two signers. */
static void finish_one(struct pdf_fixture *it)
{
	struct pdf_plan plan = pdf_fixture_plan(it, 2);
	pdf_fixture_take(it, made_pdf(&shapes[0]));
	assert_int_equal(pdf_fixture_prepare(it, &plan), OK);
	pdf_fixture_finish(it, &plan);
}

static enum err read_signatures(struct pdf_fixture *it, struct pdf_signatures *ret)
{
	it->refusal = PDF_FINE;
	return pdf_signatures(it->workers, &it->document, &it->arena, ret, &it->refusal);
}

static void its_signatures_are_read_again(void **state)
{
	static const char *const fields[] = {"postern-certified", "signer-1", "signer-2",
					     "postern-sealed"};
	struct pdf_fixture *it = *state;
	struct pdf_signatures found;
	finish_one(it);
	assert_int_equal(read_signatures(it, &found), OK);
	assert_int_equal(found.count, 4);
	assert_false(found.has_unsigned_end);
	for (size_t i = 0; i < found.count; i++) {
		const struct pdf_signature *one = &found.items[i];
		assert_string_equal(arena_cstr(&it->arena, one->field), fields[i]);
		assert_true(str_eq(one->sub_filter, STR("ETSI.CAdES.detached")));
		assert_true(one->is_whole);
		assert_true(one->is_untouched_since);
		assert_int_equal(one->covers_all, i == 3);
		assert_int_equal(one->docmdp, i == 0 ? 2 : 0);
		assert_int_equal(one->is_field_lock_all, i == 3);
		assert_true(one->contents.len > 500);
	}
	assert_true(str_eq(found.items[1].name, STR("Signer 1")));
	assert_true(str_eq(found.items[1].reason, STR("I agree")));
}

/* What a signature covers is not what was signed any more, or its certificates are not those that
 * were put into it. */
static bool is_broken(struct pdf_fixture *it, const struct pdf_signature *one,
		      const uint8_t root_sha256[32])
{
	struct cms_facts facts;
	struct str view;
	assert_int_equal(pdf_bytes_map(&it->document, &view), OK);
	const struct str covered[] = {
		str_slice(view, 0, (size_t)one->range[1]),
		str_slice(view, (size_t)one->range[2], (size_t)one->range[3])};
	assert_int_equal(cms_verify(one->contents, covered, &it->arena, &facts), OK);
	pdf_bytes_unmap(view);
	return facts.verdict != CMS_GOOD || !facts.is_chain_good ||
	       memcmp(facts.root_sha256, root_sha256, 32) != 0;
}

static bool is_reported(struct pdf_fixture *it)
{
	struct certificate_facts root;
	assert_int_equal(signing_key_facts(it->authority, &it->arena, &root), OK);
	struct pdf_signatures found;
	enum err err = read_signatures(it, &found);
	if (err != OK) {
		assert_int_equal(err, ERR_INVALID);
		return true;
	}
	if (found.count != 4 || found.has_unsigned_end)
		return true;
	for (size_t i = 0; i < found.count; i++)
		if (!found.items[i].is_whole || !found.items[i].is_untouched_since)
			return true;
	return is_broken(it, &found.items[3], root.sha256);
}

static void flip(struct pdf_fixture *it, int64_t at)
{
	char byte;
	assert_int_equal(pread(it->document.fd, &byte, 1, at), 1);
	byte ^= 0x01;
	assert_int_equal(pwrite(it->document.fd, &byte, 1, at), 1);
}

static void a_byte_flipped_anywhere_is_reported(void **state)
{
	enum { PLACES = 150 };
	struct pdf_fixture *it = *state;
	finish_one(it);
	assert_false(is_reported(it));
	for (int i = 0; i < PLACES; i++) {
		int64_t at = it->document.bytes * i / PLACES + i % 7;
		flip(it, at);
		if (!is_reported(it))
			fail_msg("byte %lld", (long long)at);
		flip(it, at);
	}
	assert_false(is_reported(it));
}

static void bytes_after_the_last_signature_are_reported(void **state)
{
	struct pdf_fixture *it = *state;
	struct pdf_signatures found;
	finish_one(it);
	assert_int_equal(pdf_bytes_add(&it->document, STR("\n% more\n")), OK);
	enum err err = read_signatures(it, &found);
	if (err == OK)
		assert_true(found.has_unsigned_end);
	else
		assert_int_equal(err, ERR_INVALID);
}

/* Where the newest table of objects is. */
static struct str find_start(struct str document)
{
	const struct str word = STR("startxref\n");
	struct str number, rest = document;
	for (ptrdiff_t at; (at = str_find(rest, word)) >= 0;)
		rest = str_slice(rest, (size_t)at + word.len, rest.len);
	assert_true(str_next(&rest, '\n', &number));
	return number;
}

/* An update of somebody else's: one object anew, and a table with it. */
static void add_update(struct pdf_fixture *it, int object, const char *body)
{
	CLEANUP_BUF struct buf update;
	struct str view;
	int64_t before = it->document.bytes;
	buf_init(&update, 65536);
	assert_int_equal(pdf_bytes_map(&it->document, &view), OK);
	buf_addf(&update, "\n%d 0 obj\n%s\nendobj\n", object, body);
	int64_t xref = before + (int64_t)update.len;
	buf_addf(&update, "xref\n%d 1\n%010lld 00000 n \n", object, (long long)before + 1);
	buf_addf(&update, "trailer\n<</Size 500/Root 1 0 R/Prev %.*s>>\n",
		 STR_ARGS(find_start(view)));
	buf_addf(&update, "startxref\n%lld\n%%%%EOF\n", (long long)xref);
	pdf_bytes_unmap(view);
	assert_int_equal(pdf_bytes_add(&it->document, buf_str(&update)), OK);
}

static void what_was_changed_after_a_signature_is_named(void **state)
{
	static const struct {
		const char *body, *changed;
		int object;
	} rows[] = {
		{"<</Length 5>>\nstream\nBT ET\nendstream", "page 1", 11},
		{"<</Type/Font/Subtype/Type1/BaseFont/Courier>>", "page 1", 3},
		{"<</Type/Page>>", "page 1", 10},
	};
	struct pdf_fixture *it = *state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pdf_signatures found;
		finish_one(it);
		add_update(it, rows[i].object, rows[i].body);
		assert_int_equal(read_signatures(it, &found), OK);
		assert_int_equal(found.count, 4);
		assert_true(found.has_unsigned_end);
		for (size_t k = 0; k < found.count; k++) {
			assert_false(found.items[k].is_untouched_since);
			assert_string_equal(arena_cstr(&it->arena, found.items[k].changed),
					    rows[i].changed);
		}
	}
}

/* The newest object that says this: its number, and what is in it. */
static int find_object(struct pdf_fixture *it, struct str words, struct str *ret_body)
{
	struct str view;
	int number;
	assert_int_equal(pdf_bytes_map(&it->document, &view), OK);
	struct str copy = arena_copy(&it->arena, view);
	pdf_bytes_unmap(view);
	ptrdiff_t at = 0, next;
	while ((next = str_find(str_slice(copy, (size_t)at + 1, copy.len), words)) >= 0)
		at += next + 1;
	assert_true(at > 0);
	while (!str_starts_with(str_slice(copy, (size_t)at, 5), STR(" obj\n")))
		at--;
	*ret_body = str_slice(copy, (size_t)at + 5, copy.len);
	ret_body->len = (size_t)str_find(*ret_body, STR("\nendobj"));
	while (copy.data[at - 1] != '\n')
		at--;
	assert_int_equal(sscanf(copy.data + at, "%d", &number), 1);
	return number;
}

static void what_only_looks_like_a_signature_is_none(void **state)
{
	struct pdf_fixture *it = *state;
	struct pdf_plan plan = pdf_fixture_plan(it, 1);
	const struct pdf_signing certify = {
		.kind = PDF_CERTIFY, .name = STR("Practice"), .at_ms = pdf_fixture_now_ms};
	struct pdf_signatures found;
	struct str body;
	pdf_fixture_take(it, made_pdf(&shapes[0]));
	assert_int_equal(pdf_fixture_prepare(it, &plan), OK);
	assert_int_equal(pdf_fixture_sign(it, &certify), OK);
	int number = find_object(it, STR("/T(signer-1)"), &body);
	body.len -= 2;
	add_update(it, number,
		   arena_printf(&it->arena, "%.*s/AP<</N 11 0 R>>>>", STR_ARGS(body)).data);
	assert_int_equal(read_signatures(it, &found), OK);
	assert_int_equal(found.count, 1);
	assert_false(found.items[0].is_untouched_since);
	assert_string_equal(arena_cstr(&it->arena, found.items[0].changed), "field signer-1");
}

static void assert_says(struct pdf_fixture *it, const char *of, const char *words)
{
	struct str body;
	find_object(it, str_of(of), &body);
	if (str_find(body, str_of(words)) < 0)
		fail_msg("%s: no %s in %.*s", of, words, STR_ARGS(body));
}

/* PDF 1.7, 12.8.2 and 12.8.4: what readers of other makers go by. */
static void its_rules_are_written_as_readers_want_them(void **state)
{
	struct pdf_fixture *it = *state;
	struct str body;
	finish_one(it);
	int certification = find_object(it, STR("/TransformMethod/DocMDP"), &body);
	int catalog = find_object(it, STR("/Type/Catalog"), &body);
	assert_says(it, "/TransformMethod/DocMDP",
		    "/TransformParams<</Type/TransformParams/V/1.2/P 2>>");
	assert_says(it, "/Type/Catalog",
		    arena_printf(&it->arena, "/Perms<</DocMDP %d 0 R>>", certification).data);
	assert_says(it, "/T(postern-certified)",
		    arena_printf(&it->arena, "/V %d 0 R", certification).data);
	assert_says(it, "/TransformMethod/FieldMDP",
		    arena_printf(&it->arena,
				 "/TransformParams<</Type/TransformParams/V/1.2/Action/All>>"
				 "/Data %d 0 R>>",
				 catalog)
			    .data);
	assert_says(it, "/T(postern-sealed)", "/Lock<</Type/SigFieldLock/Action/All>>");
	/* What screen readers call them. */
	assert_says(it, "/T(signer-1)", "/TU<FEFF005300690067006E0065007200200031>"); /* Signer 1 */
	assert_says(it, "/T(postern-sealed)", "/TU<FEFF00430065007200740069");        /* Certi... */
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, pdf_fixture_begin, pdf_fixture_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(all_signatures_are_valid_with_any_number_of_signers),
		WITH_FIXTURE(its_signatures_are_read_again),
		WITH_FIXTURE(a_byte_flipped_anywhere_is_reported),
		WITH_FIXTURE(bytes_after_the_last_signature_are_reported),
		WITH_FIXTURE(what_was_changed_after_a_signature_is_named),
		WITH_FIXTURE(what_only_looks_like_a_signature_is_none),
		WITH_FIXTURE(its_rules_are_written_as_readers_want_them),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
