/* The portal's logo by the API: rasters alone, two administrators at once, and who may. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api/api_test_support.h"
#include "core/branding.h"
#include "core/logo.h"

#define PATH "/api/v1/settings/logo"
#define BYTES(s) str_bytes("" s "", sizeof(s) - 1)
#define PNG_START "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
#define PNG_REST "\x08\x06\0\0\0crc!\0\0\0\2IDATxxcrc!\0\0\0\0IENDcrc!"
#define PNG(width, height) BYTES(PNG_START width height PNG_REST)
#define JPEG                                                                                       \
	BYTES("\xff\xd8\xff\xe0\0\x04JF\xff\xc0\0\x0b\x08\0\x10\0\x20\x01\x01\x11\0"               \
	      "\xff\xda\0\x03\0pixels\xff\xd9")

static struct str header_of(struct test *t, const char *name)
{
	struct str rest = str_of(t->answer.headers), line;
	struct str start = arena_printf(&t->f.arena, "%s: ", name);
	while (str_next(&rest, '\n', &line))
		if (str_starts_with(line, start))
			return arena_copy(&t->f.arena, str_slice(line, start.len, line.len));
	return STR_NONE;
}

static void act(struct test *t, const char *method, const char *token, struct str tag,
		struct str body)
{
	struct api_call c = {.method = method,
			     .path = PATH,
			     .token = token,
			     .body = body,
			     .content_type = "image/png"};
	if (tag.len > 0)
		c.headers[0] = (struct header){STR("If-Match"), tag};
	api_fixture_call(&t->f, &c, &t->answer);
}

static const struct settings *now(struct test *t)
{
	return t->f.portal->settings;
}

static void test_a_logo_is_put_read_and_taken_away(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	act(t, "GET", admin, STR_NONE, STR_NONE);
	expect_type(t, 404, "not-found");
	act(t, "DELETE", admin, STR_NONE, STR_NONE);
	expect_type(t, 404, "not-found");
	struct str first = PNG("\0\0\0\x28", "\0\0\0\x14");
	act(t, "PUT", admin, STR_NONE, first);
	assert_int_equal(t->answer.status, 204);
	struct str tag = header_of(t, "ETag");
	assert_true(tag.len > 2);
	act(t, "GET", admin, STR_NONE, STR_NONE);
	assert_int_equal(t->answer.status, 200);
	assert_string_equal(t->answer.content_type, "image/png");
	assert_memory_equal(t->answer.body, first.data, first.len);
	assert_true(str_eq(header_of(t, "ETag"), tag));
	act(t, "PUT", admin, STR_NONE, JPEG);
	assert_int_equal(t->answer.status, 204);
	act(t, "GET", admin, STR_NONE, STR_NONE);
	assert_string_equal(t->answer.content_type, "image/jpeg");
	act(t, "DELETE", admin, STR_NONE, STR_NONE);
	assert_int_equal(t->answer.status, 204);
	assert_int_equal(now(t)->logo.len, 0);
	/* Each of it stands in the audit log. */
	call(t, "GET", "/api/v1/audit?kind=portal", admin, "");
	expect(t, 200);
	for (int i = 0; i < 3; i++) {
		const char *path = arena_printf(&t->f.arena, "items.%d.kind", i).data;
		expect_text(t, path, "branding_changed");
		expect_text(t, arena_printf(&t->f.arena, "items.%d.subject", i).data, "logo");
	}
}

