/* Seats over the API (P1.6). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/api_test_support.h"

static void invite(struct test *t, const char *admin, const char *address)
{
	call(t, "POST", "/api/v1/messages", admin,
	     arena_printf(&t->f.arena,
			  "{\"to\":[\"%s\"],\"subject\":\"s\",\"body\":\"b\",\"invite_as\":"
			  "\"professional\"}",
			  address)
		     .data);
}

static void test_seats(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	call(t, "GET", "/api/v1/seats", admin, NULL);
	expect(t, 200);
	assert_int_equal(json_integer_value(at(t, "used")), 1);
	assert_true(json_is_null(at(t, "limit")));
	assert_int_equal(json_array_size(at(t, "history")), 1);
	assert_int_equal(json_integer_value(at(t, "history.0.used")), 1);
	assert_true(json_is_null(at(t, "changes.0.by_id")));
	api_fixture_set(&t->f, "seat_limit", STR("3"));
	invite(t, admin, "paul@example.com");
	expect(t, 201);
	invite(t, admin, "quinn@example.com");
	expect(t, 201);
	invite(t, admin, "rosa@example.com");
	expect_type(t, 422, "mistakes");
	call(t, "GET", "/api/v1/seats?limit=2", admin, NULL);
	expect(t, 200);
	assert_int_equal(json_integer_value(at(t, "used")), 3);
	assert_int_equal(json_integer_value(at(t, "limit")), 3);
	assert_int_equal(json_integer_value(at(t, "history.0.used")), 3);
	expect_text(t, "changes.0.user", "quinn@example.com");
	expect_text(t, "changes.0.change", "taken");
	expect_text(t, "changes.0.by", "Ada Admin <admin@example.com>");
	assert_int_equal(json_array_size(at(t, "changes")), 2);
	const char *cursor = keep(t, "next_cursor");
	call(t, "GET", arena_printf(&t->f.arena, "/api/v1/seats?limit=2&cursor=%s", cursor).data,
	     admin, NULL);
	assert_int_equal(json_array_size(at(t, "changes")), 1);
	expect_text(t, "changes.0.user", "Ada Admin <admin@example.com>");
	assert_null(at(t, "next_cursor"));
}

/* Whom to ask (P1.6): branding says it, or the portal. */
static void test_at_the_limit_it_is_told_what_to_do(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	struct str link;
	invite(t, admin, "ben@example.com");
	expect(t, 201);
	assert_int_equal(api_fixture_take_mails(&t->f, "ben@example.com", &link), 2);
	const char *ben = api_fixture_register(&t->f, link, "Ben");
	call(t, "POST", "/api/v1/registration-rules", admin,
	     "{\"pattern\":\"staff.example\",\"allowed\":true,\"grade\":\"professional\"}");
	expect(t, 201);
	api_fixture_set(&t->f, "seat_limit", STR("2"));
	const struct {
		const char *support, *address, *detail;
	} cases[] = {
		{"", "carl@example.com",
		 "All 2 seats for our own staff are taken. Please invite new people as guests, or "
		 "ask an administrator of Lakeside Clinic for more seats."},
		{"help@example.com", "carl@example.com",
		 "All 2 seats for our own staff are taken. Please invite new people as guests, or "
		 "ask help@example.com for more seats."},
		{"", "dora@staff.example",
		 "All 2 seats for our own staff are taken, and a rule of this portal makes "
		 "dora@staff.example one of them. Please leave that person out for now, or ask an "
		 "administrator of Lakeside Clinic for more seats."},
	};
	api_fixture_set(&t->f, "name", STR("Lakeside Clinic"));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		api_fixture_set(&t->f, "support", str_of(cases[i].support));
		invite(t, ben, cases[i].address);
		expect_type(t, 422, "mistakes");
		expect_text(t, "errors.0.field", "to");
		expect_text(t, "errors.0.detail", cases[i].detail);
	}
	call(t, "GET", "/api/v1/seats", admin, NULL);
	assert_int_equal(json_integer_value(at(t, "used")), 2);
	/* Who can do something about it is told what. */
	call(t, "POST", "/api/v1/messages", admin,
	     "{\"to\":[\"gus@example.com\"],\"subject\":\"s\",\"body\":\"b\"}");
	expect(t, 201);
	call(t, "GET", "/api/v1/users?q=gus", admin, NULL);
	const char *gus = keep(t, "items.0.id");
	call(t, "PATCH", arena_printf(&t->f.arena, "/api/v1/users/%s", gus).data, admin,
	     "{\"grade\":\"professional\"}");
	expect_type(t, 422, "mistakes");
	expect_text(t, "errors.0.field", "grade");
	expect_text(t, "errors.0.detail",
		    "All 2 seats of Lakeside Clinic are taken. Please lower or disable somebody "
		    "else first, or raise the limit of seats in the settings.");
}

static void test_mistakes_are_told(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	static const char *const bad[][2] = {
		{"from=2026-13-01", "from"},
		{"to=2026-02-30", "to"},
		{"from=yesterday", "from"},
		{"from=2026-1-1", "from"},
		{"from=2000-01-01", "from"},
		{"from=9999-01-01", "from"},
		{"cursor=x", "cursor"},
		{"limit=0", "limit"},
		{"from=2020-01-02&to=2020-01-01", "from"},
		{"from=2026-01-0-", "from"},
		{"from=-026-01-01", "from"},
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		call(t, "GET", arena_printf(&t->f.arena, "/api/v1/seats?%s", bad[i][0]).data, admin,
		     NULL);
		expect_type(t, 422, "mistakes");
		if (!has_error(t, bad[i][1]))
			fail_msg("%s: %s", bad[i][0], t->answer.body);
	}
	/* Before anything is known. */
	call(t, "GET", "/api/v1/seats?from=2001-01-01&to=2001-02-01", admin, NULL);
	expect(t, 200);
	assert_int_equal(json_array_size(at(t, "history")), 0);
	call(t, "GET", "/api/v1/seats", NULL, NULL);
	expect_type(t, 401, "not-signed-in");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_seats),
		TEST(test_at_the_limit_it_is_told_what_to_do),
		TEST(test_mistakes_are_told),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
