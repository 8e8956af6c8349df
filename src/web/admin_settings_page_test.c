/* The page of the portal's settings: what stands there, saving, mistakes, and two administrators at
 * once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/portal_settings.h"
#include "core/settings_live.h"
#include "web/web_test_support.h"

#define PAGE STR("/admin/settings")

/* All that the page shows, as it is, with one field another. */
static struct str form_with(int64_t version, const char *name, const char *value)
{
	struct arena *arena = &web.core.arena;
	const struct settings *settings = web.core.portal->settings;
	struct str form = arena_printf(arena, "version=%lld", (long long)version);
	for (size_t at = 0; at < portal_settings_count; at++) {
		struct setting_facts facts = portal_settings_facts(at);
		bool is_it = str_eq(str_of(portal_settings_name(at)), str_of(name));
		struct str is = is_it ? str_of(value) : portal_settings_value(settings, at, arena);
		/* As browsers do, of a box that is not ticked. */
		if (facts.group < SETTING_GROUP_FEATURES ||
		    (facts.kind == SETTING_SWITCH && !str_eq(is, STR("yes"))))
			continue;
		form = arena_printf(arena, "%.*s&%s=", STR_ARGS(form), portal_settings_name(at));
		for (size_t i = 0; i < is.len; i++)
			form = arena_printf(arena, "%.*s%%%02x", STR_ARGS(form),
					    (unsigned char)is.data[i]);
	}
	return form;
}

static struct web_answer save(int64_t version, const char *name, const char *value, struct str who)
{
	return web_fixture_post(&web, PAGE, form_with(version, name, value), who);
}

static void every_setting_stands_there_with_its_effect(void **state)
{
	(void)state;
	struct str anna = admin();
	struct web_answer answer = web_fixture_get(&web, PAGE, anna);
	assert_int_equal(answer.status, 200);
	for (size_t at = 0; at < portal_settings_count; at++) {
		struct setting_facts facts = portal_settings_facts(at);
		struct str part =
			arena_printf(&web.core.arena, " name=\"%s\"", portal_settings_name(at));
		bool is_field = str_find(answer.body, part) >= 0;
		if (is_field != (facts.group >= SETTING_GROUP_FEATURES))
			fail_msg("%s", portal_settings_name(at));
		assert_true(text_get(language_find(STR("en")), facts.hint).len > 0);
	}
	assert_true(has(&answer, "name=\"version\" value=\"1\""));
	assert_true(has(&answer, "id=\"session_idle_minutes\" name=\"session_idle_minutes\" "
				 "type=\"number\" inputmode=\"numeric\" min=\"5\" max=\"43200\" "
				 "value=\"120\""));
	assert_true(has(&answer, "value=\"5 GiB\""));
	assert_true(has(&answer, "<option value=\"any\" selected>"));
	/* What is fixed is said, with how to change it. */
	assert_true(has(&answer, "postern setting set url ADDRESS"));
	assert_true(has(&answer, "Managed: a lost password can be set anew by e-mail"));
	struct str ben = guest();
	assert_int_equal(web_fixture_get(&web, PAGE, ben).status, 403);
	assert_int_equal(save(1, "trash_days", "7", ben).status, 403);
}

static void what_is_saved_holds_at_once(void **state)
{
	(void)state;
	struct str anna = admin();
	struct web_answer answer = save(1, "recall", "no", anna);
	assert_int_equal(answer.status, 303);
	assert_true(str_eq(answer.location, STR("/admin/settings?done=settings-saved")));
	answer = web_fixture_get(&web, answer.location, anna);
	assert_true(has(&answer, "The settings hold now."));
	assert_true(has(&answer, "name=\"version\" value=\"2\""));
	assert_false(settings_have(web.core.portal->settings, FEATURE_RECALL));
	assert_int_equal(web.core.portal->settings->trash_days, 30);
	assert_int_equal(save(2, "trash_days", "7", anna).status, 303);
	assert_int_equal(web.core.portal->settings->trash_days, 7);
	assert_false(settings_have(web.core.portal->settings, FEATURE_RECALL));
	/* Nothing changed is no change. */
	assert_int_equal(save(3, "trash_days", "7", anna).status, 303);
	assert_int_equal(settings_live_version(web.core.portal), 3);
}

static void mistakes_are_told_beside_their_fields(void **state)
{
	(void)state;
	struct str anna = admin();
	static const struct {
		const char *name, *value, *sentence;
	} cases[] = {
		{"session_idle_minutes", "4", "5"},    {"session_idle_minutes", "soon", "43"},
		{"file_max_bytes", "5 parsec", "GiB"}, {"blocked_endings", "e/e", "exe"},
		{"timestamp_url", "ftp://x", "http"},  {"guest_compose", "ajar", "ajar"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct web_answer answer = save(1, cases[i].name, cases[i].value, anna);
		assert_int_equal(answer.status, 422);
		struct str id = arena_printf(&web.core.arena, "id=\"%s-wrong\"", cases[i].name);
		if (str_find(text_of(&answer, arena_cstr(&web.core.arena, id)),
			     str_of(cases[i].sentence)) < 0)
			fail_msg("%s: %.*s", cases[i].name,
				 STR_ARGS(text_of(&answer, arena_cstr(&web.core.arena, id))));
		if (!str_eq(str_of(cases[i].name), STR("guest_compose")))
			assert_true(has(&answer, cases[i].value));
	}
	assert_int_equal(settings_live_version(web.core.portal), 1);
	/* A form that is none of ours. */
	assert_int_equal(web_fixture_post(&web, PAGE, STR("trash_days=7"), anna).status, 400);
	assert_int_equal(web_fixture_post(&web, PAGE, STR("version=0&trash_days=7"), anna).status,
			 400);
	assert_int_equal(
		web_fixture_post_from_elsewhere(&web, PAGE, form_with(1, "trash_days", "7"), anna)
			.status,
		403);
}

/* Who saves second sees what the first has saved, and loses nothing that was typed. */
static void two_administrators_save_the_same_page(void **state)
{
	(void)state;
	struct str anna = admin();
	struct str typed = form_with(1, "trash_days", "7");
	assert_int_equal(save(1, "reset_minutes", "30", anna).status, 303);
	struct web_answer answer = web_fixture_post(&web, PAGE, typed, anna);
	assert_int_equal(answer.status, 409);
	assert_true(has(&answer, "Somebody else has changed settings"));
	assert_true(has(&answer, "id=\"reset_minutes-theirs\"><strong>Saved now: 30"));
	assert_true(has(&answer, "id=\"trash_days-theirs\"><strong>Saved now: 30"));
	assert_true(has(&answer, "min=\"1\" max=\"3650\" value=\"7\""));
	assert_true(has(&answer, "name=\"version\" value=\"2\""));
	assert_int_equal(web.core.portal->settings->trash_days, 30);
	assert_int_equal(web.core.portal->settings->reset_minutes, 30);
	assert_int_equal(save(2, "trash_days", "7", anna).status, 303);
	assert_int_equal(web.core.portal->settings->trash_days, 7);
	assert_int_equal(web.core.portal->settings->reset_minutes, 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(every_setting_stands_there_with_its_effect),
		WEB_TEST(what_is_saved_holds_at_once),
		WEB_TEST(mistakes_are_told_beside_their_fields),
		WEB_TEST(two_administrators_save_the_same_page),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
