#include "scan/clamd_fixture.h"

#include "base/clock.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

extern char **environ;

enum { START_MS = 60000 };

static const char *const programs[] = {"/usr/sbin/clamd", "/usr/bin/clamd",
				       "/usr/local/sbin/clamd"};

static const char *find_program(void)
{
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (access(programs[i], X_OK) == 0)
			return programs[i];
	return NULL;
}

bool clamd_fixture_is_possible(void)
{
	if (find_program())
		return true;
	print_message("# clamav-daemon is not installed: nothing is tested against a real clamd\n");
	return false;
}

struct str clamd_fixture_eicar(char room[68])
{
	static const char start[] = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EIC",
			  end[] = "AR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";
	memcpy(room, start, sizeof(start) - 1);
	memcpy(room + sizeof(start) - 1, end, sizeof(end) - 1);
	return (struct str){room, sizeof(start) - 1 + sizeof(end) - 1};
}

static FILE *create(const struct clamd_fixture *fixture, const char *name)
{
	char path[96];
	snprintf(path, sizeof(path), "%s/%s", fixture->folder, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	return file;
}

/* An extended signature (clamav.net, ".ndb"): name, any kind of file, anywhere, these bytes. */
static void write_database(const struct clamd_fixture *fixture)
{
	char room[68];
	struct str eicar = clamd_fixture_eicar(room);
	FILE *file = create(fixture, "postern.ndb");
	fputs("Test.EICAR:0:*:", file);
	for (size_t i = 0; i < eicar.len; i++)
		fprintf(file, "%02x", (unsigned char)eicar.data[i]);
	fputc('\n', file);
	fclose(file);
}

static void write_configuration(const struct clamd_fixture *fixture)
{
	FILE *file = create(fixture, "clamd.conf");
	fprintf(file,
		"LocalSocket %s/clamd.ctl\nDatabaseDirectory %s\nTemporaryDirectory %s\n"
		"Foreground yes\nStreamMaxLength %d\nMaxFileSize %d\nAlertExceedsMax yes\n",
		fixture->folder, fixture->folder, fixture->folder, CLAMD_FIXTURE_STREAM_MAX_BYTES,
		CLAMD_FIXTURE_FILE_MAX_BYTES);
	fclose(file);
}

static bool answers(const struct clamd_fixture *fixture)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char answer[5] = "";
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/clamd.ctl", fixture->folder);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool is_pong = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
		       send(fd, "zPING", 6, MSG_NOSIGNAL) == 6 &&
		       recv(fd, answer, sizeof(answer), MSG_WAITALL) == sizeof(answer) &&
		       memcmp(answer, "PONG", sizeof(answer)) == 0;
	close(fd);
	return is_pong;
}

static void wait_until_it_answers(const struct clamd_fixture *fixture)
{
	const struct timespec pause = {.tv_nsec = 20 * 1000000L};
	int64_t until_ms = clock_monotonic_ms() + START_MS;
	while (!answers(fixture)) {
		if (clock_monotonic_ms() > until_ms || waitpid(fixture->pid, NULL, WNOHANG) != 0)
			fail_msg("clamd does not start: see %s/clamd.log", fixture->folder);
		nanosleep(&pause, NULL);
	}
}

void clamd_fixture_restart(struct clamd_fixture *fixture)
{
	char option[96], log[96];
	snprintf(option, sizeof(option), "--config-file=%s/clamd.conf", fixture->folder);
	snprintf(log, sizeof(log), "%s/clamd.log", fixture->folder);
	char *program = strdup(find_program());
	char *arguments[] = {program, option, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log,
					 O_WRONLY | O_CREAT | O_APPEND, 0600);
	posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
	assert_int_equal(posix_spawn(&fixture->pid, program, &actions, NULL, arguments, environ),
			 0);
	posix_spawn_file_actions_destroy(&actions);
	free(program);
	wait_until_it_answers(fixture);
}

void clamd_fixture_start(struct clamd_fixture *fixture)
{
	*fixture = (struct clamd_fixture){.folder = "/tmp/postern-clamd-XXXXXX"};
	assert_non_null(mkdtemp(fixture->folder));
	snprintf(fixture->url, sizeof(fixture->url), "unix:%s/clamd.ctl", fixture->folder);
	write_database(fixture);
	write_configuration(fixture);
	clamd_fixture_restart(fixture);
}

void clamd_fixture_freeze(const struct clamd_fixture *fixture, bool is_frozen)
{
	int status;
	assert_int_equal(kill(fixture->pid, is_frozen ? SIGSTOP : SIGCONT), 0);
	assert_int_equal(waitpid(fixture->pid, &status, WUNTRACED | WCONTINUED), fixture->pid);
}

void clamd_fixture_end(struct clamd_fixture *fixture)
{
	kill(fixture->pid, SIGKILL);
	waitpid(fixture->pid, NULL, 0);
}

void clamd_fixture_stop(struct clamd_fixture *fixture)
{
	static const char *const names[] = {"clamd.ctl", "clamd.conf", "clamd.log", "postern.ndb"};
	char path[96];
	clamd_fixture_end(fixture);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", fixture->folder, names[i]);
		unlink(path);
	}
	rmdir(fixture->folder);
}
