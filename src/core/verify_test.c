/* What postern verify says of documents (P6). */
#include "core/verify.h"

#include "crypto/secret.h"
#include "crypto/timestamp.h"
#include "pdf/pdf_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/signing_test_support.h"

static struct str bytes_of(struct pdf_fixture *it)
{
	struct str view;
	assert_int_equal(pdf_bytes_map(&it->document, &view), OK);
	struct str copy = arena_copy(&it->arena, view);
	pdf_bytes_unmap(view);
	return copy;
}

static struct pdf_bytes document_of(struct str bytes)
{
	struct pdf_bytes document;
	assert_int_equal(pdf_bytes_new(&document), OK);
	assert_int_equal(pdf_bytes_add(&document, bytes), OK);
	return document;
}

static struct verify_known known_of(struct pdf_fixture *it, const struct signing_key *key)
{
	struct certificate_facts facts;
	struct verify_known known;
	assert_int_equal(signing_key_facts(key, &it->arena, &facts), OK);
	memcpy(known.sha256, facts.sha256, sizeof(known.sha256));
	return known;
}

static enum err try_verify(struct pdf_fixture *it, int64_t at_ms, struct verify_report *ret)
{
	struct verify_known known = known_of(it, it->authority);
	it->refusal = PDF_FINE;
	return verify_document(it->workers, &it->document, &known, 1, at_ms, &it->arena, ret,
			       &it->refusal);
}

static struct verify_report verify(struct pdf_fixture *it)
{
	struct verify_report report = {0};
	assert_int_equal(try_verify(it, pdf_fixture_now_ms, &report), OK);
	return report;
}

static void finished(struct pdf_fixture *it, size_t signers)
{
	pdf_fixture_take(it, made_pdf(&(struct made_pdf){.name = "plain"}));
	struct pdf_plan plan = pdf_fixture_plan(it, signers);
	assert_int_equal(pdf_fixture_prepare(it, &plan), OK);
	pdf_fixture_finish(it, &plan);
}

static void prepared(struct pdf_fixture *it)
{
	pdf_fixture_take(it, made_pdf(&(struct made_pdf){.name = "plain"}));
	struct pdf_plan plan = pdf_fixture_plan(it, 1);
	assert_int_equal(pdf_fixture_prepare(it, &plan), OK);
}

static void a_finished_document_holds(void **state)
{
	struct pdf_fixture *it = *state;
	finished(it, 2);
	struct verify_report report = verify(it);
	static const enum verify_kind kinds[] = {VERIFY_CERTIFICATION, VERIFY_SIGNATURE,
						 VERIFY_SIGNATURE, VERIFY_SEAL};
	assert_int_equal(report.verdict, VERIFY_HOLDS);
	assert_true(report.is_known);
	assert_false(report.has_unsigned_end);
	assert_int_equal(report.bytes, it->document.bytes);
	assert_int_equal(report.count, 4);
	for (size_t i = 0; i < 4; i++) {
		const struct verify_signature *one = &report.signatures[i];
		assert_int_equal(one->kind, kinds[i]);
		assert_int_equal(one->state, VERIFY_GOOD);
		assert_true(one->is_chain_good && one->is_known && one->is_in_time);
		assert_false(one->is_self_signed);
		assert_int_equal(one->covers_all, i == 3);
		assert_true(i == 0 || one->until_bytes > report.signatures[i - 1].until_bytes);
		assert_int_equal(one->claimed_ms, pdf_fixture_now_ms);
		assert_int_equal(one->stamped_ms, 0);
	}
	assert_true(str_eq(report.signatures[1].signer.name, STR("Signer 1")));
	assert_true(str_eq(report.signatures[1].reason, STR("I agree")));
	assert_true(str_eq(report.signatures[1].signer.address, STR("anna@example.com")));
	assert_true(str_eq(report.signatures[3].root, STR("Authority of Example Practice")));
}

