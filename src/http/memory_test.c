/* What clients can make the server keep in memory, and for how long: a real server on loopback. */
#include "http/test_server.h"

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

#define JSON "Content-Type: application/json\r\n"
#define EXPECT "Expect: 100-continue\r\n"

/* What the kernel of a client that does not read holds for it. */
enum { NARROW_BYTES = 32 * 1024 };

static struct test_answer answer;

static void sleep_ms(long ms)
{
	const struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
	nanosleep(&time, NULL);
}

static bool send_many(int fd, size_t bytes)
{
	static char filler[10000];
	bool is_open = true;
	memset(filler, ' ', sizeof(filler));
	for (; bytes > 0 && is_open; bytes -= bytes < sizeof(filler) ? bytes : sizeof(filler))
		is_open = test_send(
			fd, str_bytes(filler, bytes < sizeof(filler) ? bytes : sizeof(filler)));
	return is_open;
}

/* Begins an upload and waits until the server wants its body; `client` may be NULL. */
static int begin_upload(int port, const char *path, const char *client, int bytes)
{
	char header[300];
	int fd = test_connect(port);
	snprintf(header, sizeof(header),
		 "POST %s HTTP/1.1\r\nHost: a\r\n" JSON EXPECT "%s%s%sContent-Length: %d\r\n\r\n",
		 path, client ? "X-Forwarded-For: " : "", client ? client : "",
		 client ? "\r\n" : "", bytes);
	assert_true(test_send(fd, str_of(header)));
	return fd;
}

static int open_upload(int port, const char *path, const char *client, int bytes)
{
	int fd = begin_upload(port, path, client, bytes);
	test_receive_until(fd, "100 Continue\r\n\r\n", &answer);
	return fd;
}

static void finish_upload(int fd, size_t bytes)
{
	assert_true(send_many(fd, bytes));
	test_receive_until(fd, "taken", &answer);
	assert_int_equal(test_status(&answer), 200);
	close(fd);
}

static void assert_upload_refused(int port, const char *client, int bytes)
{
	int fd = begin_upload(port, "/upload", client, bytes);
	test_receive(fd, &answer);
	assert_int_equal(test_status(&answer), 503);
	assert_non_null(strstr(answer.text, "\r\nRetry-After: "));
	assert_true(answer.is_closed);
	close(fd);
}

static void bodies_have_a_budget(void **state)
{
	struct test_server server;
	struct http_options options = {.limits = {.bodies_bytes = 400000}};
	(void)state;
	test_server_start(&server, &options);
	int first = open_upload(server.port, "/upload", NULL, 200000);
	assert_upload_refused(server.port, NULL, 200000);
	/* What people sign in with still fits. */
	finish_upload(open_upload(server.port, "/upload", NULL, 60000), 60000);
	finish_upload(first, 200000);
	finish_upload(open_upload(server.port, "/upload", NULL, 200000), 200000);
	/* One that goes away gives its part back. */
	close(open_upload(server.port, "/upload", NULL, 200000));
	int status = 0;
	for (int i = 0; i < 100 && status != 100; i++) {
		sleep_ms(20);
		int fd = begin_upload(server.port, "/upload", NULL, 200000);
		test_receive_until(fd, "\r\n\r\n", &answer);
		status = test_status(&answer);
		close(fd);
	}
	assert_int_equal(status, 100);
	test_server_stop(&server);
}

static void chunks_have_it_too(void **state)
{
	static char chunks[120 * 1008 + 8];
	size_t len = 0;
	struct test_server server;
	struct http_options options = {.limits = {.bodies_bytes = 100000}};
	(void)state;
	for (int i = 0; i < 120; i++)
		len += (size_t)snprintf(chunks + len, sizeof(chunks) - len, "3e8\r\n%1000s\r\n",
					"");
	len += (size_t)snprintf(chunks + len, sizeof(chunks) - len, "0\r\n\r\n");
	test_server_start(&server, &options);
	int fd = test_connect(server.port);
	assert_true(test_send(fd, STR("POST /upload HTTP/1.1\r\nHost: a\r\n" JSON
				      "Transfer-Encoding: chunked\r\n\r\n")));
	assert_true(test_send(fd, str_bytes(chunks, len)));
	test_receive(fd, &answer);
	assert_int_equal(test_status(&answer), 503);
	assert_non_null(strstr(answer.text, "\r\nRetry-After: "));
	close(fd);
	finish_upload(open_upload(server.port, "/upload", NULL, 74000), 74000);
	test_server_stop(&server);
}

