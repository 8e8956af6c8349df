#include "crypto/certificate.h"

#include "base/limits.h"
#include "crypto/cms.h"
#include "crypto/secret.h"
#include "crypto/signing_key.h"

#include <openssl/core_names.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/signing_test_support.h"

static struct arena arena;
static struct signing_key *authority;

static int begin(void **state)
{
	(void)state;
	arena_init(&arena, 16 << 20);
	authority = test_authority();
	return 0;
}

static int end(void **state)
{
	(void)state;
	signing_key_free(authority);
	arena_release(&arena);
	return 0;
}

static void put_pem(const char *name, const struct signing_key *key)
{
	program_put(name, test_pem(&arena, key));
}

static struct certificate_facts facts_of(const struct signing_key *key)
{
	struct certificate_facts facts;
	assert_int_equal(signing_key_facts(key, &arena, &facts), OK);
	return facts;
}

#define assert_str(got, expected)                                                                  \
	do {                                                                                       \
		struct str got_ = (got), expected_ = (expected);                                   \
		if (!str_eq(got_, expected_))                                                      \
			fail_msg("\"%.*s\" is not \"%.*s\"", STR_ARGS(got_), STR_ARGS(expected_)); \
	} while (0)

static struct str said_about(const char *name, const char *what)
{
	assert_program("openssl", "x509", "-noout", "-in", PATH(name), what, "-nameopt",
		       "utf8,sep_comma_plus");
	return program_get("said");
}

static void names_in_all_scripts(void **state)
{
	(void)state;
	static const struct {
		const char *name, *address, *alternative;
	} people[] = {
		{"Anna Muster", "anna@example.com", "email:anna@example.com"},
		{"Jürg Müller-Lüdenscheidt", "juerg@xn--bcher-kva.example",
		 "email:juerg@xn--bcher-kva.example"},
		{"Пётр Ильи́ч", "пётр@example.com", "othername: SmtpUTF8Mailbox::пётр@example.com"},
		{"山田 太郎", "山田@example.jp", "othername: SmtpUTF8Mailbox::山田@example.jp"},
		{"علي بن أحمد", "ali@example.com", "email:ali@example.com"},
		{"अनन्या शर्मा", "अनन्या@xn--h2brj9c.example",
		 "othername: SmtpUTF8Mailbox::अनन्या@xn--h2brj9c.example"},
		{"👩‍⚖️ & Söhne <x>, \"O=Fake\"", "a+b_c'd@example.com",
		 "email:a+b_c'd@example.com"},
	};
	put_pem("authority.pem", authority);
	for (size_t i = 0; i < sizeof(people) / sizeof(people[0]); i++) {
		struct signing_key *key =
			test_issue(authority, str_of(people[i].name), str_of(people[i].address));
		struct certificate_facts facts = facts_of(key);
		assert_str(facts.name, str_of(people[i].name));
		assert_str(facts.address, str_of(people[i].address));
		assert_str(facts.organisation, STR("Practice"));
		put_pem("person.pem", key);
		assert_program("openssl", "verify", "-x509_strict", "-CAfile",
			       PATH("authority.pem"), PATH("person.pem"));
		assert_program("openssl", "x509", "-noout", "-in", PATH("person.pem"), "-ext",
			       "subjectAltName");
		if (str_find(program_get("said"), str_of(people[i].alternative)) < 0)
			fail_msg("%s: %s", people[i].name, program_get("said").data);
		signing_key_free(key);
	}
}

static void a_long_name_is_cut_between_letters(void **state)
{
	(void)state;
	char name[3 * 70 + 1], cut[3 * 64 + 1];
	for (size_t i = 0; i < 70; i++)
		memcpy(name + 3 * i, "山", 4);
	memcpy(cut, name, sizeof(cut) - 1);
	struct signing_key *key = test_issue(authority, str_of(name), STR("anna@example.com"));
	assert_str(facts_of(key).name, str_bytes(cut, sizeof(cut) - 1));
	signing_key_free(key);
}

