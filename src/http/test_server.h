/* For tests: a real server on loopback with a few routes, and a client that sends raw bytes.
 *
 *   GET /hello  "hello"         POST /echo  JSON, at most 1000 bytes, sent back      GET /whoami
 * address, http or https GET /wait, POST /password   answer "waited" once the gate is open GET
 * /message/{id}  the id
 *   GET /long  TEST_LONG_BYTES         POST /upload  at most 1 MiB, "taken"         POST
 * /upload-long the same, answered with TEST_LONG_BYTES         POST /letter, POST /api-letter   at
 * most 1 MiB, for who is signed in, which nobody is */
#pragma once

#include "http/server.h"

struct test_gate; /* what /wait and /password wait for */

struct test_server {
	struct http_server *http;
	struct test_gate *gate;
	struct site site;
	int port;
};

enum {
	TEST_ANSWER_BYTES = 256 * 1024,
	TEST_LONG_BYTES = 12 << 20,
	TEST_LONG_HELD_BYTES =
		16 << 20, /* in the server, until it is read: buffers grow by doubling */
};

struct test_answer {
	char text[TEST_ANSWER_BYTES]; /* everything until the server closed; NUL-terminated */
	size_t len;
	bool is_closed; /* false: the server kept the connection open for five seconds */
};

/* options->listen defaults to 127.0.0.1:0. Fails the test on trouble. */
void test_server_start(struct test_server *server, const struct http_options *options);
void test_server_stop(struct test_server *server);
/* Waits until so many handlers stand at the gate. */
void test_gate_await(struct test_server *server, int waiting);
void test_gate_open(struct test_server *server);

int test_connect(int port);
/* A client whose kernel holds about so many bytes for it; 0: as many as it likes. */
int test_connect_narrow(int port, int room_bytes);
/* False when the server has closed. */
bool test_send(int fd, struct str bytes);
/* Reads until the server closes. */
void test_receive(int fd, struct test_answer *ret);
/* Reads until `wanted` has arrived; fails the test when it does not. */
void test_receive_until(int fd, const char *wanted, struct test_answer *ret);
/* All of it on a new connection. */
void test_talk(int port, struct str bytes, struct test_answer *ret);
/* How many answers are in it, and the status of the first (0: none). */
int test_count(const struct test_answer *answer);
int test_status(const struct test_answer *answer);
