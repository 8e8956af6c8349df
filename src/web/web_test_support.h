/* Shared by the tests of pages: a portal and a browser for each test, and the words they speak in.
 * Include after cmocka.h. */
#pragma once

#include "crypto/secret.h"
#include "web/web_fixture.h"

static struct web_fixture web;

static inline int set_up(void **state)
{
	web_fixture_init(&web, CUSTODY_MANAGED);
	*state = &web;
	return 0;
}

static inline int set_up_strict(void **state)
{
	web_fixture_init(&web, CUSTODY_STRICT);
	*state = &web;
	return 0;
}

static inline int tear_down(void **state)
{
	web_fixture_release(*state);
	return secret_live() == 0 ? 0 : -1;
}

static inline bool has(const struct web_answer *answer, const char *part)
{
	return str_find(answer->body, str_of(part)) >= 0;
}

/* "/register/" and a token and "/renew". */
static inline struct str path_of(const char *before, struct str part, const char *after)
{
	return arena_printf(&web.core.arena, "%s%.*s%s", before, STR_ARGS(part), after);
}

/* What stands between the tag with this attribute and the next tag. */
static inline struct str text_of(const struct web_answer *answer, const char *attribute)
{
	ptrdiff_t at = str_find(answer->body, str_of(attribute));
	assert_true(at >= 0);
	struct str rest = str_slice(answer->body, (size_t)at, answer->body.len);
	struct str text;
	assert_true(str_next(&rest, '>', &text) && str_next(&rest, '<', &text));
	return str_trim(text);
}

/* This part again and again. */
static inline struct str repeated(const char *part, size_t bytes)
{
	char *text = arena_alloc(&web.core.arena, bytes);
	size_t len = str_of(part).len;
	for (size_t i = 0; i < bytes; i++)
		text[i] = part[i % len];
	return str_bytes(text, bytes);
}

static inline struct str admin(void)
{
	return web_fixture_sign_in(&web, STR("admin@example.com"));
}

/* A guest who has a message, and the cookie. */
static inline struct str guest(void)
{
	core_fixture_person(&web.core, STR("ben@example.com"), STR("Ben Adler"), GRADE_GUEST);
	return web_fixture_sign_in(&web, STR("ben@example.com"));
}

#define WEB_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define STRICT_TEST(name) cmocka_unit_test_setup_teardown(name, set_up_strict, tear_down)
