/* Looking at what a worker has made, before anybody believes it. */
#pragma once

#include "pdf/job.h"

/* The whole document: the worker's own, or the one before with its tail. Takes over `output`, also
 * on failure. ERR_INTERNAL: it is not as long as the worker says, or no PDF. */
enum err result_assemble(const struct pdf_bytes *before, struct pdf_bytes *output,
			 const struct job_output *answer, struct pdf_bytes *ret) MUST_CHECK;

struct result_hole {
	int64_t from, until; /* "<000...>" */
};
/* In what was added to the first `before` bytes: one /ByteRange of all but one hole, which is the
 * /Contents of the same dictionary and holds nothing yet. ERR_INTERNAL. */
enum err result_find_hole(struct str document, int64_t before, struct result_hole *ret) MUST_CHECK;
