/* Searching a mailbox of encrypted messages of 4 KiB, as a page does it, without HTTP. Prints lines
 * as bench/run wants them. */
#include "base/buf.h"
#include "base/random.h"
#include "core/search.h"
#include "core/search_scene.h"
#include "core/throttle.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	BODY_BYTES = 4096,
	BATCH = 500,
	ROUNDS = 5,
	RARE_EVERY = 997, /* messages with the word that is looked for */
	SMALL = 10000,
	LARGE = 100000,
};

static int64_t now_us(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static struct str body_of(struct arena *arena, int number)
{
	static const char *const words[] = {
		"the",           "patient", "reports",   "no",           "pain",   "since",
		"Tuesday",       "results", "of",        "blood",        "tests",  "are",
		"attached",      "please",  "read",      "them",         "before", "our",
		"appointment",   "in",      "December",  "and",          "bring",  "your",
		"insurance",     "card",    "caf\u00e9", "M\u00fcnchen", "kind",   "regards",
		"**important**", "letter",  "account"};
	struct buf CLEANUP_BUF text;
	uint32_t seed = (uint32_t)number * 2654435761U + 1;
	buf_init(&text, BODY_BYTES + 64);
	while (text.len < BODY_BYTES) {
		seed = seed * 1664525U + 1013904223U;
		buf_add(&text, str_of(words[(seed >> 8) % (sizeof(words) / sizeof(words[0]))]));
		buf_add_char(&text, seed >> 28 == 0 ? '\n' : ' ');
	}
	if (number % RARE_EVERY == 0)
		buf_add(&text, STR("Quittungsblock"));
	return arena_copy(arena, buf_str(&text));
}

static void add_messages(struct core_fixture *f, const struct user *to, int first, int count)
{
	for (int done = 0; done < count; done += BATCH) {
		struct arena arena CLEANUP_ARENA;
		struct cx cx = core_fixture_cx(f, f->admin);
		arena_init(&arena, 256 << 20);
		cx.arena = &arena;
		struct search_scene_rows *rows =
			ARENA_ARRAY(&arena, BATCH, struct search_scene_rows);
		for (int i = 0; i < BATCH; i++) {
			const struct search_scene_message message = {
				.from = f->admin,
				.to = to,
				.subject = STR("Results of the week"),
				.body = body_of(&arena, first + done + i)};
			core_fixture_sleep(f, SECOND_MS);
			search_scene_prepare(&cx, &message, &rows[i]);
		}
		search_scene_insert(f->portal, rows, BATCH);
	}
}

struct timing {
	int64_t all_us, first_us; /* until all was looked at, until the first request came back */
	int64_t cpu_us;           /* of both threads */
	size_t hits;
};

static struct timing search(struct core_fixture *f, struct session *session, struct str query)
{
	struct timing timing = {0};
	char cursor[ID_CHARS + 1] = "";
	int64_t start = now_us(CLOCK_MONOTONIC);
	int64_t cpu_start = now_us(CLOCK_PROCESS_CPUTIME_ID);
	do {
		struct arena arena CLEANUP_ARENA;
		struct cx cx = core_fixture_cx(f, session);
		struct form_errors errors = {0};
		struct search_result result;
		arena_init(&arena, 24 << 20);
		cx.arena = &arena;
		core_fixture_sleep(f, SECOND_MS); /* nobody is asked to wait */
		if (search_find(&cx, query, str_of(cursor), 50, &result, &errors) != OK)
			exit(1);
		timing.hits += result.count;
		snprintf(cursor, sizeof(cursor), "%.*s", STR_ARGS(result.next_cursor));
		if (timing.first_us == 0)
			timing.first_us = now_us(CLOCK_MONOTONIC) - start;
	} while (cursor[0] != '\0');
	timing.all_us = now_us(CLOCK_MONOTONIC) - start;
	timing.cpu_us = now_us(CLOCK_PROCESS_CPUTIME_ID) - cpu_start;
	return timing;
}

static int by_all(const void *left, const void *right)
{
	const struct timing *a = left, *b = right;
	return a->all_us < b->all_us ? -1 : a->all_us > b->all_us;
}

/* The middle one of some rounds. */
static struct timing measure(struct core_fixture *f, struct session *session, struct str query)
{
	struct timing rounds[ROUNDS];
	for (int i = 0; i < ROUNDS; i++)
		rounds[i] = search(f, session, query);
	qsort(rounds, ROUNDS, sizeof(rounds[0]), by_all);
	return rounds[ROUNDS / 2];
}

static void print(const char *what, struct timing timing, int64_t limit_ms)
{
	double ms = (double)timing.all_us / 1000;
	printf("%s\t%.1f ms\t%s\tlimit: <= %lld ms; %.1f ms of CPU; %zu found, first answer after "
	       "%.1f ms\n",
	       what, ms, ms <= (double)limit_ms ? "ok" : "SLOW", (long long)limit_ms,
	       (double)timing.cpu_us / 1000, timing.hits, (double)timing.first_us / 1000);
	fflush(stdout);
}

static void use_cores(int count)
{
	cpu_set_t cores;
	CPU_ZERO(&cores);
	for (int i = 0; i < count; i++)
		CPU_SET(i, &cores);
	sched_setaffinity(0, sizeof(cores), &cores);
}

static void measure_reading(struct core_fixture *f, struct session *guest, int count)
{
	char what[64];
	snprintf(what, sizeof(what), "search of %d messages, first time", count);
	int64_t start = now_us(CLOCK_MONOTONIC);
	search(f, guest, STR("quittungsblock"));
	printf("%s\t%.1f ms\t-\topens each sealed key and wraps it\n", what,
	       (double)(now_us(CLOCK_MONOTONIC) - start) / 1000);
}

int main(int argc, char **argv)
{
	static struct core_fixture fixture;
	struct core_fixture *f = &fixture;
	int large = argc > 1 ? atoi(argv[1]) : LARGE;
	core_fixture_init(f, false, CUSTODY_MANAGED);
	struct session *guest =
		core_fixture_person(f, STR("gabi@example.org"), STR("Gabi"), GRADE_GUEST);
	struct user to = core_fixture_user(f, STR("gabi@example.org"));
	add_messages(f, &to, 1, SMALL);
	use_cores(1);
	measure_reading(f, guest, SMALL);
	print("search of 10,000 messages, one core", measure(f, guest, STR("quittungsblock")), 80);
	print("  three words and a sender, one core",
	      measure(f, guest, STR("m\u00fcnchen cafe zebra from:ada")), 80);
	use_cores((int)sysconf(_SC_NPROCESSORS_ONLN));
	add_messages(f, &to, SMALL + 1, large - SMALL);
	print("search of 100,000 messages", measure(f, f->admin, STR("quittungsblock")), 500);
	print("  nothing found", measure(f, f->admin, STR("\"kind regards zebra\"")), 500);
	core_fixture_release(f);
	return 0;
}
