/* Bodies for a sink, and who may send them; without a socket. */
#include "core/cx.h"
#include "core/session.h"
#include "http/dispatch.h"
#include "http/security.h"
#include "http/test_sink.h"
#include "http/test_stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define H(name, value)                                                                             \
	{                                                                                          \
		STR(name), STR(value)                                                              \
	}

static struct session member = {.user.role = ROLE_MEMBER};
static int released;

void session_release(struct session *session)
{
	released += session != NULL;
}

static enum err authenticate(struct cx *cx, const struct request *req, enum surface surface)
{
	(void)surface;
	if (request_header(req, "Cookie").len + request_header(req, "Authorization").len > 0)
		cx->session = &member;
	return OK;
}

static void refuse(struct cx *cx, const struct request *req, struct response *res,
		   enum surface surface, enum err err)
{
	(void)cx, (void)req, (void)surface;
	buf_addf(&res->body, "refused: %s", err_name(err));
}

static const struct settings settings = {.is_off = {false}};
static struct portal portal = {.settings = &settings};
static const struct site site = {
	.portal = &portal,
	.public_origin = STR("https://mail.example.com"),
	.authenticate = authenticate,
	.refuse = refuse,
};

static enum err handle(struct cx *cx, const struct request *req, struct response *res)
{
	(void)cx, (void)req;
	buf_add(&res->body, STR("handled"));
	return OK;
}

static struct str header_of(const struct response *res, const char *name)
{
	struct str found = STR_NONE;
	for (size_t i = 0; i < res->header_count; i++) {
		if (!str_eq(res->headers[i].name, str_of(name)))
			continue;
		if (found.data != NULL)
			fail_msg("%s stands there twice", name);
		found = res->headers[i].value;
	}
	return found;
}

static void run(const struct route *route, struct request *req, struct arena *arena,
		struct response *res)
{
	arena_init(arena, 1 << 16);
	req->arena = arena;
	req->id = STR("R");
	*res = (struct response){.status = 200, .arena = arena};
	buf_init(&res->body, 10000);
	released = 0;
	dispatch(&site, route, req, res);
}

static void bodies_are_given_in_pieces(void **state)
{
	static const struct {
		const char *what;
		struct str words;
		size_t bytes;
		int status;
		struct str text;
	} rows[] = {
		{"nothing", STR(""), 0, 200, STR("whole 0")},
		{"a piece", STR(""), 1000, 200, STR("whole 1000")},
		{"some", STR(""), 2500, 200, STR("whole 2500")},
		{"not all", STR("fail=2001"), 2500, 413, STR("full 2000")},
		{"an end that fails", STR("spoil"), 2500, 409, STR("refused: conflict")},
		{"no sink", STR("refuse"), 2500, 409, STR("refused: conflict")},
	};
	static char body[2500];
	(void)state;
	for (size_t i = 0; i < sizeof(body); i++)
		body[i] = test_stream_byte(i);
	test_sink_reset();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		static const struct header headers[] = {H("Authorization", "Bearer x")};
		struct arena arena CLEANUP_ARENA;
		struct response res;
		struct route route = {.method = METHOD_PATCH,
				      .path = "/sink",
				      .access = ACCESS_SIGNED_IN,
				      .surface = SURFACE_API,
				      .body = BODY_STREAM,
				      .handle = test_sink};
		struct request req = {.method = METHOD_PATCH,
				      .query = rows[i].words,
				      .headers = headers,
				      .header_count = 1,
				      .body = str_bytes(body, rows[i].bytes)};
		run(&route, &req, &arena, &res);
		if (res.status != rows[i].status || !str_eq(buf_str(&res.body), rows[i].text))
			fail_msg("%s: %d %.*s", rows[i].what, res.status,
				 STR_ARGS(buf_str(&res.body)));
		if (str_is_empty(header_of(&res, "X-Request-Id")) || released != 1)
			fail_msg("%s: not ended properly", rows[i].what);
		if (!str_eq(rows[i].words, STR("refuse")) && !test_sink_counts().had_session)
			fail_msg("%s: nobody sends it", rows[i].what);
		buf_release(&res.body);
	}
	struct test_sinks counts = test_sink_counts();
	assert_int_equal(counts.open, 0);
	assert_false(counts.is_wrong);
}

