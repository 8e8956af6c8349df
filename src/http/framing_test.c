/* What the wire accepts and refuses: every trap of request framing that libmicrohttpd falls into by
 * itself. */
#include "http/test_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define JSON "Content-Type: application/json\r\n"
/* What an attacker hopes to slip in behind. */
#define SMUGGLED "GET /message/smuggled HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

static struct test_server server;
static struct test_answer answer;

static int set_up(void **state)
{
	struct http_options options = {0};
	(void)state;
	test_server_start(&server, &options);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	test_server_stop(&server);
	return 0;
}

static void what_is_ambiguous_is_refused_and_closed(void **state)
{
	static const struct {
		const char *what;
		struct str bytes;
		int status;
		bool is_librarys; /* libmicrohttpd answers by itself, a bad length even twice */
	} rows[] = {
		{"Content-Length and Transfer-Encoding",
		 STR("POST /echo HTTP/1.1\r\nHost: a\r\n" JSON
		     "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SMUGGLED),
		 400},
		{"the other way round",
		 STR("POST /echo HTTP/1.1\r\nHost: a\r\n" JSON
		     "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" SMUGGLED),
		 400},
		{"two lengths",
		 STR("POST /echo HTTP/1.1\r\nHost: a\r\n" JSON
		     "Content-Length: 2\r\nContent-Length: 4\r\n\r\n{}" SMUGGLED),
		 400},
		{"two equal lengths",
		 STR("POST /echo HTTP/1.1\r\nHost: a\r\n" JSON
		     "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}" SMUGGLED),
		 400},
		{"a list of lengths",
		 STR("POST /echo HTTP/1.1\r\nHost: a\r\n" JSON
		     "Content-Length: 2, 2\r\n\r\n{}" SMUGGLED),
		 400, true},
		{"a signed length",
		 STR("POST /echo HTTP/1.1\r\nHost: a\r\n" JSON
		     "Content-Length: +2\r\n\r\n{}" SMUGGLED),
		 400, true},
		{"a negative length",
		 STR("POST /echo HTTP/1.1\r\nHost: a\r\n" JSON
		     "Content-Length: -2\r\n\r\n{}" SMUGGLED),
		 400, true},
		{"a hexadecimal length",
		 STR("POST /echo HTTP/1.1\r\nHost: a\r\n" JSON
		     "Content-Length: 0x2\r\n\r\n{}" SMUGGLED),
		 400, true},
		{"an empty length",
		 STR("POST /echo HTTP/1.1\r\nHost: a\r\n" JSON "Content-Length:\r\n\r\n" SMUGGLED),
		 400, true},
		{"an unknown Transfer-Encoding",
		 STR("POST /echo HTTP/1.1\r\nHost: a\r\n" JSON
		     "Transfer-Encoding: gzip\r\n\r\n" SMUGGLED),
		 400},
		{"chunked among others",
		 STR("POST /echo HTTP/1.1\r\nHost: a\r\n" JSON
		     "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" SMUGGLED),
		 400},
		{"identity",
		 STR("POST /echo HTTP/1.1\r\nHost: a\r\n" JSON
		     "Transfer-Encoding: identity\r\n\r\n" SMUGGLED),
		 400},
		{"chunked with a tail",
		 STR("POST /echo HTTP/1.1\r\nHost: a\r\n" JSON
		     "Transfer-Encoding: chunked;x\r\n\r\n0\r\n\r\n" SMUGGLED),
		 400},
		{"two Transfer-Encodings",
		 STR("POST /echo HTTP/1.1\r\nHost: a\r\n" JSON
		     "Transfer-Encoding: chunked\r\nTransfer-Encoding: "
		     "chunked\r\n\r\n0\r\n\r\n" SMUGGLED),
		 400},
		{"a space before the colon",
		 STR("POST /echo HTTP/1.1\r\nHost: a\r\n" JSON
		     "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" SMUGGLED),
		 400},
		{"a tab before the colon",
		 STR("POST /echo HTTP/1.1\r\nHost: a\r\n" JSON
		     "Content-Length\t: 2\r\n\r\n{}" SMUGGLED),
		 400},
		{"a name with a space",
		 STR("GET /hello HTTP/1.1\r\nHost: a\r\nX Y: b\r\n\r\n" SMUGGLED), 400},
		{"an empty name", STR("GET /hello HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n" SMUGGLED),
		 400},
		{"no colon", STR("GET /hello HTTP/1.1\r\nHost: a\r\nrubbish\r\n\r\n" SMUGGLED), 400,
		 true},
		{"a folded header",
		 STR("GET /hello HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n" SMUGGLED), 400},
		{"folded with a tab",
		 STR("GET /hello HTTP/1.1\r\nHost: a\r\nX: b\r\n\tc\r\nY: d\r\n\r\n" SMUGGLED),
		 400},
		{"the first header indented",
		 STR("GET /hello HTTP/1.1\r\n Host: a\r\nHost: a\r\n\r\n" SMUGGLED), 400},
		{"a bare CR in a value",
		 STR("GET /hello HTTP/1.1\r\nHost: a\r\nX: b\rc\r\n\r\n" SMUGGLED), 400},
		{"a NUL in a value",
		 STR("GET /hello HTTP/1.1\r\nHost: a\r\nX: b\0c\r\n\r\n" SMUGGLED), 400},
		{"a NUL in the last value",
		 STR("GET /hello HTTP/1.1\r\nHost: a\r\nX: y\r\nZ: b\0\r\n\r\n" SMUGGLED), 400},
		{"a NUL in a name",
		 STR("GET /hello HTTP/1.1\r\nHost: a\r\nX\0Y: b\r\n\r\n" SMUGGLED), 400, true},
		{"a NUL in the target", STR("GET /hello\0x HTTP/1.1\r\nHost: a\r\n\r\n" SMUGGLED),
		 400},
		{"a NUL in the query", STR("GET /hello?a\0b HTTP/1.1\r\nHost: a\r\n\r\n" SMUGGLED),
		 400},
		{"a control character in a value",
		 STR("GET /hello HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n" SMUGGLED), 400},
		{"lines that end in LF alone", STR("GET /hello HTTP/1.1\nHost: a\n\n" SMUGGLED),
		 400},
		{"one line that does", STR("GET /hello HTTP/1.1\r\nHost: a\nX: y\r\n\r\n" SMUGGLED),
		 400},
		{"chunked in HTTP/1.0",
		 STR("POST /echo HTTP/1.0\r\nHost: a\r\n" JSON
		     "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SMUGGLED),
		 400},
		{"two Hosts", STR("GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" SMUGGLED),
		 400},
		{"no Host", STR("GET /hello HTTP/1.1\r\nX: y\r\n\r\n" SMUGGLED), 400},
		{"no header at all", STR("GET /hello HTTP/1.1\r\n\r\n" SMUGGLED), 400},
		{"a body without Host",
		 STR("POST /echo HTTP/1.1\r\n" JSON "Content-Length: 2\r\n\r\n{}" SMUGGLED), 400},
		{"chunks without Host",
		 STR("POST /echo HTTP/1.1\r\n" JSON
		     "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SMUGGLED),
		 400},
		{"a Host with a space before the colon",
		 STR("GET /hello HTTP/1.1\r\nHost : a\r\n\r\n" SMUGGLED), 400},
		{"an empty Host", STR("GET /hello HTTP/1.1\r\nHost:\r\n\r\n" SMUGGLED), 400},
		{"a Host that is a list", STR("GET /hello HTTP/1.1\r\nHost: a, b\r\n\r\n" SMUGGLED),
		 400},
		{"a Host with a path", STR("GET /hello HTTP/1.1\r\nHost: a/b\r\n\r\n" SMUGGLED),
		 400},
		{"a Host with a user", STR("GET /hello HTTP/1.1\r\nHost: a@b\r\n\r\n" SMUGGLED),
		 400},
		{"HTTP/1.9", STR("GET /hello HTTP/1.9\r\nHost: a\r\n\r\n" SMUGGLED), 505},
		{"HTTP/2.0", STR("GET /hello HTTP/2.0\r\nHost: a\r\n\r\n" SMUGGLED), 505, true},
		{"two spaces in the request line",
		 STR("GET  /hello HTTP/1.1\r\nHost: a\r\n\r\n" SMUGGLED), 400},
		{"two spaces before the version",
		 STR("GET /hello  HTTP/1.1\r\nHost: a\r\n\r\n" SMUGGLED), 400},
		{"a space after the version",
		 STR("GET /hello HTTP/1.1 \r\nHost: a\r\n\r\n" SMUGGLED), 400, true},
		{"a space in the target", STR("GET /hello /x HTTP/1.1\r\nHost: a\r\n\r\n" SMUGGLED),
		 400},
		{"a space in the query", STR("GET /hello?a b HTTP/1.1\r\nHost: a\r\n\r\n" SMUGGLED),
		 400},
		{"a tab in the target", STR("GET /hello\t/x HTTP/1.1\r\nHost: a\r\n\r\n" SMUGGLED),
		 400},
		{"a second request line as target",
		 STR("GET /hello HTTP/1.1 /message/smuggled HTTP/1.1\r\nHost: a\r\n\r\n" SMUGGLED),
		 400},
		{"no version", STR("GET /hello\r\nHost: a\r\n\r\n" SMUGGLED), 400, true},
		{"a whole URL as target",
		 STR("GET http://a/hello HTTP/1.1\r\nHost: a\r\n\r\n" SMUGGLED), 400},
		{"a star as target", STR("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n" SMUGGLED), 400},
		{"a fragment", STR("GET /hello#x HTTP/1.1\r\nHost: a\r\n\r\n" SMUGGLED), 400},
		{"bytes over 127 in the target",
		 STR("GET /hell\xc3\xb6 HTTP/1.1\r\nHost: a\r\n\r\n" SMUGGLED), 400},
		{"a method that is no token",
		 STR("G@T /hello HTTP/1.1\r\nHost: a\r\n\r\n" SMUGGLED), 400},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		test_talk(server.port, rows[i].bytes, &answer);
		if (strstr(answer.text, "smuggled\n") || strstr(answer.text, "\r\n\r\nsmuggled"))
			fail_msg("%s: the second request was answered", rows[i].what);
		if (!answer.is_closed)
			fail_msg("%s: the connection stays open", rows[i].what);
		if (test_status(&answer) != rows[i].status ||
		    (test_count(&answer) != 1 && !rows[i].is_librarys))
			fail_msg("%s: %s", rows[i].what, answer.text);
		if (!rows[i].is_librarys && !strstr(answer.text, "Content-Security-Policy: "))
			fail_msg("%s: no security headers", rows[i].what);
		/* Programs are told as programs, even so. */
		bool is_program = strstr(rows[i].bytes.data, "POST /echo HTTP") != NULL;
		bool is_problem =
			strstr(answer.text, "Content-Type: application/problem+json") != NULL;
		if (!rows[i].is_librarys && is_program != is_problem)
			fail_msg("%s: told like the wrong neighbours", rows[i].what);
	}
}

static void ordinary_requests_are_answered(void **state)
{
	static const struct {
		const char *what;
		struct str bytes;
		int status;
		const char *body;
	} rows[] = {
		{"HTTP/1.1",
		 STR("GET /hello HTTP/1.1\r\nHost: a:8080\r\nConnection: close\r\n\r\n"), 200,
		 "hello"},
		{"HTTP/1.0 without Host", STR("GET /hello HTTP/1.0\r\n\r\n"), 200, "hello"},
		{"an IPv6 Host", STR("GET /hello HTTP/1.0\r\nHost: [::1]:8080\r\n\r\n"), 200,
		 "hello"},
		{"no space after the colon",
		 STR("GET /hello HTTP/1.1\r\nHost:a\r\nConnection:close\r\n\r\n"), 200, "hello"},
		{"spaces after a value",
		 STR("GET /hello HTTP/1.1\r\nHost: a\r\nX: b \t\r\nConnection: close\r\n\r\n"), 200,
		 "hello"},
		{"an empty value",
		 STR("GET /hello HTTP/1.1\r\nHost: a\r\nX:\r\nConnection: close\r\n\r\n"), 200,
		 "hello"},
		{"a query", STR("GET /hello?a=b&c=%20+d HTTP/1.0\r\n\r\n"), 200, "hello"},
		{"an encoded path is decoded once", STR("GET /message/a%2541 HTTP/1.0\r\n\r\n"),
		 200, "a%41"},
		{"a body",
		 STR("POST /echo HTTP/1.1\r\nHost: a\r\n" JSON
		     "Content-Length: 7\r\nConnection: close\r\n\r\n{\"a\":1}"),
		 200, "{\"a\":1}"},
		{"an empty body",
		 STR("POST /echo HTTP/1.1\r\nHost: a\r\n" JSON
		     "Content-Length: 0\r\nConnection: close\r\n\r\n"),
		 200, ""},
		{"a chunked body",
		 STR("POST /echo HTTP/1.1\r\nHost: a\r\n" JSON
		     "Transfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n"),
		 200, "{\"a\":1}"},
		{"NUL by escape", STR("GET /message/a%00b HTTP/1.0\r\n\r\n"), 404,
		 "refused: not_found"},
		{"dots by escape", STR("GET /message/%2e%2e HTTP/1.0\r\n\r\n"), 404,
		 "refused: not_found"},
		{"a slash by escape", STR("GET /message/a%2fb HTTP/1.0\r\n\r\n"), 404,
		 "refused: not_found"},
		{"no such page", STR("GET /nothing HTTP/1.0\r\n\r\n"), 404, "refused: not_found"},
		{"TRACE", STR("TRACE /hello HTTP/1.0\r\nX: y\r\n\r\n"), 405, "refused: invalid"},
		{"OPTIONS", STR("OPTIONS /hello HTTP/1.0\r\n\r\n"), 405, "refused: invalid"},
		{"a method of their own", STR("SMUGGLE /hello HTTP/1.0\r\n\r\n"), 405,
		 "refused: invalid"},
		{"DELETE where there is none", STR("DELETE /hello HTTP/1.0\r\n\r\n"), 405,
		 "refused: invalid"},
		{"the wrong kind of body",
		 STR("POST /echo HTTP/1.0\r\nContent-Type: text/plain\r\nContent-Length: "
		     "2\r\n\r\n{}"),
		 415, "refused: invalid"},
		{"an asset", STR("GET /assets/a.css HTTP/1.0\r\n\r\n"), 200, "plain text"},
		{"an asset, zipped",
		 STR("GET /assets/a.css HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n"), 200, "zipped"},
		{"posting to an asset", STR("POST /assets/a.css HTTP/1.0\r\n\r\n"), 405,
		 "refused: invalid"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		test_talk(server.port, rows[i].bytes, &answer);
		const char *body = strstr(answer.text, "\r\n\r\n");
		if (test_count(&answer) != 1 || test_status(&answer) != rows[i].status ||
		    body == NULL || strcmp(body + 4, rows[i].body) != 0)
			fail_msg("%s: %s", rows[i].what, answer.text);
		if (strstr(answer.text, "Content-Security-Policy: ") == NULL ||
		    strstr(answer.text, "X-Request-Id: ") == NULL)
			fail_msg("%s: no security headers", rows[i].what);
		if ((rows[i].status == 405) !=
		    (strstr(answer.text, "\r\nAllow: GET, HEAD\r\n") != NULL))
			fail_msg("%s: Allow", rows[i].what);
	}
}

static void pipelined_requests_are_answered_in_order(void **state)
{
	(void)state;
	test_talk(server.port,
		  STR("GET /message/1 HTTP/1.1\r\nHost: a\r\n\r\n"
		      "POST /echo HTTP/1.1\r\nHost: a\r\n" JSON "Content-Length: 2\r\n\r\n{}"
		      "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n"
		      "GET /assets/a.css HTTP/1.1\r\nHost: a\r\n\r\n"
		      "GET /message/2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
		  &answer);
	assert_int_equal(test_count(&answer), 5);
	const char *at = answer.text;
	static const char *const bodies[] = {"\r\n\r\n1", "\r\n\r\n{}", "refused: not_found",
					     "plain text", "\r\n\r\n2"};
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		at = strstr(at, bodies[i]);
		if (at == NULL)
			fail_msg("%s is missing or out of order", bodies[i]);
	}
}

static void nothing_follows_a_chunked_request(void **state)
{
	(void)state;
	test_talk(server.port,
		  STR("POST /echo HTTP/1.1\r\nHost: a\r\n" JSON "Transfer-Encoding: chunked\r\n\r\n"
		      "2;ext\n{}\n0\r\n\r\n" SMUGGLED),
		  &answer);
	assert_int_equal(test_count(&answer), 1);
	assert_true(answer.is_closed);
}

static void head_tells_the_length_of_get(void **state)
{
	(void)state;
	static const char *const paths[] = {"/hello", "/nothing", "/assets/a.css"};
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		char request[200], length[2][40];
		for (int is_head = 0; is_head < 2; is_head++) {
			snprintf(request, sizeof(request), "%s %s HTTP/1.0\r\n\r\n",
				 is_head ? "HEAD" : "GET", paths[i]);
			test_talk(server.port, str_of(request), &answer);
			const char *found = strstr(answer.text, "Content-Length: ");
			assert_non_null(found);
			snprintf(length[is_head], sizeof(length[0]), "%.*s",
				 (int)strcspn(found, "\r"), found);
		}
		assert_string_equal(length[0], length[1]);
		const char *body = strstr(answer.text, "\r\n\r\n");
		assert_non_null(body);
		assert_string_equal(body, "\r\n\r\n");
	}
}

static void send_big_header(size_t bytes)
{
	static const char head[] = "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: ";
	char *text = malloc(sizeof(head) + bytes + 4);
	assert_non_null(text);
	memcpy(text, head, sizeof(head) - 1);
	memset(text + sizeof(head) - 1, 'x', bytes);
	memcpy(text + sizeof(head) - 1 + bytes, "\r\n\r\n", 4);
	test_talk(server.port, str_bytes(text, sizeof(head) - 1 + bytes + 4), &answer);
	free(text);
}

static void big_headers_are_refused(void **state)
{
	(void)state;
	send_big_header(7500);
	assert_int_equal(test_status(&answer), 200);
	send_big_header(9000);
	assert_int_equal(test_status(&answer), 431);
	assert_non_null(strstr(answer.text, "Content-Security-Policy: "));
	send_big_header(100000);
	assert_true(answer.is_closed);
	assert_true(test_status(&answer) == 431 || answer.len == 0);
	/* And the server is none the worse. */
	send_big_header(1);
	assert_int_equal(test_status(&answer), 200);
}

static void big_bodies_are_refused_unread(void **state)
{
	(void)state;
	int fd = test_connect(server.port);
	/* Not a byte of the body is sent: the answer comes all the same. */
	assert_true(test_send(
		fd, STR("POST /echo HTTP/1.1\r\nHost: a\r\n" JSON "Content-Length: 1001\r\n\r\n")));
	test_receive(fd, &answer);
	close(fd);
	assert_int_equal(test_status(&answer), 413);
	assert_true(answer.is_closed);

	fd = test_connect(server.port);
	assert_true(test_send(
		fd, STR("POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n")));
	test_receive(fd, &answer);
	close(fd);
	assert_int_equal(test_status(&answer), 404);

	fd = test_connect(server.port);
	assert_true(
		test_send(fd, STR("GET /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n")));
	test_receive(fd, &answer);
	close(fd);
	assert_int_equal(test_status(&answer), 413);
}

static void chunks_that_grow_too_large_are_refused(void **state)
{
	char chunk[600 + 16];
	(void)state;
	memset(chunk, 'x', sizeof(chunk));
	memcpy(chunk, "258\r\n", 5);
	memcpy(chunk + 5 + 600, "\r\n", 2);
	struct str one = str_bytes(chunk, 5 + 600 + 2);
	int fd = test_connect(server.port);
	assert_true(test_send(fd, STR("POST /echo HTTP/1.1\r\nHost: a\r\n" JSON
				      "Transfer-Encoding: chunked\r\n\r\n")));
	assert_true(test_send(fd, one) && test_send(fd, one) && test_send(fd, STR("0\r\n\r\n")));
	test_receive(fd, &answer);
	close(fd);
	assert_int_equal(test_status(&answer), 413);

	/* Without end, the connection is cut: 1 MiB and not much more is read. */
	bool is_cut = false;
	fd = test_connect(server.port);
	assert_true(test_send(fd, STR("POST /echo HTTP/1.1\r\nHost: a\r\n" JSON
				      "Transfer-Encoding: chunked\r\n\r\n")));
	for (int i = 0; i < 100000 && !is_cut; i++)
		is_cut = !test_send(fd, one);
	close(fd);
	assert_true(is_cut);
}

static void continue_is_said_only_to_those_who_may(void **state)
{
	(void)state;
	int fd = test_connect(server.port);
	assert_true(test_send(
		fd, STR("POST /echo HTTP/1.1\r\nHost: a\r\n" JSON
			"Content-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n")));
	test_receive_until(fd, "HTTP/1.1 100 Continue\r\n\r\n", &answer);
	assert_true(test_send(fd, STR("{}")));
	test_receive(fd, &answer);
	close(fd);
	assert_int_equal(test_status(&answer), 200);
	test_talk(server.port,
		  STR("POST /echo HTTP/1.1\r\nHost: a\r\n" JSON
		      "Content-Length: 2000\r\nExpect: 100-continue\r\n\r\n"),
		  &answer);
	assert_int_equal(test_status(&answer), 413);
	assert_int_equal(test_count(&answer), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_ambiguous_is_refused_and_closed),
		cmocka_unit_test(ordinary_requests_are_answered),
		cmocka_unit_test(pipelined_requests_are_answered_in_order),
		cmocka_unit_test(nothing_follows_a_chunked_request),
		cmocka_unit_test(head_tells_the_length_of_get),
		cmocka_unit_test(big_headers_are_refused),
		cmocka_unit_test(big_bodies_are_refused_unread),
		cmocka_unit_test(chunks_that_grow_too_large_are_refused),
		cmocka_unit_test(continue_is_said_only_to_those_who_may),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
