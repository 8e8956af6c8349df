/* PKCS#12 files as authorities hand them out, and as they should not be. */
#include "crypto/certificate.h"

#include "crypto/cms.h"
#include "crypto/secret.h"
#include "crypto/signing_key.h"

#include <openssl/pkcs12.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/signing_test_support.h"

static struct arena arena;

static int begin(void **state)
{
	(void)state;
	arena_init(&arena, 4 << 20);
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

/* NAME.p12 out of NAME.key and NAME.pem. */
static struct str packed(const char *name, const char *password)
{
	char key[40], pem[40], pass[40];
	snprintf(key, sizeof(key), "%s.key", name);
	snprintf(pem, sizeof(pem), "%s.pem", name);
	snprintf(pass, sizeof(pass), "pass:%s", password);
	assert_program("openssl", "pkcs12", "-export", "-inkey", PATH(key), "-in", PATH(pem),
		       "-passout", pass, "-out", PATH("out.p12"));
	return arena_copy(&arena, program_get("out.p12"));
}

static enum pkcs12_refusal refusal_of(struct str bytes, struct str password, int64_t at_ms)
{
	struct signing_key *key = NULL;
	enum pkcs12_refusal refusal = PKCS12_REFUSALS;
	enum err err = signing_key_import(bytes, password, at_ms, &key, &refusal);
	if (err == OK) {
		signing_key_free(key);
		return PKCS12_FINE;
	}
	assert_null(key);
	assert_int_equal(err, ERR_INVALID);
	return refusal;
}

static void what_may_sign_and_what_not(void **state)
{
	(void)state;
	static const struct {
		const char *sentence, *kind;
		const char *more[4];
		enum pkcs12_refusal expected;
	} cases[] = {
		{"no uses named", "EC:P-256", {"basicConstraints=CA:FALSE"}, PKCS12_FINE},
		{"RSA", "RSA:2048", {"basicConstraints=CA:FALSE"}, PKCS12_FINE},
		{"digitalSignature",
		 "EC:P-384",
		 {"basicConstraints=CA:FALSE", "keyUsage=critical,digitalSignature"},
		 PKCS12_FINE},
		{"nonRepudiation alone",
		 "EC:P-256",
		 {"basicConstraints=CA:FALSE", "keyUsage=critical,nonRepudiation"},
		 PKCS12_FINE},
		{"for documents",
		 "EC:P-256",
		 {"basicConstraints=CA:FALSE", "extendedKeyUsage=1.3.6.1.5.5.7.3.36"},
		 PKCS12_FINE},
		{"as Adobe calls it",
		 "EC:P-256",
		 {"basicConstraints=CA:FALSE", "extendedKeyUsage=1.2.840.113583.1.1.5"},
		 PKCS12_FINE},
		{"for mail too",
		 "EC:P-256",
		 {"basicConstraints=CA:FALSE", "extendedKeyUsage=clientAuth,emailProtection"},
		 PKCS12_FINE},
		{"of a web server",
		 "EC:P-256",
		 {"basicConstraints=CA:FALSE", "extendedKeyUsage=serverAuth"},
		 PKCS12_NOT_FOR_SIGNING},
		{"for encryption",
		 "RSA:2048",
		 {"basicConstraints=CA:FALSE", "keyUsage=critical,keyEncipherment"},
		 PKCS12_NOT_FOR_SIGNING},
		{"of an authority",
		 "EC:P-256",
		 {"basicConstraints=critical,CA:TRUE"},
		 PKCS12_NOT_FOR_SIGNING},
		{"RSA of 1024 bits", "RSA:1024", {"basicConstraints=CA:FALSE"}, PKCS12_WEAK_KEY},
		{"a small curve", "EC:P-224", {"basicConstraints=CA:FALSE"}, PKCS12_WEAK_KEY},
		{"a curve that readers do not know",
		 "EC:secp256k1",
		 {"basicConstraints=CA:FALSE"},
		 PKCS12_WEAK_KEY},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		test_self_signed("real", cases[i].kind, cases[i].more);
		enum pkcs12_refusal refusal = refusal_of(packed("real", "x"), STR("x"), now_ms());
		if (refusal != cases[i].expected)
			fail_msg("%s: %d", cases[i].sentence, refusal);
	}
}

static void its_time(void **state)
{
	(void)state;
	static const char *const uses[] = {"basicConstraints=CA:FALSE", NULL};
	test_self_signed("real", "EC:P-256", uses);
	struct str bytes = packed("real", "x");
	assert_int_equal(refusal_of(bytes, STR("x"), now_ms() - DAY_MS), PKCS12_NOT_YET);
	assert_int_equal(refusal_of(bytes, STR("x"), now_ms() + 3649 * DAY_MS), PKCS12_FINE);
	assert_int_equal(refusal_of(bytes, STR("x"), now_ms() + 3651 * DAY_MS), PKCS12_EXPIRED);
}

static void passwords(void **state)
{
	(void)state;
	static const char *const uses[] = {"basicConstraints=CA:FALSE", NULL};
	static const char long_password[2000] = {0};
	test_self_signed("real", "EC:P-256", uses);
	struct str bytes = packed("real", "gehéim 山");
	assert_int_equal(refusal_of(bytes, STR("gehéim 山"), now_ms()), PKCS12_FINE);
	assert_int_equal(refusal_of(bytes, STR("wrong"), now_ms()), PKCS12_WRONG_PASSWORD);
	assert_int_equal(refusal_of(bytes, STR(""), now_ms()), PKCS12_WRONG_PASSWORD);
	assert_int_equal(refusal_of(bytes, str_bytes(long_password, 2000), now_ms()),
			 PKCS12_WRONG_PASSWORD);
	bytes = packed("real", "");
	assert_int_equal(refusal_of(bytes, STR_NONE, now_ms()), PKCS12_FINE);
	assert_int_equal(refusal_of(bytes, STR("x"), now_ms()), PKCS12_WRONG_PASSWORD);
}

static void files_that_are_something_else(void **state)
{
	(void)state;
	static const char *const uses[] = {"basicConstraints=CA:FALSE", NULL};
	test_self_signed("real", "EC:P-256", uses);
	assert_int_equal(refusal_of(STR_NONE, STR("x"), now_ms()), PKCS12_NOT_ONE);
	assert_int_equal(refusal_of(STR("-----BEGIN"), STR("x"), now_ms()), PKCS12_NOT_ONE);
	assert_int_equal(refusal_of(program_get("real.pem"), STR("x"), now_ms()), PKCS12_NOT_ONE);
	char *big = arena_alloc(&arena, 1 << 20);
	assert_int_equal(refusal_of(str_bytes(big, 1 << 20), STR("x"), now_ms()), PKCS12_NOT_ONE);
	assert_program("openssl", "pkcs12", "-export", "-nokeys", "-in", PATH("real.pem"),
		       "-passout", "pass:x", "-out", PATH("out.p12"));
	assert_int_equal(refusal_of(program_get("out.p12"), STR("x"), now_ms()), PKCS12_NO_KEY);
	assert_program("openssl", "pkcs12", "-export", "-nocerts", "-inkey", PATH("real.key"),
		       "-passout", "pass:x", "-out", PATH("out.p12"));
	assert_int_equal(refusal_of(program_get("out.p12"), STR("x"), now_ms()), PKCS12_NO_KEY);
	assert_program("openssl", "pkcs12", "-export", "-nomac", "-in", PATH("real.pem"), "-inkey",
		       PATH("real.key"), "-passout", "pass:x", "-out", PATH("out.p12"));
	assert_int_equal(refusal_of(program_get("out.p12"), STR("x"), now_ms()), PKCS12_NOT_ONE);
}

static void old_encryption_is_named(void **state)
{
	(void)state;
	static const char *const uses[] = {"basicConstraints=CA:FALSE", NULL};
	test_self_signed("real", "EC:P-256", uses);
	if (PROGRAM("openssl", "pkcs12", "-export", "-legacy", "-in", PATH("real.pem"), "-inkey",
		    PATH("real.key"), "-passout", "pass:x", "-out", PATH("out.p12")) != 0)
		skip(); /* this machine cannot make one */
	assert_int_equal(refusal_of(program_get("out.p12"), STR("x"), now_ms()), PKCS12_OLD);
	/* Triple DES, as Windows has it, still opens. */
	assert_program("openssl", "pkcs12", "-export", "-keypbe", "PBE-SHA1-3DES", "-certpbe",
		       "PBE-SHA1-3DES", "-macalg", "sha1", "-in", PATH("real.pem"), "-inkey",
		       PATH("real.key"), "-passout", "pass:x", "-out", PATH("out.p12"));
	assert_int_equal(refusal_of(program_get("out.p12"), STR("x"), now_ms()), PKCS12_FINE);
}

static void damage_is_seen(void **state)
{
	(void)state;
	static const char *const uses[] = {"basicConstraints=CA:FALSE", NULL};
	test_self_signed("real", "EC:P-256", uses);
	assert_program("openssl", "pkcs12", "-export", "-iter", "10", "-maciter", "-inkey",
		       PATH("real.key"), "-in", PATH("real.pem"), "-passout", "pass:x", "-out",
		       PATH("out.p12"));
	struct str bytes = arena_copy(&arena, program_get("out.p12"));
	struct arena small;
	for (size_t i = 0; i < bytes.len; i++) {
		arena_init(&small, 1 << 20);
		struct signing_key *key = NULL;
		enum pkcs12_refusal refusal;
		((char *)bytes.data)[i] ^= 0x04;
		/* Of what the MAC does not cover (the version, parameters) some may differ: then it
		   is the same key all the same. */
		if (signing_key_import(bytes, STR("x"), now_ms(), &key, &refusal) == OK) {
			struct certificate_facts facts;
			assert_int_equal(signing_key_facts(key, &small, &facts), OK);
			assert_true(str_eq(facts.name, STR("real")));
			signing_key_free(key);
		}
		((char *)bytes.data)[i] ^= 0x04;
		arena_release(&small);
	}
	for (size_t len = 0; len < bytes.len; len += 7)
		assert_int_equal(refusal_of(str_slice(bytes, 0, len), STR("x"), now_ms()),
				 PKCS12_NOT_ONE);
}

/* ---- how much hashing it asks for ---- */

static const uint8_t usual_rounds[] = {0x02, 0x03, 0x01, 0x11, 0x70}; /* 70,000 */
static const uint8_t many_rounds[] = {0x02, 0x03, 0x7f, 0xff, 0xff};  /* 8 million */
static const uint8_t some_rounds[] = {0x02, 0x03, 0x1e, 0x84, 0x80};  /* 2 million */

static ptrdiff_t find_bytes(struct str in, size_t from, const uint8_t *what, size_t len)
{
	ptrdiff_t at = str_find(str_slice(in, from, in.len), str_bytes(what, len));
	return at < 0 ? -1 : at + (ptrdiff_t)from;
}

static struct str replaced(struct str bytes, ptrdiff_t at, const uint8_t *by, size_t len)
{
	struct str copy = arena_copy(&arena, bytes);
	assert_true(at >= 0);
	memcpy((char *)copy.data + at, by, len);
	return copy;
}

static void what_asks_for_too_much_work_is_not_tried(void **state)
{
	(void)state;
	/* RFC 8018 A.2, RFC 7914 7: the names of PBKDF2 and scrypt. */
	static const uint8_t pbkdf2[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c};
	static const uint8_t scrypt[] = {0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b};
	static const char *const kinds[] = {"AES-256-CBC", "PBE-SHA1-3DES"};
	enum { LEN = sizeof(usual_rounds) };
	test_self_signed("real", "EC:P-256",
			 (const char *const[]){"basicConstraints=CA:FALSE", NULL});
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		assert_program("openssl", "pkcs12", "-export", "-iter", "70000", "-keypbe",
			       kinds[i], "-certpbe", kinds[i], "-inkey", PATH("real.key"), "-in",
			       PATH("real.pem"), "-passout", "pass:x", "-out", PATH("out.p12"));
		struct str bytes = arena_copy(&arena, program_get("out.p12")), sum = bytes;
		assert_int_equal(refusal_of(bytes, STR("x"), now_ms()), PKCS12_FINE);
		int places = 0;
		for (ptrdiff_t at = -1;
		     (at = find_bytes(bytes, (size_t)(at + 1), usual_rounds, LEN)) >= 0; places++) {
			struct str bad = replaced(bytes, at, many_rounds, LEN);
			assert_int_equal(refusal_of(bad, STR("x"), now_ms()), PKCS12_TOO_MUCH_WORK);
			sum = replaced(sum, at, some_rounds, LEN);
		}
		assert_int_equal(places, 3); /* certificates, key, MAC */
		assert_int_equal(refusal_of(sum, STR("x"), now_ms()), PKCS12_TOO_MUCH_WORK);
		if (i > 0)
			continue;
		struct str odd = replaced(bytes, find_bytes(bytes, 0, pbkdf2, sizeof(pbkdf2)),
					  scrypt, sizeof(scrypt));
		assert_int_equal(refusal_of(odd, STR("x"), now_ms()), PKCS12_TOO_MUCH_WORK);
	}
}

