#include "http/exchange.h"

#include "base/clock.h"
#include "base/id.h"
#include "base/limits.h"
#include "base/log.h"
#include "http/answer.h"
#include "http/connection.h"
#include "http/dispatch.h"
#include "http/guard.h"
#include "http/head.h"
#include "http/security.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum step {
	STEP_HEADER,   /* libmicrohttpd has not shown the header yet */
	STEP_BODY,     /* collecting, or there is none */
	STEP_WORKER,   /* suspended */
	STEP_ANSWERED, /* answer is set, or NULL to close without one */
};

enum {
	REFUSED_BODY_BYTES =
		1 << 20, /* a body that grew too large is read on so far, so that the 413 arrives */
	RETRY_AFTER_S = 5,
};

struct exchange {
	struct pool_job job;
	struct wire *wire;
	struct connection *connection;
	struct MHD_Connection *mhd;
	struct arena arena;
	struct request request;
	struct response response;
	struct str target; /* of the request line, before libmicrohttpd cuts it up */
	const struct route *route;
	const struct asset *asset;
	struct refusal refusal;
	struct framing framing;
	struct buf body;
	struct intake_share share;
	size_t surplus_bytes;
	size_t pool_bytes; /* of libmicrohttpd's memory for this connection, taken by the header */
	struct id id;
	int64_t started_us;
	enum step step;
	struct MHD_Response *answer;
};

static int64_t monotonic_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void *exchange_request_line(void *cls, const char *uri, struct MHD_Connection *mhd)
{
	struct exchange *x = calloc(1, sizeof(*x));
	if (x == NULL)
		return NULL;
	x->wire = cls;
	x->mhd = mhd;
	x->started_us = monotonic_us();
	arena_init(&x->arena, LIMIT_REQUEST_ARENA);
	x->target = arena_copy(&x->arena, str_of(uri));
	/* libmicrohttpd would cut the query into arguments, each with a record in its small pool.
	 * An empty one spares that. */
	char *query = strchr((char *)(uintptr_t)uri, '?');
	if (query)
		query[1] = '\0';
	return x;
}

/* ---- the answer ---- */

static const char *log_name(const struct exchange *x)
{
	if (x->asset)
		return "asset";
	return x->route ? x->route->path : "none";
}

/* What only making the answer needs. Waiting for the client to read it may take long. */
static void release_request(struct exchange *x)
{
	x->request.body = STR_NONE;
	buf_release(&x->body);
	intake_release(&x->wire->intake, &x->share);
	arena_release(&x->arena);
}

static void finish(struct exchange *x)
{
	struct response *res = &x->response;
	/* What libmicrohttpd tolerates in chunks (extensions, bare LF) must not reach a second
	 * request. */
	bool must_close = x->framing.is_chunked;
	size_t room_bytes = x->pool_bytes < GUARD_POOL_BYTES ? GUARD_POOL_BYTES - x->pool_bytes : 0;
	x->answer = answer_build(res, room_bytes, must_close);
	x->step = STEP_ANSWERED;
	log_event(LOG_INFO, "http.request", LOG_STR("method", method_name(x->request.method)),
		  LOG_CSTR("route", log_name(x)), LOG_INT("status", res->status),
		  LOG_INT("bytes", (int64_t)answer_body(res).len),
		  LOG_INT("ms", (monotonic_us() - x->started_us) / 1000));
	release_request(x);
}

static void run_in_worker(struct pool_job *job)
{
	struct exchange *x = (struct exchange *)job;
	struct MHD_Connection *mhd = x->mhd;
	log_set_request(x->request.id);
	if (x->refusal.status != 0)
		dispatch_refuse(x->wire->site, &x->refusal, &x->request, &x->response);
	else
		dispatch(x->wire->site, x->route, &x->request, &x->response);
	finish(x);
	log_set_request(STR_NONE);
	/* From here on x may be gone. */
	MHD_resume_connection(mhd);
}

static void serve_asset(struct exchange *x)
{
	log_set_request(x->request.id);
	asset_respond(x->asset, &x->request, &x->response);
	security_headers(x->wire->site, &x->request, &x->response);
	finish(x);
	log_set_request(STR_NONE);
}

static enum MHD_Result queue_answer(struct exchange *x)
{
	if (x->answer == NULL)
		return MHD_NO;
	if (x->connection)
		deadline_enter(&x->connection->deadline, PHASE_SENDING);
	return MHD_queue_response(x->mhd, (unsigned)x->response.status, x->answer);
}