static void without_any_signature_it_is_unsigned(void **state)
{
	struct pdf_fixture *it = *state;
	pdf_fixture_take(it, made_pdf(&(struct made_pdf){.name = "plain"}));
	struct verify_report report = verify(it);
	assert_int_equal(report.verdict, VERIFY_UNSIGNED);
	assert_false(report.is_known);
	/* Nor do empty fields count. */
	struct pdf_plan plan = pdf_fixture_plan(it, 1);
	assert_int_equal(pdf_fixture_prepare(it, &plan), OK);
	assert_int_equal(verify(it).verdict, VERIFY_UNSIGNED);
}

static void another_authority_is_not_known(void **state)
{
	struct pdf_fixture *it = *state;
	finished(it, 1);
	struct signing_key *right = it->authority;
	assert_int_equal(
		signing_authority_new(STR("Example Practice"), pdf_fixture_now_ms, &it->authority),
		OK); /* of the same name */
	struct verify_report report = verify(it);
	signing_key_free(right);
	assert_int_equal(report.verdict, VERIFY_HOLDS);
	assert_false(report.is_known);
	assert_false(report.signatures[2].is_known);
	assert_true(report.signatures[2].is_chain_good);
}

static void after_the_authority_has_ended_nobody_can_tell(void **state)
{
	struct pdf_fixture *it = *state;
	struct verify_report report;
	finished(it, 1);
	assert_int_equal(try_verify(it, pdf_fixture_now_ms + 7300 * DAY_MS, &report), OK);
	assert_true(report.is_known);
	assert_int_equal(try_verify(it, pdf_fixture_now_ms + 7310 * DAY_MS, &report), OK);
	assert_int_equal(report.verdict, VERIFY_HOLDS);
	assert_false(report.is_known);
	assert_false(report.signatures[2].is_in_time);
}

/* Whatever byte is changed: that the document holds, and by a known one, is not said. */
static void a_changed_byte_is_seen(void **state)
{
	struct pdf_fixture *it = *state;
	finished(it, 1);
	struct str whole = bytes_of(it);
	size_t refused = 0, broken = 0, tries = 150;
	for (size_t i = 0; i < tries; i++) {
		size_t at = i * (whole.len - 1) / (tries - 1);
		struct verify_report report;
		((char *)whole.data)[at] ^= 1;
		pdf_fixture_take(it, document_of(whole));
		((char *)whole.data)[at] ^= 1;
		enum err err = try_verify(it, pdf_fixture_now_ms, &report);
		if (err == OK && report.verdict == VERIFY_HOLDS && report.is_known &&
		    report.count == 3)
			fail_msg("byte %zu of %zu: \"%.20s\"", at, whole.len, whole.data + at);
		assert_true(err == OK || err == ERR_INVALID);
		refused += err == ERR_INVALID;
		broken += err == OK && report.verdict != VERIFY_HOLDS;
	}
	assert_true(broken > tries / 2 && broken + refused > tries * 9 / 10);
}

static void what_is_added_is_seen(void **state)
{
	static const char *const ends[] = {
		"\n%comment",
		"\n9999 0 obj\n<<>>\nendobj\n",
	};
	struct pdf_fixture *it = *state;
	finished(it, 1);
	struct str whole = bytes_of(it);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct verify_report report;
		pdf_fixture_take(it, document_of(whole));
		assert_int_equal(pdf_bytes_add(&it->document, str_of(ends[i])), OK);
		enum err err = try_verify(it, pdf_fixture_now_ms, &report);
		if (err == OK && (report.is_known || report.verdict != VERIFY_BROKEN))
			fail_msg("%s", ends[i]);
	}
	/* Without a seal it may be what the signatures allow; but it is not signed. */
	prepared(it);
	const struct pdf_signing signing = {
		.kind = PDF_SIGN, .name = STR("Anna"), .at_ms = pdf_fixture_now_ms};
	assert_int_equal(pdf_fixture_sign(it, &signing), OK);
	assert_int_equal(verify(it).verdict, VERIFY_HOLDS);
	assert_int_equal(pdf_bytes_add(&it->document, STR("\n%comment")), OK);
	struct verify_report report;
	if (try_verify(it, pdf_fixture_now_ms, &report) == OK) {
		assert_int_equal(report.verdict, VERIFY_ADDED);
		assert_false(report.is_known);
	}
}

