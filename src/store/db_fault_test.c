/* Full disks, lost connections, deleted bytes, bad addresses. */
#include "store/store_fixture.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log_capture.h"
#include "store/db_test_support.h"

enum { BIG_BYTES = 600 * 1024 };

struct big {
	int64_t id;
	size_t bytes;
};

static enum err insert_big(struct db *db, void *argument)
{
	static char bytes[BIG_BYTES];
	const struct big *big = argument;
	char word[32];
	snprintf(word, sizeof(word), "word %lld", (long long)big->id);
	return db_run(
		db, "INSERT INTO things (id, word, data) VALUES (?1, ?2, ?3)",
		PARAMS(P_INT(big->id), P_TEXT(str_of(word)), P_BLOB(str_bytes(bytes, big->bytes))),
		NULL);
}

static enum err insert(struct store *store, int64_t id, size_t bytes)
{
	struct big big = {id, bytes};
	return store_transact(store, insert_big, &big, NULL);
}

static bool is_postgres(const struct store_fixture *fixture)
{
	return fixture->schema[0] != '\0';
}

static enum err limit_pages(struct db *db, void *argument)
{
	struct rows rows CLEANUP_ROWS;
	const int *pages = argument;
	return db_select(db, &rows,
			 *pages ? "PRAGMA max_page_count = 30" : "PRAGMA max_page_count = 1000000",
			 NO_PARAMS);
}

/* The whole transaction is lost inside the job, not at COMMIT. */
static void a_full_database_refuses_and_recovers(void **state)
{
	struct store_fixture *fixture = *state;
	if (is_postgres(fixture))
		skip();
	assert_int_equal(insert(fixture->store, 1, 10), OK);
	assert_int_equal(store_transact(fixture->store, limit_pages, &(int){1}, NULL), OK);
	assert_int_equal(insert(fixture->store, 2, BIG_BYTES), ERR_UNAVAILABLE);
	assert_int_equal(db_test_count(fixture->store), 1);
	assert_int_equal(insert(fixture->store, 3, 10), OK);
	assert_int_equal(store_transact(fixture->store, limit_pages, &(int){0}, NULL), OK);
	assert_int_equal(insert(fixture->store, 2, BIG_BYTES), OK);
	assert_int_equal(db_test_count(fixture->store), 3);
}

/* The disk takes no more bytes: COMMIT itself fails. */
static void a_full_disk_refuses_and_recovers(void **state)
{
	struct store_fixture *fixture = *state;
	if (is_postgres(fixture))
		skip();
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(insert(fixture->store, 1, 10), OK);
	struct rlimit before;
	getrlimit(RLIMIT_FSIZE, &before);
	struct rlimit small = {.rlim_cur = 200 * 1024, .rlim_max = before.rlim_max};
	setrlimit(RLIMIT_FSIZE, &small);
	enum err refused = insert(fixture->store, 2, BIG_BYTES);
	int64_t meanwhile = db_test_count(fixture->store);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_int_equal(refused, ERR_UNAVAILABLE);
	assert_int_equal(meanwhile, 1);
	assert_int_equal(insert(fixture->store, 2, BIG_BYTES), OK);
	assert_int_equal(insert(fixture->store, 3, 10), OK);
	assert_int_equal(db_test_count(fixture->store), 3);
}

struct batch_job {
	struct store *store;
	struct big big;
	enum err err;
};

static void *insert_in_thread(void *argument)
{
	struct batch_job *job = argument;
	job->err = store_transact(job->store, insert_big, &job->big, NULL);
	return NULL;
}

static enum err hold_the_writer(struct db *db, void *argument)
{
	(void)db, (void)argument;
	usleep(100 * 1000);
	return OK;
}

static void *hold_in_thread(void *argument)
{
	struct batch_job *job = argument;
	job->err = store_transact(job->store, hold_the_writer, NULL, NULL);
	return NULL;
}

/* Small rows and one that does not fit wait together for the writer: each must be told the truth.
 */
