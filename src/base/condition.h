/* Conditions that are waited for with a limit, by a clock that nobody sets. */
#pragma once

#include <pthread.h>
#include <stdint.h>
#include <time.h>

/* For pthread_cond_timedwait() until condition_deadline(). */
void condition_init(pthread_cond_t *condition);
/* So long from now. */
struct timespec condition_deadline(int64_t ms);
