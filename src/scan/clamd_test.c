/* The client against a peer that does everything wrong, by both kinds of sockets. */
#include "scan/clamd.h"

#include "base/limits.h"
#include "scan/clamd_answer.h"
#include "scan/clamd_peer.h"
#include "scan/scan_address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

enum { STEP_MS = 30, ANSWER_MS = 90, PATIENT_MS = 60000, MIB = 1 << 20 };

static struct clamd *new_clamd(const struct clamd_peer *peer, int answer_ms)
{
	const struct clamd_options options = {
		.url = str_of(peer->url), .step_ms = STEP_MS, .answer_ms = answer_ms};
	struct clamd *clamd = NULL;
	assert_int_equal(clamd_new(&options, &clamd), OK);
	return clamd;
}

static char *make_bytes(int64_t count)
{
	char *bytes = malloc((size_t)count + 1);
	for (int64_t i = 0; i < count; i++)
		bytes[i] = clamd_peer_byte(i);
	return bytes;
}

/* All of it in pieces, with an empty one in between, and the end. */
static enum err scan_bytes(struct clamd *clamd, int64_t count, struct scan_result *ret)
{
	struct scanner *scanner = clamd_scanner(clamd);
	struct scan *scan = NULL;
	char *bytes = make_bytes(count);
	enum err err = scanner->begin(scanner, &scan);
	for (int64_t at = 0, piece = 1; err == OK && at < count; at += piece, piece = 700001) {
		struct str part =
			str_slice(str_bytes(bytes, (size_t)count), (size_t)at, (size_t)piece);
		err = scanner->add(scan, part);
		if (err == OK)
			err = scanner->add(scan, STR_NONE);
	}
	if (scan) { /* it says what add() said */
		enum err end = scanner->finish(scan, ret);
		assert_int_equal(end, err == ERR_TOO_LARGE ? OK : err != OK ? err : end);
		err = end;
	}
	scanner->free(scan);
	free(bytes);
	return err;
}

/* ---- scripts ---- */

static void answer(struct clamd_peer *peer, int fd, int number)
{
	if (clamd_peer_take_stream(fd, INT64_MAX))
		clamd_peer_say(fd, peer->words);
	(void)number;
}

static void answer_by_drops(struct clamd_peer *peer, int fd, int number)
{
	if (clamd_peer_take_stream(fd, INT64_MAX))
		for (size_t i = 0; i < peer->words.len; i++)
			clamd_peer_say(fd, str_slice(peer->words, i, 1));
	(void)number;
}

static const struct str limit_exceeded = {"INSTREAM size limit exceeded. ERROR", 36};

/* As clamd does it: closes with bytes unread. */
static void limit(struct clamd_peer *peer, int fd, int number)
{
	if (clamd_peer_take_stream(fd, peer->number))
		clamd_peer_say(fd, STR("stream: OK\0"));
	else
		clamd_peer_say(fd, limit_exceeded);
	(void)number;
}

static void limit_said_in_vain(struct clamd_peer *peer, int fd, int number)
{
	if (!clamd_peer_take_stream(fd, peer->number) && number > 0)
		clamd_peer_say(fd, limit_exceeded);
}

/* Of the second connection, which only asks about the length, nothing else is believed. */
static void hang_up_and_be_clean_then(struct clamd_peer *peer, int fd, int number)
{
	if (number == 0 && clamd_peer_take_stream(fd, INT64_MAX))
		return;
	clamd_peer_say(fd, peer->words);
	clamd_peer_take(fd, 14);
}

static void say_at_once_and_read_on(struct clamd_peer *peer, int fd, int number)
{
	clamd_peer_say(fd, peer->words);
	clamd_peer_take(fd, INT64_MAX);
	(void)number;
}

static void say_at_once_and_close(struct clamd_peer *peer, int fd, int number)
{
	clamd_peer_say(fd, peer->words);
	(void)number;
}

