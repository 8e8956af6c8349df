/* A long audit log: looking through it, and `postern audit verify`. audit_bench ENGINE ENTRIES */
#include "base/clock.h"
#include "core/audit_checkpoint.h"
#include "core/audit_log.h"
#include "core/audit_look.h"
#include "core/audit_verify.h"
#include "core/core_fixture.h"
#include "store/store_direct.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

/* A day has so many entries; all but a few of them say that somebody could not sign in. */
enum { A_DAY = 1000, ROUNDS = 11, LOOK_LIMIT_MS = 50, WORDS_LIMIT_MS = 200, VERIFY_LIMIT_S = 60 };

static const char *engine;

struct filling {
	struct core_fixture *f;
	bool is_rare; /* with something that nobody else does */
};

static enum err append(struct cx *cx, struct db *db, enum audit_kind kind)
{
	return audit_log(cx, db,
			 &(struct audit_act){.kind = kind, .subject = STR("somebody@example.com")});
}

static enum err fill(struct db *db, void *argument)
{
	const struct filling *filling = argument;
	struct arena arena CLEANUP_ARENA;
	struct cx nobody = core_fixture_cx(filling->f, NULL);
	struct cx admin = core_fixture_cx(filling->f, filling->f->admin);
	arena_init(&arena, 64 << 20);
	nobody.arena = admin.arena = &arena;
	for (int i = filling->is_rare ? 1 : 0; i < A_DAY; i++)
		TRY(append(&nobody, db, AUDIT_SIGN_IN_FAILED));
	return filling->is_rare ? append(&admin, db, AUDIT_RECALL) : OK;
}

static double now_s(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static void look(struct core_fixture *f, const char *what, const struct audit_wish *wish)
{
	double ms[ROUNDS];
	struct audit_list list;
	for (int i = 0; i < ROUNDS; i++) {
		struct arena arena CLEANUP_ARENA;
		struct cx cx = core_fixture_cx(f, f->admin);
		struct form_errors errors = {0};
		arena_init(&arena, 24 << 20);
		cx.arena = &arena;
		double at = now_s();
		if (audit_look(&cx, wish, &list, &errors) != OK)
			abort();
		ms[i] = (now_s() - at) * 1000;
	}
	qsort(ms, ROUNDS, sizeof(ms[0]), compare);
	double middle = ms[ROUNDS / 2];
	int limit_ms = wish->words.len > 0 ? WORDS_LIMIT_MS : LOOK_LIMIT_MS;
	printf("%s, %s\t%.1f ms\t%s\tlimit: <= %d ms; the best %.1f, the worst %.1f ms; %zu "
	       "found\n",
	       what, engine, middle, middle <= limit_ms ? "ok" : "SLOW", limit_ms, ms[0],
	       ms[ROUNDS - 1], list.count);
}

/* The day, as it is typed, so many days ago. */
static struct str day_ago(struct core_fixture *f, int days)
{
	time_t at = (time_t)((f->clock.now_ms - days * DAY_MS) / SECOND_MS);
	struct tm utc;
	char text[16];
	gmtime_r(&at, &utc);
	strftime(text, sizeof(text), "%Y-%m-%d", &utc);
	return arena_copy(&f->arena, str_of(text));
}

static void look_all(struct core_fixture *f, int days)
{
	struct str old = day_ago(f, days - days / 10);
	const struct {
		const char *what;
		struct audit_wish wish;
	} looks[] = {
		{"the newest page", {.group = STR("")}},
		{"the oldest page", {.before = STR("40")}},
		{"a kind that almost all are of", {.group = STR("sign_in")}},
		{"a rare kind", {.group = STR("messages")}},
		{"a rare kind long ago", {.group = STR("messages"), .to = old}},
		{"a kind that none is of", {.group = STR("signatures")}},
		{"a day long ago", {.from = old, .to = old}},
		{"all up to a day long ago", {.to = old}},
		{"a day before all of them", {.to = STR("2001-01-01")}},
		{"somebody who did little", {.person = STR("admin@example.com")}},
		{"words that are nowhere, in the newest 2,000", {.words = STR("zebra")}},
		{"words that are nowhere, in a rare kind",
		 {.words = STR("zebra"), .group = STR("messages")}},
	};
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++)
		look(f, looks[i].what, &looks[i].wish);
}

static void tell(void *argument, struct cx *cx, const struct audit_problem *problem)
{
	(void)argument;
	struct str sentence = audit_problem_sentence(cx, problem);
	fprintf(stderr, "problem: %.*s\n", STR_ARGS(sentence));
}

static void verify(struct core_fixture *f)
{
	struct cx cx = core_fixture_cx(f, f->admin);
	struct audit_report report;
	struct rusage before, after;
	int64_t number;
	double at = now_s();
	if (audit_checkpoint_write(&cx, f->portal->checkpoints, &number) != OK)
		abort();
	printf("the first checkpoint, %s\t%.1f s\t-\t\n", engine, now_s() - at);
	getrusage(RUSAGE_SELF, &before);
	at = now_s();
	if (audit_verify(&cx, f->portal->checkpoints, tell, NULL, &report) != OK)
		abort();
	double s = now_s() - at;
	getrusage(RUSAGE_SELF, &after);
	printf("verifying %lld entries, %s\t%.1f s\t%s\tlimit: <= %d s; %lld problems; the process "
	       "grew from %ld to %ld MB\n",
	       (long long)report.entries, engine, s,
	       s <= VERIFY_LIMIT_S && report.problems == 0 ? "ok" : "SLOW", VERIFY_LIMIT_S,
	       (long long)report.problems, before.ru_maxrss / 1024, after.ru_maxrss / 1024);
}

int main(int argc, char **argv)
{
	static struct core_fixture f;
	engine = argc > 1 ? argv[1] : "SQLite";
	int days = (argc > 2 ? atoi(argv[2]) : 1000000) / A_DAY;
	bool is_postgres = strcmp(engine, "PostgreSQL") == 0;
	core_fixture_init(&f, is_postgres, CUSTODY_MANAGED);
	double at = now_s();
	for (int i = 0; i < days; i++) {
		f.clock.now_ms += DAY_MS;
		struct filling filling = {&f, i % (days / 10 + 1) == 5};
		if (store_transact(f.portal->store, fill, &filling, NULL) != OK)
			return EXIT_FAILURE;
	}
	printf("an entry more, of %d, %s\t%.0f us\t-\t%d a transaction\n", days * A_DAY, engine,
	       (now_s() - at) * 1e6 / days / A_DAY, A_DAY);
	/* The server does so by itself, a while later. */
	if (is_postgres)
		store_direct_run(f.url, "VACUUM ANALYZE audit, audit_texts");
	look_all(&f, days);
	verify(&f);
	core_fixture_release(&f);
	return EXIT_SUCCESS;
}
