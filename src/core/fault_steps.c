#include "core/fault_steps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log_capture.h"
#include "core/fault_plan.h"
#include "crypto/secret.h"
#include "store/store_state.h"

struct cx fault_steps_cx(struct fault_state *s, struct session *session)
{
	struct cx cx = core_fixture_cx(s->f, session);
	cx.arena = &s->arena;
	return cx;
}

void fault_steps_nothing(struct fault_state *s)
{
	(void)s;
}

void fault_steps_known(struct fault_state *s)
{
	s->session = core_fixture_sign_in(s->f, STR("known@example.org"), CORE_FIXTURE_PASSWORD);
	s->id = core_fixture_send(s->f, s->f->admin, STR("known@example.org"), STR("Hello"),
				  STR("One"))
			.id;
}

void fault_steps_check_openings(struct core_fixture *f, const char *when)
{
	int64_t halves = store_state_half_openings(f->url);
	if (halves != 0)
		fail_msg("%s: %d openings are not whole", when, (int)halves);
}

static void prepare(struct fault_state *s, const struct fault_step *step)
{
	static int number;
	*s = (struct fault_state){.f = s->f, .is_prepared = true};
	s->address = arena_printf(&s->f->arena, "guest%d@example.org", number++);
	step->prepare(s);
}

/* False when the n-th was not reached: the step is through. */
static bool try_step(struct fault_state *s, const struct fault_step *step, enum fault fault, int n)
{
	struct core_fixture *f = s->f;
	struct log_capture log;
	if (!s->is_prepared)
		prepare(s, step);
	char *before = step->is_reading ? NULL : store_state_counts(f->url);
	size_t live = secret_live();
	arena_init(&s->arena, 16 << 20);
	log_capture_begin(&log);
	fault_plan_begin(fault, n);
	enum err err = step->act(s);
	bool was_reached = fault_plan_end();
	bool is_alarm = strstr(log_capture_end(&log), " alarm ") != NULL;
	char *after = step->is_reading ? NULL : store_state_counts(f->url);
	session_release(s->begun.session);
	arena_release(&s->arena);
	s->is_prepared = step->is_prepared_once && err != OK;
	if (is_alarm)
		fail_msg("%s, %s %d: an alarm", step->name, fault_plan_names[fault], n);
	if (err == ERR_CORRUPT || (err != OK && !was_reached))
		fail_msg("%s, %s %d: %s", step->name, fault_plan_names[fault], n, err_name(err));
	if (err != OK && before && strcmp(before, after) != 0)
		fail_msg("%s, %s %d: %s, but %s became %s", step->name, fault_plan_names[fault], n,
			 err_name(err), before, after);
	if (secret_live() != live)
		fail_msg("%s, %s %d: %zu keys were not given back", step->name,
			 fault_plan_names[fault], n, secret_live() - live);
	free(before);
	free(after);
	return was_reached;
}

void fault_steps_run(struct core_fixture *f, const struct fault_step *steps, size_t step_count)
{
	enum { MOST = 1000 };
	core_fixture_person(f, STR("known@example.org"), STR("Known"), GRADE_GUEST);
	for (size_t i = 0; i < step_count; i++) {
		for (enum fault fault = 0; fault < FAULT_COUNT; fault++) {
			struct fault_state s = {.f = f};
			int n = 1;
			while (n < MOST && try_step(&s, &steps[i], fault, n))
				n++;
			/* Something must have failed, or the test proves nothing. Few steps
			 * store a blob. */
			if ((n == 1 && fault != FAULT_BLOB) || n == MOST)
				fail_msg("%s, %ss: %d failed", steps[i].name,
					 fault_plan_names[fault], n - 1);
			fault_steps_check_openings(f, steps[i].name);
			if (core_fixture_problems(f) != 0)
				fail_msg("%s, %ss: the check finds problems", steps[i].name,
					 fault_plan_names[fault]);
		}
	}
}
