#include "crypto/cms.h"

#include "crypto/secret.h"
#include "crypto/signing_key.h"
#include "crypto/timestamp.h"

#include <openssl/cms.h>
#include <openssl/ess.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/signing_test_support.h"

static struct arena arena;
static struct signing_key *authority, *anna;
static const char text[] = "The document, as it is signed.";
static const struct str document = {text, sizeof(text) - 1};

static int begin(void **state)
{
	(void)state;
	arena_init(&arena, 16 << 20);
	authority = test_authority();
	anna = test_issue(authority, STR("Anna Muster"), STR("anna@example.com"));
	return 0;
}

static int end(void **state)
{
	(void)state;
	signing_key_free(anna);
	signing_key_free(authority);
	arena_release(&arena);
	return 0;
}

static struct str sign(const struct signing_key *key)
{
	uint8_t sha256[32];
	struct str cms;
	test_sha256(document, sha256);
	assert_int_equal(cms_sign(key, sha256, &arena, &cms), OK);
	return cms;
}

static struct cms_facts verify_of(struct str cms, struct str first, struct str second)
{
	struct cms_facts facts;
	assert_int_equal(cms_verify(cms, (const struct str[2]){first, second}, &arena, &facts), OK);
	return facts;
}

static struct cms_facts verify(struct str cms)
{
	return verify_of(cms, str_slice(document, 0, 10), str_slice(document, 10, document.len));
}

static int openssl_verifies(struct str cms, const char *trusted)
{
	program_put("document", document);
	program_put("cms", cms);
	return PROGRAM("openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in",
		       PATH("cms"), "-content", PATH("document"), "-CAfile", trusted, "-purpose",
		       "any", "-out", PATH("out"));
}

static const char *put_authority(void)
{
	program_put("authority.pem", test_pem(&arena, authority));
	return PATH("authority.pem");
}

/* ---- making ---- */

static void openssl_says_that_it_is_signed(void **state)
{
	(void)state;
	assert_int_equal(openssl_verifies(sign(anna), put_authority()), 0);
}

/* ETSI EN 319 142-1 6.3: what baseline B has, and what it must not have. */
static void it_has_what_a_baseline_signature_has_and_no_more(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		int count;
	} parts[] = {
		{":pkcs7-signedData", 1},
		{":contentType", 1},
		{":messageDigest", 1},
		{":id-smime-aa-signingCertificateV2", 1},
		{":signingTime", 0},
		{":S/MIME Capabilities", 0},
		{":id-smime-aa-signingCertificate\n", 0},
		{":ecdsa-with-SHA256", 5}, /* outside and inside of two certificates, and here */
		{":Authority of Practice", 4}, /* issuer and subject, issuer, and here */
	};
	program_put("cms", sign(anna));
	assert_program("openssl", "asn1parse", "-inform", "DER", "-in", PATH("cms"));
	struct str said = program_get("said");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		int count = 0;
		for (const char *at = said.data; (at = strstr(at, parts[i].name)) != NULL; at++)
			count++;
		if (count != parts[i].count)
			fail_msg("%s: %d times", parts[i].name, count);
	}
}

static void the_attributes_are_sorted_as_der_has_it(void **state)
{
	(void)state;
	/* A reader that encodes them anew, as this one does, has the same bytes. */
	program_put("cms", sign(anna));
	assert_program("openssl", "cms", "-cmsout", "-inform", "DER", "-in", PATH("cms"),
		       "-outform", "DER", "-out", PATH("again"));
	assert_program("cmp", PATH("cms"), PATH("again"));
}