static void what_cannot_be_in_a_certificate_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *sentence, *name, *organisation, *address;
	} cases[] = {
		{"no name", "", "Practice", "anna@example.com"},
		{"no organisation", "Anna", "", "anna@example.com"},
		{"two lines", "Anna\nO=Other", "Practice", ""},
		{"no UTF-8", "Anna \xff", "Practice", ""},
		{"turned around", "Anna \u202egnp.exe", "Practice", ""},
		{"no address", "Anna", "Practice", "anna"},
		{"nobody at a domain", "Anna", "Practice", "@example.com"},
		{"a domain that is not ASCII", "Anna", "Practice", "anna@bücher.example"},
		{"two lines in an address", "Anna", "Practice", "anna\n@example.com"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct signing_subject subject = {str_of(cases[i].name),
							str_of(cases[i].organisation),
							str_of(cases[i].address)};
		struct signing_key *key = NULL;
		if (signing_key_issue(authority, &subject, now_ms(), &key) != ERR_INVALID || key)
			fail_msg("%s", cases[i].sentence);
	}
	struct signing_key *key = NULL;
	assert_int_equal(signing_authority_new(STR(""), now_ms(), &key), ERR_INVALID);
	const struct signing_subject nul = {str_bytes("A\0B", 3), STR("Practice"), STR_NONE};
	assert_int_equal(signing_key_issue(authority, &nul, now_ms(), &key), ERR_INVALID);
}

static void a_certificate_says_what_it_is_for(void **state)
{
	(void)state;
	struct signing_key *key = test_issue(authority, STR("Anna"), STR("anna@example.com"));
	put_pem("authority.pem", authority);
	put_pem("anna.pem", key);
	static const struct {
		const char *file, *part;
	} parts[] = {
		{"authority.pem", "CA:TRUE, pathlen:0"},
		{"authority.pem", "X509v3 Key Usage: critical\n                Certificate Sign\n"},
		{"anna.pem", "X509v3 Basic Constraints: critical\n                CA:FALSE"},
		{"anna.pem", "X509v3 Key Usage: critical\n                Digital Signature, Non "
			     "Repudiation\n"},
		{"anna.pem", "1.3.6.1.5.5.7.3.36"},
		{"anna.pem", "E-mail Protection"},
		{"anna.pem", "No Revocation Available"},
		{"anna.pem", "Public-Key: (256 bit)"},
	};
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (str_find(said_about(parts[i].file, "-text"), str_of(parts[i].part)) < 0)
			fail_msg("%s\n%s", parts[i].part, program_get("said").data);
	assert_program("openssl", "verify", "-x509_strict", "-CAfile", PATH("authority.pem"),
		       PATH("authority.pem"));
	assert_program("openssl", "verify", "-x509_strict", "-purpose", "smimesign", "-CAfile",
		       PATH("authority.pem"), PATH("anna.pem"));
	/* Nobody can make a certificate out of it. */
	struct signing_key *below = NULL;
	const struct signing_subject subject = {STR("B"), STR("B"), STR_NONE};
	assert_int_equal(signing_key_issue(key, &subject, now_ms(), &below), ERR_DENIED);
	signing_key_free(key);
}

