/* How long a refused sign-in takes must not tell whether the address is anybody's: whatever costs
 * much is done as often, with the same cost, for each of them. Nothing is timed here; the ratio is
 * measured by bench/sign_in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/account.h"
#include "core/core_test_support.h"
#include "core/people.h"
#include "core/session.h"
#include "store/store_direct.h"

/* What takes long: keys derived from passwords, and what waits for the disk. */
static struct work {
	int derived, written;
	unsigned long long passes;
	size_t memory_bytes;
} work;

/* The linker sends this program's calls here. */
int __real_crypto_pwhash_argon2id(unsigned char *out, unsigned long long out_len,
				  const char *password, unsigned long long password_len,
				  const unsigned char *salt, unsigned long long passes,
				  size_t memory_bytes, int algorithm);
int __wrap_crypto_pwhash_argon2id(unsigned char *out, unsigned long long out_len,
				  const char *password, unsigned long long password_len,
				  const unsigned char *salt, unsigned long long passes,
				  size_t memory_bytes, int algorithm);
enum err __real_store_transact(struct store *store, store_fn *write, void *argument,
			       struct arena *arena);
enum err __wrap_store_transact(struct store *store, store_fn *write, void *argument,
			       struct arena *arena);

/* A thread of the pool runs it, and whoever asked waits for it. */
int __wrap_crypto_pwhash_argon2id(unsigned char *out, unsigned long long out_len,
				  const char *password, unsigned long long password_len,
				  const unsigned char *salt, unsigned long long passes,
				  size_t memory_bytes, int algorithm)
{
	work.derived++;
	work.passes = passes;
	work.memory_bytes = memory_bytes;
	return __real_crypto_pwhash_argon2id(out, out_len, password, password_len, salt, passes,
					     memory_bytes, algorithm);
}

enum err __wrap_store_transact(struct store *store, store_fn *write, void *argument,
			       struct arena *arena)
{
	work.written++;
	return __real_store_transact(store, write, argument, arena);
}

static const char *const nobody_in_particular[] = {
	"admin@example.com",  /* the password is wrong */
	"nobody@example.com", /* unknown */
	"gabi@example.org",   /* invited */
	"dora@example.org",   /* disabled */
	"nowhere",            /* no address */
};
enum { ADDRESSES = sizeof(nobody_in_particular) / sizeof(nobody_in_particular[0]) };

static void begin(struct core_fixture *f)
{
	core_fixture_send(f, f->admin, STR("gabi@example.org"), STR("Hello"), STR("One"));
	struct session *dora =
		core_fixture_person(f, STR("dora@example.org"), STR("Dora"), GRADE_GUEST);
	struct cx cx = core_fixture_cx(f, f->admin);
	assert_int_equal(people_enable(&cx, &dora->user.id, false), OK);
}

static int64_t entries(struct core_fixture *f)
{
	char *text = store_direct_read(f->url, "SELECT COUNT(*) FROM audit");
	int64_t count = -1;
	assert_true(str_to_int(str_of(text), &count));
	free(text);
	return count;
}

static void whoever_is_refused_costs_the_same(void **state)
{
	static const char *const passwords[] = {"violet kettle harbour 43", "", "\xff\xfe bytes"};
	struct core_fixture *f = *state;
	begin(f);
	for (size_t p = 0; p < sizeof(passwords) / sizeof(passwords[0]); p++) {
		for (size_t i = 0; i < ADDRESSES; i++) {
			int64_t before = entries(f);
			work = (struct work){0};
			assert_int_equal(core_test_sign_in(f, str_of(nobody_in_particular[i]),
							   str_of(passwords[p]), NULL),
					 ERR_DENIED);
			if (work.derived != 1 || work.written != 1 ||
			    work.passes != (unsigned long long)f->portal->password_cost.passes ||
			    work.memory_bytes != (size_t)f->portal->password_cost.memory_bytes)
				fail_msg("%s: %d keys, %d writes", nobody_in_particular[i],
					 work.derived, work.written);
			assert_int_equal(entries(f), before + 1);
		}
		core_fixture_sleep(f, DAY_MS);
	}
}

/* Who asks for a new password learns nothing, either. */
static void whoever_asks_for_help_costs_the_same(void **state)
{
	struct core_fixture *f = *state;
	struct work first = {0};
	begin(f);
	for (size_t i = 0; i + 1 < ADDRESSES; i++) {
		struct cx cx = core_fixture_cx(f, NULL);
		struct form_errors errors = {0};
		work = (struct work){0};
		assert_int_equal(account_ask_help(&cx, str_of(nobody_in_particular[i]), &errors),
				 OK);
		if (i == 0)
			first = work;
		if (work.written != first.written || work.derived != first.derived)
			fail_msg("%s: %d keys, %d writes", nobody_in_particular[i], work.derived,
				 work.written);
	}
	assert_int_equal(first.written, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(whoever_is_refused_costs_the_same),
		CORE_TEST(whoever_asks_for_help_costs_the_same),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
