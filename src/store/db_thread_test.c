/* Many writers at once, on both engines. */
#include "base/log.h"
#include "store/store_fixture.h"

#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "store/db_test_support.h"

enum { THREADS = 8, JOBS_PER_THREAD = 60 };

struct work {
	struct store *store;
	int number;
	int done;
	int refused;
	int wrong;
};

struct job {
	int64_t id;
	bool must_fail;
};

/* Reads, then writes what it has read plus one: a lost update would show. */
static enum err insert_and_count(struct db *db, void *argument)
{
	const struct job *job = argument;
	struct rows rows CLEANUP_ROWS;
	bool has_row;
	char word[32];
	snprintf(word, sizeof(word), "word %lld", (long long)job->id);
	TRY(db_select(db, &rows, "SELECT value FROM counters WHERE name = ?1",
		      PARAMS(P_TEXT(STR("n")))));
	TRY(rows_next(&rows, &has_row));
	int64_t value = rows_int(&rows, 0);
	TRY(db_run(db, "INSERT INTO things (id, word) VALUES (?1, ?2)",
		   PARAMS(P_INT(job->id), P_TEXT(str_of(word))), NULL));
	TRY(db_run(db, "UPDATE counters SET value = ?1 WHERE name = ?2",
		   PARAMS(P_INT(value + 1), P_TEXT(STR("n"))), NULL));
	return job->must_fail ? ERR_DENIED : OK;
}

/* Every third job gives up after it has written; its neighbours in the batch must not notice. */
static void *work(void *argument)
{
	struct work *work = argument;
	for (int i = 0; i < JOBS_PER_THREAD; i++) {
		struct job job = {.id = work->number * 1000 + i, .must_fail = i % 3 == 2};
		enum err err = store_transact(work->store, insert_and_count, &job, NULL);
		if (err == OK && !job.must_fail)
			work->done++;
		else if (err == ERR_DENIED && job.must_fail)
			work->refused++;
		else
			work->wrong++;
	}
	return NULL;
}

static enum err make_counter(struct db *db, void *argument)
{
	(void)argument;
	return db_run(db, "INSERT INTO counters (name, value) VALUES ('n', 0)", NO_PARAMS, NULL);
}

static void each_transaction_happens_exactly_once(void **state)
{
	struct store_fixture *fixture = *state;
	assert_int_equal(store_transact(fixture->store, make_counter, NULL, NULL), OK);
	struct work works[THREADS];
	pthread_t threads[THREADS];
	for (int i = 0; i < THREADS; i++) {
		works[i] = (struct work){.store = fixture->store, .number = i + 1};
		assert_int_equal(pthread_create(&threads[i], NULL, work, &works[i]), 0);
	}
	int done = 0;
	int refused = 0;
	int wrong = 0;
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		done += works[i].done;
		wrong += works[i].wrong;
		refused += works[i].refused;
	}
	assert_int_equal(wrong, 0);
	assert_int_equal(done, THREADS * JOBS_PER_THREAD * 2 / 3);
	assert_int_equal(refused, THREADS * JOBS_PER_THREAD / 3);
	/* Opened again, so that what is counted is what was kept. */
	store_close(fixture->store);
	fixture->store = NULL;
	assert_int_equal(store_fixture_open(fixture, db_test_migrations, 1, 8), OK);
	assert_int_equal(db_test_count(fixture->store), done);
	assert_int_equal(
		db_test_number(fixture->store, "SELECT value FROM counters WHERE name = 'n'"),
		done);
}

struct rivalry {
	struct store *store;
	int runs;
	enum err inner;
};

static enum err add_ten(struct db *db, void *argument)
{
	(void)argument;
	return db_run(db, "UPDATE counters SET value = value + 10 WHERE name = 'n'", NO_PARAMS,
		      NULL);
}

/* The first time, somebody else changes the row between our read and our write. */
static enum err add_one_slowly(struct db *db, void *argument)
{
	struct rivalry *rivalry = argument;
	struct rows rows CLEANUP_ROWS;
	bool has_row;
	TRY(db_select(db, &rows, "SELECT value FROM counters WHERE name = 'n'", NO_PARAMS));
	TRY(rows_next(&rows, &has_row));
	int64_t value = rows_int(&rows, 0);
	if (rivalry->runs++ == 0)
		rivalry->inner = store_transact(rivalry->store, add_ten, NULL, NULL);
	return db_run(db, "UPDATE counters SET value = ?1 WHERE name = 'n'",
		      PARAMS(P_INT(value + 1)), NULL);
}

static void who_loses_a_race_runs_again(void **state)
{
	struct store_fixture *fixture = *state;
	bool is_postgres = fixture->schema[0] != '\0';
	assert_int_equal(store_transact(fixture->store, make_counter, NULL, NULL), OK);
	struct rivalry rivalry = {.store = fixture->store};
	assert_int_equal(store_transact(fixture->store, add_one_slowly, &rivalry, NULL), OK);
	/* With one writer there is no race, and a transaction inside a transaction would wait for
	 * itself. */
	assert_int_equal(rivalry.inner, is_postgres ? OK : ERR_INTERNAL);
	assert_int_equal(rivalry.runs, is_postgres ? 2 : 1);
	assert_int_equal(
		db_test_number(fixture->store, "SELECT value FROM counters WHERE name = 'n'"),
		is_postgres ? 11 : 1);
}

static enum err copy_request(struct db *db, void *argument)
{
	(void)db;
	struct str request = log_request();
	memcpy(argument, request.data, request.len);
	return OK;
}

static void a_job_logs_under_its_callers_request(void **state)
{
	struct store_fixture *fixture = *state;
	char seen[33] = "";
	log_set_request(STR("request-7"));
	assert_int_equal(store_transact(fixture->store, copy_request, seen, NULL), OK);
	assert_string_equal(seen, "request-7");
	log_set_request(STR_NONE);
	memset(seen, 0, sizeof(seen));
	assert_int_equal(store_transact(fixture->store, copy_request, seen, NULL), OK);
	assert_string_equal(seen, "");
}

struct borrower {
	struct store *store;
	sem_t ready;
	enum err err;
};

static void *borrow(void *argument)
{
	struct borrower *borrower = argument;
	struct db *db CLEANUP_READ = NULL;
	sem_post(&borrower->ready);
	borrower->err = store_read_begin(borrower->store, &db);
	return NULL;
}

static void a_reader_waits_for_a_free_connection(void **state)
{
	struct store_fixture *fixture = *state;
	store_close(fixture->store);
	fixture->store = NULL;
	assert_int_equal(store_fixture_open(fixture, db_test_migrations, 1, 1), OK);
	struct db *db = NULL;
	struct borrower borrower = {.store = fixture->store, .err = ERR_INTERNAL};
	pthread_t thread;
	sem_init(&borrower.ready, 0, 0);
	assert_int_equal(store_read_begin(fixture->store, &db), OK);
	assert_int_equal(pthread_create(&thread, NULL, borrow, &borrower), 0);
	sem_wait(&borrower.ready);
	store_read_end(db);
	pthread_join(thread, NULL);
	sem_destroy(&borrower.ready);
	assert_int_equal(borrower.err, OK);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		DB_TEST(each_transaction_happens_exactly_once),
		DB_TEST(who_loses_a_race_runs_again),
		DB_TEST(a_job_logs_under_its_callers_request),
		DB_TEST(a_reader_waits_for_a_free_connection),
	};
	return engines_test_run("store", tests, sizeof(tests) / sizeof(tests[0]));
}
