#include "http/whole_body.h"

#include "base/limits.h"
#include "http/sink.h"

#include <stdlib.h>

struct whole_body {
	struct body_sink base;
	struct buf bytes;
	whole_body_fn *next;
};

static enum err take(struct body_sink *base, struct str bytes)
{
	struct whole_body *body = (struct whole_body *)base;
	buf_add(&body->bytes, bytes);
	return body->bytes.err;
}

static enum err finish(struct body_sink *base, enum sink_end how, enum err taken, struct cx *cx,
		       const struct request *req, struct response *res)
{
	struct whole_body *body = (struct whole_body *)base;
	if (how == SINK_CUT)
		return OK;
	if (taken != OK && taken != ERR_TOO_LARGE)
		return taken;
	return body->next(cx, req, res, taken, buf_str(&body->bytes));
}

static void release(struct body_sink *base)
{
	struct whole_body *body = (struct whole_body *)base;
	buf_release(&body->bytes);
	free(body);
}

enum err whole_body_take(struct response *res, size_t max_bytes, whole_body_fn *next)
{
	struct whole_body *body = calloc(1, sizeof(*body));
	if (body == NULL)
		return ERR_UNAVAILABLE;
	buf_init(&body->bytes, max_bytes);
	body->next = next;
	body->base = (struct body_sink){.piece_bytes = LIMIT_SINK_FIRST_PIECE_BYTES,
					.take = take,
					.finish = finish,
					.release = release};
	res->sink = &body->base;
	return OK;
}