static void one_network_has_a_part_of_it(void **state)
{
	struct test_server server;
	struct http_options options = {.trusted_proxies = STR("127.0.0.1"),
				       .limits = {.large_bodies_per_network = 300000}};
	(void)state;
	test_server_start(&server, &options);
	int first = open_upload(server.port, "/upload", "2001:db8::1", 200000);
	assert_upload_refused(server.port, "2001:db8::2", 200000);
	finish_upload(open_upload(server.port, "/upload", "2001:db8::2", 60000), 60000);
	finish_upload(open_upload(server.port, "/upload", "2001:db8:0:1::2", 200000), 200000);
	finish_upload(first, 200000);
	finish_upload(open_upload(server.port, "/upload", "2001:db8::2", 200000), 200000);
	test_server_stop(&server);
}

static void large_bodies_of_strangers_are_not_read(void **state)
{
	static const struct {
		const char *what;
		struct str bytes;
		int status; /* 100: the body is wanted */
	} rows[] = {
		{"a form without a cookie",
		 STR("POST /letter HTTP/1.1\r\nHost: a\r\n" EXPECT
		     "Content-Length: 900000\r\n\r\n"),
		 303},
		{"a form with a token only",
		 STR("POST /letter HTTP/1.1\r\nHost: a\r\n" EXPECT
		     "Authorization: Bearer x\r\nContent-Length: 900000\r\n\r\n"),
		 303},
		{"in chunks",
		 STR("POST /letter HTTP/1.1\r\nHost: a\r\n" EXPECT
		     "Transfer-Encoding: chunked\r\n\r\n"),
		 303},
		{"a form with a cookie",
		 STR("POST /letter HTTP/1.1\r\nHost: a\r\n" EXPECT
		     "Cookie: a=b\r\nContent-Length: 900000\r\n\r\n"),
		 100},
		{"a small form without a cookie",
		 STR("POST /letter HTTP/1.1\r\nHost: a\r\n" EXPECT "Content-Length: 60000\r\n\r\n"),
		 100},
		{"JSON without a token",
		 STR("POST /api-letter HTTP/1.1\r\nHost: a\r\n" EXPECT
		     "Content-Length: 900000\r\n\r\n"),
		 401},
		{"JSON with a cookie only",
		 STR("POST /api-letter HTTP/1.1\r\nHost: a\r\n" EXPECT
		     "Cookie: a=b\r\nContent-Length: 900000\r\n\r\n"),
		 401},
		{"JSON with a token",
		 STR("POST /api-letter HTTP/1.1\r\nHost: a\r\n" EXPECT
		     "Authorization: Bearer x\r\nContent-Length: 900000\r\n\r\n"),
		 100},
		{"where anybody may send",
		 STR("POST /upload HTTP/1.1\r\nHost: a\r\n" EXPECT
		     "Content-Length: 900000\r\n\r\n"),
		 100},
	};
	struct test_server server;
	struct http_options options = {0};
	(void)state;
	test_server_start(&server, &options);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int fd = test_connect(server.port);
		assert_true(test_send(fd, rows[i].bytes));
		test_receive_until(fd, "\r\n\r\n", &answer);
		if (test_status(&answer) != rows[i].status)
			fail_msg("%s: %s", rows[i].what, answer.text);
		close(fd);
	}
	test_server_stop(&server);
}

