/* The worker, told to get out of its jail by a job that only the program built for this test knows;
 * and what the portal makes of a worker that dies or talks nonsense. */
#include "base/limits.h"
#include "base/log.h"
#include "pdf/made_pdf.h"
#include "pdf/worker/escape.h"
#include "pdf/worker/jail.h"
#include "pdf/workers.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const struct made_pdf plain = {.name = "plain"};

static enum err try_with(const char *program, int64_t way, enum pdf_refusal *refusal)
{
	struct pdf_bytes document = made_pdf(&plain), output;
	const struct job job = {.kind = JOB_ESCAPE, .escape = way};
	struct pdf_workers *workers;
	struct wire wire;
	CLEANUP_BUF struct buf answer;
	buf_init(&answer, LIMIT_PDF_ANSWER_BYTES);
	assert_int_equal(pdf_workers_new(str_of(program), 1, &workers), OK);
	if (way == ESCAPE_SLEEP || way == ESCAPE_TIME) /* it would be awaited for long */
		pdf_workers_hurry(workers, 300, 1000);
	assert_int_equal(pdf_bytes_new(&output), OK);
	const struct worker_run run = {
		.job = &job, .document = &document, .answer = &answer, .output = &output};
	enum err err = pdf_workers_run(workers, &run, &wire, refusal);
	pdf_workers_free(workers);
	pdf_bytes_free(&document);
	pdf_bytes_free(&output);
	return err;
}

/* Makes this process, and what it starts, live on a system that lacks a call. A prctl() is lacking
 * with this first argument only. */
static void do_without(int call, int other_prctl)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	const uint32_t lacking = SCMP_ACT_ERRNO(ENOSYS);
	bool is_loaded = filter != NULL && seccomp_rule_add(filter, lacking, call, 0) == 0 &&
			 (other_prctl == 0 ||
			  seccomp_rule_add(filter, lacking, SCMP_SYS(prctl), 1,
					   SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)other_prctl)) == 0) &&
			 seccomp_load(filter) == 0;
	seccomp_release(filter);
	if (!is_loaded)
		_exit(126);
}

