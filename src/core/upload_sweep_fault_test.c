/* Whatever fails in housekeeping of files, or in a check of them: nothing is half gone, nothing is
 * said to be wrong that is not, and the next time it is done. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/core_test_support.h"
#include "core/upload_test_support.h"

#include "base/limits.h"
#include "core/check.h"
#include "core/fault_plan.h"

enum { BYTES = 1000, MOST = 400 };

/* With memory of its own, as a job has. */
static enum err sweep(struct core_fixture *f)
{
	struct arena arena CLEANUP_ARENA;
	struct cx cx = core_fixture_cx(f, NULL);
	size_t count;
	arena_init(&arena, 1 << 20);
	cx.arena = &arena;
	TRY(upload_sweep(&cx, &count));
	return upload_sweep_orphans(&cx, &count);
}

static void print_it(void *argument, struct str sentence)
{
	(void)argument;
	print_message("# %.*s\n", STR_ARGS(sentence));
}

static enum err check(struct core_fixture *f, struct check_report *ret)
{
	struct arena arena CLEANUP_ARENA;
	struct cx cx = core_fixture_cx(f, NULL);
	arena_init(&arena, 1 << 20);
	cx.arena = &arena;
	return check_all(&cx, print_it, NULL, ret);
}

static size_t count_blobs(struct core_fixture *f)
{
	struct blob_entry *entries;
	size_t count;
	assert_int_equal(
		blob_list(f->portal->blobs, &f->arena, &(struct id){""}, 100, &entries, &count),
		OK);
	return count;
}

static void upload_two(struct core_fixture *f)
{
	f->admin = core_fixture_sign_in(f, STR("admin@example.com"), CORE_FIXTURE_PASSWORD);
	for (int i = 0; i < 2; i++) {
		struct id id = upload_test_create(f, f->admin, BYTES);
		upload_test_send(f, f->admin, &id, 0, i == 0 ? BYTES : BYTES / 2, UPLOAD_SENT);
	}
}

/* False: the n-th was not reached. */
static bool try_sweep(struct core_fixture *f, enum fault fault, int n)
{
	upload_two(f);
	core_fixture_sleep(f, LIMIT_UPLOAD_HOURS * HOUR_MS + 1);
	fault_plan_begin(fault, n);
	enum err err = sweep(f);
	bool was_reached = fault_plan_end();
	if (err == OK && was_reached && fault == FAULT_COMMIT)
		fail_msg("commit %d failed, and nobody says so", n);
	assert_int_equal(core_fixture_problems(f), 0);
	core_fixture_sleep(f, 2 * HOUR_MS);
	assert_int_equal(sweep(f), OK);
	assert_int_equal(count_blobs(f), 0);
	assert_int_equal(core_fixture_problems(f), 0);
	return was_reached;
}

static void a_sweep_that_fails_is_made_up_for(void **state)
{
	struct core_fixture *f = *state;
	for (enum fault fault = 0; fault < FAULT_COUNT; fault++) {
		int n = 1;
		while (n < MOST && try_sweep(f, fault, n))
			n++;
		print_message("# %s: %d\n", fault_plan_names[fault], n - 1);
		assert_in_range(n, fault == FAULT_BLOB ? 1 : 2, MOST - 1);
	}
}

static void a_check_that_fails_says_nothing_wrong(void **state)
{
	struct core_fixture *f = *state;
	upload_two(f);
	for (enum fault fault = 0; fault < FAULT_COUNT; fault++) {
		bool was_reached = true;
		for (int n = 1; was_reached; n++) {
			struct check_report report = {.problems = 0};
			assert_true(n < MOST);
			fault_plan_begin(fault, n);
			enum err err = check(f, &report);
			was_reached = fault_plan_end();
			if (report.problems != 0)
				fail_msg("%s %d: %d problems, %s", fault_plan_names[fault], n,
					 (int)report.problems, err_name(err));
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CORE_TEST(a_sweep_that_fails_is_made_up_for),
		CORE_TEST(a_check_that_fails_says_nothing_wrong),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
