/* Searching among 100,000 people, as the page of administrators does it, without HTTP. */
#include "core/core_fixture.h"
#include "core/people_scene.h"
#include "core/people_search.h"
#include "store/store_direct.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PEOPLE = 100000, ROUNDS = 21, PAGE = 50, LIMIT_MS = 50 };

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

static double middle_ms(int64_t us[ROUNDS])
{
	qsort(us, ROUNDS, sizeof(us[0]), compare);
	return (double)us[ROUNDS / 2] / 1000;
}

static void run(struct core_fixture *f, const char *engine, const char *what,
		const struct people_query *query)
{
	int64_t us[ROUNDS], cpu_us[ROUNDS];
	int64_t found_count = 0;
	for (int i = 0; i < ROUNDS; i++) {
		struct arena arena CLEANUP_ARENA;
		struct cx cx = core_fixture_cx(f, f->admin);
		struct form_errors errors = {0};
		struct people_found found;
		arena_init(&arena, 24 << 20);
		cx.arena = &arena;
		int64_t begun = now_us(CLOCK_MONOTONIC);
		int64_t cpu_begun = now_us(CLOCK_THREAD_CPUTIME_ID);
		if (people_search(&cx, query, PAGE, &found, &errors) != OK)
			abort();
		us[i] = now_us(CLOCK_MONOTONIC) - begun;
		cpu_us[i] = now_us(CLOCK_THREAD_CPUTIME_ID) - cpu_begun;
		found_count = found.has_total ? found.total : (int64_t)found.count;
	}
	double ms = middle_ms(us), cpu_ms = middle_ms(cpu_us);
	printf("%s, %s\t%.1f ms\t%s\tlimit: <= %d ms; the best %.1f, the worst %.1f, of this "
	       "process's processor %.1f ms; %lld found\n",
	       what, engine, ms, ms <= LIMIT_MS ? "ok" : "SLOW", LIMIT_MS, (double)us[0] / 1000,
	       (double)us[ROUNDS - 1] / 1000, cpu_ms, (long long)found_count);
}

/* Where the page before the last one ends. */
static struct str last_but_one(struct core_fixture *f, const char *order)
{
	char *id = store_direct_read(
		f->url,
		arena_cstr(&f->arena, arena_printf(&f->arena,
						   "SELECT id FROM users WHERE find_key <> '' "
						   "ORDER BY %s LIMIT 1 OFFSET 20",
						   order)));
	struct str kept = arena_copy(&f->arena, str_of(id));
	free(id);
	return kept;
}

int main(int argc, char **argv)
{
	static struct core_fixture f;
	const char *engine = argc > 1 ? argv[1] : "SQLite";
	bool is_postgres = strcmp(engine, "PostgreSQL") == 0;
	core_fixture_init(&f, is_postgres, CUSTODY_MANAGED);
	people_scene_fill(f.portal, PEOPLE);
	if (is_postgres)
		people_scene_settle(f.url);
	const struct {
		const char *what;
		struct people_query query;
	} cases[] = {
		{"everybody", {.q = STR("")}},
		{"the last page of everybody", {.cursor = last_but_one(&f, "find_key DESC")}},
		{"one letter", {.q = STR("a")}},
		{"two letters", {.q = STR("we")}},
		{"two letters that nobody has", {.q = STR("qq")}},
		{"part of a name", {.q = STR("web")}},
		{"the middle of a name", {.q = STR("offman")}},
		{"two words", {.q = STR("anna web")}},
		{"an address", {.q = STR("weber.777@")}},
		{"a name that nobody has", {.q = STR("zzzzzz")}},
		{"four words, the last of which nobody has", {.q = STR("a e i zzz")}},
		{"a domain", {.q = STR("@example7.com")}},
		{"invited guests", {.grade = STR("guest"), .state = STR("invited")}},
		{"a name among active guests seen within 30 days",
		 {.q = STR("web"),
		  .grade = STR("guest"),
		  .state = STR("active"),
		  .seen = STR("within-30")}},
		{"nobody of that name among administrators",
		 {.q = STR("web"), .role = STR("administrator")}},
		{"seen last first", {.sort = STR("seen")}},
		{"the last page of these",
		 {.sort = STR("seen"), .cursor = last_but_one(&f, "seen_ms, find_key DESC")}},
		{"a name, seen last first", {.q = STR("web"), .sort = STR("seen")}},
		{"not seen for 90 days", {.seen = STR("over-90")}},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		run(&f, engine, cases[i].what, &cases[i].query);
	core_fixture_release(&f);
	return 0;
}
