/* The lists of messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "web/web_test_support.h"

static void many_unread_are_not_counted_out(void **state)
{
	(void)state;
	struct str ben = guest();
	/* One has been waiting. */
	for (int i = 2; i <= 100; i++) {
		core_fixture_send(&web.core, web.core.admin, STR("ben@example.com"), STR("S"),
				  STR("B"));
		if (i < 99)
			continue;
		struct web_answer answer = web_fixture_get(&web, STR("/inbox"), ben);
		assert_true(has(&answer, i == 99 ? ">99</span>" : ">99+</span>"));
		assert_true(has(&answer, i == 99 ? ", 99 unread" : ", more than 99 unread"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(many_unread_are_not_counted_out),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
