/* Which page opens to whom, and what is said when one does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/limits.h"
#include "web/routes.h"
#include "web/site.h"
#include "web/web_test_support.h"

static const struct {
	const char *path;
	int anonymous, guest, professional;
} pages[] = {
	{"/", 303, 303, 303},
	{"/robots.txt", 200, 200, 200},
	{"/favicon.ico", 303, 303, 303},
	{"/sign-in", 200, 303, 303},
	{"/help-signing-in", 200, 200, 200},
	{"/register/nonsense", 404, 404, 404},
	{"/reset/nonsense", 404, 404, 404},
	{"/inbox", 303, 200, 200},
	{"/inbox?cursor=nonsense", 303, 400, 400},
	{"/inbox?cursor=%zz", 303, 400, 400},
	{"/drafts?cursor=nonsense", 303, 400, 400},
	{"/people?cursor=nonsense", 303, 400, 400},
	{"/sent", 303, 200, 200},
	{"/message/nonsense", 303, 404, 404},
	{"/message/01J00000000000000000000000", 303, 404, 404},
	{"/compose", 303, 200, 200},
	{"/people/suggest?q=ad", 303, 200, 200},
	{"/account", 303, 200, 200},
};

static void every_page_opens_to_those_it_is_for(void **state)
{
	(void)state;
	struct str ben = guest();
	struct str anna = admin();
	for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
		struct str path = str_of(pages[i].path);
		print_message("# %s\n", pages[i].path);
		assert_int_equal(web_fixture_get(&web, path, STR_NONE).status, pages[i].anonymous);
		assert_int_equal(web_fixture_get(&web, path, ben).status, pages[i].guest);
		assert_int_equal(web_fixture_get(&web, path, anna).status, pages[i].professional);
	}
}

static void every_form_of_another_site_is_refused(void **state)
{
	(void)state;
	struct str anna = admin();
	for (size_t i = 0; i < web_route_count; i++) {
		if (web_routes[i].method != METHOD_POST)
			continue;
		struct str path = str_of(web_routes[i].path);
		struct web_answer answer =
			web_fixture_post_from_elsewhere(&web, path, STR("a=b"), anna);
		assert_int_equal(answer.status, 403);
		assert_int_equal(answer.cookie.len, 0);
	}
}

static void a_form_of_another_site_is_told_why(void **state)
{
	(void)state;
	struct web_answer answer =
		web_fixture_post_from_elsewhere(&web, STR("/compose"), STR("a=b"), admin());
	assert_int_equal(answer.status, 403);
	assert_true(has(&answer, "This came from another website"));
	assert_false(has(&answer, "Your account may not do this"));
}

static void a_page_that_is_not_there_leads_back(void **state)
{
	(void)state;
	struct str ben = guest();
	struct web_answer answer = web_fixture_get(&web, STR("/nothing-here"), ben);
	assert_int_equal(answer.status, 404);
	assert_true(has(&answer, "<nav class=\"nav\""));
	assert_true(has(&answer, "Ben Adler"));
	answer = web_fixture_get(&web, STR("/nothing-here"), STR("nonsense"));
	assert_int_equal(answer.status, 404);
	assert_false(has(&answer, "<nav"));
	answer = web_fixture_get(&web, STR("/nothing-here"), STR_NONE);
	assert_int_equal(answer.status, 404);
	assert_false(has(&answer, "<nav"));
}

/* Who cannot read at the moment is not told that reading works. */
static void a_busy_server_does_not_speak_of_its_store(void **state)
{
	static const struct {
		enum err err;
		const char *title;
	} rows[] = {{ERR_BUSY, "One moment, please"},
		    {ERR_UNAVAILABLE, "We cannot store anything at the moment"}};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct cx cx = core_fixture_cx(&web.core, NULL);
		struct request req = {.arena = cx.arena, .method = METHOD_GET};
		struct response res = {.status = 503, .arena = cx.arena};
		buf_init(&res.body, 1 << 20);
		web_refuse(&cx, &req, &res, rows[i].err);
		assert_true(str_find(buf_str(&res.body), str_of(rows[i].title)) >= 0);
		buf_release(&res.body);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(every_page_opens_to_those_it_is_for),
		WEB_TEST(every_form_of_another_site_is_refused),
		WEB_TEST(a_form_of_another_site_is_told_why),
		WEB_TEST(a_page_that_is_not_there_leads_back),
		WEB_TEST(a_busy_server_does_not_speak_of_its_store),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
