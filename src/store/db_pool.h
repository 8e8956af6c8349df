/* Connections kept open: opened when first needed, the one used last is given out first, never more
 * than the cap. */
#pragma once

#include "base/err.h"

#include <pthread.h>
#include <stdbool.h>

struct db;
struct store;

struct db_pool_waiter;

struct db_pool {
	pthread_mutex_t lock;
	pthread_cond_t returned; /* for db_pool_release */
	struct db_pool_waiter *first_waiter;
	struct db_pool_waiter **last_waiter;
	struct db *idle; /* newest first */
	int open_count;
	int max_connections;
};

/* max_connections <= 0 means a default. */
void db_pool_init(struct db_pool *pool, int max_connections);
/* Waits a while for connections still in use, closes the idle ones. */
void db_pool_release(struct db_pool *pool);
/* ERR_UNAVAILABLE when all are in use for too long; else whatever connecting says. `pool`: one of
 * the store's. */
enum err db_pool_take(struct store *store, struct db_pool *pool, struct db **ret) MUST_CHECK;
/* To where it was taken from. */
void db_pool_give(struct db *db);