static void other_routes_have_no_sink(void **state)
{
	struct arena arena CLEANUP_ARENA;
	struct response res;
	struct route route = {.path = "/sink", .access = ACCESS_ANYONE, .handle = test_sink};
	struct request req = {.query = STR("")};
	(void)state;
	test_sink_reset();
	run(&route, &req, &arena, &res);
	assert_int_equal(res.status, 500);
	assert_int_equal(test_sink_counts().open, 0);
	buf_release(&res.body);
}

static void a_cut_has_nobody(void **state)
{
	struct arena arena CLEANUP_ARENA;
	struct cx cx = {0};
	struct request req = {.query = STR("")};
	struct response res = {0};
	(void)state;
	arena_init(&arena, 1 << 16);
	test_sink_reset();
	assert_int_equal(test_sink(&cx, &req, &res), OK);
	const struct sink_outcome outcome = {.sink = res.sink, .how = SINK_CUT};
	dispatch_cut(&site, &outcome, STR("R"), STR("192.0.2.1"));
	struct test_sinks counts = test_sink_counts();
	assert_int_equal(counts.open, 0);
	assert_int_equal(counts.cut, 1);
	assert_false(counts.had_session);
	assert_false(counts.is_wrong);
}

#define OURS H("Sec-Fetch-Site", "same-origin")
#define THEIRS H("Sec-Fetch-Site", "cross-site")
#define COOKIE H("Cookie", "a=b")
#define TOKEN H("Authorization", "Bearer x")

/* A program by its token from anywhere, a page by its cookie if it is ours. */
static void changes_by_cookie_come_from_our_pages(void **state)
{
	static const struct {
		const char *what;
		enum method method;
		bool is_overridden;
		struct header headers[3];
		size_t count;
		int status;
	} rows[] = {
		{"our page", METHOD_PATCH, false, {COOKIE, OURS}, 2, 200},
		{"our page, by its origin",
		 METHOD_POST,
		 false,
		 {COOKIE, H("Origin", "https://mail.example.com")},
		 2,
		 200},
		{"our page removes", METHOD_DELETE, false, {COOKIE, OURS}, 2, 200},
		{"another's page", METHOD_PATCH, false, {COOKIE, THEIRS}, 2, 403},
		{"another's page removes", METHOD_DELETE, false, {COOKIE, THEIRS}, 2, 403},
		{"another origin",
		 METHOD_POST,
		 false,
		 {COOKIE, H("Origin", "https://mail.example.com.evil.example")},
		 2,
		 403},
		{"a sibling's page",
		 METHOD_POST,
		 false,
		 {COOKIE, H("Sec-Fetch-Site", "same-site")},
		 2,
		 403},
		{"nobody knows whose", METHOD_PATCH, false, {COOKIE}, 1, 403},
		{"a GET that was a POST", METHOD_GET, true, {COOKIE, THEIRS}, 2, 403},
		{"a HEAD that was a POST", METHOD_HEAD, true, {COOKIE, THEIRS}, 2, 403},
		{"a PATCH that was our POST", METHOD_PATCH, true, {COOKIE, OURS}, 2, 200},
		{"another's page reads", METHOD_GET, false, {COOKIE, THEIRS}, 2, 401},
		{"another's page asks", METHOD_OPTIONS, false, {COOKIE, THEIRS}, 2, 401},
		{"a program", METHOD_PATCH, false, {TOKEN}, 1, 200},
		{"a program in another's page", METHOD_PATCH, false, {TOKEN, THEIRS}, 2, 200},
		{"a token beside a cookie", METHOD_PATCH, false, {TOKEN, COOKIE, THEIRS}, 3, 200},
		{"nobody", METHOD_PATCH, false, {}, 0, 401},
		{"nobody in another's page", METHOD_PATCH, false, {THEIRS}, 1, 401},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena arena CLEANUP_ARENA;
		struct response res;
		struct route route = {.method = rows[i].method,
				      .path = "/files",
				      .access = ACCESS_SIGNED_IN,
				      .surface = SURFACE_API_OR_COOKIE,
				      .handle = handle};
		struct request req = {.method = rows[i].method,
				      .is_overridden = rows[i].is_overridden,
				      .headers = rows[i].headers,
				      .header_count = rows[i].count};
		run(&route, &req, &arena, &res);
		if (res.status != rows[i].status)
			fail_msg("%s: %d", rows[i].what, res.status);
		buf_release(&res.body);
	}
}

