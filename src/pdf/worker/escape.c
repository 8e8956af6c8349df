#include "pdf/worker/escape.h"

#include "pdf/job.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Says that it is out: the test must not see this. */
static int say_out(bool is_out)
{
	return is_out ? ESCAPE_IS_OUT : ESCAPE_WAS_TOLD_NO;
}

static bool take_memory(size_t bytes)
{
	char *memory = malloc(bytes);
	if (memory == NULL)
		return false;
	for (size_t i = 0; i < bytes; i += 4096)
		((volatile char *)memory)[i] = 1;
	return true;
}

/* By its number: this folder has no business with sockets. */
static bool has_socket(void)
{
	enum { INTERNET = 2, STREAM = 1 };
	return syscall(SYS_socket, INTERNET, STREAM, 0) >= 0;
}

static bool can_connect(void)
{
	static const char there[16] = {2, 0, 0, 80, 127, 0, 0, 1};
	return syscall(SYS_connect, WORKER_JOB_FD, there, sizeof(there)) == 0;
}

static bool can_start_program(void)
{
	static char name[] = "/bin/true";
	char *arguments[] = {name, NULL}, *environment[] = {NULL};
	execve(name, arguments, environment);
	return false;
}

static void talk(struct str words)
{
	(void)!write(WORKER_ANSWER_FD, words.data, words.len);
}

static void chatter(void)
{
	static const char words[65536] = "pdf1";
	while (write(WORKER_ANSWER_FD, words, sizeof(words)) > 0)
		;
}

static void use_time(void)
{
	for (volatile uint64_t i = 0;; i++)
		;
}

static bool can_map(int fd, int protection, int flags)
{
	return mmap(NULL, 4096, protection, flags, fd, 0) != MAP_FAILED;
}

int escape(int64_t way)
{
	switch (way) {
	case ESCAPE_OPEN: return say_out(syscall(SYS_open, "/etc/passwd", O_RDONLY) >= 0);
	case ESCAPE_OPENAT: return say_out(open("/etc/passwd", O_RDONLY) >= 0);
	case ESCAPE_CREATE: return say_out(open("/tmp/x", O_CREAT | O_WRONLY, 0600) >= 0);
	case ESCAPE_SOCKET: return say_out(has_socket());
	case ESCAPE_CONNECT: return say_out(can_connect());
	case ESCAPE_EXEC: return say_out(can_start_program());
	case ESCAPE_FORK: return say_out(fork() >= 0);
	case ESCAPE_CLONE: return say_out(syscall(SYS_clone3, NULL, 0) >= 0);
	case ESCAPE_KILL: return say_out(kill(getppid(), 0) == 0);
	case ESCAPE_PTRACE: return say_out(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0);
	case ESCAPE_WRITE_INPUT: return say_out(pwrite(WORKER_INPUT_FD, "x", 1, 0) == 1);
	case ESCAPE_MAP_INPUT:
		return say_out(can_map(WORKER_INPUT_FD, PROT_READ | PROT_WRITE, MAP_SHARED));
	case ESCAPE_EXECUTABLE_MEMORY:
		return say_out(can_map(-1, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS));
	case ESCAPE_MEMORY: return say_out(take_memory((size_t)1 << 30));
	case ESCAPE_TIME: use_time(); break;
	case ESCAPE_SLEEP:
		for (;;)
			syscall(SYS_futex, &way, 0, (int)way, NULL, NULL, 0);
	case ESCAPE_CRASH: __builtin_trap();
	case ESCAPE_NONSENSE: talk(STR("pdf1\x01\x02")); break;
	case ESCAPE_CHATTER: chatter(); break;
	default: break;
	}
	return WORKER_DONE;
}