static void a_cut_document_is_an_earlier_one_or_damaged(void **state)
{
	struct pdf_fixture *it = *state;
	finished(it, 1);
	struct str whole = bytes_of(it);
	struct verify_report report = verify(it);
	/* As the signer had it: all that is there holds, but the seal is missing. */
	int64_t before = report.signatures[1].until_bytes;
	pdf_fixture_take(it, document_of(str_slice(whole, 0, (size_t)before)));
	struct verify_report earlier = verify(it);
	assert_int_equal(earlier.verdict, VERIFY_HOLDS);
	assert_int_equal(earlier.count, 2);
	assert_true(earlier.is_unfinished && !report.is_unfinished);
	assert_int_equal(earlier.signatures[1].kind, VERIFY_SIGNATURE);
	for (size_t len = 0; len < whole.len; len += whole.len / 20) {
		if (len == (size_t)before)
			continue;
		pdf_fixture_take(it, document_of(str_slice(whole, 0, len)));
		enum err err = try_verify(it, pdf_fixture_now_ms, &report);
		if (err == OK && report.is_known)
			fail_msg("the first %zu bytes of %zu", len, whole.len);
	}
}

/* ---- time stamps, and certificates of others ---- */

static struct str stamped(struct pdf_fixture *it, struct str cms)
{
	uint8_t sha256[32];
	struct str request, token, with;
	int64_t at_ms;
	test_stamper_make();
	assert_int_equal(cms_signature_digest(cms, sha256), OK);
	assert_int_equal(timestamp_ask(sha256, &it->arena, &request), OK);
	struct str answer = test_stamper_answer(request);
	assert_int_equal(timestamp_read(request, answer, &it->arena, &token, &at_ms), OK);
	assert_int_equal(cms_add_timestamp(&it->arena, cms, token, &with), OK);
	return with;
}

static void sign_by(struct pdf_fixture *it, const struct signing_key *key, bool wants_stamp)
{
	struct pdf_open open;
	uint8_t sha256[32];
	struct str cms;
	const struct pdf_signing signing = {
		.kind = PDF_SEAL, .name = STR("Seal"), .at_ms = now_ms()};
	assert_int_equal(
		pdf_open_signature(it->workers, &it->document, &signing, &open, &it->refusal), OK);
	assert_int_equal(pdf_open_digest(&open, sha256), OK);
	assert_int_equal(cms_sign(key, sha256, &it->arena, &cms), OK);
	assert_int_equal(pdf_open_close(&open, wants_stamp ? stamped(it, cms) : cms), OK);
	pdf_fixture_take(it, open.document);
}

static void a_time_stamp_is_told_and_counts_for_ever(void **state)
{
	struct pdf_fixture *it = *state;
	prepared(it);
	struct signing_key *authority = test_authority();
	struct signing_key *key = test_issue(authority, STR("Anna"), STR_NONE);
	signing_key_free(it->authority);
	it->authority = authority;
	sign_by(it, key, true);
	signing_key_free(key);
	pdf_fixture_assert_valid(it, 1);
	struct verify_report report = {0};
	/* Long after its certificate has ended. */
	assert_int_equal(try_verify(it, now_ms() + 10000 * DAY_MS, &report), OK);
	assert_int_equal(report.verdict, VERIFY_HOLDS);
	assert_true(report.is_known && report.signatures[0].is_in_time);
	assert_in_range(report.signatures[0].stamped_ms, now_ms() - MINUTE_MS,
			now_ms() + MINUTE_MS);
	assert_true(str_eq(report.signatures[0].stamped_by, STR("stamper")));
}

