/* Where one may be sent after signing in: never to another site. */
#include "web/next_path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct {
	const char *typed;
	const char *goes_to;
} rows[] = {
	{"", "/"},
	{"/inbox", "/inbox"},
	{"/message/01J0000000000000000000000A", "/message/01J0000000000000000000000A"},
	{"/compose?to=anna%40example.com", "/compose?to=anna%40example.com"},
	{"/inbox#x", "/inbox#x"},
	{"//evil.example", "/"},
	{"///evil.example", "/"},
	{"////evil.example", "/"},
	{"/\\evil.example", "/"},
	{"/\\/evil.example", "/"},
	{"\\\\evil.example", "/"},
	{"\\/evil.example", "/"},
	{"/a\\b", "/"},
	{"https://evil.example", "/"},
	{"https:/evil.example", "/"},
	{"https:evil.example", "/"},
	{"HTTPS://evil.example", "/"},
	{"javascript:alert(1)", "/"},
	{"data:text/html,x", "/"},
	{"evil.example", "/"},
	{"@evil.example", "/"},
	{".evil.example", "/"},
	{"?next=//evil.example", "/"},
	{"#//evil.example", "/"},
	{" /inbox", "/"},
	{" //evil.example", "/"},
	{"\t//evil.example", "/"},
	{"/\t/evil.example", "/"},
	{"/\n/evil.example", "/"},
	{"/\r\n/evil.example", "/"},
	{"/inbox\r\nSet-Cookie: a=b", "/"},
	{"/\x01inbox", "/"},
	{"/\x7f/evil.example", "/"},
	{"/\xe2\x80\x8b/evil.example", "/"},
	{"/sign-in", "/"},
	{"/sign-in?next=/sign-in", "/"},
	{"/sign-out", "/"},
};

static void only_paths_of_this_portal(void **state)
{
	struct arena CLEANUP_ARENA arena;
	(void)state;
	arena_init(&arena, 1 << 16);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_string_equal(arena_cstr(&arena, next_path_local(str_of(rows[i].typed))),
				    rows[i].goes_to);
}

static void the_sign_in_page_knows_the_way_back(void **state)
{
	struct arena CLEANUP_ARENA arena;
	(void)state;
	arena_init(&arena, 1 << 16);
	assert_string_equal(
		arena_cstr(&arena, next_path_sign_in(&arena, STR("/inbox"), STR("cursor=a%20b&x"))),
		"/sign-in?next=%2Finbox%3Fcursor%3Da%2520b%26x");
	assert_string_equal(arena_cstr(&arena, next_path_sign_in(&arena, STR("/"), STR_NONE)),
			    "/sign-in");
	assert_string_equal(
		arena_cstr(&arena, next_path_sign_in(&arena, STR("//evil.example"), STR_NONE)),
		"/sign-in");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_paths_of_this_portal),
		cmocka_unit_test(the_sign_in_page_knows_the_way_back),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
