/* Shared by the tests of the API: a portal for each test, and the words they speak in. Include
 * after cmocka.h. */
#pragma once

#include "api/api_fixture.h"

#include <stdlib.h>
#include <string.h>

struct test {
	struct api_fixture f;
	struct api_answer answer;
};

static inline int set_up_portal(void **state, bool is_postgres, enum custody custody)
{
	struct test *t = calloc(1, sizeof(*t));
	api_fixture_init(&t->f, is_postgres, custody);
	*state = t;
	return 0;
}

static inline int set_up(void **state)
{
	return set_up_portal(state, false, CUSTODY_MANAGED);
}

static inline int set_up_strict(void **state)
{
	return set_up_portal(state, false, CUSTODY_STRICT);
}

static inline int set_up_postgres(void **state)
{
	if (store_fixture_has_postgres())
		return set_up_portal(state, true, CUSTODY_MANAGED);
	*state = NULL;
	return 0;
}

static inline int tear_down(void **state)
{
	struct test *t = *state;
	if (t == NULL)
		return 0;
	api_fixture_answer_release(&t->answer);
	api_fixture_release(&t->f);
	free(t);
	return 0;
}

static inline void call(struct test *t, const char *method, const char *path, const char *token,
			const char *body)
{
	struct api_call c = {.method = method, .path = path, .token = token, .body = str_of(body)};
	api_fixture_call(&t->f, &c, &t->answer);
}

static inline void expect(struct test *t, int status)
{
	if (t->answer.status != status)
		fail_msg("%d, not %d: %s", t->answer.status, status, t->answer.body);
	if (status == 204)
		return;
	assert_non_null(t->answer.json);
	assert_string_equal(t->answer.content_type,
			    status >= 400 ? "application/problem+json" : "application/json");
	if (status < 400)
		return;
	assert_int_equal(json_integer_value(json_object_get(t->answer.json, "status")), status);
	assert_true(json_string_length(json_object_get(t->answer.json, "title")) > 0);
	assert_true(json_string_length(json_object_get(t->answer.json, "detail")) > 0);
}

static inline void expect_type(struct test *t, int status, const char *type)
{
	expect(t, status);
	const char *got = json_string_value(json_object_get(t->answer.json, "type"));
	assert_true(strncmp(got, "urn:postern:problem:", 20) == 0);
	assert_string_equal(got + 20, type);
}

/* "a.0.b" of the answer; NULL if there is none. */
static inline json_t *at(struct test *t, const char *path)
{
	json_t *value = t->answer.json;
	struct str rest = str_of(path);
	struct str step;
	while (value && str_next(&rest, '.', &step)) {
		int64_t index;
		if (str_to_int(step, &index))
			value = json_array_get(value, (size_t)index);
		else
			value = json_object_get(value, arena_cstr(&t->f.arena, step));
	}
	return value;
}

static inline void expect_text(struct test *t, const char *path, const char *want)
{
	const char *got = json_string_value(at(t, path));
	if (got == NULL || strcmp(got, want) != 0)
		fail_msg("%s is %s in %s", path, got ? got : "no text", t->answer.body);
}

static inline bool has_error(struct test *t, const char *field)
{
	size_t i;
	json_t *error;
	json_array_foreach(at(t, "errors"), i, error)
	{
		if (strcmp(json_string_value(json_object_get(error, "field")), field) == 0)
			return json_string_length(json_object_get(error, "detail")) > 0;
	}
	return false;
}

/* A text of the answer, which outlives the answer. */
static inline const char *keep(struct test *t, const char *path)
{
	const char *text = json_string_value(at(t, path));
	assert_non_null(text);
	return arena_cstr(&t->f.arena, str_of(text));
}

/* The message's address and what comes after it. */
static inline const char *message_path(struct test *t, const char *id, const char *after)
{
	return arena_printf(&t->f.arena, "/api/v1/messages/%s%s", id, after).data;
}

static inline const char *sign_in_admin(struct test *t)
{
	return api_fixture_register(&t->f, t->f.set_up_token, "Ada Admin");
}

/* `piece` as often as said, between a start and an end. */
static inline struct str long_body(struct test *t, const char *start, const char *piece,
				   size_t count, const char *end)
{
	struct buf buf;
	buf_init(&buf, 8 << 20);
	buf_add(&buf, str_of(start));
	for (size_t i = 0; i < count; i++)
		buf_add(&buf, str_of(piece));
	buf_add(&buf, str_of(end));
	assert_int_equal(buf.err, OK);
	struct str body = arena_copy(&t->f.arena, buf_str(&buf));
	assert_true(body.len > 0);
	buf_release(&buf);
	return body;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
