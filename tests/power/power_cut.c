/* Cuts the power of a working portal again and again, and looks whether it kept its promises.
 *
 *   power_cut cut FILE_SYSTEM CUTS POSTERN    every answer given before the cut must hold after it
 *   power_cut kill ROUNDS POSTERN             the same with kill -9, without a disk of its own
 *   power_cut prove FILE_SYSTEM CUTS          without fsync: a loss must be seen, or this program
 * sees nothing
 *
 * An answer counts if it was given before the cut began. What comes later proves nothing: both file
 * systems can let an fsync that was under way when they were shut down return success, which no
 * process lives to see when the power really goes.
 *
 * Exit code 0: as it should be; 1: not so; 77: not possible here. */
#include "power/command.h"
#include "power/disk.h"
#include "power/ledger.h"
#include "power/verify.h"
#include "power/victim.h"

#include "base/log.h"
#include "base/random.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	EXIT_SKIP = 77,
	ROUNDS_PER_FOLDER = 30,
	WORK_MAX_MS = 250,    /* how long a victim works before the cut */
	STARTING_MAX_MS = 20, /* or, one time in eight, how long it has had to start */
	BASE_BYTES = 200,
	PATH_BYTES = BASE_BYTES + 20,
};

enum outcome {
	ALL_KEPT,
	PROMISE_BROKEN,
	NOT_TRIED, /* something else went wrong, so that this trial says nothing */
};

struct trial {
	struct disk *disk;     /* NULL: kill -9 only */
	char base[BASE_BYTES]; /* where data folders are made */
	char data[PATH_BYTES];
	char check_log[PATH_BYTES];
	char victim_log[PATH_BYTES];
	const char *postern; /* NULL: no `postern check` */
	bool is_unsafe;
	struct ledger ledger;
	int64_t sent; /* sums over all data folders */
	int64_t registered;
	int64_t settled;
	int64_t uploads;
	int64_t late; /* answers after the cut began, not counted */
};

static int random_below(int limit)
{
	uint32_t number;
	random_fill(&number, sizeof(number));
	return (int)(number % (uint32_t)limit);
}

