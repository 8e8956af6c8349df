/* Bodies taken while they come: whole, cut at every byte, refused, slow, and the server's end. */
#include "http/test_server.h"
#include "http/test_sink.h"
#include "http/test_stream.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { LARGE_BYTES = 20 << 20 };

static struct test_answer answer;

static void sleep_ms(long ms)
{
	const struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
	nanosleep(&time, NULL);
}

static void start(struct test_server *server, const struct http_limits *limits)
{
	struct http_options options = {.listen = STR_NONE};
	if (limits)
		options.limits = *limits;
	test_sink_reset();
	test_server_start(server, &options);
}

/* Everything given back, and nothing wrong in it. */
static void stop(struct test_server *server)
{
	test_server_stop(server);
	struct test_sinks counts = test_sink_counts();
	assert_int_equal(counts.open, 0);
	assert_false(counts.is_wrong);
	assert_int_equal(counts.opened, counts.whole + counts.cut + counts.full);
}

/* Bytes of the body from a position on; false when the server has closed. */
static bool send_body(int fd, size_t from, size_t until)
{
	static char bytes[64 * 1024];
	while (from < until) {
		size_t count = until - from < sizeof(bytes) ? until - from : sizeof(bytes);
		for (size_t i = 0; i < count; i++)
			bytes[i] = test_stream_byte(from + i);
		if (!test_send(fd, str_bytes(bytes, count)))
			return false;
		from += count;
	}
	return true;
}

/* Sends a header only. */
static int begin(int port, const char *words, const char *headers, size_t bytes)
{
	char header[300];
	int fd = test_connect(port);
	snprintf(header, sizeof(header),
		 "POST /sink?%s HTTP/1.1\r\nHost: a\r\n%sContent-Length: %zu\r\n\r\n", words,
		 headers, bytes);
	assert_true(test_send(fd, str_of(header)));
	return fd;
}

static void expect(int fd, int status, const char *text)
{
	test_receive_until(fd, text, &answer);
	assert_int_equal(test_status(&answer), status);
}

static void a_body_arrives_whole(void **state)
{
	static const struct {
		const char *what;
		const char *words;
		size_t bytes;
	} rows[] = {
		{"nothing", "", 0},
		{"a byte", "", 1},
		{"less than a piece", "", 999},
		{"a piece", "", 1000},
		{"a byte more", "", 1001},
		{"two pieces", "", 2000},
		{"three and a bit", "", 3001},
		{"pieces of a byte", "piece=1", 300},
		{"in large pieces", "piece=1048576", LARGE_BYTES + 7},
	};
	struct test_server server;
	(void)state;
	start(&server, NULL);
	int fd = test_connect(server.port);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char header[200], wanted[64];
		snprintf(header, sizeof(header),
			 "POST /sink?%s HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n",
			 rows[i].words, rows[i].bytes);
		snprintf(wanted, sizeof(wanted), "\r\n\r\nwhole %zu", rows[i].bytes);
		assert_true(test_send(fd, str_of(header)));
		assert_true(send_body(fd, 0, rows[i].bytes));
		expect(fd, 200, wanted);
		/* The same connection serves the next, but for long bodies. */
		if (strstr(answer.text, "Connection: close")) {
			close(fd);
			fd = test_connect(server.port);
		}
	}
	close(fd);
	stop(&server);
}

/* What came before is taken, whichever byte is the last. */
static void cut_after_every_byte(void **state)
{
	enum { BYTES = 50 };
	struct test_server server;
	(void)state;
	start(&server, NULL);
	for (size_t sent = 0; sent < BYTES; sent++) {
		int fd = begin(server.port, "piece=7", "", BYTES);
		assert_true(send_body(fd, 0, sent));
		assert_true(test_sink_await(1, 0));
		assert_true(test_sink_await_arrived(sent));
		close(fd);
		assert_true(test_sink_await(0, 0));
		assert_int_equal(test_sink_counts().cut_bytes, sent);
	}
	assert_int_equal(test_sink_counts().cut, BYTES);
	stop(&server);
}

static void a_handler_may_refuse_before_the_body(void **state)
{
	struct test_server server;
	(void)state;
	start(&server, NULL);
	/* Five gigabytes, of which none is read. */
	int fd = begin(server.port, "refuse", "Expect: 100-continue\r\n", (size_t)5 << 30);
	test_receive(fd, &answer);
	assert_int_equal(test_status(&answer), 409);
	assert_non_null(strstr(answer.text, "refused: conflict"));
	assert_non_null(strstr(answer.text, "X-Request-Id: "));
	assert_true(answer.is_closed);
	close(fd);
	assert_int_equal(test_sink_counts().opened, 0);
	stop(&server);
}

