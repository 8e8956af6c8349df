#include "web/export_stream.h"

#include <stdlib.h>

enum { PIECE_BYTES = 512 * 1024 };

struct source {
	struct stream_source base;
	struct export *export;
};

static enum err produce(struct stream_source *base, struct buf *piece, enum stream_next *ret)
{
	struct source *source = (struct source *)base;
	bool is_over;
	TRY(export_next(source->export, piece, &is_over));
	*ret = is_over ? STREAM_END : STREAM_MORE;
	return OK;
}

static void release(struct stream_source *base)
{
	struct source *source = (struct source *)base;
	export_free(source->export);
	free(source);
}

enum err export_stream_answer(struct cx *cx, struct export *export, struct response *res)
{
	struct source *source = calloc(1, sizeof(*source));
	if (source == NULL) {
		export_free(export);
		return ERR_UNAVAILABLE;
	}
	source->base = (struct stream_source){
		.kind = STREAM_BULK,
		.length = STREAM_LENGTH_UNKNOWN,
		.piece_bytes = PIECE_BYTES,
		.user_id = cx->session->user.id,
		.produce = produce,
		.release = release,
	};
	source->export = export;
	res->stream = &source->base;
	res->content_type = STR("application/zip");
	response_header(res, "Content-Disposition",
			arena_printf(cx->arena, "attachment; filename=\"%.*s\"",
				     STR_ARGS(export_name(cx))));
	return OK;
}
