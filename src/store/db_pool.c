#include "store/db_pool.h"

#include "base/log.h"
#include "store/db_engine.h"

#include <time.h>

enum {
	POOL_DEFAULT_CONNECTIONS = 8,
	/* Longer than any sane statement, shorter than a person's patience. */
	POOL_WAIT_S = 5,
};

void db_pool_init(struct db_pool *pool, int max_connections)
{
	*pool = (struct db_pool){.max_connections = max_connections > 0 ? max_connections
									: POOL_DEFAULT_CONNECTIONS};
	pthread_mutex_init(&pool->lock, NULL);
	pthread_condattr_t monotonic;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&pool->returned, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

static struct timespec deadline(void)
{
	struct timespec at;
	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += POOL_WAIT_S;
	return at;
}

static struct db *pop(struct db_pool *pool)
{
	struct db *db = pool->idle;
	pool->idle = db->next_idle;
	db->next_idle = NULL;
	return db;
}

void db_pool_release(struct db_pool *pool)
{
	struct timespec at = deadline();
	pthread_mutex_lock(&pool->lock);
	int in_use;
	for (;;) {
		while (pool->idle) {
			struct db *db = pop(pool);
			db->engine->disconnect(db);
			pool->open_count--;
		}
		in_use = pool->open_count;
		if (in_use == 0 || pthread_cond_timedwait(&pool->returned, &pool->lock, &at) != 0)
			break;
	}
	pthread_mutex_unlock(&pool->lock);
	if (in_use > 0)
		log_event(LOG_ERROR, "store.connections_left", LOG_INT("count", in_use));
	pthread_cond_destroy(&pool->returned);
	pthread_mutex_destroy(&pool->lock);
}

static void forget_one(struct db_pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	pool->open_count--;
	pthread_cond_signal(&pool->returned);
	pthread_mutex_unlock(&pool->lock);
}

enum err db_pool_take(struct store *store, struct db **ret)
{
	struct db_pool *pool = &store->pool;
	struct timespec at = deadline();
	pthread_mutex_lock(&pool->lock);
	while (pool->idle == NULL && pool->open_count >= pool->max_connections) {
		if (pthread_cond_timedwait(&pool->returned, &pool->lock, &at) != 0) {
			pthread_mutex_unlock(&pool->lock);
			log_event(LOG_WARN, "store.no_connection_free");
			return ERR_UNAVAILABLE;
		}
	}
	struct db *db = pool->idle ? pop(pool) : NULL;
	if (db == NULL)
		pool->open_count++;
	pthread_mutex_unlock(&pool->lock);
	if (db == NULL) {
		enum err err = store->engine->connect(store, &db);
		if (err != OK) {
			forget_one(pool);
			return err;
		}
	}
	*ret = db;
	return OK;
}

void db_pool_give(struct db *db)
{
	struct db_pool *pool = &db->store->pool;
	if (!db->engine->is_reusable(db)) {
		db->engine->disconnect(db);
		forget_one(pool);
		return;
	}
	pthread_mutex_lock(&pool->lock);
	db->next_idle = pool->idle;
	pool->idle = db;
	pthread_cond_signal(&pool->returned);
	pthread_mutex_unlock(&pool->lock);
}