static void times_go_beyond_2049(void **state)
{
	(void)state;
	/* 2045-01-01 */
	const int64_t later_ms = INT64_C(2366841600000);
	struct signing_key *by, *key;
	const struct signing_subject subject = {STR("Anna"), STR("Practice"), STR_NONE};
	assert_int_equal(signing_authority_new(STR("Practice"), later_ms, &by), OK);
	struct certificate_facts facts = facts_of(by);
	assert_int_equal(facts.from_ms, later_ms - LIMIT_TIMESTAMP_SKEW_MS);
	assert_int_equal(facts.until_ms, later_ms + (20 * 365 + 5) * DAY_MS);
	assert_int_equal(signing_key_issue(by, &subject, facts.until_ms - 1000, &key), OK);
	assert_int_equal(facts_of(key).until_ms, facts.until_ms);
	signing_key_free(key);
	key = NULL;
	assert_int_equal(signing_key_issue(by, &subject, facts.until_ms, &key), ERR_DENIED);
	assert_int_equal(
		signing_key_issue(by, &subject, later_ms - LIMIT_TIMESTAMP_SKEW_MS - 1000, &key),
		ERR_DENIED);
	assert_null(key);
	signing_key_free(by);
}

static void no_two_certificates_are_the_same(void **state)
{
	(void)state;
	struct signing_key *one = test_issue(authority, STR("Anna"), STR_NONE);
	struct signing_key *two = test_issue(authority, STR("Anna"), STR_NONE);
	assert_memory_not_equal(facts_of(one).sha256, facts_of(two).sha256, 32);
	assert_int_equal(EVP_PKEY_eq(one->private_key, two->private_key), 0);
	assert_int_not_equal(ASN1_INTEGER_cmp(X509_get0_serialNumber(one->certificate),
					      X509_get0_serialNumber(two->certificate)),
			     0);
	signing_key_free(one);
	signing_key_free(two);
}

/* ---- as bytes ---- */

static void a_key_is_written_and_read(void **state)
{
	(void)state;
	struct signing_key *key = test_issue(authority, STR("Anna"), STR("anna@example.com"));
	struct signing_key *again = NULL;
	struct str bytes;
	assert_int_equal(signing_key_write(key, &arena, &bytes), OK);
	assert_int_equal(signing_key_read(bytes, &again), OK);
	assert_int_equal(EVP_PKEY_eq(key->private_key, again->private_key), 1);
	assert_int_equal(X509_cmp(key->certificate, again->certificate), 0);
	assert_int_equal(sk_X509_num(again->above), 1);
	assert_int_equal(X509_cmp(authority->certificate, sk_X509_value(again->above, 0)), 0);
	signing_key_free(again);
	for (size_t len = 0; len < bytes.len; len++)
		assert_int_equal(signing_key_read(str_slice(bytes, 0, len), &again), ERR_CORRUPT);
	char *longer = arena_alloc(&arena, bytes.len + 1);
	memcpy(longer, bytes.data, bytes.len);
	assert_int_equal(signing_key_read(str_bytes(longer, bytes.len + 1), &again), ERR_CORRUPT);
	signing_key_free(key);
}

static void a_key_and_anothers_certificate_do_not_go_together(void **state)
{
	(void)state;
	struct signing_key *one = test_authority(), *two = NULL;
	struct str first, second;
	assert_int_equal(signing_key_write(authority, &arena, &first), OK);
	assert_int_equal(signing_key_write(one, &arena, &second), OK);
	/* Both begin with a key of the same length. */
	size_t key_bytes = 2 + 4 + (((size_t)(uint8_t)first.data[4] << 8) | (uint8_t)first.data[5]);
	memcpy((char *)first.data, second.data, key_bytes);
	assert_int_equal(signing_key_read(first, &two), ERR_CORRUPT);
	signing_key_free(one);
}

static void certificates_in_files(void **state)
{
	(void)state;
	struct certificate_facts facts, is = facts_of(authority);
	struct str der, pem = test_pem(&arena, authority);
	assert_int_equal(signing_key_certificate(authority, &arena, &der), OK);
	assert_int_equal(certificate_read_facts(der, &arena, &facts), OK);
	assert_memory_equal(facts.sha256, is.sha256, 32);
	assert_int_equal(certificate_read_facts(pem, &arena, &facts), OK);
	assert_memory_equal(facts.sha256, is.sha256, 32);
	assert_int_equal(certificate_read_facts(STR("no certificate"), &arena, &facts),
			 ERR_INVALID);
	assert_int_equal(certificate_read_facts(STR_NONE, &arena, &facts), ERR_INVALID);
	assert_int_equal(certificate_pem(der, &arena, &pem), OK);
	program_put("again.pem", pem);
	assert_program("openssl", "x509", "-noout", "-in", PATH("again.pem"));
}

