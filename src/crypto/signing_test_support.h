/* Keys and answers of other people's making, for the tests of signatures: by the program `openssl`.
 * Include after cmocka.h. */
#pragma once

#include "base/clock.h"
#include "crypto/certificate.h"
#include "crypto/program_test.h"

#include <openssl/sha.h>

/* Another "folder" than the group's would be another test. */
#define PATH(name) program_path(name)

static inline int64_t now_ms(void)
{
	return clock_now_ms(&clock_system);
}

static inline struct signing_key *test_authority(void)
{
	struct signing_key *key = NULL;
	assert_int_equal(signing_authority_new(STR("Practice"), now_ms(), &key), OK);
	return key;
}

static inline struct signing_key *test_issue(const struct signing_key *by, struct str name,
					     struct str address)
{
	const struct signing_subject subject = {name, STR("Practice"), address};
	struct signing_key *key = NULL;
	assert_int_equal(signing_key_issue(by, &subject, now_ms(), &key), OK);
	return key;
}

/* Its certificate as PEM. */
static inline struct str test_pem(struct arena *arena, const struct signing_key *key)
{
	struct str der, pem = STR_NONE;
	assert_int_equal(signing_key_certificate(key, arena, &der), OK);
	assert_int_equal(certificate_pem(der, arena, &pem), OK);
	return pem;
}

/* NAME.key and NAME.pem, signed by itself. `kind` is "EC:P-256" or "RSA:2048"; `more` are
 * extensions, each "name=value", until NULL. */
static inline void test_self_signed(const char *name, const char *kind, const char *const *more)
{
	char key[40], pem[40], subject[64], curve[64];
	const char *arguments[40] = {"openssl", "req", "-x509", "-nodes", "-days", "3650"};
	size_t count = 6;
	snprintf(key, sizeof(key), "%s.key", name);
	snprintf(pem, sizeof(pem), "%s.pem", name);
	snprintf(subject, sizeof(subject), "/O=Others/CN=%s", name);
	bool is_ec = strncmp(kind, "EC:", 3) == 0;
	snprintf(curve, sizeof(curve), is_ec ? "ec_paramgen_curve:%s" : "rsa_keygen_bits:%s",
		 strchr(kind, ':') + 1);
	const char *const fixed[] = {"-newkey",  is_ec ? "EC" : "RSA",
				     "-pkeyopt", curve,
				     "-subj",    subject,
				     "-keyout",  PATH(key),
				     "-out",     PATH(pem)};
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		arguments[count++] = fixed[i];
	for (; more && *more; more++) {
		arguments[count++] = "-addext";
		arguments[count++] = *more;
	}
	int code = program_run(arguments);
	if (code != 0)
		fail_msg("%s: %s", name, program_get("said").data);
}

static inline void test_sha256(struct str bytes, uint8_t ret[32])
{
	SHA256((const uint8_t *)bytes.data, bytes.len, ret);
}

/* A time-stamp server's key and configuration. */
static inline void test_stamper_make(void)
{
	static const char *const uses[] = {"extendedKeyUsage=critical,timeStamping",
					   "keyUsage=critical,digitalSignature",
					   "basicConstraints=critical,CA:FALSE", NULL};
	test_self_signed("stamper", "EC:P-256", uses);
	char config[1024];
	snprintf(config, sizeof(config),
		 "[tsa]\ndefault_tsa = t\n[t]\nserial = %s/serial\ncrypto_device = builtin\n"
		 "signer_cert = %s/stamper.pem\nsigner_key = %s/stamper.key\n"
		 "signer_digest = sha256\ndefault_policy = 1.2.3.4.1\n"
		 "digests = sha256, sha384, sha512\nordering = yes\ntsa_name = yes\n"
		 "ess_cert_id_chain = no\ness_cert_id_alg = sha256\n",
		 program_folder, program_folder, program_folder);
	program_put("tsa.conf", str_of(config));
}

/* What it answers to a request; good until the next program_get(). */
static inline struct str test_stamper_answer(struct str request)
{
	program_put("request.tsq", request);
	assert_program("openssl", "ts", "-reply", "-config", PATH("tsa.conf"), "-section", "t",
		       "-queryfile", PATH("request.tsq"), "-out", PATH("answer.tsr"));
	return program_get("answer.tsr");
}