static enum err handle_preview(struct cx *cx, const struct request *req, struct response *res)
{
	(void)cx;
	response_header(res, "Content-Security-Policy", STR("default-src 'none'; sandbox"));
	response_header(res, "Cache-Control", STR("private, no-cache"));
	return req->method == METHOD_GET ? OK : ERR_DENIED;
}

static void release_nothing(struct stream_source *source)
{
	(void)source;
}

static enum err handle_download(struct cx *cx, const struct request *req, struct response *res)
{
	static struct stream_source source = {.release = release_nothing};
	(void)cx;
	(void)req;
	res->stream = &source;
	return OK;
}

/* P5.2: on no disk of a proxy either. */
static void what_streams_is_not_kept_by_a_proxy(void **state)
{
	static const struct {
		const char *what;
		handler_fn *handle;
		struct str said;
	} rows[] = {
		{"a page", handle, STR("")},
		{"a download", handle_download, STR("no")},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena arena CLEANUP_ARENA;
		struct response res;
		struct route route = {
			.path = "/x", .access = ACCESS_ANYONE, .handle = rows[i].handle};
		struct request req = {.method = METHOD_GET};
		run(&route, &req, &arena, &res);
		if (!str_eq(header_of(&res, "X-Accel-Buffering"), rows[i].said))
			fail_msg("%s", rows[i].what);
		response_release(&res);
	}
}

static void an_answer_may_have_its_own_policy(void **state)
{
	static const struct {
		const char *what;
		handler_fn *handle;
		enum method method;
		struct str policy, caching;
	} rows[] = {
		{"a page", handle, METHOD_GET, STR(SECURITY_CSP), STR("no-store")},
		{"a preview", handle_preview, METHOD_GET, STR("default-src 'none'; sandbox"),
		 STR("private, no-cache")},
		{"a preview that is refused", handle_preview, METHOD_HEAD, STR(SECURITY_CSP),
		 STR("no-store")},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena arena CLEANUP_ARENA;
		struct response res;
		struct route route = {
			.path = "/x", .access = ACCESS_ANYONE, .handle = rows[i].handle};
		struct request req = {.method = rows[i].method};
		run(&route, &req, &arena, &res);
		if (!str_eq(header_of(&res, "Content-Security-Policy"), rows[i].policy) ||
		    !str_eq(header_of(&res, "Cache-Control"), rows[i].caching))
			fail_msg("%s", rows[i].what);
		assert_true(str_eq(header_of(&res, "X-Content-Type-Options"), STR("nosniff")));
		buf_release(&res.body);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_are_given_in_pieces),
		cmocka_unit_test(other_routes_have_no_sink),
		cmocka_unit_test(a_cut_has_nobody),
		cmocka_unit_test(changes_by_cookie_come_from_our_pages),
		cmocka_unit_test(what_streams_is_not_kept_by_a_proxy),
		cmocka_unit_test(an_answer_may_have_its_own_policy),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
