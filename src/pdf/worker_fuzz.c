/* The worker's work on any job and any document, without its jail (which a fuzzer cannot live in).
 *
 *   length of the job (2, little-endian) | job (pdf/job.h) | document */
#include "base/limits.h"
#include "pdf/worker/work.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_answer(const struct job *job, struct str answer, int output)
{
	enum pdf_refusal refusal;
	struct job_output made;
	struct wire wire;
	if (answer_read(answer, &wire, &refusal) != OK)
		abort();
	if (refusal != PDF_FINE || (job->kind != JOB_PREPARE && job->kind != JOB_SIGN))
		return;
	if (answer_output(&wire, &made) != OK || lseek(output, 0, SEEK_END) != made.bytes)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t job_bytes = size >= 2 ? (size_t)data[0] | (size_t)data[1] << 8 : 0;
	CLEANUP_ARENA struct arena arena;
	CLEANUP_BUF struct buf answer;
	struct job job;
	arena_init(&arena, LIMIT_PDF_STORE_BYTES);
	buf_init(&answer, LIMIT_PDF_ANSWER_BYTES);
	if (size < 2 + job_bytes)
		return 0;
	struct str document = str_bytes(data + 2 + job_bytes, size - 2 - job_bytes);
	if (job_read(str_bytes(data + 2, job_bytes), &arena, &job) != OK || job.kind == JOB_ESCAPE)
		return 0;
	int output = memfd_create("fuzz", MFD_CLOEXEC);
	if (output >= 0 && work(&job, document, output, &arena, &answer) == 0)
		check_answer(&job, buf_str(&answer), output);
	close(output);
	return 0;
}
