/* Importing and exporting people over the API. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/api_test_support.h"

/* The whole of a streamed answer. */
static struct str read_all(struct test *t)
{
	struct buf whole CLEANUP_BUF;
	buf_init(&whole, 8 << 20);
	enum stream_next next;
	do {
		next = api_fixture_next_piece(&t->answer);
		buf_add(&whole, str_of(t->answer.body));
	} while (next == STREAM_MORE);
	assert_int_equal(next, STREAM_END);
	assert_int_equal(whole.err, OK);
	return arena_copy(&t->f.arena, buf_str(&whole));
}

static json_t *import(struct test *t, const char *admin, const char *query, const char *file)
{
	const char *path = arena_printf(&t->f.arena, "/api/v1/users/import%s", query).data;
	struct api_call c = {.method = "POST",
			     .path = path,
			     .token = admin,
			     .body = str_of(file),
			     .content_type = "text/csv"};
	api_fixture_call(&t->f, &c, &t->answer);
	assert_int_equal(t->answer.status, 200);
	assert_non_null(t->answer.stream);
	json_t *json = json_loads(arena_cstr(&t->f.arena, read_all(t)), 0, NULL);
	assert_non_null(json);
	return json;
}

static int64_t sum(const json_t *answer, const char *word)
{
	return json_integer_value(json_object_get(json_object_get(answer, "sums"), word));
}

static void test_a_list_is_looked_at_and_imported(void **state)
{
	static const char file[] = "address,grade\nnew@example.com,guest\nnonsense,\n";
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	json_t *answer = import(t, admin, "?dry_run=true", file);
	assert_true(json_is_true(json_object_get(answer, "dry_run")));
	assert_int_equal(sum(answer, "added"), 1);
	assert_int_equal(sum(answer, "bad_address"), 1);
	const json_t *rows = json_object_get(answer, "rows");
	assert_int_equal(json_array_size(rows), 2);
	assert_string_equal(json_string_value(json_object_get(json_array_get(rows, 1), "fate")),
			    "bad_address");
	json_decref(answer);
	assert_int_equal(api_fixture_take_mails(&t->f, "new@example.com", NULL), 0);
	answer = import(t, admin, "", file);
	assert_int_equal(sum(answer, "added"), 1);
	json_decref(answer);
	struct str token;
	assert_int_equal(api_fixture_take_mails(&t->f, "new@example.com", &token), 1);
	answer = import(t, admin, "?dry_run=0", file);
	assert_int_equal(sum(answer, "unchanged"), 1);
	json_decref(answer);
}

static void test_everybody_is_exported(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	json_decref(import(t, admin, "", "address,name\n\"'+plus@example.com\",Petra\n"));
	call(t, "GET", "/api/v1/users/export", admin, NULL);
	assert_int_equal(t->answer.status, 200);
	const char *csv = arena_cstr(&t->f.arena, read_all(t));
	assert_non_null(strstr(csv, "address,name,grade,role,language,state,added,last_seen\r\n"));
	assert_non_null(strstr(csv, "admin@example.com,Ada Admin,professional,administrator,"));
	assert_non_null(strstr(csv, "\"'+plus@example.com\",Petra,guest,member,,invited,"));
	call(t, "GET", "/api/v1/audit?kind=people&limit=1", admin, NULL);
	expect_text(t, "items.0.kind", "users_exported"); /* AUDIT_USERS_EXPORTED */
	expect_text(t, "items.0.sentence", "Ada Admin took along the list of people.");
}

static void test_mistakes_are_told(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	struct api_call c = {.method = "POST",
			     .path = "/api/v1/users/import",
			     .token = admin,
			     .body = STR("phone\n1\n"),
			     .content_type = "text/csv"};
	api_fixture_call(&t->f, &c, &t->answer);
	expect_type(t, 422, "mistakes");
	assert_true(has_error(t, "file"));
	c.path = "/api/v1/users/import?dry_run=maybe";
	api_fixture_call(&t->f, &c, &t->answer);
	expect_type(t, 422, "mistakes");
	assert_true(has_error(t, "dry_run"));
	c.token = NULL;
	api_fixture_call(&t->f, &c, &t->answer);
	expect_type(t, 401, "not-signed-in");
	call(t, "GET", "/api/v1/users/export", NULL, NULL);
	expect_type(t, 401, "not-signed-in");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_list_is_looked_at_and_imported),
		TEST(test_everybody_is_exported),
		TEST(test_mistakes_are_told),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
