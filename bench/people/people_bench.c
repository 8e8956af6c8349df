/* Searching among 100,000 people, as the page of administrators does it, without HTTP. */
#include "core/core_fixture.h"
#include "core/people_scene.h"
#include "core/people_search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PEOPLE = 100000, ROUNDS = 9 };

static int64_t now_us(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static void run(struct core_fixture *f, const char *engine, const char *what,
		const struct people_query *query)
{
	int64_t us[ROUNDS], cpu_us[ROUNDS];
	struct people_found found = {.count = 0};
	for (int i = 0; i < ROUNDS; i++) {
		struct arena arena CLEANUP_ARENA;
		struct cx cx = core_fixture_cx(f, f->admin);
		struct form_errors errors = {0};
		arena_init(&arena, 24 << 20);
		cx.arena = &arena;
		int64_t begun = now_us(CLOCK_MONOTONIC);
		int64_t cpu_begun = now_us(CLOCK_THREAD_CPUTIME_ID);
		if (people_search(&cx, query, 50, &found, &errors) != OK)
			abort();
		us[i] = now_us(CLOCK_MONOTONIC) - begun;
		cpu_us[i] = now_us(CLOCK_THREAD_CPUTIME_ID) - cpu_begun;
	}
	qsort(us, ROUNDS, sizeof(us[0]), compare);
	qsort(cpu_us, ROUNDS, sizeof(us[0]), compare);
	printf("%s: %s, median of %d\t%.1f ms (best %.1f, worst %.1f; of this processor "
	       "%.1f)\t%lld found\n",
	       engine, what, ROUNDS, (double)us[ROUNDS / 2] / 1000, (double)us[0] / 1000,
	       (double)us[ROUNDS - 1] / 1000, (double)cpu_us[ROUNDS / 2] / 1000,
	       (long long)found.total);
}

int main(int argc, char **argv)
{
	static struct core_fixture f;
	const char *engine = argc > 1 ? argv[1] : "sqlite";
	static const struct {
		const char *what;
		struct people_query query;
	} cases[] = {
		{"everybody", {.q = STR("")}},
		{"one letter", {.q = STR("a")}},
		{"part of a name", {.q = STR("web")}},
		{"two words", {.q = STR("anna web")}},
		{"an address", {.q = STR("weber.777@")}},
		{"nobody", {.q = STR("zzzzzz")}},
		{"invited guests", {.grade = STR("guest"), .state = STR("invited")}},
		{"seen last first", {.sort = STR("seen")}},
		{"a name, seen last first", {.q = STR("web"), .sort = STR("seen")}},
		{"not seen for 90 days", {.seen = STR("over-90")}},
		{"four words that nobody has", {.q = STR("a e i zzz")}},
	};
	core_fixture_init(&f, strcmp(engine, "postgres") == 0, CUSTODY_MANAGED);
	people_scene_fill(f.portal, PEOPLE);
	if (strcmp(engine, "postgres") == 0)
		people_scene_settle(f.url);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		run(&f, engine, cases[i].what, &cases[i].query);
	core_fixture_release(&f);
	return 0;
}
