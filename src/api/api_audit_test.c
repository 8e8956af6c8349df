/* The audit log over the API (P7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/api_test_support.h"

static void set_seats(struct test *t, const char *admin, const char *body)
{
	call(t, "PUT", "/api/v1/settings", admin, body);
	expect(t, 200);
}

static const char *with(struct test *t, const char *query)
{
	return arena_printf(&t->f.arena, "/api/v1/audit%s", query).data;
}

static void test_what_was_done_is_listed(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	set_seats(t, admin, "{\"seat_limit\":10}");
	set_seats(t, admin, "{\"seat_limit\":50}");
	call(t, "GET", "/api/v1/audit", admin, NULL);
	expect(t, 200);
	expect_text(t, "items.0.kind", "setting_changed");
	expect_text(t, "items.0.subject", "seat_limit");
	expect_text(t, "items.0.before", "10");
	expect_text(t, "items.0.after", "50");
	expect_text(t, "items.0.actor", "Ada Admin");
	assert_non_null(strstr(json_string_value(at(t, "items.0.sentence")), "from “10” to “50”"));
	assert_true(json_is_false(at(t, "items.0.is_altered")));
	call(t, "GET", with(t, "?limit=1"), admin, NULL);
	expect(t, 200);
	assert_int_equal(json_array_size(at(t, "items")), 1);
	const char *cursor = keep(t, "next_cursor");
	call(t, "GET", with(t, arena_printf(&t->f.arena, "?limit=1&cursor=%s", cursor).data), admin,
	     NULL);
	expect_text(t, "items.0.after", "10");
	static const struct {
		const char *query, *kind;
		size_t count;
	} filters[] = {
		{"?kind=portal", "setting_changed", 2},
		{"?kind=people", "registered", 1},
		{"?kind=messages", NULL, 0},
		{"?person=admin@example.com&kind=portal", "setting_changed", 2},
		{"?q=FROM%20%E2%80%9C10", "setting_changed", 1},
		{"?q=nowhere%20at%20all", NULL, 0},
		{"?from=2001-01-01&kind=portal", "setting_changed", 2},
		{"?to=2001-01-01", NULL, 0},
	};
	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		call(t, "GET", with(t, filters[i].query), admin, NULL);
		expect(t, 200);
		if (json_array_size(at(t, "items")) != filters[i].count)
			fail_msg("%s: %s", filters[i].query, t->answer.body);
		if (filters[i].kind)
			expect_text(t, "items.0.kind", filters[i].kind);
	}
}

static void test_mistakes_are_told(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	static const char *const bad[][2] = {
		{"?kind=nothing", "kind"},
		{"?person=nobody@example.com", "person"},
		{"?person=no%20address", "person"},
		{"?from=2026-02-30", "from"},
		{"?to=yesterday", "to"},
		{"?from=2026-02-02&to=2026-02-01", "to"},
		{"?cursor=x", "cursor"},
		{"?limit=0", "limit"},
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		call(t, "GET", with(t, bad[i][0]), admin, NULL);
		expect_type(t, 422, "mistakes");
		if (!has_error(t, bad[i][1]))
			fail_msg("%s: %s", bad[i][0], t->answer.body);
	}
	call(t, "GET", "/api/v1/audit", NULL, NULL);
	expect_type(t, 401, "not-signed-in");
	call(t, "GET", "/api/v1/audit/export?kind=nothing", admin, NULL); /* AUDIT_AUDIT_EXPORTED */
	expect_type(t, 422, "mistakes");
	call(t, "GET", "/api/v1/audit?kind=keeping", admin, NULL);
	assert_int_equal(json_array_size(at(t, "items")), 0); /* nothing was taken along */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_was_done_is_listed),
		TEST(test_mistakes_are_told),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
