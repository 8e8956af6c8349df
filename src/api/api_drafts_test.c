/* Drafts by API (P4). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/api_test_support.h"
#include "base/limits.h"

static const char *draft_path(struct test *t, const char *id, const char *after)
{
	return arena_printf(&t->f.arena, "/api/v1/drafts/%s%s", id, after).data;
}

static void test_saving_and_going_on(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	call(t, "POST", "/api/v1/drafts", admin,
	     "{\"to\":[\"gabi@example.org\",\"unfinished\"],\"cc\":[\"ben@example.org\"],"
	     "\"subject\":\"Tides\",\"body\":\"High\",\"invite_as\":\"professional\"}");
	expect(t, 201);
	const char *id = keep(t, "id");
	assert_int_equal(json_integer_value(at(t, "version")), 1);
	assert_true(json_string_length(at(t, "saved_at")) == 24);
	call(t, "GET", draft_path(t, id, ""), admin, NULL);
	expect(t, 200);
	expect_text(t, "to.0", "gabi@example.org");
	expect_text(t, "to.1", "unfinished");
	expect_text(t, "cc.0", "ben@example.org");
	expect_text(t, "subject", "Tides");
	expect_text(t, "body", "High");
	expect_text(t, "invite_as", "professional");

	call(t, "PUT", draft_path(t, id, ""), admin, "{\"version\":1,\"subject\":\"Ebb\"}");
	expect(t, 200);
	assert_int_equal(json_integer_value(at(t, "version")), 2);
	call(t, "PUT", draft_path(t, id, ""), admin, "{\"version\":1,\"subject\":\"Flood\"}");
	expect_type(t, 409, "conflict");
	call(t, "GET", "/api/v1/drafts", admin, NULL);
	expect(t, 200);
	assert_int_equal(json_array_size(at(t, "items")), 1);
	expect_text(t, "items.0.id", id);
	expect_text(t, "items.0.subject", "Ebb");
	assert_int_equal(json_array_size(at(t, "items.0.to")), 0);
	assert_null(at(t, "next_cursor"));

	call(t, "DELETE", draft_path(t, id, ""), admin, NULL);
	expect(t, 204);
	call(t, "DELETE", draft_path(t, id, ""), admin, NULL);
	expect_type(t, 404, "not-found");
}

static void test_nothing_is_required(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	call(t, "POST", "/api/v1/drafts", admin, "{}");
	expect(t, 201);
	const char *send = draft_path(t, keep(t, "id"), "/send");
	call(t, "POST", send, admin, NULL);
	expect_type(t, 422, "mistakes");
	assert_true(has_error(t, "to") && has_error(t, "body"));
	call(t, "GET", "/api/v1/drafts", admin, NULL);
	assert_int_equal(json_array_size(at(t, "items")), 1);
}

static void test_pages(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	for (int i = 0; i < 5; i++) {
		call(t, "POST", "/api/v1/drafts", admin, "{\"body\":\"b\"}");
		expect(t, 201);
	}
	call(t, "GET", "/api/v1/drafts?limit=3", admin, NULL);
	assert_int_equal(json_array_size(at(t, "items")), 3);
	const char *path = arena_printf(&t->f.arena, "/api/v1/drafts?limit=3&cursor=%s",
					keep(t, "next_cursor"))
				   .data;
	call(t, "GET", path, admin, NULL);
	assert_int_equal(json_array_size(at(t, "items")), 2);
	assert_null(at(t, "next_cursor"));
}

static void test_sending_is_once(void **state)
{
	struct test *t = *state;
	if (t == NULL)
		skip();
	const char *admin = sign_in_admin(t);
	call(t, "POST", "/api/v1/drafts", admin,
	     "{\"to\":[\"gabi@example.org\"],\"subject\":\"s\",\"body\":\"b\"}");
	const char *id = keep(t, "id");
	struct api_call send = {.method = "POST",
				.path = draft_path(t, id, "/send"),
				.token = admin,
				.idempotency_key = "one"};
	api_fixture_call(&t->f, &send, &t->answer);
	expect(t, 201);
	expect_text(t, "recipients.0.email", "gabi@example.org");
	const char *message = keep(t, "id");
	api_fixture_call(&t->f, &send, &t->answer);
	expect(t, 201);
	expect_text(t, "id", message);
	send.idempotency_key = "two";
	api_fixture_call(&t->f, &send, &t->answer);
	expect_type(t, 404, "not-found");
	assert_int_equal(api_fixture_take_mails(&t->f, "gabi@example.org", NULL), 2);
	call(t, "GET", draft_path(t, id, ""), admin, NULL);
	expect_type(t, 404, "not-found");
}

static void test_mistakes(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	static const struct {
		const char *method, *after, *body, *field;
	} cases[] = {
		{"POST", "", "{\"to\":\"gabi@example.org\"}", "to"},
		{"POST", "", "{\"to\":[\"a@example.org, b@example.org\"]}", "to"},
		{"POST", "", "{\"bcc\":[\"a@example.org\\nb@example.org\"]}", "bcc"},
		{"POST", "", "{\"invite_as\":\"king\"}", "invite_as"},
		{"POST", "", "{\"reply_to\":\"x\"}", "reply_to"},
		{"POST", "", "{\"version\":1}", "version"},
		{"POST", "", "{\"body\":null}", "body"},
		{"PUT", "/01ARZ3NDEKTSV4RRFFQ69G5FAV", "{}", "version"},
		{"PUT", "/01ARZ3NDEKTSV4RRFFQ69G5FAV", "{\"version\":0}", "version"},
		{"PUT", "/01ARZ3NDEKTSV4RRFFQ69G5FAV", "{\"version\":\"1\"}", "version"},
		{"GET", "?cursor=rubbish", NULL, "cursor"},
		{"GET", "?cursor=", NULL, "cursor"},
		{"GET", "?limit=0", NULL, "limit"},
		{"GET", "?limit=201", NULL, "limit"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *path =
			arena_printf(&t->f.arena, "/api/v1/drafts%s", cases[i].after).data;
		call(t, cases[i].method, path, admin, cases[i].body);
		expect_type(t, 422, "mistakes");
		if (!has_error(t, cases[i].field))
			fail_msg("%s: %s", cases[i].body, t->answer.body);
	}
}

static void test_others_ids_are_none(void **state)
{
	struct test *t = *state;
	struct str token = {0};
	const char *admin = sign_in_admin(t);
	call(t, "POST", "/api/v1/messages", admin,
	     "{\"to\":[\"gabi@example.org\"],\"body\":\"b\"}");
	api_fixture_take_mails(&t->f, "gabi@example.org", &token);
	const char *gabi = api_fixture_register(&t->f, token, "Gabi");
	call(t, "POST", "/api/v1/drafts", admin, "{\"body\":\"Mine\"}");
	const char *id = keep(t, "id");
	static const struct {
		const char *method, *after, *body;
	} calls[] = {
		{"GET", "", NULL},
		{"PUT", "", "{\"version\":1,\"body\":\"Yours\"}"},
		{"DELETE", "", NULL},
		{"POST", "/send", NULL},
	};
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		call(t, calls[i].method, draft_path(t, id, calls[i].after), gabi, calls[i].body);
		expect_type(t, 404, "not-found");
		call(t, calls[i].method, draft_path(t, "nonsense", calls[i].after), gabi,
		     calls[i].body);
		expect_type(t, 404, "not-found");
		call(t, calls[i].method, draft_path(t, id, calls[i].after), NULL, calls[i].body);
		expect_type(t, 401, "not-signed-in");
	}
	call(t, "GET", draft_path(t, id, ""), admin, NULL);
	expect_text(t, "body", "Mine");
	/* A guest has drafts as well. */
	call(t, "POST", "/api/v1/drafts", gabi, "{\"body\":\"Hers\"}");
	expect(t, 201);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_saving_and_going_on),
		TEST(test_nothing_is_required),
		TEST(test_pages),
		TEST(test_sending_is_once),
		TEST(test_mistakes),
		TEST(test_others_ids_are_none),
		{"sending is once (postgres)", test_sending_is_once, set_up_postgres, tear_down,
		 NULL},
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("api drafts", tests, NULL, NULL);
}
