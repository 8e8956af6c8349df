/* People, groups and blocks by API. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/api_test_support.h"
#include "base/limits.h"

static const char *path_to(struct test *t, const char *before, const char *id, const char *after)
{
	return arena_printf(&t->f.arena, "/api/v1/%s%s%s", before, id, after).data;
}

/* The administrator has written to them, and they have registered. */
static const char *gabi(struct test *t, const char *admin)
{
	struct str token = STR_NONE;
	call(t, "POST", "/api/v1/messages", admin,
	     "{\"to\":[\"gabi@example.org\"],\"subject\":\"Tides\",\"body\":\"High\"}");
	expect(t, 201);
	api_fixture_take_mails(&t->f, "gabi@example.org", &token);
	return api_fixture_register(&t->f, token, "Gabi");
}

static void test_people(void **state)
{
	struct test *t = *state;
	if (t == NULL)
		skip();
	const char *admin = sign_in_admin(t);
	call(t, "GET", "/api/v1/people", admin, NULL);
	expect(t, 200);
	assert_int_equal(json_array_size(at(t, "items")), 0);
	const char *guest = gabi(t, admin);
	call(t, "GET", "/api/v1/people?q=gab&limit=1", admin, NULL);
	expect(t, 200);
	expect_text(t, "items.0.email", "gabi@example.org");
	expect_text(t, "items.0.name", "Gabi");
	expect_text(t, "items.0.grade", "guest");
	expect_text(t, "items.0.state", "active");
	assert_true(json_is_false(at(t, "items.0.blocked")));
	assert_null(at(t, "next_cursor"));
	const char *id = keep(t, "items.0.id");
	call(t, "GET", path_to(t, "people/", id, ""), admin, NULL);
	expect(t, 200);
	expect_text(t, "email", "gabi@example.org");
	call(t, "GET", path_to(t, "people/", id, "/messages"), admin, NULL);
	expect(t, 200);
	expect_text(t, "items.0.subject", "Tides");
	t->f.clock.now_ms += 1000;
	call(t, "POST", "/api/v1/messages", guest,
	     "{\"to\":[\"admin@example.com\"],\"subject\":\"Ebb\",\"body\":\"Low\"}");
	expect(t, 201);
	call(t, "GET", path_to(t, "people/", id, "/messages?limit=1"), admin, NULL);
	expect_text(t, "items.0.subject", "Ebb");
	const char *next =
		arena_printf(&t->f.arena, "/messages?cursor=%s", keep(t, "next_cursor")).data;
	call(t, "GET", path_to(t, "people/", id, next), admin, NULL);
	expect_text(t, "items.0.subject", "Tides");
}

static void test_blocks(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	const char *guest = gabi(t, admin);
	static const char message[] =
		"{\"to\":[\"admin@example.com\"],\"subject\":\"Ebb\",\"body\":\"Low\"}";
	call(t, "GET", "/api/v1/people", admin, NULL);
	const char *id = keep(t, "items.0.id");
	call(t, "PUT", path_to(t, "people/", id, "/block"), admin, NULL);
	expect(t, 204);
	call(t, "GET", path_to(t, "people/", id, ""), admin, NULL);
	assert_true(json_is_true(at(t, "blocked")));
	call(t, "POST", "/api/v1/messages", guest, message);
	expect_type(t, 422, "mistakes");
	assert_true(has_error(t, "to"));
	call(t, "GET", "/api/v1/people", guest, NULL);
	expect_text(t, "items.0.state", "disabled");
	assert_true(json_is_false(at(t, "items.0.blocked")));
	const char *admin_id = keep(t, "items.0.id");
	call(t, "PUT", path_to(t, "people/", admin_id, "/block"), guest, NULL);
	expect_type(t, 403, "denied");
	call(t, "DELETE", path_to(t, "people/", id, "/block"), admin, NULL);
	expect(t, 204);
	call(t, "POST", "/api/v1/messages", guest, message);
	expect(t, 201);
}

static void test_groups(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	const char *guest = gabi(t, admin);
	call(t, "POST", "/api/v1/groups", admin,
	     "{\"name\":\"Board\",\"members\":[\"gabi@example.org\",\"new@example.net\"]}");
	expect(t, 201);
	const char *id = keep(t, "id");
	expect_text(t, "name", "Board");
	expect_text(t, "members.1", "new@example.net");
	call(t, "PUT", path_to(t, "groups/", id, ""), admin,
	     "{\"name\":\"The board\",\"members\":[\"gabi@example.org\"]}");
	expect(t, 200);
	call(t, "GET", "/api/v1/groups", admin, NULL);
	expect_text(t, "items.0.name", "The board");
	assert_int_equal(json_array_size(at(t, "items.0.members")), 1);
	call(t, "POST", "/api/v1/messages", admin,
	     "{\"to\":[\"the board\"],\"subject\":\"s\",\"body\":\"b\"}");
	expect(t, 201);
	expect_text(t, "recipients.0.email", "gabi@example.org");
	call(t, "GET", path_to(t, "groups/", id, ""), guest, NULL);
	expect_type(t, 404, "not-found");
	call(t, "PUT", path_to(t, "groups/", id, ""), guest,
	     "{\"name\":\"Mine\",\"members\":[\"admin@example.com\"]}");
	expect_type(t, 404, "not-found");
	call(t, "DELETE", path_to(t, "groups/", id, ""), guest, NULL);
	expect_type(t, 404, "not-found");
	call(t, "DELETE", path_to(t, "groups/", id, ""), admin, NULL);
	expect(t, 204);
	call(t, "GET", path_to(t, "groups/", id, ""), admin, NULL);
	expect_type(t, 404, "not-found");
}

