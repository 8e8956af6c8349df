#include "base/condition.h"
#include "base/log.h"
#include "store/db_sqlite.h"

#include <semaphore.h>
#include <stdlib.h>

/* The one thread that writes. Callers queue jobs and sleep; it takes what is waiting, runs it in
 * one transaction, commits all with one fsync, and wakes each caller by its own semaphore. Should a
 * job fail, all run again with a savepoint each: savepoints cost a quarter of the whole, and jobs
 * are repeatable. */

enum {
	/* Bounds how long the first of a batch waits for the last. */
	BATCH_MAX_JOBS = 256,
	/* The WAL is copied into the database when nobody has written for this long. */
	CHECKPOINT_IDLE_MS = 200,
	APART_BATCHES = 16,
};

struct job {
	struct job *next;
	store_fn *fn; /* NULL: forget deleted bytes */
	void *argument;
	struct arena *arena;
	struct str request; /* the caller's, for log lines */
	enum err result;
	sem_t done;
};

struct db_sqlite_writer {
	struct db_sqlite *db;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct job *first;
	struct job **last;
	bool is_sleeping;
	bool is_stopping;
	int apart;                /* how many further batches are run with savepoints at once */
	struct db_sqlite_wal wal; /* the thread's own */
};

static enum err control(struct db_sqlite *db, const char *sql)
{
	int64_t changes;
	return db_sqlite_statement_run(&db->db, sql, NO_PARAMS, &changes);
}

static bool is_in_transaction(struct db_sqlite *db)
{
	return !sqlite3_get_autocommit(db->handle);
}

/* A deferred foreign key would otherwise fail at COMMIT, and everybody's work with it. */
static bool has_dangling_keys(struct db_sqlite *db)
{
	int current = 0;
	int highest = 0;
	sqlite3_db_status(db->handle, SQLITE_DBSTATUS_DEFERRED_FKS, &current, &highest, 0);
	return current != 0;
}

static enum err run_fn(struct db_sqlite *db, struct job *job)
{
	log_set_request(job->request);
	enum err err = db_run_fn(&db->db, job->fn, job->argument, job->arena);
	if (err == OK && has_dangling_keys(db))
		err = ERR_CONFLICT;
	log_set_request(STR_NONE);
	return err;
}

static void rollback(struct db_sqlite *db)
{
	if (is_in_transaction(db) && control(db, "ROLLBACK") != OK)
		log_event(LOG_ERROR, "store.rollback_failed");
}

/* When the savepoint can not be ended, the whole transaction is given up. */
static enum err end_savepoint(struct db_sqlite *db, bool must_undo)
{
	enum err err = OK;
	if (must_undo)
		err = control(db, "ROLLBACK TO job");
	if (err == OK)
		err = control(db, "RELEASE job");
	if (err != OK)
		rollback(db);
	return err;
}

static enum err run_in_savepoint(struct db_sqlite *db, struct job *job)
{
	TRY(control(db, "SAVEPOINT job"));
	enum err err = run_fn(db, job);
	enum err end = is_in_transaction(db) ? end_savepoint(db, err != OK) : ERR_UNAVAILABLE;
	return err != OK ? err : end;
}

/* Gives `err` to the jobs from `first` up to `end` that had gone well. */
static void fail(struct job *first, const struct job *end, enum err err)
{
	for (struct job *job = first; job != end; job = job->next) {
		if (job->fn && job->result == OK)
			job->result = err;
	}
}

static void run_alone(struct db_sqlite *db, struct job *job)
{
	job->result = control(db, "BEGIN IMMEDIATE");
	if (job->result == OK)
		job->result = run_fn(db, job);
	if (job->result == OK)
		job->result = control(db, "COMMIT");
	if (job->result != OK)
		rollback(db);
}

/* False: nothing of it happened. */
static bool run_together(struct db_sqlite *db, struct job *first)
{
	enum err err = control(db, "BEGIN IMMEDIATE");
	for (struct job *job = first; job && err == OK; job = job->next) {
		if (job->fn)
			err = job->result = run_fn(db, job);
	}
	if (err == OK)
		err = control(db, "COMMIT");
	if (err != OK)
		rollback(db);
	return err == OK;
}

/* The same with a savepoint for each, so that one that fails does no harm to the others. Returns
 * the first job that was not run (a full disk can end the transaction in the middle), or NULL. */
static struct job *run_apart(struct db_sqlite *db, struct job *first)
{
	enum err err = control(db, "BEGIN IMMEDIATE");
	struct job *job = first;
	for (; job && err == OK; job = job->next) {
		if (job->fn == NULL)
			continue;
		job->result = run_in_savepoint(db, job);
		if (!is_in_transaction(db)) {
			fail(first, job->next, ERR_UNAVAILABLE);
			return job->next;
		}
	}
	if (err == OK)
		err = control(db, "COMMIT");
	if (err != OK) {
		rollback(db);
		fail(first, NULL, err);
	}
	return NULL;
}

static struct job *next_transaction(struct job *job)
{
	while (job && job->fn == NULL)
		job = job->next;
	return job;
}

