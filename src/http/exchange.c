#include "base/clock.h"
#include "base/id.h"
#include "base/limits.h"
#include "base/log.h"
#include "core/session.h"
#include "http/exchange_parts.h"
#include "http/head.h"
#include "http/security.h"
#include "http/streams.h"

#include <stdlib.h>
#include <string.h>

void *exchange_request_line(void *cls, const char *uri, struct MHD_Connection *mhd)
{
	struct exchange *x = calloc(1, sizeof(*x));
	if (x == NULL)
		return NULL;
	x->wire = cls;
	x->mhd = mhd;
	x->started_us = clock_monotonic_us();
	arena_init(&x->arena, LIMIT_REQUEST_ARENA);
	x->target = arena_copy(&x->arena, str_of(uri));
	/* libmicrohttpd would cut the query into arguments, each with a record in its small pool.
	 * An empty one spares that. */
	char *query = strchr((char *)(uintptr_t)uri, '?');
	if (query)
		query[1] = '\0';
	return x;
}

static enum lane lane_of(const struct exchange *x)
{
	return x->triage.refusal.status == 0 ? x->triage.route->lane : LANE_NORMAL;
}

/* Most have gone away by then, and those who have not would wait for their place as long again. */
static void refuse_if_late(struct exchange *x)
{
	int64_t waited_us = clock_monotonic_us() - x->queued_us;
	if (lane_of(x) == LANE_DOCUMENTS && waited_us > x->wire->document_wait_ms * INT64_C(1000))
		triage_refuse(&x->triage, 503, ERR_BUSY);
}

static void answer(struct exchange *x)
{
	refuse_if_late(x);
	if (x->triage.refusal.status != 0)
		dispatch_refuse(x->wire->site, &x->triage.refusal, &x->request, &x->response);
	else
		dispatch(x->wire->site, x->triage.route, &x->request, &x->response);
	exchange_reserve_answer(x);
	exchange_finish(x);
}

/* Of the body nothing has been asked for yet. */
static void answer_before_body(struct exchange *x)
{
	if (exchange_has_sink(x)) {
		exchange_open_sink(x);
	} else {
		dispatch_refuse(x->wire->site, &x->triage.refusal, &x->request, &x->response);
		exchange_answer_early(x);
	}
}

static void act_in_worker(struct pool_job *job, void (*act)(struct exchange *x))
{
	struct exchange *x = (struct exchange *)job;
	struct MHD_Connection *mhd = x->mhd;
	log_set_request(x->request.id);
	act(x);
	log_set_request(STR_NONE);
	/* From here on x may be gone. */
	MHD_resume_connection(mhd);
}

static void run_answer(struct pool_job *job)
{
	act_in_worker(job, answer);
}

static void run_before_body(struct pool_job *job)
{
	act_in_worker(job, answer_before_body);
}

static void serve_asset(struct exchange *x)
{
	log_set_request(x->request.id);
	asset_respond(x->triage.asset, &x->request, &x->response);
	security_headers(x->wire->site, &x->request, &x->response);
	exchange_finish(x);
	log_set_request(STR_NONE);
}

/* Into the queue of its own workers; who is refused there is told so by the others. */
static enum err submit(struct exchange *x)
{
	struct wire *wire = x->wire;
	struct pool *own[] = {[LANE_PASSWORD] = wire->password_workers,
			      [LANE_DOCUMENTS] = wire->document_workers};
	static const int full[] = {[LANE_PASSWORD] = 429, [LANE_DOCUMENTS] = 503};
	enum lane lane = lane_of(x);
	if (lane != LANE_NORMAL) {
		enum err err = pool_submit(own[lane], &x->job);
		if (err != ERR_BUSY)
			return err;
		triage_refuse(&x->triage, full[lane], ERR_BUSY);
	}
	return pool_submit(wire->workers, &x->job);
}

