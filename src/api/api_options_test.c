/* Options, forwards and confidential messages in the API (P4.2). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "api/api_test_support.h"
#include "base/clock.h"

struct people {
	const char *admin, *gabi, *otto;
};

static const char *invite(struct test *t, const char *admin, const char *address, const char *as)
{
	struct str link = STR_NONE;
	call(t, "POST", "/api/v1/messages", admin,
	     arena_printf(
		     &t->f.arena,
		     "{\"to\":[\"%s\"],\"subject\":\"Hello\",\"body\":\"b\",\"invite_as\":\"%s\"}",
		     address, as)
		     .data);
	expect(t, 201);
	api_fixture_take_mails(&t->f, address, &link);
	return api_fixture_register(&t->f, link, "Somebody");
}

static struct people meet(struct test *t)
{
	struct people people = {.admin = sign_in_admin(t)};
	people.gabi = invite(t, people.admin, "gabi@example.org", "guest");
	people.otto = invite(t, people.admin, "otto@example.com", "professional");
	return people;
}

static const char *send_to_gabi(struct test *t, const char *token, const char *more)
{
	t->f.clock.now_ms += 1000;
	call(t, "POST", "/api/v1/messages", token,
	     arena_printf(&t->f.arena,
			  "{\"to\":[\"gabi@example.org\"],\"subject\":\"Report\",\"body\":\"The "
			  "secret\"%s}",
			  more)
		     .data);
	expect(t, 201);
	return keep(t, "id");
}

static void test_options_are_told_and_kept_to(void **state)
{
	struct test *t = *state;
	struct people p = meet(t);
	const char *id = send_to_gabi(
		t, p.admin,
		",\"options\":{\"no_forward\":true,\"no_reply\":true,\"confidential\":false},"
		"\"expires_at\":\"2030-01-01T00:00:00Z\"");
	call(t, "GET", message_path(t, id, ""), p.gabi, NULL);
	expect(t, 200);
	assert_true(json_is_true(at(t, "options.no_forward")));
	assert_true(json_is_true(at(t, "options.no_reply")));
	assert_true(json_is_true(at(t, "options.no_reply_all")));
	assert_true(json_is_false(at(t, "options.confidential")));
	call(t, "POST", message_path(t, id, "/reply"), p.gabi, "{\"body\":\"thanks\"}");
	expect_type(t, 403, "denied");
	assert_true(has_error(t, ""));
	call(t, "POST", "/api/v1/messages", p.gabi,
	     arena_printf(&t->f.arena, "{\"to\":[\"otto@example.com\"],\"forward_of\":\"%s\"}", id)
		     .data);
	expect_type(t, 403, "denied");
	assert_true(has_error(t, ""));
}

static void test_mistakes(void **state)
{
	static const struct {
		const char *more, *field;
	} cases[] = {
		{"\"options\":{\"no_reply\":true,\"no_reply_all\":false}", "options"},
		{"\"options\":{\"no_sleep\":true}", "options"},
		{"\"options\":{\"no_reply\":1}", "options"},
		{"\"options\":{\"no_reply\":null}", "options"},
		{"\"options\":[]", "options"},
		{"\"options\":\"no_reply\"", "options"},
		{"\"expires_at\":\"2001-01-01T00:00:00Z\"", "expires_at"},
		{"\"expires_at\":\"9999-12-31T23:59:59Z\"", "expires_at"},
		{"\"expires_at\":\"next week\"", "expires_at"},
		{"\"expires_at\":17", "expires_at"},
		{"\"forward_of\":\"x\"", "forward_of"},
	};
	struct test *t = *state;
	struct people p = meet(t);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		call(t, "POST", "/api/v1/messages", p.admin,
		     arena_printf(
			     &t->f.arena,
			     "{\"to\":[\"gabi@example.org\"],\"subject\":\"s\",\"body\":\"b\",%s}",
			     cases[i].more)
			     .data);
		if (t->answer.status != 422 || !has_error(t, cases[i].field))
			fail_msg("%s: %s", cases[i].more, t->answer.body);
	}
	/* An inherited option stays. */
	const char *id = send_to_gabi(t, p.admin, ",\"options\":{\"no_forward\":true}");
	call(t, "POST", message_path(t, id, "/reply"), p.gabi,
	     "{\"body\":\"b\",\"options\":{\"no_forward\":false}}");
	expect_type(t, 422, "mistakes");
	assert_true(has_error(t, "options"));
	call(t, "POST", message_path(t, id, "/reply"), p.gabi,
	     "{\"body\":\"b\",\"options\":{\"confidential\":true}}");
	expect(t, 201);
	call(t, "GET", message_path(t, keep(t, "id"), ""), p.admin, NULL);
	assert_true(json_is_true(at(t, "options.no_forward")));
	assert_true(json_is_true(at(t, "needs_password")));
}