static void keys_of_real_authorities_sign_valid_documents(void **state)
{
	static const char *const kinds[] = {"RSA:2048", "EC:P-384"};
	static const char *const uses[] = {"basicConstraints=critical,CA:FALSE",
					   "keyUsage=critical,digitalSignature,nonRepudiation",
					   NULL};
	struct pdf_fixture *it = *state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct signing_key *key;
		enum pkcs12_refusal refusal;
		prepared(it);
		test_self_signed("real", kinds[i], uses);
		assert_program("openssl", "pkcs12", "-export", "-inkey", PATH("real.key"), "-in",
			       PATH("real.pem"), "-passout", "pass:x", "-out", PATH("real.p12"));
		assert_int_equal(signing_key_import(program_get("real.p12"), STR("x"), now_ms(),
						    &key, &refusal),
				 OK);
		sign_by(it, key, false);
		signing_key_free(key);
		pdf_fixture_assert_valid(it, 1);
		struct verify_report report = verify(it);
		assert_int_equal(report.verdict, VERIFY_HOLDS);
		assert_true(report.signatures[0].is_self_signed);
		assert_false(report.is_known);
	}
}

static void text_from_outside_stays_on_its_line(void **state)
{
	struct pdf_fixture *it = *state;
	struct pdf_open open;
	uint8_t sha256[32];
	struct str cms;
	prepared(it);
	char subject[] = "/O=Others/CN=Anna\x1b[2J\nHOLDS\xe2\x80\xae";
	assert_program("openssl", "req", "-x509", "-nodes", "-newkey", "EC", "-pkeyopt",
		       "ec_paramgen_curve:P-256", "-utf8", "-subj", subject, "-keyout",
		       PATH("odd.key"), "-out", PATH("odd.pem"), "-addext",
		       "basicConstraints=CA:FALSE");
	assert_program("openssl", "pkcs12", "-export", "-inkey", PATH("odd.key"), "-in",
		       PATH("odd.pem"), "-passout", "pass:x", "-out", PATH("odd.p12"));
	struct signing_key *key;
	enum pkcs12_refusal refusal;
	assert_int_equal(
		signing_key_import(program_get("odd.p12"), STR("x"), now_ms(), &key, &refusal), OK);
	const struct pdf_signing signing = {.kind = PDF_SIGN,
					    .name = STR("Anna"),
					    .reason = STR("One\nTwo"),
					    .at_ms = now_ms()};
	assert_int_equal(
		pdf_open_signature(it->workers, &it->document, &signing, &open, &it->refusal), OK);
	assert_int_equal(pdf_open_digest(&open, sha256), OK);
	assert_int_equal(cms_sign(key, sha256, &it->arena, &cms), OK);
	assert_int_equal(pdf_open_close(&open, cms), OK);
	pdf_fixture_take(it, open.document);
	signing_key_free(key);
	struct verify_report report = verify(it);
	assert_int_equal(report.count, 1);
	struct str name = report.signatures[0].signer.name;
	assert_true(str_starts_with(name, STR("Anna\xef\xbf\xbd[2J\xef\xbf\xbdHOLDS")));
	assert_true(str_find_char(name, '\n') < 0 && str_find_char(name, '\x1b') < 0);
	assert_true(str_find_char(report.signatures[0].reason, '\n') < 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, pdf_fixture_begin, pdf_fixture_end)

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		TEST(a_finished_document_holds),
		TEST(without_any_signature_it_is_unsigned),
		TEST(another_authority_is_not_known),
		TEST(after_the_authority_has_ended_nobody_can_tell),
		TEST(a_changed_byte_is_seen),
		TEST(what_is_added_is_seen),
		TEST(a_cut_document_is_an_earlier_one_or_damaged),
		TEST(a_time_stamp_is_told_and_counts_for_ever),
		TEST(keys_of_real_authorities_sign_valid_documents),
		TEST(text_from_outside_stays_on_its_line),
	};
	return crypto_init() != OK || cmocka_run_group_tests(tests, program_begin, program_end);
}
