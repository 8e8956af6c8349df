/* Answers made piece by piece: back-pressure, clients that leave, limits, stopping. */
#include "http/test_server.h"
#include "http/test_stream.h"

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

#define GET(path) STR("GET " path " HTTP/1.1\r\nHost: a\r\n\r\n")
#define GET_AND_CLOSE(path) STR("GET " path " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")

static struct test_answer answer;
static char whole[TEST_STREAM_BYTES * 2];

static void sleep_ms(long ms)
{
	const struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
	nanosleep(&time, NULL);
}

static int ask(const struct test_server *server, struct str request)
{
	int fd = test_connect(server->port);
	assert_true(test_send(fd, request));
	return fd;
}

/* All bytes until the server closes. */
static size_t receive_whole(int fd)
{
	size_t len = 0;
	for (ssize_t got; len < sizeof(whole); len += (size_t)got) {
		got = recv(fd, whole + len, sizeof(whole) - len, 0);
		if (got <= 0)
			break;
	}
	return len;
}

/* The chunks of a body put together, in place; *ret_is_whole: the last one was there. */
static size_t join_chunks(char *body, size_t len, bool *ret_is_whole)
{
	size_t in = 0, out = 0;
	*ret_is_whole = false;
	while (in < len) {
		char *end;
		size_t size = strtoul(body + in, &end, 16);
		in = (size_t)(end - body) + 2;
		if (size == 0) {
			*ret_is_whole = true;
			break;
		}
		if (in + size > len)
			break;
		memmove(body + out, body + in, size);
		out += size;
		in += size + 2;
	}
	return out;
}

static char *body_of(size_t len)
{
	char *end = memmem(whole, len, "\r\n\r\n", 4);
	assert_non_null(end);
	return end + 4;
}

static void assert_pattern(const char *body, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (body[i] != test_stream_byte(i))
			fail_msg("byte %zu is not the one that was produced", i);
	}
}

static void a_long_answer_arrives_whole(void **state)
{
	struct test_server server;
	bool is_whole;
	(void)state;
	test_server_start(&server, &(struct http_options){.listen = STR_NONE});
	int fd = ask(&server, GET_AND_CLOSE("/bulk"));
	size_t len = receive_whole(fd);
	char *body = body_of(len);
	size_t bytes = join_chunks(body, len - (size_t)(body - whole), &is_whole);
	assert_true(is_whole);
	assert_int_equal(bytes, TEST_STREAM_BYTES);
	assert_pattern(body, bytes);
	close(fd);
	assert_true(test_stream_await(0));
	test_server_stop(&server);
}

static void a_known_length_is_told(void **state)
{
	struct test_server server;
	char header[64];
	(void)state;
	test_server_start(&server, &(struct http_options){.listen = STR_NONE});
	int fd = ask(&server, GET_AND_CLOSE("/known"));
	size_t len = receive_whole(fd);
	char *body = body_of(len);
	snprintf(header, sizeof(header), "Content-Length: %d\r\n", TEST_STREAM_BYTES);
	assert_non_null(memmem(whole, (size_t)(body - whole), header, strlen(header)));
	assert_int_equal(len - (size_t)(body - whole), TEST_STREAM_BYTES);
	assert_pattern(body, TEST_STREAM_BYTES);
	close(fd);
	assert_true(test_stream_await(0));
	test_server_stop(&server);
}

static void the_connection_is_kept_for_the_next_request(void **state)
{
	struct test_server server;
	(void)state;
	test_server_start(&server, &(struct http_options){.listen = STR_NONE});
	int fd = ask(&server, GET("/bulk"));
	assert_true(test_send(fd, GET_AND_CLOSE("/hello")));
	size_t len = receive_whole(fd);
	assert_non_null(memmem(whole, len, "0\r\n\r\nHTTP/1.1 200", 17));
	assert_memory_equal(whole + len - 5, "hello", 5);
	close(fd);
	test_server_stop(&server);
}

