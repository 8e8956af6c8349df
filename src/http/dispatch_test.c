#include "http/dispatch.h"

#include "core/cx.h"
#include "core/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* What happened during one dispatch. */
static struct {
	struct session *session;
	enum err authenticate_err;
	enum err handler_err;
	int handled, refused, asked, released, authenticated;
	enum surface authenticated_by;
	bool is_background;
	int streams_released;
	enum err refused_err;
	enum surface refused_surface;
} seen;

void session_release(struct session *session)
{
	seen.released += session != NULL;
}

static enum err authenticate(struct cx *cx, const struct request *req, enum surface surface)
{
	(void)req;
	seen.authenticated++;
	seen.authenticated_by = surface;
	seen.is_background = cx->is_background;
	cx->session = seen.session;
	return seen.authenticate_err;
}

static void refuse(struct cx *cx, const struct request *req, struct response *res,
		   enum surface surface, enum err err)
{
	(void)cx;
	(void)req;
	seen.refused++;
	seen.refused_err = err;
	seen.refused_surface = surface;
	buf_addf(&res->body, "refused %d", res->status);
}

static void ask_to_sign_in(struct cx *cx, const struct request *req, struct response *res)
{
	(void)cx;
	(void)req;
	seen.asked++;
	response_redirect(res, STR("/sign-in"));
}

static enum err handle(struct cx *cx, const struct request *req, struct response *res)
{
	(void)cx;
	(void)req;
	seen.handled++;
	buf_add(&res->body, STR("secret"));
	response_header(res, "Set-Cookie", STR("a=b"));
	return seen.handler_err;
}

static enum err handle_header_injection(struct cx *cx, const struct request *req,
					struct response *res)
{
	(void)cx;
	(void)req;
	response_header(res, "X-Name", STR("a\r\nSet-Cookie: evil"));
	return OK;
}

static enum err handle_too_much(struct cx *cx, const struct request *req, struct response *res)
{
	(void)req;
	(void)res;
	assert_null(arena_alloc(cx->arena, SIZE_MAX / 2));
	return OK;
}

static enum err handle_long_body(struct cx *cx, const struct request *req, struct response *res)
{
	(void)cx;
	(void)req;
	for (int i = 0; i < 5000; i++)
		buf_add(&res->body, STR("more than fits"));
	return OK;
}

static void release_stream(struct stream_source *source)
{
	(void)source;
	seen.streams_released++;
}

static enum err handle_stream(struct cx *cx, const struct request *req, struct response *res)
{
	static struct stream_source source = {.release = release_stream};
	(void)cx;
	(void)req;
	res->stream = &source;
	return seen.handler_err;
}

static const struct settings settings = {.is_off[FEATURE_RECALL] = true};
static struct portal portal = {.settings = &settings};
static const struct site site = {
	.portal = &portal,
	.is_https = true,
	.public_origin = STR("https://mail.example.com"),
	.authenticate = authenticate,
	.refuse = refuse,
	.ask_to_sign_in = ask_to_sign_in,
};
static struct session member = {.user.role = ROLE_MEMBER};
static struct session administrator = {
	.user = {.grade = GRADE_PROFESSIONAL, .role = ROLE_ADMINISTRATOR, .state = USER_ACTIVE}};

struct exchange_setup {
	struct route route;
	struct session *session;
	enum method method;
	const struct header *headers;
	size_t header_count;
	struct str body;
};

static int run(const struct exchange_setup *setup, struct arena *arena, struct response *ret)
{
	struct request req = {.method = setup->method,
			      .path = STR("/x"),
			      .headers = setup->headers,
			      .header_count = setup->header_count,
			      .body = setup->body,
			      .id = STR("REQUEST"),
			      .arena = arena};
	memset(&seen, 0, sizeof(seen));
	seen.session = setup->session;
	*ret = (struct response){
		.status = 200, .content_type = STR("text/html; charset=utf-8"), .arena = arena};
	buf_init(&ret->body, 10000);
	dispatch(&site, &setup->route, &req, ret);
	return ret->status;
}

static struct str find_header(const struct response *res, const char *name)
{
	for (size_t i = 0; i < res->header_count; i++) {
		if (str_eq_nocase(res->headers[i].name, str_of(name)))
			return res->headers[i].value;
	}
	return STR_NONE;
}

