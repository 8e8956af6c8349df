/* How many durable one-row transactions a second: a bare SQLite loop, then 64 threads through the
 * store. store_bench [URL] [SECONDS]     URL: sqlite:PATH (default: a new folder here) or
 * postgres://... The two numbers and their ratio are what `make bench` reports.
 * store_bench bare [SECONDS]: only the bare loop, for others to compare with. */
#include "store/store_fixture.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PRODUCERS = 64, ROW_BYTES = 200, MAX_SAMPLES = 1 << 20 };

static const char *const tables[] = {
	"CREATE TABLE bench (id TEXT PRIMARY KEY, data {blob} NOT NULL){strict}", NULL};
static const struct migration migrations[] = {{.number = 1, .name = "bench", .statements = tables}};

struct producer {
	struct store *store;
	const atomic_bool *is_over;
	int64_t done;
	uint32_t *waits_us;
};

static double now_s(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void must(bool is_fine, const char *what)
{
	if (is_fine)
		return;
	fprintf(stderr, "store_bench: %s failed\n", what);
	exit(1);
}

static enum err insert_row(struct db *db, void *argument)
{
	static const char data[ROW_BYTES];
	return db_run(db, "INSERT INTO bench (id, data) VALUES (?1, ?2)",
		      PARAMS(P_ID((struct id *)argument), P_BLOB(str_bytes(data, sizeof(data)))),
		      NULL);
}

static void *produce(void *argument)
{
	struct producer *producer = argument;
	while (!atomic_load(producer->is_over)) {
		struct id id = id_new((int64_t)time(NULL) * 1000);
		double start = now_s();
		must(store_transact(producer->store, insert_row, &id, NULL) == OK,
		     "store_transact");
		if (producer->done < MAX_SAMPLES / PRODUCERS)
			producer->waits_us[producer->done] = (uint32_t)((now_s() - start) * 1e6);
		producer->done++;
	}
	return NULL;
}

static int compare(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a;
	uint32_t right = *(const uint32_t *)b;
	return (left > right) - (left < right);
}

static double run_producers(struct store *store, double seconds)
{
	static struct producer producers[PRODUCERS];
	pthread_t threads[PRODUCERS];
	atomic_bool is_over = false;
	double start = now_s();
	for (int i = 0; i < PRODUCERS; i++) {
		producers[i] = (struct producer){.store = store, .is_over = &is_over};
		producers[i].waits_us = calloc(MAX_SAMPLES / PRODUCERS, sizeof(uint32_t));
		must(pthread_create(&threads[i], NULL, produce, &producers[i]) == 0,
		     "pthread_create");
	}
	usleep((useconds_t)(seconds * 1e6));
	atomic_store(&is_over, true);
	uint32_t *waits_us = calloc(MAX_SAMPLES, sizeof(uint32_t));
	int64_t done = 0;
	size_t samples = 0;
	for (int i = 0; i < PRODUCERS; i++) {
		pthread_join(threads[i], NULL);
		for (int64_t j = 0; j < producers[i].done && j < MAX_SAMPLES / PRODUCERS; j++)
			waits_us[samples++] = producers[i].waits_us[j];
		done += producers[i].done;
		free(producers[i].waits_us);
	}
	double took = now_s() - start;
	qsort(waits_us, samples, sizeof(*waits_us), compare);
	printf("waiting for one: median, 99 %%, longest\t%.1f, %.1f, %.1f ms\t-\t\n",
	       waits_us[samples / 2] / 1e3, waits_us[samples * 99 / 100] / 1e3,
	       waits_us[samples - 1] / 1e3);
	free(waits_us);
	return (double)done / took;
}

/* What any program can do without a writer thread. */
static double run_bare_loop(const char *path, double seconds)
{
	sqlite3 *handle;
	sqlite3_stmt *insert;
	must(sqlite3_open(path, &handle) == SQLITE_OK, "sqlite3_open");
	must(sqlite3_exec(handle,
			  "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
			  "CREATE TABLE bench (id TEXT PRIMARY KEY, data BLOB NOT NULL) STRICT",
			  NULL, NULL, NULL) == SQLITE_OK,
	     "CREATE TABLE");
	must(sqlite3_prepare_v2(handle, "INSERT INTO bench VALUES (?1, ?2)", -1, &insert, NULL) ==
		     SQLITE_OK,
	     "prepare");
	double start = now_s();
	int64_t done = 0;
	for (; now_s() - start < seconds; done++) {
		struct id id = id_new((int64_t)time(NULL) * 1000);
		sqlite3_bind_text(insert, 1, id.text, ID_CHARS, SQLITE_STATIC);
		sqlite3_bind_zeroblob(insert, 2, ROW_BYTES);
		must(sqlite3_step(insert) == SQLITE_DONE, "INSERT");
		sqlite3_reset(insert);
	}
	double rate = (double)done / (now_s() - start);
	sqlite3_finalize(insert);
	sqlite3_close(handle);
	printf("bare loop, a SQLite commit a row\t%.0f rows/s\t-\t\n", rate);
	return rate;
}

int main(int argc, char **argv)
{
	char folder[] = "./store-bench-XXXXXX";
	char url[64];
	char bare[64];
	double seconds = argc > 2 ? atof(argv[2]) : 3;
	static const struct secret key;
	struct store *store;
	must(mkdtemp(folder) != NULL, "mkdtemp");
	snprintf(url, sizeof(url), "sqlite:%s/store.db", folder);
	snprintf(bare, sizeof(bare), "%s/bare.db", folder);
	const struct store_options options = {.url = str_of(argc > 1 && argv[1][0] ? argv[1] : url),
					      .max_connections = 16,
					      .migrations = migrations,
					      .migration_count = 1};
	double bare_rate = run_bare_loop(bare, seconds);
	if (argc > 1 && strcmp(argv[1], "bare") == 0) {
		unlink(bare);
		rmdir(folder);
		return 0;
	}
	must(store_open(&options, &key, &store) == OK, "store_open");
	double rate = run_producers(store, seconds);
	store_close(store);
	printf("%d threads through the store\t%.0f rows/s\t%s\t%.2f of the bare loop\n", PRODUCERS,
	       rate, rate >= bare_rate ? "ok" : "SLOW", rate / bare_rate);
	unlink(bare);
	unlink(url + strlen("sqlite:"));
	rmdir(folder);
	return 0;
}
