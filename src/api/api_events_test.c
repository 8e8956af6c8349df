/* GET /api/v1/events: what is said, when it ends, who may listen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/api_test_support.h"
#include "core/live.h"
#include "core/people.h"

static struct test other; /* only its answer is used: a second thing open at the same time */

static void listen(struct test *t, const char *token, const char *query, const char *last_event,
		   struct api_answer *answer)
{
	const char *path = arena_printf(&t->f.arena, "/api/v1/events%s", query).data;
	struct api_call c = {
		.method = "GET", .path = path, .token = token, .last_event = last_event};
	api_fixture_call(&t->f, &c, answer);
	assert_int_equal(answer->status, 200);
	assert_non_null(answer->stream);
}

static void expect_piece(struct api_answer *answer, const char *wanted, enum stream_next next)
{
	assert_int_equal(api_fixture_next_piece(answer), next);
	if (strstr(answer->body, wanted) == NULL)
		fail_msg("'%s' is not in '%s'", wanted, answer->body);
}

static void test_a_message_is_told_with_its_id_only(void **state)
{
	struct test *t = *state;
	struct str token = STR_NONE;
	const char *admin = sign_in_admin(t);
	call(t, "POST", "/api/v1/messages", admin,
	     "{\"to\":[\"gabi@example.org\"],\"subject\":\"Tides\",\"body\":\"High\"}");
	expect(t, 201);
	api_fixture_take_mails(&t->f, "gabi@example.org", &token);
	const char *gabi = api_fixture_register(&t->f, token, "Gabi");
	listen(t, gabi, "", NULL, &other.answer);
	assert_string_equal(other.answer.content_type, "text/event-stream");
	assert_non_null(strstr(other.answer.headers, "X-Accel-Buffering: no\n"));
	expect_piece(&other.answer, "retry: ", STREAM_WAIT);
	call(t, "POST", "/api/v1/messages", admin,
	     "{\"to\":[\"gabi@example.org\"],\"subject\":\"Secret subject\",\"body\":\"Secret\"}");
	expect(t, 201);
	const char *id = keep(t, "id");
	expect_piece(&other.answer, "event: message\nid: ", STREAM_WAIT);
	assert_non_null(strstr(other.answer.body,
			       arena_printf(&t->f.arena, "\ndata: {\"id\":\"%s\"}\n\n", id).data));
	assert_null(strstr(other.answer.body, "ecret"));
	/* Silence. */
	expect_piece(&other.answer, ":\n\n", STREAM_WAIT);
	/* The sender learns that it was opened (P4.3). */
	static struct api_answer sender;
	listen(t, admin, "", NULL, &sender);
	expect_piece(&sender, "retry: ", STREAM_WAIT);
	call(t, "GET", message_path(t, id, ""), gabi, NULL);
	expect(t, 200);
	expect_piece(&sender, "event: opened\n", STREAM_WAIT);
	expect_piece(&other.answer, "event: changed\n", STREAM_WAIT);
	api_fixture_answer_release(&sender);
	api_fixture_answer_release(&other.answer);
}

static void expect_tracked(struct api_answer *answer, struct test *t, const char *id)
{
	expect_piece(answer, "event: tracked\nid: ", STREAM_WAIT);
	assert_non_null(strstr(answer->body,
			       arena_printf(&t->f.arena, "\ndata: {\"id\":\"%s\"}\n\n", id).data));
}

