#include "api/api_events.h"

#include "api/json_write.h"
#include "base/limits.h"
#include "base/random.h"
#include "core/live.h"
#include "core/session_rights.h"
#include "http/form.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	PIECE_BYTES = 4096,
	PIECE_EVENTS = 24, /* fit into it */
	ARENA_BYTES = 64 * 1024,
	/* A comment now and then: proxies close what is silent for a minute. */
	TICK_MS = 15000,
	/* After a restart not everybody comes back in the same second. */
	RETRY_MIN_MS = 1000,
	RETRY_SPREAD_MS = 4000,
	SINCE_MAX_BYTES = 64,
};

static const struct str names[LIVE_KINDS] = {
	[LIVE_MESSAGE] = STR("message"), [LIVE_OPENED] = STR("opened"),
	[LIVE_TRACKED] = STR("tracked"), [LIVE_RECALLED] = STR("recalled"),
	[LIVE_CHANGED] = STR("changed"), [LIVE_REFRESH] = STR("refresh"),
};

struct events {
	struct stream_source source;
	struct portal *portal;
	struct session_rights rights;
	struct live_listener *listener; /* NULL: not listening yet */
	char since[SINCE_MAX_BYTES + 1];
	int64_t checked_ms;
};

static void release(struct stream_source *source)
{
	struct events *events = (struct events *)source;
	live_leave(events->listener);
	free(events);
}

static void wake(void *argument)
{
	stream_wake(argument);
}

/* Only now, as there is a stream to wake. */
static enum err begin(struct events *events, struct buf *piece)
{
	uint16_t spread;
	random_fill(&spread, sizeof(spread));
	buf_addf(piece, "retry: %d\n\n", RETRY_MIN_MS + spread % RETRY_SPREAD_MS);
	return live_listen(events->portal, &events->rights.user_id, str_of(events->since), wake,
			   events->source.stream, &events->listener);
}

static void write_event(struct cx *cx, const struct live_event *event, struct buf *piece)
{
	struct json_write write = {.out = piece};
	struct str number = live_number_text(cx->portal, cx->arena, event->number);
	buf_addf(piece, "event: %.*s\nid: %.*s\ndata: ", STR_ARGS(names[event->kind]),
		 STR_ARGS(number));
	json_write_object(&write, NULL);
	if (!id_is_empty(&event->message_id))
		json_write_id(&write, "id", &event->message_id);
	json_write_object_end(&write);
	buf_add(piece, STR("\n\n"));
}

/* At once when something was said about it; and now and then, as another process may have changed
 * it. */
static bool may_go_on(struct cx *cx, struct events *events, bool must_check)
{
	int64_t now_ms = clock_monotonic_ms();
	if (!must_check && now_ms - events->checked_ms < TICK_MS)
		return true;
	events->checked_ms = now_ms;
	return session_rights_check(cx, &events->rights) != ERR_DENIED;
}

static enum err produce(struct stream_source *source, struct buf *piece, enum stream_next *ret)
{
	struct events *events = (struct events *)source;
	struct arena arena CLEANUP_ARENA;
	struct live_event taken[PIECE_EVENTS];
	bool must_check;
	arena_init(&arena, ARENA_BYTES);
	struct cx cx = {.arena = &arena, .portal = events->portal};
	if (events->listener == NULL)
		TRY(begin(events, piece));
	size_t count = live_take(events->listener, taken, PIECE_EVENTS, &must_check);
	if (!may_go_on(&cx, events, must_check)) {
		*ret = STREAM_END;
		return OK;
	}
	for (size_t i = 0; i < count; i++)
		write_event(&cx, &taken[i], piece);
	if (piece->len == 0 && !must_check)
		buf_add(piece, STR(":\n\n"));
	*ret = count == PIECE_EVENTS ? STREAM_MORE : STREAM_WAIT;
	return arena.failed ? ERR_UNAVAILABLE : OK;
}

/* What the browser says when it comes back wins over what its page was told. */
static struct str since_of(struct cx *cx, const struct request *req)
{
	struct str last = request_header(req, "Last-Event-ID");
	struct form query;
	if (last.len > 0)
		return last;
	if (form_parse(cx->arena, req->query, &query) != OK)
		return STR_NONE;
	return form_value(&query, "since");
}

enum err api_events(struct cx *cx, const struct request *req, struct response *res)
{
	struct str since = str_slice(since_of(cx, req), 0, SINCE_MAX_BYTES);
	struct events *events = calloc(1, sizeof(*events));
	if (events == NULL)
		return ERR_UNAVAILABLE;
	events->source = (struct stream_source){
		.kind = STREAM_LIVE,
		.length = STREAM_LENGTH_UNKNOWN,
		.piece_bytes = PIECE_BYTES,
		.tick_ms = TICK_MS,
		.user_id = cx->session->user.id,
		.produce = produce,
		.release = release,
	};
	events->portal = cx->portal;
	events->rights = session_rights_of(cx->session);
	events->checked_ms = clock_monotonic_ms();
	snprintf(events->since, sizeof(events->since), "%.*s", STR_ARGS(since));
	res->stream = &events->source;
	res->content_type = STR("text/event-stream");
	/* nginx would keep events back until there are more of them. */
	response_header(res, "X-Accel-Buffering", STR("no"));
	return OK;
}
