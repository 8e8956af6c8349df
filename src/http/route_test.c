#include "http/route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static enum err handle(struct cx *cx, const struct request *req, struct response *res)
{
	(void)cx;
	(void)req;
	(void)res;
	return OK;
}

#define PAGE(m, p)                                                                                 \
	{                                                                                          \
		.method = (m), .path = (p), .access = ACCESS_ANYONE, .handle = handle              \
	}

static const struct route table[] = {
	PAGE(METHOD_GET, "/"),
	PAGE(METHOD_GET, "/message/{id}"),
	PAGE(METHOD_GET, "/message/new"),
	PAGE(METHOD_DELETE, "/message/{id}"),
	PAGE(METHOD_GET, "/message/{id}/file/{name}"),
	PAGE(METHOD_GET, "/register/{token}"),
	PAGE(METHOD_PUT, "/a/{x}/c"),
	PAGE(METHOD_PUT, "/a/b/{y}"),
};
static const struct site site = {.routes = table, .route_count = sizeof(table) / sizeof(table[0])};

static void paths_find_their_routes(void **state)
{
	static const struct {
		const char *what;
		enum method method;
		const char *path, *route, *first, *second, *allowed;
	} rows[] = {
		{"the root", METHOD_GET, "/", "/", "", "", ""},
		{"a parameter", METHOD_GET, "/message/42", "/message/{id}", "42", "", ""},
		{"a literal comes first", METHOD_GET, "/message/new", "/message/new", "", "", ""},
		{"unless the method is another", METHOD_DELETE, "/message/new", "/message/{id}",
		 "new", "", ""},
		{"HEAD goes to GET", METHOD_HEAD, "/message/42", "/message/{id}", "42", "", ""},
		{"two parameters", METHOD_GET, "/message/42/file/a%20b",
		 "/message/{id}/file/{name}", "42", "a b", ""},
		{"the earlier literal wins", METHOD_PUT, "/a/b/c", "/a/b/{y}", "c", "", ""},
		{"decoded once", METHOD_GET, "/message/%2541", "/message/{id}", "%41", "", ""},
		{"+ is a plus", METHOD_GET, "/message/a+b", "/message/{id}", "a+b", "", ""},
		{"UTF-8", METHOD_GET, "/message/%C3%B6", "/message/{id}", "\xc3\xb6", "", ""},
		{"another method", METHOD_POST, "/message/42", NULL, "", "", "GET, HEAD, DELETE"},
		{"no such method at all", METHOD_OTHER, "/", NULL, "", "", "GET, HEAD"},
		{"unknown", METHOD_GET, "/nothing", NULL, "", "", ""},
		{"too short", METHOD_GET, "/message", NULL, "", "", ""},
		{"an empty parameter", METHOD_GET, "/message/", NULL, "", "", ""},
		{"too long", METHOD_GET, "/message/42/", NULL, "", "", ""},
		{"a doubled slash", METHOD_GET, "//message/42", NULL, "", "", ""},
		{"an encoded literal is another path", METHOD_GET, "/%6Dessage/42", NULL, "", "",
		 ""},
		{"dot", METHOD_GET, "/message/.", NULL, "", "", ""},
		{"dot dot", METHOD_GET, "/message/..", NULL, "", "", ""},
		{"encoded dots", METHOD_GET, "/message/%2e%2E", NULL, "", "", ""},
		{"three dots are a name", METHOD_GET, "/message/...", "/message/{id}", "...", "",
		 ""},
		{"an encoded slash", METHOD_GET, "/message/a%2Fb", NULL, "", "", ""},
		{"a backslash", METHOD_GET, "/message/a%5cb", NULL, "", "", ""},
		{"NUL", METHOD_GET, "/message/a%00b", NULL, "", "", ""},
		{"a broken escape", METHOD_GET, "/message/a%4", NULL, "", "", ""},
		{"overlong UTF-8", METHOD_GET, "/message/%c0%ae", NULL, "", "", ""},
		{"a brace is no wildcard", METHOD_GET, "/{id}/42", NULL, "", "", ""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena arena CLEANUP_ARENA;
		arena_init(&arena, 1 << 16);
		struct request req = {
			.method = rows[i].method, .path = str_of(rows[i].path), .arena = &arena};
		struct str allowed;
		const struct route *route = route_find(&site, &req, &allowed);
		bool is_right = rows[i].route ? route && strcmp(route->path, rows[i].route) == 0
					      : route == NULL;
		if (rows[i].route)
			is_right = is_right && str_eq(req.params[0], str_of(rows[i].first)) &&
				   str_eq(req.params[1], str_of(rows[i].second));
		if (!is_right || !str_eq(allowed, str_of(rows[i].allowed)))
			fail_msg("%s: %s, %.*s", rows[i].what, route ? route->path : "none",
				 STR_ARGS(allowed));
	}
}

static void a_path_may_have_a_head_of_its_own(void **state)
{
	static const struct route orders[][2] = {
		{PAGE(METHOD_GET, "/a/{b}"), PAGE(METHOD_HEAD, "/a/{b}")},
		{PAGE(METHOD_HEAD, "/a/{b}"), PAGE(METHOD_GET, "/a/{b}")},
	};
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct arena arena CLEANUP_ARENA;
		arena_init(&arena, 1 << 16);
		enum method method = i < 2 ? METHOD_HEAD : METHOD_GET;
		struct site both = {.routes = orders[i % 2], .route_count = 2};
		struct request req = {.method = method, .path = STR("/a/b"), .arena = &arena};
		struct str allowed;
		const struct route *route = route_find(&both, &req, &allowed);
		assert_non_null(route);
		assert_int_equal(route->method, method);
	}
}