#define PAGE SURFACE_PAGE
#define API SURFACE_API

static void access_is_decided_by_the_table(void **state)
{
	static const struct {
		const char *what;
		enum access access;
		enum surface surface;
		struct session *session;
		int status, handled, asked;
		enum feature feature;
	} rows[] = {
		{"anyone, nobody signed in", ACCESS_ANYONE, PAGE, NULL, 200, 1, 0},
		{"anyone, signed in", ACCESS_ANYONE, PAGE, &member, 200, 1, 0},
		{"anyone on the API", ACCESS_ANYONE, API, NULL, 200, 1, 0},
		{"a page for those signed in sends to sign-in", ACCESS_SIGNED_IN, PAGE, NULL, 303,
		 0, 1},
		{"a resource for those signed in is 401", ACCESS_SIGNED_IN, API, NULL, 401, 0, 0},
		{"a member enters", ACCESS_SIGNED_IN, PAGE, &member, 200, 1, 0},
		{"a member enters the API", ACCESS_SIGNED_IN, API, &member, 200, 1, 0},
		{"an administrator's page sends to sign-in", ACCESS_ADMINISTRATOR, PAGE, NULL, 303,
		 0, 1},
		{"an administrator's resource is 401", ACCESS_ADMINISTRATOR, API, NULL, 401, 0, 0},
		{"a member is no administrator", ACCESS_ADMINISTRATOR, PAGE, &member, 403, 0, 0},
		{"nor on the API", ACCESS_ADMINISTRATOR, API, &member, 403, 0, 0},
		{"an administrator enters", ACCESS_ADMINISTRATOR, PAGE, &administrator, 200, 1, 0},
		{"an administrator is somebody signed in", ACCESS_SIGNED_IN, PAGE, &administrator,
		 200, 1, 0},
		{"what is switched on is there", ACCESS_SIGNED_IN, PAGE, &member, 200, 1, 0,
		 FEATURE_FILES},
		{"what is switched off is not found", ACCESS_SIGNED_IN, PAGE, &member, 404, 0, 0,
		 FEATURE_RECALL},
		{"not by administrators either", ACCESS_ADMINISTRATOR, API, &administrator, 404, 0,
		 0, FEATURE_RECALL},
		{"nor without signing in", ACCESS_ANYONE, PAGE, NULL, 404, 0, 0, FEATURE_RECALL},
		{"unstated access is nobody's", ACCESS_UNSTATED, PAGE, &administrator, 500, 0, 0},
		{"not on the API either", ACCESS_UNSTATED, API, &administrator, 500, 0, 0},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena arena CLEANUP_ARENA;
		struct response res;
		arena_init(&arena, 1 << 16);
		struct exchange_setup setup = {.route = {.path = "/x",
							 .access = rows[i].access,
							 .surface = rows[i].surface,
							 .feature = rows[i].feature,
							 .handle = handle},
					       .session = rows[i].session};
		int status = run(&setup, &arena, &res);
		if (status != rows[i].status || seen.handled != rows[i].handled ||
		    seen.asked != rows[i].asked)
			fail_msg("%s: %d", rows[i].what, status);
		if (status >= 400 && (seen.refused != 1 || seen.refused_surface != rows[i].surface))
			fail_msg("%s: refused %d times", rows[i].what, seen.refused);
		if (str_is_empty(find_header(&res, "WWW-Authenticate")) != (status != 401))
			fail_msg("%s: WWW-Authenticate", rows[i].what);
		if (seen.released != (rows[i].session != NULL && rows[i].access != ACCESS_UNSTATED))
			fail_msg("%s: the session was released %d times", rows[i].what,
				 seen.released);
		buf_release(&res.body);
	}
}

