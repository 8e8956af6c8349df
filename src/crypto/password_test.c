#include "crypto/password.h"

#include "crypto/hex_test.h"

#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const uint8_t salt[PASSWORD_SALT_BYTES] = "somesaltsomesalt";
static const struct password_cost cheap = {.memory_bytes = 8 << 10, .passes = 1};

/* The linker sends this program's calls of Argon2id here, so that a test can hold a worker, count
 * workers and make one fail. */
int __real_crypto_pwhash_argon2id(unsigned char *out, unsigned long long out_len,
				  const char *password, unsigned long long password_len,
				  const unsigned char *with_salt, unsigned long long passes,
				  size_t memory_bytes, int algorithm);
int __wrap_crypto_pwhash_argon2id(unsigned char *out, unsigned long long out_len,
				  const char *password, unsigned long long password_len,
				  const unsigned char *with_salt, unsigned long long passes,
				  size_t memory_bytes, int algorithm);
static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool is_held, is_failing;
	int running, most_running, priority;
} gate = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

int __wrap_crypto_pwhash_argon2id(unsigned char *out, unsigned long long out_len,
				  const char *password, unsigned long long password_len,
				  const unsigned char *with_salt, unsigned long long passes,
				  size_t memory_bytes, int algorithm)
{
	pthread_mutex_lock(&gate.lock);
	gate.priority = getpriority(PRIO_PROCESS, (id_t)gettid());
	gate.running++;
	pthread_cond_broadcast(&gate.changed);
	if (gate.running > gate.most_running)
		gate.most_running = gate.running;
	while (gate.is_held)
		pthread_cond_wait(&gate.changed, &gate.lock);
	gate.running--;
	bool is_failing = gate.is_failing;
	pthread_mutex_unlock(&gate.lock);
	if (is_failing)
		return -1;
	return __real_crypto_pwhash_argon2id(out, out_len, password, password_len, with_salt,
					     passes, memory_bytes, algorithm);
}

static void hold(bool is_held)
{
	pthread_mutex_lock(&gate.lock);
	gate.is_held = is_held;
	pthread_cond_broadcast(&gate.changed);
	pthread_mutex_unlock(&gate.lock);
}

static struct password_pool *new_pool(int threads, int queue_max)
{
	struct password_pool *pool = NULL;
	gate.most_running = 0;
	assert_int_equal(password_pool_new(threads, queue_max, &pool), OK);
	return pool;
}

/* Expected keys: the reference implementation (Debian's argon2 0~20171227) with
 * `printf %s PASSWORD | argon2 SALT -id -t PASSES -k KIB -p 1 -l 32 -r`. The vector of RFC 9106 5.3
 * has 4 lanes, a secret and data, which libsodium does not offer. */
static void keys_are_argon2id(void **state)
{
	(void)state;
	static const struct {
		const char *password, *salt;
		struct password_cost cost;
		const char *key;
	} rows[] = {
		{"password",
		 "somesaltsomesalt",
		 {8 << 10, 1},
		 "05b6ca8f8038b683887ad4916533858b49cb52040126c134f4c6e9d8711b8c09"},
		{"p\xc3\xa4ssw\xc3\xb6rd",
		 "somesaltsomesalt",
		 {256 << 10, 2},
		 "d776ec891f3b1c7f50268923b3f3a96ded634fc06daee986cc863288127b8d92"},
		{"correct horse battery staple",
		 "salt-16-bytes-ok",
		 {64 << 20, 3},
		 "ce77fe82abe6034d1af4167c525e60dff76d8d3bc7ffa4788fefbe9e102be718"},
	};
	struct password_pool *pool = new_pool(1, 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t expected[HEX_MAX_BYTES];
		struct secret *key CLEANUP_SECRET = NULL;
		assert_int_equal(hex_decode(rows[i].key, expected).len, KEY_BYTES);
		assert_int_equal(password_key(pool, &rows[i].cost, str_of(rows[i].password),
					      (const uint8_t *)rows[i].salt, &key),
				 OK);
		assert_memory_equal(key->bytes, expected, KEY_BYTES);
	}
	password_pool_free(pool);
	assert_int_equal(password_cost_default.memory_bytes, 64 << 20);
	assert_int_equal(password_cost_default.passes, 3);
}

