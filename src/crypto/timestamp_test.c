#include "crypto/timestamp.h"

#include "crypto/openssl.h"
#include "crypto/secret.h"

#include <openssl/pem.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/signing_test_support.h"

static struct arena arena;
static const char text[] = "What is stamped";
static const struct str stamped = {text, sizeof(text) - 1};

static int begin_all(void **state)
{
	if (program_begin(state) != 0)
		return -1;
	test_stamper_make();
	return 0;
}

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

static struct str ask(struct str what)
{
	uint8_t sha256[32];
	struct str request;
	test_sha256(what, sha256);
	assert_int_equal(timestamp_ask(sha256, &arena, &request), OK);
	return request;
}

static enum err read_answer(struct str request, struct str answer, struct str *ret_token)
{
	int64_t at_ms = 0;
	enum err err = timestamp_read(request, answer, &arena, ret_token, &at_ms);
	if (err == OK)
		assert_in_range(at_ms, now_ms() - MINUTE_MS, now_ms() + MINUTE_MS);
	return err;
}

static enum timestamp_verdict verify(struct str token, struct str what)
{
	struct timestamp_facts facts;
	const struct str covered[2] = {str_slice(what, 0, 3), str_slice(what, 3, what.len)};
	assert_int_equal(timestamp_verify(token, covered, &arena, &facts), OK);
	return facts.verdict;
}

static void a_request_says_what_is_to_be_stamped(void **state)
{
	(void)state;
	program_put("data", stamped);
	program_put("request", ask(stamped));
	assert_program("openssl", "ts", "-query", "-in", PATH("request"), "-text");
	struct str said = program_get("said");
	assert_true(str_find(said, STR("Version: 1")) >= 0);
	assert_true(str_find(said, STR("Hash Algorithm: sha256")) >= 0);
	assert_true(str_find(said, STR("Certificate required: yes")) >= 0);
	assert_true(str_find(said, STR("Nonce: 0x")) >= 0);
}

static void no_two_requests_are_the_same(void **state)
{
	(void)state;
	assert_false(str_eq(ask(stamped), ask(stamped)));
}

static void an_answer_gives_a_token_that_openssl_verifies(void **state)
{
	(void)state;
	struct str token, request = ask(stamped);
	assert_int_equal(read_answer(request, test_stamper_answer(request), &token), OK);
	program_put("data", stamped);
	program_put("token", token);
	assert_program("openssl", "ts", "-verify", "-data", PATH("data"), "-in", PATH("token"),
		       "-token_in", "-CAfile", PATH("stamper.pem"));
	assert_int_equal(verify(token, stamped), TIMESTAMP_GOOD);
	assert_int_equal(verify(token, STR("Something else")), TIMESTAMP_OF_ANOTHER);
	assert_int_equal(verify(STR("x"), stamped), TIMESTAMP_BAD);
	assert_int_equal(verify(STR_NONE, stamped), TIMESTAMP_BAD);
}

static void an_answer_to_another_request_is_refused(void **state)
{
	(void)state;
	struct str token;
	struct str request = ask(stamped), again = ask(stamped), other = ask(STR("other"));
	struct str answer = arena_copy(&arena, test_stamper_answer(request));
	assert_int_equal(read_answer(again, answer, &token), ERR_INVALID); /* its nonce */
	assert_int_equal(read_answer(other, answer, &token), ERR_INVALID);
	assert_int_equal(read_answer(STR_NONE, answer, &token), ERR_INVALID);
	assert_int_equal(read_answer(STR("x"), answer, &token), ERR_INVALID);
	assert_int_equal(read_answer(request, answer, &token), OK);
}

/* As servers of others might be: `from` is replaced wherever it is in the configuration. */
static struct str answer_of(const char *from, const char *to, struct str request)
{
	struct str config = arena_copy(&arena, program_get("tsa.conf")), rest = config;
	struct str other = STR("");
	for (ptrdiff_t at; (at = str_find(rest, str_of(from))) >= 0;) {
		other = arena_printf(&arena, "%.*s%.*s%s", STR_ARGS(other), (int)at, rest.data, to);
		rest = str_slice(rest, (size_t)at + strlen(from), rest.len);
	}
	assert_true(rest.len < config.len);
	program_put("tsa.conf", arena_printf(&arena, "%.*s%.*s", STR_ARGS(other), STR_ARGS(rest)));
	struct str answer = arena_copy(&arena, test_stamper_answer(request));
	program_put("tsa.conf", config);
	return answer;
}