/* A key in a part that is encrypted itself: what it asks for shows only when that is open. */
static void nor_is_what_is_hidden_inside(void **state)
{
	enum { ROUNDS = 70000, FEW = 10, LEN = sizeof(usual_rounds) };
	(void)state;
	CLEANUP_OPENSSL(EVP_PKEY) *key = EVP_EC_gen("P-256");
	STACK_OF(PKCS12_SAFEBAG) *bags = NULL, *changed = sk_PKCS12_SAFEBAG_new_null();
	STACK_OF(PKCS7) *safes = NULL;
	unsigned char *der = NULL;
	assert_non_null(PKCS12_add_key(&bags, key, 0, ROUNDS, NID_aes_256_cbc, "x"));
	int len = i2d_PKCS12_SAFEBAG(sk_PKCS12_SAFEBAG_value(bags, 0), &der);
	struct str bytes = str_bytes(der, (size_t)len);
	ptrdiff_t at = find_bytes(bytes, 0, usual_rounds, LEN);
	struct str bad = replaced(bytes, at, many_rounds, LEN);
	const unsigned char *from = (const unsigned char *)bad.data;
	sk_PKCS12_SAFEBAG_push(changed, d2i_PKCS12_SAFEBAG(NULL, &from, len));
	assert_true(PKCS12_add_safe(&safes, changed, NID_aes_256_cbc, FEW, "x"));
	PKCS12 *file = PKCS12_add_safes(safes, 0);
	assert_true(PKCS12_set_mac(file, "x", -1, NULL, 0, FEW, EVP_sha256()));
	OPENSSL_free(der);
	der = NULL;
	len = i2d_PKCS12(file, &der);
	bytes = arena_copy(&arena, str_bytes(der, (size_t)len));
	OPENSSL_free(der);
	PKCS12_free(file);
	sk_PKCS7_pop_free(safes, PKCS7_free);
	sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
	sk_PKCS12_SAFEBAG_pop_free(changed, PKCS12_SAFEBAG_free);
	assert_int_equal(refusal_of(bytes, STR("x"), now_ms()), PKCS12_TOO_MUCH_WORK);
	assert_int_equal(refusal_of(bytes, STR("y"), now_ms()), PKCS12_WRONG_PASSWORD);
}