static void close_after_so_many(struct clamd_peer *peer, int fd, int number)
{
	clamd_peer_take(fd, peer->number);
	(void)number;
}

static void never_answer(struct clamd_peer *peer, int fd, int number)
{
	clamd_peer_take(fd, INT64_MAX);
	(void)peer, (void)number;
}

static void never_read(struct clamd_peer *peer, int fd, int number)
{
	clamd_peer_wait(peer);
	(void)fd, (void)number;
}

static const struct row {
	const char *sentence;
	clamd_peer_script *script;
	struct str words;
	int64_t number; /* for the script */
	int64_t bytes;  /* of the file */
	enum err err;
	enum scan_verdict verdict;
	const char *signature;
} rows[] = {
	{"nothing found", answer, {"stream: OK", 11}, 0, 3 * MIB, OK, SCAN_CLEAN, ""},
	{"an empty file", answer, {"stream: OK", 11}, 0, 0, OK, SCAN_CLEAN, ""},
	{"one byte", answer, {"stream: OK", 11}, 0, 1, OK, SCAN_CLEAN, ""},
	{"found",
	 answer,
	 {"stream: Win.Test.EICAR_HDB-1 FOUND", 35},
	 0,
	 5000,
	 OK,
	 SCAN_INFECTED,
	 "Win.Test.EICAR_HDB-1"},
	{"words that come by drops",
	 answer_by_drops,
	 {"stream: A.B FOUND", 18},
	 0,
	 5,
	 OK,
	 SCAN_INFECTED,
	 "A.B"},
	{"ended by a line's end", answer, {"stream: A FOUND\n", 16}, 0, 5, OK, SCAN_INFECTED, "A"},
	{"more behind the answer is not read",
	 answer,
	 {"stream: A FOUND\0stream: OK", 27},
	 0,
	 5,
	 OK,
	 SCAN_INFECTED,
	 "A"},
	{"just as long as it takes", limit, {"", 0}, 3 * MIB, 3 * MIB, OK, SCAN_CLEAN, ""},
	{"a byte too long", limit, {"", 0}, 3 * MIB - 1, 3 * MIB, OK, SCAN_TOO_LARGE, ""},
	{"much too long: it hangs up with bytes unread",
	 limit,
	 {"", 0},
	 1000,
	 20 * MIB,
	 OK,
	 SCAN_TOO_LARGE,
	 ""},
	{"too long, and its words are lost",
	 limit_said_in_vain,
	 {"", 0},
	 1000,
	 20 * MIB,
	 OK,
	 SCAN_TOO_LARGE,
	 ""},
	{"too long by one byte, and its words are lost",
	 limit_said_in_vain,
	 {"", 0},
	 4999,
	 5000,
	 OK,
	 SCAN_TOO_LARGE,
	 ""},
	{"too long already at the first byte", limit, {"", 0}, 0, 20 * MIB, OK, SCAN_TOO_LARGE, ""},
	{"a limit inside: it has not looked at all of it",
	 answer,
	 {"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND", 53},
	 0,
	 5,
	 OK,
	 SCAN_TOO_LARGE,
	 "Heuristics.Limits.Exceeded.MaxFileSize"},
	{"control characters in a name",
	 answer,
	 {"stream: A\x1b[1m\xff B FOUND", 23},
	 0,
	 5,
	 OK,
	 SCAN_INFECTED,
	 "A?[1m??B"},
	{"an error of its own",
	 answer,
	 {"stream: Can't allocate memory ERROR", 36},
	 0,
	 5,
	 ERR_UNAVAILABLE,
	 0,
	 ""},
	{"too slow for it",
	 say_at_once_and_close,
	 {"COMMAND READ TIMED OUT\n", 23},
	 0,
	 20 * MIB,
	 ERR_UNAVAILABLE,
	 0,
	 ""},
	{"clean before it has seen all is nothing",
	 say_at_once_and_read_on,
	 {"stream: OK", 11},
	 0,
	 20 * MIB,
	 ERR_UNAVAILABLE,
	 0,
	 ""},
	{"clean before the end of a small one is nothing",
	 say_at_once_and_close,
	 {"stream: OK", 11},
	 0,
	 20 * MIB,
	 ERR_UNAVAILABLE,
	 0,
	 ""},
	{"nonsense",
	 answer,
	 {"HTTP/1.1 400 Bad Request\r\n\r\n", 28},
	 0,
	 5,
	 ERR_UNAVAILABLE,
	 0,
	 ""},
	{"bytes", answer, {"\xff\x01\x80\x7f\0", 5}, 0, 5, ERR_UNAVAILABLE, 0, ""},
	{"nothing but an end", answer, {"", 1}, 0, 5, ERR_UNAVAILABLE, 0, ""},
	{"found nothing with a name", answer, {"stream: FOUND", 14}, 0, 5, ERR_UNAVAILABLE, 0, ""},
	{"clean and more", answer, {"stream: OK FINE", 16}, 0, 5, ERR_UNAVAILABLE, 0, ""},
	{"clean, without an end", answer, {"stream: OK", 10}, 0, 5, ERR_UNAVAILABLE, 0, ""},
	{"another command's answer", answer, {"PONG", 5}, 0, 5, ERR_UNAVAILABLE, 0, ""},
	{"closed without a word",
	 close_after_so_many,
	 {"", 0},
	 0,
	 20 * MIB,
	 ERR_UNAVAILABLE,
	 0,
	 ""},
	{"closed, and clean when asked for its limit",
	 hang_up_and_be_clean_then,
	 {"stream: OK", 11},
	 0,
	 5,
	 ERR_UNAVAILABLE,
	 0,
	 ""},
	{"it reads and never answers", never_answer, {"", 0}, 0, 5000, ERR_BUSY, 0, ""},
	{"it does not even read", never_read, {"", 0}, 0, 20 * MIB, ERR_BUSY, 0, ""},
};

