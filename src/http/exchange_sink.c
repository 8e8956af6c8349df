#include "base/log.h"
#include "core/session.h"
#include "http/exchange_parts.h"

bool exchange_has_sink(const struct exchange *x)
{
	const struct triage *triage = &x->triage;
	return triage->refusal.status == 0 && triage->route && triage->route->body == BODY_STREAM &&
	       triage->framing.has_body;
}

/* On a worker, in the end: what the client sent is with the sink, or never will be. */
static void answer(void *argument, struct body_sink *sink, enum sink_end how, enum err taken)
{
	struct exchange *x = argument;
	struct MHD_Connection *mhd = x->mhd;
	dispatch_finish(x->wire->site, x->triage.route, &x->cx, sink, how, taken, &x->request,
			&x->response);
	exchange_reserve_answer(x);
	exchange_finish(x);
	if (how == SINK_FULL)
		x->step = STEP_DROPPING;
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
	exchange_reserve_answer(x);
	exchange_finish(x);
}

static enum MHD_Result drop(struct exchange *x, struct str *bytes)
{
	bool is_enough = !intake_drop(&x->intake, bytes->len);
	*bytes = STR_NONE;
	return is_enough ? MHD_NO : MHD_YES;
}

enum MHD_Result exchange_give(struct exchange *x, struct str *bytes)
{
	size_t before = bytes->len;
	if (x->step == STEP_DROPPING)
		return drop(x, bytes);
	bool is_open = feed_give(x->feed, bytes);
	if (x->connection)
		deadline_count_body(&x->connection->deadline, before - bytes->len);
	return is_open ? MHD_YES : MHD_NO;
}

enum MHD_Result exchange_sink_complete(struct exchange *x)
{
	if (x->step == STEP_DROPPING)
		return exchange_queue_answer(x);
	return feed_complete(x->feed) ? MHD_YES : MHD_NO;
}
