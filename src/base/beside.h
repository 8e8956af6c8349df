/* A thread that does a piece of work beside its caller, if it has nothing else to do just then;
 * else the caller does it. For work of some hundred microseconds, of which several come to one
 * request. */
#pragma once

#include "base/err.h"

#include <stdbool.h>

struct beside;
/* Its thread begins with the first piece of work. */
enum err beside_new(struct beside **ret) MUST_CHECK;
/* When nobody has work with it. NULL is fine. */
void beside_free(struct beside *beside);

struct beside_work {
	void (*run)(void *argument);
	void *argument;
	enum { BESIDE_WAITING, BESIDE_TAKEN, BESIDE_DONE } state;
};
/* Each is followed by beside_end(), by the same thread. */
void beside_begin(struct beside *beside, struct beside_work *work);
/* Afterwards it is done. */
void beside_end(struct beside *beside, struct beside_work *work);