static void every_byte_of_the_password_counts(void **state)
{
	(void)state;
	static const struct {
		const char *sentence;
		struct str password;
		uint8_t salt[PASSWORD_SALT_BYTES + 1];
		struct password_cost cost;
	} rows[] = {
		{"the password itself",
		 STR("a long pass phrase"),
		 "somesaltsomesalt",
		 {8 << 10, 1}},
		{"a space at the end",
		 STR("a long pass phrase "),
		 "somesaltsomesalt",
		 {8 << 10, 1}},
		{"a capital", STR("A long pass phrase"), "somesaltsomesalt", {8 << 10, 1}},
		{"a NUL and more", STR("a long pass phrase\0x"), "somesaltsomesalt", {8 << 10, 1}},
		{"no password", STR_NONE, "somesaltsomesalt", {8 << 10, 1}},
		{"another salt", STR("a long pass phrase"), "somesaltsomesalu", {8 << 10, 1}},
		{"more passes", STR("a long pass phrase"), "somesaltsomesalt", {8 << 10, 2}},
		{"more memory", STR("a long pass phrase"), "somesaltsomesalt", {16 << 10, 1}},
	};
	struct secret *keys[COUNT(rows)] = {NULL};
	struct password_pool *pool = new_pool(2, 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(
			password_key(pool, &rows[i].cost, rows[i].password, rows[i].salt, &keys[i]),
			OK);
		for (size_t k = 0; k < i; k++)
			if (memcmp(keys[i]->bytes, keys[k]->bytes, KEY_BYTES) == 0)
				fail_msg("'%s' is '%s'", rows[i].sentence, rows[k].sentence);
	}
	for (size_t i = 0; i < COUNT(rows); i++)
		secret_free(keys[i]);
	password_pool_free(pool);
}

static void costs_and_pools_out_of_bounds_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *sentence;
		struct password_cost cost;
	} rows[] = {
		{"less than 8 KiB", {(8 << 10) - 1, 1}},
		{"more than 1 GiB", {(INT64_C(1) << 30) + 1, 1}},
		{"negative memory", {-1, 1}},
		{"no pass", {8 << 10, 0}},
		{"21 passes", {8 << 10, 21}},
		{"a negative pass", {8 << 10, -1}},
	};
	struct password_pool *pool = new_pool(1, 0), *none = NULL;
	struct secret *key = NULL;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (password_key(pool, &rows[i].cost, STR("x"), salt, &key) != ERR_INVALID)
			fail_msg("%s", rows[i].sentence);
	assert_null(key);
	password_pool_free(pool);
	password_pool_free(NULL);
	assert_int_equal(password_pool_new(0, 1, &none), ERR_INVALID);
	assert_int_equal(password_pool_new(1, -1, &none), ERR_INVALID);
	assert_int_equal(password_pool_new(100000, 1, &none), ERR_INVALID);
	assert_null(none);
}

/* Several threads that each ask once; `returned` counts those that have their answer. */
enum { CALLERS_MAX = 12 };
struct callers {
	struct password_pool *pool;
	pthread_t threads[CALLERS_MAX];
	int count;
	pthread_mutex_t lock;
	sem_t returned;
	int ok, busy, other;
};

static void *call(void *data)
{
	struct callers *callers = data;
	struct secret *key CLEANUP_SECRET = NULL;
	enum err err = password_key(callers->pool, &cheap, STR("password"), salt, &key);
	pthread_mutex_lock(&callers->lock);
	int *count = err == OK ? &callers->ok : err == ERR_BUSY ? &callers->busy : &callers->other;
	++*count;
	pthread_mutex_unlock(&callers->lock);
	sem_post(&callers->returned);
	return NULL;
}

