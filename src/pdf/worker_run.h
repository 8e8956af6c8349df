/* One run of postern-pdf: started, given a job and a document, listened to, ended. */
#pragma once

#include "pdf/job.h"

struct worker_run {
	const struct job *job;
	const struct pdf_bytes *document;
	struct buf *answer;       /* what it said; initialised by the caller */
	struct pdf_bytes *output; /* what it may write to; the caller's, still empty */
};
/* What it has said is checked by who asked. ERR_INVALID: *ret_refusal is PDF_TOO_HEAVY.
 * ERR_INTERNAL, ERR_UNAVAILABLE: as in pdf/pdf.h; logged. */
enum err worker_run(const char *program, int64_t patience_ms, const struct worker_run *run,
		    enum pdf_refusal *ret_refusal) MUST_CHECK;
