/* The portal's settings by the API: types, what is refused and why, and two at the same time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/api_test_support.h"
#include "core/portal_settings.h"
#include "core/settings_live.h"

#define PATH "/api/v1/settings"

static struct str etag(struct test *t)
{
	struct str rest = str_of(t->answer.headers), line;
	while (str_next(&rest, '\n', &line))
		if (str_starts_with(line, STR("ETag: ")))
			return arena_copy(&t->f.arena, str_slice(line, 6, line.len));
	return STR_NONE;
}

static void put(struct test *t, const char *token, struct str tag, const char *body)
{
	struct api_call c = {.method = "PUT", .path = PATH, .token = token, .body = str_of(body)};
	if (tag.len > 0)
		c.headers[0] = (struct header){STR("If-Match"), tag};
	api_fixture_call(&t->f, &c, &t->answer);
}

static void test_every_setting_has_its_type(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	call(t, "GET", PATH, admin, "");
	expect(t, 200);
	assert_int_equal(json_object_size(t->answer.json), portal_settings_count);
	for (size_t i = 0; i < portal_settings_count; i++) {
		json_t *value = json_object_get(t->answer.json, portal_settings_name(i));
		switch (portal_settings_facts(i).kind) {
		case SETTING_NUMBER:
		case SETTING_BYTES: assert_true(json_is_integer(value)); break;
		case SETTING_SWITCH: assert_true(json_is_boolean(value)); break;
		case SETTING_TEXT:
		case SETTING_WORD: assert_true(json_is_string(value)); break;
		}
	}
	/* All of it may be sent back. */
	struct str all = arena_copy(&t->f.arena, str_of(t->answer.body));
	struct str tag = etag(t);
	put(t, admin, tag, arena_cstr(&t->f.arena, all));
	expect(t, 200);
	assert_true(str_eq(etag(t), tag));
}

static void test_what_is_given_changes(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	put(t, admin, STR_NONE,
	    "{\"trash_days\":7,\"recall\":false,\"guest_compose\":\"known\","
	    "\"file_max_bytes\":1048576,\"blocked_endings\":\"exe, bat\"}");
	expect(t, 200);
	assert_int_equal(json_integer_value(at(t, "trash_days")), 7);
	assert_true(json_is_false(at(t, "recall")));
	assert_true(json_is_true(at(t, "files")));
	expect_text(t, "guest_compose", "known");
	const struct settings *now = t->f.portal->settings;
	assert_int_equal(now->trash_days, 7);
	assert_int_equal(now->file_max_bytes, 1 << 20);
	assert_int_equal(now->guest_compose, GUEST_COMPOSE_KNOWN);
	assert_false(settings_have(now, FEATURE_RECALL));
	assert_int_equal(now->invitation_days, 14);
}

static void test_what_is_wrong_is_told_by_field(void **state)
{
	static const struct {
		const char *body, *field;
	} cases[] = {
		{"{\"trash_days\":0}", "trash_days"},
		{"{\"trash_days\":3651}", "trash_days"},
		{"{\"trash_days\":\"7\"}", "trash_days"},
		{"{\"trash_days\":7.5}", "trash_days"},
		{"{\"trash_days\":null}", "trash_days"},
		{"{\"recall\":\"no\"}", "recall"},
		{"{\"recall\":0}", "recall"},
		{"{\"guest_compose\":\"nobody\"}", "guest_compose"},
		{"{\"file_max_bytes\":1}", "file_max_bytes"},
		{"{\"terms_url\":\"javascript:alert(1)\"}", "terms_url"},
		{"{\"colour\":\"red\"}", "colour"},
		{"{\"url\":\"https://other.example.com\"}", "url"},
		{"{\"custody\":\"strict\"}", "custody"},
	};
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		put(t, admin, STR_NONE, cases[i].body);
		expect_type(t, 422, "mistakes");
		if (!has_error(t, cases[i].field))
			fail_msg("%s: %s", cases[i].body, t->answer.body);
	}
	/* One wrong: none is changed. */
	put(t, admin, STR_NONE, "{\"trash_days\":7,\"invitation_days\":0}");
	expect_type(t, 422, "mistakes");
	assert_int_equal(t->f.portal->settings->trash_days, 30);
}

static void test_two_at_the_same_time(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	call(t, "GET", PATH, admin, "");
	struct str tag = etag(t);
	put(t, admin, tag, "{\"trash_days\":7}");
	expect(t, 200);
	struct str newer = etag(t);
	assert_false(str_eq(tag, newer));
	put(t, admin, tag, "{\"trash_days\":8}");
	expect_type(t, 412, "changed");
	put(t, admin, STR("\"nonsense\""), "{\"trash_days\":8}");
	expect_type(t, 412, "changed");
	assert_int_equal(t->f.portal->settings->trash_days, 7);
	put(t, admin, newer, "{\"trash_days\":8}");
	expect(t, 200);
	put(t, admin, STR("*"), "{\"trash_days\":9}");
	expect(t, 200);
	put(t, admin, STR_NONE, "{\"trash_days\":10}");
	expect(t, 200);
}

static void test_administrators_only(void **state)
{
	struct test *t = *state;
	const char *admin = sign_in_admin(t);
	struct str link;
	call(t, "POST", "/api/v1/messages", admin,
	     "{\"to\":[\"ben@example.com\"],\"subject\":\"s\",\"body\":\"b\","
	     "\"invite_as\":\"professional\"}");
	expect(t, 201);
	assert_int_equal(api_fixture_take_mails(&t->f, "ben@example.com", &link), 2);
	const char *ben = api_fixture_register(&t->f, link, "Ben");
	call(t, "GET", PATH, ben, "");
	expect_type(t, 403, "denied");
	put(t, ben, STR_NONE, "{\"trash_days\":7}");
	expect_type(t, 403, "denied");
	call(t, "GET", PATH, NULL, "");
	expect_type(t, 401, "not-signed-in");
	assert_int_equal(t->f.portal->settings->trash_days, 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_every_setting_has_its_type),
		TEST(test_what_is_given_changes),
		TEST(test_what_is_wrong_is_told_by_field),
		TEST(test_two_at_the_same_time),
		TEST(test_administrators_only),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