static void in_a_batch_that_breaks_everyone_is_told_the_truth(void **state)
{
	enum { JOBS = 9 };
	struct store_fixture *fixture = *state;
	if (is_postgres(fixture))
		skip();
	assert_int_equal(store_transact(fixture->store, limit_pages, &(int){1}, NULL), OK);
	struct batch_job jobs[JOBS];
	pthread_t threads[JOBS];
	for (int i = 0; i < JOBS; i++) {
		jobs[i] = (struct batch_job){fixture->store, {i, i == 5 ? BIG_BYTES : 10}, OK};
		assert_int_equal(pthread_create(&threads[i], NULL,
						i == 0 ? hold_in_thread : insert_in_thread,
						&jobs[i]),
				 0);
		usleep(2000);
	}
	for (int i = 0; i < JOBS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(jobs[5].err, ERR_UNAVAILABLE);
	for (int i = 1; i < JOBS; i++) {
		char sql[64];
		snprintf(sql, sizeof(sql), "SELECT COUNT(*) FROM things WHERE id = %d", i);
		assert_int_equal(db_test_number(fixture->store, sql), jobs[i].err == OK);
	}
}

/* Ends the connection it is on, the first time. */
static enum err cut_own_connection(struct db *db, void *argument)
{
	int *runs = argument;
	TRY(db_run(db, "INSERT INTO things (id, word) VALUES (1, 'a')", NO_PARAMS, NULL));
	if ((*runs)++ == 0) {
		struct rows rows CLEANUP_ROWS;
		TRY(db_select(db, &rows, "SELECT pg_terminate_backend(pg_backend_pid())",
			      NO_PARAMS));
	}
	return OK;
}

static enum err cut_all_others(struct db *db, void *argument)
{
	struct rows rows CLEANUP_ROWS;
	(void)argument;
	/* Waits until they are gone (milliseconds). */
	return db_select(db, &rows,
			 "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid "
			 "<> pg_backend_pid() AND "
			 "application_name = 'postern' AND datname = current_database() AND query "
			 "LIKE '%marker%'",
			 NO_PARAMS);
}

static void a_cut_connection_is_opened_again(void **state)
{
	struct store_fixture *fixture = *state;
	if (!is_postgres(fixture))
		skip();
	int runs = 0;
	assert_int_equal(store_transact(fixture->store, cut_own_connection, &runs, NULL), OK);
	assert_int_equal(runs, 2);
	assert_int_equal(db_test_count(fixture->store), 1);

	/* A reader in the middle of its work. */
	struct db *db CLEANUP_READ = NULL;
	struct rows rows CLEANUP_ROWS;
	bool has_row = false;
	assert_int_equal(store_read_begin(fixture->store, &db), OK);
	assert_int_equal(db_select(db, &rows, "SELECT id AS marker FROM things", NO_PARAMS), OK);
	rows_end(&rows);
	assert_int_equal(store_transact(fixture->store, cut_all_others, NULL, NULL), OK);
	assert_int_equal(db_select(db, &rows, "SELECT id AS marker FROM things", NO_PARAMS), OK);
	assert_int_equal(rows_next(&rows, &has_row), OK);
	assert_true(has_row);
}

static bool file_contains(const char *path, const char *word)
{
	FILE *file = fopen(path, "rb");
	if (file == NULL)
		return false;
	static char bytes[1 << 20];
	size_t len = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	return memmem(bytes, len, word, strlen(word)) != NULL;
}

static enum err insert_marker(struct db *db, void *argument)
{
	(void)argument;
	return db_run(db, "INSERT INTO things (id, word) VALUES (1, 'wrapped-key-5417')", NO_PARAMS,
		      NULL);
}

static enum err delete_marker(struct db *db, void *argument)
{
	(void)argument;
	return db_run(db, "DELETE FROM things WHERE id = 1", NO_PARAMS, NULL);
}

static void forgotten_bytes_are_in_no_file(void **state)
{
	struct store_fixture *fixture = *state;
	assert_int_equal(store_transact(fixture->store, insert_marker, NULL, NULL), OK);
	assert_int_equal(store_transact(fixture->store, delete_marker, NULL, NULL), OK);
	if (!is_postgres(fixture)) {
		char wal[128];
		snprintf(wal, sizeof(wal), "%s/portal.db-wal", fixture->folder);
		assert_true(file_contains(wal, "wrapped-key-5417"));
		assert_int_equal(store_forget(fixture->store), OK);
		assert_false(file_contains(wal, "wrapped-key-5417"));
		assert_false(file_contains(fixture->url + strlen("sqlite:"), "wrapped-key-5417"));
		/* A reader in the middle of its rows holds it back, and is told to come again. */
		assert_int_equal(store_transact(fixture->store, insert_marker, NULL, NULL), OK);
		struct db *db CLEANUP_READ = NULL;
		struct rows rows CLEANUP_ROWS;
		assert_int_equal(store_read_begin(fixture->store, &db), OK);
		assert_int_equal(db_select(db, &rows, "SELECT id FROM things", NO_PARAMS), OK);
		assert_int_equal(store_transact(fixture->store, delete_marker, NULL, NULL), OK);
		assert_int_equal(store_forget(fixture->store), ERR_BUSY);
		rows_end(&rows);
	}
	assert_int_equal(store_forget(fixture->store), OK);
}

static void files_are_private(void **state)
{
	struct store_fixture *fixture = *state;
	if (is_postgres(fixture))
		skip();
	static const char *const ends[] = {"", "-wal", "-shm"};
	assert_int_equal(insert(fixture->store, 1, 1), OK);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		char path[128];
		struct stat info;
		snprintf(path, sizeof(path), "%s/portal.db%s", fixture->folder, ends[i]);
		assert_int_equal(stat(path, &info), 0);
		assert_int_equal(info.st_mode & 0777, 0600);
	}
}

