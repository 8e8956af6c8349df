#include "web/import_job.h"

#include "base/limits.h"
#include "http/stream.h"

#include <stdlib.h>

enum { ARENA_BYTES = 64 << 20, PIECE_BYTES = 256 * 1024 };

enum err import_job_new(const struct cx *cx, const struct request *req,
			enum err (*authenticate)(struct cx *cx, const struct request *req),
			struct import_job **ret)
{
	struct import_job *job = calloc(1, sizeof(*job));
	if (job == NULL)
		return ERR_UNAVAILABLE;
	arena_init(&job->arena, ARENA_BYTES);
	buf_init(&job->bytes, LIMIT_IMPORT_BYTES);
	job->cx = (struct cx){
		.arena = &job->arena,
		.portal = cx->portal,
		.language = cx->language,
		.request_id = arena_copy(&job->arena, cx->request_id),
		.remote = arena_copy(&job->arena, cx->remote),
	};
	enum err err = authenticate(&job->cx, req);
	if (err == OK && job->cx.session == NULL)
		err = ERR_DENIED;
	if (err != OK) {
		import_job_free(job);
		return err;
	}
	job->rights = session_rights_of(job->cx.session);
	*ret = job;
	return OK;
}

void import_job_free(struct import_job *job)
{
	if (job == NULL)
		return;
	session_release(job->cx.session);
	buf_release(&job->bytes);
	arena_release(&job->arena);
	free(job);
}

static enum err produce(struct stream_source *base, struct buf *piece, enum stream_next *ret)
{
	struct import_job *job = (struct import_job *)base;
	size_t from = job->import.at;
	*ret = STREAM_MORE;
	if (!job->has_begun) {
		job->has_begun = true;
		return job->words->begin(job, piece);
	}
	TRY(session_rights_use(&job->cx, &job->rights));
	if (!people_import_is_over(&job->import))
		TRY(people_import_step(&job->cx, &job->import, job->is_dry));
	TRY(job->words->rows(job, piece, from));
	if (!people_import_is_over(&job->import))
		return OK;
	if (!job->is_dry)
		TRY(people_import_end(&job->cx, &job->import));
	*ret = STREAM_END;
	return job->words->end(job, piece);
}

static void release(struct stream_source *base)
{
	struct import_job *job = (struct import_job *)base;
	/* Broken off: what was done stands in the log all the same. */
	if (!job->is_dry && !people_import_is_over(&job->import) &&
	    people_import_end(&job->cx, &job->import) != OK)
		job->has_begun = false;
	import_job_free(job);
}

void import_job_answer(struct import_job *job, const struct import_words *words,
		       struct response *res)
{
	job->words = words;
	job->base = (struct stream_source){
		.kind = STREAM_BULK,
		.length = STREAM_LENGTH_UNKNOWN,
		.piece_bytes = PIECE_BYTES,
		.user_id = job->cx.session->user.id,
		.produce = produce,
		.release = release,
	};
	res->stream = &job->base;
	res->content_type = words->content_type;
}
