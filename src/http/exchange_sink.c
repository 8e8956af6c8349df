#include "base/log.h"
#include "core/session.h"
#include "http/exchange_parts.h"
#include "http/raw.h"

#include <sys/socket.h>

enum { DROPPED_MAX_BYTES = 16 << 20 }; /* what may be under way when the refusal is sent */

bool exchange_has_sink(const struct exchange *x)
{
	const struct triage *triage = &x->triage;
	return triage->refusal.status == 0 && triage->route && triage->route->body == BODY_STREAM &&
	       triage->framing.has_body;
}

/* Past libmicrohttpd, which waits for the rest of the body: what it still brings is dropped for a
 * while, so that the client sees the answer, and not that it cannot send on. */
static void answer_at_once(struct exchange *x, bool has_come_whole)
{
	struct response *res = &x->response;
	int fd = MHD_get_connection_info(x->mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	bool is_sent = res->stream == NULL && raw_send(x->mhd, &x->request, res);
	if (!is_sent)
		log_event(LOG_WARN, "http.answer_unsent", LOG_INT("status", res->status));
	exchange_end(x);
	response_release(res);
	shutdown(fd, is_sent && !has_come_whole ? SHUT_WR : SHUT_RDWR);
	exchange_enter_phase(x, PHASE_BODY);
	x->step = STEP_DROPPING;
}

/* Closing while the client is still sending would make its side throw the answer away. */
void exchange_answer_early(struct exchange *x)
{
	exchange_reserve_answer(x);
	if (x->stream)
		exchange_finish(x);
	else
		answer_at_once(x, false);
}

/* On a worker, in the end: what the client sent is with the sink, or never will be. */
static void answer(void *argument, const struct feed_result *result)
{
	struct exchange *x = argument;
	struct MHD_Connection *mhd = x->mhd;
	dispatch_finish(x->wire->site, x->triage.route, &x->cx, &result->outcome, &x->request,
			&x->response);
	if (result->is_seen_whole) {
		exchange_reserve_answer(x);
		exchange_finish(x);
	} else {
		answer_at_once(x, result->outcome.how == SINK_WHOLE);
	}
	/* From here on x may be gone. */
	MHD_resume_connection(mhd);
}

static enum err feed_sink(struct exchange *x)
{
	struct body_sink *sink = x->response.sink;
	const struct feed_client client = {
		.mhd = x->mhd,
		.connection = x->connection,
		.remote = x->request.remote,
		.request_id = x->id,
		.body_bytes = x->request.body_bytes,
		.share = &x->intake.share,
		.is_plain = x->wire->tls == NULL,
		.answer = answer,
		.argument = x,
	};
	x->response.sink = NULL;
	return feed_open(x->wire->feeds, sink, &client, &x->feed);
}

void exchange_open_sink(struct exchange *x)
{
	bool has_sink =
		dispatch_begin(x->wire->site, x->triage.route, &x->request, &x->response, &x->cx);
	if (has_sink && feed_sink(x) == OK) {
		x->step = STEP_SINK;
		return;
	}
	if (has_sink) {
		session_release(x->cx.session);
		x->cx.session = NULL;
		exchange_refuse_instead(x, 503, "http.no_room_for_body");
	}
	exchange_answer_early(x);
}

enum MHD_Result exchange_give(struct exchange *x, struct str *bytes)
{
	if (x->step == STEP_SINK)
		return feed_give(x->feed, bytes) ? MHD_YES : MHD_NO;
	x->dropped_bytes += bytes->len;
	*bytes = STR_NONE;
	return x->dropped_bytes <= DROPPED_MAX_BYTES ? MHD_YES : MHD_NO;
}

enum MHD_Result exchange_sink_complete(struct exchange *x)
{
	return x->step == STEP_SINK && feed_complete(x->feed) ? MHD_YES : MHD_NO;
}
