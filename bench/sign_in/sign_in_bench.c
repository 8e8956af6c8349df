/* Refused sign-ins at the real cost of passwords: whether the time tells of whom there is. Judged
 * by the time of the processor, as their threads stand back behind whatever else the machine does.
 */
#include "base/clock.h"
#include "core/core_fixture.h"
#include "core/people.h"
#include "core/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CASES = 4, ROUNDS = 15 };

struct times {
	int64_t us[ROUNDS], cpu_us[ROUNDS];
};

static const struct {
	const char *what, *address;
} cases[CASES] = {
	{"a wrong password", "ben@example.com"},
	{"an unknown address", "nobody@example.com"},
	{"somebody invited", "gabi@example.com"},
	{"somebody disabled", "dora@example.com"},
};

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

static void refuse(struct core_fixture *f, const char *address, struct times *times, int round)
{
	struct cx cx = core_fixture_cx(f, NULL);
	struct sign_in begun;
	int64_t wait_s, begun_us = now_us(CLOCK_MONOTONIC);
	int64_t cpu_begun_us = now_us(CLOCK_PROCESS_CPUTIME_ID);
	if (session_sign_in(&cx, str_of(address), STR("copper lantern river"), SESSION_BROWSER,
			    STR("bench"), &begun, &wait_s) != ERR_DENIED)
		abort();
	times->us[round] = now_us(CLOCK_MONOTONIC) - begun_us;
	times->cpu_us[round] = now_us(CLOCK_PROCESS_CPUTIME_ID) - cpu_begun_us;
}

static double median_ms(int64_t us[ROUNDS])
{
	qsort(us, ROUNDS, sizeof(us[0]), compare);
	return (double)us[ROUNDS / 2] / 1000;
}

int main(void)
{
	static struct core_fixture f;
	static struct times times[CASES];
	double first_ms = 0;
	core_fixture_init(&f, false, CUSTODY_MANAGED);
	f.portal->password_cost = password_cost_default;
	core_fixture_person(&f, str_of(cases[0].address), STR("Ben"), GRADE_GUEST);
	core_fixture_send(&f, f.admin, str_of(cases[2].address), STR("S"), STR("B"));
	struct session *dora =
		core_fixture_person(&f, str_of(cases[3].address), STR("Dora"), GRADE_GUEST);
	struct cx cx = core_fixture_cx(&f, f.admin);
	if (people_enable(&cx, &dora->user.id, false) != OK)
		abort();
	for (int round = 0; round < ROUNDS; round++) {
		core_fixture_sleep(&f, DAY_MS); /* nobody is slowed down */
		for (int i = 0; i < CASES; i++)
			refuse(&f, cases[i].address, &times[i], round);
	}
	for (int i = 0; i < CASES; i++) {
		double ms = median_ms(times[i].cpu_us);
		if (i == 0)
			first_ms = ms;
		bool is_alike = ms > 0.9 * first_ms && ms < 1.1 * first_ms;
		printf("refused: %s, processor\t%.1f ms\t%s\t%.3f of a wrong password; %.1f ms by "
		       "the "
		       "clock\n",
		       cases[i].what, ms, is_alike ? "ok" : "SLOW", ms / first_ms,
		       median_ms(times[i].us));
	}
	core_fixture_release(&f);
	return 0;
}
