#include "web/file_stream.h"

#include "base/encode.h"
#include "base/limits.h"
#include "crypto/chunks.h"
#include "http/disposition.h"
#include "http/range.h"

#include <stdlib.h>

/* Shown alone in a window, it may show itself and do nothing else; no origin is its own. */
#define CONTENT_CSP                                                                                \
	"default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; "        \
	"frame-ancestors 'self'; sandbox"

/* object-src: Chromium shows PDFs by a plug-in, and none in a sandbox. */
#define DOCUMENT_CSP                                                                               \
	"default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"

enum { PIECE_BYTES = CHUNK_BYTES };
_Static_assert((int)PIECE_BYTES <= (int)LIMIT_STREAM_PIECE_BYTES, "a piece is a chunk");

/* ---- types ---- */

static const struct {
	const char *type;
	enum file_preview preview;
} shown[] = {
	{"image/png", FILE_PREVIEW_IMAGE},   {"image/jpeg", FILE_PREVIEW_IMAGE},
	{"image/gif", FILE_PREVIEW_IMAGE},   {"image/webp", FILE_PREVIEW_IMAGE},
	{"image/avif", FILE_PREVIEW_IMAGE},  {"application/pdf", FILE_PREVIEW_PDF},
	{"audio/mpeg", FILE_PREVIEW_AUDIO},  {"audio/mp4", FILE_PREVIEW_AUDIO},
	{"audio/x-m4a", FILE_PREVIEW_AUDIO}, {"audio/aac", FILE_PREVIEW_AUDIO},
	{"audio/ogg", FILE_PREVIEW_AUDIO},   {"audio/wav", FILE_PREVIEW_AUDIO},
	{"audio/x-wav", FILE_PREVIEW_AUDIO}, {"audio/webm", FILE_PREVIEW_AUDIO},
	{"audio/flac", FILE_PREVIEW_AUDIO},  {"video/mp4", FILE_PREVIEW_VIDEO},
	{"video/webm", FILE_PREVIEW_VIDEO},  {"video/ogg", FILE_PREVIEW_VIDEO},
};
enum { SHOWN = sizeof(shown) / sizeof(shown[0]) };

enum file_preview file_stream_preview(struct str type)
{
	for (size_t i = 0; i < SHOWN; i++) {
		if (str_eq(type, str_of(shown[i].type)))
			return shown[i].preview;
	}
	return str_starts_with(type, STR("text/")) ? FILE_PREVIEW_TEXT : FILE_PREVIEW_NONE;
}

/* What programs open after a download. Nothing that a page of ours could be made to run: no
 * script, no style, no XML. */
static bool is_harmless(struct str type)
{
	static const char *const families[] = {"application/vnd.", "image/", "audio/", "video/",
					       "font/"};
	static const char *const singles[] = {"application/zip", "application/msword",
					      "application/rtf", "application/gzip",
					      "message/rfc822"};
	if (str_ends_with(type, STR("xml")))
		return false;
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		if (str_starts_with(type, str_of(families[i])))
			return true;
	}
	for (size_t i = 0; i < sizeof(singles) / sizeof(singles[0]); i++) {
		if (str_eq(type, str_of(singles[i])))
			return true;
	}
	return false;
}

static struct str served_type(struct str type)
{
	enum file_preview preview = file_stream_preview(type);
	if (preview == FILE_PREVIEW_TEXT)
		return STR("text/plain; charset=utf-8");
	if (preview != FILE_PREVIEW_NONE || is_harmless(type))
		return type;
	return STR("application/octet-stream");
}

/* ---- a file ---- */

struct file_source {
	struct stream_source base;
	struct download *download;
	bool is_watched;
};

static void cut(void *argument)
{
	struct file_source *source = argument;
	stream_cut(source->base.stream);
}

static enum err produce_file(struct stream_source *base, struct buf *piece, enum stream_next *ret)
{
	struct file_source *source = (struct file_source *)base;
	bool is_over;
	/* Not before: until now there was no stream to be cut. */
	if (!source->is_watched)
		download_watch(source->download, cut, source);
	source->is_watched = true;
	TRY(download_next(source->download, piece, &is_over));
	*ret = is_over ? STREAM_END : STREAM_MORE;
	return OK;
}

static void release_file(struct stream_source *base)
{
	struct file_source *source = (struct file_source *)base;
	download_free(source->download);
	free(source);
}

