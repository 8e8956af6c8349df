/* The client of spamd against a peer that does everything wrong, and against the real one. */
#include "scan/spamd.h"

#include "base/limits.h"
#include "scan/clamd_peer.h"
#include "scan/spamd_answer.h"

#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

extern char **environ;

enum { STEP_MS = 30, ANSWER_MS = 90, PATIENT_MS = 60000 };
#define LETTER STR("Subject: Hello\r\n\r\nText\r\n")
#define HEAD_BYTES (sizeof("SYMBOLS SPAMC/1.5\r\nContent-length: 24\r\n\r\n") - 1)

static const struct {
	const char *sentence, *answer;
	enum err expected;
	int64_t tenths, threshold_tenths;
	const char *rules;
} answers[] = {
	{"as it answers",
	 "SPAMD/1.1 0 EX_OK\r\nContent-length: 23\r\nSpam: False ; 1.2 / 5.0\r\n\r\nA,B_1\r\n", OK,
	 12, 50, "A,B_1"},
	{"spam", "SPAMD/1.1 0 EX_OK\r\nSpam: True ; 15 / 5.0\r\n\r\n", OK, 150, 50, ""},
	{"less than nothing", "SPAMD/1.1 0 EX_OK\r\nSpam: False ; -0.96 / 5\r\n\r\n", OK, -9, 50,
	 ""},
	{"headers in any case", "SPAMD/1.1 0 OK\nspam: False ; 0.0 / 5.0\n\n", OK, 0, 50, ""},
	{"rules are names", "SPAMD/1.1 0 EX_OK\r\nSpam: False ; 1 / 5\r\n\r\n<b>A</b>,\x1b[2JB", OK,
	 10, 50, "bAb,2JB"},
	{"an error of its own", "SPAMD/1.1 76 Bad header line\r\n\r\n", ERR_UNAVAILABLE, 0, 0, ""},
	{"no score", "SPAMD/1.1 0 EX_OK\r\n\r\n", ERR_UNAVAILABLE, 0, 0, ""},
	{"a score that is none", "SPAMD/1.1 0 EX_OK\r\nSpam: True ; nan / 5.0\r\n\r\n",
	 ERR_UNAVAILABLE, 0, 0, ""},
	{"a score below the headers", "SPAMD/1.1 0 EX_OK\r\n\r\nSpam: True ; 1 / 5.0\r\n",
	 ERR_UNAVAILABLE, 0, 0, ""},
	{"a huge score", "SPAMD/1.1 0 EX_OK\r\nSpam: True ; 9999999999 / 5.0\r\n\r\n",
	 ERR_UNAVAILABLE, 0, 0, ""},
	{"half a line", "SPAMD/1.1 0 EX_OK\r\nSpam: True ; ", ERR_UNAVAILABLE, 0, 0, ""},
	{"somebody else", "HTTP/1.1 200 OK\r\n\r\n", ERR_UNAVAILABLE, 0, 0, ""},
	{"nothing", "", ERR_UNAVAILABLE, 0, 0, ""},
};

static enum err judge(const char *url, int answer_ms, struct str letter, struct spam_verdict *ret)
{
	const struct spamd_options options = {
		.url = str_of(url), .step_ms = STEP_MS, .answer_ms = answer_ms};
	struct spamd *spamd;
	assert_int_equal(spamd_new(&options, &spamd), OK);
	enum err err = spamd_filter(spamd)->judge(spamd_filter(spamd), letter, ret);
	spamd_free(spamd);
	return err;
}

static void answers_are_understood(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct spam_verdict verdict = {0};
		print_message("# %s\n", answers[i].sentence);
		assert_int_equal(spamd_answer_parse(str_of(answers[i].answer), &verdict),
				 answers[i].expected);
		assert_int_equal(verdict.tenths, answers[i].tenths);
		assert_int_equal(verdict.threshold_tenths, answers[i].threshold_tenths);
		assert_string_equal(verdict.rules, answers[i].rules);
	}
}

/* ---- scripts ---- */

static void answer(struct clamd_peer *peer, int fd, int number)
{
	(void)number;
	if (clamd_peer_take(fd, peer->number) == peer->number)
		clamd_peer_say(fd, peer->words);
}

static void answer_by_drops(struct clamd_peer *peer, int fd, int number)
{
	(void)number;
	if (clamd_peer_take(fd, peer->number) == peer->number)
		for (size_t i = 0; i < peer->words.len; i++)
			clamd_peer_say(fd, str_slice(peer->words, i, 1));
}

static void close_at_once(struct clamd_peer *peer, int fd, int number)
{
	(void)peer;
	(void)fd;
	(void)number;
}

static void say_nothing(struct clamd_peer *peer, int fd, int number)
{
	(void)fd;
	(void)number;
	clamd_peer_wait(peer);
}

