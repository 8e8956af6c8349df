#include "pdf/worker_run.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FD_COUNT = WORKER_OUTPUT_FD + 1, FD_ABOVE = 10 };

struct process {
	pid_t pid;
	int ended;  /* readable when it has */
	int answer; /* our end of its pipe */
	int64_t until_ms;
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
#define CLEANUP_FD __attribute__((cleanup(close_fd)))

/* Moves them out of the way of the numbers that the worker is to see, so that none is overwritten
 * before it is copied. */
static enum err lift(const int from[FD_COUNT], int ret_lifted[FD_COUNT])
{
	for (int i = 0; i < FD_COUNT; i++) {
		ret_lifted[i] = fcntl(from[i], F_DUPFD_CLOEXEC, FD_ABOVE);
		if (ret_lifted[i] < 0)
			return ERR_UNAVAILABLE;
	}
	return OK;
}

static int spawn_with(const char *program, const int fds[FD_COUNT], pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t all, none;
	char *arguments[] = {(char[]){"postern-pdf"}, NULL}, *environment[] = {NULL};
	sigfillset(&all);
	sigemptyset(&none);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	for (int i = 0; i < FD_COUNT; i++)
		posix_spawn_file_actions_adddup2(&actions, fds[i], i);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	int failure = posix_spawn(ret_pid, program, &actions, &attributes, arguments, environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return failure;
}

static enum err could_not(const char *what, int why)
{
	log_event(LOG_ERROR, "pdf.start", LOG_CSTR("what", what), LOG_CSTR("why", strerror(why)));
	return ERR_UNAVAILABLE;
}

static enum err spawn(const char *program, const int from[FD_COUNT], struct process *process)
{
	int fds[FD_COUNT] = {-1, -1, -1, -1, -1};
	enum err err = lift(from, fds);
	int failure = err == OK ? spawn_with(program, fds, &process->pid) : errno;
	for (int i = 0; i < FD_COUNT; i++)
		close_fd(&fds[i]);
	return failure == 0 ? OK : could_not("start", failure);
}

static enum err put_job(const struct job *job, struct pdf_bytes *ret)
{
	CLEANUP_BUF struct buf bytes;
	buf_init(&bytes, LIMIT_PDF_JOB_BYTES);
	job_put(&bytes, job);
	TRY(bytes.err);
	return pdf_bytes_add(ret, buf_str(&bytes));
}

static enum err start(const char *program, const struct worker_run *run,
		      const struct pdf_bytes *job, struct process *process)
{
	int ends[2];
	CLEANUP_FD int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (nothing < 0 || pipe2(ends, O_CLOEXEC) != 0)
		return could_not("pipe", errno);
	enum err err =
		spawn(program,
		      (const int[]){job->fd, ends[1], nothing, run->document->fd, run->output->fd},
		      process);
	close(ends[1]);
	process->answer = ends[0];
	if (err != OK)
		close(ends[0]);
	return err;
}

/* Waits until there is something to read, or until it has ended. False: its time is up. */
static bool wait_for(int fd, int64_t until_ms)
{
	for (;;) {
		int64_t left_ms = until_ms - clock_monotonic_ms();
		if (left_ms <= 0)
			return false;
		struct pollfd one = {.fd = fd, .events = POLLIN};
		int ready = poll(&one, 1, (int)left_ms);
		if (ready > 0)
			return true;
		if (ready < 0 && errno != EINTR)
			return false;
	}
}

/* Reads what it says until it says no more. False: its time is up, or it talks too much. */
static bool listen_to(const struct process *process, struct buf *answer)
{
	for (;;) {
		char piece[16384];
		if (!wait_for(process->answer, process->until_ms))
			return false;
		ssize_t got = read(process->answer, piece, sizeof(piece));
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got == 0 && answer->err == OK;
		buf_add(answer, str_bytes(piece, (size_t)got));
		if (answer->err != OK)
			return false;
	}
}

static enum err judge_exit(int code)
{
	if (code == WORKER_DONE)
		return OK;
	if (code == WORKER_NO_JAIL) {
		log_event(LOG_ERROR, "pdf.no_jail",
			  LOG_CSTR("why", "this system has no seccomp or no Landlock"));
		return ERR_UNAVAILABLE;
	}
	if (code == WORKER_NO_MEMORY || code == 127)
		return could_not(code == 127 ? "program" : "memory", ENOMEM);
	log_event(LOG_ERROR, "pdf.worker", LOG_INT("exit_code", code));
	return ERR_INTERNAL;
}

static enum err judge(int status, bool is_late, enum pdf_refusal *ret_refusal)
{
	bool is_killed = WIFSIGNALED(status);
	bool is_deep = !is_killed && WEXITSTATUS(status) == WORKER_TOO_DEEP;
	if (is_late || is_deep || (is_killed && WTERMSIG(status) == SIGXCPU)) {
		log_event(LOG_WARN, "pdf.too_heavy", LOG_INT("is_late", is_late));
		*ret_refusal = PDF_TOO_HEAVY;
		return ERR_INVALID;
	}
	if (!is_killed)
		return judge_exit(WEXITSTATUS(status));
	log_event(LOG_ERROR, "pdf.worker", LOG_INT("signal", WTERMSIG(status)));
	return ERR_INTERNAL;
}

static int end(const struct process *process)
{
	int status = 0;
	while (waitpid(process->pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

static enum err attend(struct process *process, struct buf *answer, enum pdf_refusal *ret_refusal)
{
	process->ended = pidfd_open(process->pid, 0);
	bool is_heard = listen_to(process, answer);
	bool has_ended =
		is_heard && process->ended >= 0 && wait_for(process->ended, process->until_ms);
	bool is_late = !has_ended && clock_monotonic_ms() >= process->until_ms;
	if (!has_ended)
		kill(process->pid, SIGKILL);
	int status = end(process);
	close_fd(&process->ended);
	close(process->answer);
	return judge(status, is_late, ret_refusal);
}

enum err worker_run(const char *program, int64_t patience_ms, const struct worker_run *run,
		    enum pdf_refusal *ret_refusal)
{
	struct process process = {.until_ms = clock_monotonic_ms() + patience_ms};
	struct pdf_bytes job;
	TRY(pdf_bytes_new(&job));
	enum err err = put_job(run->job, &job);
	if (err == OK)
		err = start(program, run, &job, &process);
	if (err == OK)
		err = attend(&process, run->answer, ret_refusal);
	pdf_bytes_free(&job);
	return err;
}