static void pages_change_only_from_our_pages(void **state)
{
#define H(n, v)                                                                                    \
	{                                                                                          \
		STR(n), STR(v)                                                                     \
	}
	static const struct {
		const char *what;
		enum surface surface;
		enum method method;
		struct header headers[3];
		size_t count;
		int status;
	} rows[] = {
		{"our page", PAGE, METHOD_POST, {H("Sec-Fetch-Site", "same-origin")}, 1, 200},
		{"typed by the person", PAGE, METHOD_POST, {H("Sec-Fetch-Site", "none")}, 1, 200},
		{"a sibling host", PAGE, METHOD_POST, {H("Sec-Fetch-Site", "same-site")}, 1, 403},
		{"another site", PAGE, METHOD_POST, {H("Sec-Fetch-Site", "cross-site")}, 1, 403},
		{"rubbish", PAGE, METHOD_POST, {H("Sec-Fetch-Site", "Same-Origin, x")}, 1, 403},
		{"two answers",
		 PAGE,
		 METHOD_POST,
		 {H("Sec-Fetch-Site", "same-origin"), H("Sec-Fetch-Site", "none")},
		 2,
		 403},
		{"Sec-Fetch-Site counts more than Origin",
		 PAGE,
		 METHOD_POST,
		 {H("Sec-Fetch-Site", "cross-site"), H("Origin", "https://mail.example.com")},
		 2,
		 403},
		{"an older browser: our origin",
		 PAGE,
		 METHOD_POST,
		 {H("Origin", "https://mail.example.com")},
		 1,
		 200},
		{"another origin",
		 PAGE,
		 METHOD_POST,
		 {H("Origin", "https://evil.example")},
		 1,
		 403},
		{"our name as a prefix",
		 PAGE,
		 METHOD_POST,
		 {H("Origin", "https://mail.example.com.evil.example")},
		 1,
		 403},
		{"another scheme",
		 PAGE,
		 METHOD_POST,
		 {H("Origin", "http://mail.example.com")},
		 1,
		 403},
		{"another port",
		 PAGE,
		 METHOD_POST,
		 {H("Origin", "https://mail.example.com:8443")},
		 1,
		 403},
		{"null", PAGE, METHOD_POST, {H("Origin", "null")}, 1, 403},
		{"null with a good referer",
		 PAGE,
		 METHOD_POST,
		 {H("Origin", "null"), H("Referer", "https://mail.example.com/compose")},
		 2,
		 403},
		{"only a referer: ours",
		 PAGE,
		 METHOD_POST,
		 {H("Referer", "https://mail.example.com/compose")},
		 1,
		 200},
		{"only a referer: bare origin",
		 PAGE,
		 METHOD_POST,
		 {H("Referer", "https://mail.example.com")},
		 1,
		 200},
		{"a referer elsewhere",
		 PAGE,
		 METHOD_POST,
		 {H("Referer", "https://evil.example/")},
		 1,
		 403},
		{"our name as a prefix of it",
		 PAGE,
		 METHOD_POST,
		 {H("Referer", "https://mail.example.com.evil.example/")},
		 1,
		 403},
		{"our name as a user",
		 PAGE,
		 METHOD_POST,
		 {H("Referer", "https://mail.example.com@evil.example/")},
		 1,
		 403},
		{"nothing said", PAGE, METHOD_POST, {H("Accept", "*/*")}, 1, 403},
		{"PUT is unsafe", PAGE, METHOD_PUT, {H("Sec-Fetch-Site", "cross-site")}, 1, 403},
		{"PATCH is unsafe",
		 PAGE,
		 METHOD_PATCH,
		 {H("Sec-Fetch-Site", "cross-site")},
		 1,
		 403},
		{"DELETE is unsafe",
		 PAGE,
		 METHOD_DELETE,
		 {H("Sec-Fetch-Site", "cross-site")},
		 1,
		 403},
		{"links from elsewhere work",
		 PAGE,
		 METHOD_GET,
		 {H("Sec-Fetch-Site", "cross-site")},
		 1,
		 200},
		{"HEAD too", PAGE, METHOD_HEAD, {H("Sec-Fetch-Site", "cross-site")}, 1, 200},
		{"the API does not go by cookies",
		 API,
		 METHOD_POST,
		 {H("Origin", "https://evil.example")},
		 1,
		 200},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena arena CLEANUP_ARENA;
		struct response res;
		arena_init(&arena, 1 << 16);
		struct exchange_setup setup = {.route = {.path = "/x",
							 .access = ACCESS_ANYONE,
							 .surface = rows[i].surface,
							 .handle = handle},
					       .method = rows[i].method,
					       .headers = rows[i].headers,
					       .header_count = rows[i].count};
		int status = run(&setup, &arena, &res);
		if (status != rows[i].status || seen.handled != (status == 200))
			fail_msg("%s: %d", rows[i].what, status);
		buf_release(&res.body);
	}
}

