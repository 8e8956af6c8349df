/* Requests to sign: two things at one moment. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "core/recall.h"
#include "core/signing_fake_pdf.h"
#include "core/signing_scene.h"

/* What somebody does while another one's documents are being stamped. */
struct meanwhile {
	struct signing_scene *s;
	void (*act)(struct signing_scene *s);
	int left;
};

static void do_meanwhile(void *argument)
{
	struct meanwhile *meanwhile = argument;
	if (meanwhile->left-- > 0)
		meanwhile->act(meanwhile->s);
}

static void peter_signs(struct signing_scene *s)
{
	signing_scene_sign(s, s->peter);
}

static void peter_declines(struct signing_scene *s)
{
	struct cx cx = core_fixture_cx(s->f, s->peter);
	struct form_errors errors = {.count = 0};
	assert_int_equal(signing_decline(&cx, &s->id, STR("No"), STR(""), &errors), OK);
}

static void ada_cancels(struct signing_scene *s)
{
	struct cx cx = core_fixture_cx(s->f, s->f->admin);
	struct form_errors errors = {.count = 0};
	assert_int_equal(signing_cancel(&cx, &s->id, STR("No"), &errors), OK);
}

static void ada_recalls(struct signing_scene *s)
{
	struct cx cx = core_fixture_cx(s->f, s->f->admin);
	const struct recall_wish wish = {.is_whole = true};
	struct form_errors errors = {.count = 0};
	struct recalled recalled;
	assert_int_equal(recall_message(&cx, &s->id, &wish, &recalled, &errors), OK);
}

static void the_deadline_comes(struct signing_scene *s)
{
	core_fixture_sleep(s->f, 3 * DAY_MS);
}

static void ada_reminds(struct signing_scene *s)
{
	struct cx cx = core_fixture_cx(s->f, s->f->admin);
	struct form_errors errors = {.count = 0};
	int64_t count;
	assert_int_equal(signing_remind(&cx, &s->id, &count, &errors), OK);
}

static void who_was_late_is_told_what_happened(void **state)
{
	static const struct {
		const char *what;
		void (*act)(struct signing_scene *s);
		enum err err;
		enum signing_state state;
	} rows[] = {
		{"another signs: both have", peter_signs, OK, SIGNING_COMPLETED},
		{"another declines", peter_declines, ERR_CONFLICT, SIGNING_DECLINED},
		{"the sender cancels", ada_cancels, ERR_CONFLICT, SIGNING_CANCELLED},
		{"the sender recalls", ada_recalls, ERR_CONFLICT, SIGNING_CANCELLED},
		{"the deadline passes", the_deadline_comes, ERR_CONFLICT, SIGNING_EXPIRED},
		{"the sender reminds: that is no matter", ada_reminds, OK, SIGNING_OPEN},
	};
	struct signing_scene s;
	signing_scene_set_up(state, &s);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct meanwhile meanwhile = {&s, rows[i].act, 1};
		struct form_errors errors = {.count = 0};
		s.plan.deadline = rows[i].act == the_deadline_comes ? STR("2026-01-03") : STR("");
		signing_scene_send(&s);
		signing_fake_before_open(do_meanwhile, &meanwhile);
		enum err err =
			signing_test_try_sign(s.f, s.gabi, &s.id, signing_scene_gabis, 2, &errors);
		signing_fake_before_open(NULL, NULL);
		if (err != rows[i].err || signing_scene_state(&s) != rows[i].state ||
		    (err == ERR_CONFLICT) != (errors.count > 0))
			fail_msg("%s: %s, state %d", rows[i].what, err_name(err),
				 signing_scene_state(&s));
	}
	signing_scene_assert_whole(&s);
}

enum { THREADS = 4 };

struct runner {
	struct signing_scene *s;
	struct session *session;
	enum err err;
};

static void *sign_once(void *argument)
{
	struct runner *runner = argument;
	struct arena arena CLEANUP_ARENA = {0};
	struct cx cx = core_fixture_cx(runner->s->f, runner->session);
	arena_init(&arena, 32 << 20);
	cx.arena = &arena;
	const struct signing_act act = {.has_consented = true, .consent_text = STR("Yes")};
	do {
		struct form_errors errors = {.count = 0};
		runner->err = signing_sign(&cx, &runner->s->id, &act, &errors);
	} while (runner->err == ERR_UNAVAILABLE || runner->err == ERR_BUSY);
	return NULL;
}

static bool has(struct str text, const char *part)
{
	return str_find(text, str_of(part)) >= 0;
}

static void many_sign_at_the_same_moment(void **state)
{
	struct signing_scene s;
	struct runner runners[THREADS];
	pthread_t threads[THREADS];
	signing_scene_set_up(state, &s);
	s.plan.field_count = 0;
	s.draft.to = STR("");
	for (int i = 0; i < THREADS; i++) {
		struct str address = arena_printf(&s.f->arena, "s%d@example.org", i);
		struct str name = arena_printf(&s.f->arena, "Signer %d", i);
		runners[i] = (struct runner){
			&s, core_fixture_person(s.f, address, name, GRADE_GUEST), ERR_INTERNAL};
		s.draft.to = arena_printf(&s.f->arena, "%.*s,%.*s", STR_ARGS(s.draft.to),
					  STR_ARGS(address));
	}
	signing_scene_send(&s);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, sign_once, &runners[i]), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(runners[i].err, OK);
	assert_int_equal(signing_scene_state(&s), SIGNING_COMPLETED);
	struct str sealed = signing_test_read(s.f, s.wanda, &s.id, 0);
	for (int i = 0; i < THREADS; i++)
		assert_true(has(sealed, arena_cstr(&s.f->arena,
						   arena_printf(&s.f->arena, "SIGNED %d by", i))));
	signing_scene_assert_whole(&s);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CORE_TEST(who_was_late_is_told_what_happened),
		CORE_TEST(many_sign_at_the_same_moment),
	};
	return engines_test_run("signing_race", tests, sizeof(tests) / sizeof(tests[0]));
}
