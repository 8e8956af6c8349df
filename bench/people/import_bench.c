/* Importing 10,000 people from a CSV file: looking at it, doing it, and doing it again. */
#include "base/buf.h"
#include "base/limits.h"
#include "core/core_fixture.h"
#include "core/people_import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PEOPLE = 10000, LIMIT_S = 60 };

static double now_s(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void run(struct core_fixture *f, const char *engine, const char *what, struct str file,
		bool is_dry)
{
	struct arena arena CLEANUP_ARENA;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct people_import import;
	struct form_errors errors = {0};
	arena_init(&arena, 64 << 20);
	cx.arena = &arena;
	double begun = now_s();
	if (people_import_read(&cx, file, &import, &errors) != OK)
		abort();
	while (!people_import_is_over(&import))
		if (people_import_step(&cx, &import, is_dry) != OK)
			abort();
	if (!is_dry && people_import_end(&cx, &import) != OK)
		abort();
	double s = now_s() - begun;
	printf("%s %d people, %s\t%.2f s\t%s\tlimit: <= %d s; %lld added, %lld unchanged\n", what,
	       PEOPLE, engine, s, s <= LIMIT_S ? "ok" : "SLOW", LIMIT_S,
	       (long long)import.tally[IMPORT_ADDED], (long long)import.tally[IMPORT_THERE]);
}

int main(int argc, char **argv)
{
	static struct core_fixture f;
	const char *engine = argc > 1 ? argv[1] : "SQLite";
	struct buf file CLEANUP_BUF;
	core_fixture_init(&f, strcmp(engine, "PostgreSQL") == 0, CUSTODY_MANAGED);
	buf_init(&file, LIMIT_IMPORT_BYTES);
	buf_add(&file, STR("address,name,grade\n"));
	for (int i = 0; i < PEOPLE; i++)
		buf_addf(&file, "person.%d@example.com,Person Number %d,%s\n", i, i,
			 i % 4 ? "guest" : "professional");
	run(&f, engine, "looking at a file of", buf_str(&file), true);
	run(&f, engine, "importing", buf_str(&file), false);
	run(&f, engine, "importing again the same", buf_str(&file), false);
	core_fixture_release(&f);
	return 0;
}