/* Worker and system, which may lack a call (0: none): how it ended. */
static int ended_without(int64_t way, int call, int other_prctl)
{
	struct pdf_bytes document = made_pdf(&plain), output, job;
	const struct job escape = {.kind = JOB_ESCAPE, .escape = way};
	CLEANUP_BUF struct buf bytes;
	int status, nothing = open("/dev/null", O_RDWR);
	buf_init(&bytes, 4096);
	job_put(&bytes, &escape);
	assert_int_equal(pdf_bytes_new(&job), OK);
	assert_int_equal(pdf_bytes_add(&job, buf_str(&bytes)), OK);
	assert_int_equal(pdf_bytes_new(&output), OK);
	pid_t child = fork();
	if (child == 0) {
		const int fds[] = {job.fd, nothing, nothing, document.fd, output.fd};
		int lifted[5];
		for (int i = 0; i < 5; i++)
			lifted[i] = fcntl(fds[i], F_DUPFD, 20);
		for (int i = 0; i < 5; i++)
			dup2(lifted[i], i);
		if (call != 0)
			do_without(call, other_prctl);
		execl(POSTERN_PDF_ESCAPE, "postern-pdf", NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	close(nothing);
	pdf_bytes_free(&job);
	pdf_bytes_free(&document);
	pdf_bytes_free(&output);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static int ended_by(int64_t way)
{
	return ended_without(way, 0, 0);
}

static void a_call_that_is_not_on_the_list_ends_it(void **state)
{
	static const int ways[] = {ESCAPE_OPEN,
				   ESCAPE_OPENAT,
				   ESCAPE_CREATE,
				   ESCAPE_SOCKET,
				   ESCAPE_CONNECT,
				   ESCAPE_EXEC,
				   ESCAPE_FORK,
				   ESCAPE_CLONE,
				   ESCAPE_KILL,
				   ESCAPE_PTRACE,
				   ESCAPE_WRITE_INPUT,
				   ESCAPE_MAP_INPUT,
				   ESCAPE_EXECUTABLE_MEMORY};
	(void)state;
	assert_int_equal(ended_by(ESCAPE_NOT), WORKER_DONE);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (ended_by(ways[i]) != -SIGSYS)
			fail_msg("way %d: %d", ways[i], ended_by(ways[i]));
}

static void more_memory_than_it_may_have_is_refused(void **state)
{
	(void)state;
	assert_int_equal(ended_by(ESCAPE_MEMORY), ESCAPE_WAS_TOLD_NO);
}

/* The other wall, by itself: in a process that may call what it wants. */
static int behind_landlock(bool (*is_out)(void))
{
	int status;
	pid_t child = fork();
	if (child == 0) {
		if (!jail_files())
			_exit(WORKER_NO_JAIL);
		_exit(is_out() ? ESCAPE_IS_OUT : ESCAPE_WAS_TOLD_NO);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool can_read(void)
{
	return open("/etc/passwd", O_RDONLY) >= 0;
}

static bool can_list(void)
{
	return open("/", O_RDONLY | O_DIRECTORY) >= 0;
}

static bool can_write(void)
{
	return open("/tmp/postern-jail-test", O_CREAT | O_WRONLY, 0600) >= 0;
}

static bool can_start(void)
{
	execl("/bin/true", "true", NULL);
	return false;
}

static void no_file_is_behind_the_other_wall(void **state)
{
	static bool (*const ways[])(void) = {can_read, can_list, can_write, can_start};
	(void)state;
	assert_true(can_read());
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		assert_int_equal(behind_landlock(ways[i]), ESCAPE_WAS_TOLD_NO);
}

/* It ends before it looks at its job. */
static void without_its_jail_it_does_not_start(void **state)
{
	static const struct {
		const char *what;
		int call, other_prctl, code;
	} rows[] = {
		{"nothing that it needs", SCMP_SYS(getcwd), 0, WORKER_DONE},
		{"limits", SCMP_SYS(prlimit64), 0, WORKER_NO_JAIL},
		{"closing what came along", SCMP_SYS(close_range), 0, WORKER_NO_JAIL},
		{"Landlock", SCMP_SYS(landlock_create_ruleset), 0, WORKER_NO_JAIL},
		{"Landlock for oneself", SCMP_SYS(landlock_restrict_self), 0, WORKER_NO_JAIL},
		{"no new privileges", SCMP_SYS(getcwd), PR_SET_NO_NEW_PRIVS, WORKER_NO_JAIL},
		{"seccomp", SCMP_SYS(seccomp), PR_SET_SECCOMP, WORKER_NO_JAIL},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int code = ended_without(ESCAPE_NOT, rows[i].call, rows[i].other_prctl);
		if (code != rows[i].code)
			fail_msg("without %s: %d", rows[i].what, code);
	}
}

static void a_portal_on_such_a_system_is_told(void **state)
{
	int status;
	(void)state;
	pid_t child = fork();
	if (child == 0) {
		enum pdf_refusal refusal = PDF_FINE;
		bool was_fine =
			try_with(POSTERN_PDF_ESCAPE, ESCAPE_NONSENSE, &refusal) == ERR_INTERNAL;
		do_without(SCMP_SYS(landlock_create_ruleset), 0);
		enum err err = try_with(POSTERN_PDF_ESCAPE, ESCAPE_NONSENSE, &refusal);
		_exit(was_fine && err == ERR_UNAVAILABLE ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void the_shipped_program_knows_no_such_job(void **state)
{
	enum pdf_refusal refusal = PDF_FINE;
	(void)state;
	assert_int_equal(try_with(POSTERN_PDF, ESCAPE_NOT, &refusal), ERR_INTERNAL);
	assert_int_equal(try_with(POSTERN_PDF, ESCAPE_OPEN, &refusal), ERR_INTERNAL);
}

static void a_worker_that_fails_is_an_error_and_no_more(void **state)
{
	static const struct {
		int way;
		enum err err;
		enum pdf_refusal refusal;
	} rows[] = {
		{ESCAPE_CRASH, ERR_INTERNAL, PDF_FINE},
		{ESCAPE_OPEN, ERR_INTERNAL, PDF_FINE},
		{ESCAPE_NONSENSE, ERR_INTERNAL, PDF_FINE},
		{ESCAPE_CHATTER, ERR_INTERNAL, PDF_FINE},
		{ESCAPE_SLEEP, ERR_INVALID, PDF_TOO_HEAVY},
		{ESCAPE_TIME, ERR_INVALID, PDF_TOO_HEAVY},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum pdf_refusal refusal = PDF_FINE;
		assert_int_equal(try_with(POSTERN_PDF_ESCAPE, rows[i].way, &refusal), rows[i].err);
		assert_int_equal(refusal, rows[i].refusal);
	}
}

static void nonsense_is_not_believed(void **state)
{
	static const struct {
		const char *words;
		size_t len;
	} rows[] = {{"", 0},
		    {"pdf1", 4},
		    {"pdf2\0", 5},
		    {"pdf1\x63", 5},
		    {"pdf1\0x", 6},
		    {"pdf1\x02 and more", 13},
		    {"pdf1\0\xff\xff\xff\xff\xff\xff\xff\x7f", 13}};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CLEANUP_ARENA struct arena arena;
		struct wire wire;
		enum pdf_refusal refusal;
		struct pdf_facts facts;
		arena_init(&arena, 1 << 20);
		enum err err = answer_read(str_bytes(rows[i].words, rows[i].len), &wire, &refusal);
		if (err == OK)
			err = answer_facts(&wire, &arena, &facts);
		assert_int_equal(err, ERR_INTERNAL);
	}
}

static void without_its_program_there_is_none(void **state)
{
	static const char *const programs[] = {"/nonexistent/postern-pdf", "/etc/passwd", "/tmp"};
	struct pdf_bytes document = made_pdf(&plain);
	(void)state;
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		CLEANUP_ARENA struct arena arena;
		struct pdf_workers *workers;
		struct pdf_facts facts;
		enum pdf_refusal refusal;
		arena_init(&arena, 1 << 20);
		assert_int_equal(pdf_workers_new(str_of(programs[i]), 1, &workers), OK);
		assert_int_equal(pdf_inspect(workers, &document, &arena, &facts, &refusal),
				 ERR_UNAVAILABLE);
		pdf_workers_free(workers);
	}
	pdf_bytes_free(&document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_that_is_not_on_the_list_ends_it),
		cmocka_unit_test(more_memory_than_it_may_have_is_refused),
		cmocka_unit_test(no_file_is_behind_the_other_wall),
		cmocka_unit_test(without_its_jail_it_does_not_start),
		cmocka_unit_test(a_portal_on_such_a_system_is_told),
		cmocka_unit_test(the_shipped_program_knows_no_such_job),
		cmocka_unit_test(a_worker_that_fails_is_an_error_and_no_more),
		cmocka_unit_test(nonsense_is_not_believed),
		cmocka_unit_test(without_its_program_there_is_none),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
