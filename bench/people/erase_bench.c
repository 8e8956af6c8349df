/* Erasing somebody with 100,000 messages, while somebody else writes. Prints lines as bench/run
 * wants them. */
#include "core/core_fixture.h"
#include "core/housekeeping.h"
#include "core/people_erase.h"
#include "core/search_scene.h"
#include "store/store_direct.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { MESSAGES = 100000, BATCH = 500, WRITES_MAX = 1000000, PAUSE_US = 1000 };

static int64_t time_us(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t now_us(void)
{
	return time_us(CLOCK_MONOTONIC);
}

static void must(enum err err, const char *what)
{
	if (err == OK)
		return;
	fprintf(stderr, "%s: %s\n", what, err_name(err));
	exit(1);
}

static void add_messages(struct core_fixture *f, const struct user *to)
{
	for (int done = 0; done < MESSAGES; done += BATCH) {
		struct arena arena CLEANUP_ARENA;
		struct cx cx = core_fixture_cx(f, f->admin);
		arena_init(&arena, 64 << 20);
		cx.arena = &arena;
		struct search_scene_rows *rows =
			ARENA_ARRAY(&arena, BATCH, struct search_scene_rows);
		for (int i = 0; i < BATCH; i++) {
			const struct search_scene_message message = {
				.from = f->admin,
				.to = to,
				.subject = STR("Results of the week"),
				.body = STR("The results are attached. Please read them before "
					    "our appointment.")};
			core_fixture_sleep(f, SECOND_MS);
			search_scene_prepare(&cx, &message, &rows[i]);
		}
		search_scene_insert(f->portal, rows, BATCH);
	}
}

/* Of a quarter of the messages they are the last ones who have them; each was told by a mail. */
static void fill(struct core_fixture *f, const struct user *to)
{
	char sql[500];
	add_messages(f, to);
	snprintf(sql, sizeof(sql),
		 "UPDATE deliveries SET box = 5 WHERE user_id = '%s' AND substr(message_id, 26, 1) "
		 "< '8'",
		 f->admin->user.id.text);
	store_direct_run(f->url, sql);
	snprintf(sql, sizeof(sql),
		 "INSERT INTO mails (id, kind, user_id, message_id, state, attempts, created_ms, "
		 "next_ms, content, reply) SELECT message_id, 1, user_id, message_id, 2, 1, 0, 0, "
		 "wrapped, '' FROM deliveries WHERE user_id = '%s' AND box = 1",
		 to->id.text);
	store_direct_run(f->url, sql);
}

/* ---- somebody else ---- */

struct writer {
	struct portal *portal;
	struct id user_id;
	_Atomic bool is_over;
	int64_t *us;
	size_t count;
};

static enum err write_seen(struct db *db, void *argument)
{
	const struct writer *writer = argument;
	return users_set_seen(db, &writer->user_id, (int64_t)writer->count);
}

static void *write_on(void *argument)
{
	struct writer *writer = argument;
	while (!writer->is_over && writer->count < WRITES_MAX) {
		int64_t begun = now_us();
		must(store_transact(writer->portal->store, write_seen, writer, NULL), "write");
		writer->us[writer->count++] = now_us() - begun;
		nanosleep(&(struct timespec){.tv_nsec = PAUSE_US * 1000}, NULL);
	}
	return NULL;
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static void say_writer(const char *engine, const char *when, struct writer *writer)
{
	qsort(writer->us, writer->count, sizeof(writer->us[0]), compare);
	printf("%s: another's write, %s: median, 99 %%, longest\t%.1f, %.1f, %.1f ms\t%zu writes\n",
	       engine, when, (double)writer->us[writer->count / 2] / 1000,
	       (double)writer->us[writer->count * 99 / 100] / 1000,
	       (double)writer->us[writer->count - 1] / 1000, writer->count);
	writer->count = 0;
}

static long peak_kb(void)
{
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

int main(int argc, char **argv)
{
	static struct core_fixture f;
	const char *engine = argc > 1 ? argv[1] : "SQLite";
	struct form_errors errors = {.count = 0};
	pthread_t thread;
	core_fixture_init(&f, strcmp(engine, "PostgreSQL") == 0, CUSTODY_MANAGED);
	struct session *gabi =
		core_fixture_person(&f, STR("gabi@example.org"), STR("Gabi"), GRADE_GUEST);
	fill(&f, &gabi->user);
	if (strcmp(engine, "PostgreSQL") == 0)
		store_direct_run(f.url, "VACUUM ANALYZE");
	struct writer writer = {.portal = f.portal,
				.user_id = f.admin->user.id,
				.us = calloc(WRITES_MAX, sizeof(int64_t))};
	pthread_create(&thread, NULL, write_on, &writer);
	nanosleep(&(struct timespec){.tv_sec = 2}, NULL);
	writer.is_over = true;
	pthread_join(thread, NULL);
	say_writer(engine, "before", &writer);

	writer.is_over = false;
	pthread_create(&thread, NULL, write_on, &writer);
	long before_kb = peak_kb();
	struct cx cx = core_fixture_cx(&f, f.admin);
	int64_t begun = now_us(), longest = 0;
	int64_t cpu = time_us(CLOCK_PROCESS_CPUTIME_ID);
	must(people_erase(&cx, &gabi->user.id, NULL, &errors), "erase");
	int64_t request = now_us() - begun;
	while (f.portal->has_to_erase) {
		int64_t look = now_us();
		housekeeping_look(&cx);
		look = now_us() - look;
		longest = look > longest ? look : longest;
	}
	int64_t all = now_us() - begun;
	cpu = time_us(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	writer.is_over = true;
	pthread_join(thread, NULL);
	printf("%s: erasing somebody with %d messages: the request\t%.1f s\n", engine, MESSAGES,
	       (double)request / 1e6);
	printf("%s: until nothing was left; of this processor; longest turn of housekeeping\t%.1f "
	       "s; %.1f s; %.1f s\n",
	       engine, (double)all / 1e6, (double)cpu / 1e6, (double)longest / 1e6);
	printf("%s: memory beyond what was used before\t%.1f MB\n", engine,
	       (double)(peak_kb() - before_kb) / 1024);
	say_writer(engine, "meanwhile", &writer);
	char *left = store_direct_read(
		f.url, "SELECT (SELECT COUNT(*) FROM erasing) + (SELECT COUNT(*) FROM deliveries "
		       "WHERE LENGTH(sealed) > 0)");
	printf("%s: left\t%s\n", engine, left);
	free(left);
	free(writer.us);
	core_fixture_release(&f);
	return 0;
}
