#include "base/log.h"
#include "base/random.h"
#include "store/db_postgres.h"

#include <time.h>

enum {
	/* Two tries at once with others; then in turn, behind a lock, so that even a row everybody
	   writes gets written. */
	FREE_ATTEMPTS = 2,
	/* In turn it may still lose to first tries of others, now and then ten times running. */
	MAX_ATTEMPTS = 200,
	MAX_BACKOFF_MS = 50,
};

static struct db_postgres *of(struct db *db)
{
	return (struct db_postgres *)db;
}

enum err db_postgres_transaction_begin(struct db *db)
{
	of(db)->must_retry = false;
	TRY(db_postgres_execute(db, "BEGIN ISOLATION LEVEL SERIALIZABLE"));
	of(db)->is_in_transaction = true;
	return OK;
}

enum err db_postgres_transaction_commit(struct db *db)
{
	of(db)->is_in_transaction = false;
	/* COMMIT of a failed transaction says it went well, and rolls back. */
	if (PQtransactionStatus(of(db)->connection) == PQTRANS_INERROR)
		return ERR_INTERNAL;
	return db_postgres_execute(db, "COMMIT");
}

void db_postgres_transaction_rollback(struct db *db)
{
	of(db)->is_in_transaction = false;
	if (PQtransactionStatus(of(db)->connection) != PQTRANS_IDLE &&
	    !db_postgres_is_broken(of(db)) && db_postgres_execute(db, "ROLLBACK") != OK)
		log_event(LOG_ERROR, "store.rollback_failed");
}

/* One try. *ret_may_repeat: nothing of it happened, and it may go better next time. */
static enum err attempt(struct db *db, store_fn *fn, void *argument, struct arena *arena,
			bool *ret_may_repeat)
{
	struct db_postgres *postgres = of(db);
	*ret_may_repeat = false;
	enum err err = db_postgres_transaction_begin(db);
	if (err == OK)
		err = db_run_fn(db, fn, argument, arena);
	if (err == OK && !postgres->must_retry) {
		err = db_postgres_transaction_commit(db);
		*ret_may_repeat = err != OK && postgres->must_retry;
		return err;
	}
	*ret_may_repeat = postgres->must_retry || db_postgres_is_broken(postgres);
	db_postgres_transaction_rollback(db);
	return err != OK ? err : ERR_BUSY;
}

static void back_off(int attempts)
{
	uint32_t noise;
	random_fill(&noise, sizeof(noise));
	uint32_t limit_us = attempts < 6 ? 1000U << attempts : MAX_BACKOFF_MS * 1000U;
	struct timespec pause = {.tv_nsec = (long)(noise % limit_us) * 1000};
	nanosleep(&pause, NULL);
}

static enum err transact_on(struct db *db, store_fn *fn, void *argument, struct arena *arena)
{
	bool may_repeat = true;
	bool was_reopened = false;
	bool is_in_turn = false;
	enum err err = OK;
	for (int attempts = 0; attempts < MAX_ATTEMPTS && may_repeat; attempts++) {
		if (db_postgres_is_broken(of(db))) {
			if (was_reopened)
				break;
			was_reopened = true;
			is_in_turn = false;
			TRY(db_postgres_reconnect(of(db)));
		}
		if (attempts > 0 && !is_in_turn)
			back_off(attempts);
		if (attempts >= FREE_ATTEMPTS && !is_in_turn)
			is_in_turn =
				db_postgres_execute(db, "SELECT pg_advisory_lock(7237, 2)") == OK;
		err = attempt(db, fn, argument, arena, &may_repeat);
	}
	if (is_in_turn && !db_postgres_is_broken(of(db)) &&
	    db_postgres_execute(db, "SELECT pg_advisory_unlock(7237, 2)") != OK)
		of(db)->is_stale = true; /* closing the connection unlocks */
	return err;
}

enum err db_postgres_transaction_run(struct store *store, store_fn *fn, void *argument,
				     struct arena *arena)
{
	struct db *db;
	TRY(db_pool_take(store, &store->pool, &db));
	enum err err = transact_on(db, fn, argument, arena);
	db_pool_give(db);
	return err;
}