/* As browsers and scripts do, who write all before they read: none is torn off, and the answer is
 * still there when they have done. */
static void a_refusal_is_read_by_who_sends_on(void **state)
{
	enum { BODY_BYTES = 4 << 20 };
	static const struct {
		const char *what, *line;
		int status;
	} rows[] = {
		{"by the handler", "POST /sink?refuse", 409},
		{"no such page", "POST /nothing", 404},
		{"not with this method", "PUT /hello", 405},
		{"larger than the route takes", "POST /upload", 413},
	};
	struct test_server server;
	(void)state;
	start(&server, NULL);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char header[200], first;
		int fd = test_connect(server.port);
		snprintf(header, sizeof(header),
			 "%s HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n", rows[i].line,
			 BODY_BYTES);
		assert_true(test_send(fd, str_of(header)));
		/* The answer has come, and is not looked at yet. */
		assert_int_equal(recv(fd, &first, 1, MSG_PEEK), 1);
		if (!send_body(fd, 0, BODY_BYTES))
			fail_msg("%s: the line was cut", rows[i].what);
		test_receive(fd, &answer);
		if (test_status(&answer) != rows[i].status || test_count(&answer) != 1)
			fail_msg("%s: %s", rows[i].what, answer.text);
		assert_true(answer.is_closed);
		close(fd);
	}
	assert_int_equal(test_sink_counts().opened, 0);
	stop(&server);
}

static void who_asks_first_is_told_to_go_on(void **state)
{
	struct test_server server;
	(void)state;
	start(&server, NULL);
	int fd = begin(server.port, "", "Expect: 100-continue\r\n", 1500);
	test_receive_until(fd, "HTTP/1.1 100 Continue\r\n\r\n", &answer);
	assert_true(test_sink_await(1, 0));
	assert_true(send_body(fd, 0, 1500));
	expect(fd, 200, "whole 1500");
	close(fd);
	stop(&server);
}

static void chunks_come_too(void **state)
{
	struct test_server server;
	(void)state;
	start(&server, NULL);
	for (int with_body = 0; with_body < 2; with_body++) {
		int fd = test_connect(server.port);
		assert_true(test_send(fd, STR("PATCH /sink HTTP/1.1\r\nHost: a\r\n"
					      "Transfer-Encoding: chunked\r\n\r\n")));
		for (size_t at = 0; with_body && at < 3000; at += 600) {
			assert_true(test_send(fd, STR("258\r\n")));
			assert_true(send_body(fd, at, at + 600));
			assert_true(test_send(fd, STR("\r\n")));
		}
		assert_true(test_send(fd, STR("0\r\n\r\n")));
		expect(fd, 200, with_body ? "whole 3000" : "whole 0");
		close(fd);
	}
	stop(&server);
}

static void broken_chunks_are_a_cut(void **state)
{
	struct test_server server;
	(void)state;
	start(&server, NULL);
	int fd = test_connect(server.port);
	assert_true(test_send(fd, STR("PATCH /sink HTTP/1.1\r\nHost: a\r\n"
				      "Transfer-Encoding: chunked\r\n\r\n"
				      "5\r\nabcde\r\nxyz\r\n")));
	test_receive(fd, &answer);
	assert_true(answer.is_closed);
	close(fd);
	assert_true(test_sink_await(0, 0));
	assert_int_equal(test_sink_counts().cut, 1);
	assert_int_equal(test_sink_counts().cut_bytes, 5);
	stop(&server);
}

/* Two pieces and what the sockets hold; then the client waits, and no thread with it. */
static void memory_does_not_grow_with_the_body(void **state)
{
	struct test_server server;
	(void)state;
	start(&server, NULL);
	int fd = begin(server.port, "hold", "", LARGE_BYTES);
	assert_true(send_body(fd, 0, 5000));
	assert_true(test_sink_await(1, 1));
	assert_true(test_sink_await_arrived(2000));
	sleep_ms(50);
	assert_int_equal(test_sink_counts().arrived_bytes, 2000);
	/* Others are served meanwhile. */
	test_talk(server.port, STR("GET /hello HTTP/1.0\r\n\r\n"), &answer);
	assert_int_equal(test_status(&answer), 200);
	test_sink_let(true);
	assert_true(send_body(fd, 5000, LARGE_BYTES));
	expect(fd, 200, "whole 20971520");
	close(fd);
	stop(&server);
}