/* ---- in memory ---- */

/* How often these bytes lie in what malloc() has. */
static int count_in_heap(const uint8_t bytes[32])
{
	int count = 0;
	char line[256];
	FILE *maps = fopen("/proc/self/maps", "re");
	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps)) {
		char *from, *until;
		if (strstr(line, "[heap]") == NULL ||
		    sscanf(line, "%p-%p", (void **)&from, (void **)&until) != 2)
			continue;
		for (; from + 32 <= until; from += 4)
			count += memcmp(from, bytes, 32) == 0;
	}
	fclose(maps);
	return count;
}

/* Numbers lie in memory least byte first; as they are written, most byte first. */
static void private_keys_stay_in_locked_memory(void **state)
{
	(void)state;
	struct signing_key *key = test_issue(authority, STR("Anna"), STR_NONE), *again;
	static uint8_t little[32], big[32]; /* not on the heap */
	BIGNUM *number = NULL;
	uint8_t sha256[32] = {1};
	struct str bytes, cms;
	assert_int_equal(EVP_PKEY_get_bn_param(key->private_key, OSSL_PKEY_PARAM_PRIV_KEY, &number),
			 1);
	assert_int_equal(BN_bn2lebinpad(number, little, 32), 32);
	assert_int_equal(BN_bn2binpad(number, big, 32), 32);
	BN_clear_free(number);
	int at_first = count_in_heap(little); /* what the line above may have left */
	assert_int_equal(cms_sign(key, sha256, &arena, &cms), OK);
	assert_int_equal(count_in_heap(little), at_first);
	assert_int_equal(count_in_heap(big), 0);
	assert_int_equal(signing_key_write(key, &arena, &bytes), OK);
	assert_int_equal(signing_key_read(bytes, &again), OK);
	signing_key_free(again);
	explicit_bzero((char *)bytes.data, bytes.len);
	signing_key_free(key);
	assert_int_equal(count_in_heap(little), 0);
	assert_int_equal(count_in_heap(big), 0);
}

static void *many(void *argument)
{
	struct arena own;
	(void)argument;
	arena_init(&own, 1 << 20);
	for (int i = 0; i < 20; i++) {
		const struct signing_subject subject = {STR("Anna"), STR("Practice"), STR_NONE};
		struct signing_key *key;
		uint8_t sha256[32] = {0};
		struct str cms;
		if (signing_key_issue(authority, &subject, now_ms(), &key) != OK)
			abort();
		if (cms_sign(key, sha256, &own, &cms) != OK)
			abort();
		signing_key_free(key);
	}
	arena_release(&own);
	return NULL;
}

static void many_threads_sign_at_once(void **state)
{
	(void)state;
	pthread_t threads[8];
	size_t before = CRYPTO_secure_used();
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, many, NULL), 0);
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_true(CRYPTO_secure_used() <= before);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		TEST(private_keys_stay_in_locked_memory),
		TEST(names_in_all_scripts),
		TEST(a_long_name_is_cut_between_letters),
		TEST(what_cannot_be_in_a_certificate_is_refused),
		TEST(a_certificate_says_what_it_is_for),
		TEST(times_go_beyond_2049),
		TEST(no_two_certificates_are_the_same),
		TEST(a_key_is_written_and_read),
		TEST(a_key_and_anothers_certificate_do_not_go_together),
		TEST(certificates_in_files),
		TEST(many_threads_sign_at_once),
	};
	return crypto_init() != OK || cmocka_run_group_tests(tests, program_begin, program_end);
}
