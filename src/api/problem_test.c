/* Refusals of the layers below, as problem+json. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "api/api_test_support.h"
#include "api/problem.h"
#include "base/limits.h"

static void test_refusals_of_the_layers_below(void **state)
{
	static const struct {
		int status;
		const char *type;
	} rows[] = {
		{400, "bad-request"}, {414, "bad-request"}, {431, "bad-request"},
		{505, "bad-request"}, {413, "too-large"},   {500, "internal"},
		{503, "unavailable"},
	};
	struct test *t = *state;
	struct cx cx = api_fixture_cx(&t->f);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct response res = {.status = rows[i].status, .arena = cx.arena};
		buf_init(&res.body, LIMIT_RESPONSE_BYTES);
		problem_answer_status(&cx, &res);
		struct str type = arena_printf(cx.arena, "problem:%s\"", rows[i].type);
		if (res.status != rows[i].status || str_find(buf_str(&res.body), type) < 0)
			fail_msg("%d: %.*s", rows[i].status, STR_ARGS(buf_str(&res.body)));
		buf_release(&res.body);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_refusals_of_the_layers_below),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
