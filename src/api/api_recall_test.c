/* Recall and tracking over the API (P4.3, P4.4). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/api_test_support.h"

static const char *register_person(struct test *t, const char *admin, const char *address,
				   const char *grade)
{
	struct str token = STR_NONE;
	call(t, "POST", "/api/v1/messages", admin,
	     arena_printf(&t->f.arena,
			  "{\"to\":[\"%s\"],\"subject\":\"Hello\",\"body\":\"b\",\"invite_as\":"
			  "\"%s\"}",
			  address, grade)
		     .data);
	expect(t, 201);
	api_fixture_take_mails(&t->f, address, &token);
	return api_fixture_register(&t->f, token, "Somebody");
}

static const char *send_findings(struct test *t, const char *admin, const char *after)
{
	call(t, "POST", "/api/v1/messages", admin,
	     "{\"to\":[\"gabi@example.org\",\"paul@example.com\"],\"subject\":\"Findings\","
	     "\"body\":\"Secret\"}");
	expect(t, 201);
	return message_path(t, keep(t, "id"), after);
}

static void expect_null(struct test *t, const char *path)
{
	assert_non_null(at(t, path));
	assert_true(json_is_null(at(t, path)));
}

static void test_a_recalled_message_is_a_notice(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	const char *gabi = register_person(t, admin, "gabi@example.org", "guest");
	const char *paul = register_person(t, admin, "paul@example.com", "professional");
	const char *message = send_findings(t, admin, "");
	const char *recall = arena_printf(&t->f.arena, "%s/recall", message).data;
	call(t, "GET", message, gabi, NULL);
	expect_text(t, "body", "Secret");
	expect_null(t, "recalled_at");
	call(t, "POST", recall, admin,
	     "{\"reason\":\"Wrong file\",\"recipients\":[\"gabi@example.org\"]}");
	expect(t, 200);
	const char *recalled_at = keep(t, "recalled_at");
	for (int i = 0; i < 2; i++) {
		call(t, "GET", message, gabi, NULL);
		expect(t, 200);
		expect_text(t, "subject", "Findings");
		expect_null(t, "body");
		expect_text(t, "recalled_at", recalled_at);
		expect_text(t, "recall_reason", "Wrong file");
	}
	call(t, "GET", "/api/v1/messages", gabi, NULL);
	for (size_t i = 0; i < json_array_size(at(t, "items")); i++) {
		json_t *item = json_array_get(at(t, "items"), i);
		const char *subject = json_string_value(json_object_get(item, "subject"));
		bool is_recalled = json_is_true(json_object_get(item, "recalled"));
		assert_int_equal(is_recalled, strcmp(subject, "Findings") == 0);
	}
	call(t, "GET", message, paul, NULL);
	expect_text(t, "body", "Secret");
	expect_null(t, "recalled_at");
	/* The rest; and again, which changes nothing. */
	call(t, "POST", recall, admin, "{}");
	expect(t, 200);
	const char *whole_at = keep(t, "recalled_at");
	call(t, "POST", recall, admin, "{\"reason\":\"Another\"}");
	expect(t, 200);
	expect_text(t, "recalled_at", whole_at);
	call(t, "GET", message, paul, NULL);
	expect_null(t, "body");
	expect_text(t, "recall_reason", "");
	/* The sender keeps it. */
	call(t, "GET", message, admin, NULL);
	expect_text(t, "body", "Secret");
	expect_text(t, "recalled_at", whole_at);
	/* Nobody answers it any more. */
	call(t, "POST", arena_printf(&t->f.arena, "%s/reply", message).data, gabi,
	     "{\"body\":\"But\"}");
	expect_type(t, 409, "conflict");
}