/* Runs in a child, so that nothing of the portal is left in this process. */
static bool in_child(bool (*work)(struct trial *trial), struct trial *trial)
{
	int status = 0;
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		bool is_good = work(trial);
		fflush(NULL);
		_exit(is_good ? 0 : 1);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return false;
	if (WIFSIGNALED(status))
		printf("    killed by signal %d\n", WTERMSIG(status));
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool set_up(struct trial *trial)
{
	enum err err = victim_set_up(trial->data);
	if (err != OK)
		printf("    a portal could not be set up: %s\n", err_name(err));
	int fd = open(trial->base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool is_synced = fd >= 0 && syncfs(fd) == 0;
	if (fd >= 0)
		close(fd);
	return err == OK && is_synced;
}

static bool verify(struct trial *trial)
{
	return verify_promises(trial->data, &trial->ledger, trial->is_unsafe ? 2 : 20);
}

static bool check(struct trial *trial)
{
	if (freopen(trial->check_log, "w", stdout) && dup2(STDOUT_FILENO, STDERR_FILENO) >= 0)
		execl(trial->postern, trial->postern, "check", "--data", trial->data, (char *)NULL);
	perror(trial->postern);
	return false;
}

static enum outcome verify_all(struct trial *trial)
{
	if (!in_child(verify, trial))
		return PROMISE_BROKEN;
	if (!trial->postern || in_child(check, trial))
		return ALL_KEPT;
	printf("    `postern check` does not pass:\n");
	fflush(stdout);
	if (command_run(COMMAND("tail", "-n", "20", trial->check_log)) != OK)
		return NOT_TRIED;
	return PROMISE_BROKEN;
}

/* Answers come in order of their arrival in the pipe. Returns false if the victim failed before the
 * cut. */
static bool read_acks(struct trial *trial, int acks, int64_t cut_ns)
{
	struct ack ack;
	bool is_good = true;
	while (read(acks, &ack, sizeof(ack)) == sizeof(ack)) {
		if (ack.at_ns >= cut_ns) {
			trial->late++;
		} else if (ack.kind == ACK_FAILED) {
			printf("    %s failed before the cut: %s\n", ack.id.text,
			       err_name((enum err)ack.number));
			is_good = false;
		} else {
			ledger_enter(&trial->ledger, &ack);
		}
	}
	return is_good;
}

static void wait_for_moment(int acks)
{
	struct ack ready;
	int wait_ms;
	if (random_below(8) == 0)
		wait_ms = random_below(STARTING_MAX_MS);
	else if (read(acks, &ready, sizeof(ready)) == sizeof(ready))
		wait_ms = random_below(WORK_MAX_MS);
	else
		return;
	usleep((useconds_t)wait_ms * 1000 + (useconds_t)random_below(1000));
}

static bool run_victim(struct trial *trial)
{
	int pipe_fds[2];
	if (pipe2(pipe_fds, O_CLOEXEC) != 0)
		return false;
	fcntl(pipe_fds[0], F_SETPIPE_SZ, 1 << 20);
	fflush(NULL);
	pid_t victim = fork();
	if (victim == 0) {
		/* After the cut it complains without end. */
		if (!freopen(trial->victim_log, "w", stderr))
			_exit(1);
		victim_run(trial->data, trial->ledger.round, trial->is_unsafe, pipe_fds[1]);
		_exit(0);
	}
	close(pipe_fds[1]);
	wait_for_moment(pipe_fds[0]);
	int64_t cut_ns = ledger_clock_ns();
	enum err err = trial->disk ? disk_cut(trial->disk) : OK;
	kill(victim, SIGKILL);
	bool is_good = read_acks(trial, pipe_fds[0], cut_ns);
	close(pipe_fds[0]);
	waitpid(victim, NULL, 0);
	if (err == OK && trial->disk)
		err = disk_restart(trial->disk);
	return is_good && err == OK;
}

static bool begin_folder(struct trial *trial, int number)
{
	if (number > 0 && command_run(COMMAND("rm", "-rf", trial->data)) != OK)
		return false;
	trial->settled += (int64_t)trial->ledger.settled_count;
	trial->registered += trial->ledger.registered_count;
	trial->sent += trial->ledger.sent_count;
	ledger_clear(&trial->ledger);
	snprintf(trial->data, sizeof(trial->data), "%s/data%d", trial->base, number);
	return in_child(set_up, trial);
}

static void add_up(struct trial *trial)
{
	trial->settled += (int64_t)trial->ledger.settled_count;
	trial->registered += trial->ledger.registered_count;
	trial->sent += trial->ledger.sent_count;
	trial->uploads += (int64_t)trial->ledger.upload_count;
	ledger_clear(&trial->ledger);
}

/* All rounds; stops at the first fault. */
static enum outcome run_rounds(struct trial *trial, int rounds)
{
	enum outcome outcome = ALL_KEPT;
	int i = 0;
	for (; i < rounds && outcome == ALL_KEPT; i++) {
		if (i % ROUNDS_PER_FOLDER == 0) {
			add_up(trial);
			if (!begin_folder(trial, i / ROUNDS_PER_FOLDER))
				return NOT_TRIED;
		}
		trial->ledger.round = i % ROUNDS_PER_FOLDER;
		if (!run_victim(trial))
			return NOT_TRIED;
		outcome = verify_all(trial);
	}
	add_up(trial);
	printf("    %d rounds: %" PRId64 " messages, %" PRId64 " registrations, %" PRId64
	       " deliveries, %" PRId64 " files answered; "
	       "%" PRId64 " answers after a cut not counted\n",
	       i, trial->sent, trial->registered, trial->settled, trial->uploads, trial->late);
	/* With next to no answers there was nothing to lose. */
	bool is_enough = trial->sent >= i && trial->registered >= i / 4 &&
			 trial->settled >= i / 4 && trial->uploads >= i / 4;
	return outcome == ALL_KEPT && !is_enough ? NOT_TRIED : outcome;
}

static int on_disk(struct trial *trial, const char *file_system, int rounds, enum outcome wanted)
{
	struct disk disk;
	const char *why = NULL;
	enum outcome outcome = NOT_TRIED;
	if (disk_prepare(&why) != OK) {
		printf("    skipped: %s\n", why);
		return EXIT_SKIP;
	}
	if (disk_init(&disk, trial->base, file_system) == OK) {
		trial->disk = &disk;
		snprintf(trial->base, sizeof(trial->base), "%s", disk.mount);
		outcome = run_rounds(trial, rounds);
	}
	disk_release(&disk);
	return outcome == wanted ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int run_mode(struct trial *trial, int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	if (strcmp(mode, "cut") == 0 && argc == 5) {
		trial->postern = argv[4];
		return on_disk(trial, argv[2], atoi(argv[3]), ALL_KEPT);
	}
	if (strcmp(mode, "kill") == 0 && argc == 4) {
		trial->postern = argv[3];
		return run_rounds(trial, atoi(argv[2])) == ALL_KEPT ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	if (strcmp(mode, "prove") == 0 && argc == 4) {
		trial->is_unsafe = true;
		return on_disk(trial, argv[2], atoi(argv[3]), PROMISE_BROKEN);
	}
	fprintf(stderr, "power_cut cut FILE_SYSTEM CUTS POSTERN | kill ROUNDS POSTERN | prove "
			"FILE_SYSTEM CUTS\n");
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	static struct trial trial;
	char folder[BASE_BYTES / 2];
	int exit_code = EXIT_FAILURE;
	const char *parent = getenv("TMPDIR");
	snprintf(folder, sizeof(folder), "%s/power-XXXXXX", parent ? parent : "/tmp");
	if (!mkdtemp(folder))
		return EXIT_FAILURE;
	snprintf(trial.base, sizeof(trial.base), "%s", folder);
	snprintf(trial.check_log, sizeof(trial.check_log), "%s/check.log", folder);
	snprintf(trial.victim_log, sizeof(trial.victim_log), "%s/victim.log", folder);
	log_set_level(LOG_ERROR);
	if (crypto_init() == OK && ledger_init(&trial.ledger) == OK)
		exit_code = run_mode(&trial, argc, argv);
	ledger_release(&trial.ledger);
	if (command_run(COMMAND("rm", "-rf", folder)) != OK)
		return EXIT_FAILURE;
	return exit_code;
}
