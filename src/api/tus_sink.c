#include "api/tus_sink.h"

#include "api/problem.h"
#include "api/tus_headers.h"
#include "base/limits.h"
#include "base/log.h"
#include "http/sink.h"

#include <stdlib.h>

struct tus_sink {
	struct body_sink sink;
	struct upload *upload;
	struct id file_id;
	bool is_creation;
};

void tus_sink_headers(struct response *res)
{
	response_header(res, "Tus-Resumable", STR("1.0.0"));
}

void tus_sink_progress(struct response *res, const struct upload_view *view)
{
	response_header(res, "Upload-Offset",
			arena_printf(res->arena, "%lld", (long long)view->offset));
	if (view->expires_ms > 0)
		response_header(res, "Upload-Expires",
				tus_headers_date(res->arena, view->expires_ms));
}

enum err tus_sink_refuse(struct cx *cx, struct response *res, enum err err, struct str sentence)
{
	static const struct {
		enum err err;
		enum problem problem;
	} problems[] = {
		{ERR_INVALID, PROBLEM_BAD_CHECKSUM}, {ERR_DENIED, PROBLEM_DENIED},
		{ERR_NOT_FOUND, PROBLEM_NOT_FOUND},  {ERR_CONFLICT, PROBLEM_WRONG_OFFSET},
		{ERR_TOO_LARGE, PROBLEM_TOO_LARGE},  {ERR_BUSY, PROBLEM_BEING_SENT},
	};
	for (size_t i = 0; i < sizeof(problems) / sizeof(problems[0]); i++) {
		if (problems[i].err != err)
			continue;
		problem_answer_sentence(cx, res, problems[i].problem, sentence);
		tus_sink_headers(res);
		return OK;
	}
	if (err != ERR_UNAVAILABLE || sentence.len == 0)
		return err;
	problem_answer_sentence(cx, res, PROBLEM_UNAVAILABLE, sentence);
	tus_sink_headers(res);
	response_header(res, "Retry-After", STR("5"));
	return OK;
}

static enum err take(struct body_sink *base, struct str bytes)
{
	struct tus_sink *sink = (struct tus_sink *)base;
	return upload_take(sink->upload, bytes);
}

static enum err answer(struct tus_sink *sink, struct cx *cx, struct response *res)
{
	struct upload_view view;
	TRY(upload_get(cx, &sink->file_id, &view));
	res->status = sink->is_creation ? 201 : 204;
	tus_sink_headers(res);
	tus_sink_progress(res, &view);
	if (sink->is_creation)
		response_header(res, "Location",
				arena_printf(res->arena, "/files/%s", sink->file_id.text));
	return OK;
}

/* Nobody knows the address of what was not answered: the client begins again, and what was left
 * would fill its quota. */
static void take_back(struct tus_sink *sink)
{
	if (upload_abandon(sink->upload) != OK)
		log_event(LOG_WARN, "tus.creation_left", LOG_STR("file", id_str(&sink->file_id)));
}

static enum err finish(struct body_sink *base, enum sink_end end, enum err taken, struct cx *cx,
		       const struct request *req, struct response *res)
{
	struct tus_sink *sink = (struct tus_sink *)base;
	int64_t offset;
	(void)req;
	if (end == SINK_CUT && sink->is_creation) {
		take_back(sink);
		return OK;
	}
	if (end == SINK_CUT)
		return taken == OK ? upload_end(sink->upload, UPLOAD_CUT, &offset) : OK;
	enum err err = end == SINK_WHOLE ? upload_end(sink->upload, UPLOAD_SENT, &offset) : taken;
	if (err == OK)
		return answer(sink, cx, res);
	struct str sentence = upload_sentence(cx, sink->upload);
	if (sink->is_creation)
		take_back(sink);
	/* Nothing is wrong with the file: the session has ended meanwhile. */
	if (err == ERR_DENIED && sentence.len == 0) {
		problem_answer(cx, res, PROBLEM_NOT_SIGNED_IN, NULL);
		tus_sink_headers(res);
		return OK;
	}
	return tus_sink_refuse(cx, res, err, sentence);
}

static void release(struct body_sink *base)
{
	struct tus_sink *sink = (struct tus_sink *)base;
	upload_free(sink->upload);
	free(sink);
}

enum err tus_sink_open(struct upload *upload, const struct id *file_id, bool is_creation,
		       struct response *res)
{
	struct tus_sink *sink = calloc(1, sizeof(*sink));
	if (sink == NULL) {
		upload_free(upload);
		return ERR_UNAVAILABLE;
	}
	sink->sink.piece_bytes = LIMIT_SINK_PIECE_BYTES;
	sink->sink.first_piece_bytes = LIMIT_SINK_FIRST_PIECE_BYTES;
	sink->sink.take = take;
	sink->sink.finish = finish;
	sink->sink.release = release;
	sink->upload = upload;
	sink->file_id = *file_id;
	sink->is_creation = is_creation;
	upload_follow(upload, &sink->sink.arrived_bytes);
	res->sink = &sink->sink;
	return OK;
}
