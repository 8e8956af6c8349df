/* The jail, entered before the first byte of a job is read: limits of what the process may take,
 * then no files (Landlock), then no system calls but those of a short list (seccomp). Each says
 * whether it is closed behind us; if one is not, the worker does not start. */
#pragma once

#include <stdbool.h>

bool jail_limits(void);
bool jail_files(void);
/* Afterwards any other system call ends the process. */
bool jail_calls(void);