/* For what a program and a page both read: the page by its cookie, if it is ours. */
static void a_cookie_opens_the_api_to_our_pages_only(void **state)
{
	static const struct {
		const char *what;
		struct header headers[2];
		size_t count;
		int status, authenticated;
		enum surface by;
	} rows[] = {
		{"our page",
		 {H("Cookie", "a=b"), H("Sec-Fetch-Site", "same-origin")},
		 2,
		 200,
		 1,
		 PAGE},
		{"an older browser's",
		 {H("Referer", "https://mail.example.com/inbox")},
		 1,
		 200,
		 1,
		 PAGE},
		{"another site",
		 {H("Cookie", "a=b"), H("Sec-Fetch-Site", "cross-site")},
		 2,
		 401,
		 0,
		 0},
		{"a sibling host",
		 {H("Cookie", "a=b"), H("Sec-Fetch-Site", "same-site")},
		 2,
		 401,
		 0,
		 0},
		{"nothing said", {H("Cookie", "a=b")}, 1, 401, 0, 0},
		{"a program", {H("Authorization", "Bearer x")}, 1, 200, 1, API},
		{"a token wins over a cookie",
		 {H("Authorization", "Bearer x"), H("Sec-Fetch-Site", "same-origin")},
		 2,
		 200,
		 1,
		 API},
		{"a token from anywhere",
		 {H("Authorization", "Bearer x"), H("Sec-Fetch-Site", "cross-site")},
		 2,
		 200,
		 1,
		 API},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena arena CLEANUP_ARENA;
		struct response res;
		arena_init(&arena, 1 << 16);
		struct exchange_setup setup = {.route = {.path = "/x",
							 .access = ACCESS_SIGNED_IN,
							 .surface = SURFACE_API_OR_COOKIE,
							 .is_background = true,
							 .handle = handle},
					       .session = &member,
					       .headers = rows[i].headers,
					       .header_count = rows[i].count};
		int status = run(&setup, &arena, &res);
		if (status != rows[i].status || seen.authenticated != rows[i].authenticated ||
		    seen.authenticated_by != rows[i].by || seen.asked != 0)
			fail_msg("%s: %d", rows[i].what, status);
		if (status == 401 && seen.refused_surface != SURFACE_API)
			fail_msg("%s: told as a page", rows[i].what);
		if (seen.authenticated && !seen.is_background)
			fail_msg("%s: counts as somebody being there", rows[i].what);
		buf_release(&res.body);
	}
}

static void a_stream_that_is_not_sent_is_given_back(void **state)
{
	static const struct {
		enum err err;
		int status, released;
	} rows[] = {{OK, 200, 0}, {ERR_DENIED, 403, 1}};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena arena CLEANUP_ARENA;
		struct response res = {.arena = &arena};
		struct request req = {.method = METHOD_GET, .path = STR("/x"), .arena = &arena};
		struct route route = {
			.path = "/x", .access = ACCESS_ANYONE, .handle = handle_stream};
		arena_init(&arena, 1 << 16);
		res.status = 200;
		buf_init(&res.body, 10000);
		memset(&seen, 0, sizeof(seen));
		seen.handler_err = rows[i].err;
		dispatch(&site, &route, &req, &res);
		assert_int_equal(res.status, rows[i].status);
		assert_int_equal(seen.streams_released, rows[i].released);
		response_release(&res);
		assert_int_equal(seen.streams_released, 1);
	}
}

