#include "web/files_zip.h"

#include "http/disposition.h"
#include "mail/message_zip.h"

#include <stdlib.h>

enum { PIECE_BYTES = 512 * 1024 };

struct source {
	struct stream_source base;
	struct message_zip *zip;
};

static enum err produce(struct stream_source *base, struct buf *piece, enum stream_next *ret)
{
	struct source *source = (struct source *)base;
	bool is_over;
	TRY(message_zip_next(source->zip, piece, &is_over));
	*ret = is_over ? STREAM_END : STREAM_MORE;
	return OK;
}

static void release(struct stream_source *base)
{
	struct source *source = (struct source *)base;
	message_zip_free(source->zip);
	free(source);
}

static enum err answer(struct cx *cx, struct message_zip *zip, struct response *res)
{
	struct source *source = calloc(1, sizeof(*source));
	if (source == NULL) {
		message_zip_free(zip);
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
	source->zip = zip;
	res->stream = &source->base;
	res->content_type = STR("application/zip");
	response_header(res, "Content-Disposition",
			disposition_header(cx->arena, true, message_zip_name(zip)));
	return OK;
}

enum err files_zip_download(struct cx *cx, const struct request *req, struct response *res)
{
	struct id id;
	struct message_zip *zip;
	if (id_parse(req->params[0], &id) != OK)
		return ERR_NOT_FOUND;
	enum err err = message_zip_begin(cx, &id, &zip);
	/* The message says why, or asks for the password. */
	if (err == ERR_CONFLICT || err == ERR_DENIED) {
		response_redirect(res, arena_printf(cx->arena, "/message/%s", id.text));
		return OK;
	}
	TRY(err);
	return answer(cx, zip, res);
}
