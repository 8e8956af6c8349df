/* A lane of worker threads with a queue (ARCHITECTURE, Threads). */
#pragma once

#include "base/err.h"

#include <stddef.h>

struct pool;

/* Part of whatever shall be run; lives until run() is called. */
struct pool_job {
	struct pool_job *next;
	void (*run)(struct pool_job *job);
};

/* queue_max 0: no limit. niceness 0 to 19, for the threads of this lane alone. */
enum err pool_start(int threads, size_t queue_max, int niceness, struct pool **ret) MUST_CHECK;
/* ERR_BUSY: the queue is full. ERR_UNAVAILABLE: stopped. The job is not taken then. */
enum err pool_submit(struct pool *pool, struct pool_job *job) MUST_CHECK;
/* Runs what is queued, takes nothing more, and ends the threads. NULL is fine. */
void pool_stop(struct pool *pool);
/* After pool_stop and when nobody submits any more. NULL is fine. */
void pool_free(struct pool *pool);