static void test_who_may_recall_and_what(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	const char *gabi = register_person(t, admin, "gabi@example.org", "guest");
	const char *paul = register_person(t, admin, "paul@example.com", "professional");
	const char *ines = register_person(t, admin, "ines@example.com", "professional");
	const char *recall = send_findings(t, admin, "/recall");
	const struct {
		const char *sentence, *path, *token, *body;
		int status;
		const char *type, *field;
	} rows[] = {
		{"not a guest", recall, gabi, "{}", 403, "denied", NULL},
		{"not a recipient", recall, paul, "{}", 403, "denied", NULL},
		{"not a stranger", recall, ines, "{}", 404, "not-found", NULL},
		{"not nobody", recall, NULL, "{}", 401, "not-signed-in", NULL},
		{"no such message", "/api/v1/messages/00000000000000000000000000/recall", admin,
		 "{}", 404, "not-found", NULL},
		{"no id", "/api/v1/messages/x/recall", admin, "{}", 404, "not-found", NULL},
		{"from nobody", recall, admin, "{\"recipients\":[]}", 422, "mistakes",
		 "recipients"},
		{"from no recipient", recall, admin, "{\"recipients\":[\"ines@example.com\"]}", 422,
		 "mistakes", "recipients"},
		{"from no list", recall, admin, "{\"recipients\":\"gabi@example.org\"}", 422,
		 "mistakes", "recipients"},
		{"no reason of a number", recall, admin, "{\"reason\":1}", 422, "mistakes",
		 "reason"},
		{"no other field", recall, admin, "{\"whole\":true}", 422, "mistakes", "whole"},
		{"no JSON", recall, admin, "recall", 400, "not-json", NULL},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		call(t, "POST", rows[i].path, rows[i].token, rows[i].body);
		if (t->answer.status != rows[i].status)
			fail_msg("%s: %d %s", rows[i].sentence, t->answer.status, t->answer.body);
		expect_type(t, rows[i].status, rows[i].type);
		if (rows[i].field)
			assert_true(has_error(t, rows[i].field));
	}
}

static void test_tracking(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	const char *gabi = register_person(t, admin, "gabi@example.org", "guest");
	const char *paul = register_person(t, admin, "paul@example.com", "professional");
	const char *ines = register_person(t, admin, "ines@example.com", "professional");
	const char *message = send_findings(t, admin, "");
	const char *tracking = arena_printf(&t->f.arena, "%s/tracking", message).data;
	call(t, "GET", tracking, admin, NULL);
	expect(t, 200);
	assert_int_equal(json_array_size(at(t, "recipients")), 2);
	expect_text(t, "recipients.0.email", "gabi@example.org");
	expect_text(t, "recipients.0.state", "queued");
	static const char *const times[] = {"notified_at", "opened_at", "replied_at",
					    "forwarded_at", "recalled_at"};
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		expect_null(t, arena_printf(&t->f.arena, "recipients.0.%s", times[i]).data);
	assert_int_equal(json_array_size(at(t, "recipients.0.files")), 0);
	assert_non_null(at(t, "recipients.0.files"));
	api_fixture_take_mails(&t->f, NULL, NULL);
	call(t, "GET", message, gabi, NULL);
	call(t, "POST", arena_printf(&t->f.arena, "%s/reply", message).data, gabi,
	     "{\"body\":\"Thanks\"}");
	expect(t, 201);
	call(t, "GET", tracking, admin, NULL);
	expect_text(t, "recipients.0.state", "replied");
	keep(t, "recipients.0.notified_at");
	keep(t, "recipients.0.opened_at");
	keep(t, "recipients.0.replied_at");
	expect_text(t, "recipients.1.state", "notified");
	/* P4.3: forwarded, which others need not know. */
	expect_null(t, "recipients.1.forwarded_at");
	t->f.clock.now_ms += 1000;
	call(t, "POST", "/api/v1/messages", paul,
	     arena_printf(&t->f.arena,
			  "{\"to\":[\"ines@example.com\"],\"subject\":\"Fwd\",\"body\":\"\","
			  "\"forward_of\":\"%s\"}",
			  message + strlen("/api/v1/messages/"))
		     .data);
	expect(t, 201);
	call(t, "GET", tracking, admin, NULL);
	expect_text(t, "recipients.1.state", "forwarded");
	assert_string_not_equal(keep(t, "recipients.1.forwarded_at"),
				keep(t, "recipients.0.replied_at"));
	expect_null(t, "recipients.0.forwarded_at");
	/* A recipient gets their own row. */
	call(t, "GET", tracking, gabi, NULL);
	expect(t, 200);
	assert_int_equal(json_array_size(at(t, "recipients")), 1);
	expect_text(t, "recipients.0.email", "gabi@example.org");
	expect_text(t, "recipients.0.state", "replied");
	call(t, "GET", tracking, paul, NULL);
	expect_text(t, "recipients.0.state", "forwarded");
	keep(t, "recipients.0.forwarded_at");
	/* To see what was forwarded is not to have got it. */
	call(t, "GET", tracking, ines, NULL);
	expect_type(t, 404, "not-found");
	call(t, "GET", "/api/v1/messages/x/tracking", admin, NULL);
	expect_type(t, 404, "not-found");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_recalled_message_is_a_notice),
		TEST(test_who_may_recall_and_what),
		TEST(test_tracking),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
