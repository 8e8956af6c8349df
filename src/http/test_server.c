#include "http/test_server.h"

#include "core/cx.h"
#include "core/session.h"
#include "http/test_sink.h"
#include "http/test_stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATIENCE_S = 5 };

struct test_gate {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int waiting;
	bool is_open;
};

/* The gate travels where a portal would be. */
static struct test_gate *gate_of(const struct cx *cx)
{
	return (struct test_gate *)(void *)cx->portal;
}

static enum err hello(struct cx *cx, const struct request *req, struct response *res)
{
	(void)cx;
	(void)req;
	buf_add(&res->body, STR("hello"));
	return OK;
}

static enum err echo(struct cx *cx, const struct request *req, struct response *res)
{
	(void)cx;
	res->content_type = STR("application/json");
	buf_add(&res->body, req->body);
	return OK;
}

static enum err who_am_i(struct cx *cx, const struct request *req, struct response *res)
{
	buf_add(&res->body, cx->remote);
	buf_add(&res->body, req->is_tls ? STR(" https") : STR(" http"));
	return OK;
}

static enum err message(struct cx *cx, const struct request *req, struct response *res)
{
	(void)cx;
	buf_add(&res->body, req->params[0]);
	return OK;
}

static enum err wait_at_gate(struct cx *cx, const struct request *req, struct response *res)
{
	struct test_gate *gate = gate_of(cx);
	(void)req;
	pthread_mutex_lock(&gate->lock);
	gate->waiting++;
	pthread_cond_broadcast(&gate->changed);
	while (!gate->is_open)
		pthread_cond_wait(&gate->changed, &gate->lock);
	gate->waiting--;
	pthread_mutex_unlock(&gate->lock);
	buf_add(&res->body, STR("waited"));
	return OK;
}

static enum err take_upload(struct cx *cx, const struct request *req, struct response *res)
{
	(void)cx;
	(void)req;
	buf_add(&res->body, STR("taken"));
	return OK;
}

static enum err say_much(struct cx *cx, const struct request *req, struct response *res)
{
	(void)cx;
	(void)req;
	char *room = buf_reserve(&res->body, TEST_LONG_BYTES);
	if (room == NULL)
		return res->body.err;
	memset(room, 'x', TEST_LONG_BYTES);
	res->body.len += TEST_LONG_BYTES;
	return OK;
}

static enum err authenticate(struct cx *cx, const struct request *req, enum surface surface)
{
	(void)cx;
	(void)req;
	(void)surface;
	return OK;
}

static void refuse(struct cx *cx, const struct request *req, struct response *res,
		   enum surface surface, enum err err)
{
	(void)cx;
	(void)req;
	if (surface == SURFACE_API)
		res->content_type = STR("application/problem+json");
	buf_addf(&res->body, "refused: %s", err_name(err));
}

static void ask_to_sign_in(struct cx *cx, const struct request *req, struct response *res)
{
	(void)cx;
	(void)req;
	response_redirect(res, STR("/sign-in"));
}

/* Nobody signs in here. */
void session_release(struct session *session)
{
	(void)session;
}

static const struct route routes[] = {
	{.method = METHOD_GET, .path = "/hello", .access = ACCESS_ANYONE, .handle = hello},
	{.method = METHOD_GET, .path = "/whoami", .access = ACCESS_ANYONE, .handle = who_am_i},
	{.method = METHOD_GET, .path = "/message/{id}", .access = ACCESS_ANYONE, .handle = message},
	{.method = METHOD_GET, .path = "/wait", .access = ACCESS_ANYONE, .handle = wait_at_gate},
	{.method = METHOD_POST,
	 .path = "/echo",
	 .access = ACCESS_ANYONE,
	 .surface = SURFACE_API,
	 .body = BODY_JSON,
	 .body_max = 1000,
	 .handle = echo},
	{.method = METHOD_POST,
	 .path = "/password",
	 .access = ACCESS_ANYONE,
	 .surface = SURFACE_API,
	 .lane = LANE_PASSWORD,
	 .body = BODY_JSON,
	 .body_max = 1000,
	 .handle = wait_at_gate},
	{.method = METHOD_POST,
	 .path = "/documents",
	 .access = ACCESS_ANYONE,
	 .surface = SURFACE_API,
	 .lane = LANE_DOCUMENTS,
	 .body = BODY_JSON,
	 .body_max = 1000,
	 .handle = wait_at_gate},
	{.method = METHOD_GET,
	 .path = "/bulk",
	 .access = ACCESS_ANYONE,
	 .handle = test_stream_bulk},
	{.method = METHOD_GET,
	 .path = "/known",
	 .access = ACCESS_ANYONE,
	 .handle = test_stream_known},
	{.method = METHOD_GET,
	 .path = "/broken",
	 .access = ACCESS_ANYONE,
	 .handle = test_stream_broken},
	{.method = METHOD_GET,
	 .path = "/live",
	 .access = ACCESS_ANYONE,
	 .handle = test_stream_live},
	{.method = METHOD_POST,
	 .path = "/sink",
	 .access = ACCESS_ANYONE,
	 .surface = SURFACE_API,
	 .body = BODY_STREAM,
	 .handle = test_sink},
	{.method = METHOD_PATCH,
	 .path = "/sink",
	 .access = ACCESS_ANYONE,
	 .surface = SURFACE_API,
	 .body = BODY_STREAM,
	 .may_override = true,
	 .handle = test_sink},
	{.method = METHOD_GET, .path = "/long", .access = ACCESS_ANYONE, .handle = say_much},
	{.method = METHOD_POST,
	 .path = "/upload",
	 .access = ACCESS_ANYONE,
	 .surface = SURFACE_API,
	 .body = BODY_JSON,
	 .body_max = 1 << 20,
	 .handle = take_upload},
	{.method = METHOD_POST,
	 .path = "/upload-long",
	 .access = ACCESS_ANYONE,
	 .surface = SURFACE_API,
	 .body = BODY_JSON,
	 .body_max = 1 << 20,
	 .handle = say_much},
	{.method = METHOD_POST,
	 .path = "/letter",
	 .access = ACCESS_SIGNED_IN,
	 .body = BODY_FORM,
	 .body_max = 1 << 20,
	 .handle = take_upload},
	{.method = METHOD_POST,
	 .path = "/api-letter",
	 .access = ACCESS_SIGNED_IN,
	 .surface = SURFACE_API,
	 .body = BODY_JSON,
	 .body_max = 1 << 20,
	 .handle = take_upload},
};
static const struct asset assets[] = {
	{"/assets/a.css", "text/css", STR("plain text"), STR("zipped"), "\"e1\""},
};

