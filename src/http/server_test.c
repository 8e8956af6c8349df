/* Slow clients, full lanes, proxies, stopping: a real server on loopback. */
#include "base/log_capture.h"
#include "http/test_server.h"

#include <fcntl.h>
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

static struct test_answer answer;

static void sleep_ms(long ms)
{
	const struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
	nanosleep(&time, NULL);
}

/* Sends `first`, then drips x until the server closes; false when it never does. */
static bool is_cut_dripping(int port, struct str first)
{
	bool is_open = true;
	int fd = test_connect(port);
	assert_true(test_send(fd, first));
	for (int i = 0; i < 200 && is_open; i++) {
		char byte;
		sleep_ms(20);
		is_open = test_send(fd, STR("x"));
		/* What the server says meanwhile is read until its end; nothing is what is
		 * expected. */
		if (is_open && recv(fd, &byte, 1, MSG_DONTWAIT) == 0)
			is_open = false;
	}
	close(fd);
	return !is_open;
}

static void dripping_clients_are_cut(void **state)
{
	struct test_server server;
	struct http_options options = {
		.limits = {.header_time_ms = 200, .body_grace_ms = 200, .body_bytes_per_s = 1000}};
	(void)state;
	test_server_start(&server, &options);
	assert_true(is_cut_dripping(server.port, STR("G")));
	assert_true(is_cut_dripping(server.port, STR("GET /hello HTTP/1.1\r\nHost: a\r\nX: ")));
	assert_true(is_cut_dripping(server.port, STR("POST /echo HTTP/1.1\r\nHost: a\r\n" JSON
						     "Content-Length: 1000\r\n\r\n")));
	test_server_stop(&server);
}

static void the_second_request_may_not_drip_either(void **state)
{
	struct test_server server;
	struct http_options options = {.limits = {.header_time_ms = 200}};
	(void)state;
	test_server_start(&server, &options);
	int fd = test_connect(server.port);
	assert_true(test_send(fd, STR("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")));
	test_receive_until(fd, "hello", &answer);
	bool is_open = true;
	for (int i = 0; i < 200 && is_open; i++) {
		char byte;
		sleep_ms(20);
		is_open = test_send(fd, STR("x")) && recv(fd, &byte, 1, MSG_DONTWAIT) != 0;
	}
	assert_false(is_open);
	close(fd);
	test_server_stop(&server);
}

static void patience_is_not_punished(void **state)
{
	struct test_server server;
	struct http_options options = {
		.limits = {.header_time_ms = 400, .body_grace_ms = 100, .body_bytes_per_s = 10}};
	(void)state;
	test_server_start(&server, &options);
	/* An idle connection, before and between requests, waits much longer than a header may
	 * take. */
	int fd = test_connect(server.port);
	for (int i = 0; i < 2; i++) {
		sleep_ms(1200);
		assert_true(test_send(fd, STR("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")));
		test_receive_until(fd, "hello", &answer);
	}
	close(fd);
	/* A body that takes longer than the grace, but comes at a good rate. */
	fd = test_connect(server.port);
	assert_true(test_send(
		fd, STR("POST /echo HTTP/1.1\r\nHost: a\r\n" JSON "Content-Length: 200\r\n\r\n")));
	for (int i = 0; i < 20; i++) {
		assert_true(test_send(fd, STR("1234567890")));
		sleep_ms(30);
	}
	test_receive_until(fd, "1234567890", &answer);
	assert_int_equal(test_status(&answer), 200);
	close(fd);
	test_server_stop(&server);
}

static void our_own_slowness_is_nobodys_fault(void **state)
{
	struct test_server server;
	struct http_options options = {
		.limits = {.header_time_ms = 300, .body_grace_ms = 300, .body_bytes_per_s = 1000}};
	(void)state;
	test_server_start(&server, &options);
	int fd = test_connect(server.port);
	assert_true(test_send(fd, STR("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")));
	test_gate_await(&server, 1);
	sleep_ms(1000);
	test_gate_open(&server);
	test_receive_until(fd, "waited", &answer);
	close(fd);
	test_server_stop(&server);
}

