/* Searching over the API (P4.1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/api_test_support.h"

static void test_what_is_found_is_told_with_its_place(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	for (int i = 0; i < 3; i++) {
		t->f.clock.now_ms += 1000;
		call(t, "POST", "/api/v1/messages", admin,
		     arena_printf(&t->f.arena,
				  "{\"to\":[\"gabi@example.org\"],\"subject\":\"Größe "
				  "%d\",\"body\":\"the "
				  "**Caf\u00e9** <b>\"}",
				  i)
			     .data);
		expect(t, 201);
	}
	call(t, "GET", "/api/v1/search?q=cafe&limit=2", admin, NULL);
	expect(t, 200);
	assert_int_equal(json_array_size(at(t, "items")), 2);
	expect_text(t, "items.0.subject", "Größe 2");
	expect_text(t, "items.0.box", "sent");
	expect_text(t, "items.0.subject_parts.0.text", "Größe 2");
	expect_text(t, "items.0.snippet.0.text", "the ");
	expect_text(t, "items.0.snippet.1.text", "Café");
	assert_true(json_is_true(at(t, "items.0.snippet.1.match")));
	assert_non_null(at(t, "looked_back_to"));
	call(t, "GET",
	     arena_printf(&t->f.arena, "/api/v1/search?q=cafe&limit=2&cursor=%s",
			  keep(t, "next_cursor"))
		     .data,
	     admin, NULL);
	assert_int_equal(json_array_size(at(t, "items")), 1);
	assert_null(at(t, "next_cursor"));
	call(t, "GET", "/api/v1/search?q=grosse+from%3Ame+zebra", admin, NULL);
	expect(t, 200);
	assert_int_equal(json_array_size(at(t, "items")), 0);
	call(t, "GET", "/api/v1/search?q=.%2A%5B", admin, NULL);
	expect(t, 200);
	call(t, "GET", "/api/v1/search?q=cafe", NULL, NULL);
	expect_type(t, 401, "not-signed-in");
}

static void test_mistakes_are_told(void **state)
{
	static const struct {
		const char *path, *field;
	} bad[] = {
		{"/api/v1/search", "q"},
		{"/api/v1/search?q=", "q"},
		{"/api/v1/search?q=x&limit=0", "limit"},
		{"/api/v1/search?q=x&limit=201", "limit"},
		{"/api/v1/search?q=x&cursor=garbage", "cursor"},
		{"/api/v1/search?q=x&cursor=", "cursor"},
		{"/api/v1/search?q=a+b+c+d+e+f+g+h+i+j+k+l+m+n+o+p+q", "q"},
	};
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		call(t, "GET", bad[i].path, admin, NULL);
		expect_type(t, 422, "mistakes");
		assert_true(has_error(t, bad[i].field));
	}
	struct str path = long_body(t, "/api/v1/search?q=", "x", 2500, "");
	call(t, "GET", arena_cstr(&t->f.arena, path), admin, NULL);
	expect_type(t, 422, "mistakes");
	assert_true(has_error(t, "q"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_is_found_is_told_with_its_place),
		TEST(test_mistakes_are_told),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
