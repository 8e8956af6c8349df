/* Labels over the API (P4.1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/api_test_support.h"
#include "base/limits.h"

static void test_labels_are_made_used_and_deleted(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	call(t, "POST", "/api/v1/labels", admin, "{\"name\":\" Board \"}");
	expect(t, 201);
	expect_text(t, "name", "Board");
	const char *id = keep(t, "id");
	const char *path = arena_printf(&t->f.arena, "/api/v1/labels/%s", id).data;
	call(t, "PATCH", path, admin, "{\"name\":\"The board\"}");
	expect(t, 200);
	expect_text(t, "name", "The board");
	call(t, "GET", "/api/v1/labels", admin, NULL);
	expect_text(t, "items.0.name", "The board");
	call(t, "POST", "/api/v1/messages", admin,
	     "{\"to\":[\"gabi@example.org\"],\"subject\":\"s\",\"body\":\"b\"}");
	const char *message = message_path(t, keep(t, "id"), "");
	call(t, "PATCH", message, admin, "{\"labels\":[\"the Board\",\"Taxes\"]}");
	expect(t, 200);
	expect_text(t, "labels.0", "Taxes");
	expect_text(t, "labels.1", "The board");
	call(t, "GET", message, admin, NULL);
	expect_text(t, "labels.1", "The board");
	const char *list = arena_printf(&t->f.arena, "%s/messages?limit=1", path).data;
	call(t, "GET", list, admin, NULL);
	expect(t, 200);
	expect_text(t, "items.0.labels.0", "Taxes");
	call(t, "DELETE", path, admin, NULL);
	expect(t, 204);
	call(t, "GET", list, admin, NULL);
	expect_type(t, 404, "not-found");
	call(t, "PATCH", message, admin, "{\"labels\":[]}");
	expect(t, 200);
	assert_int_equal(json_array_size(at(t, "labels")), 0);
}

static void test_mistakes_are_told(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	char *name = arena_alloc(&t->f.arena, 10001);
	memset(name, 'x', 10000);
	call(t, "POST", "/api/v1/messages", admin,
	     "{\"to\":[\"gabi@example.org\"],\"subject\":\"s\",\"body\":\"b\"}");
	const char *message = message_path(t, keep(t, "id"), "");
	const struct {
		const char *method, *path, *body, *field;
	} bad[] = {
		{"POST", "/api/v1/labels", "{\"name\":\"\"}", "name"},
		{"POST", "/api/v1/labels", "{}", "name"},
		{"POST", "/api/v1/labels",
		 arena_printf(&t->f.arena, "{\"name\":\"%s\"}", name).data, "name"},
		{"PATCH", message, arena_printf(&t->f.arena, "{\"labels\":[\"%s\"]}", name).data,
		 "labels"},
		{"PATCH", message, "{\"labels\":\"Board\"}", "labels"},
		{"PATCH", message, "{\"labels\":[1]}", "labels"},
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		call(t, bad[i].method, bad[i].path, admin, bad[i].body);
		expect_type(t, 422, "mistakes");
		assert_true(has_error(t, bad[i].field));
	}
}

/* P4.1: one call changes box, mark and labels, or nothing. */
static void test_a_change_is_whole_or_nothing(void **state)
{
	struct test *t = *state;
	if (t == NULL)
		skip();
	const char *admin = sign_in_admin(t);
	call(t, "POST", "/api/v1/messages", admin,
	     "{\"to\":[\"gabi@example.org\"],\"subject\":\"s\",\"body\":\"b\"}");
	const char *message = message_path(t, keep(t, "id"), "");
	call(t, "PATCH", message, admin,
	     "{\"box\":\"archive\",\"read\":false,\"labels\":[\"Taxes\",\"Board\"]}");
	expect(t, 200);
	for (int i = 2; i < LIMIT_LABELS; i++) {
		call(t, "POST", "/api/v1/labels", admin,
		     arena_printf(&t->f.arena, "{\"name\":\"label %d\"}", i).data);
		expect(t, 201);
	}
	static const char *const bad[] = {
		"{\"box\":\"trash\",\"read\":true,\"labels\":[\"one too many\"]}",
		"{\"box\":\"trash\",\"read\":true,\"labels\":[\"\"]}",
		"{\"box\":\"trash\",\"read\":true,\"labels\":[1]}",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		call(t, "PATCH", message, admin, bad[i]);
		expect_type(t, 422, "mistakes");
		assert_true(has_error(t, "labels"));
		call(t, "GET", "/api/v1/messages?box=archive", admin, NULL);
		assert_int_equal(json_array_size(at(t, "items")), 1);
		assert_true(json_is_true(at(t, "items.0.unread")));
		expect_text(t, "items.0.labels.0", "Board");
		expect_text(t, "items.0.labels.1", "Taxes");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_labels_are_made_used_and_deleted),
		TEST(test_mistakes_are_told),
		TEST(test_a_change_is_whole_or_nothing),
		{"a change is whole or nothing (postgres)", test_a_change_is_whole_or_nothing,
		 set_up_postgres, tear_down, NULL},
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
