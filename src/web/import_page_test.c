/* The page of importing people: every row's fate before anything is done. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "web/web_test_support.h"

static struct web_answer look(const char *file, struct str who)
{
	const struct web_upload upload = {STR("people.csv"), str_of(file)};
	return web_fixture_post_files(&web, STR("/admin/users/import"), &upload, 1, who);
}

static void each_rows_fate_is_shown(void **state)
{
	(void)state;
	struct str anna = admin();
	struct web_answer answer = web_fixture_get(&web, STR("/admin/users/import"), anna);
	assert_int_equal(answer.status, 200);
	answer = look("address,grade\nnew@example.com,guest\nnonsense,guest\n"
		      "admin@example.com,professional\n<b>@example.com,\n",
		      anna);
	assert_int_equal(answer.status, 200);
	assert_true(has(&answer, "1 will be invited"));
	assert_true(has(&answer, "1 here already, unchanged"));
	assert_true(has(&answer, "2 left out: not an e-mail address"));
	assert_true(has(&answer, "new@example.com,guest"));
	assert_true(has(&answer, "value=\"import\""));
	assert_false(has(&answer, "<b>"));
	/* Those left out come first. */
	assert_true(str_find(answer.body, STR("<bdi>nonsense</bdi>")) <
		    str_find(answer.body, STR("<bdi>new@example.com</bdi>")));
	answer = look("address\nadmin@example.com\n", anna);
	assert_true(has(&answer, "There is nothing to do."));
	assert_false(has(&answer, "value=\"import\""));
}

static void files_that_cannot_be_used_are_refused(void **state)
{
	(void)state;
	struct str anna = admin();
	static const char *const bad[][2] = {
		{"", "There is nobody in this file."},
		{"name\nAnna\n", "one of them must be address"},
		{"address\n\"a@example.com\n", "quotation mark in line 2"},
		{"address\nM\xfcller@example.com\n", "not in UTF-8"},
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct web_answer answer = look(bad[i][0], anna);
		assert_int_equal(answer.status, 422);
		assert_true(has(&answer, bad[i][1]));
	}
	struct str ben = guest();
	assert_int_equal(look("address\na@example.com\n", ben).status, 403);
	assert_int_equal(web_fixture_get(&web, STR("/admin/users/import"), ben).status, 403);
	assert_int_equal(web_fixture_get(&web, STR("/admin/users/export.csv"), ben).status, 403);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(each_rows_fate_is_shown),
		WEB_TEST(files_that_cannot_be_used_are_refused),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