void test_server_start(struct test_server *server, const struct http_options *options)
{
	struct http_options used = *options;
	struct test_gate *gate = calloc(1, sizeof(*gate));
	assert_non_null(gate);
	pthread_mutex_init(&gate->lock, NULL);
	pthread_cond_init(&gate->changed, NULL);
	server->gate = gate;
	server->site = (struct site){
		.routes = routes,
		.route_count = sizeof(routes) / sizeof(routes[0]),
		.assets = assets,
		.asset_count = sizeof(assets) / sizeof(assets[0]),
		.portal = (struct portal *)(void *)gate,
		.public_origin = STR("http://mail.example.com"),
		.authenticate = authenticate,
		.refuse = refuse,
		.ask_to_sign_in = ask_to_sign_in,
	};
	if (str_is_empty(used.listen))
		used.listen = STR("127.0.0.1:0");
	assert_int_equal(http_server_start(&server->site, &used, &server->http), OK);
	server->port = http_server_port(server->http);
}

void test_server_stop(struct test_server *server)
{
	http_server_free(server->http);
	pthread_cond_destroy(&server->gate->changed);
	pthread_mutex_destroy(&server->gate->lock);
	free(server->gate);
}

void test_gate_await(struct test_server *server, int waiting)
{
	pthread_mutex_lock(&server->gate->lock);
	while (server->gate->waiting < waiting)
		pthread_cond_wait(&server->gate->changed, &server->gate->lock);
	pthread_mutex_unlock(&server->gate->lock);
}

void test_gate_open(struct test_server *server)
{
	pthread_mutex_lock(&server->gate->lock);
	server->gate->is_open = true;
	pthread_cond_broadcast(&server->gate->changed);
	pthread_mutex_unlock(&server->gate->lock);
}

int test_connect(int port)
{
	return test_connect_narrow(port, 0);
}

int test_connect_narrow(int port, int room_bytes)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};
	struct timeval patience = {.tv_sec = PATIENCE_S};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (room_bytes > 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room_bytes, sizeof(room_bytes));
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

bool test_send(int fd, struct str bytes)
{
	while (bytes.len > 0) {
		ssize_t sent = send(fd, bytes.data, bytes.len, MSG_NOSIGNAL);
		if (sent <= 0)
			return false;
		bytes = str_slice(bytes, (size_t)sent, bytes.len);
	}
	return true;
}

/* Closing with unread bytes in its buffer makes the server's kernel send a reset, which is a close
 * like any other. */
static void receive(int fd, const char *wanted, struct test_answer *ret)
{
	ret->len = 0;
	ret->text[0] = '\0';
	ret->is_closed = false;
	while (ret->len < TEST_ANSWER_BYTES - 1) {
		ssize_t got = recv(fd, ret->text + ret->len, TEST_ANSWER_BYTES - 1 - ret->len, 0);
		if (got <= 0) {
			ret->is_closed = got == 0 || errno == ECONNRESET;
			return;
		}
		ret->len += (size_t)got;
		ret->text[ret->len] = '\0';
		if (wanted && strstr(ret->text, wanted))
			return;
	}
}

void test_receive(int fd, struct test_answer *ret)
{
	receive(fd, NULL, ret);
}

void test_receive_until(int fd, const char *wanted, struct test_answer *ret)
{
	receive(fd, wanted, ret);
	if (strstr(ret->text, wanted) == NULL)
		fail_msg("waited for '%s', got '%s'", wanted, ret->text);
}

void test_talk(int port, struct str bytes, struct test_answer *ret)
{
	int fd = test_connect(port);
	(void)test_send(fd, bytes);
	test_receive(fd, ret);
	close(fd);
}

int test_count(const struct test_answer *answer)
{
	int count = 0;
	for (const char *at = answer->text; (at = strstr(at, "HTTP/1.1 ")) != NULL; at++)
		count++;
	return count;
}

int test_status(const struct test_answer *answer)
{
	static const struct str version = STR("HTTP/1.1 ");
	struct str text = str_bytes(answer->text, answer->len);
	int64_t status = 0;
	if (!str_starts_with(text, version) ||
	    !str_to_int(str_slice(text, version.len, 3), &status))
		return 0;
	return (int)status;
}
