/* Sending: once, and not too often. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/api_test_support.h"
#include "base/limits.h"

static void test_a_subject_may_be_missing(void **state)
{
	struct test *t = *state;
	const char *const bodies[] = {
		"{\"to\":[\"gabi@example.org\"],\"body\":\"b\"}",
		"{\"to\":[\"gabi@example.org\"],\"subject\":\"\",\"body\":\"b\"}",
	};
	const char *admin = sign_in_admin(t);
	for (size_t i = 0; i < 2; i++) {
		call(t, "POST", "/api/v1/messages", admin, bodies[i]);
		expect(t, 201);
		call(t, "GET", message_path(t, keep(t, "id"), ""), admin, NULL);
		expect(t, 200);
		expect_text(t, "subject", "");
		expect_text(t, "body", "b");
		assert_true(json_is_false(at(t, "unreadable")));
	}
}

static void test_idempotency(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	struct api_call c = {
		.method = "POST",
		.path = "/api/v1/messages",
		.token = admin,
		.idempotency_key = "one",
		.body = STR("{\"to\":[\"gabi@example.org\"],\"subject\":\"s\",\"body\":\"b\"}")};
	api_fixture_call(&t->f, &c, &t->answer);
	expect(t, 201);
	const char *id = keep(t, "id");
	assert_int_equal(api_fixture_take_mails(&t->f, NULL, NULL), 2);
	api_fixture_call(&t->f, &c, &t->answer);
	expect(t, 201);
	expect_text(t, "id", id);
	expect_text(t, "recipients.0.email", "gabi@example.org");
	assert_int_equal(api_fixture_take_mails(&t->f, NULL, NULL), 0);
	/* To several, oneself and somebody known among them: the very same answer. */
	c.idempotency_key = "several";
	c.body = STR("{\"to\":[\"zoe@example.org\",\"Gabi@EXAMPLE.org\",\"admin@example.com\"],"
		     "\"cc\":[\"amy@example.org\"],\"subject\":\"s\",\"body\":\"b\"}");
	api_fixture_call(&t->f, &c, &t->answer);
	expect(t, 201);
	assert_int_equal(json_array_size(at(t, "recipients")), 3);
	expect_text(t, "recipients.0.email", "zoe@example.org");
	expect_text(t, "recipients.2.email", "amy@example.org");
	const char *answer = arena_cstr(&t->f.arena, str_of(t->answer.body));
	api_fixture_call(&t->f, &c, &t->answer);
	expect(t, 201);
	assert_string_equal(t->answer.body, answer);
	c.idempotency_key = "one";
	c.body = STR("{\"to\":[\"gabi@example.org\"],\"subject\":\"s\",\"body\":\"other\"}");
	api_fixture_call(&t->f, &c, &t->answer);
	expect(t, 422);
	assert_true(has_error(t, "idempotency_key"));
	c.idempotency_key = "";
	api_fixture_call(&t->f, &c, &t->answer);
	expect(t, 422);
	c.idempotency_key = "two words";
	api_fixture_call(&t->f, &c, &t->answer);
	expect(t, 422);
	c.idempotency_key = long_body(t, "", "k", 256, "").data;
	api_fixture_call(&t->f, &c, &t->answer);
	expect(t, 422);
	assert_true(has_error(t, "idempotency_key"));
	c.idempotency_key = long_body(t, "", "k", 255, "").data;
	api_fixture_call(&t->f, &c, &t->answer);
	expect(t, 201);
}

static void test_sending_is_limited_by_the_hour(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	const char *message = "{\"to\":[\"gabi@example.org\"],\"subject\":\"s\",\"body\":\"b\"}";
	api_fixture_set(&t->f, "messages_per_hour_professional", STR("1"));
	call(t, "POST", "/api/v1/messages", admin, message);
	expect(t, 201);
	call(t, "POST", "/api/v1/messages", admin, message);
	expect_type(t, 429, "busy");
	assert_non_null(strstr(t->answer.headers, "Retry-After: 60\n"));
	assert_non_null(strstr(t->answer.body, "within the last hour"));
	/* Each full hour begins anew. */
	t->f.clock.now_ms += HOUR_MS;
	call(t, "POST", "/api/v1/messages", admin, message);
	expect(t, 201);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_subject_may_be_missing),
		TEST(test_idempotency),
		TEST(test_sending_is_limited_by_the_hour),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
