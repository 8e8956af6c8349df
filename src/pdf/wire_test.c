/* What the portal and the worker say to each other: every byte counts, nothing more is taken. */
#include "pdf/job.h"

#include "base/limits.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct pdf_field field = {
	.id = {"a1", 2},
	.kind = PDF_FIELD_TEXT,
	.signer = 1,
	.box = {.page = 3, .x = 1.5, .y = 2, .width = 3, .height = 4}};
static const struct str signers[] = {{"Anna", 4}, {"Bo", 2}};
static const struct pdf_mark mark = {.field_id = {"a1", 2}, .text = {"x", 1}, .png = {"\0y", 2}};
static const struct job jobs[] = {
	{.kind = JOB_INSPECT},
	{.kind = JOB_SIGNATURES},
	{.kind = JOB_PREPARE,
	 .plan = {.fields = &field,
		  .field_count = 1,
		  .signers = signers,
		  .signer_count = 2,
		  .title = {"Title", 5},
		  .trail_lines = 7,
		  .wants_blocks = true}},
	{.kind = JOB_SIGN,
	 .signing = {.kind = PDF_SIGN,
		     .signer = 1,
		     .marks = &mark,
		     .mark_count = 1,
		     .name = {"Bo", 2},
		     .at_ms = 1795445100000}},
};

static void a_job_is_read_as_it_was_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
		CLEANUP_ARENA struct arena arena;
		CLEANUP_BUF struct buf once;
		CLEANUP_BUF struct buf twice;
		struct job job;
		arena_init(&arena, 1 << 20);
		buf_init(&once, LIMIT_PDF_JOB_BYTES);
		buf_init(&twice, LIMIT_PDF_JOB_BYTES);
		job_put(&once, &jobs[i]);
		assert_int_equal(job_read(buf_str(&once), &arena, &job), OK);
		job_put(&twice, &job);
		assert_true(str_eq(buf_str(&once), buf_str(&twice)));
	}
}

static void less_or_more_than_a_job_is_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
		CLEANUP_ARENA struct arena arena;
		CLEANUP_BUF struct buf bytes;
		struct job job;
		arena_init(&arena, 1 << 20);
		buf_init(&bytes, LIMIT_PDF_JOB_BYTES);
		job_put(&bytes, &jobs[i]);
		for (size_t len = 0; len < bytes.len; len++)
			assert_int_equal(job_read(str_slice(buf_str(&bytes), 0, len), &arena, &job),
					 ERR_INVALID);
		buf_add_char(&bytes, 'x');
		assert_int_equal(job_read(buf_str(&bytes), &arena, &job), ERR_INVALID);
	}
}

static void what_no_portal_would_ask_is_refused(void **state)
{
	struct pdf_field odd[7];
	struct job job = jobs[2], read;
	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		odd[i] = field;
	odd[0].id = STR("a/b");
	odd[1].id = STR("");
	odd[2].kind = 7;
	odd[3].signer = 2; /* there are two */
	odd[4].box.page = 0;
	odd[5].box.x = NAN;
	odd[6].box.width = 1e300;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		CLEANUP_ARENA struct arena arena;
		CLEANUP_BUF struct buf bytes;
		arena_init(&arena, 1 << 20);
		buf_init(&bytes, LIMIT_PDF_JOB_BYTES);
		job.plan.fields = &odd[i];
		job_put(&bytes, &job);
		assert_int_equal(job_read(buf_str(&bytes), &arena, &read), ERR_INVALID);
	}
}

static void a_count_is_believed_only_with_its_bytes(void **state)
{
	const char bytes[] = "\xff\xff\0\0\0\0\0\0 and little more";
	struct wire wire = {.rest = str_bytes(bytes, sizeof(bytes) - 1)};
	(void)state;
	assert_int_equal(wire_count(&wire, 100000, 8), 0);
	assert_true(wire.is_bad);
	assert_int_equal(wire_text(&wire, 10).len, 0);
	assert_false(wire_is_whole(&wire));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_job_is_read_as_it_was_written),
		cmocka_unit_test(less_or_more_than_a_job_is_none),
		cmocka_unit_test(what_no_portal_would_ask_is_refused),
		cmocka_unit_test(a_count_is_believed_only_with_its_bytes),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
