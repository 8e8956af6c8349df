/* Lists and messages: only what is one's own to see. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/api_test_support.h"

static void test_lists(void **state)
{
	static const struct {
		const char *path;
		const char *field;
	} bad[] = {
		{"/api/v1/messages?box=drawer", "box"},
		{"/api/v1/messages?box=", "box"},
		{"/api/v1/messages?limit=0", "limit"},
		{"/api/v1/messages?limit=201", "limit"},
		{"/api/v1/messages?limit=-1", "limit"},
		{"/api/v1/messages?limit=ten", "limit"},
		{"/api/v1/messages?limit=5&limit=5", "limit"},
		{"/api/v1/messages?cursor=zzz", "cursor"},
		{"/api/v1/messages?cursor=", "cursor"},
	};
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		call(t, "GET", bad[i].path, admin, NULL);
		expect_type(t, 422, "mistakes");
		assert_true(has_error(t, bad[i].field));
	}
	for (int i = 0; i < 5; i++) {
		t->f.clock.now_ms += 1000;
		call(t, "POST", "/api/v1/messages", admin,
		     arena_printf(&t->f.arena,
				  "{\"to\":[\"gabi@example.org\"],\"subject\":\"number "
				  "%d\",\"body\":\"b\"}",
				  i)
			     .data);
		expect(t, 201);
	}
	/* Whom it went to is told of what was sent, as the page does. */
	call(t, "GET", "/api/v1/messages?box=sent", admin, NULL);
	expect_text(t, "items.0.people", "gabi@example.org");
	assert_int_equal(json_integer_value(at(t, "items.0.people_more")), 0);
	const char *path = "/api/v1/messages?box=sent&limit=2";
	for (int i = 4; i >= 0; i -= 2) {
		call(t, "GET", path, admin, NULL);
		expect(t, 200);
		assert_int_equal(json_array_size(at(t, "items")), i > 0 ? 2 : 1);
		expect_text(t, "items.0.subject", arena_printf(&t->f.arena, "number %d", i).data);
		if (i == 0)
			break;
		path = arena_printf(&t->f.arena, "/api/v1/messages?box=sent&limit=2&cursor=%s",
				    keep(t, "next_cursor"))
			       .data;
	}
	assert_null(at(t, "next_cursor"));
}

/* P4.1: what is no cursor is told so, in every list. */
static void test_garbage_is_no_cursor(void **state)
{
	static const char *const garbage[] = {"", "x-y", "01ARZ3NDEKTSV4RRFFQ69G5FA",
					      "01ARZ3NDEKTSV4RRFFQ69G5FAV%27--", "%C3%A4"};
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	call(t, "POST", "/api/v1/messages", admin,
	     "{\"to\":[\"gabi@example.org\"],\"subject\":\"s\",\"body\":\"b\"}");
	expect(t, 201);
	call(t, "GET", "/api/v1/people", admin, NULL);
	const char *person = keep(t, "items.0.id");
	call(t, "POST", "/api/v1/labels", admin, "{\"name\":\"Board\"}");
	const char *label = keep(t, "id");
	const char *const lists[] = {
		"/api/v1/messages?",
		"/api/v1/drafts?",
		"/api/v1/people?",
		"/api/v1/search?q=x&",
		arena_printf(&t->f.arena, "/api/v1/people/%s/messages?", person).data,
		arena_printf(&t->f.arena, "/api/v1/labels/%s/messages?", label).data,
	};
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		call(t, "GET", lists[i], admin, NULL);
		expect(t, 200);
		for (size_t k = 0; k < sizeof(garbage) / sizeof(garbage[0]); k++) {
			call(t, "GET",
			     arena_printf(&t->f.arena, "%scursor=%s", lists[i], garbage[k]).data,
			     admin, NULL);
			if (t->answer.status != 422 || !has_error(t, "cursor"))
				fail_msg("%s %s: %d %s", lists[i], garbage[k], t->answer.status,
					 t->answer.body);
		}
	}
}

static void test_foreign_and_unknown_ids_are_alike(void **state)
{
	struct test *t = *state;
	struct str gabi = STR_NONE, otto = STR_NONE;
	static char body[sizeof(t->answer.body)];
	const char *admin = sign_in_admin(t);
	call(t, "POST", "/api/v1/messages", admin,
	     "{\"to\":[\"gabi@example.org\"],\"subject\":\"s\",\"body\":\"b\"}");
	expect(t, 201);
	const char *id = keep(t, "id");
	api_fixture_take_mails(&t->f, "gabi@example.org", &gabi);
	call(t, "POST", "/api/v1/messages", admin,
	     "{\"to\":[\"otto@example.org\"],\"subject\":\"s\",\"body\":\"b\"}");
	api_fixture_take_mails(&t->f, "otto@example.org", &otto);
	const char *guest = api_fixture_register(&t->f, otto, "Otto");
	call(t, "GET", message_path(t, "01ARZ3NDEKTSV4RRFFQ69G5FAV", ""), guest, NULL);
	expect_type(t, 404, "not-found");
	memcpy(body, t->answer.body, sizeof(body));
	const char *others[] = {id, "01arz3ndektsv4rrffq69g5fav", "x", "%2e%2e",
				"81ARZ3NDEKTSV4RRFFQ69G5FAV"};
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		call(t, "GET", message_path(t, others[i], ""), guest, NULL);
		expect(t, 404);
		assert_string_equal(t->answer.body, body);
		call(t, "POST", message_path(t, others[i], "/reply"), guest, "{\"body\":\"b\"}");
		expect(t, 404);
		assert_string_equal(t->answer.body, body);
		call(t, "PATCH", message_path(t, others[i], ""), guest, "{\"box\":\"trash\"}");
		expect(t, 404);
		assert_string_equal(t->answer.body, body);
		call(t, "DELETE", message_path(t, others[i], ""), guest, NULL);
		expect(t, 404);
		assert_string_equal(t->answer.body, body);
	}
	call(t, "GET", "/api/v1/nothing", guest, NULL);
	expect_type(t, 404, "not-found");
	call(t, "PUT", "/api/v1/me", guest, NULL);
	expect_type(t, 405, "bad-method");
	assert_non_null(strstr(t->answer.headers, "Allow: GET"));
}