static void early_bytes_buy_no_pause(void **state)
{
	struct test_server server;
	struct http_options options = {.limits = {.body_grace_ms = 200, .body_bytes_per_s = 1000}};
	(void)state;
	test_server_start(&server, &options);
	int fd = open_upload(server.port, "/upload", NULL, 900000);
	assert_true(send_many(fd, 899000));
	test_receive(fd, &answer);
	assert_int_equal(answer.len, 0);
	assert_true(answer.is_closed);
	close(fd);
	test_server_stop(&server);
}

/* Reads to the end. */
static size_t count_rest(int fd, size_t step_bytes, long pause_ms)
{
	static char bytes[1 << 20];
	size_t count = 0;
	for (ssize_t got;
	     count < TEST_LONG_BYTES && (got = recv(fd, bytes, step_bytes, MSG_WAITALL)) > 0;) {
		count += (size_t)got;
		sleep_ms(pause_ms);
	}
	return count;
}

static void who_does_not_read_is_cut(void **state)
{
	struct test_server server;
	struct http_options options = {.limits = {.send_grace_ms = 200, .send_bytes_per_s = 1000}};
	(void)state;
	test_server_start(&server, &options);
	int fd = test_connect(server.port);
	assert_true(test_send(fd, STR("GET /long HTTP/1.1\r\nHost: a\r\n\r\n")));
	/* Nothing can be seen of it without reading. The kernels hold a part of the answer. */
	sleep_ms(2000);
	assert_true(count_rest(fd, 1 << 20, 0) < TEST_LONG_BYTES);
	close(fd);
	test_server_stop(&server);
}

static void who_reads_steadily_is_not(void **state)
{
	struct test_server server;
	struct http_options options = {.limits = {.send_grace_ms = 300, .send_bytes_per_s = 100}};
	(void)state;
	test_server_start(&server, &options);
	int fd = test_connect(server.port);
	assert_true(test_send(fd, STR("GET /long HTTP/1.1\r\nHost: a\r\n\r\n")));
	assert_true(count_rest(fd, 1 << 18, 20) >= TEST_LONG_BYTES);
	/* And may wait as long as it likes afterwards. */
	sleep_ms(1000);
	assert_true(test_send(fd, STR("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")));
	test_receive_until(fd, "hello", &answer);
	close(fd);
	test_server_stop(&server);
}

static void unread_answers_hold_no_requests(void **state)
{
	struct test_server server;
	struct http_options options = {.limits = {.bodies_bytes = 400000}};
	(void)state;
	test_server_start(&server, &options);
	int fd = open_upload(server.port, "/upload-long", NULL, 200000);
	assert_true(send_many(fd, 200000));
	/* The answer has begun, most of it is unread. */
	test_receive_until(fd, "200 OK", &answer);
	finish_upload(open_upload(server.port, "/upload", NULL, 200000), 200000);
	close(fd);
	test_server_stop(&server);
}

/* Asks for the long page; `room_bytes` is for the client's kernel, 0: as it likes. */
static int ask_for_long(int port, int room_bytes, const char *client)
{
	char header[200];
	int fd = test_connect_narrow(port, room_bytes);
	snprintf(
		header, sizeof(header),
		"GET /long HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Forwarded-For: %s\r\n\r\n",
		client);
	assert_true(test_send(fd, str_of(header)));
	test_receive_until(fd, "\r\n\r\n", &answer);
	return fd;
}