static void check_row(const struct row *row, bool is_tcp)
{
	struct clamd_peer peer;
	struct scan_result result = {0};
	clamd_peer_start(&peer, is_tcp, row->script, row->words, row->number);
	struct clamd *clamd = new_clamd(&peer, row->err == ERR_BUSY ? ANSWER_MS : PATIENT_MS);
	enum err err = scan_bytes(clamd, row->bytes, &result);
	if (err != row->err || (err == OK && (result.verdict != row->verdict ||
					      strcmp(result.signature, row->signature) != 0)))
		fail_msg("%s (%s): %s, verdict %d, \"%s\"", row->sentence, is_tcp ? "TCP" : "local",
			 err_name(err), result.verdict, result.signature);
	clamd_peer_stop(&peer);
	clamd_free(clamd);
}

static void test_answers(void **state)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check_row(&rows[i], false);
		check_row(&rows[i], true);
	}
	(void)state;
}

static void test_long_answers(void **state)
{
	static char words[LIMIT_SCAN_ANSWER_BYTES * 4];
	struct row row = {"a long name is cut", answer, {words, 508}, 0, 5, OK,
			  SCAN_INFECTED,        NULL};
	char signature[SCAN_SIGNATURE_BYTES] = "";
	memset(words, 'v', sizeof(words));
	memcpy(words, "stream: ", 8);
	memcpy(words + 501, " FOUND", 7);
	memset(signature, 'v', SCAN_SIGNATURE_BYTES - 1);
	row.signature = signature;
	check_row(&row, false);
	row = (struct row){"an answer without an end",
			   answer,
			   {words, sizeof(words)},
			   0,
			   5,
			   ERR_UNAVAILABLE,
			   0,
			   ""};
	memset(words + 501, 'v', 7);
	check_row(&row, true);
	(void)state;
}

