#include "crypto/password.h"

#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { PASSWORD_NICE = 19, PASSWORD_THREADS_MAX = 64 };
static const int64_t memory_bytes_min = 8 << 10, memory_bytes_max = 1 << 30, passes_max = 20;
_Static_assert(PASSWORD_SALT_BYTES == crypto_pwhash_argon2id_SALTBYTES, "Argon2id's salt");

const struct password_cost password_cost_default = {.memory_bytes = 64 << 20, .passes = 3};

/* What a caller waits for; lies on the caller's stack. */
struct job {
	struct job *next;
	const struct password_cost *cost;
	struct str password;
	const uint8_t *salt;
	struct secret *key; /* the caller's, written by the worker */
	enum err err;
	bool is_done;
	pthread_cond_t done;
};

struct password_pool {
	pthread_mutex_t lock;
	pthread_cond_t work; /* a job is waiting, or the pool is closing */
	pthread_cond_t left; /* the last caller has left a closing pool */
	struct job *first, **last;
	int callers; /* waiting or served */
	int callers_max;
	bool is_closing;
	int threads;
	pthread_t thread[];
};

static enum err derive(const struct job *job)
{
	/* Its memory is mapped for this one run and unmapped after it. */
	int failed = crypto_pwhash_argon2id(
		job->key->bytes, KEY_BYTES, job->password.data ? job->password.data : "",
		job->password.len, job->salt, (unsigned long long)job->cost->passes,
		(size_t)job->cost->memory_bytes, crypto_pwhash_argon2id_ALG_ARGON2ID13);
	if (!failed)
		return OK;
	log_event(LOG_ERROR, "password.no_memory",
		  LOG_INT("memory_bytes", job->cost->memory_bytes));
	return ERR_UNAVAILABLE;
}

static struct job *take(struct password_pool *pool)
{
	struct job *job = pool->first;
	pool->first = job->next;
	if (pool->first == NULL)
		pool->last = &pool->first;
	return job;
}

static void finish(struct job *job, enum err err)
{
	job->err = err;
	job->is_done = true;
	pthread_cond_signal(&job->done);
}

static void *work(void *data)
{
	struct password_pool *pool = data;
	if (setpriority(PRIO_PROCESS, (id_t)gettid(), PASSWORD_NICE) != 0)
		log_event(LOG_WARN, "password.priority", LOG_INT("errno", errno));
	pthread_mutex_lock(&pool->lock);
	while (!pool->is_closing) {
		if (pool->first == NULL) {
			pthread_cond_wait(&pool->work, &pool->lock);
			continue;
		}
		struct job *job = take(pool);
		pthread_mutex_unlock(&pool->lock);
		enum err err = derive(job);
		pthread_mutex_lock(&pool->lock);
		finish(job, err);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

enum err password_pool_new(int threads, int queue_max, struct password_pool **ret)
{
	if (threads < 1 || threads > PASSWORD_THREADS_MAX || queue_max < 0 ||
	    queue_max > INT32_MAX - threads)
		return ERR_INVALID;
	struct password_pool *pool =
		calloc(1, sizeof(*pool) + (size_t)threads * sizeof(pool->thread[0]));
	if (pool == NULL)
		return ERR_UNAVAILABLE;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->work, NULL);
	pthread_cond_init(&pool->left, NULL);
	pool->last = &pool->first;
	pool->callers_max = threads + queue_max;
	for (; pool->threads < threads; pool->threads++) {
		if (pthread_create(&pool->thread[pool->threads], NULL, work, pool) != 0) {
			password_pool_free(pool);
			return ERR_UNAVAILABLE;
		}
	}
	*ret = pool;
	return OK;
}

void password_pool_free(struct password_pool *pool)
{
	if (pool == NULL)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->is_closing = true;
	pthread_cond_broadcast(&pool->work);
	while (pool->first)
		finish(take(pool), ERR_BUSY);
	/* A caller still holds the lock for a moment after its job is done. */
	while (pool->callers > 0)
		pthread_cond_wait(&pool->left, &pool->lock);
	pthread_mutex_unlock(&pool->lock);
	for (int i = 0; i < pool->threads; i++)
		pthread_join(pool->thread[i], NULL);
	pthread_cond_destroy(&pool->left);
	pthread_cond_destroy(&pool->work);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}

static enum err run(struct password_pool *pool, struct job *job)
{
	pthread_mutex_lock(&pool->lock);
	if (pool->is_closing || pool->callers == pool->callers_max) {
		pthread_mutex_unlock(&pool->lock);
		return ERR_BUSY;
	}
	pool->callers++;
	*pool->last = job;
	pool->last = &job->next;
	pthread_cond_signal(&pool->work);
	while (!job->is_done)
		pthread_cond_wait(&job->done, &pool->lock);
	pool->callers--;
	if (pool->is_closing && pool->callers == 0)
		pthread_cond_signal(&pool->left);
	pthread_mutex_unlock(&pool->lock);
	return job->err;
}

static bool cost_is_allowed(const struct password_cost *cost)
{
	return cost->memory_bytes >= memory_bytes_min && cost->memory_bytes <= memory_bytes_max &&
	       cost->passes >= 1 && cost->passes <= passes_max;
}

enum err password_key(struct password_pool *pool, const struct password_cost *cost,
		      struct str password, const uint8_t salt[PASSWORD_SALT_BYTES],
		      struct secret **ret)
{
	if (!cost_is_allowed(cost))
		return ERR_INVALID;
	struct secret *key CLEANUP_SECRET = NULL;
	TRY(secret_new(&key));
	struct job job = {.cost = cost, .password = password, .salt = salt, .key = key};
	pthread_cond_init(&job.done, NULL);
	enum err err = run(pool, &job);
	pthread_cond_destroy(&job.done);
	if (err != OK)
		return err;
	*ret = key;
	key = NULL;
	return OK;
}