static void bodies_must_be_what_the_route_reads(void **state)
{
	static const struct {
		const char *what;
		enum body_kind body;
		const char *type;
		size_t body_bytes;
		int status;
	} rows[] = {
		{"a form", BODY_FORM, "application/x-www-form-urlencoded", 3, 200},
		{"with a charset", BODY_FORM, "Application/X-WWW-Form-Urlencoded; charset=UTF-8", 3,
		 200},
		{"JSON to a form", BODY_FORM, "application/json", 3, 415},
		{"text to a form", BODY_FORM, "text/plain", 3, 415},
		{"multipart to a form", BODY_FORM, "multipart/form-data; boundary=x", 3, 415},
		{"nothing said to a form", BODY_FORM, "", 3, 415},
		{"JSON", BODY_JSON, "application/json", 3, 200},
		{"a form to JSON", BODY_JSON, "application/x-www-form-urlencoded", 3, 415},
		{"text to JSON", BODY_JSON, "text/plain;application/json", 3, 415},
		{"JSON, where it may be missing", BODY_JSON_OR_NONE, "application/json", 3, 200},
		{"none, where it may be missing", BODY_JSON_OR_NONE, "", 0, 200},
		{"a form, where JSON may be missing", BODY_JSON_OR_NONE,
		 "application/x-www-form-urlencoded", 3, 415},
		{"as long as allowed", BODY_JSON, "application/json", 8, 200},
		{"one byte longer", BODY_JSON, "application/json", 9, 413},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena arena CLEANUP_ARENA;
		struct response res;
		struct header header = {STR("Content-Type"), str_of(rows[i].type)};
		arena_init(&arena, 1 << 16);
		struct exchange_setup setup = {.route = {.path = "/x",
							 .access = ACCESS_ANYONE,
							 .surface = API,
							 .body = rows[i].body,
							 .body_max = 8,
							 .handle = handle},
					       .method = METHOD_POST,
					       .headers = &header,
					       .header_count = 1,
					       .body = str_bytes("123456789", rows[i].body_bytes)};
		int status = run(&setup, &arena, &res);
		if (status != rows[i].status)
			fail_msg("%s: %d", rows[i].what, status);
		buf_release(&res.body);
	}
}

static void failures_become_answers(void **state)
{
	static const struct {
		const char *what;
		handler_fn *handle;
		enum err handler_err;
		int status;
		enum err told;
	} rows[] = {
		{"invalid", handle, ERR_INVALID, 400, ERR_INVALID},
		{"denied", handle, ERR_DENIED, 403, ERR_DENIED},
		{"not found", handle, ERR_NOT_FOUND, 404, ERR_NOT_FOUND},
		{"conflict", handle, ERR_CONFLICT, 409, ERR_CONFLICT},
		{"too large", handle, ERR_TOO_LARGE, 413, ERR_TOO_LARGE},
		{"busy", handle, ERR_BUSY, 429, ERR_BUSY},
		{"unavailable", handle, ERR_UNAVAILABLE, 503, ERR_UNAVAILABLE},
		{"corrupt", handle, ERR_CORRUPT, 500, ERR_CORRUPT},
		{"internal", handle, ERR_INTERNAL, 500, ERR_INTERNAL},
		{"a line break in a header", handle_header_injection, OK, 500, ERR_INTERNAL},
		{"all its memory used", handle_too_much, OK, 500, ERR_INTERNAL},
		{"a page that grew too long", handle_long_body, OK, 500, ERR_INTERNAL},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena arena CLEANUP_ARENA;
		struct response res;
		arena_init(&arena, 1 << 16);
		struct request req = {.path = STR("/x"), .arena = &arena, .id = STR("R")};
		struct route route = {.path = "/x",
				      .access = ACCESS_ANYONE,
				      .surface = API,
				      .handle = rows[i].handle};
		memset(&seen, 0, sizeof(seen));
		seen.handler_err = rows[i].handler_err;
		res = (struct response){.status = 200, .arena = &arena, .is_cacheable = true};
		buf_init(&res.body, 10000);
		dispatch(&site, &route, &req, &res);
		if (res.status != rows[i].status || seen.refused_err != rows[i].told)
			fail_msg("%s: %d", rows[i].what, res.status);
		if (!str_starts_with(buf_str(&res.body), STR("refused")))
			fail_msg("%s: what the handler wrote must not be sent", rows[i].what);
		if (!str_is_empty(find_header(&res, "Set-Cookie")) ||
		    !str_is_empty(find_header(&res, "X-Name")))
			fail_msg("%s: the handler's headers must not be sent", rows[i].what);
		if (!str_eq(find_header(&res, "Cache-Control"), STR("no-store")))
			fail_msg("%s: a refusal must not be cached", rows[i].what);
		if (str_is_empty(find_header(&res, "Retry-After")) !=
		    (res.status != 429 && res.status != 503))
			fail_msg("%s: Retry-After", rows[i].what);
		buf_release(&res.body);
	}
}