static void bad_tables_are_refused(void **state)
{
	static const struct {
		const char *what;
		struct route routes[2];
		size_t count;
		enum err err;
	} rows[] = {
		{"two good ones", {PAGE(METHOD_GET, "/a"), PAGE(METHOD_POST, "/a")}, 2, OK},
		{"no access stated", {{.path = "/a", .handle = handle}}, 1, ERR_INTERNAL},
		{"an access that is none",
		 {{.path = "/a", .access = 9, .handle = handle}},
		 1,
		 ERR_INTERNAL},
		{"no handler", {{.path = "/a", .access = ACCESS_ANYONE}}, 1, ERR_INTERNAL},
		{"no path", {PAGE(METHOD_GET, NULL)}, 1, ERR_INTERNAL},
		{"no slash", {PAGE(METHOD_GET, "a")}, 1, ERR_INTERNAL},
		{"an empty segment", {PAGE(METHOD_GET, "/a//b")}, 1, ERR_INTERNAL},
		{"half a parameter", {PAGE(METHOD_GET, "/a/{b")}, 1, ERR_INTERNAL},
		{"a nameless parameter", {PAGE(METHOD_GET, "/a/{}")}, 1, ERR_INTERNAL},
		{"too many parameters",
		 {PAGE(METHOD_GET, "/{a}/{b}/{c}/{d}/{e}")},
		 1,
		 ERR_INTERNAL},
		{"HEAD beside GET", {PAGE(METHOD_GET, "/a"), PAGE(METHOD_HEAD, "/a")}, 2, OK},
		{"no method at all", {PAGE(METHOD_OTHER, "/a")}, 1, ERR_INTERNAL},
		{"the same twice",
		 {PAGE(METHOD_GET, "/a"), PAGE(METHOD_GET, "/a")},
		 2,
		 ERR_INTERNAL},
		{"the same but for a name",
		 {PAGE(METHOD_GET, "/a/{b}"), PAGE(METHOD_GET, "/a/{c}")},
		 2,
		 ERR_INTERNAL},
		{"a body without a limit",
		 {{.method = METHOD_POST,
		   .path = "/a",
		   .access = ACCESS_ANYONE,
		   .body = BODY_FORM,
		   .handle = handle}},
		 1,
		 ERR_INTERNAL},
		{"a stream with a limit",
		 {{.method = METHOD_POST,
		   .path = "/a",
		   .access = ACCESS_ANYONE,
		   .body = BODY_STREAM,
		   .body_max = 1,
		   .handle = handle}},
		 1,
		 ERR_INTERNAL},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (routes_check(rows[i].routes, rows[i].count) != rows[i].err)
			fail_msg("%s", rows[i].what);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_find_their_routes),
		cmocka_unit_test(a_path_may_have_a_head_of_its_own),
		cmocka_unit_test(bad_tables_are_refused),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
