#include "pdf/job.h"
#include "pdf/worker/escape.h"

int escape(int64_t way)
{
	(void)way;
	return WORKER_BAD_JOB;
}