static void who_leaves_while_both_are_full_is_settled(void **state)
{
	struct test_server server;
	(void)state;
	start(&server, NULL);
	int fd = begin(server.port, "hold", "", 9000);
	assert_true(send_body(fd, 0, 2500));
	assert_true(test_sink_await(1, 1));
	assert_true(test_sink_await_arrived(2000));
	close(fd);
	test_sink_let(true);
	assert_true(test_sink_await(0, 0));
	/* What came behind the two pieces may be read or not. */
	assert_in_range(test_sink_counts().cut_bytes, 2000, 2500);
	stop(&server);
}

static void a_slow_client_is_cut(void **state)
{
	static const struct http_limits limits = {.body_grace_ms = 200, .body_bytes_per_s = 100000};
	struct test_server server;
	(void)state;
	start(&server, &limits);
	int fd = begin(server.port, "", "", LARGE_BYTES);
	assert_true(send_body(fd, 0, 1500));
	test_receive(fd, &answer);
	assert_true(answer.is_closed);
	assert_int_equal(answer.len, 0);
	close(fd);
	assert_true(test_sink_await(0, 0));
	assert_int_equal(test_sink_counts().cut_bytes, 1500);
	stop(&server);
}

static void our_own_time_is_not_the_clients(void **state)
{
	static const struct http_limits limits = {.body_grace_ms = 200, .body_bytes_per_s = 1000};
	struct test_server server;
	(void)state;
	start(&server, &limits);
	int fd = begin(server.port, "hold", "", 3000);
	assert_true(send_body(fd, 0, 3000));
	assert_true(test_sink_await(1, 1));
	sleep_ms(1000);
	test_sink_let(true);
	expect(fd, 200, "whole 3000");
	close(fd);
	stop(&server);
}

static void what_is_not_taken_is_answered(void **state)
{
	static const struct {
		const char *what;
		const char *words;
		const char *text;
		int status;
		size_t bytes;
	} rows[] = {
		{"the first piece", "fail=1", "full 0", 413, 5000},
		{"in the middle", "fail=3500", "full 3000", 413, 9000},
		{"the last piece", "fail=4500", "full 4000", 413, 4600},
		{"of one piece", "fail=1", "full 0", 413, 10},
		{"of a long body", "fail=3500", "full 3000", 413, LARGE_BYTES},
		{"of one that is read directly", "piece=1000000&fail=7000000", "full 6000000", 413,
		 LARGE_BYTES},
		{"the end of it", "spoil", "refused: conflict", 409, 3000},
		{"of a long one", "spoil&piece=1000000", "refused: conflict", 409, LARGE_BYTES},
		{"nothing at all", "spoil", "refused: conflict", 409, 0},
	};
	struct test_server server;
	(void)state;
	start(&server, NULL);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int fd = begin(server.port, rows[i].words, "", rows[i].bytes);
		/* Long ones are not read to their end. */
		(void)send_body(fd, 0, rows[i].bytes);
		expect(fd, rows[i].status, rows[i].text);
		close(fd);
	}
	assert_true(test_sink_await(0, 0));
	stop(&server);
}

static void pieces_are_in_the_budget_of_bodies(void **state)
{
	static const struct http_limits limits = {.bodies_bytes = 300000};
	struct test_server server;
	(void)state;
	start(&server, &limits);
	int first = begin(server.port, "piece=100000", "", LARGE_BYTES);
	assert_true(test_sink_await(1, 0));
	int second = begin(server.port, "piece=100000", "", LARGE_BYTES);
	expect(second, 503, "refused: busy");
	close(second);
	/* One that needs no more than its few bytes. */
	int third = begin(server.port, "piece=100000", "", 500);
	assert_true(send_body(third, 0, 500));
	expect(third, 200, "whole 500");
	close(third);
	close(first);
	assert_true(test_sink_await(0, 0));
	int fourth = begin(server.port, "piece=100000", "", 150000);
	assert_true(send_body(fourth, 0, 150000));
	expect(fourth, 200, "whole 150000");
	close(fourth);
	struct test_sinks counts = test_sink_counts();
	assert_int_equal(counts.whole, 2);
	test_server_stop(&server);
	assert_int_equal(test_sink_counts().open, 0);
}

