/* What is sent of a body, by what the request says. */
#include "http/range.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define H(name, value)                                                                             \
	{                                                                                          \
		STR(name), STR(value)                                                              \
	}
#define ETAG "\"abc\""

static struct str header_of(const struct response *res, const char *name)
{
	for (size_t i = 0; i < res->header_count; i++) {
		if (str_eq(res->headers[i].name, str_of(name)))
			return res->headers[i].value;
	}
	return STR_NONE;
}

static void plans_are_made(void **state)
{
	static const struct {
		const char *what;
		struct header headers[3];
		size_t count;
		int64_t bytes;
		struct range_plan plan;
		struct str content_range;
		enum method method; /* GET is 0 */
	} rows[] = {
		{"nothing asked for", {}, 0, 100, {200, 0, 100}, STR("")},
		{"the first five",
		 {H("Range", "bytes=0-4")},
		 1,
		 100,
		 {206, 0, 5},
		 STR("bytes 0-4/100")},
		{"one byte",
		 {H("Range", "bytes=99-99")},
		 1,
		 100,
		 {206, 99, 100},
		 STR("bytes 99-99/100")},
		{"to the end",
		 {H("Range", "bytes=40-")},
		 1,
		 100,
		 {206, 40, 100},
		 STR("bytes 40-99/100")},
		{"beyond the end",
		 {H("Range", "bytes=40-4000")},
		 1,
		 100,
		 {206, 40, 100},
		 STR("bytes 40-99/100")},
		{"farther than a number goes",
		 {H("Range", "bytes=40-99999999999999999999")},
		 1,
		 100,
		 {206, 40, 100},
		 STR("bytes 40-99/100")},
		{"the whole as a part",
		 {H("Range", "bytes=0-")},
		 1,
		 100,
		 {206, 0, 100},
		 STR("bytes 0-99/100")},
		{"the last five",
		 {H("Range", "bytes=-5")},
		 1,
		 100,
		 {206, 95, 100},
		 STR("bytes 95-99/100")},
		{"more than there are",
		 {H("Range", "bytes=-500")},
		 1,
		 100,
		 {206, 0, 100},
		 STR("bytes 0-99/100")},
		{"the last none",
		 {H("Range", "bytes=-0")},
		 1,
		 100,
		 {416, 0, 0},
		 STR("bytes */100")},
		{"behind the end",
		 {H("Range", "bytes=100-")},
		 1,
		 100,
		 {416, 0, 0},
		 STR("bytes */100")},
		{"far behind the end",
		 {H("Range", "bytes=99999999999999999999-")},
		 1,
		 100,
		 {416, 0, 0},
		 STR("bytes */100")},
		{"of 5 GB",
		 {H("Range", "bytes=5000000000-5000000009")},
		 1,
		 5368709120,
		 {206, 5000000000, 5000000010},
		 STR("bytes 5000000000-5000000009/5368709120")},
		{"of nothing", {H("Range", "bytes=0-")}, 1, 0, {200, 0, 0}, STR("")},
		{"several", {H("Range", "bytes=0-1,4-5")}, 1, 100, {200, 0, 100}, STR("")},
		{"in two lines",
		 {H("Range", "bytes=0-1"), H("Range", "bytes=4-5")},
		 2,
		 100,
		 {200, 0, 100},
		 STR("")},
		{"one and nothing",
		 {H("Range", "Bytes= 0-1 ,")},
		 1,
		 100,
		 {206, 0, 2},
		 STR("bytes 0-1/100")},
		{"backwards", {H("Range", "bytes=5-4")}, 1, 100, {200, 0, 100}, STR("")},
		{"other units", {H("Range", "lines=0-4")}, 1, 100, {200, 0, 100}, STR("")},
		{"no units", {H("Range", "0-4")}, 1, 100, {200, 0, 100}, STR("")},
		{"no numbers", {H("Range", "bytes=-")}, 1, 100, {200, 0, 100}, STR("")},
		{"no dash", {H("Range", "bytes=5")}, 1, 100, {200, 0, 100}, STR("")},
		{"two dashes", {H("Range", "bytes=0-4-5")}, 1, 100, {200, 0, 100}, STR("")},
		{"a sign", {H("Range", "bytes=+0-4")}, 1, 100, {200, 0, 100}, STR("")},
		{"letters", {H("Range", "bytes=a-b")}, 1, 100, {200, 0, 100}, STR("")},
		{"as a HEAD",
		 {H("Range", "bytes=0-4")},
		 1,
		 100,
		 {206, 0, 5},
		 STR("bytes 0-4/100"),
		 METHOD_HEAD},
		{"still the same",
		 {H("Range", "bytes=0-4"), H("If-Range", ETAG)},
		 2,
		 100,
		 {206, 0, 5},
		 STR("bytes 0-4/100")},
		{"another by now",
		 {H("Range", "bytes=0-4"), H("If-Range", "\"abd\"")},
		 2,
		 100,
		 {200, 0, 100},
		 STR("")},
		{"weak is not the same",
		 {H("Range", "bytes=0-4"), H("If-Range", "W/" ETAG)},
		 2,
		 100,
		 {200, 0, 100},
		 STR("")},
		{"a date",
		 {H("Range", "bytes=0-4"), H("If-Range", "Sat, 29 Oct 1994 19:43:31 GMT")},
		 2,
		 100,
		 {200, 0, 100},
		 STR("")},
		{"known already", {H("If-None-Match", ETAG)}, 1, 100, {304, 0, 0}, STR("")},
		{"known, weakly",
		 {H("If-None-Match", "\"x\", W/" ETAG)},
		 1,
		 100,
		 {304, 0, 0},
		 STR("")},
		{"known, whatever it is", {H("If-None-Match", "*")}, 1, 100, {304, 0, 0}, STR("")},
		{"known, in a later line",
		 {H("If-None-Match", "\"x\""), H("If-None-Match", ETAG)},
		 2,
		 100,
		 {304, 0, 0},
		 STR("")},
		{"a tag within a tag",
		 {H("If-None-Match", "\"x,\"abc\",y\"")},
		 1,
		 100,
		 {200, 0, 100},
		 STR("")},
		{"another is known",
		 {H("If-None-Match", "\"abd\"")},
		 1,
		 100,
		 {200, 0, 100},
		 STR("")},
		{"known, so no part",
		 {H("If-None-Match", ETAG), H("Range", "bytes=0-4")},
		 2,
		 100,
		 {304, 0, 0},
		 STR("")},
		{"only of this one",
		 {H("If-Match", "\"x\", " ETAG), H("Range", "bytes=0-4")},
		 2,
		 100,
		 {206, 0, 5},
		 STR("bytes 0-4/100")},
		{"only of any", {H("If-Match", "*")}, 1, 100, {200, 0, 100}, STR("")},
		{"only of another", {H("If-Match", "\"abd\"")}, 1, 100, {412, 0, 0}, STR("")},
		{"only of a weak one", {H("If-Match", "W/" ETAG)}, 1, 100, {412, 0, 0}, STR("")},
		{"to be changed if it is not there",
		 {H("If-None-Match", "*")},
		 1,
		 100,
		 {412, 0, 0},
		 STR(""),
		 METHOD_PATCH},
		{"a part of what is sent to us",
		 {H("Range", "bytes=0-4")},
		 1,
		 100,
		 {200, 0, 100},
		 STR(""),
		 METHOD_PATCH},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena arena CLEANUP_ARENA;
		arena_init(&arena, 1 << 16);
		struct response res = {.arena = &arena};
		struct request req = {.arena = &arena,
				      .method = rows[i].method,
				      .headers = rows[i].headers,
				      .header_count = rows[i].count};
		struct range_plan plan = range_plan(&req, STR(ETAG), rows[i].bytes, &res);
		if (plan.status != rows[i].plan.status || plan.from != rows[i].plan.from ||
		    plan.until != rows[i].plan.until || res.status != plan.status)
			fail_msg("%s: %d, %lld to %lld", rows[i].what, plan.status,
				 (long long)plan.from, (long long)plan.until);
		struct str content_range = header_of(&res, "Content-Range");
		if (!str_eq(content_range, rows[i].content_range))
			fail_msg("%s: %.*s", rows[i].what, STR_ARGS(content_range));
		assert_true(str_eq(header_of(&res, "ETag"), STR(ETAG)));
		assert_true(str_eq(header_of(&res, "Accept-Ranges"), STR("bytes")));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plans_are_made),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