/* root -> middle -> real; and one that has nothing to do with them. */
static void make_chain(void)
{
	static const char *const above[] = {"keyUsage=critical,keyCertSign", NULL};
	test_self_signed("root", "EC:P-256", above);
	test_self_signed("stranger", "EC:P-256", NULL);
	program_put("ext.ca", STR("basicConstraints=critical,CA:TRUE\n"
				  "keyUsage=critical,keyCertSign\nsubjectKeyIdentifier=hash\n"
				  "authorityKeyIdentifier=keyid\n"));
	program_put("ext.real", STR("basicConstraints=critical,CA:FALSE\n"
				    "keyUsage=critical,nonRepudiation\nsubjectKeyIdentifier=hash\n"
				    "authorityKeyIdentifier=keyid\n"));
	static const char *const names[][3] = {{"middle", "root", "ext.ca"},
					       {"real", "middle", "ext.real"}};
	for (size_t i = 0; i < 2; i++) {
		char key[40], csr[40], pem[40], by_key[40], by_pem[40], subject[64];
		snprintf(key, sizeof(key), "%s.key", names[i][0]);
		snprintf(csr, sizeof(csr), "%s.csr", names[i][0]);
		snprintf(pem, sizeof(pem), "%s.pem", names[i][0]);
		snprintf(by_key, sizeof(by_key), "%s.key", names[i][1]);
		snprintf(by_pem, sizeof(by_pem), "%s.pem", names[i][1]);
		snprintf(subject, sizeof(subject), "/CN=%s", names[i][0]);
		assert_program("openssl", "req", "-new", "-newkey", "EC", "-pkeyopt",
			       "ec_paramgen_curve:P-256", "-nodes", "-keyout", PATH(key), "-subj",
			       subject, "-out", PATH(csr));
		assert_program("openssl", "x509", "-req", "-in", PATH(csr), "-CA", PATH(by_pem),
			       "-CAkey", PATH(by_key), "-CAcreateserial", "-days", "3650",
			       "-extfile", PATH(names[i][2]), "-out", PATH(pem));
	}
}

