#include "base/clock.h"
#include "base/log.h"
#include "http/answer.h"
#include "http/exchange_parts.h"
#include "http/streams.h"

const char *exchange_log_name(const struct exchange *x)
{
	if (x->triage.asset)
		return "asset";
	return x->triage.route ? x->triage.route->path : "none";
}

/* What only making the answer needs. Waiting for the client to read it may take long. */
void exchange_release_request(struct exchange *x)
{
	x->request.body = STR_NONE;
	intake_release(&x->intake);
	arena_release(&x->arena);
}

void exchange_finish(struct exchange *x)
{
	struct response *res = &x->response;
	/* What libmicrohttpd tolerates in chunks (extensions, bare LF) must not reach a second
	 * request. */
	bool must_close = x->triage.framing.is_chunked;
	size_t room_bytes = x->pool_bytes < GUARD_POOL_BYTES ? GUARD_POOL_BYTES - x->pool_bytes : 0;
	if (x->stream)
		stream_attach(x->stream, x->mhd, x->connection, x->is_http_1_1);
	x->answer = answer_build(res, x->stream, room_bytes, must_close);
	/* libmicrohttpd 0.9.75 ends the chunks that a HEAD does not have. */
	if (x->answer && x->stream && x->request.method == METHOD_HEAD)
		MHD_set_response_options(x->answer, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
	x->step = STEP_ANSWERED;
	exchange_end(x);
}

void exchange_end(struct exchange *x)
{
	answer_log(&x->request, &x->response, exchange_log_name(x),
		   (clock_monotonic_us() - x->started_us) / 1000);
	exchange_release_request(x);
}

void exchange_refuse_instead(struct exchange *x, int status, const char *event)
{
	struct wire *wire = x->wire;
	log_event(LOG_WARN, event, LOG_CSTR("route", exchange_log_name(x)));
	triage_refuse(&x->triage, status, ERR_BUSY);
	buf_release(&x->response.body);
	dispatch_refuse(wire->site, &x->triage.refusal, &x->request, &x->response);
	budget_take(&wire->answers, &x->unread, (int64_t)x->response.body.capacity);
}

static enum err open_stream(struct exchange *x, struct stream_source *source)
{
	struct wire *wire = x->wire;
	struct network network;
	bool is_bound = !proxies_stand_for_many(&wire->proxies, x->request.remote) &&
			proxy_client_network(x->request.remote, &network);
	x->response.stream = NULL;
	return stream_open(wire->streams, source, is_bound ? &network : NULL, x->request.id,
			   &x->stream);
}

/* Without room for the answer, one that says so. */
void exchange_reserve_answer(struct exchange *x)
{
	struct response *res = &x->response;
	/* libmicrohttpd takes it for a POST, whose answer has a body. */
	if (x->request.is_overridden && x->request.method == METHOD_HEAD)
		response_release(res);
	if (res->stream && open_stream(x, res->stream) != OK) {
		exchange_refuse_instead(x, 429, "http.too_many_streams");
		return;
	}
	int64_t bytes = x->stream ? stream_bytes(x->stream) : (int64_t)res->body.capacity;
	bool may_refuse = x->stream || answer_can_be_asked_for_again(&x->request, res);
	if (answer_reserve(x->wire, &x->request, bytes, may_refuse, &x->unread))
		return;
	if (x->stream)
		stream_leave(x->stream);
	x->stream = NULL;
	exchange_refuse_instead(x, 503, "http.no_room_for_answer");
}

void exchange_enter_phase(struct exchange *x, enum deadline_phase phase)
{
	if (x->connection)
		deadline_enter(&x->connection->deadline, phase);
}

enum MHD_Result exchange_queue_answer(struct exchange *x)
{
	if (x->answer == NULL)
		return MHD_NO;
	if (x->connection)
		deadline_hold(&x->connection->deadline, x->unread.bytes);
	exchange_enter_phase(x, PHASE_SENDING);
	return MHD_queue_response(x->mhd, (unsigned)x->response.status, x->answer);
}