static void test_mistakes(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	static const struct {
		const char *method, *path, *body, *field;
	} rows[] = {
		{"GET", "/api/v1/people?limit=0", NULL, "limit"},
		{"GET", "/api/v1/people?limit=201", NULL, "limit"},
		{"GET", "/api/v1/people?cursor=", NULL, "cursor"},
		{"GET", "/api/v1/people?cursor=x-y", NULL, "cursor"},
		{"POST", "/api/v1/groups", "{\"members\":[\"a@example.org\"]}", "name"},
		{"POST", "/api/v1/groups", "{\"name\":\"B\"}", "members"},
		{"POST", "/api/v1/groups", "{\"name\":\"B\",\"members\":[\"x\"]}", "members"},
		{"POST", "/api/v1/groups", "{\"name\":\"B\",\"members\":\"x\"}", "members"},
		{"POST", "/api/v1/groups", "{\"name\":7,\"members\":[\"a@example.org\"]}", "name"},
		{"POST", "/api/v1/groups", "{\"name\":\"B\",\"members\":[],\"more\":1}", "more"},
	};
	const char *longer = arena_printf(&t->f.arena, "/api/v1/people?q=%0101d", 1).data;
	call(t, "GET", longer, admin, NULL);
	expect_type(t, 422, "mistakes");
	assert_true(has_error(t, "q"));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		call(t, rows[i].method, rows[i].path, admin, rows[i].body);
		expect_type(t, 422, "mistakes");
		if (!has_error(t, rows[i].field))
			fail_msg("%s %s: no word about %s", rows[i].method, rows[i].path,
				 rows[i].field);
	}
	static const char *const none[] = {
		"/api/v1/people/x", "/api/v1/people/01ARZ3NDEKTSV4RRFFQ69G5FAV",
		"/api/v1/people/01ARZ3NDEKTSV4RRFFQ69G5FAV/messages", "/api/v1/groups/x",
		"/api/v1/groups/01ARZ3NDEKTSV4RRFFQ69G5FAV"};
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		call(t, "GET", none[i], admin, NULL);
		expect_type(t, 404, "not-found");
		call(t, "GET", none[i], NULL, NULL);
		expect_type(t, 401, "not-signed-in");
	}
}

static void test_settings(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	call(t, "GET", "/api/v1/me/settings", admin, NULL);
	expect(t, 200);
	expect_text(t, "notifications", "each");
	expect_text(t, "away_text", "");
	call(t, "PATCH", "/api/v1/me/settings", admin,
	     "{\"notifications\":\"hourly\",\"away_from\":\"2026-01-01\",\"away_until\":"
	     "\"2099-01-01\",\"away_text\":\"Away\",\"zone\":\"Europe/Berlin\"}");
	expect(t, 200);
	call(t, "PATCH", "/api/v1/me/settings", admin, "{\"signature\":\"Ada\"}");
	expect(t, 200);
	expect_text(t, "notifications", "hourly");
	expect_text(t, "away_from", "2026-01-01");
	expect_text(t, "away_until", "2099-01-01");
	assert_true(json_is_true(at(t, "away_now")));
	expect_text(t, "signature", "Ada");
	expect_text(t, "zone", "Europe/Berlin");
	static const struct {
		const char *body, *field;
	} rows[] = {
		{"{\"notifications\":\"never\"}", "notifications"},
		{"{\"away_until\":\"2025-12-31\"}", "away_until"},
		{"{\"away_from\":\"soon\"}", "away_from"},
		{"{\"away_text\":\"\"}", "away_text"},
		{"{\"zone\":\"Mars/Olympus\"}", "zone"},
		{"{\"language\":\"tlh\"}", "language"},
		{"{\"signature\":7}", "signature"},
		{"{\"away_now\":true}", "away_now"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		call(t, "PATCH", "/api/v1/me/settings", admin, rows[i].body);
		expect_type(t, 422, "mistakes");
		if (!has_error(t, rows[i].field))
			fail_msg("%s", rows[i].body);
	}
	call(t, "GET", "/api/v1/me/settings", NULL, NULL);
	expect_type(t, 401, "not-signed-in");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_people),
		TEST(test_blocks),
		TEST(test_groups),
		TEST(test_mistakes),
		TEST(test_settings),
		cmocka_unit_test_setup_teardown(test_people, set_up_postgres, tear_down)};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