static enum err give(struct cx *cx, struct download *download, int64_t length, struct response *res)
{
	struct file_source *source = calloc(1, sizeof(*source));
	if (source == NULL) {
		download_free(download);
		return ERR_UNAVAILABLE;
	}
	source->base = (struct stream_source){
		.kind = STREAM_BULK,
		.length = length,
		.piece_bytes = PIECE_BYTES,
		.user_id = cx->session->user.id,
		.produce = produce_file,
		.release = release_file,
	};
	source->download = download;
	res->stream = &source->base;
	return OK;
}

static void describe(struct cx *cx, const struct file_head *head, bool is_inline, struct str csp,
		     struct response *res)
{
	bool is_shown = is_inline && file_stream_preview(head->type) != FILE_PREVIEW_NONE;
	struct str sum = encode_base64(cx->arena, str_bytes(head->sha256, sizeof(head->sha256)));
	res->content_type = served_type(head->type);
	response_header(res, "Content-Disposition",
			disposition_header(cx->arena, !is_shown, head->name));
	response_header(res, "Content-Security-Policy", csp);
	/* RFC 9530: of the whole, whichever part this is. */
	response_header(res, "Repr-Digest",
			arena_printf(cx->arena, "sha-256=:%.*s:", STR_ARGS(sum)));
}

/* A body as long as `plan` says; what is not asked for is not read. */
static enum err answer_plan(struct cx *cx, const struct request *req, const struct range_plan *plan,
			    struct download *download, struct response *res)
{
	bool has_body = plan->status == 200 || plan->status == 206;
	enum err err = OK;
	download_range(download, plan->from, plan->until);
	if (has_body && req->method != METHOD_HEAD)
		err = download_prepare(download);
	if (has_body && err == OK)
		return give(cx, download, plan->until - plan->from, res);
	download_free(download);
	return err;
}

static enum err answer(struct cx *cx, const struct request *req, struct download *download,
		       bool is_inline, struct str csp, struct response *res)
{
	const struct file_head *head = download_head(download);
	struct file_head copy = *head;
	/* The response outlives the download where there is no body. */
	copy.name = arena_copy(cx->arena, head->name);
	copy.type = arena_copy(cx->arena, head->type);
	struct str etag = arena_printf(cx->arena, "\"%s\"", download_file_id(download)->text);
	struct range_plan plan = range_plan(req, etag, head->bytes, res);
	describe(cx, &copy, is_inline, csp, res);
	return answer_plan(cx, req, &plan, download, res);
}

enum err file_stream_answer(struct cx *cx, const struct request *req, struct download *download,
			    bool is_inline, struct response *res)
{
	return answer(cx, req, download, is_inline, STR(CONTENT_CSP), res);
}

enum err file_stream_answer_document(struct cx *cx, const struct request *req,
				     struct download *download, bool is_inline,
				     struct response *res)
{
	return answer(cx, req, download, is_inline, STR(DOCUMENT_CSP), res);
}

/* ---- a zip ---- */

struct zip_source {
	struct stream_source base;
	struct message_zip *zip;
	bool is_watched;
};

static void cut_zip(void *argument)
{
	struct zip_source *source = argument;
	stream_cut(source->base.stream);
}

static enum err produce_zip(struct stream_source *base, struct buf *piece, enum stream_next *ret)
{
	struct zip_source *source = (struct zip_source *)base;
	bool is_over;
	if (!source->is_watched)
		message_zip_watch(source->zip, cut_zip, source);
	source->is_watched = true;
	TRY(message_zip_next(source->zip, piece, &is_over));
	*ret = is_over ? STREAM_END : STREAM_MORE;
	return OK;
}

static void release_zip(struct stream_source *base)
{
	struct zip_source *source = (struct zip_source *)base;
	message_zip_free(source->zip);
	free(source);
}

enum err file_stream_answer_zip(struct cx *cx, struct message_zip *zip, struct response *res)
{
	struct zip_source *source = calloc(1, sizeof(*source));
	if (source == NULL) {
		message_zip_free(zip);
		return ERR_UNAVAILABLE;
	}
	source->base = (struct stream_source){
		.kind = STREAM_BULK,
		.length = STREAM_LENGTH_UNKNOWN,
		.piece_bytes = PIECE_BYTES,
		.user_id = cx->session->user.id,
		.produce = produce_zip,
		.release = release_zip,
	};
	source->zip = zip;
	res->stream = &source->base;
	res->content_type = STR("application/zip");
	response_header(res, "Content-Disposition",
			disposition_header(cx->arena, true, message_zip_name(zip)));
	response_header(res, "Content-Security-Policy", STR(CONTENT_CSP));
	return OK;
}
