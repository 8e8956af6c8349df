/* Random bytes from the kernel; the only source of randomness in Postern. */
#pragma once

#include <stddef.h>

/* Fills `bytes` bytes from getrandom(2). Ends the process if the kernel cannot give any: going on
 * with predictable keys would be worse. */
void random_fill(void *out, size_t bytes);
