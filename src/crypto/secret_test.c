#include "crypto/secret.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { MANY = 3000 }; /* more than a slab holds, several times */

static const uint8_t zero[KEY_BYTES];

/* The linker sends this program's calls of sodium_malloc and sodium_mlock here. */
void *__real_sodium_malloc(size_t bytes);
void *__wrap_sodium_malloc(size_t bytes);
int __real_sodium_mlock(void *bytes, size_t len);
int __wrap_sodium_mlock(void *bytes, size_t len);
static bool is_memory_gone, is_lock_refused;

void *__wrap_sodium_malloc(size_t bytes)
{
	return is_memory_gone ? NULL : __real_sodium_malloc(bytes);
}

int __wrap_sodium_mlock(void *bytes, size_t len)
{
	return is_lock_refused ? -1 : __real_sodium_mlock(bytes, len);
}

static void keys_do_not_overlap_and_begin_as_zero(void **state)
{
	(void)state;
	static struct secret *keys[MANY];
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < MANY; i++) {
			assert_int_equal(secret_new(&keys[i]), OK);
			assert_memory_equal(keys[i]->bytes, zero, KEY_BYTES);
			memset(keys[i]->bytes, i % 251 + 1, KEY_BYTES);
		}
		assert_int_equal(secret_live(), MANY);
		for (int i = 0; i < MANY; i++) {
			for (int k = 0; k < KEY_BYTES; k++)
				assert_int_equal(keys[i]->bytes[k], i % 251 + 1);
			secret_free(keys[i]);
		}
		assert_int_equal(secret_live(), 0);
	}
}

static void random_keys_differ(void **state)
{
	(void)state;
	struct secret *a CLEANUP_SECRET = NULL, *b CLEANUP_SECRET = NULL;
	assert_int_equal(secret_random(&a), OK);
	assert_int_equal(secret_random(&b), OK);
	assert_memory_not_equal(a->bytes, b->bytes, KEY_BYTES);
	assert_memory_not_equal(a->bytes, zero, KEY_BYTES);
}

static void only_32_bytes_make_a_key(void **state)
{
	(void)state;
	char bytes[64];
	memset(bytes, 'k', sizeof(bytes));
	for (size_t len = 0; len <= sizeof(bytes); len++) {
		struct secret *key CLEANUP_SECRET = NULL;
		enum err expected = len == KEY_BYTES ? OK : ERR_INVALID;
		assert_int_equal(secret_copy(str_bytes(bytes, len), &key), expected);
		assert_int_equal(key != NULL, len == KEY_BYTES);
		if (key)
			assert_memory_equal(key->bytes, bytes, KEY_BYTES);
	}
	assert_int_equal(secret_live(), 0);
	secret_free(NULL);
}

static void no_memory_is_reported_and_passes(void **state)
{
	(void)state;
	static struct secret *keys[MANY * 2];
	int count = 0;
	is_memory_gone = true;
	while (count < MANY * 2 && secret_new(&keys[count]) == OK)
		count++;
	struct secret *none = NULL;
	enum err err = secret_random(&none);
	is_memory_gone = false;
	enum err after = secret_random(&none);
	for (int i = 0; i < count; i++)
		secret_free(keys[i]);
	secret_free(none);
	assert_in_range(count, 1, MANY * 2 - 1);
	assert_int_equal(err, ERR_UNAVAILABLE);
	assert_int_equal(after, OK);
}

/* Takes keys until a new slab was needed twice, in a child whose standard error is a pipe. */
static void child_without_locked_memory(int log)
{
	static struct secret *keys[MANY * 3];
	dup2(log, STDERR_FILENO);
	is_lock_refused = true;
	for (int i = 0; i < MANY * 3; i++)
		if (secret_new(&keys[i]) != OK)
			_exit(1);
	_exit(0);
}

static void too_little_locked_memory_warns_once_and_goes_on(void **state)
{
	(void)state;
	int ends[2], status;
	char log[4096] = "";
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		child_without_locked_memory(ends[1]);
	close(ends[1]);
	size_t len = 0;
	for (ssize_t got; (got = read(ends[0], log + len, sizeof(log) - 1 - len)) > 0;)
		len += (size_t)got;
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	const char *warning = strstr(log, " secret.not_locked");
	assert_non_null(warning);
	assert_null(strstr(warning + 1, " secret.not_locked"));
}

static void a_crash_leaves_no_core_file(void **state)
{
	(void)state;
	struct rlimit limit;
	assert_int_equal(getrlimit(RLIMIT_CORE, &limit), 0);
	assert_int_equal(limit.rlim_max, 0);
	assert_int_equal(prctl(PR_GET_DUMPABLE), 0);
}

static void *take_and_give_back(void *data)
{
	uint8_t mark = *(uint8_t *)data;
	for (int i = 0; i < 2000; i++) {
		struct secret *keys[5];
		for (int k = 0; k < 5; k++) {
			if (secret_new(&keys[k]) != OK ||
			    memcmp(keys[k]->bytes, zero, KEY_BYTES) != 0)
				return NULL;
			memset(keys[k]->bytes, mark, KEY_BYTES);
		}
		for (int k = 0; k < 5; k++) {
			if (keys[k]->bytes[0] != mark || keys[k]->bytes[KEY_BYTES - 1] != mark)
				return NULL;
			secret_free(keys[k]);
		}
	}
	return data;
}

static void threads_never_share_a_key(void **state)
{
	(void)state;
	enum { THREADS = 8 };
	pthread_t threads[THREADS];
	uint8_t marks[THREADS];
	for (int i = 0; i < THREADS; i++) {
		marks[i] = (uint8_t)(i + 1);
		assert_int_equal(pthread_create(&threads[i], NULL, take_and_give_back, &marks[i]),
				 0);
	}
	for (int i = 0; i < THREADS; i++) {
		void *result;
		assert_int_equal(pthread_join(threads[i], &result), 0);
		assert_ptr_equal(result, &marks[i]);
	}
	assert_int_equal(secret_live(), 0);
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_do_not_overlap_and_begin_as_zero),
		cmocka_unit_test(random_keys_differ),
		cmocka_unit_test(only_32_bytes_make_a_key),
		cmocka_unit_test(no_memory_is_reported_and_passes),
		cmocka_unit_test(too_little_locked_memory_warns_once_and_goes_on),
		cmocka_unit_test(a_crash_leaves_no_core_file),
		cmocka_unit_test(threads_never_share_a_key),
	};
	return crypto_init() != OK || cmocka_run_group_tests(tests, NULL, NULL);
}
