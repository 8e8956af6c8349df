#include "pdf/worker/jail.h"

#include "base/limits.h"
#include "pdf/job.h"

#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool limit(int what, rlim_t most)
{
	return setrlimit(what, &(struct rlimit){.rlim_cur = most, .rlim_max = most}) == 0;
}

bool jail_limits(void)
{
	/* Ours would be five; whatever else has come with us goes. */
	if (syscall(SYS_close_range, WORKER_OUTPUT_FD + 1, ~0U, 0) != 0)
		return false;
	return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && prctl(PR_SET_DUMPABLE, 0) == 0 &&
	       limit(RLIMIT_AS, (rlim_t)LIMIT_PDF_MEMORY + LIMIT_PDF_PROGRAM_BYTES) &&
	       limit(RLIMIT_CPU, LIMIT_PDF_SECONDS) && limit(RLIMIT_CORE, 0) &&
	       limit(RLIMIT_FSIZE, LIMIT_PDF_BYTES + LIMIT_PDF_GROWTH_BYTES) &&
	       limit(RLIMIT_NPROC, 0) && limit(RLIMIT_MSGQUEUE, 0) && limit(RLIMIT_MEMLOCK, 0);
}

/* struct landlock_ruleset_attr of Linux 6.12; older kernels take the beginning of it. What they
 * do not know stays out of its sets. */
struct ruleset {
	uint64_t files, net, scoped;
};
static const struct {
	int abi;
	size_t bytes;
	struct ruleset handled;
} landlock_versions[] = {
	{6, 24, {.files = 0xffff, .net = 3, .scoped = 3}},
	{5, 16, {.files = 0xffff, .net = 3}},
	{4, 16, {.files = 0x7fff, .net = 3}},
	{3, 8, {.files = 0x7fff}},
	{2, 8, {.files = 0x3fff}},
	{1, 8, {.files = 0x1fff}},
};

/* A set of rules without a rule: no file, no folder, nothing to connect to. */
bool jail_files(void)
{
	enum { ASK_VERSION = 1 };
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION);
	for (size_t i = 0; i < sizeof(landlock_versions) / sizeof(landlock_versions[0]); i++) {
		if (abi < landlock_versions[i].abi)
			continue;
		long rules = syscall(SYS_landlock_create_ruleset, &landlock_versions[i].handled,
				     landlock_versions[i].bytes, 0);
		if (rules < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
			return false;
		bool is_closed = syscall(SYS_landlock_restrict_self, rules, 0) == 0;
		/* The set has needed one more than there may be from now on. */
		return close((int)rules) == 0 && is_closed &&
		       limit(RLIMIT_NOFILE, WORKER_OUTPUT_FD + 1);
	}
	return false;
}

/* One argument of a call, compared after masking. */
#define ARGUMENT(i, mask, value) SCMP_CMP(i, SCMP_CMP_MASKED_EQ, mask, value)
#define WITH_FD(fd) SCMP_A0(SCMP_CMP_EQ, fd)
#define NOT_EXECUTABLE ARGUMENT(2, PROT_EXEC, 0)
#define ANY                                                                                        \
	{                                                                                          \
		0                                                                                  \
	}

/* What is left, and with which arguments. */
static const struct {
	int call;
	unsigned count;
	struct scmp_arg_cmp arguments[3];
} calls[] = {
	{SCMP_SYS(write), 1, {WITH_FD(WORKER_ANSWER_FD)}},
	{SCMP_SYS(pwrite64), 1, {WITH_FD(WORKER_OUTPUT_FD)}},
	{SCMP_SYS(fstat), 0, {ANY}},
	/* fstat() of newer C libraries: of a descriptor, if the path is empty; Landlock would say
	 * no to another, and there is nothing to learn but whether it is there. */
	{SCMP_SYS(newfstatat), 1, {SCMP_A3(SCMP_CMP_EQ, 0x1000)}}, /* AT_EMPTY_PATH */
	{SCMP_SYS(brk), 0, {ANY}},
	{SCMP_SYS(munmap), 0, {ANY}},
	{SCMP_SYS(mremap), 0, {ANY}},
	{SCMP_SYS(madvise), 0, {ANY}},
	{SCMP_SYS(mprotect), 1, {NOT_EXECUTABLE}},
	/* Private memory only: what it is given cannot be written through a mapping. */
	{SCMP_SYS(mmap), 2, {NOT_EXECUTABLE, ARGUMENT(3, MAP_SHARED | MAP_PRIVATE, MAP_PRIVATE)}},
	{SCMP_SYS(futex), 0, {ANY}},
	{SCMP_SYS(getrandom), 0, {ANY}},
	{SCMP_SYS(clock_gettime), 0, {ANY}},
	{SCMP_SYS(gettimeofday), 0, {ANY}},
	{SCMP_SYS(sysinfo), 0, {ANY}}, /* qsort() asks how much memory there is */
	{SCMP_SYS(rt_sigreturn), 0, {ANY}},
	{SCMP_SYS(exit), 0, {ANY}},
	{SCMP_SYS(exit_group), 0, {ANY}},
};

bool jail_calls(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (filter == NULL)
		return false;
	bool is_good = true;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]) && is_good; i++) {
		int failure = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, calls[i].call,
						     calls[i].count, calls[i].arguments);
		/* A call that this processor does not have needs no rule. */
		is_good = failure == 0 || failure == -EDOM || failure == -EFAULT;
	}
	is_good = is_good && seccomp_load(filter) == 0;
	seccomp_release(filter);
	return is_good;
}