static void write_batch(struct db_sqlite_writer *writer, struct job *batch)
{
	struct job *first = next_transaction(batch);
	if (first && next_transaction(first->next) == NULL) {
		run_alone(writer->db, first);
		return;
	}
	if (first == NULL || (writer->apart == 0 && run_together(writer->db, first)))
		return;
	/* Where one has failed, others of its kind come. */
	writer->apart = writer->apart > 0 ? writer->apart - 1 : APART_BATCHES;
	while (first)
		first = next_transaction(run_apart(writer->db, first));
}

static void forget(struct db_sqlite_writer *writer, struct job *batch)
{
	bool is_done = false;
	enum err err = OK;
	for (struct job *job = batch; job; job = job->next) {
		if (job->fn)
			continue;
		if (!is_done)
			err = db_sqlite_wal_truncate(&writer->wal);
		is_done = true;
		job->result = err;
	}
}

static void run_batch(struct db_sqlite_writer *writer, struct job *batch)
{
	write_batch(writer, batch);
	forget(writer, batch);
	while (batch) {
		struct job *next = batch->next; /* the caller's stack: gone once it wakes */
		sem_post(&batch->done);
		batch = next;
	}
	if (db_sqlite_wal_is_due(&writer->wal))
		db_sqlite_wal_checkpoint(&writer->wal);
}

/* Under the lock. False when time to checkpoint has come first. */
static bool wait_for_job(struct db_sqlite_writer *writer)
{
	struct timespec at = condition_deadline(CHECKPOINT_IDLE_MS);
	int result = 0;
	while (writer->first == NULL && !writer->is_stopping && result == 0) {
		writer->is_sleeping = true;
		if (writer->wal.pages > 0)
			result = pthread_cond_timedwait(&writer->wake, &writer->lock, &at);
		else
			pthread_cond_wait(&writer->wake, &writer->lock);
		writer->is_sleeping = false;
	}
	return result == 0 || writer->first != NULL;
}

/* Under the lock. NULL when there is none. */
static struct job *take_batch(struct db_sqlite_writer *writer)
{
	struct job *batch = writer->first;
	struct job *end = batch;
	if (batch == NULL)
		return NULL;
	for (int count = 1; count < BATCH_MAX_JOBS && end->next; count++)
		end = end->next;
	writer->first = end->next;
	if (writer->first == NULL)
		writer->last = &writer->first;
	end->next = NULL;
	return batch;
}

static void *write_loop(void *argument)
{
	struct db_sqlite_writer *writer = argument;
	for (;;) {
		pthread_mutex_lock(&writer->lock);
		bool is_idle = !wait_for_job(writer);
		struct job *batch = take_batch(writer);
		bool is_over = batch == NULL && writer->is_stopping;
		pthread_mutex_unlock(&writer->lock);
		if (is_over)
			return NULL;
		if (is_idle)
			db_sqlite_wal_checkpoint(&writer->wal);
		run_batch(writer, batch);
	}
}

enum err db_sqlite_writer_do(struct db_sqlite_writer *writer, store_fn *fn, void *argument,
			     struct arena *arena)
{
	if (pthread_equal(pthread_self(), writer->thread)) {
		log_event(LOG_ERROR, "store.nested_transaction");
		return ERR_INTERNAL;
	}
	struct job job = {.fn = fn, .argument = argument, .arena = arena, .request = log_request()};
	sem_init(&job.done, 0, 0);
	pthread_mutex_lock(&writer->lock);
	*writer->last = &job;
	writer->last = &job.next;
	bool must_wake = writer->is_sleeping;
	writer->is_sleeping = false;
	pthread_mutex_unlock(&writer->lock);
	if (must_wake)
		pthread_cond_signal(&writer->wake);
	while (sem_wait(&job.done) != 0)
		continue; /* a signal */
	sem_destroy(&job.done);
	return job.result;
}

enum err db_sqlite_writer_start(struct db_sqlite *db, struct db_sqlite_writer **ret)
{
	struct db_sqlite_writer *writer = calloc(1, sizeof(*writer));
	if (writer == NULL)
		return ERR_UNAVAILABLE;
	writer->db = db;
	writer->last = &writer->first;
	db_sqlite_wal_init(&writer->wal, db);
	pthread_mutex_init(&writer->lock, NULL);
	condition_init(&writer->wake);
	if (pthread_create(&writer->thread, NULL, write_loop, writer) != 0) {
		free(writer);
		return ERR_UNAVAILABLE;
	}
	*ret = writer;
	return OK;
}

void db_sqlite_writer_stop(struct db_sqlite_writer *writer)
{
	pthread_mutex_lock(&writer->lock);
	writer->is_stopping = true;
	pthread_cond_signal(&writer->wake);
	pthread_mutex_unlock(&writer->lock);
	pthread_join(writer->thread, NULL);
	pthread_cond_destroy(&writer->wake);
	pthread_mutex_destroy(&writer->lock);
	db_sqlite_disconnect(writer->db);
	free(writer);
}