static void answers_have_a_budget(void **state)
{
	struct test_server server;
	/* One of TEST_LONG_HELD_BYTES fits in three quarters, and is half of it: nobody is cut. */
	struct http_options options = {.limits = {.answers_bytes = 2 * TEST_LONG_HELD_BYTES}};
	(void)state;
	test_server_start(&server, &options);
	int first = ask_for_long(server.port, NARROW_BYTES, "-");
	assert_int_equal(test_status(&answer), 200);
	close(ask_for_long(server.port, NARROW_BYTES, "-"));
	assert_int_equal(test_status(&answer), 503);
	assert_non_null(strstr(answer.text, "\r\nRetry-After: 5\r\n"));
	assert_non_null(strstr(answer.text, "\r\nContent-Security-Policy: "));
	assert_non_null(strstr(answer.text, "\r\n\r\nrefused: busy"));
	/* Lists and most messages still come, and so does what tells of something done. */
	test_talk(server.port, STR("GET /hello HTTP/1.0\r\n\r\n"), &answer);
	assert_int_equal(test_status(&answer), 200);
	int done = open_upload(server.port, "/upload-long", NULL, 10);
	assert_true(send_many(done, 10));
	test_receive_until(done, "\r\n\r\n", &answer);
	assert_int_equal(test_status(&answer), 200);
	close(done);
	/* Who has read makes room. */
	assert_true(count_rest(first, 1 << 20, 0) + TEST_ANSWER_BYTES >= TEST_LONG_BYTES);
	int status = 503;
	for (int i = 0; i < 100 && status == 503; i++) {
		sleep_ms(20);
		close(ask_for_long(server.port, NARROW_BYTES, "-"));
		status = test_status(&answer);
	}
	assert_int_equal(status, 200);
	close(first);
	test_server_stop(&server);
}

static void one_network_reads_a_part_of_it(void **state)
{
	struct test_server server;
	struct http_options options = {
		.trusted_proxies = STR("127.0.0.1"),
		.limits = {.large_answers_per_network = TEST_LONG_HELD_BYTES}};
	(void)state;
	test_server_start(&server, &options);
	int first = ask_for_long(server.port, NARROW_BYTES, "2001:db8::1");
	assert_int_equal(test_status(&answer), 200);
	close(ask_for_long(server.port, NARROW_BYTES, "2001:db8::2"));
	assert_int_equal(test_status(&answer), 503);
	close(ask_for_long(server.port, NARROW_BYTES, "2001:db8:0:1::2"));
	assert_int_equal(test_status(&answer), 200);
	close(first);
	test_server_stop(&server);
}

struct steady {
	pthread_t thread;
	int fd;
	size_t count;
};

static void *read_steadily(void *argument)
{
	struct steady *steady = argument;
	steady->count = count_rest(steady->fd, 1 << 16, 20);
	return NULL;
}

static void the_slowest_make_room(void **state)
{
	enum { SLOW = 4 };
	struct test_server server;
	/* Five fit in three quarters, three in half: two have to go. Looked at once a second, so
	 * that a busy machine does not make the steady one look slow. */
	struct http_options options = {.limits = {.answers_bytes = 7 * TEST_LONG_HELD_BYTES,
						  .header_time_ms = 4000,
						  .send_grace_ms = 60000}};
	int slow[SLOW], whole = 0;
	struct steady steady;
	(void)state;
	test_server_start(&server, &options);
	steady.fd = ask_for_long(server.port, 0, "-");
	/* From now on, however long the others take to ask. */
	assert_int_equal(pthread_create(&steady.thread, NULL, read_steadily, &steady), 0);
	for (int i = 0; i < SLOW; i++)
		slow[i] = ask_for_long(server.port, NARROW_BYTES, "-");
	pthread_join(steady.thread, NULL);
	assert_true(steady.count + TEST_ANSWER_BYTES >= TEST_LONG_BYTES);
	for (int i = 0; i < SLOW; i++) {
		whole += count_rest(slow[i], 1 << 20, 0) + TEST_ANSWER_BYTES >= TEST_LONG_BYTES;
		close(slow[i]);
	}
	assert_int_equal(whole, SLOW - 2);
	close(steady.fd);
	test_server_stop(&server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_have_a_budget),
		cmocka_unit_test(chunks_have_it_too),
		cmocka_unit_test(one_network_has_a_part_of_it),
		cmocka_unit_test(large_bodies_of_strangers_are_not_read),
		cmocka_unit_test(early_bytes_buy_no_pause),
		cmocka_unit_test(who_does_not_read_is_cut),
		cmocka_unit_test(who_reads_steadily_is_not),
		cmocka_unit_test(unread_answers_hold_no_requests),
		cmocka_unit_test(answers_have_a_budget),
		cmocka_unit_test(one_network_reads_a_part_of_it),
		cmocka_unit_test(the_slowest_make_room),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
