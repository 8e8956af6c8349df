/* postern-pdf: one job on one document, in a jail. It is started by the portal (pdf/worker_run.c)
 * and gets all it may have as descriptors (pdf/job.h); it never gets a path. */
#include "base/limits.h"
#include "pdf/worker/escape.h"
#include "pdf/worker/jail.h"
#include "pdf/worker/stack.h"
#include "pdf/worker/work.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The whole of a memfd, as private memory. */
static bool map(int fd, struct str *ret)
{
	struct stat facts;
	if (fstat(fd, &facts) != 0 || facts.st_size <= 0)
		return false;
	void *bytes = mmap(NULL, (size_t)facts.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return false;
	*ret = str_bytes(bytes, (size_t)facts.st_size);
	return true;
}

static int say(struct str answer)
{
	while (answer.len > 0) {
		ssize_t put = write(WORKER_ANSWER_FD, answer.data, answer.len);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return WORKER_BROKEN;
		answer = str_slice(answer, (size_t)put, answer.len);
	}
	return WORKER_DONE;
}

static int do_job(struct arena *arena, struct buf *answer)
{
	struct str bytes, document;
	struct job job;
	if (!map(WORKER_JOB_FD, &bytes) || !map(WORKER_INPUT_FD, &document))
		return WORKER_BAD_JOB;
	enum err err = job_read(bytes, arena, &job);
	if (err != OK)
		return err == ERR_INVALID ? WORKER_BAD_JOB : WORKER_NO_MEMORY;
	if (job.kind == JOB_ESCAPE)
		return escape(job.escape);
	int code = work(&job, document, WORKER_OUTPUT_FD, arena, answer);
	return code == WORKER_DONE ? say(buf_str(answer)) : code;
}

int main(void)
{
	struct arena arena;
	struct buf answer;
	if (!stack_prepare() || !jail_limits() || !jail_files() || !jail_calls())
		return WORKER_NO_JAIL;
	arena_init(&arena, LIMIT_PDF_STORE_BYTES);
	buf_init(&answer, LIMIT_PDF_ANSWER_BYTES);
	int code = do_job(&arena, &answer);
	/* Its memory goes with it. */
	_exit(code);
}