static void one_address_holds_so_many_connections(void **state)
{
	struct test_server server;
	struct http_options options = {.limits = {.connections_per_proxy = 3}};
	int fds[3];
	(void)state;
	test_server_start(&server, &options);
	for (int i = 0; i < 3; i++) {
		fds[i] = test_connect(server.port);
		assert_true(test_send(fds[i], STR("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")));
		test_receive_until(fds[i], "hello", &answer);
	}
	test_talk(server.port, STR("GET /hello HTTP/1.0\r\n\r\n"), &answer);
	assert_int_equal(answer.len, 0);
	assert_true(answer.is_closed);
	close(fds[0]);
	/* The server needs a moment to see that. */
	for (int i = 0; i < 100 && test_status(&answer) != 200; i++) {
		sleep_ms(20);
		test_talk(server.port, STR("GET /hello HTTP/1.0\r\n\r\n"), &answer);
	}
	assert_int_equal(test_status(&answer), 200);
	close(fds[1]);
	close(fds[2]);
	test_server_stop(&server);
}

#define POST_TO(path)                                                                              \
	STR("POST " path " HTTP/1.1\r\nHost: a\r\n" JSON                                           \
	    "Content-Length: 2\r\nConnection: close\r\n\r\n{}")

static void check_full_lane(const struct http_options *options, struct str sign_in, int status)
{
	struct test_server server;
	test_server_start(&server, options);
	int first = test_connect(server.port);
	assert_true(test_send(first, sign_in));
	test_gate_await(&server, 1);
	/* One runs, one is queued: of five more, four are told to come back. */
	int others[5], refused = 0;
	for (int i = 0; i < 5; i++) {
		others[i] = test_connect(server.port);
		assert_true(test_send(others[i], sign_in));
	}
	/* Pages are served meanwhile. */
	test_talk(server.port, STR("GET /hello HTTP/1.0\r\n\r\n"), &answer);
	assert_int_equal(test_status(&answer), 200);
	/* The queued one is among them: it gets its answer when the gate opens. */
	bool is_answered[5] = {false};
	for (int round = 0; round < 500 && refused < 4; round++) {
		sleep_ms(10);
		for (int i = 0; i < 5; i++) {
			char byte;
			if (is_answered[i] ||
			    recv(others[i], &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0)
				continue;
			test_receive(others[i], &answer);
			assert_int_equal(test_status(&answer), status);
			assert_non_null(strstr(answer.text, "\r\nRetry-After: "));
			is_answered[i] = true;
			refused++;
		}
	}
	assert_int_equal(refused, 4);
	test_gate_open(&server);
	test_receive(first, &answer);
	assert_int_equal(test_status(&answer), 200);
	close(first);
	for (int i = 0; i < 5; i++) {
		if (!is_answered[i]) {
			test_receive(others[i], &answer);
			assert_int_equal(test_status(&answer), 200);
		}
		close(others[i]);
	}
	test_server_stop(&server);
}

static void a_full_password_lane_says_so_at_once(void **state)
{
	const struct http_options options = {.password_workers = 1, .password_queue_max = 1};
	(void)state;
	check_full_lane(&options, POST_TO("/password"), 429);
}

static void a_full_lane_for_documents_says_so_at_once(void **state)
{
	const struct http_options options = {.document_workers = 1, .document_queue_max = 1};
	(void)state;
	check_full_lane(&options, POST_TO("/documents"), 503);
}

static void whose_document_has_queued_for_long_is_told_to_come_back(void **state)
{
	const struct http_options options = {.document_workers = 1, .document_wait_ms = 20};
	struct test_server server;
	(void)state;
	test_server_start(&server, &options);
	int first = test_connect(server.port), second = test_connect(server.port);
	assert_true(test_send(first, POST_TO("/documents")));
	test_gate_await(&server, 1);
	assert_true(test_send(second, POST_TO("/documents")));
	/* Until it is in the queue, and then for longer than anybody is asked to wait. */
	sleep_ms(2000);
	test_gate_open(&server);
	test_receive(first, &answer);
	assert_int_equal(test_status(&answer), 200);
	test_receive(second, &answer);
	assert_int_equal(test_status(&answer), 503);
	assert_non_null(strstr(answer.text, "\r\nRetry-After: "));
	close(first);
	close(second);
	test_server_stop(&server);
}

static void only_trusted_proxies_are_believed(void **state)
{
	static const struct {
		const char *what, *trusted;
		struct str bytes;
		const char *told;
	} rows[] = {
		{"nobody is trusted", "",
		 STR("GET /whoami HTTP/1.0\r\nX-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: "
		     "https\r\n\r\n"),
		 "\r\n\r\n127.0.0.1 http"},
		{"another is trusted", "10.0.0.1",
		 STR("GET /whoami HTTP/1.0\r\nX-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: "
		     "https\r\n\r\n"),
		 "\r\n\r\n127.0.0.1 http"},
		{"we are trusted", "127.0.0.0/8",
		 STR("GET /whoami HTTP/1.0\r\nX-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: "
		     "https\r\n\r\n"),
		 "\r\n\r\n203.0.113.9 https"},
		{"what the client claimed before us does not count", "127.0.0.1",
		 STR("GET /whoami HTTP/1.0\r\nX-Forwarded-For: 198.51.100.1, 203.0.113.9\r\n\r\n"),
		 "\r\n\r\n203.0.113.9 http"},
		{"nor does a line of the client's before the proxy's own", "127.0.0.1",
		 STR("GET /whoami HTTP/1.0\r\nX-Forwarded-For: 198.51.100.1\r\nX-Forwarded-For: "
		     "203.0.113.9\r\n\r\n"),
		 "\r\n\r\n203.0.113.9 http"},
		{"the walk goes on from line to line", "127.0.0.0/8, 10.0.0.0/8",
		 STR("GET /whoami HTTP/1.0\r\nX-Forwarded-For: 198.51.100.1, "
		     "203.0.113.9\r\nX-Forwarded-For: 10.0.0.2\r\n\r\n"),
		 "\r\n\r\n203.0.113.9 http"},
		{"nor the client's word for https", "127.0.0.1",
		 STR("GET /whoami HTTP/1.0\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Proto: "
		     "http\r\n\r\n"),
		 "\r\n\r\n127.0.0.1 http"},
		{"in one line as well", "127.0.0.1",
		 STR("GET /whoami HTTP/1.0\r\nX-Forwarded-Proto: http, https\r\n\r\n"),
		 "\r\n\r\n127.0.0.1 https"},
		{"the proxy says nothing", "127.0.0.1", STR("GET /whoami HTTP/1.0\r\n\r\n"),
		 "\r\n\r\n127.0.0.1 http"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct test_server server;
		struct http_options options = {.trusted_proxies = str_of(rows[i].trusted)};
		test_server_start(&server, &options);
		test_talk(server.port, rows[i].bytes, &answer);
		const char *body = strstr(answer.text, "\r\n\r\n");
		if (body == NULL || strcmp(body, rows[i].told) != 0)
			fail_msg("%s: %s", rows[i].what, answer.text);
		test_server_stop(&server);
	}
}

static void *stop(void *argument)
{
	http_server_free(argument);
	return NULL;
}

/* libmicrohttpd aborts the process if it is stopped while a connection is suspended. */
static void stopping_finishes_what_runs(void **state)
{
	enum { RUNNING = 2, QUEUED = 3, HALF = 1 };
	struct test_server server;
	struct http_options options = {.worker_threads = RUNNING};
	pthread_t stopper;
	int fds[RUNNING + QUEUED], half;
	(void)state;
	test_server_start(&server, &options);
	for (int i = 0; i < RUNNING + QUEUED; i++) {
		fds[i] = test_connect(server.port);
		assert_true(test_send(fds[i], STR("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")));
		if (i == RUNNING - 1)
			test_gate_await(&server, RUNNING);
	}
	half = test_connect(server.port);
	assert_true(test_send(half, STR("GET /hel")));
	/* Until the server has read all that; there is nothing to see it by. */
	sleep_ms(500);
	assert_int_equal(pthread_create(&stopper, NULL, stop, server.http), 0);
	sleep_ms(100);
	test_gate_open(&server);
	for (int i = 0; i < RUNNING + QUEUED; i++) {
		test_receive(fds[i], &answer);
		assert_int_equal(test_status(&answer), 200);
		assert_non_null(strstr(answer.text, "waited"));
		assert_true(answer.is_closed);
		close(fds[i]);
	}
	test_receive(half, &answer);
	assert_int_equal(answer.len, 0);
	close(half);
	pthread_join(stopper, NULL);
	server.http = NULL;
	test_server_stop(&server);
}

static void stopping_waits_no_longer_than_it_must(void **state)
{
	struct test_server server;
	struct http_options options = {.limits = {.stop_time_ms = 50}, .worker_threads = 1};
	pthread_t stopper;
	(void)state;
	test_server_start(&server, &options);
	/* A handler that outlasts the time for stopping, one more behind it, and a body that never
	 * ends. */
	int first = test_connect(server.port), second = test_connect(server.port),
	    third = test_connect(server.port);
	assert_true(test_send(first, STR("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")));
	test_gate_await(&server, 1);
	assert_true(test_send(second, STR("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")));
	assert_true(test_send(third, STR("POST /echo HTTP/1.1\r\nHost: a\r\n" JSON
					 "Content-Length: 9\r\n\r\n{")));
	sleep_ms(100);
	assert_int_equal(pthread_create(&stopper, NULL, stop, server.http), 0);
	sleep_ms(200);
	test_gate_open(&server);
	pthread_join(stopper, NULL);
	test_receive(third, &answer);
	assert_int_equal(answer.len, 0);
	assert_true(answer.is_closed);
	close(first);
	close(second);
	close(third);
	server.http = NULL;
	test_server_stop(&server);
}

static void paths_and_queries_are_not_logged(void **state)
{
	struct test_server server;
	struct http_options options = {0};
	struct log_capture log;
	(void)state;
	log_capture_begin(&log);
	test_server_start(&server, &options);
	test_talk(server.port,
		  STR("GET /message/SECRET?token=SECRET HTTP/1.0\r\nReferer: SECRET\r\n\r\n"),
		  &answer);
	test_talk(server.port, STR("GET /register/SECRET HTTP/1.0\r\n\r\n"), &answer);
	test_talk(server.port, STR("GET /SECRET HTTP/1.9\r\nHost: a\r\n\r\n"), &answer);
	test_server_stop(&server);
	const char *text = log_capture_end(&log);
	assert_true(*text != '\0');
	assert_non_null(strstr(text, "method=GET route=/message/{id} status=200 bytes=6 ms="));
	assert_non_null(strstr(text, "method=GET route=none status=404"));
	assert_non_null(strstr(text, "method=GET route=none status=505"));
	assert_null(strstr(text, "SECRET"));
}

static void who_was_refused_is_logged(void **state)
{
	struct test_server server;
	struct http_options options = {.trusted_proxies = STR("127.0.0.1")};
	struct log_capture log;
	(void)state;
	log_capture_begin(&log);
	test_server_start(&server, &options);
	test_talk(server.port, STR("GET /hello HTTP/1.0\r\nX-Forwarded-For: 203.0.113.7\r\n\r\n"),
		  &answer);
	test_talk(server.port, STR("GET /none HTTP/1.0\r\nX-Forwarded-For: 203.0.113.8\r\n\r\n"),
		  &answer);
	test_talk(server.port, STR("GET / HTTP/1.9\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n"),
		  &answer);
	test_server_stop(&server);
	const char *text = log_capture_end(&log);
	assert_true(*text != '\0');
	assert_null(strstr(text, "203.0.113.7"));
	assert_non_null(strstr(text, "remote=203.0.113.8"));
	assert_non_null(strstr(text, "remote=203.0.113.9"));
}

static void a_forgotten_proxy_is_reported_once(void **state)
{
	static const struct {
		const char *what, *trusted;
		struct str bytes;
		bool is_reported;
	} rows[] = {
		{"it is not trusted", "",
		 STR("GET /hello HTTP/1.0\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n"), true},
		{"it is trusted", "127.0.0.1",
		 STR("GET /hello HTTP/1.0\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n"), false},
		{"there is none", "", STR("GET /hello HTTP/1.0\r\n\r\n"), false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct test_server server;
		struct http_options options = {.trusted_proxies = str_of(rows[i].trusted)};
		struct log_capture log;
		log_capture_begin(&log);
		test_server_start(&server, &options);
		for (int time = 0; time < 2; time++)
			test_talk(server.port, rows[i].bytes, &answer);
		test_server_stop(&server);
		const char *text = log_capture_end(&log);
		assert_true(*text != '\0');
		const char *first = strstr(text, "http.proxy_not_trusted");
		if ((first != NULL) != rows[i].is_reported)
			fail_msg("%s: %s", rows[i].what, text);
		if (first && strstr(first + 1, "http.proxy_not_trusted"))
			fail_msg("%s: twice", rows[i].what);
	}
}

static void what_cannot_be_served_is_said_at_start(void **state)
{
	struct test_server server;
	struct http_options options = {0};
	struct http_server *other = NULL;
	char taken[40];
	(void)state;
	test_server_start(&server, &options);
	snprintf(taken, sizeof(taken), "127.0.0.1:%d", server.port);
	static const struct {
		const char *listen;
		enum err err;
	} rows[] = {
		{"", ERR_INVALID},
		{"8080", ERR_INVALID},
		{"127.0.0.1", ERR_INVALID},
		{"127.0.0.1:", ERR_INVALID},
		{"127.0.0.1:65536", ERR_INVALID},
		{"127.0.0.1:-1", ERR_INVALID},
		{"::1:80", ERR_INVALID},
		{"[::1:80", ERR_INVALID},
		{"example.com:80", ERR_INVALID},
		{"192.0.2.1:0", ERR_UNAVAILABLE},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		options.listen = str_of(rows[i].listen);
		if (http_server_start(&server.site, &options, &other) != rows[i].err)
			fail_msg("%s", rows[i].listen);
	}
	options.listen = str_of(taken);
	assert_int_equal(http_server_start(&server.site, &options, &other), ERR_UNAVAILABLE);
	options.listen = STR("127.0.0.1:0");
	options.trusted_proxies = STR("proxy");
	assert_int_equal(http_server_start(&server.site, &options, &other), ERR_INVALID);
	static const struct route unstated = {.path = "/"};
	struct site bad = server.site;
	bad.routes = &unstated;
	bad.route_count = 1;
	options.trusted_proxies = STR_NONE;
	assert_int_equal(http_server_start(&bad, &options, &other), ERR_INTERNAL);
	assert_null(other);
	test_server_stop(&server);
}

static void all_addresses_and_localhost(void **state)
{
	static const char *const places[] = {":0", "localhost:0"};
	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct test_server server;
		struct http_options options = {.listen = str_of(places[i])};
		test_server_start(&server, &options);
		/* An IPv4 client of the IPv6 socket is told by its IPv4 address. */
		test_talk(server.port, STR("GET /whoami HTTP/1.0\r\n\r\n"), &answer);
		assert_non_null(strstr(answer.text, "\r\n\r\n127.0.0.1 http"));
		test_server_stop(&server);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dripping_clients_are_cut),
		cmocka_unit_test(the_second_request_may_not_drip_either),
		cmocka_unit_test(patience_is_not_punished),
		cmocka_unit_test(our_own_slowness_is_nobodys_fault),
		cmocka_unit_test(one_address_holds_so_many_connections),
		cmocka_unit_test(a_full_password_lane_says_so_at_once),
		cmocka_unit_test(a_full_lane_for_documents_says_so_at_once),
		cmocka_unit_test(whose_document_has_queued_for_long_is_told_to_come_back),
		cmocka_unit_test(only_trusted_proxies_are_believed),
		cmocka_unit_test(stopping_finishes_what_runs),
		cmocka_unit_test(stopping_waits_no_longer_than_it_must),
		cmocka_unit_test(paths_and_queries_are_not_logged),
		cmocka_unit_test(who_was_refused_is_logged),
		cmocka_unit_test(a_forgotten_proxy_is_reported_once),
		cmocka_unit_test(what_cannot_be_served_is_said_at_start),
		cmocka_unit_test(all_addresses_and_localhost),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
