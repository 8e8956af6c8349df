/* Memory that runs out at any moment within OpenSSL: nothing is half done, nothing leaks, and no
 * signature is called broken because of it. */
#include "crypto/cms.h"

#include "crypto/secret.h"
#include "crypto/timestamp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/signing_test_support.h"

/* Which allocation fails, counted down; 0: none. */
static long left;

static bool is_failing(void)
{
	return left > 0 && --left == 0;
}

/* By which OpenSSL gets its memory here. */
void *__real_reallocarray(void *memory, size_t count, size_t bytes);
void *__wrap_reallocarray(void *memory, size_t count, size_t bytes);
void *__wrap_reallocarray(void *memory, size_t count, size_t bytes)
{
	return is_failing() ? NULL : __real_reallocarray(memory, count, bytes);
}

static struct arena arena;
static struct signing_key *authority, *anna;
static struct str cms, request, answer, token, bytes, pkcs12;
static const char text[] = "document";
static const struct str covered[2] = {{text, 4}, {text + 4, 4}};
static uint8_t sum[32];

/* One attempt in an arena of its own; what is made is freed again. */
typedef enum err step_fn(struct arena *own);

static enum err drop(enum err err, struct signing_key *key)
{
	signing_key_free(key);
	return err;
}

static enum err make_authority(struct arena *own)
{
	struct signing_key *key = NULL;
	(void)own;
	enum err err = signing_authority_new(STR("Practice"), now_ms(), &key);
	return drop(err, key);
}

static enum err issue(struct arena *own)
{
	const struct signing_subject subject = {STR("Anna"), STR("Practice"),
						STR("ännä@example.com")};
	struct signing_key *key = NULL;
	(void)own;
	enum err err = signing_key_issue(authority, &subject, now_ms(), &key);
	return drop(err, key);
}

static enum err write_and_read(struct arena *own)
{
	struct signing_key *key = NULL;
	struct str written;
	TRY(signing_key_write(anna, own, &written));
	enum err err = signing_key_read(written, &key);
	return drop(err, key);
}

static enum err import(struct arena *own)
{
	struct signing_key *key = NULL;
	enum pkcs12_refusal refusal;
	(void)own;
	enum err err = signing_key_import(pkcs12, STR("x"), now_ms(), &key, &refusal);
	return drop(err, key);
}

static enum err sign(struct arena *own)
{
	struct str made;
	return cms_sign(anna, sum, own, &made);
}

static enum err stamp(struct arena *own)
{
	struct str stamped;
	uint8_t digest[32];
	TRY(cms_signature_digest(cms, digest));
	return cms_add_timestamp(own, cms, token, &stamped);
}

static enum err read_answer(struct arena *own)
{
	struct str read;
	int64_t at_ms;
	return timestamp_read(request, answer, own, &read, &at_ms);
}

static enum err verify(struct arena *own)
{
	struct cms_facts facts;
	TRY(cms_verify(bytes, covered, own, &facts));
	assert_int_equal(facts.verdict, CMS_GOOD);
	assert_true(facts.is_chain_good && facts.has_signing_certificate);
	assert_false(facts.has_bad_stamp);
	assert_true(facts.stamped_ms > 0);
	return OK;
}

static void whatever_allocation_fails(const char *name, step_fn *step)
{
	enum { MAX = 20000 };
	long n = 1;
	for (; n < MAX; n += 1 + n / 40) {
		struct arena own;
		arena_init(&own, 1 << 20);
		left = n;
		enum err err = step(&own);
		bool was_reached = left == 0;
		left = 0;
		arena_release(&own);
		if (err == OK && !was_reached)
			break;
		if (err != OK && err != ERR_UNAVAILABLE)
			fail_msg("%s, %ld: %s", name, n, err_name(err));
	}
	assert_in_range(n, 2, MAX - 1);
}

static void each_step_fails_as_a_whole(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		step_fn *step;
	} steps[] = {
		{"an authority", make_authority},
		{"a certificate", issue},
		{"a key, written and read", write_and_read},
		{"PKCS#12", import},
		{"a signature", sign},
		{"a time stamp, added", stamp},
		{"a time stamp, read", read_answer},
		{"verifying", verify},
	};
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		whatever_allocation_fails(steps[i].name, steps[i].step);
}

static int begin(void **state)
{
	static const char *const uses[] = {"basicConstraints=critical,CA:FALSE", NULL};
	int64_t at_ms;
	uint8_t digest[32];
	if (program_begin(state) != 0)
		return -1;
	arena_init(&arena, 4 << 20);
	authority = test_authority();
	anna = test_issue(authority, STR("Anna"), STR("anna@example.com"));
	test_sha256(str_of(text), sum);
	test_stamper_make();
	test_self_signed("real", "EC:P-256", uses);
	assert_program("openssl", "pkcs12", "-export", "-iter", "1", "-inkey", PATH("real.key"),
		       "-in", PATH("real.pem"), "-passout", "pass:x", "-out", PATH("real.p12"));
	pkcs12 = arena_copy(&arena, program_get("real.p12"));
	assert_int_equal(cms_sign(anna, sum, &arena, &cms), OK);
	assert_int_equal(cms_signature_digest(cms, digest), OK);
	assert_int_equal(timestamp_ask(digest, &arena, &request), OK);
	answer = arena_copy(&arena, test_stamper_answer(request));
	assert_int_equal(timestamp_read(request, answer, &arena, &token, &at_ms), OK);
	assert_int_equal(cms_add_timestamp(&arena, cms, token, &bytes), OK);
	return 0;
}

static int end(void **state)
{
	signing_key_free(anna);
	signing_key_free(authority);
	arena_release(&arena);
	return program_end(state);
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_step_fails_as_a_whole),
	};
	return crypto_init() != OK || cmocka_run_group_tests(tests, begin, end);
}
