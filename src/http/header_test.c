#include "http/assets.h"
#include "http/proxy.h"
#include "http/request.h"
#include "http/token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void cookies_are_read_strictly(void **state)
{
	static const struct {
		const char *what, *first, *second, *value;
	} rows[] = {
		{"one cookie", "sid=abc", NULL, "abc"},
		{"among others", "a=1; sid=abc; b=2", NULL, "abc"},
		{"in a second header", "a=1", "sid=abc", "abc"},
		{"quotes are not part of it", "sid=\"abc\"", NULL, "abc"},
		{"names are case-sensitive", "SID=abc", NULL, ""},
		{"two of a name are none", "sid=abc; sid=eve", NULL, ""},
		{"in two headers as well", "sid=abc", "sid=eve", ""},
		{"a bad second one spoils it too", "sid=abc; sid=\"", NULL, ""},
		{"a space inside is not allowed", "sid=a bc", NULL, ""},
		{"nor a backslash", "sid=a\\bc", NULL, ""},
		{"nor bytes over 127", "sid=a\xc3\xa9", NULL, ""},
		{"a name alone is no cookie", "sid", NULL, ""},
		{"= belongs to the value", "sid=a=b", NULL, "a=b"},
		{"a longer name is another", "sidx=abc; xsid=abc", NULL, ""},
		{"nothing", "", NULL, ""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct header headers[] = {{STR("cookie"), str_of(rows[i].first)},
					   {STR("Cookie"), str_of(rows[i].second)}};
		struct request req = {.headers = headers, .header_count = rows[i].second ? 2 : 1};
		struct str value = request_cookie(&req, "sid");
		if (!str_eq(value, str_of(rows[i].value)))
			fail_msg("%s: '%.*s'", rows[i].what, STR_ARGS(value));
	}
}

static void redirects_stay_here(void **state)
{
	static const struct {
		const char *asked, *sent;
	} rows[] = {
		{"/inbox", "/inbox"},
		{"/sign-in?next=%2Finbox", "/sign-in?next=%2Finbox"},
		{"//evil.example", "/"},
		{"/\\evil.example", "/"},
		{"https://evil.example", "/"},
		{"", "/"},
		{"inbox", "/"},
		{"/a\r\nSet-Cookie: x=y", "/"},
		{"/\t/evil.example", "/"},
		{"javascript:alert(1)", "/"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena arena CLEANUP_ARENA;
		arena_init(&arena, 1 << 16);
		struct response res = {.arena = &arena};
		response_redirect(&res, str_of(rows[i].asked));
		assert_int_equal(res.status, 303);
		assert_int_equal(res.header_count, 1);
		if (!str_eq(res.headers[0].value, str_of(rows[i].sent)))
			fail_msg("%s", rows[i].asked);
	}
}

static void headers_are_found_in_any_case(void **state)
{
	struct header headers[] = {{STR("ORIGIN"), STR("a")}, {STR("origin"), STR("b")}};
	struct request req = {.headers = headers, .header_count = 2};
	(void)state;
	assert_true(str_eq(request_header(&req, "Origin"), STR("a")));
	assert_true(str_is_empty(request_header(&req, "Host")));
}

static void many_headers_fit(void **state)
{
	struct arena arena CLEANUP_ARENA;
	(void)state;
	arena_init(&arena, 1 << 16);
	struct response res = {.arena = &arena};
	for (int i = 0; i < 100; i++)
		response_header(&res, "X", STR("y"));
	assert_int_equal(res.header_count, 100);
	assert_true(str_eq(res.headers[0].value, STR("y")));
	assert_true(str_eq(res.headers[99].value, STR("y")));
}

static void tokens_and_values(void **state)
{
	(void)state;
	assert_true(token_is_valid(STR("X-Request-Id")));
	assert_false(token_is_valid(STR("")));
	assert_false(token_is_valid(STR("a b")));
	assert_false(token_is_valid(STR("a:")));
	assert_false(token_is_valid(STR("a\0b")));
	assert_true(token_is_value(STR("a\tb \xff")));
	assert_false(token_is_value(STR("a\rb")));
	assert_false(token_is_value(STR("a\0b")));
	assert_false(token_is_value(STR("a\x7f")));
}

static void the_client_behind_proxies(void **state)
{
	static const struct {
		const char *what, *trusted, *peer, *forwarded, *client;
	} rows[] = {
		{"nobody is trusted", "", "10.0.0.1", "203.0.113.9", "10.0.0.1"},
		{"a proxy's word counts", "10.0.0.1", "10.0.0.1", "203.0.113.9", "203.0.113.9"},
		{"a stranger's does not", "10.0.0.1", "10.0.0.2", "203.0.113.9", "10.0.0.2"},
		{"only the last entry is the proxy's", "10.0.0.1", "10.0.0.1",
		 "1.2.3.4, 203.0.113.9", "203.0.113.9"},
		{"through two proxies", "10.0.0.0/8", "10.0.0.1", "1.2.3.4, 203.0.113.9, 10.9.9.9",
		 "203.0.113.9"},
		{"rubbish ends the walk", "10.0.0.0/8", "10.0.0.1", "203.0.113.9, unknown",
		 "10.0.0.1"},
		{"all trusted: the leftmost", "10.0.0.0/8", "10.0.0.1", "10.0.0.7", "10.0.0.7"},
		{"no header", "10.0.0.1", "10.0.0.1", "", "10.0.0.1"},
		{"IPv6", "fd00::/8", "fd00::1", "2001:db8::9", "2001:db8::9"},
		{"a network ends at its bits", "10.0.0.0/9", "10.128.0.1", "203.0.113.9",
		 "10.128.0.1"},
		{"a whole family", "0.0.0.0/0", "198.51.100.1", "203.0.113.9", "203.0.113.9"},
		{"which is not the other one", "0.0.0.0/0", "2001:db8::1", "203.0.113.9",
		 "2001:db8::1"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct networks proxies;
		assert_int_equal(networks_parse(str_of(rows[i].trusted), &proxies), OK);
		struct str client =
			proxies_client(&proxies, str_of(rows[i].peer), str_of(rows[i].forwarded));
		if (!str_eq(client, str_of(rows[i].client)))
			fail_msg("%s: %.*s", rows[i].what, STR_ARGS(client));
	}
}

static void assets_are_negotiated(void **state)
{
	static const struct asset assets[] = {
		{"/assets/a.css", "text/css", STR("plain text"), STR("zipped"), "\"e1\""},
		{"/assets/b.png", "image/png", STR("pixels"), STR_NONE, "\"e2\""},
	};
	static const struct {
		const char *what, *path, *name, *value;
		int status;
		const char *body;
	} rows[] = {
		{"plain", "/assets/a.css", "Accept", "*/*", 200, "plain text"},
		{"gzip", "/assets/a.css", "Accept-Encoding", "br, gzip;q=0.5", 200, "zipped"},
		{"gzip refused", "/assets/a.css", "Accept-Encoding", "gzip;q=0.0", 200,
		 "plain text"},
		{"gzip where there is none", "/assets/b.png", "Accept-Encoding", "gzip", 200,
		 "pixels"},
		{"the client has it", "/assets/a.css", "If-None-Match", "\"x\", W/\"e1\"", 304, ""},
		{"the client has another", "/assets/a.css", "If-None-Match", "\"e2\"", 200,
		 "plain text"},
	};
	(void)state;
	assert_null(asset_find(assets, 2, STR("/assets/c.css")));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena arena CLEANUP_ARENA;
		arena_init(&arena, 1 << 16);
		struct header header = {str_of(rows[i].name), str_of(rows[i].value)};
		struct request req = {.headers = &header, .header_count = 1};
		struct response res = {.status = 200, .arena = &arena};
		asset_respond(asset_find(assets, 2, str_of(rows[i].path)), &req, &res);
		if (res.status != rows[i].status ||
		    !str_eq(res.static_body, str_of(rows[i].body)) || !res.is_cacheable)
			fail_msg("%s: %d %.*s", rows[i].what, res.status,
				 STR_ARGS(res.static_body));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cookies_are_read_strictly),
		cmocka_unit_test(redirects_stay_here),
		cmocka_unit_test(headers_are_found_in_any_case),
		cmocka_unit_test(many_headers_fit),
		cmocka_unit_test(tokens_and_values),
		cmocka_unit_test(the_client_behind_proxies),
		cmocka_unit_test(assets_are_negotiated),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
