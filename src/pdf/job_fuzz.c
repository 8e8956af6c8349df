/* What the portal and the worker read from each other. */
#include "base/limits.h"
#include "pdf/job.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_answers(struct str bytes)
{
	enum pdf_refusal refusal;
	struct wire wire;
	if (answer_read(bytes, &wire, &refusal) != OK || refusal != PDF_FINE)
		return;
	CLEANUP_ARENA struct arena arena;
	struct wire facts_wire = wire, output_wire = wire;
	struct pdf_facts facts;
	struct job_output output;
	struct pdf_signatures signatures;
	arena_init(&arena, 8 << 20);
	if (answer_facts(&facts_wire, &arena, &facts) == OK && facts.page_count == 0)
		abort();
	if (answer_output(&output_wire, &output) == OK && output.bytes <= 0)
		abort();
	(void)!answer_signatures(&wire, &arena, &signatures);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = str_bytes(data, size);
	CLEANUP_ARENA struct arena arena;
	CLEANUP_BUF struct buf again;
	struct job job;
	arena_init(&arena, 8 << 20);
	buf_init(&again, LIMIT_PDF_JOB_BYTES);
	if (job_read(bytes, &arena, &job) == OK) {
		/* What was read is written as it came. */
		job_put(&again, &job);
		if (again.err != OK || !str_eq(buf_str(&again), bytes))
			abort();
	}
	read_answers(bytes);
	return 0;
}