static enum err open_url(struct str url)
{
	struct store *store = NULL;
	static const struct secret key = {{0}};
	const struct store_options options = {
		.url = url, .migrations = db_test_migrations, .migration_count = 1};
	enum err err = store_open(&options, &key, &store);
	store_close(store);
	return err;
}

static void a_bad_url_is_refused_and_its_password_not_logged(void **state)
{
	(void)state;
	static const struct {
		struct str url;
		enum err expected;
	} cases[] = {
		{STR(""), ERR_INVALID},
		{STR("sqlite:"), ERR_INVALID},
		{STR("mysql://localhost"), ERR_INVALID},
		{STR("sqlite:/nowhere/at/all/portal.db"), ERR_UNAVAILABLE},
		{STR("sqlite:/dev/null"), ERR_UNAVAILABLE},
		{STR("postgres://anna:hunter2@/postern?host=/nowhere&hunter2=1"), ERR_INVALID},
		{STR("postgres://anna:hunter2@[::1/postern"), ERR_INVALID},
		{STR("postgres://anna:hunter2@/postern?host=/nowhere"), ERR_UNAVAILABLE},
	};
	struct log_capture capture;
	log_capture_begin(&capture);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (open_url(cases[i].url) != cases[i].expected)
			fail_msg("url %zu", i);
	}
	const char *log = log_capture_end(&capture);
	assert_non_null(strstr(log, "cannot_connect"));
	assert_null(strstr(log, "hunter2"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		DB_TEST(a_full_database_refuses_and_recovers),
		DB_TEST(a_full_disk_refuses_and_recovers),
		DB_TEST(in_a_batch_that_breaks_everyone_is_told_the_truth),
		DB_TEST(a_cut_connection_is_opened_again),
		DB_TEST(forgotten_bytes_are_in_no_file),
		DB_TEST(files_are_private),
		DB_TEST(a_bad_url_is_refused_and_its_password_not_logged),
	};
	return engines_test_run("store", tests, sizeof(tests) / sizeof(tests[0]));
}