static void asking_for_the_head_makes_nothing(void **state)
{
	struct test_server server;
	int64_t before = test_stream_counts().produced_bytes;
	char header[64];
	(void)state;
	test_server_start(&server, &(struct http_options){.listen = STR_NONE});
	test_talk(server.port, STR("HEAD /known HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
		  &answer);
	assert_int_equal(test_status(&answer), 200);
	snprintf(header, sizeof(header), "Content-Length: %d\r\n", TEST_STREAM_BYTES);
	assert_non_null(strstr(answer.text, header));
	assert_true(test_stream_await(0));
	assert_int_equal(test_stream_counts().produced_bytes, before);
	/* Not even the end of no chunks, which would stand before the next answer. */
	for (int is_kept = 0; is_kept < 2; is_kept++) {
		test_talk(server.port,
			  is_kept ? STR("HEAD /bulk HTTP/1.1\r\nHost: a\r\n\r\n")
				  : STR("HEAD /bulk HTTP/1.1\r\nHost: a\r\nConnection: "
					"close\r\n\r\n"),
			  &answer);
		assert_int_equal(test_status(&answer), 200);
		assert_null(strstr(answer.text, "Content-Length"));
		assert_string_equal(strstr(answer.text, "\r\n\r\n"), "\r\n\r\n");
		assert_true(answer.is_closed);
	}
	assert_true(test_stream_await(0));
	assert_int_equal(test_stream_counts().produced_bytes, before);
	test_server_stop(&server);
}

/* No more is produced than the sockets and two pieces hold; a worker is free meanwhile. */
static void who_does_not_read_holds_no_worker(void **state)
{
	struct test_server server;
	struct http_options options = {.worker_threads = 1};
	int fds[8];
	(void)state;
	test_server_start(&server, &options);
	int64_t before = test_stream_counts().produced_bytes;
	for (size_t i = 0; i < 8; i++) {
		fds[i] = test_connect_narrow(server.port, 4096);
		assert_true(test_send(fds[i], GET("/bulk")));
	}
	assert_true(test_stream_await(8));
	test_talk(server.port, GET_AND_CLOSE("/hello"), &answer);
	assert_int_equal(test_status(&answer), 200);
	sleep_ms(200);
	assert_true(test_stream_counts().produced_bytes - before < 8 * TEST_STREAM_BYTES);
	for (size_t i = 0; i < 8; i++)
		close(fds[i]);
	assert_true(test_stream_await(0));
	test_server_stop(&server);
}

static void half_an_answer_looks_like_half(void **state)
{
	struct test_server server;
	bool is_whole;
	(void)state;
	test_server_start(&server, &(struct http_options){.listen = STR_NONE});
	int fd = ask(&server, GET("/broken"));
	size_t len = receive_whole(fd);
	char *body = body_of(len);
	join_chunks(body, len - (size_t)(body - whole), &is_whole);
	assert_false(is_whole);
	close(fd);
	assert_true(test_stream_await(0));
	test_server_stop(&server);
}

static void an_old_client_is_told_by_closing(void **state)
{
	struct test_server server;
	(void)state;
	test_server_start(&server, &(struct http_options){.listen = STR_NONE});
	int fd = ask(&server, STR("GET /bulk HTTP/1.0\r\nHost: a\r\n\r\n"));
	size_t len = receive_whole(fd);
	char *body = body_of(len);
	assert_int_equal(len - (size_t)(body - whole), TEST_STREAM_BYTES);
	assert_pattern(body, TEST_STREAM_BYTES);
	close(fd);
	assert_true(test_stream_await(0));
	test_server_stop(&server);
}

static void news_arrive_at_once_and_silence_is_filled(void **state)
{
	struct test_server server;
	(void)state;
	test_server_start(&server, &(struct http_options){.listen = STR_NONE});
	int fd = ask(&server, GET("/live"));
	assert_true(test_stream_await(1));
	test_stream_say(STR("first"));
	test_receive_until(fd, "first", &answer);
	test_stream_say(STR("second"));
	test_receive_until(fd, "second", &answer);
	test_receive_until(fd, ":", &answer);
	close(fd);
	assert_true(test_stream_await(0));
	test_server_stop(&server);
}

/* libmicrohttpd does not look at suspended connections. */
static void who_leaves_is_noticed_in_silence(void **state)
{
	struct test_server server;
	struct http_options options = {.limits = {.stream_unread_ms = 400}};
	(void)state;
	test_server_start(&server, &options);
	int fd = ask(&server, GET("/live"));
	int half = ask(&server, GET("/live"));
	assert_true(test_stream_await(2));
	close(fd);
	shutdown(half, SHUT_WR);
	assert_true(test_stream_await(0));
	close(half);
	test_server_stop(&server);
}

static void who_reads_no_news_is_cut(void **state)
{
	struct test_server server;
	struct http_options options = {.limits = {.stream_unread_ms = 300, .send_grace_ms = 300}};
	static char news[2000];
	(void)state;
	memset(news, 'n', sizeof(news));
	test_server_start(&server, &options);
	int fd = test_connect_narrow(server.port, 1);
	int reader = ask(&server, GET("/live"));
	assert_true(test_send(fd, GET("/live")));
	assert_true(test_stream_await(2));
	for (int i = 0; i < 1000 && test_stream_counts().open == 2; i++) {
		test_stream_say(str_bytes(news, sizeof(news)));
		test_receive_until(reader, "n", &answer);
		sleep_ms(5);
	}
	assert_true(test_stream_await(1));
	close(fd);
	close(reader);
	test_server_stop(&server);
}

static void streams_are_counted(void **state)
{
	static const struct {
		const char *of;
		struct http_limits limits;
		struct str others; /* who may come still */
		struct str request;
	} rows[] = {
		{"all", {.streams = 2}, STR_NONE, GET("/live")},
		{"a network",
		 {.streams_per_network = 2},
		 GET("/live"),
		 STR("GET /live HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n")},
		{"a person",
		 {.streams_per_user = 2},
		 GET("/live?01ARZ3NDEKTSV4RRFFQ69G5FAW"),
		 GET("/live?01ARZ3NDEKTSV4RRFFQ69G5FAV")},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct test_server server;
		struct http_options options = {.trusted_proxies = STR("127.0.0.1"),
					       .limits = rows[i].limits};
		int fds[4];
		options.limits.stream_unread_ms = 400;
		test_server_start(&server, &options);
		for (size_t k = 0; k < 2; k++) {
			fds[k] = ask(&server, rows[i].request);
			test_receive_until(fds[k], ":", &answer);
		}
		fds[2] = ask(&server, rows[i].request);
		test_receive_until(fds[2], "refused: ", &answer);
		assert_int_equal(test_status(&answer), 429);
		assert_non_null(strstr(answer.text, "Retry-After: "));
		if (rows[i].others.len > 0) {
			fds[3] = ask(&server, rows[i].others);
			test_receive_until(fds[3], "\r\n:", &answer);
			close(fds[3]);
		}
		/* Who leaves makes room. */
		close(fds[0]);
		assert_true(test_stream_await(1));
		fds[0] = ask(&server, rows[i].request);
		test_receive_until(fds[0], "\r\n:", &answer);
		for (size_t k = 0; k < 3; k++)
			close(fds[k]);
		assert_true(test_stream_await(0));
		test_server_stop(&server);
	}
}

static void pieces_are_in_the_budget_of_answers(void **state)
{
	struct test_server server;
	struct http_options options = {.limits = {.answers_bytes = 3 * TEST_PIECE_BYTES}};
	(void)state;
	test_server_start(&server, &options);
	int fd = test_connect_narrow(server.port, 4096);
	assert_true(test_send(fd, GET("/bulk")));
	assert_true(test_stream_await(1));
	test_talk(server.port, GET_AND_CLOSE("/bulk"), &answer);
	assert_int_equal(test_status(&answer), 503);
	assert_true(test_stream_await(1));
	close(fd);
	assert_true(test_stream_await(0));
	test_server_stop(&server);
}

/* A live one ends properly, so that the browser comes back; half a file is cut. */
static void stopping_ends_them(void **state)
{
	struct test_server server;
	struct http_options options = {.limits = {.stop_time_ms = 200}};
	bool is_whole;
	(void)state;
	test_server_start(&server, &options);
	int live = ask(&server, GET("/live"));
	int bulk = test_connect_narrow(server.port, 4096);
	assert_true(test_send(bulk, GET("/bulk")));
	assert_true(test_stream_await(2));
	test_server_stop(&server);
	assert_int_equal(test_stream_counts().open, 0);
	size_t len = receive_whole(live);
	char *body = body_of(len);
	join_chunks(body, len - (size_t)(body - whole), &is_whole);
	assert_true(is_whole);
	len = receive_whole(bulk);
	assert_true(len < TEST_STREAM_BYTES);
	close(live);
	close(bulk);
}

/* Waits until nothing more is produced: all buffers are full. */
static void await_standstill(void)
{
	int64_t before = -1;
	for (int i = 0; i < 100 && before != test_stream_counts().produced_bytes; i++) {
		before = test_stream_counts().produced_bytes;
		sleep_ms(50);
	}
}

/* Not even what the kernel has of it already. */
static void what_is_cut_is_not_sent_any_more(void **state)
{
	static const struct str requests[] = {GET("/known"), GET("/bulk"), GET("/live")};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct test_server server;
		test_server_start(&server, &(struct http_options){.listen = STR_NONE});
		int64_t before = test_stream_counts().produced_bytes;
		int fd = test_connect_narrow(server.port, 4096);
		assert_true(test_send(fd, requests[i]));
		assert_true(test_stream_await(1));
		await_standstill();
		/* Far more than this client has room for is on its way. */
		bool is_long = test_stream_counts().produced_bytes - before > 500000;
		assert_int_equal(is_long, i < 2);
		test_stream_cut_all();
		assert_true(test_stream_await(0));
		assert_true(receive_whole(fd) < 100000);
		close(fd);
		test_server_stop(&server);
	}
}

