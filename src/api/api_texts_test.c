/* Texts of mails by the API (P3.3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "api/api_test_support.h"
#include "core/spam_filter.h"
#include "core/texts.h"

#define PATH "/api/v1/texts/invitation"
#define GOOD                                                                                       \
	"Hello {name},\\n\\n{sender} has written to you at {portal}. Please register here:\\n\\n"  \
	"{link}\\n"

static const char *text_of(struct test *t, const char *field)
{
	return json_string_value(json_object_get(t->answer.json, field));
}

static void put(struct test *t, const char *token, const char *tag, const char *body)
{
	struct api_call c = {.method = "PUT", .path = PATH, .token = token, .body = str_of(body)};
	if (tag != NULL)
		c.headers[0] = (struct header){STR("If-Match"), str_of(tag)};
	api_fixture_call(&t->f, &c, &t->answer);
}

static void test_a_text_is_read_and_written(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	call(t, "GET", "/api/v1/texts", admin, "");
	expect(t, 200);
	assert_int_equal(json_array_size(json_object_get(t->answer.json, "items")),
			 TEXTS_COUNT * LANGUAGE_COUNT);
	call(t, "GET", PATH, admin, "");
	expect(t, 200);
	assert_true(json_is_true(json_object_get(t->answer.json, "standard")));
	assert_true(json_is_null(json_object_get(t->answer.json, "changed_by")));
	assert_non_null(strstr(text_of(t, "text"), "{link}"));
	put(t, admin, "\"0\"", "{\"subject\":\"Come in\",\"text\":\"" GOOD "\"}");
	expect(t, 200);
	assert_string_equal(text_of(t, "subject"), "Come in");
	assert_string_equal(text_of(t, "changed_by"), "Ada Admin");
	assert_int_equal(json_integer_value(json_object_get(t->answer.json, "version")), 1);
	call(t, "GET", PATH "?language=en", admin, "");
	assert_string_equal(text_of(t, "subject"), "Come in");
	assert_non_null(strstr(t->answer.headers, "ETag: \"1\""));
	put(t, admin, "\"0\"", "{\"subject\":\"Too late\",\"text\":\"" GOOD "\"}");
	expect_type(t, 412, "changed");
	put(t, admin, NULL, "{\"standard\":true}");
	expect(t, 200);
	assert_true(json_is_true(json_object_get(t->answer.json, "standard")));
	assert_int_equal(json_integer_value(json_object_get(t->answer.json, "version")), 2);
}

static void test_earlier_versions_come_back(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	call(t, "GET", PATH "/versions", admin, "");
	expect(t, 200);
	assert_int_equal(json_array_size(at(t, "items")), 0);
	put(t, admin, NULL, "{\"subject\":\"One\",\"text\":\"" GOOD "\"}");
	put(t, admin, NULL, "{\"subject\":\"Two\",\"text\":\"" GOOD "\"}");
	put(t, admin, NULL, "{\"standard\":true}");
	call(t, "GET", PATH "/versions?limit=2", admin, "");
	expect(t, 200);
	assert_int_equal(json_array_size(at(t, "items")), 2);
	assert_true(json_is_true(at(t, "items.0.standard")));
	assert_int_equal(json_integer_value(at(t, "items.0.version")), 3);
	expect_text(t, "items.1.subject", "Two");
	expect_text(t, "items.1.changed_by", "Ada Admin");
	expect_text(t, "next_cursor", "2");
	call(t, "GET", PATH "/versions?cursor=2", admin, "");
	expect_text(t, "items.0.subject", "One");
	assert_null(at(t, "next_cursor"));
	call(t, "GET", PATH "?version=1", admin, "");
	expect(t, 200);
	expect_text(t, "subject", "One");
	assert_null(strstr(t->answer.headers, "ETag"));
	json_t *words = json_pack("{s:O, s:O}", "subject", at(t, "subject"), "text", at(t, "text"));
	char *body = json_dumps(words, 0);
	put(t, admin, "\"3\"", body);
	expect(t, 200);
	expect_text(t, "subject", "One");
	assert_int_equal(json_integer_value(at(t, "version")), 4);
	free(body);
	json_decref(words);
	static const char *const none[] = {"?version=5", "?version=0", "?version=x", "?version="};
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		call(t, "GET", arena_printf(&t->f.arena, PATH "%s", none[i]).data, admin, "");
		expect_type(t, 404, "not-found");
	}
	call(t, "GET", PATH "/versions?cursor=x", admin, "");
	expect_type(t, 422, "mistakes");
	assert_true(has_error(t, "cursor"));
}

static void test_a_test_is_sent_to_oneself(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	struct str link;
	(void)api_fixture_take_mails(&t->f, NULL, &link);
	call(t, "POST", PATH "/test", admin, "{\"subject\":\"Trial\",\"text\":\"" GOOD "\"}");
	expect(t, 204);
	assert_int_equal(api_fixture_take_mails(&t->f, "admin@example.com", &link), 1);
	call(t, "POST", PATH "/test", admin, "{\"subject\":\"Trial\",\"text\":\"No way in\"}");
	expect_type(t, 422, "mistakes");
	assert_true(has_error(t, "text"));
	call(t, "POST", "/api/v1/texts/nosuch/test", admin, "{}");
	expect_type(t, 404, "not-found");
	assert_int_equal(api_fixture_take_mails(&t->f, NULL, &link), 0);
	call(t, "GET", PATH "/versions", admin, "");
	assert_int_equal(json_array_size(at(t, "items")), 0);
	for (int i = 0; i < 100 && t->answer.status != 429; i++)
		call(t, "POST", PATH "/test", admin,
		     "{\"subject\":\"Trial\",\"text\":\"" GOOD "\"}");
	expect_type(t, 429, "busy");
}

static const struct {
	const char *sentence, *body, *field;
} mistakes[] = {
	{"no link", "{\"subject\":\"Hi\",\"text\":\"Hello\"}", "text"},
	{"no text", "{\"subject\":\"Hi\"}", "text"},
	{"a header", "{\"subject\":\"Hi\\r\\nBcc: a@b.c\",\"text\":\"{link}\"}", "subject"},
	{"a control character", "{\"subject\":\"Hi\",\"text\":\"{link}\\u0007\"}", "text"},
	{"an unknown field", "{\"subject\":\"Hi\",\"text\":\"{link}\",\"html\":\"x\"}", "html"},
};

static void test_mistakes_are_told(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		print_message("# %s\n", mistakes[i].sentence);
		put(t, admin, NULL, mistakes[i].body);
		expect(t, 422);
		json_t *errors = json_object_get(t->answer.json, "errors");
		assert_string_equal(
			json_string_value(json_object_get(json_array_get(errors, 0), "field")),
			mistakes[i].field);
	}
	call(t, "GET", "/api/v1/texts/nosuch", admin, "");
	expect(t, 404);
	call(t, "GET", PATH "?language=xx", admin, "");
	expect(t, 404);
}

static void test_only_administrators_may(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	call(t, "POST", "/api/v1/messages", admin,
	     "{\"to\":[\"ben@example.com\"],\"subject\":\"s\",\"body\":\"b\"}");
	expect(t, 201);
	struct str token = STR_NONE;
	assert_true(api_fixture_take_mails(&t->f, "ben@example.com", &token) > 0);
	const char *ben = api_fixture_register(&t->f, token, "Ben");
	call(t, "GET", "/api/v1/texts", ben, "");
	expect(t, 403);
	call(t, "GET", PATH, ben, "");
	expect(t, 403);
	put(t, ben, NULL, "{\"subject\":\"Hi\",\"text\":\"{link}\"}");
	expect(t, 403);
	call(t, "POST", PATH "/check", ben, "{\"text\":\"x\"}");
	expect(t, 403);
	call(t, "POST", PATH "/test", ben, "{\"subject\":\"x\",\"text\":\"{link}\"}");
	expect(t, 403);
	call(t, "GET", PATH "/versions", ben, "");
	expect(t, 403);
}

static const char *first_rule(struct test *t)
{
	json_t *warnings = json_object_get(t->answer.json, "warnings");
	return json_string_value(json_object_get(json_array_get(warnings, 0), "rule"));
}

static enum err is_down(struct spam_filter *filter, struct str letter, struct spam_verdict *ret)
{
	(void)filter;
	(void)letter;
	(void)ret;
	return ERR_UNAVAILABLE;
}

/* It is shown a whole letter, with no working link. */
static enum err judges(struct spam_filter *filter, struct str letter, struct spam_verdict *ret)
{
	(void)filter;
	assert_true(str_find(letter, STR("Subject: Come in\r\n")) >= 0);
	assert_true(str_find(letter, STR("/register/example-link\r\n")) >= 0);
	*ret = (struct spam_verdict){.tenths = -12, .threshold_tenths = 50};
	return OK;
}