static void start(struct callers *callers, struct password_pool *pool, int count)
{
	*callers =
		(struct callers){.pool = pool, .count = count, .lock = PTHREAD_MUTEX_INITIALIZER};
	sem_init(&callers->returned, 0, 0);
	for (int i = 0; i < count; i++)
		assert_int_equal(pthread_create(&callers->threads[i], NULL, call, callers), 0);
}

static void await(struct callers *callers, int count)
{
	for (int i = 0; i < count; i++)
		while (sem_wait(&callers->returned) != 0)
			;
}

static void join(struct callers *callers)
{
	for (int i = 0; i < callers->count; i++)
		pthread_join(callers->threads[i], NULL);
	sem_destroy(&callers->returned);
	assert_int_equal(callers->ok + callers->busy, callers->count);
	assert_int_equal(callers->other, 0);
}

static void a_full_queue_is_busy_at_once(void **state)
{
	(void)state;
	struct password_pool *pool = new_pool(2, 3);
	struct callers callers;
	hold(true);
	start(&callers, pool, 12);
	/* Two are held, three wait: the other seven have their answer although nothing moves. */
	await(&callers, 7);
	assert_int_equal(callers.busy, 7);
	struct secret *key = NULL;
	assert_int_equal(password_key(pool, &cheap, STR("password"), salt, &key), ERR_BUSY);
	assert_null(key);
	hold(false);
	join(&callers);
	assert_int_equal(callers.ok, 5);
	assert_in_range(gate.most_running, 1, 2);
	/* And there is room again. */
	assert_int_equal(password_key(pool, &cheap, STR("password"), salt, &key), OK);
	secret_free(key);
	password_pool_free(pool);
	assert_int_equal(secret_live(), 0);
}

static void *close_pool(void *pool)
{
	password_pool_free(pool);
	return NULL;
}

static void closing_sends_waiting_callers_away(void **state)
{
	(void)state;
	struct password_pool *pool = new_pool(1, 4);
	struct callers callers;
	pthread_t closer;
	hold(true);
	start(&callers, pool, 6);
	await(&callers, 1); /* so the five others are inside: one is or will be held */
	pthread_mutex_lock(&gate.lock);
	while (gate.running == 0)
		pthread_cond_wait(&gate.changed, &gate.lock);
	pthread_mutex_unlock(&gate.lock);
	assert_int_equal(pthread_create(&closer, NULL, close_pool, pool), 0);
	await(&callers, 4); /* the waiting ones leave while the first is still held */
	assert_int_equal(callers.busy, 5);
	hold(false);
	pthread_join(closer, NULL);
	join(&callers);
	assert_int_equal(callers.ok, 1);
}

static void workers_stand_back(void **state)
{
	(void)state;
	struct password_pool *pool = new_pool(1, 0);
	struct secret *key CLEANUP_SECRET = NULL;
	int own = getpriority(PRIO_PROCESS, 0);
	assert_int_equal(password_key(pool, &cheap, STR("password"), salt, &key), OK);
	assert_int_equal(gate.priority, 19);
	assert_int_equal(getpriority(PRIO_PROCESS, 0), own);
	password_pool_free(pool);
}

static void a_hash_without_memory_is_unavailable(void **state)
{
	(void)state;
	struct password_pool *pool = new_pool(1, 0);
	struct secret *key = NULL;
	gate.is_failing = true;
	assert_int_equal(password_key(pool, &cheap, STR("password"), salt, &key), ERR_UNAVAILABLE);
	gate.is_failing = false;
	assert_null(key);
	assert_int_equal(password_key(pool, &cheap, STR("password"), salt, &key), OK);
	secret_free(key);
	password_pool_free(pool);
	assert_int_equal(secret_live(), 0);
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_argon2id),
		cmocka_unit_test(every_byte_of_the_password_counts),
		cmocka_unit_test(costs_and_pools_out_of_bounds_are_refused),
		cmocka_unit_test(a_full_queue_is_busy_at_once),
		cmocka_unit_test(closing_sends_waiting_callers_away),
		cmocka_unit_test(workers_stand_back),
		cmocka_unit_test(a_hash_without_memory_is_unavailable),
	};
	return crypto_init() != OK || cmocka_run_group_tests(tests, NULL, NULL);
}