static const char *in_an_hour(struct test *t)
{
	time_t seconds = (time_t)((t->f.clock.now_ms + HOUR_MS) / SECOND_MS);
	struct tm tm;
	char text[32];
	assert_non_null(gmtime_r(&seconds, &tm));
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return arena_cstr(&t->f.arena, str_of(text));
}

static const char *forward(struct test *t, const char *id, const char *to)
{
	return arena_printf(&t->f.arena, "{\"to\":[\"%s\"],\"forward_of\":\"%s\"}", to, id).data;
}

static void test_a_forward_quotes(void **state)
{
	struct test *t = *state;
	struct people p = meet(t);
	const char *id = send_to_gabi(t, p.admin, ",\"expires_at\":\"2030-01-01T00:00:00Z\"");
	call(t, "POST", "/api/v1/messages", p.gabi, forward(t, id, "otto@example.com"));
	expect(t, 201);
	const char *forward_id = keep(t, "id");
	call(t, "GET", message_path(t, forward_id, ""), p.otto, NULL);
	expect_text(t, "subject", "Fwd: Report");
	expect_text(t, "quoted.body", "The secret");
	expect_text(t, "quoted.from.email", "admin@example.com");
	assert_null(at(t, "quoted.quoted"));
	/* Not to guests, nor to strangers. */
	call(t, "POST", "/api/v1/messages", p.gabi, forward(t, id, "new@example.net"));
	expect_type(t, 422, "mistakes");
	/* Not somebody else's. */
	const char *other = send_to_gabi(t, p.admin, "");
	call(t, "POST", "/api/v1/messages", p.otto, forward(t, other, "admin@example.com"));
	expect_type(t, 404, "not-found");
	/* Drafts keep it. */
	call(t, "POST", "/api/v1/drafts", p.gabi,
	     arena_printf(&t->f.arena,
			  "{\"to\":[\"otto@example.com\"],\"subject\":\"s\",\"forward_of\":\"%s\","
			  "\"options\":{\"no_"
			  "reply\":true},\"expires_at\":\"2029-01-01\"}",
			  other)
		     .data);
	expect(t, 201);
	const char *draft = arena_printf(&t->f.arena, "/api/v1/drafts/%s", keep(t, "id")).data;
	call(t, "GET", draft, p.gabi, NULL);
	expect_text(t, "forward_of", other);
	expect_text(t, "expires_at", "2029-01-01");
	assert_true(json_is_true(at(t, "options.no_reply")));
	assert_null(at(t, "options.no_forward"));
}

static void test_an_expired_message(void **state)
{
	struct test *t = *state;
	struct people p = meet(t);
	const char *id = send_to_gabi(
		t, p.admin,
		arena_printf(&t->f.arena, ",\"expires_at\":\"%s\"", in_an_hour(t)).data);
	t->f.clock.now_ms += HOUR_MS + MINUTE_MS;
	call(t, "GET", message_path(t, id, ""), p.gabi, NULL);
	expect(t, 200);
	assert_true(json_is_null(at(t, "body")));
	expect_text(t, "subject", "Report");
	assert_true(json_is_string(at(t, "expired_at")));
	call(t, "POST", message_path(t, id, "/reply"), p.gabi, "{\"body\":\"late\"}");
	expect_type(t, 409, "conflict");
	assert_true(has_error(t, ""));
	call(t, "POST", "/api/v1/messages", p.gabi, forward(t, id, "otto@example.com"));
	expect_type(t, 409, "conflict");
	assert_true(has_error(t, ""));
}

static void test_confidential_opens_by_password(void **state)
{
	struct test *t = *state;
	struct people p = meet(t);
	const char *id = send_to_gabi(t, p.admin, ",\"options\":{\"confidential\":true}");
	const char *open = message_path(t, id, "/open");
	for (int i = 0; i < 2; i++) {
		call(t, "GET", message_path(t, id, ""), p.gabi, NULL);
		expect(t, 200);
		assert_true(json_is_null(at(t, "body")) && json_is_true(at(t, "needs_password")));
		expect_text(t, "subject", "Report");
		call(t, "POST", open, p.gabi,
		     arena_printf(&t->f.arena, "{\"password\":\"%s\"}", api_fixture_password).data);
		expect(t, 200);
		expect_text(t, "body", "The secret");
	}
	call(t, "POST", open, p.gabi, "{\"password\":\"wrong\"}");
	expect_type(t, 422, "mistakes");
	assert_true(has_error(t, "password"));
	call(t, "POST", open, p.gabi, "{}");
	expect_type(t, 422, "mistakes");
	call(t, "POST", open, p.otto,
	     arena_printf(&t->f.arena, "{\"password\":\"%s\"}", api_fixture_password).data);
	expect_type(t, 404, "not-found");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_options_are_told_and_kept_to),
		TEST(test_mistakes),
		TEST(test_a_forward_quotes),
		TEST(test_an_expired_message),
		TEST(test_confidential_opens_by_password),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("api_options", tests, NULL, NULL);
}