static void a_chain_comes_along_in_its_order(void **state)
{
	(void)state;
	make_chain();
	/* In a wrong order, with one too many. */
	struct str all = STR("");
	static const char *const files[] = {"root.pem", "stranger.pem", "middle.pem"};
	for (size_t i = 0; i < 3; i++)
		all = arena_printf(&arena, "%.*s%s", STR_ARGS(all), program_get(files[i]).data);
	program_put("all.pem", all);
	assert_program("openssl", "pkcs12", "-export", "-inkey", PATH("real.key"), "-in",
		       PATH("real.pem"), "-certfile", PATH("all.pem"), "-passout", "pass:x", "-out",
		       PATH("out.p12"));
	struct signing_key *key;
	enum pkcs12_refusal refusal;
	assert_int_equal(
		signing_key_import(program_get("out.p12"), STR("x"), now_ms(), &key, &refusal), OK);
	assert_int_equal(sk_X509_num(key->above), 2);
	struct certificate_facts middle, root;
	assert_int_equal(certificate_facts_of(sk_X509_value(key->above, 0), &arena, &middle), OK);
	assert_int_equal(certificate_facts_of(sk_X509_value(key->above, 1), &arena, &root), OK);
	assert_true(str_eq(middle.name, STR("middle")) && str_eq(root.name, STR("root")));
	uint8_t sha256[32] = {0};
	struct str cms;
	struct cms_facts facts;
	test_sha256(STR("document"), sha256);
	assert_int_equal(cms_sign(key, sha256, &arena, &cms), OK);
	assert_int_equal(
		cms_verify(cms, (const struct str[2]){STR("document"), STR_NONE}, &arena, &facts),
		OK);
	assert_int_equal(facts.verdict, CMS_GOOD);
	assert_true(facts.is_chain_good);
	assert_true(str_eq(facts.root, STR("root")));
	assert_memory_equal(facts.root_sha256, root.sha256, 32);
	signing_key_free(key);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		TEST(what_may_sign_and_what_not),
		TEST(its_time),
		TEST(passwords),
		TEST(files_that_are_something_else),
		TEST(old_encryption_is_named),
		TEST(damage_is_seen),
		TEST(what_asks_for_too_much_work_is_not_tried),
		TEST(nor_is_what_is_hidden_inside),
		TEST(a_chain_comes_along_in_its_order),
	};
	return crypto_init() != OK || cmocka_run_group_tests(tests, program_begin, program_end);
}
