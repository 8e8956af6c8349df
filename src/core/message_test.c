/* What somebody may type into a message: bad input gets a clear sentence (core/message.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "core/core_test_support.h"

static struct str repeated(struct core_fixture *f, const char *piece, size_t count)
{
	size_t len = strlen(piece);
	char *out = arena_alloc(&f->arena, len * count + 1);
	for (size_t i = 0; i < count; i++)
		memcpy(out + i * len, piece, len);
	return (struct str){out, len * count};
}

static struct str many_addresses(struct core_fixture *f, int count)
{
	struct buf list CLEANUP_BUF;
	buf_init(&list, 1 << 20);
	for (int i = 0; i < count; i++)
		buf_addf(&list, "guest%d@example.org,", i);
	return arena_copy(&f->arena, buf_str(&list));
}

static void bad_input(void **state)
{
	struct core_fixture *f = *state;
	const struct str gus = STR("gus@example.org"), x = STR("x");
	const struct {
		const char *sentence;
		struct draft draft;
		const char *field; /* NULL: it goes */
	} cases[] = {
		{"10,000 recipients",
		 {.to = many_addresses(f, 10000), .subject = x, .body = x},
		 "to"},
		{"501 recipients",
		 {.to = many_addresses(f, 250),
		  .cc = many_addresses(f, 251),
		  .subject = x,
		  .body = x},
		 "cc"},
		{"a subject of 200 KB",
		 {.to = gus, .subject = repeated(f, "s", 200 * 1024), .body = x},
		 "subject"},
		{"a subject of 251 characters",
		 {.to = gus, .subject = repeated(f, "ä", 251), .body = x},
		 "subject"},
		{"a subject of 250 characters",
		 {.to = gus, .subject = repeated(f, "ä", 250), .body = x},
		 NULL},
		{"a subject of two lines",
		 {.to = gus, .subject = STR("a\r\nBcc: b@example.com"), .body = x},
		 "subject"},
		{"a subject with a NUL", {.to = gus, .subject = STR("a\0b"), .body = x}, "subject"},
		{"a subject of bad UTF-8",
		 {.to = gus, .subject = STR("\xc3("), .body = x},
		 "subject"},
		{"a body over the limit",
		 {.to = gus, .subject = x, .body = repeated(f, "b", (1 << 20) + 1)},
		 "body"},
		{"a body at the limit",
		 {.to = gus, .subject = x, .body = repeated(f, "b", 1 << 20)},
		 NULL},
		{"a body of bad UTF-8", {.to = gus, .subject = x, .body = STR("\xff")}, "body"},
		{"a body with a NUL", {.to = gus, .subject = x, .body = STR("a\0b")}, "body"},
		{"an empty body", {.to = gus, .subject = x, .body = STR(" \r\n ")}, "body"},
		{"an address of bad UTF-8",
		 {.to = STR("g\xff@example.org"), .subject = x, .body = x},
		 "to"},
		{"an address with a NUL",
		 {.to = STR("g\0us@example.org"), .subject = x, .body = x},
		 "to"},
		{"an address with an escape character",
		 {.to = STR("g\x1b[2Jus@example.org"), .subject = x, .body = x},
		 "to"},
		{"an address without @",
		 {.to = STR("gus.example.org"), .subject = x, .body = x},
		 "to"},
		{"an address of 300 bytes",
		 {.to = repeated(f, "gus@", 75), .subject = x, .body = x},
		 "to"},
		{"a key of 256 bytes",
		 {.to = gus, .subject = x, .body = x, .idempotency_key = repeated(f, "k", 256)},
		 "idempotency_key"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct form_errors errors = {0};
		enum err err = core_fixture_try_send(f, f->admin, &cases[i].draft, NULL, &errors);
		if (cases[i].field == NULL
			    ? err != OK
			    : err != ERR_INVALID || errors.count != 1 ||
				      strcmp(errors.items[0].field, cases[i].field) != 0)
			fail_msg("%s: %s, %zu", cases[i].sentence, err_name(err), errors.count);
		for (size_t e = 0; e < errors.count; e++)
			if (!utf8_is_line(errors.items[e].detail) ||
			    errors.items[e].detail.len > 1000)
				fail_msg("%s: the sentence can not be shown", cases[i].sentence);
	}
	/* Line ends of every kind are one. */
	const struct draft lines = {.to = gus, .subject = x, .body = STR("a\r\nb\rc\nd")};
	struct sent sent;
	assert_int_equal(core_fixture_try_send(f, f->admin, &lines, &sent, NULL), OK);
	assert_true(str_eq(core_fixture_open(f, f->admin, &sent.id).body, STR("a\nb\nc\nd")));
	/* Whoever is named twice gets one, in the more visible place. */
	const struct draft twice = {.to = STR("Gus@EXAMPLE.org"),
				    .cc = STR("gus@example.org, hal@example.org"),
				    .bcc = STR("hal@example.org"),
				    .subject = x,
				    .body = x};
	assert_int_equal(core_fixture_try_send(f, f->admin, &twice, &sent, NULL), OK);
	assert_int_equal(sent.addressing.count, 2);
	assert_int_equal(sent.addressing.items[0].kind, RECIPIENT_TO);
	assert_int_equal(sent.addressing.items[1].kind, RECIPIENT_CC);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void five_hundred_recipients(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct arena arena CLEANUP_ARENA = {0};
	arena_init(&arena, LIMIT_REQUEST_ARENA);
	cx.arena = &arena;
	struct form_errors errors = {0};
	struct sent sent;
	const struct draft draft = {
		.to = many_addresses(f, 500), .subject = STR("x"), .body = STR("y")};
	assert_int_equal(message_send(&cx, &draft, &sent, &errors), OK);
	assert_int_equal(sent.addressing.new_count, 500);
	assert_int_equal(core_fixture_problems(f), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(bad_input),
		CORE_TEST(five_hundred_recipients),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