/* Clients come, read a little and leave while news are told: for the thread sanitizer. */
static void coming_and_going(void **state)
{
	struct test_server server;
	(void)state;
	test_server_start(&server, &(struct http_options){.listen = STR_NONE});
	for (int round = 0; round < 20; round++) {
		int fds[20];
		for (size_t i = 0; i < 20; i++)
			fds[i] = ask(&server, i % 2 ? GET("/live") : GET("/bulk"));
		for (size_t i = 0; i < 20; i += 3)
			close(fds[i]);
		assert_true(test_stream_counts().opened > 0);
		for (size_t i = 0; i < 20; i++) {
			if (i % 3 == 0)
				continue;
			test_receive_until(fds[i], "\r\n\r\n", &answer);
			close(fds[i]);
		}
	}
	assert_true(test_stream_await(0));
	test_server_stop(&server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_long_answer_arrives_whole),
		cmocka_unit_test(a_known_length_is_told),
		cmocka_unit_test(the_connection_is_kept_for_the_next_request),
		cmocka_unit_test(asking_for_the_head_makes_nothing),
		cmocka_unit_test(who_does_not_read_holds_no_worker),
		cmocka_unit_test(half_an_answer_looks_like_half),
		cmocka_unit_test(an_old_client_is_told_by_closing),
		cmocka_unit_test(news_arrive_at_once_and_silence_is_filled),
		cmocka_unit_test(who_leaves_is_noticed_in_silence),
		cmocka_unit_test(who_reads_no_news_is_cut),
		cmocka_unit_test(streams_are_counted),
		cmocka_unit_test(pieces_are_in_the_budget_of_answers),
		cmocka_unit_test(stopping_ends_them),
		cmocka_unit_test(what_is_cut_is_not_sent_any_more),
		cmocka_unit_test(coming_and_going),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