static void test_bcc_is_seen_by_its_reader_and_the_sender_only(void **state)
{
	struct test *t = *state;
	struct str link = STR_NONE;
	const char *admin = sign_in_admin(t);
	call(t, "POST", "/api/v1/messages", admin,
	     "{\"to\":[\"gabi@example.org\"],\"cc\":[\"carl@example.org\"],\"bcc\":[\"otto@example."
	     "org\"],\"subject\":\"s\","
	     "\"body\":\"b\"}");
	expect(t, 201);
	const char *id = keep(t, "id");
	call(t, "GET", message_path(t, id, ""), admin, NULL);
	expect(t, 200);
	expect_text(t, "cc.0.email", "carl@example.org");
	expect_text(t, "bcc.0.email", "otto@example.org");
	api_fixture_take_mails(&t->f, "gabi@example.org", &link);
	const char *gabi = api_fixture_register(&t->f, link, "Gabi");
	call(t, "GET", message_path(t, id, ""), gabi, NULL);
	expect(t, 200);
	expect_text(t, "cc.0.email", "carl@example.org");
	assert_int_equal(json_array_size(at(t, "bcc")), 0);
	assert_null(strstr(t->answer.body, "otto"));
}

static void test_moving_and_marking(void **state)
{
	static const struct {
		const char *body;
		const char *field;
	} bad[] = {
		{"{}", ""},
		{"{\"box\":\"drawer\"}", "box"},
		{"{\"box\":\"\"}", "box"},
		{"{\"box\":3}", "box"},
		{"{\"box\":null}", "box"},
		{"{\"read\":\"yes\"}", "read"},
		{"{\"box\":\"trash\",\"read\":1}", "read"},
		{"{\"read\":true,\"folder\":\"x\"}", "folder"},
	};
	static const struct {
		const char *body, *box;
		bool is_unread;
	} steps[] = {
		{"{\"read\":true}", "inbox", false},
		{"{\"read\":false}", "inbox", true},
		{"{\"box\":\"archive\"}", "archive", true},
		{"{\"box\":\"trash\",\"read\":true}", "trash", false},
		{"{\"box\":\"inbox\"}", "inbox", false},
		{"{\"box\":\"trash\"}", "trash", false},
		{"{\"box\":\"sent\",\"read\":false}", "inbox", true}, /* back where it came from */
	};
	struct test *t = *state;
	struct str link = STR_NONE;
	const char *admin = sign_in_admin(t);
	call(t, "POST", "/api/v1/messages", admin,
	     "{\"to\":[\"gabi@example.org\"],\"subject\":\"s\",\"body\":\"b\"}");
	expect(t, 201);
	const char *path = message_path(t, keep(t, "id"), "");
	api_fixture_take_mails(&t->f, "gabi@example.org", &link);
	const char *gabi = api_fixture_register(&t->f, link, "Gabi");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		call(t, "PATCH", path, gabi, bad[i].body);
		expect_type(t, 422, "mistakes");
		assert_true(has_error(t, bad[i].field));
	}
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		call(t, "PATCH", path, gabi, steps[i].body);
		expect(t, 200);
		expect_text(t, "box", steps[i].box);
		assert_int_equal(json_is_true(at(t, "unread")), steps[i].is_unread);
		assert_null(at(t, "people"));
		call(t, "GET",
		     arena_printf(&t->f.arena, "/api/v1/messages?box=%s", steps[i].box).data, gabi,
		     NULL);
		assert_int_equal(json_array_size(at(t, "items")), 1);
		expect_text(t, "items.0.box", steps[i].box);
	}
	/* P4.3: nobody has opened it. */
	call(t, "GET", path, admin, NULL);
	assert_true(json_is_null(at(t, "recipients.0.opened_at")));
	expect_text(t, "box", "sent");
	call(t, "PATCH", path, admin, "{\"box\":\"archive\"}");
	expect_text(t, "box", "archive");
	expect_text(t, "people", "Gabi");

	call(t, "DELETE", path, gabi, NULL);
	expect_type(t, 409, "conflict");
	call(t, "PATCH", path, gabi, "{\"box\":\"trash\"}");
	call(t, "DELETE", path, gabi, NULL);
	expect(t, 204);
	call(t, "DELETE", path, gabi, NULL);
	expect_type(t, 404, "not-found");
	call(t, "GET", path, gabi, NULL);
	expect_type(t, 404, "not-found");
	call(t, "GET", path, admin, NULL);
	expect(t, 200);
	expect_text(t, "recipients.0.email", "gabi@example.org");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_lists),
		TEST(test_garbage_is_no_cursor),
		TEST(test_foreign_and_unknown_ids_are_alike),
		TEST(test_moving_and_marking),
		TEST(test_bcc_is_seen_by_its_reader_and_the_sender_only),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