static void keys_of_other_kinds_sign_too(void **state)
{
	(void)state;
	static const char *const kinds[] = {"EC:P-256", "EC:P-384", "EC:P-521", "RSA:2048",
					    "RSA:4096"};
	static const char *const uses[] = {"basicConstraints=critical,CA:FALSE",
					   "keyUsage=critical,digitalSignature,nonRepudiation",
					   NULL};
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct signing_key *key;
		enum pkcs12_refusal refusal;
		test_self_signed("other", kinds[i], uses);
		assert_program("openssl", "pkcs12", "-export", "-inkey", PATH("other.key"), "-in",
			       PATH("other.pem"), "-passout", "pass:x", "-out", PATH("other.p12"));
		assert_int_equal(signing_key_import(program_get("other.p12"), STR("x"), now_ms(),
						    &key, &refusal),
				 OK);
		struct str cms = sign(key);
		/* RFC 4056 3: a salt of 32 bytes, as the digest. */
		program_put("cms", cms);
		assert_program("openssl", "asn1parse", "-inform", "DER", "-in", PATH("cms"));
		bool has_salt = strstr(program_get("said").data, "INTEGER           :20\n");
		assert_int_equal(has_salt, kinds[i][0] == 'R');
		if (openssl_verifies(cms, PATH("other.pem")) != 0)
			fail_msg("%s: %s", kinds[i], program_get("said").data);
		struct cms_facts facts = verify(cms);
		assert_int_equal(facts.verdict, CMS_GOOD);
		assert_memory_equal(facts.root_sha256, facts.signer.sha256, 32);
		signing_key_free(key);
	}
}

static struct str stamp(struct str cms)
{
	uint8_t sha256[32];
	struct str request, token, stamped;
	int64_t at_ms;
	assert_int_equal(cms_signature_digest(cms, sha256), OK);
	assert_int_equal(timestamp_ask(sha256, &arena, &request), OK);
	assert_int_equal(
		timestamp_read(request, test_stamper_answer(request), &arena, &token, &at_ms), OK);
	assert_int_equal(cms_add_timestamp(&arena, cms, token, &stamped), OK);
	return stamped;
}

/* ---- verifying ---- */

static void what_was_signed_is_good(void **state)
{
	(void)state;
	struct certificate_facts root;
	struct cms_facts facts = verify(sign(anna));
	assert_int_equal(facts.verdict, CMS_GOOD);
	assert_true(str_eq(facts.signer.name, STR("Anna Muster")));
	assert_true(str_eq(facts.signer.organisation, STR("Practice")));
	assert_true(str_eq(facts.signer.address, STR("anna@example.com")));
	assert_true(str_eq(facts.signer.issuer, STR("Authority of Practice")));
	assert_true(facts.has_signing_certificate && facts.is_chain_good);
	assert_int_equal(signing_key_facts(authority, &arena, &root), OK);
	assert_memory_equal(facts.root_sha256, root.sha256, 32);
	assert_int_equal(facts.chain_from_ms, facts.signer.from_ms);
	assert_int_equal(facts.chain_until_ms, root.until_ms);
	assert_int_equal(facts.stamped_ms, 0);
	assert_false(facts.has_bad_stamp);
}

static void a_changed_document_is_seen(void **state)
{
	(void)state;
	char changed[sizeof(text)];
	struct str cms = sign(anna);
	for (size_t i = 0; i < document.len; i++) {
		memcpy(changed, text, sizeof(text));
		changed[i] ^= 1;
		assert_int_equal(verify_of(cms, str_bytes(changed, document.len), STR_NONE).verdict,
				 CMS_CHANGED);
	}
	assert_int_equal(verify_of(cms, STR_NONE, document).verdict, CMS_GOOD);
	assert_int_equal(verify_of(cms, document, STR("x")).verdict, CMS_CHANGED);
	assert_int_equal(verify_of(cms, STR_NONE, STR_NONE).verdict, CMS_CHANGED);
}

static bool is_as_before(const struct cms_facts *is, const struct cms_facts *was)
{
	return is->verdict == CMS_GOOD && is->is_chain_good && !is->has_bad_stamp &&
	       is->has_signing_certificate && is->stamped_ms == was->stamped_ms;
}

/* Whatever byte of a signature is changed, also where nothing of it is signed: a bit here and
 * there, and the one that makes capitals of letters and parts of wholes. */