/* No one of them is kept; the one before stays. */
static void test_only_small_rasters_are_taken(void **state)
{
	const struct {
		const char *sentence;
		struct str body;
		const char *said;
	} cases[] = {
		{"nothing", STR(""), "must be a PNG or JPEG"},
		{"an SVG", STR("<svg xmlns='http://www.w3.org/2000/svg'/>"), "An SVG can hold"},
		{"a zip", BYTES("PK\3\4\24\0\0\0\10\0"), "must be a PNG or JPEG"},
		{"JSON", STR("{\"logo\":\"png-0123\"}"), "must be a PNG or JPEG"},
		{"10,000 pixels wide", PNG("\0\0\x27\x10", "\0\0\0\x14"), "than 2,000 pixels"},
		{"10,000 pixels high", PNG("\0\0\0\x14", "\0\0\x27\x10"), "than 2,000 pixels"},
		{"a bomb", PNG("\x7f\xff\xff\xff", "\x7f\xff\xff\xff"), "than 2,000 pixels"},
		{"half of one", BYTES(PNG_START "\0\0\0\x28\0\0\0\x14"), "damaged"},
	};
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	act(t, "PUT", admin, STR_NONE, PNG("\0\0\0\x28", "\0\0\0\x14"));
	struct str tag = header_of(t, "ETag");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		act(t, "PUT", admin, STR_NONE, cases[i].body);
		expect_type(t, 422, "mistakes");
		if (!has_error(t, "logo") || strstr(t->answer.body, cases[i].said) == NULL)
			fail_msg("%s: %s", cases[i].sentence, t->answer.body);
	}
	char *large = arena_alloc(&t->f.arena, LOGO_MAX_BYTES + 1);
	assert_non_null(large);
	memset(large, 'x', LOGO_MAX_BYTES + 1);
	act(t, "PUT", admin, STR_NONE, str_bytes(large, LOGO_MAX_BYTES + 1));
	expect_type(t, 413, "too-large");
	assert_non_null(strstr(t->answer.body, "make the picture smaller"));
	act(t, "GET", admin, STR_NONE, STR_NONE);
	assert_true(str_eq(header_of(t, "ETag"), tag));
}

static void test_two_at_the_same_time(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	struct str one = PNG("\0\0\0\1", "\0\0\0\1"), two = PNG("\0\0\0\2", "\0\0\0\2");
	act(t, "PUT", admin, STR("*"), one);
	expect_type(t, 412, "changed");
	act(t, "DELETE", admin, STR("\"png-0123\""), STR_NONE);
	expect_type(t, 412, "changed");
	act(t, "PUT", admin, STR_NONE, one);
	struct str tag = header_of(t, "ETag");
	act(t, "PUT", admin, tag, two);
	assert_int_equal(t->answer.status, 204);
	struct str newer = header_of(t, "ETag");
	assert_false(str_eq(newer, tag));
	act(t, "PUT", admin, tag, one);
	expect_type(t, 412, "changed");
	act(t, "DELETE", admin, tag, STR_NONE);
	expect_type(t, 412, "changed");
	act(t, "GET", admin, STR_NONE, STR_NONE);
	assert_memory_equal(t->answer.body, two.data, two.len);
	act(t, "DELETE", admin, newer, STR_NONE);
	assert_int_equal(t->answer.status, 204);
}

static void test_administrators_only(void **state)
{
	static const char *const methods[] = {"GET", "PUT", "DELETE"};
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	struct str link;
	call(t, "POST", "/api/v1/messages", admin,
	     "{\"to\":[\"ben@example.com\"],\"subject\":\"s\",\"body\":\"b\","
	     "\"invite_as\":\"professional\"}");
	expect(t, 201);
	assert_int_equal(api_fixture_take_mails(&t->f, "ben@example.com", &link), 2);
	const char *ben = api_fixture_register(&t->f, link, "Ben");
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		act(t, methods[i], ben, STR_NONE, i == 1 ? JPEG : STR_NONE);
		expect_type(t, 403, "denied");
		act(t, methods[i], NULL, STR_NONE, STR_NONE);
		expect_type(t, 401, "not-signed-in");
	}
	assert_int_equal(now(t)->logo.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_logo_is_put_read_and_taken_away),
		TEST(test_only_small_rasters_are_taken),
		TEST(test_two_at_the_same_time),
		TEST(test_administrators_only),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