static enum MHD_Result hand_over(struct exchange *x)
{
	bool is_password = x->refusal.status == 0 && x->route->lane == LANE_PASSWORD;
	enum err err = ERR_BUSY;
	if (x->connection)
		deadline_enter(&x->connection->deadline, PHASE_BUSY);
	x->step = STEP_WORKER;
	MHD_suspend_connection(x->mhd);
	if (is_password)
		err = pool_submit(x->wire->password_workers, &x->job);
	if (is_password && err == ERR_BUSY)
		x->refusal = (struct refusal){.status = 429,
					      .err = ERR_BUSY,
					      .surface = x->route->surface,
					      .retry_after_s = RETRY_AFTER_S};
	if (err == ERR_BUSY)
		err = pool_submit(x->wire->workers, &x->job);
	if (err != OK) {
		/* The server is stopping: close without an answer. */
		x->step = STEP_ANSWERED;
		MHD_resume_connection(x->mhd);
	}
	return MHD_YES;
}

/* ---- the request ---- */

static void refuse(struct exchange *x, int status, enum err err)
{
	x->refusal.status = status;
	x->refusal.err = err;
}

static void refuse_for_now(struct exchange *x)
{
	refuse(x, 503, ERR_UNAVAILABLE);
	x->refusal.retry_after_s = RETRY_AFTER_S;
}

static void find_handler(struct exchange *x)
{
	const struct site *site = x->wire->site;
	struct request *req = &x->request;
	bool is_read = req->method == METHOD_GET || req->method == METHOD_HEAD;
	x->refusal.surface = dispatch_surface(site, req->path);
	x->asset = asset_find(site->assets, site->asset_count, req->path);
	if (x->asset) {
		x->refusal.allowed = STR("GET, HEAD");
		if (!is_read)
			refuse(x, 405, ERR_INVALID);
		else if (x->framing.has_body)
			refuse(x, 413, ERR_TOO_LARGE);
		return;
	}
	x->route = route_find(site, req, &x->refusal.allowed);
	if (x->route == NULL && x->refusal.allowed.len > 0)
		refuse(x, 405, ERR_INVALID);
	else if (x->route == NULL)
		refuse(x, 404, ERR_NOT_FOUND);
	else if (x->framing.content_length > (int64_t)x->route->body_max ||
		 (x->framing.is_chunked && x->route->body_max == 0))
		refuse(x, 413, ERR_TOO_LARGE);
}

/* A proxy adds its line to what the client sent, as HAProxy does, or its word to the line: so all
 * lines are read, from the right. */
static void believe_proxy(struct exchange *x)
{
	const struct proxies *proxies = &x->wire->proxies;
	struct request *req = &x->request;
	struct str forwarded_for = request_header_list(req, "X-Forwarded-For");
	if (!proxies_trust(proxies, req->remote)) {
		if (forwarded_for.len > 0 && proxy_is_loopback(req->remote) &&
		    !atomic_exchange(&x->wire->is_proxy_reported, true))
			log_event(LOG_WARN, "http.proxy_not_trusted",
				  LOG_STR("address", req->remote),
				  LOG_CSTR("setting", "trusted-proxies"));
		return;
	}
	struct str proto = proxy_last(request_header_list(req, "X-Forwarded-Proto"));
	req->is_tls = req->is_tls || str_eq(proto, STR("https"));
	req->remote = proxies_client(proxies, req->remote, forwarded_for);
}

/* Whether the body may come at all. */
static void expect_body(struct exchange *x)
{
	struct wire *wire = x->wire;
	struct intake_share *share = &x->share;
	share->is_large = x->route->body_max > LIMIT_BODY_SMALL &&
			  (x->framing.is_chunked || x->framing.content_length > LIMIT_BODY_SMALL);
	share->is_network_bound = share->is_large &&
				  !proxies_stand_for_many(&wire->proxies, x->request.remote) &&
				  proxy_client_network(x->request.remote, &share->network);
	if (share->is_large && !dispatch_may_be_admitted(x->route, &x->request))
		refuse(x, 401, ERR_DENIED);
	else if (!intake_reserve(&wire->intake, share, x->framing.content_length))
		refuse_for_now(x);
}