static void assert_no_byte_can_be_changed(struct str cms)
{
	struct cms_facts right = verify(cms);
	assert_true(is_as_before(&right, &right));
	for (size_t i = 0; i < cms.len * 2; i++) {
		char *byte = (char *)cms.data + i / 2, was = *byte;
		struct arena small;
		struct cms_facts facts;
		arena_init(&small, 1 << 20);
		*byte = (char)(was ^ (i % 2 ? 0x20 : 1 << i / 2 % 5));
		assert_int_equal(
			cms_verify(cms, (const struct str[2]){document, STR_NONE}, &small, &facts),
			OK);
		*byte = was;
		arena_release(&small);
		if (is_as_before(&facts, &right))
			fail_msg("byte %zu", i / 2);
	}
}

static void a_changed_byte_is_seen(void **state)
{
	(void)state;
	assert_no_byte_can_be_changed(arena_copy(&arena, sign(anna)));
}

static void a_changed_byte_is_seen_in_a_time_stamp_too(void **state)
{
	(void)state;
	test_stamper_make();
	assert_no_byte_can_be_changed(arena_copy(&arena, stamp(sign(anna))));
}

static void a_cut_signature_is_not_understood(void **state)
{
	(void)state;
	struct str cms = sign(anna);
	for (size_t len = 0; len < cms.len; len++)
		assert_int_equal(verify(str_slice(cms, 0, len)).verdict, CMS_NOT_UNDERSTOOD);
	char *more = arena_alloc(&arena, cms.len + 1);
	memcpy(more, cms.data, cms.len);
	assert_int_equal(verify(str_bytes(more, cms.len + 1)).verdict, CMS_NOT_UNDERSTOOD);
}

static void an_authority_that_did_not_sign_is_not_believed(void **state)
{
	(void)state;
	/* The attacker has an authority of the same name, and puts the right one's certificate
	   beside theirs. */
	struct signing_key *other = test_authority();
	struct signing_key *forged = test_issue(other, STR("Anna Muster"), STR("anna@example.com"));
	program_put("forged.pem", test_pem(&arena, forged));
	struct str cms = sign(forged);
	struct certificate_facts root;
	struct cms_facts facts = verify(cms);
	assert_int_equal(facts.verdict, CMS_GOOD);
	assert_int_equal(signing_key_facts(authority, &arena, &root), OK);
	assert_memory_not_equal(facts.root_sha256, root.sha256, 32);
	assert_int_not_equal(openssl_verifies(cms, put_authority()), 0);
	signing_key_free(forged);
	signing_key_free(other);
}

/* Signatures made by `openssl cms`, as other products make them. */
static void signatures_of_others(void **state)
{
	(void)state;
	static const struct {
		const char *sentence;
		const char *options[4];
		enum cms_verdict verdict;
		bool has_signing_certificate, is_of_document;
	} cases[] = {
		{"with signing-time, without naming the certificate",
		 {NULL},
		 CMS_GOOD,
		 false,
		 true},
		{"naming the certificate", {"-cades"}, CMS_GOOD, true, true},
		{"by SHA-384", {"-md", "sha384"}, CMS_GOOD, false, true},
		{"by SHA-512", {"-md", "sha512", "-cades"}, CMS_GOOD, true, true},
		{"by SHA-1", {"-md", "sha1"}, CMS_WEAK, false, true},
		{"by MD5", {"-md", "md5"}, CMS_WEAK, false, false},
		{"by SHA3", {"-md", "sha3-256"}, CMS_NOT_UNDERSTOOD, false, false},
		{"without attributes", {"-noattr"}, CMS_NOT_UNDERSTOOD, false, false},
		{"without its certificate", {"-nocerts"}, CMS_NOT_UNDERSTOOD, false, false},
		{"with the document in it", {"-nodetach"}, CMS_NOT_UNDERSTOOD, false, false},
		{"RSA-PSS", {"-keyopt", "rsa_padding_mode:pss"}, CMS_GOOD, false, true},
		{"by the number of the key", {"-keyid"}, CMS_GOOD, false, true},
	};
	test_self_signed("other", "RSA:2048", NULL);
	program_put("document", document);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *arguments[30] = {"openssl",  "cms",
					     "-sign",    "-binary",
					     "-in",      PATH("document"),
					     "-outform", "DER",
					     "-out",     PATH("cms"),
					     "-signer",  PATH("other.pem"),
					     "-inkey",   PATH("other.key")};
		size_t count = 14;
		for (size_t n = 0; n < 4 && cases[i].options[n]; n++)
			arguments[count++] = cases[i].options[n];
		if (program_run(arguments) != 0)
			fail_msg("%s: %s", cases[i].sentence, program_get("said").data);
		struct cms_facts facts = verify(program_get("cms"));
		if (facts.verdict != cases[i].verdict ||
		    facts.has_signing_certificate != cases[i].has_signing_certificate ||
		    facts.is_of_document != cases[i].is_of_document)
			fail_msg("%s: %d %d %d", cases[i].sentence, facts.verdict,
				 facts.has_signing_certificate, facts.is_of_document);
		assert_false(verify_of(program_get("cms"), document, document).is_of_document);
	}
}