static void talk_for_ever(struct clamd_peer *peer, int fd, int number)
{
	(void)number;
	(void)clamd_peer_take(fd, peer->number);
	for (int i = 0; i < 100; i++)
		clamd_peer_say(fd,
			       STR("SPAMD/1.1 0 EX_OK and on and on and on and on and on and on "
				   "and on and on and on and on and on and on and on and on and on "
				   "and on and on and on and on and on and on and on and on and on "
				   "and on and on and on and on and on and on and on and on and "));
}

static const struct {
	const char *sentence;
	clamd_peer_script *script;
	enum err expected;
} peers[] = {
	{"it answers", answer, OK},
	{"it answers byte by byte", answer_by_drops, OK},
	{"it closes at once", close_at_once, ERR_UNAVAILABLE},
	{"it never answers", say_nothing, ERR_BUSY},
	{"it says too much", talk_for_ever, ERR_UNAVAILABLE},
};

static void peers_do_everything_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * sizeof(peers) / sizeof(peers[0]); i++) {
		static struct clamd_peer peer;
		struct spam_verdict verdict;
		bool is_silent = peers[i / 2].script == say_nothing;
		clamd_peer_start(&peer, i % 2 == 1, peers[i / 2].script, str_of(answers[0].answer),
				 (int64_t)(HEAD_BYTES + LETTER.len));
		print_message("# %s\n", peers[i / 2].sentence);
		assert_int_equal(
			judge(peer.url, is_silent ? ANSWER_MS : PATIENT_MS, LETTER, &verdict),
			peers[i / 2].expected);
		clamd_peer_go_on(&peer);
		clamd_peer_stop(&peer);
	}
}

static void nobody_is_there(void **state)
{
	(void)state;
	struct spam_verdict verdict;
	assert_int_equal(judge("unix:/nonexistent/spamd", ANSWER_MS, LETTER, &verdict),
			 ERR_UNAVAILABLE);
	assert_int_equal(judge("127.0.0.1:1", ANSWER_MS, LETTER, &verdict), ERR_UNAVAILABLE);
}

static void addresses(void **state)
{
	static const char *const bad[] = {"",           "localhost:783",
					  "127.0.0.1",  "127.0.0.1:0",
					  "unix:spamd", "http://127.0.0.1:783"};
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct spamd_options options = {.url = str_of(bad[i])};
		struct spamd *spamd;
		assert_int_equal(spamd_new(&options, &spamd), ERR_INVALID);
	}
}

/* ---- the real one ---- */

/* Debian: package spamd. */
static const char *spamd_program(void)
{
	static const char *const paths[] = {"/usr/sbin/spamd", "/usr/bin/spamd"};
	const char *given = getenv("POSTERN_TEST_SPAMD");
	if (given)
		return given;
	for (size_t i = 0; i < 2; i++)
		if (access(paths[i], X_OK) == 0)
			return paths[i];
	return NULL;
}

static void the_real_one_judges(void **state)
{
	(void)state;
	char folder[] = "/tmp/postern-spamd-XXXXXX", socket[64], path[80], url[80], pid_file[80];
	const char *program = spamd_program();
	struct spam_verdict good = {0}, bad = {0};
	enum err err = ERR_UNAVAILABLE;
	pid_t pid;
	int status;
	if (program == NULL) {
		print_message("# spamd is not installed: it is not asked\n");
		skip();
	}
	assert_non_null(mkdtemp(folder));
	snprintf(socket, sizeof(socket), "%s/spamd.sock", folder);
	snprintf(path, sizeof(path), "--socketpath=%s", socket);
	snprintf(pid_file, sizeof(pid_file), "--pidfile=%s/pid", folder);
	snprintf(url, sizeof(url), "unix:%s", socket);
	const char *arguments[] = {program, path,   pid_file, "-L", "-x", "--max-children=1",
				   "-s",    "null", NULL};
	assert_int_equal(posix_spawn(&pid, program, NULL, NULL, (char *const *)arguments, environ),
			 0);
	for (int i = 0; i < 600 && err != OK; i++, usleep(100000))
		err = judge(url, PATIENT_MS, LETTER, &good);
	if (err == OK)
		err = judge(url, PATIENT_MS,
			    STR("Subject: Hello\r\n\r\nXJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-"
				"ANTI-UBE-TEST-EMAIL*C.34X\r\n"),
			    &bad);
	kill(pid, SIGTERM);
	waitpid(pid, &status, 0);
	unlink(socket);
	snprintf(path, sizeof(path), "%s/pid", folder);
	unlink(path);
	rmdir(folder);
	assert_int_equal(err, OK);
	assert_int_equal(good.threshold_tenths, 50);
	assert_true(good.tenths < 100);
	assert_non_null(strstr(good.rules, "MISSING_DATE"));
	assert_true(bad.tenths >= 1000);
	assert_non_null(strstr(bad.rules, "GTUBE"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_understood),
		cmocka_unit_test(peers_do_everything_wrong),
		cmocka_unit_test(nobody_is_there),
		cmocka_unit_test(addresses),
		cmocka_unit_test(the_real_one_judges),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