static void trouble_with_the_session_is_told(void **state)
{
	struct arena arena CLEANUP_ARENA;
	struct response res = {.status = 200, .arena = &arena};
	struct request req = {.path = STR("/x"), .arena = &arena, .id = STR("R")};
	struct route route = {.path = "/x", .access = ACCESS_ANYONE, .handle = handle};
	(void)state;
	arena_init(&arena, 1 << 16);
	buf_init(&res.body, 10000);
	memset(&seen, 0, sizeof(seen));
	seen.authenticate_err = ERR_CORRUPT;
	dispatch(&site, &route, &req, &res);
	assert_int_equal(res.status, 500);
	assert_int_equal(seen.handled, 0);
	buf_release(&res.body);
}

static void every_answer_carries_the_security_headers(void **state)
{
	static const char *const names[] = {"Content-Security-Policy",
					    "X-Content-Type-Options",
					    "Referrer-Policy",
					    "Permissions-Policy",
					    "Cross-Origin-Resource-Policy",
					    "Cross-Origin-Opener-Policy",
					    "X-Request-Id",
					    "Strict-Transport-Security",
					    "Cache-Control"};
	static const enum access accesses[] = {ACCESS_ANYONE, ACCESS_SIGNED_IN, ACCESS_UNSTATED};
	(void)state;
	for (size_t a = 0; a < sizeof(accesses) / sizeof(accesses[0]); a++) {
		struct arena arena CLEANUP_ARENA;
		struct response res;
		arena_init(&arena, 1 << 16);
		struct exchange_setup setup = {
			.route = {.path = "/x", .access = accesses[a], .handle = handle}};
		run(&setup, &arena, &res);
		for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
			if (str_is_empty(find_header(&res, names[n])))
				fail_msg("%d: no %s", res.status, names[n]);
		}
		buf_release(&res.body);
	}
}

static void plain_http_does_not_promise_https(void **state)
{
	struct arena arena CLEANUP_ARENA;
	struct site plain = site;
	struct response res = {.status = 200, .arena = &arena};
	struct request req = {.path = STR("/x"), .arena = &arena, .id = STR("R")};
	struct refusal refusal = {
		.status = 405, .err = ERR_INVALID, .surface = API, .allowed = STR("GET")};
	(void)state;
	plain.is_https = false;
	arena_init(&arena, 1 << 16);
	buf_init(&res.body, 10000);
	dispatch_refuse(&plain, &refusal, &req, &res);
	assert_int_equal(res.status, 405);
	assert_true(str_eq(find_header(&res, "Allow"), STR("GET")));
	assert_true(str_is_empty(find_header(&res, "Strict-Transport-Security")));
	buf_release(&res.body);
}

static void errors_are_told_like_the_neighbours(void **state)
{
	static const struct route routes[] = {{.path = "/inbox", .surface = PAGE},
					      {.path = "/api/v1/me", .surface = API}};
	struct site with_routes = {.routes = routes, .route_count = 2};
	(void)state;
	assert_int_equal(dispatch_surface(&with_routes, STR("/api/nothing")), API);
	assert_int_equal(dispatch_surface(&with_routes, STR("/apix")), PAGE);
	assert_int_equal(dispatch_surface(&with_routes, STR("/")), PAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(access_is_decided_by_the_table),
		cmocka_unit_test(pages_change_only_from_our_pages),
		cmocka_unit_test(a_cookie_opens_the_api_to_our_pages_only),
		cmocka_unit_test(a_stream_that_is_not_sent_is_given_back),
		cmocka_unit_test(bodies_must_be_what_the_route_reads),
		cmocka_unit_test(failures_become_answers),
		cmocka_unit_test(trouble_with_the_session_is_told),
		cmocka_unit_test(every_answer_carries_the_security_headers),
		cmocka_unit_test(plain_http_does_not_promise_https),
		cmocka_unit_test(errors_are_told_like_the_neighbours),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
