#include "store/db_pool.h"

#include "base/condition.h"
#include "base/log.h"
#include "store/db_engine.h"

enum {
	POOL_DEFAULT_CONNECTIONS = 8,
	/* Longer than any sane statement, shorter than a person's patience. */
	POOL_WAIT_MS = 5000,
};

struct db_pool_waiter {
	struct db_pool_waiter *next;
	pthread_cond_t wake;
	bool is_served;
	struct db *db; /* NULL: a connection was closed, open another one */
};

void db_pool_init(struct db_pool *pool, int max_connections)
{
	*pool = (struct db_pool){.max_connections = max_connections > 0 ? max_connections
									: POOL_DEFAULT_CONNECTIONS};
	pool->last_waiter = &pool->first_waiter;
	pthread_mutex_init(&pool->lock, NULL);
	condition_init(&pool->returned);
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
	struct timespec at = condition_deadline(POOL_WAIT_MS);
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

/* Under the lock. Gives a connection, or the right to open one, to who has waited longest; false
 * when nobody waits. */
static bool serve_waiter(struct db_pool *pool, struct db *db)
{
	struct db_pool_waiter *waiter = pool->first_waiter;
	if (waiter == NULL)
		return false;
	pool->first_waiter = waiter->next;
	if (pool->first_waiter == NULL)
		pool->last_waiter = &pool->first_waiter;
	waiter->db = db;
	waiter->is_served = true;
	pthread_cond_signal(&waiter->wake);
	return true;
}

static void forget_one(struct db_pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	if (!serve_waiter(pool, NULL)) {
		pool->open_count--;
		pthread_cond_signal(&pool->returned);
	}
	pthread_mutex_unlock(&pool->lock);
}

static void stop_waiting(struct db_pool *pool, const struct db_pool_waiter *waiter)
{
	struct db_pool_waiter **link = &pool->first_waiter;
	while (*link != waiter)
		link = &(*link)->next;
	*link = waiter->next;
	if (*link == NULL)
		pool->last_waiter = link;
}

/* Under the lock. *ret_db NULL: open one. */
static enum err wait_in_turn(struct db_pool *pool, struct db **ret_db)
{
	struct db_pool_waiter waiter = {.next = NULL};
	struct timespec at = condition_deadline(POOL_WAIT_MS);
	int result = 0;
	condition_init(&waiter.wake);
	*pool->last_waiter = &waiter;
	pool->last_waiter = &waiter.next;
	while (!waiter.is_served && result == 0)
		result = pthread_cond_timedwait(&waiter.wake, &pool->lock, &at);
	if (!waiter.is_served)
		stop_waiting(pool, &waiter);
	pthread_cond_destroy(&waiter.wake);
	if (!waiter.is_served)
		return ERR_UNAVAILABLE;
	*ret_db = waiter.db;
	return OK;
}

/* Under the lock. *ret_db NULL: open one. */
static enum err reserve(struct db_pool *pool, struct db **ret_db)
{
	if (pool->idle) {
		*ret_db = pop(pool);
		return OK;
	}
	if (pool->open_count >= pool->max_connections)
		return wait_in_turn(pool, ret_db);
	pool->open_count++;
	*ret_db = NULL;
	return OK;
}

enum err db_pool_take(struct store *store, struct db_pool *pool, struct db **ret)
{
	struct db *db = NULL;
	pthread_mutex_lock(&pool->lock);
	enum err err = reserve(pool, &db);
	pthread_mutex_unlock(&pool->lock);
	if (err != OK) {
		log_event(LOG_WARN, "store.no_connection_free");
		return err;
	}
	if (db == NULL) {
		err = store->engine->connect(store, &db);
		if (err != OK) {
			forget_one(pool);
			return err;
		}
		db->pool = pool;
	}
	*ret = db;
	return OK;
}

void db_pool_give(struct db *db)
{
	struct db_pool *pool = db->pool;
	if (!db->engine->is_reusable(db)) {
		db->engine->disconnect(db);
		forget_one(pool);
		return;
	}
	pthread_mutex_lock(&pool->lock);
	if (!serve_waiter(pool, db)) {
		db->next_idle = pool->idle;
		pool->idle = db;
		pthread_cond_signal(&pool->returned);
	}
	pthread_mutex_unlock(&pool->lock);
}
