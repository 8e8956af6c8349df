#include "pdf/worker/work.h"

#include "base/limits.h"
#include "pdf/worker/document.h"
#include "pdf/worker/inspect.h"
#include "pdf/worker/prepare.h"
#include "pdf/worker/sign.h"
#include "pdf/worker/signatures.h"
#include "pdf/worker/typeset.h"

void refuse(struct work *work, enum pdf_refusal refusal)
{
	work->refusal = refusal;
	fz_throw(work->ctx, FZ_ERROR_ABORT, "refused");
}

void *work_alloc(struct work *work, size_t count, size_t bytes)
{
	void *memory = arena_array(work->arena, count > 0 ? count : 1, bytes);
	if (memory == NULL)
		fz_throw(work->ctx, FZ_ERROR_MEMORY, "arena");
	return memory;
}

static void run(struct work *work, const struct job *job)
{
	document_open(work);
	switch (job->kind) {
	case JOB_INSPECT: inspect(work); break;
	case JOB_PREPARE: prepare(work, &job->plan); break;
	case JOB_SIGN: sign(work, &job->signing); break;
	case JOB_SIGNATURES: signatures(work); break;
	default: fz_throw(work->ctx, FZ_ERROR_GENERIC, "no such job");
	}
}

/* What the library stumbles upon is a fault of the document, but for want of memory. */
static enum pdf_refusal refusal_of(const struct work *work)
{
	if (work->refusal != PDF_FINE)
		return work->refusal;
	return fz_caught(work->ctx) == FZ_ERROR_MEMORY ? PDF_TOO_HEAVY : PDF_DAMAGED;
}

static void say_nothing(void *user, const char *message)
{
	(void)user;
	(void)message;
}

int work(const struct job *job, struct str document, int output_fd, struct arena *arena,
	 struct buf *answer)
{
	struct work work = {
		.bytes = document, .output_fd = output_fd, .arena = arena, .answer = answer};
	work.ctx = fz_new_context(NULL, NULL, LIMIT_PDF_STORE_BYTES);
	if (work.ctx == NULL)
		return WORKER_NO_MEMORY;
	fz_set_error_callback(work.ctx, say_nothing, NULL);
	fz_set_warning_callback(work.ctx, say_nothing, NULL);
	answer_begin(answer, PDF_FINE);
	fz_try(work.ctx) run(&work, job);
	fz_catch(work.ctx)
	{
		buf_clear(answer);
		answer_begin(answer, refusal_of(&work));
	}
	typesetter_free(work.typesetter);
	pdf_drop_document(work.ctx, work.doc);
	fz_drop_context(work.ctx);
	return answer->err == OK ? WORKER_DONE : WORKER_NO_MEMORY;
}
