/* For tests: lets the n-th allocation, query, commit or step of storing a blob fail. The linker
 * gives us each call of these functions first (meson.build: --wrap). */
#pragma once

#include <stdbool.h>

enum fault { FAULT_MEMORY, FAULT_QUERY, FAULT_COMMIT, FAULT_BLOB, FAULT_COUNT };
extern const char *const fault_plan_names[FAULT_COUNT];

/* The n-th from now on, whichever thread makes it. */
void fault_plan_begin(enum fault fault, int n);
/* Whether the n-th was reached. */
bool fault_plan_end(void);