/* By Anna's key, with attributes that do not fit. */
static struct str sign_wrongly(int content_type, X509 *named)
{
	enum { FLAGS = CMS_PARTIAL | CMS_DETACHED | CMS_BINARY | CMS_NOSMIMECAP };
	uint8_t sha256[32];
	unsigned char *der = NULL, *out = NULL;
	test_sha256(document, sha256);
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, FLAGS);
	CMS_SignerInfo *signer =
		CMS_add1_signer(cms, anna->certificate, anna->private_key, EVP_sha256(), FLAGS);
	assert_non_null(signer);
	ESS_SIGNING_CERT_V2 *value =
		OSSL_ESS_signing_cert_v2_new_init(EVP_sha256(), named, NULL, 0);
	int len = i2d_ESS_SIGNING_CERT_V2(value, &der);
	assert_true(CMS_signed_add1_attr_by_NID(signer, NID_id_smime_aa_signingCertificateV2,
						V_ASN1_SEQUENCE, der, len));
	assert_true(CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_contentType, V_ASN1_OBJECT,
						OBJ_nid2obj(content_type), -1));
	assert_true(CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_messageDigest,
						V_ASN1_OCTET_STRING, sha256, sizeof(sha256)));
	assert_true(CMS_SignerInfo_sign(signer));
	len = i2d_CMS_ContentInfo(cms, &out);
	struct str bytes = arena_copy(&arena, str_bytes(out, (size_t)len));
	OPENSSL_free(out);
	OPENSSL_free(der);
	ESS_SIGNING_CERT_V2_free(value);
	CMS_ContentInfo_free(cms);
	return bytes;
}

/* RFC 5652 11.1, RFC 5035 5.4. */
static void attributes_that_do_not_fit_are_told(void **state)
{
	(void)state;
	X509 *own = anna->certificate, *other = authority->certificate;
	struct cms_facts facts = verify(sign_wrongly(NID_pkcs7_data, own));
	assert_int_equal(facts.verdict, CMS_GOOD);
	assert_true(facts.has_signing_certificate);
	facts = verify(sign_wrongly(NID_id_smime_ct_TSTInfo, own));
	assert_int_equal(facts.verdict, CMS_NOT_UNDERSTOOD);
	facts = verify(sign_wrongly(NID_pkcs7_data, other));
	assert_int_equal(facts.verdict, CMS_BAD_SIGNATURE);
	assert_false(facts.has_signing_certificate);
}

/* Beside a time stamp, nothing that is not signed. */
static void what_is_added_unsigned_is_told(void **state)
{
	(void)state;
	struct str cms = sign(anna);
	const unsigned char *at = (const unsigned char *)cms.data;
	unsigned char *out = NULL;
	CMS_ContentInfo *parsed = d2i_CMS_ContentInfo(NULL, &at, (long)cms.len);
	assert_non_null(parsed);
	CMS_SignerInfo *signer = sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(parsed), 0);
	assert_true(CMS_unsigned_add1_attr_by_NID(signer, NID_friendlyName, V_ASN1_UTF8STRING,
						  "Paid", 4));
	int len = i2d_CMS_ContentInfo(parsed, &out);
	assert_true(len > (int)cms.len);
	assert_int_equal(verify(str_bytes(out, (size_t)len)).verdict, CMS_NOT_UNDERSTOOD);
	OPENSSL_free(out);
	CMS_ContentInfo_free(parsed);
}

