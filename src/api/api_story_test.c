/* The whole story through the API alone: from set-up to a guest's answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/api_test_support.h"

static void test_story(void **state)
{
	struct test *t = *state;
	struct str link = STR_NONE;
	if (t == NULL)
		skip();
	const char *admin = sign_in_admin(t);
	call(t, "GET", "/api/v1/me", admin, NULL);
	expect(t, 200);
	expect_text(t, "email", "admin@example.com");
	expect_text(t, "grade", "professional");
	expect_text(t, "role", "administrator");
	expect_text(t, "state", "active");

	call(t, "POST", "/api/v1/messages", admin,
	     "{\"to\":[\"Gabi <gabi@example.org>\"],\"subject\":\"Your results\",\"body\":\"All "
	     "**well**. \\u2028<b>\"}");
	expect(t, 201);
	expect_text(t, "recipients.0.email", "gabi@example.org");
	expect_text(t, "recipients.0.state", "invited");
	const char *first = keep(t, "id");

	/* P2.3: a notification and an invitation. */
	assert_int_equal(api_fixture_take_mails(&t->f, "gabi@example.org", &link), 2);
	assert_true(link.len > 0);
	const char *registration =
		arena_printf(&t->f.arena, "/api/v1/registrations/%.*s", STR_ARGS(link)).data;
	for (int i = 0; i < 2; i++) { /* P2.5: looking spends nothing */
		call(t, "GET", registration, NULL, NULL);
		expect(t, 200);
		expect_text(t, "state", "good");
		expect_text(t, "email", "gabi@example.org");
		expect_text(t, "inviter", "Ada Admin");
		expect_text(t, "grade", "guest");
		assert_int_equal(json_integer_value(at(t, "waiting")), 1);
		assert_int_equal(json_string_length(at(t, "expires_at")),
				 strlen("2026-11-22T21:05:00.000Z"));
	}
	call(t, "POST", registration, NULL,
	     "{\"name\":\"Gabi Guest\",\"password\":\"copper lantern river oat\"}");
	expect(t, 201);
	expect_text(t, "user.grade", "guest");
	expect_text(t, "message_id", first);
	assert_true(json_string_length(at(t, "recovery_code")) > 25);
	const char *guest = keep(t, "token");

	call(t, "GET", "/api/v1/messages", guest, NULL);
	expect(t, 200);
	expect_text(t, "items.0.id", first);
	expect_text(t, "items.0.subject", "Your results");
	assert_true(json_is_true(at(t, "items.0.unread")));
	assert_null(at(t, "items.0.people"));
	/* HEAD opens nothing. */
	call(t, "HEAD", message_path(t, first, ""), guest, NULL);
	assert_int_equal(t->answer.status, 200);
	call(t, "GET", "/api/v1/messages", guest, NULL);
	assert_true(json_is_true(at(t, "items.0.unread")));
	call(t, "GET", message_path(t, first, ""), guest, NULL);
	expect(t, 200);
	expect_text(t, "body", "All **well**. \xe2\x80\xa8<b>");
	assert_null(strchr(t->answer.body, '<'));
	expect_text(t, "from.name", "Ada Admin");
	expect_text(t, "to.0.email", "gabi@example.org");
	assert_null(at(t, "recipients"));

	call(t, "POST", message_path(t, first, "/reply"), guest, "{\"body\":\"Thank you.\"}");
	expect(t, 201);
	expect_text(t, "recipients.0.email", "admin@example.com");
	expect_text(t, "recipients.0.state", "delivered");
	const char *answer = keep(t, "id");

	call(t, "GET", "/api/v1/messages?box=inbox", admin, NULL);
	expect(t, 200);
	expect_text(t, "items.0.id", answer);
	expect_text(t, "items.0.subject", "Re: Your results");
	call(t, "GET", message_path(t, answer, ""), admin, NULL);
	expect(t, 200);
	expect_text(t, "body", "Thank you.");
	expect_text(t, "reply_to", first);
	/* The sender sees that it was opened, and that the mail server took the notification. */
	call(t, "GET", message_path(t, first, ""), admin, NULL);
	expect(t, 200);
	expect_text(t, "recipients.0.state", "delivered");
	expect_text(t, "recipients.0.mail", "accepted");
	assert_true(json_is_string(at(t, "recipients.0.opened_at")));

	call(t, "DELETE", "/api/v1/session", guest, NULL);
	expect(t, 204);
	assert_string_equal(t->answer.body, "");
	call(t, "GET", "/api/v1/me", guest, NULL);
	expect_type(t, 401, "not-signed-in");
	assert_non_null(strstr(t->answer.headers, "WWW-Authenticate: Bearer\n"));
	call(t, "POST", "/api/v1/session", NULL,
	     "{\"email\":\"GABI@example.org\",\"password\":\"copper lantern river oat\"}");
	expect(t, 201);
	expect_text(t, "user.name", "Gabi Guest");
	guest = keep(t, "token");
	call(t, "GET", message_path(t, first, ""), guest, NULL);
	expect(t, 200);
	expect_text(t, "subject", "Your results");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_story),
		{"test_story (strict custody)", test_story, set_up_strict, tear_down, NULL},
		{"test_story (PostgreSQL)", test_story, set_up_postgres, tear_down, NULL},
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
