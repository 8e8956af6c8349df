/* The stack: the library goes through a document's objects by recursion. What is too deep for it
 * ends the worker with WORKER_TOO_DEEP, so that it is known from a mistake of ours. */
#pragma once

#include <stdbool.h>

/* Before the jail is closed. */
bool stack_prepare(void);