/* Whatever it has read when it goes, what it did not say is not taken for clean. */
static void test_cut_after_every_byte(void **state)
{
	enum { BYTES = 40, ON_THE_WIRE = 10 + 4 + 1 + 4 + BYTES - 1 + 4 };
	for (int64_t cut = 0; cut <= ON_THE_WIRE; cut++) {
		const struct row row = {"cut", close_after_so_many, STR_NONE, cut,
					BYTES, ERR_UNAVAILABLE,     0,        ""};
		check_row(&row, cut % 2);
	}
	for (size_t said = 0; said <= 11; said++) {
		const struct row row = {"cut in its answer",
					answer,
					{"stream: OK", said},
					0,
					3,
					said == 11 ? OK : ERR_UNAVAILABLE,
					SCAN_CLEAN,
					""};
		check_row(&row, said % 2);
	}
	(void)state;
}

static void test_nobody_there(void **state)
{
	static const char *const urls[] = {"unix:/nowhere/clamd.ctl", "unix:/dev/null",
					   "tcp:127.0.0.1:1"};
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		const struct clamd_options options = {.url = str_of(urls[i])};
		struct clamd *clamd;
		struct scan *scan;
		assert_int_equal(clamd_new(&options, &clamd), OK);
		struct scanner *scanner = clamd_scanner(clamd);
		assert_int_equal(scanner->begin(scanner, &scan), ERR_UNAVAILABLE);
		clamd_free(clamd);
	}
	(void)state;
}

/* By the first byte of the file: which one it is must not depend on the order of connections. */
static void answer_by_first_byte(struct clamd_peer *peer, int fd, int number)
{
	char start[15], rest[5];
	if (recv(fd, start, sizeof(start), MSG_WAITALL) == sizeof(start) &&
	    recv(fd, rest, sizeof(rest), MSG_WAITALL) == sizeof(rest) &&
	    clamd_peer_take(fd, 4) == 4)
		clamd_peer_say(fd,
			       start[14] == 'v' ? STR("stream: V FOUND\0") : STR("stream: OK\0"));
	(void)peer, (void)number;
}

static void test_two_at_once(void **state)
{
	struct clamd_peer peer;
	struct scan *good, *bad;
	struct scan_result result;
	clamd_peer_start(&peer, false, answer_by_first_byte, STR_NONE, 0);
	struct clamd *clamd = new_clamd(&peer, PATIENT_MS);
	struct scanner *scanner = clamd_scanner(clamd);
	assert_int_equal(scanner->begin(scanner, &good), OK);
	assert_int_equal(scanner->begin(scanner, &bad), OK);
	assert_int_equal(scanner->add(bad, STR("v")), OK);
	assert_int_equal(scanner->add(good, STR("g")), OK);
	assert_int_equal(scanner->add(good, STR("g")), OK);
	assert_int_equal(scanner->add(bad, STR("v")), OK);
	assert_int_equal(scanner->finish(good, &result), OK);
	assert_int_equal(result.verdict, SCAN_CLEAN);
	assert_int_equal(scanner->finish(bad, &result), OK);
	assert_int_equal(result.verdict, SCAN_INFECTED);
	scanner->free(good);
	scanner->free(bad);
	clamd_peer_stop(&peer);
	clamd_free(clamd);
	(void)state;
}

/* ---- a scanner that hangs holds few of those who wait ---- */

static void answer_when_told(struct clamd_peer *peer, int fd, int number)
{
	if (!clamd_peer_take_stream(fd, INT64_MAX))
		return;
	clamd_peer_wait(peer);
	clamd_peer_say(fd, STR("stream: OK\0"));
	(void)number;
}

struct crowd {
	struct clamd *clamd;
	struct clamd_peer *peer;
	atomic_int busy, clean;
};

enum { CROWD = LIMIT_SCANS_WAITING + 4 };

