/* Texts of mails by the API (P3.3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

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
		TEST(test_a_text_is_read_and_written),
		TEST(test_mistakes_are_told),
		TEST(test_only_administrators_may),
		TEST(test_a_text_is_checked),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
