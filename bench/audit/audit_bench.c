/* How long `postern audit verify` takes, and how much memory. audit_bench ENTRIES [USERS] */
#include "base/clock.h"
#include "core/audit_checkpoint.h"
#include "core/audit_log.h"
#include "core/audit_look.h"
#include "core/audit_verify.h"
#include "core/core_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { BATCH = 1000 };

struct filling {
	struct core_fixture *f;
	int64_t count;
};

static enum err fill(struct db *db, void *argument)
{
	const struct filling *filling = argument;
	struct arena arena CLEANUP_ARENA;
	struct cx cx = core_fixture_cx(filling->f, filling->f->admin);
	arena_init(&arena, 64 << 20);
	cx.arena = &arena;
	for (int64_t i = 0; i < filling->count; i++) {
		enum err err =
			audit_log(&cx, db,
				  &(struct audit_act){.kind = AUDIT_SIGN_IN_FAILED,
						      .subject = STR("somebody@example.com")});
		if (err != OK)
			return err;
	}
	return OK;
}

static double seconds(void)
{
	return (double)clock_now_ms(&clock_system) / SECOND_MS;
}

static void tell(void *argument, struct cx *cx, const struct audit_problem *problem)
{
	(void)argument;
	struct str sentence = audit_problem_sentence(cx, problem);
	printf("problem: %.*s\n", STR_ARGS(sentence));
}

int main(int argc, char **argv)
{
	static struct core_fixture f;
	int64_t entries = argc > 1 ? atoll(argv[1]) : 1000000;
	struct audit_report report;
	struct audit_list list;
	struct form_errors errors = {0};
	struct rusage usage;
	int64_t number;
	core_fixture_init(&f, false, CUSTODY_MANAGED);
	struct filling filling = {&f, BATCH};
	double at = seconds();
	for (int64_t i = 0; i < entries; i += BATCH)
		if (store_transact(f.portal->store, fill, &filling, NULL) != OK)
			return EXIT_FAILURE;
	printf("append      %8.2f s for %lld entries\n", seconds() - at, (long long)entries);
	struct cx cx = core_fixture_cx(&f, f.admin);
	at = seconds();
	if (audit_checkpoint_write(&cx, f.portal->checkpoints, &number) != OK)
		return EXIT_FAILURE;
	printf("checkpoint  %8.2f s for the first one\n", seconds() - at);
	getrusage(RUSAGE_SELF, &usage);
	long before_kb = usage.ru_maxrss;
	at = seconds();
	if (audit_verify(&cx, f.portal->checkpoints, tell, NULL, &report) != OK)
		return EXIT_FAILURE;
	getrusage(RUSAGE_SELF, &usage);
	printf("verify      %8.2f s, %lld entries, %lld problems; peak %ld KiB, before it %ld "
	       "KiB\n",
	       seconds() - at, (long long)report.entries, (long long)report.problems,
	       usage.ru_maxrss, before_kb);
	static const struct {
		const char *what;
		struct audit_wish wish;
	} looks[] = {
		{"newest page", {.group = STR("")}},
		{"a rare kind", {.group = STR("messages")}},
		{"words that are nowhere", {.words = STR("zebra")}},
		{"a day long ago", {.to = STR("2001-01-01")}},
	};
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		at = seconds();
		if (audit_look(&cx, &looks[i].wish, &list, &errors) != OK)
			return EXIT_FAILURE;
		printf("%-24s %6.0f ms\n", looks[i].what, (seconds() - at) * 1000);
	}
	core_fixture_release(&f);
	return EXIT_SUCCESS;
}
