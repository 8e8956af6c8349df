/* Shared by the tests of files in the API. Include after api/api_test_support.h. */
#pragma once

#include "api/api_test_support.h"
#include "base/encode.h"

#define TUS_VERSION                                                                                \
	{                                                                                          \
		STR("Tus-Resumable"), STR("1.0.0")                                                 \
	}

/* A header of the answer; NULL if there is none. */
static inline const char *answer_header(struct test *t, const char *name)
{
	struct str rest = str_of(t->answer.headers), line;
	struct str start = arena_printf(&t->f.arena, "%s: ", name);
	while (str_next(&rest, '\n', &line))
		if (str_starts_with(line, start))
			return arena_cstr(&t->f.arena, str_slice(line, start.len, line.len));
	return NULL;
}

/* value NULL: there is none. */
static inline void expect_answer_header(struct test *t, const char *name, const char *value)
{
	const char *got = answer_header(t, name);
	if (!str_eq(str_of(got ? got : "none"), str_of(value ? value : "none")))
		fail_msg("%s: %s, not %s", name, got ? got : "none", value ? value : "none");
}

/* The id of a file that was sent whole, or (sent NULL) of which nothing came. */
static inline const char *upload_file(struct test *t, const char *token, const char *name,
				      const char *type, const char *sent)
{
	struct arena *arena = &t->f.arena;
	struct str metadata = arena_printf(arena, "filename %.*s,filetype %.*s",
					   STR_ARGS(encode_base64(arena, str_of(name))),
					   STR_ARGS(encode_base64(arena, str_of(type))));
	struct api_call c = {
		.method = "POST",
		.path = "/files",
		.token = token,
		.body = str_of(sent ? sent : ""),
		.content_type = sent ? "application/offset+octet-stream" : NULL,
		.headers = {TUS_VERSION,
			    {STR("Upload-Length"),
			     arena_printf(arena, "%zu", sent ? strlen(sent) : 3)},
			    {STR("Upload-Metadata"), metadata}},
	};
	api_fixture_call(&t->f, &c, &t->answer);
	assert_int_equal(t->answer.status, 201);
	return answer_header(t, "Location") + strlen("/files/");
}

/* Calls with one header more; name NULL: none. */
static inline void call_with(struct test *t, const char *method, const char *path,
			     const char *token, const char *name, const char *value)
{
	struct api_call c = {.method = method, .path = path, .token = token};
	if (name)
		c.headers[0] = (struct header){str_of(name), str_of(value)};
	api_fixture_call(&t->f, &c, &t->answer);
}

/* All that the streamed answer gives, in its body: at most 256 KiB. */
static inline void read_stream(struct test *t)
{
	static char all[sizeof(t->answer.body)];
	size_t len = 0;
	enum stream_next next = STREAM_MORE;
	assert_non_null(t->answer.stream);
	while (next == STREAM_MORE) {
		next = api_fixture_next_piece(&t->answer);
		size_t more = strlen(t->answer.body);
		assert_true(len + more < sizeof(all));
		memcpy(all + len, t->answer.body, more + 1);
		len += more;
	}
	memcpy(t->answer.body, all, len + 1);
}