static enum MHD_Result take_header(struct exchange *x, struct message_head *head)
{
	struct request *req = &x->request;
	int status = guard_refusal(head, &x->framing);
	x->pool_bytes = guard_pool_bytes(head);
	if (status == 0 && !guard_is_contiguous(head))
		status = 400;
	head_trim(head);
	believe_proxy(x);
	req->method = method_parse(head->method);
	head_split_target(head->target, &req->path, &req->query);
	if (status != 0)
		refuse(x, status, status == 431 || status == 414 ? ERR_TOO_LARGE : ERR_INVALID);
	else
		find_handler(x);
	buf_init(&x->body, x->route ? x->route->body_max : 0);
	if (status == 0 && !x->framing.has_body)
		return MHD_YES;
	if (x->refusal.status == 0)
		expect_body(x);
	/* An answer before the body closes the connection, which is what is wanted here: nothing
	 * that follows can be trusted to be a request. */
	if (x->refusal.status != 0)
		return hand_over(x);
	if (x->connection)
		deadline_enter(&x->connection->deadline, PHASE_BODY);
	return MHD_YES;
}

static void collect(struct exchange *x, struct str bytes)
{
	if (!intake_reserve(&x->wire->intake, &x->share, (int64_t)(x->body.len + bytes.len))) {
		refuse_for_now(x);
	} else {
		buf_add(&x->body, bytes);
		if (x->body.err != OK)
			refuse(x, x->body.err == ERR_TOO_LARGE ? 413 : 503, x->body.err);
	}
	if (x->refusal.status != 0) {
		buf_release(&x->body);
		intake_release(&x->wire->intake, &x->share);
	}
}

static enum MHD_Result take_body(struct exchange *x, const char *data, size_t *size)
{
	if (x->connection)
		deadline_count_body(&x->connection->deadline, *size);
	if (x->refusal.status == 0)
		collect(x, str_bytes(data, *size));
	if (x->refusal.status != 0)
		x->surplus_bytes += *size;
	*size = 0;
	return x->surplus_bytes > REFUSED_BODY_BYTES ? MHD_NO : MHD_YES;
}

static enum MHD_Result body_complete(struct exchange *x)
{
	x->request.body = buf_str(&x->body);
	if (x->asset && x->refusal.status == 0) {
		serve_asset(x);
		return queue_answer(x);
	}
	return hand_over(x);
}

static void set_up(struct exchange *x)
{
	struct wire *wire = x->wire;
	x->connection = connection_of(x->mhd);
	x->job.run = run_in_worker;
	x->id = id_new(clock_now_ms(&clock_system));
	buf_init(&x->response.body, LIMIT_RESPONSE_BYTES);
	x->response.status = 200;
	x->response.content_type = STR("text/html; charset=utf-8");
	x->response.arena = &x->arena;
	x->request.arena = &x->arena;
	x->request.id = id_str(&x->id);
	x->request.is_tls = wire->tls != NULL;
	x->request.remote = x->connection ? str_of(x->connection->peer) : STR_NONE;
	x->step = STEP_BODY;
	wire->open++;
}

static enum MHD_Result begin(struct exchange *x, const char *url, const char *method,
			     const char *version)
{
	struct request *req = &x->request;
	struct message_head head = {.method = str_of(method),
				    .target = x->target,
				    .target_at = url,
				    .version = str_of(version)};
	set_up(x);
	head_collect(x->mhd, &x->arena, &head);
	if (x->arena.failed || x->wire->is_stopping || (x->connection && x->connection->is_refused))
		return MHD_NO;
	req->headers = head.headers;
	req->header_count = head.header_count;
	return take_header(x, &head);
}

enum MHD_Result exchange_step(void *cls, struct MHD_Connection *mhd, const char *url,
			      const char *method, const char *version, const char *data,
			      size_t *size, void **context)
{
	struct exchange *x = *context;
	(void)cls;
	(void)mhd;
	if (x == NULL)
		return MHD_NO;
	switch (x->step) {
	case STEP_HEADER: return begin(x, url, method, version);
	case STEP_BODY: return *size > 0 ? take_body(x, data, size) : body_complete(x);
	case STEP_ANSWERED: return queue_answer(x);
	default: return MHD_NO;
	}
}

void exchange_completed(void *cls, struct MHD_Connection *mhd, void **context,
			enum MHD_RequestTerminationCode code)
{
	struct exchange *x = *context;
	(void)cls;
	(void)mhd;
	(void)code;
	if (x == NULL)
		return;
	if (x->connection)
		deadline_enter(&x->connection->deadline, PHASE_WAITING);
	if (x->step != STEP_HEADER)
		x->wire->open--;
	if (x->answer)
		MHD_destroy_response(x->answer);
	release_request(x);
	buf_release(&x->response.body);
	free(x);
	*context = NULL;
}