struct rest {
	int fd;
	size_t end;
	bool is_sent;
};

static void *send_rest(void *argument)
{
	struct rest *rest = argument;
	rest->is_sent = send_body(rest->fd, 300000, rest->end);
	return NULL;
}

/* A full piece waits for take(), which is let go on only so far: whether it is a larger one then
 * does not hang on who of the two is faster. */
static void let_it_fall_behind(size_t bytes)
{
	for (int i = 0; i < 400 && !test_sink_is_behind(bytes); i++) {
		if (i % 40 == 39)
			test_sink_let_one();
		sleep_ms(5);
	}
	assert_true(test_sink_is_behind(bytes));
}

/* What came before it was let go stands in two pieces, and the rest before the door. */
static void who_is_fast_is_given_larger_pieces(void **state)
{
	static const struct {
		const char *sentence;
		int64_t budget_bytes;
		size_t body_bytes, largest_bytes;
	} rows[] = {
		{"there is room", 4000000, 3000000, 400000},
		{"also when it is read from the socket", 4000000, 6000000, 400000},
		{"there is none", 300000, 3000000, 100000},
		{"what is left of it is little", 4000000, 500000, 100000},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct http_limits limits = {.bodies_bytes = rows[i].budget_bytes};
		struct test_server server;
		start(&server, &limits);
		int fd = begin(server.port, "piece=400000&first=100000&hold", "",
			       rows[i].body_bytes);
		assert_true(send_body(fd, 0, 300000));
		assert_true(test_sink_await(1, 1));
		assert_true(test_sink_await_arrived(200000));
		struct rest rest = {.fd = fd, .end = rows[i].body_bytes};
		pthread_t sender;
		assert_int_equal(pthread_create(&sender, NULL, send_rest, &rest), 0);
		let_it_fall_behind(rows[i].largest_bytes);
		test_sink_let(true);
		pthread_join(sender, NULL);
		assert_true(rest.is_sent);
		char text[32];
		snprintf(text, sizeof(text), "whole %zu", rows[i].body_bytes);
		expect(fd, 200, text);
		close(fd);
		if (test_sink_counts().largest_bytes != rows[i].largest_bytes)
			fail_msg("%s: %zu at once", rows[i].sentence,
				 test_sink_counts().largest_bytes);
		assert_true(test_sink_await(0, 0));
		stop(&server);
	}
}

static void the_method_may_stand_in_a_header(void **state)
{
	static const struct {
		const char *what;
		struct str request;
		int status;
	} rows[] = {
		{"a PATCH as POST",
		 STR("POST /sink HTTP/1.1\r\nHost: a\r\nX-HTTP-Method-Override: PATCH\r\n"
		     "Connection: close\r\n\r\n"),
		 200},
		{"only POST has one",
		 STR("GET /sink HTTP/1.1\r\nHost: a\r\nX-HTTP-Method-Override: PATCH\r\n"
		     "Connection: close\r\n\r\n"),
		 405},
		{"a route that does not want it",
		 STR("POST /hello HTTP/1.1\r\nHost: a\r\nX-HTTP-Method-Override: GET\r\n"
		     "Connection: close\r\n\r\n"),
		 405},
		{"no method: as it was sent",
		 STR("POST /sink HTTP/1.1\r\nHost: a\r\nX-HTTP-Method-Override: patch\r\n"
		     "Connection: close\r\n\r\n"),
		 200},
		{"a path without it",
		 STR("POST /nothing HTTP/1.1\r\nHost: a\r\nX-HTTP-Method-Override: PATCH\r\n"
		     "Connection: close\r\n\r\n"),
		 404},
	};
	struct test_server server;
	(void)state;
	start(&server, NULL);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		test_talk(server.port, rows[i].request, &answer);
		if (test_status(&answer) != rows[i].status)
			fail_msg("%s: %s", rows[i].what, answer.text);
	}
	stop(&server);
}

