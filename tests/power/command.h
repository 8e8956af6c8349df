/* Programs that the harness calls. */
#pragma once

#include "base/err.h"

/* Runs a program and waits for it. ERR_UNAVAILABLE unless it ends with exit code 0; the cause is
 * printed. */
enum err command_run(const char *const argv[]) MUST_CHECK;
#define COMMAND(...) ((const char *const[]){__VA_ARGS__, NULL})
