#include "pdf/worker/stack.h"

#include "base/limits.h"
#include "pdf/job.h"

#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>

enum { SLACK_BYTES = 1 << 20 };

/* Of the process, as a signal has nothing else to go by. */
static uintptr_t stack_top;
static char signal_stack[64 * 1024];

static void on_fault(int number, siginfo_t *info, void *context)
{
	uintptr_t at = (uintptr_t)info->si_addr;
	(void)number;
	(void)context;
	if (at < stack_top && stack_top - at < LIMIT_PDF_STACK_BYTES + SLACK_BYTES)
		_exit(WORKER_TOO_DEEP);
	_exit(WORKER_BROKEN);
}

bool stack_prepare(void)
{
	struct rlimit limit;
	const stack_t other = {.ss_sp = signal_stack, .ss_size = sizeof(signal_stack)};
	struct sigaction action = {.sa_sigaction = on_fault,
				   .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND};
	stack_top = (uintptr_t)__builtin_frame_address(0);
	if (getrlimit(RLIMIT_STACK, &limit) != 0)
		return false;
	if (limit.rlim_max == RLIM_INFINITY || limit.rlim_max > LIMIT_PDF_STACK_BYTES)
		limit.rlim_max = LIMIT_PDF_STACK_BYTES;
	limit.rlim_cur = limit.rlim_max;
	return setrlimit(RLIMIT_STACK, &limit) == 0 && sigaltstack(&other, NULL) == 0 &&
	       sigaction(SIGSEGV, &action, NULL) == 0;
}