/* Long ones are read from the socket itself: cut anywhere in it, and while nobody takes it. */
static void long_bodies_are_cut_too(void **state)
{
	static const size_t sent[] = {0, 1, 999999, 1000000, 2000001, 3500000};
	struct test_server server;
	(void)state;
	start(&server, NULL);
	for (size_t i = 0; i < sizeof(sent) / sizeof(sent[0]); i++) {
		/* As much as five gigabytes were promised. */
		int fd = begin(server.port, "piece=1000000", "", (size_t)5 << 30);
		assert_true(send_body(fd, 0, sent[i]));
		assert_true(test_sink_await(1, 0));
		assert_true(test_sink_await_arrived(sent[i]));
		close(fd);
		assert_true(test_sink_await(0, 0));
		assert_int_equal(test_sink_counts().cut_bytes, sent[i]);
	}
	int fd = begin(server.port, "hold&piece=100000", "", (size_t)5 << 30);
	assert_true(send_body(fd, 0, 300000));
	assert_true(test_sink_await(1, 1));
	assert_true(test_sink_await_arrived(200000));
	shutdown(fd, SHUT_WR);
	test_sink_let(true);
	test_receive(fd, &answer);
	assert_true(answer.is_closed);
	assert_int_equal(answer.len, 0);
	close(fd);
	assert_true(test_sink_await(0, 0));
	assert_int_equal(test_sink_counts().cut_bytes, 300000);
	stop(&server);
}

/* libmicrohttpd reads them together, and does not know where the body ends. */
static void nothing_behind_a_long_body_is_taken(void **state)
{
	enum { PIECE_BYTES = 2100000, REST_BYTES = 100 };
	static const char next[] = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";
	char rest[REST_BYTES + sizeof(next)];
	struct test_server server;
	(void)state;
	start(&server, NULL);
	int fd = begin(server.port, "piece=2100000&hold", "", 2 * PIECE_BYTES + REST_BYTES);
	assert_true(send_body(fd, 0, 2 * PIECE_BYTES));
	assert_true(test_sink_await(1, 1));
	assert_true(test_sink_await_arrived(2 * PIECE_BYTES));
	/* Together in one segment. */
	for (size_t i = 0; i < REST_BYTES; i++)
		rest[i] = test_stream_byte(2 * PIECE_BYTES + i);
	memcpy(rest + REST_BYTES, next, sizeof(next));
	assert_true(test_send(fd, str_bytes(rest, REST_BYTES + sizeof(next) - 1)));
	test_sink_let(true);
	test_receive_until(fd, "whole 4200100", &answer);
	assert_int_equal(test_count(&answer), 1);
	test_receive(fd, &answer);
	assert_true(answer.is_closed);
	assert_int_equal(answer.len, 0);
	close(fd);
	stop(&server);
}

/* Who was refused and neither goes nor sends on. */
static void a_refusal_is_not_waited_behind(void **state)
{
	static const struct http_limits limits = {.body_grace_ms = 200, .body_bytes_per_s = 1000};
	struct test_server server;
	bool is_open = true;
	(void)state;
	start(&server, &limits);
	int fd = begin(server.port, "fail=1", "", LARGE_BYTES);
	assert_true(send_body(fd, 0, 5000));
	expect(fd, 413, "full 0");
	for (int i = 0; i < 50 && is_open; i++) {
		sleep_ms(100);
		is_open = test_send(fd, STR("x"));
	}
	assert_false(is_open);
	close(fd);
	stop(&server);
}

static void several_come_at_once(void **state)
{
	enum { CLIENTS = 6, STEPS = 20, STEP_BYTES = 300000 };
	struct test_server server;
	int fds[CLIENTS];
	(void)state;
	start(&server, NULL);
	for (size_t i = 0; i < CLIENTS; i++)
		fds[i] = begin(server.port, i % 2 ? "piece=1000000" : "piece=65536", "",
			       (size_t)STEPS * STEP_BYTES);
	for (size_t step = 0; step < STEPS; step++) {
		for (size_t i = 0; i < CLIENTS; i++)
			assert_true(send_body(fds[i], step * STEP_BYTES, (step + 1) * STEP_BYTES));
	}
	for (size_t i = 0; i < CLIENTS; i++) {
		expect(fds[i], 200, "whole 6000000");
		assert_non_null(strstr(answer.text, "Connection: close\r\n"));
		assert_non_null(strstr(answer.text, "X-Request-Id: "));
		assert_non_null(strstr(answer.text, " GMT\r\n"));
		close(fds[i]);
	}
	stop(&server);
}