static enum MHD_Result hand_over(struct exchange *x)
{
	exchange_enter_phase(x, PHASE_BUSY);
	x->step = STEP_WORKER;
	x->queued_us = clock_monotonic_us();
	MHD_suspend_connection(x->mhd);
	enum err err = submit(x);
	if (err != OK) {
		/* The server is stopping: close without an answer. */
		x->step = STEP_ANSWERED;
		MHD_resume_connection(x->mhd);
	}
	return MHD_YES;
}

/* ---- the request ---- */

static enum MHD_Result take_header(struct exchange *x, struct message_head *head)
{
	const struct triage *triage = &x->triage;
	x->pool_bytes = guard_pool_bytes(head);
	triage_header(x->wire, head, &x->request, &x->triage);
	x->request.body_bytes = guard_body_bytes(&triage->framing);
	intake_begin(&x->intake, &x->wire->bodies, &triage->body,
		     triage->route ? triage->route->body_max : 0);
	if (!triage->is_unframed && !triage->framing.has_body)
		return MHD_YES;
	/* An answer before the body closes the connection, which is what is wanted here: nothing
	 * that follows can be trusted to be a request. */
	if (triage->refusal.status != 0 || exchange_has_sink(x)) {
		x->job.run = run_before_body;
		return hand_over(x);
	}
	exchange_enter_phase(x, PHASE_BODY);
	return MHD_YES;
}

static enum MHD_Result take_body(struct exchange *x, struct str bytes)
{
	if (x->connection)
		deadline_count_body(&x->connection->deadline, bytes.len);
	if (x->triage.refusal.status == 0) {
		enum err err = intake_take(&x->intake, bytes);
		if (err == OK)
			return MHD_YES;
		triage_refuse(&x->triage, dispatch_status(err), err);
	}
	return intake_drop(&x->intake, bytes.len) ? MHD_YES : MHD_NO;
}

static enum MHD_Result body_complete(struct exchange *x)
{
	x->request.body = buf_str(&x->intake.body);
	if (x->triage.asset && x->triage.refusal.status == 0) {
		serve_asset(x);
		return exchange_queue_answer(x);
	}
	return hand_over(x);
}

static void set_up(struct exchange *x)
{
	struct wire *wire = x->wire;
	x->connection = connection_of(x->mhd);
	x->job.run = run_answer;
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
	x->is_http_1_1 = str_eq(head.version, STR("HTTP/1.1"));
	head_collect(x->mhd, &x->arena, &head);
	if (x->arena.failed || x->wire->is_stopping || (x->connection && x->connection->is_refused))
		return MHD_NO;
	req->headers = head.headers;
	req->header_count = head.header_count;
	return take_header(x, &head);
}

/* The first call after the handler has run brings nothing yet. */
static enum MHD_Result to_sink(struct exchange *x, const char *data, size_t *size)
{
	if (!x->is_body_open) {
		x->is_body_open = true;
		exchange_enter_phase(x, PHASE_BODY);
		return MHD_YES;
	}
	if (*size == 0)
		return exchange_sink_complete(x);
	struct str bytes = str_bytes(data, *size);
	enum MHD_Result result = exchange_give(x, &bytes);
	*size = bytes.len;
	return result;
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
	case STEP_BODY:
		if (*size == 0)
			return body_complete(x);
		struct str bytes = str_bytes(data, *size);
		*size = 0;
		return take_body(x, bytes);
	case STEP_SINK:
	case STEP_DROPPING: return to_sink(x, data, size);
	case STEP_ANSWERED: return exchange_queue_answer(x);
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
		deadline_hold(&x->connection->deadline, 0);
	exchange_enter_phase(x, PHASE_WAITING);
	if (x->step != STEP_HEADER)
		x->wire->open--;
	if (x->answer)
		MHD_destroy_response(x->answer);
	if (x->stream)
		stream_leave(x->stream);
	if (x->feed)
		feed_leave(x->feed);
	session_release(x->cx.session);
	exchange_release_request(x);
	buf_release(&x->response.body);
	budget_release(&x->wire->answers, &x->unread);
	free(x);
	*context = NULL;
}