/* The same server's, with a certificate that began and ended at other times: NAME.pem and .key. */
static void make_at_other_times(const char *name, int from_days, int until_days)
{
	char file[40];
	BIO *in = BIO_new_file(PATH("stamper.pem"), "r");
	X509 *certificate = PEM_read_bio_X509(in, NULL, NULL, NULL);
	BIO_free(in);
	in = BIO_new_file(PATH("stamper.key"), "r");
	EVP_PKEY *key = PEM_read_bio_PrivateKey(in, NULL, NULL, NULL);
	BIO_free(in);
	assert_true(certificate && key);
	X509_gmtime_adj(X509_getm_notBefore(certificate), from_days * 86400L);
	X509_gmtime_adj(X509_getm_notAfter(certificate), until_days * 86400L);
	assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
	snprintf(file, sizeof(file), "%s.pem", name);
	BIO *out = BIO_new_file(PATH(file), "w");
	assert_true(PEM_write_bio_X509(out, certificate));
	BIO_free(out);
	snprintf(file, sizeof(file), "%s.key", name);
	program_put(file, program_get("stamper.key"));
	X509_free(certificate);
	EVP_PKEY_free(key);
}

static void answers_of_other_servers(void **state)
{
	(void)state;
	static const char *const weak_uses[] = {"extendedKeyUsage=critical,timeStamping", NULL};
	test_self_signed("weak", "RSA:1024", weak_uses);
	test_self_signed("strong", "RSA:3072", weak_uses);
	make_at_other_times("ended", -20, -10);
	make_at_other_times("early", 10, 20);
	make_at_other_times("valid", -10, 10);
	static const struct {
		const char *sentence, *from, *to;
		enum err expected;
	} cases[] = {
		{"an RSA key", "stamper.", "strong.", OK},
		{"without its name", "tsa_name = yes", "tsa_name = no", OK},
		{"signed by SHA-512", "signer_digest = sha256", "signer_digest = sha512", OK},
		{"naming its certificate by SHA-1", "cert_id_alg = sha256", "cert_id_alg = sha1",
		 OK},
		{"it takes no SHA-256", "digests = sha256, ", "digests = ", ERR_INVALID},
		{"a weak key", "stamper.", "weak.", ERR_INVALID},
		{"a certificate of other days that is valid", "stamper.", "valid.", OK},
		{"a certificate that has ended", "stamper.", "ended.", ERR_INVALID},
		{"a certificate that has not begun", "stamper.", "early.", ERR_INVALID},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str token, request = ask(stamped);
		struct str answer = answer_of(cases[i].from, cases[i].to, request);
		enum err err = read_answer(request, answer, &token);
		if (err != cases[i].expected)
			fail_msg("%s: %s", cases[i].sentence, err_name(err));
	}
}

static void a_damaged_answer_is_refused(void **state)
{
	(void)state;
	struct str token, request = ask(stamped);
	struct str answer = arena_copy(&arena, test_stamper_answer(request));
	for (size_t len = 0; len < answer.len; len++)
		assert_int_equal(read_answer(request, str_slice(answer, 0, len), &token),
				 ERR_INVALID);
	size_t taken = 0;
	for (size_t i = 0; i < answer.len; i++) {
		((char *)answer.data)[i] ^= 0x08;
		enum err err = timestamp_read(request, answer, &arena, &token, &(int64_t){0});
		if (err == OK) /* what is not signed: algorithms' parameters, say */
			assert_int_equal(verify(token, stamped), TIMESTAMP_GOOD);
		else
			assert_int_equal(err, ERR_INVALID);
		taken += err == OK;
		((char *)answer.data)[i] ^= 0x08;
	}
	assert_true(taken < answer.len / 20);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		TEST(a_request_says_what_is_to_be_stamped),
		TEST(no_two_requests_are_the_same),
		TEST(an_answer_gives_a_token_that_openssl_verifies),
		TEST(an_answer_to_another_request_is_refused),
		TEST(answers_of_other_servers),
		TEST(a_damaged_answer_is_refused),
	};
	return crypto_init() != OK || cmocka_run_group_tests(tests, begin_all, program_end);
}