static void *wait_in_crowd(void *argument)
{
	struct crowd *crowd = argument;
	struct scan_result result;
	enum err err = scan_bytes(crowd->clamd, 10, &result);
	if (err == OK && result.verdict == SCAN_CLEAN)
		crowd->clean++;
	else if (err == ERR_BUSY && ++crowd->busy == CROWD - LIMIT_SCANS_WAITING)
		clamd_peer_go_on(crowd->peer);
	return NULL;
}

static void test_few_wait_long(void **state)
{
	struct clamd_peer peer;
	pthread_t threads[CROWD];
	clamd_peer_start(&peer, false, answer_when_told, STR_NONE, 0);
	struct crowd crowd = {.clamd = new_clamd(&peer, PATIENT_MS), .peer = &peer};
	for (int i = 0; i < CROWD; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, wait_in_crowd, &crowd), 0);
	for (int i = 0; i < CROWD; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(crowd.busy, CROWD - LIMIT_SCANS_WAITING);
	assert_int_equal(crowd.clean, LIMIT_SCANS_WAITING);
	clamd_peer_stop(&peer);
	clamd_free(crowd.clamd);
	(void)state;
}

/* ---- addresses ---- */

static void test_addresses(void **state)
{
	static const struct {
		const char *url;
		enum err err;
		int family;
	} urls[] = {
		{"unix:/run/clamav/clamd.ctl", OK, AF_UNIX},
		{"tcp:127.0.0.1:3310", OK, AF_INET},
		{"tcp:[::1]:3310", OK, AF_INET6},
		{"tcp:10.0.0.7:65535", OK, AF_INET},
		{"", ERR_INVALID, 0},
		{"/run/clamav/clamd.ctl", ERR_INVALID, 0},
		{"127.0.0.1:3310", ERR_INVALID, 0},
		{"unix:", ERR_INVALID, 0},
		{"unix:clamd.ctl", ERR_INVALID, 0},
		{"UNIX:/a", ERR_INVALID, 0},
		{"unix:/"
		 "1234567890123456789012345678901234567890123456789012345678901234567890123456"
		 "789012345678901234567890",
		 OK, AF_UNIX},
		{"unix:/"
		 "1234567890123456789012345678901234567890123456789012345678901234567890123456"
		 "78901234567890123456789012345678901",
		 ERR_INVALID, 0},
		{"tcp:", ERR_INVALID, 0},
		{"tcp:3310", ERR_INVALID, 0},
		{"tcp::3310", ERR_INVALID, 0},
		{"tcp:localhost:3310", ERR_INVALID, 0},
		{"tcp:127.0.0.1", ERR_INVALID, 0},
		{"tcp:127.0.0.1:", ERR_INVALID, 0},
		{"tcp:127.0.0.1:0", ERR_INVALID, 0},
		{"tcp:127.0.0.1:65536", ERR_INVALID, 0},
		{"tcp:127.0.0.1:-1", ERR_INVALID, 0},
		{"tcp:127.0.0.256:1", ERR_INVALID, 0},
		{"tcp:::1:3310", ERR_INVALID, 0},
		{"tcp:[::1:3310", ERR_INVALID, 0},
		{"tcp:[]:3310", ERR_INVALID, 0},
		{"tcp:[127.0.0.1]:3310", ERR_INVALID, 0},
		{"http://127.0.0.1:3310", ERR_INVALID, 0},
	};
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct scan_address address;
		enum err err = scan_address_parse(str_of(urls[i].url), &address);
		if (err != urls[i].err || (err == OK && address.any.sa_family != urls[i].family))
			fail_msg("%s: %s", urls[i].url, err_name(err));
	}
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_long_answers),
		cmocka_unit_test(test_cut_after_every_byte),
		cmocka_unit_test(test_nobody_there),
		cmocka_unit_test(test_two_at_once),
		cmocka_unit_test(test_few_wait_long),
		cmocka_unit_test(test_addresses),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