/* P4.3: the sender's windows hear of each step, and find it in the tracking. */
static void test_what_became_of_it_is_told(void **state)
{
	struct test *t = *state;
	struct str token = STR_NONE;
	const char *admin = sign_in_admin(t);
	call(t, "POST", "/api/v1/messages", admin,
	     "{\"to\":[\"paul@example.com\"],\"subject\":\"Tides\",\"body\":\"High\","
	     "\"invite_as\":\"professional\"}");
	expect(t, 201);
	api_fixture_take_mails(&t->f, "paul@example.com", &token);
	const char *paul = api_fixture_register(&t->f, token, "Paul");
	call(t, "POST", "/api/v1/messages", admin,
	     "{\"to\":[\"paul@example.com\"],\"subject\":\"Ebb\",\"body\":\"Low\"}");
	expect(t, 201);
	const char *id = keep(t, "id");
	listen(t, admin, "", NULL, &other.answer);
	expect_piece(&other.answer, "retry: ", STREAM_WAIT);
	/* Its mail was taken: "Notified". */
	assert_int_equal(api_fixture_take_mails(&t->f, "paul@example.com", NULL), 1);
	expect_tracked(&other.answer, t, id);
	call(t, "GET", message_path(t, id, "/tracking"), admin, NULL);
	expect(t, 200);
	keep(t, "recipients.0.notified_at");
	/* Answered. */
	call(t, "POST", message_path(t, id, "/reply"), paul, "{\"body\":\"And then?\"}");
	expect(t, 201);
	expect_tracked(&other.answer, t, id);
	call(t, "GET", message_path(t, id, "/tracking"), admin, NULL);
	keep(t, "recipients.0.replied_at");
	/* Forwarded. */
	call(t, "POST", "/api/v1/messages", paul,
	     arena_printf(&t->f.arena,
			  "{\"to\":[\"new@example.net\"],\"subject\":\"Fwd: Ebb\",\"body\":\"\","
			  "\"forward_of\":\"%s\"}",
			  id)
		     .data);
	expect(t, 201);
	expect_tracked(&other.answer, t, id);
	call(t, "GET", message_path(t, id, "/tracking"), admin, NULL);
	keep(t, "recipients.0.forwarded_at");
	/* Recalled. */
	call(t, "POST", message_path(t, id, "/recall"), admin, "{}");
	expect(t, 200);
	expect_tracked(&other.answer, t, id);
	call(t, "GET", message_path(t, id, "/tracking"), admin, NULL);
	keep(t, "recipients.0.recalled_at");
	api_fixture_answer_release(&other.answer);
}

static void test_coming_back(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	const char *now = live_now(t->f.portal, &t->f.arena).data;
	const char *query = arena_printf(&t->f.arena, "?since=%s", now).data;
	const struct {
		const char *query, *last_event;
		bool is_refresh;
	} rows[] = {
		{"", NULL, false},
		{query, NULL, false},
		{"", now, false},
		{"?since=1", NULL, true},
		{"", "whatever", true},
		{query, "whatever", true}, /* the browser's own word wins */
		{"?since=%zz", NULL, false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		listen(t, admin, rows[i].query, rows[i].last_event, &other.answer);
		api_fixture_next_piece(&other.answer);
		if ((strstr(other.answer.body, "event: refresh\n") != NULL) != rows[i].is_refresh)
			fail_msg("row %zu: %s", i, other.answer.body);
		api_fixture_answer_release(&other.answer);
	}
}

static void test_it_ends_with_the_session(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	listen(t, admin, "", NULL, &other.answer);
	expect_piece(&other.answer, "retry: ", STREAM_WAIT);
	call(t, "DELETE", "/api/v1/session", admin, NULL);
	expect(t, 204);
	expect_piece(&other.answer, "", STREAM_END);
	assert_string_equal(other.answer.body, "");
	api_fixture_answer_release(&other.answer);
	call(t, "GET", "/api/v1/events", admin, NULL);
	expect_type(t, 401, "not-signed-in");
}

/* More than one piece holds. */
static void test_many_at_once(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	int count = 0;
	call(t, "GET", "/api/v1/me", admin, NULL);
	struct id user_id, id;
	assert_int_equal(id_parse(str_of(keep(t, "id")), &user_id), OK);
	listen(t, admin, "", NULL, &other.answer);
	expect_piece(&other.answer, "retry: ", STREAM_WAIT);
	for (int i = 0; i < 30; i++) {
		id = id_new(i);
		live_publish(t->f.portal, &user_id, LIVE_RECALLED, &id);
	}
	enum stream_next next;
	do {
		next = api_fixture_next_piece(&other.answer);
		for (const char *at = other.answer.body; (at = strstr(at, "event: recalled\n"));
		     at++)
			count++;
	} while (next == STREAM_MORE);
	assert_int_equal(count, 30);
	api_fixture_answer_release(&other.answer);
}

static void test_nobody_else_listens(void **state)
{
	struct test *t = *state;
	sign_in_admin(t);
	static const char *const tokens[] = {NULL, "", "x"};
	for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
		call(t, "GET", "/api/v1/events", tokens[i], NULL);
		expect_type(t, 401, "not-signed-in");
		assert_null(t->answer.stream);
	}
	call(t, "POST", "/api/v1/events", NULL, "{}");
	expect_type(t, 405, "bad-method");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_message_is_told_with_its_id_only),
		TEST(test_what_became_of_it_is_told),
		TEST(test_coming_back),
		TEST(test_it_ends_with_the_session),
		TEST(test_many_at_once),
		TEST(test_nobody_else_listens),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
