#include "core/fault_steps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/log_capture.h"
#include "core/fault_plan.h"
#include "crypto/secret.h"
#include "store/store_direct.h"

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

char *fault_steps_counts(struct core_fixture *f)
{
	static const char *const numbers[] = {
		"COUNT(*) FROM drafts",
		"SUM(version) FROM drafts",
		"COUNT(*) FROM users",
		"SUM(version) FROM users",
		"COUNT(*) FROM ways_in",
		"MAX(id) FROM ways_in",
		"COUNT(*) FROM ways_in WHERE LENGTH(wrapped) > 0",
		"COUNT(*) FROM messages",
		"COUNT(*) FROM messages WHERE recalled_ms > 0",
		"COUNT(*) FROM message_texts",
		"COUNT(*) FROM deliveries",
		"COUNT(*) FROM deliveries WHERE LENGTH(sealed) > 0",
		"COUNT(*) FROM deliveries WHERE LENGTH(wrapped) > 0",
		"COUNT(*) FROM deliveries WHERE ended > 0",
		"COUNT(*) FROM deliveries WHERE box = 5",
		"SUM(opened_ms) FROM deliveries",
		"SUM(box) FROM deliveries",
		"SUM(is_unread) FROM deliveries",
		"COUNT(*) FROM tracks",
		"COUNT(*) FROM destructions",
		"COUNT(*) FROM contacts",
		"MAX(last_id) FROM contacts",
		"COUNT(*) FROM exchanges",
		"COUNT(*) FROM away_answers",
		"SUM(version) FROM preferences",
		"COUNT(*) FROM labels",
		"COUNT(*) FROM delivery_labels",
		"COUNT(*) FROM mails",
		"MAX(id) FROM mails",
		"SUM(state) FROM mails",
		"SUM(attempts) FROM mails",
		"COUNT(*) FROM repeats",
	};
	struct buf sql CLEANUP_BUF;
	buf_init(&sql, 8192);
	buf_add(&sql, STR("SELECT ''"));
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		buf_addf(&sql, " || COALESCE(CAST((SELECT %s) AS TEXT), '') || ' '", numbers[i]);
	buf_add_char(&sql, 0);
	assert_int_equal(sql.err, OK);
	return store_direct_read(f->url, buf_str(&sql).data);
}

void fault_steps_check_openings(struct core_fixture *f, const char *when)
{
	char *halves = store_direct_read(
		f->url,
		"SELECT COUNT(*) FROM deliveries d WHERE d.kind IN (1, 2, 3) AND d.box <> 5 AND "
		"((d.opened_ms > 0 AND d.ended = 0 AND LENGTH(d.sealed) > 0) OR d.opened_ms <> "
		"(SELECT COALESCE(MAX(t.at_ms), 0) FROM tracks t WHERE t.message_id = "
		"d.message_id AND t.user_id = d.user_id AND t.kind = 2))");
	if (strcmp(halves, "0") != 0)
		fail_msg("%s: %s openings are not whole", when, halves);
	free(halves);
}

/* False when the n-th was not reached: the step is through. */
static bool try_step(struct core_fixture *f, const struct fault_step *step, enum fault fault, int n)
{
	static int number;
	struct fault_state s = {.f = f};
	struct log_capture log;
	s.address = arena_printf(&f->arena, "guest%d@example.org", number++);
	step->prepare(&s);
	char *before = step->is_reading ? NULL : fault_steps_counts(f);
	size_t live = secret_live();
	arena_init(&s.arena, 16 << 20);
	log_capture_begin(&log);
	fault_plan_begin(fault, n);
	enum err err = step->act(&s);
	bool was_reached = fault_plan_end();
	bool is_alarm = strstr(log_capture_end(&log), " alarm ") != NULL;
	char *after = step->is_reading ? NULL : fault_steps_counts(f);
	session_release(s.begun.session);
	arena_release(&s.arena);
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
	enum { MOST = 400 };
	core_fixture_person(f, STR("known@example.org"), STR("Known"), GRADE_GUEST);
	for (size_t i = 0; i < step_count; i++) {
		for (enum fault fault = 0; fault < FAULT_COUNT; fault++) {
			int n = 1;
			while (n < MOST && try_step(f, &steps[i], fault, n))
				n++;
			/* Something must have failed, or the test proves nothing. */
			if (n == 1 || n == MOST)
				fail_msg("%s, %ss: %d failed", steps[i].name,
					 fault_plan_names[fault], n - 1);
			fault_steps_check_openings(f, steps[i].name);
			if (core_fixture_problems(f) != 0)
				fail_msg("%s, %ss: the check finds problems", steps[i].name,
					 fault_plan_names[fault]);
		}
	}
}
