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

/* One's own address beside others is one's own copy, which there is anyway. */
static void oneself_among_others(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi =
		core_fixture_person(f, STR("gabi@example.org"), STR("Gabi"), GRADE_GUEST);
	const struct str ada = STR("admin@example.com"), gabis = STR("gabi@example.org");
	const struct str x = STR("x");
	const struct {
		const char *sentence;
		struct session *sender;
		struct draft draft;
		const char *field; /* NULL: it goes */
	} cases[] = {
		{"with another in To",
		 f->admin,
		 {.to = STR("gabi@example.org, ADMIN@example.com"), .subject = x, .body = x},
		 NULL},
		{"in Cc", f->admin, {.to = gabis, .cc = ada, .subject = x, .body = x}, NULL},
		{"in Bcc", f->admin, {.to = gabis, .bcc = ada, .subject = x, .body = x}, NULL},
		{"in all three",
		 f->admin,
		 {.to = ada,
		  .cc = ada,
		  .bcc = STR("Ada <admin@example.com>, gabi@example.org"),
		  .subject = x,
		  .body = x},
		 NULL},
		{"as a guest", gabi, {.to = ada, .cc = gabis, .subject = x, .body = x}, NULL},
		{"alone", f->admin, {.to = ada, .subject = x, .body = x}, "to"},
		{"alone, twice", f->admin, {.cc = ada, .bcc = ada, .subject = x, .body = x}, "cc"},
		{"alone as a guest", gabi, {.bcc = gabis, .subject = x, .body = x}, "bcc"},
		{"with somebody who is no address",
		 f->admin,
		 {.to = ada, .cc = STR("gabi"), .subject = x, .body = x},
		 "cc"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct form_errors errors = {0};
		struct draft draft = cases[i].draft;
		struct sent sent, again;
		int64_t inbox = (int64_t)core_test_inbox(f, cases[i].sender).count;
		draft.idempotency_key = arena_printf(&f->arena, "key-%zu", i);
		enum err err = core_fixture_try_send(f, cases[i].sender, &draft, &sent, &errors);
		if (cases[i].field) {
			if (err != ERR_INVALID || errors.count != 1 ||
			    strcmp(errors.items[0].field, cases[i].field) != 0)
				fail_msg("%s: %s, %zu", cases[i].sentence, err_name(err),
					 errors.count);
			continue;
		}
		if (err != OK || sent.addressing.count != 1)
			fail_msg("%s: %s", cases[i].sentence, err_name(err));
		assert_int_equal(core_test_inbox(f, cases[i].sender).count, inbox);
		assert_int_equal(core_fixture_open(f, cases[i].sender, &sent.id).people_count, 1);
		assert_int_equal(core_fixture_try_send(f, cases[i].sender, &draft, &again, &errors),
				 OK);
		assert_true(again.is_repeat && id_eq(&again.id, &sent.id));
		assert_int_equal(again.addressing.count, 1);
		/* An answer to all goes to the other one. */
		struct cx cx = core_fixture_cx(f, cases[i].sender);
		assert_int_equal(message_reply_draft(&cx, &sent.id, true, &draft), OK);
		assert_true(str_find(draft.to, cases[i].sender->user.address) < 0);
		assert_true(str_find(draft.cc, cases[i].sender->user.address) < 0);
	}
	assert_int_equal(core_fixture_problems(f), 0);
}

/* "zoe, gabi" of a list of people; the part of each address before the @. */
static struct str names(struct core_fixture *f, const struct message_view *view)
{
	struct str list = STR("");
	for (size_t i = 0; i < view->people_count; i++) {
		struct str address = view->people[i].address;
		list = arena_printf(&f->arena, "%.*s%d%.*s ", STR_ARGS(list), view->people[i].kind,
				    (int)str_find_char(address, '@'), address.data);
	}
	return list;
}

static void recipients_stay_as_typed(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi =
		core_fixture_person(f, STR("gabi@example.org"), STR("Gabi"), GRADE_GUEST);
	struct session *ben =
		core_fixture_person(f, STR("ben@example.org"), STR("Ben"), GRADE_GUEST);
	core_fixture_sleep(f, SECOND_MS);
	const struct draft draft = {
		.to = STR("zoe@example.org, Gabi@Example.ORG, amy@example.org"),
		.cc = STR("ned@example.org, carl@example.org"),
		.bcc = STR("yan@example.org, ben@example.org"),
		.subject = STR("x"),
		.body = STR("y"),
		.idempotency_key = STR("order"),
	};
	struct sent first, again;
	assert_int_equal(core_fixture_try_send(f, f->admin, &draft, &first, NULL), OK);
	assert_int_equal(core_fixture_try_send(f, f->admin, &draft, &again, NULL), OK);
	assert_true(again.is_repeat);
	assert_int_equal(again.addressing.count, 7);
	for (size_t i = 0; i < 7; i++) {
		assert_str(again.addressing.items[i].address, first.addressing.items[i].address);
		assert_int_equal(again.addressing.items[i].kind, first.addressing.items[i].kind);
	}
	struct message_view view = core_fixture_open(f, f->admin, &first.id);
	assert_str(names(f, &view), STR("1zoe 1gabi 1amy 2ned 2carl 3yan 3ben "));
	view = core_fixture_open(f, gabi, &first.id);
	assert_str(names(f, &view), STR("1zoe 1gabi 1amy 2ned 2carl "));
	view = core_fixture_open(f, ben, &first.id);
	assert_str(names(f, &view), STR("1zoe 1gabi 1amy 2ned 2carl 3ben "));
	/* The first three of many. */
	struct cx cx = core_fixture_cx(f, f->admin);
	struct message_list list;
	assert_int_equal(mailbox_list(&cx, BOX_SENT, STR(""), 1, &list), OK);
	assert_str(list.rows[0].people, STR("zoe@example.org, Gabi, amy@example.org"));
	assert_int_equal(list.rows[0].people_more, 4);
	/* So does an answer to all. */
	cx = core_fixture_cx(f, gabi);
	struct draft answer;
	assert_int_equal(message_reply_draft(&cx, &first.id, true, &answer), OK);
	assert_str(answer.to, STR("admin@example.com, zoe@example.org, amy@example.org"));
	assert_str(answer.cc, STR("ned@example.org, carl@example.org"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(bad_input),
		CORE_TEST(five_hundred_recipients),
		CORE_TEST(oneself_among_others),
		CORE_TEST(recipients_stay_as_typed),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