static void test_a_text_is_checked(void **state)
{
	struct test *t = *state;
	struct spam_filter down = {.judge = is_down}, filter = {.judge = judges};
	const char *admin = sign_in_admin(t);
	const char *good = "{\"text\":\"" GOOD "\",\"subject\":\"Come in\",\"language\":\"en\"}";
	call(t, "POST", PATH "/check", admin, "{\"text\":\"Hello\"}");
	expect(t, 200);
	assert_string_equal(first_rule(t), "missing-link");
	assert_true(json_is_null(json_object_get(t->answer.json, "spam_score")));
	call(t, "POST", PATH "/check", admin, good);
	expect(t, 200);
	assert_int_equal(json_array_size(json_object_get(t->answer.json, "warnings")), 0);
	/* Who gets it from whom; with links that open nothing (P2.7). */
	expect_text(t, "previews.0.reader", "guest");
	expect_text(t, "previews.1.reader", "professional");
	const char *first = json_string_value(at(t, "previews.0.text"));
	assert_non_null(strstr(first, "has written to you at"));
	assert_non_null(strstr(first, "/register/example-link"));
	assert_string_not_equal(first, json_string_value(at(t, "previews.1.text")));
	t->f.portal->spam_filter = &down;
	call(t, "POST", PATH "/check", admin, good);
	expect(t, 200);
	assert_true(json_is_null(json_object_get(t->answer.json, "spam_score")));
	t->f.portal->spam_filter = &filter;
	call(t, "POST", PATH "/check", admin, good);
	expect(t, 200);
	double score = json_number_value(json_object_get(t->answer.json, "spam_score"));
	assert_true(score > -1.21 && score < -1.19);
	t->f.portal->spam_filter = NULL;
	/* Checking saves nothing. */
	call(t, "GET", PATH, admin, "");
	assert_true(json_is_true(json_object_get(t->answer.json, "standard")));
	call(t, "POST", PATH "/check", admin, "{\"text\":\"x\",\"language\":\"xx\"}");
	expect(t, 422);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_text_is_read_and_written), TEST(test_earlier_versions_come_back),
		TEST(test_a_test_is_sent_to_oneself),  TEST(test_mistakes_are_told),
		TEST(test_only_administrators_may),    TEST(test_a_text_is_checked),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