static void weak_keys_are_told(void **state)
{
	(void)state;
	static const struct {
		const char *kind;
		enum cms_verdict verdict;
	} cases[] = {{"RSA:1024", CMS_WEAK}, {"EC:P-224", CMS_WEAK}, {"EC:P-256", CMS_GOOD}};
	program_put("document", document);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		test_self_signed("weak", cases[i].kind, NULL);
		assert_program("openssl", "cms", "-sign", "-binary", "-in", PATH("document"),
			       "-outform", "DER", "-out", PATH("cms"), "-signer", PATH("weak.pem"),
			       "-inkey", PATH("weak.key"));
		if (verify(program_get("cms")).verdict != cases[i].verdict)
			fail_msg("%s", cases[i].kind);
	}
}

/* ---- time stamps ---- */

static void a_stamped_signature_says_when_and_by_whom(void **state)
{
	(void)state;
	test_stamper_make();
	struct str cms = sign(anna), stamped = stamp(cms);
	struct cms_facts facts = verify(stamped);
	assert_int_equal(facts.verdict, CMS_GOOD);
	assert_true(str_eq(facts.stamped_by, STR("stamper")));
	assert_in_range(facts.stamped_ms, now_ms() - MINUTE_MS, now_ms() + MINUTE_MS);
	assert_false(facts.has_bad_stamp);
	assert_int_equal(openssl_verifies(stamped, put_authority()), 0);
	assert_true(stamped.len <= CMS_MAX_BYTES);
}

static void the_stamp_of_another_signature_is_told(void **state)
{
	(void)state;
	uint8_t sha256[32];
	struct str request, token, stamped;
	int64_t at_ms;
	test_stamper_make();
	struct str cms = sign(anna), other = sign(anna);
	assert_int_equal(cms_signature_digest(other, sha256), OK);
	assert_int_equal(timestamp_ask(sha256, &arena, &request), OK);
	assert_int_equal(
		timestamp_read(request, test_stamper_answer(request), &arena, &token, &at_ms), OK);
	assert_int_equal(cms_add_timestamp(&arena, cms, token, &stamped), OK);
	struct cms_facts facts = verify(stamped);
	assert_int_equal(facts.verdict, CMS_GOOD);
	assert_int_equal(facts.stamped_ms, 0);
	assert_true(facts.has_bad_stamp);
}

static void a_stamp_that_does_not_fit_is_refused(void **state)
{
	(void)state;
	struct str cms = sign(anna), stamped;
	/* SEQUENCE { OCTET STRING of zeros } */
	char *bytes = arena_alloc(&arena, CMS_MAX_BYTES);
	memcpy(bytes, "\x30\x82\x3f\xfc\x04\x82\x3f\xf8", 8);
	struct str token = {bytes, CMS_MAX_BYTES};
	assert_int_equal(cms_add_timestamp(&arena, cms, token, &stamped), ERR_TOO_LARGE);
	assert_int_equal(cms_add_timestamp(&arena, STR("x"), token, &stamped), ERR_CORRUPT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		TEST(openssl_says_that_it_is_signed),
		TEST(it_has_what_a_baseline_signature_has_and_no_more),
		TEST(the_attributes_are_sorted_as_der_has_it),
		TEST(keys_of_other_kinds_sign_too),
		TEST(what_was_signed_is_good),
		TEST(a_changed_document_is_seen),
		TEST(a_changed_byte_is_seen),
		TEST(a_changed_byte_is_seen_in_a_time_stamp_too),
		TEST(a_cut_signature_is_not_understood),
		TEST(an_authority_that_did_not_sign_is_not_believed),
		TEST(signatures_of_others),
		TEST(attributes_that_do_not_fit_are_told),
		TEST(what_is_added_unsigned_is_told),
		TEST(weak_keys_are_told),
		TEST(a_stamped_signature_says_when_and_by_whom),
		TEST(the_stamp_of_another_signature_is_told),
		TEST(a_stamp_that_does_not_fit_is_refused),
	};
	return crypto_init() != OK || cmocka_run_group_tests(tests, program_begin, program_end);
}
