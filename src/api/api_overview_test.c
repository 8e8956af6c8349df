/* GET /api/v1/overview: the figures of the page, for programs; never content. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/api_test_support.h"
#include "core/outbox.h"

static int64_t number(struct test *t, const char *path)
{
	assert_true(json_is_integer(at(t, path)));
	return json_integer_value(at(t, path));
}

static void settle(struct test *t, enum outbox_result result, const char *reply)
{
	for (;;) {
		struct cx cx = api_fixture_cx(&t->f);
		struct outbox_mail mail;
		int64_t due_ms;
		if (outbox_claim(&cx, OUTBOX_CLAIM_MS, &mail, &due_ms) != OK)
			return;
		assert_int_equal(outbox_settle(&cx, &mail, result, str_of(reply)), OK);
	}
}

static void test_overview(void **state)
{
	struct test *t = *state;
	if (t == NULL)
		skip();
	const char *admin = sign_in_admin(t);
	call(t, "GET", "/api/v1/overview", admin, NULL);
	expect(t, 200);
	assert_int_equal(number(t, "people.professional.active"), 1);
	assert_int_equal(number(t, "people.guest.invited"), 0);
	assert_int_equal(number(t, "people.administrators"), 1);
	assert_int_equal(number(t, "seats.used"), 1);
	assert_true(json_is_null(at(t, "seats.limit")));
	assert_int_equal(json_array_size(at(t, "days")), 30);
	assert_int_equal(number(t, "days.29.messages"), 0);
	assert_int_equal(strlen(keep(t, "days.29.day")), 10);
	expect_text(t, "health.2.thing", "backup");
	expect_text(t, "health.2.state", "soon");
	assert_true(strlen(keep(t, "health.2.advice")) > 0);
	call(t, "POST", "/api/v1/messages", admin,
	     "{\"to\":[\"gabi@example.org\"],\"subject\":\"Secret subject\",\"body\":\"Secret "
	     "body\"}");
	expect(t, 201);
	settle(t, OUTBOX_BOUNCED, "550 There is no such person");
	call(t, "GET", "/api/v1/overview?days=7", admin, NULL);
	expect(t, 200);
	assert_int_equal(json_array_size(at(t, "days")), 7);
	assert_int_equal(number(t, "days.6.messages"), 1);
	assert_int_equal(number(t, "mails.bounced"), 2);
	expect_text(t, "mails.bounced_mails.0.email", "gabi@example.org");
	expect_text(t, "mails.bounced_mails.0.server_said", "550 There is no such person");
	assert_null(strstr(t->answer.body, "Secret"));
	const char *path =
		arena_printf(&t->f.arena, "/api/v1/mails/%s", keep(t, "mails.bounced_mails.0.id"))
			.data;
	call(t, "DELETE", path, admin, NULL);
	expect(t, 204);
	call(t, "DELETE", path, admin, NULL);
	expect_type(t, 404, "not-found");
	call(t, "GET", "/api/v1/overview", admin, NULL);
	assert_int_equal(number(t, "mails.bounced"), 1);
	call(t, "POST", "/api/v1/mails/retry", admin, NULL);
	expect(t, 200);
	assert_int_equal(number(t, "retried"), 0);
}

static void test_others_are_refused(void **state)
{
	struct test *t = *state;
	struct str token = STR_NONE;
	const char *admin = sign_in_admin(t);
	call(t, "POST", "/api/v1/messages", admin,
	     "{\"to\":[\"gabi@example.org\"],\"subject\":\"Tides\",\"body\":\"High\"}");
	expect(t, 201);
	api_fixture_take_mails(&t->f, "gabi@example.org", &token);
	const char *guest = api_fixture_register(&t->f, token, "Gabi");
	call(t, "GET", "/api/v1/overview", guest, NULL);
	expect_type(t, 403, "denied");
	call(t, "POST", "/api/v1/mails/retry", guest, NULL);
	expect_type(t, 403, "denied");
	call(t, "DELETE", "/api/v1/mails/01ARZ3NDEKTSV4RRFFQ69G5FAV", guest, NULL);
	expect_type(t, 403, "denied");
	call(t, "GET", "/api/v1/overview", NULL, NULL);
	expect_type(t, 401, "not-signed-in");
	static const char *const bad[] = {"0", "91", "-1", "x", ""};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		call(t, "GET", arena_printf(&t->f.arena, "/api/v1/overview?days=%s", bad[i]).data,
		     admin, NULL);
		expect_type(t, 422, "mistakes");
		assert_true(has_error(t, "days"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_overview),
		{"test_overview (postgres)", test_overview, set_up_postgres, tear_down, NULL},
		TEST(test_others_are_refused),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