static void a_long_body_may_be_slow(void **state)
{
	static const struct http_limits limits = {.body_grace_ms = 1000, .body_bytes_per_s = 1000};
	struct test_server server;
	(void)state;
	start(&server, &limits);
	int fd = begin(server.port, "piece=1000000", "", 4200000);
	/* Longer than the grace, and never so long silent. */
	for (size_t at = 0; at < 4200000; at += 200000) {
		assert_true(send_body(fd, at, at + 200000));
		sleep_ms(60);
	}
	expect(fd, 200, "whole 4200000");
	close(fd);
	fd = begin(server.port, "piece=1000000", "", 4200000);
	assert_true(send_body(fd, 0, 2500000));
	test_receive(fd, &answer);
	assert_true(answer.is_closed);
	close(fd);
	assert_true(test_sink_await(0, 0));
	assert_int_equal(test_sink_counts().cut_bytes, 2500000);
	stop(&server);
}

static void *let_later(void *argument)
{
	sleep_ms(800);
	test_sink_let(true);
	return argument;
}

/* At every state: waiting for the client, for the worker, for room, and for the answer. */
static void stopping_settles_all(void **state)
{
	static const struct http_limits limits = {.stop_time_ms = 300};
	struct test_server server;
	(void)state;
	start(&server, &limits);
	int waiting = begin(server.port, "", "", 9000);
	assert_true(send_body(waiting, 0, 2300));
	int idle = begin(server.port, "", "", 9000);
	int full = begin(server.port, "hold", "", 9000);
	assert_true(send_body(full, 0, 4000));
	int complete = begin(server.port, "hold", "", 1500);
	assert_true(send_body(complete, 0, 1500));
	int long_one = begin(server.port, "piece=500000", "", LARGE_BYTES);
	assert_true(send_body(long_one, 0, 1200000));
	assert_true(test_sink_await(5, 2));
	assert_true(test_sink_await_arrived(2300 + 2000 + 1500 + 1200000));
	/* Two are held until the server waits for its workers. */
	pthread_t letter;
	assert_int_equal(pthread_create(&letter, NULL, let_later, NULL), 0);
	test_server_stop(&server);
	pthread_join(letter, NULL);
	struct test_sinks counts = test_sink_counts();
	assert_int_equal(counts.open, 0);
	assert_int_equal(counts.opened, 5);
	assert_int_equal(counts.whole, 1);
	assert_int_equal(counts.cut, 4);
	assert_false(counts.is_wrong);
	close(long_one);
	close(waiting);
	close(idle);
	close(full);
	close(complete);
}

/* Clients come, send a little and leave: for the thread sanitizer. */
static void coming_and_going(void **state)
{
	struct test_server server;
	(void)state;
	start(&server, NULL);
	for (int round = 0; round < 20; round++) {
		int fds[20];
		for (size_t i = 0; i < 20; i++)
			fds[i] = begin(server.port, i % 5 ? "piece=500" : "fail=900", "",
				       i == 7 ? (size_t)1 << 30 : 4000);
		for (size_t i = 0; i < 20; i++)
			(void)send_body(fds[i], 0, i % 3 ? 4000 : i * 100);
		for (size_t i = 0; i < 20; i++) {
			if (i % 3 && i % 2 && i != 7)
				test_receive_until(fds[i], "\r\n\r\n", &answer);
			close(fds[i]);
		}
	}
	stop(&server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_arrives_whole),
		cmocka_unit_test(cut_after_every_byte),
		cmocka_unit_test(a_handler_may_refuse_before_the_body),
		cmocka_unit_test(a_refusal_is_read_by_who_sends_on),
		cmocka_unit_test(who_asks_first_is_told_to_go_on),
		cmocka_unit_test(chunks_come_too),
		cmocka_unit_test(broken_chunks_are_a_cut),
		cmocka_unit_test(memory_does_not_grow_with_the_body),
		cmocka_unit_test(who_leaves_while_both_are_full_is_settled),
		cmocka_unit_test(a_slow_client_is_cut),
		cmocka_unit_test(our_own_time_is_not_the_clients),
		cmocka_unit_test(what_is_not_taken_is_answered),
		cmocka_unit_test(pieces_are_in_the_budget_of_bodies),
		cmocka_unit_test(who_is_fast_is_given_larger_pieces),
		cmocka_unit_test(the_method_may_stand_in_a_header),
		cmocka_unit_test(long_bodies_are_cut_too),
		cmocka_unit_test(nothing_behind_a_long_body_is_taken),
		cmocka_unit_test(a_refusal_is_not_waited_behind),
		cmocka_unit_test(several_come_at_once),
		cmocka_unit_test(a_long_body_may_be_slow),
		cmocka_unit_test(stopping_settles_all),
		cmocka_unit_test(coming_and_going),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
