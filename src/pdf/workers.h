/* The workers of a portal, and the places among them. */
#pragma once

#include "pdf/worker_run.h"

/* Within a place, see pdf.h. *ret_answer: a view of run->answer, of a worker that refuses nothing.
 */
enum err pdf_workers_run(struct pdf_workers *workers, const struct worker_run *run,
			 struct wire *ret_answer, enum pdf_refusal *ret_refusal) MUST_CHECK;
/* Shorter times, for tests. */
void pdf_workers_hurry(struct pdf_workers *workers, int64_t patience_ms, int64_t wait_ms);
/* How many wait for a place, for tests. */
int pdf_workers_waiting(struct pdf_workers *workers);
