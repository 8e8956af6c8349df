/* The client against the real clamd. */
#include "scan/clamd.h"
#include "scan/clamd_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { KIB = 1 << 10, MIB = 1 << 20 };

struct bench {
	struct clamd_fixture fixture;
	struct clamd *clamd;
	bool is_possible;
};

static int set_up(void **state)
{
	static struct bench bench;
	bench.is_possible = clamd_fixture_is_possible();
	if (bench.is_possible) {
		clamd_fixture_start(&bench.fixture);
		const struct clamd_options options = {
			.url = str_of(bench.fixture.url), .step_ms = 100, .answer_ms = 10000};
		assert_int_equal(clamd_new(&options, &bench.clamd), OK);
	}
	*state = &bench;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *bench = *state;
	if (bench->is_possible)
		clamd_fixture_stop(&bench->fixture);
	clamd_free(bench->clamd);
	return 0;
}

/* Bytes of no meaning with the test signature `at` (-1: without), given in pieces. */
static enum err look(struct clamd *clamd, size_t bytes, ptrdiff_t at, size_t piece,
		     struct scan_result *ret)
{
	struct scanner *scanner = clamd_scanner(clamd);
	struct scan *scan = NULL;
	char room[68];
	char *file = malloc(bytes + 1);
	memset(file, 'z', bytes);
	if (at >= 0)
		memcpy(file + at, clamd_fixture_eicar(room).data, sizeof(room));
	enum err err = scanner->begin(scanner, &scan);
	for (size_t from = 0; err == OK && from < bytes; from += piece)
		err = scanner->add(scan, str_slice(str_bytes(file, bytes), from, piece));
	if (err == OK || err == ERR_TOO_LARGE)
		err = scanner->finish(scan, ret);
	scanner->free(scan);
	free(file);
	return err;
}

static void test_what_it_says(void **state)
{
	static const struct {
		const char *sentence;
		size_t bytes;
		ptrdiff_t at;
		size_t piece;
		enum scan_verdict verdict;
		const char *signature;
	} rows[] = {
		{"an empty file", 0, -1, 1, SCAN_CLEAN, ""},
		{"a clean one", 100 * KIB, -1, 64 * KIB, SCAN_CLEAN, ""},
		{"a clean one byte by byte", 300, -1, 1, SCAN_CLEAN, ""},
		{"the test virus alone", 68, 0, 68, SCAN_INFECTED, "Test.EICAR.UNOFFICIAL"},
		{"byte by byte", 68, 0, 1, SCAN_INFECTED, "Test.EICAR.UNOFFICIAL"},
		{"at the end of a larger one, across two pieces", 1 * MIB, 1 * MIB - 68,
		 1 * MIB - 30, SCAN_INFECTED, "Test.EICAR.UNOFFICIAL"},
		{"as long as it looks at", CLAMD_FIXTURE_FILE_MAX_BYTES, -1, 1 * MIB, SCAN_CLEAN,
		 ""},
		{"longer than it looks at: it says so, by AlertExceedsMax",
		 CLAMD_FIXTURE_FILE_MAX_BYTES + 1, -1, 1 * MIB, SCAN_TOO_LARGE,
		 "Heuristics.Limits.Exceeded.MaxFileSize"},
		{"longer than it takes", CLAMD_FIXTURE_STREAM_MAX_BYTES + 1, -1, 1 * MIB,
		 SCAN_TOO_LARGE, ""},
		{"much longer, in small pieces", 20 * MIB, 0, 10 * KIB, SCAN_TOO_LARGE, ""},
		{"much longer, in large pieces", 20 * MIB, 0, 1 * MIB, SCAN_TOO_LARGE, ""},
	};
	struct bench *bench = *state;
	if (!bench->is_possible)
		skip();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct scan_result result = {0};
		enum err err =
			look(bench->clamd, rows[i].bytes, rows[i].at, rows[i].piece, &result);
		if (err != OK || result.verdict != rows[i].verdict ||
		    strcmp(result.signature, rows[i].signature) != 0)
			fail_msg("%s: %s, verdict %d, \"%s\"", rows[i].sentence, err_name(err),
				 result.verdict, result.signature);
	}
}

/* Whether its reset comes before its words is up to the machine: often enough for both. */
static void test_too_long_each_time(void **state)
{
	struct bench *bench = *state;
	if (!bench->is_possible)
		skip();
	for (int i = 0; i < 100; i++) {
		struct scan_result result;
		assert_int_equal(look(bench->clamd, 5 * MIB, -1, 1 * MIB, &result), OK);
		assert_int_equal(result.verdict, SCAN_TOO_LARGE);
	}
}

static void test_it_goes_and_comes_back(void **state)
{
	struct bench *bench = *state;
	struct scan_result result;
	struct scan *scan;
	if (!bench->is_possible)
		skip();
	struct scanner *scanner = clamd_scanner(bench->clamd);
	assert_int_equal(scanner->begin(scanner, &scan), OK);
	assert_int_equal(scanner->add(scan, STR("begun")), OK);
	clamd_fixture_end(&bench->fixture);
	assert_int_equal(scanner->finish(scan, &result), ERR_UNAVAILABLE);
	scanner->free(scan);
	assert_int_equal(look(bench->clamd, 100, -1, 10, &result), ERR_UNAVAILABLE);
	clamd_fixture_restart(&bench->fixture);
	assert_int_equal(look(bench->clamd, 100, 0, 10, &result), OK);
	assert_int_equal(result.verdict, SCAN_INFECTED);
}

static void test_it_is_frozen(void **state)
{
	struct bench *bench = *state;
	struct scan_result result;
	struct clamd *hasty;
	if (!bench->is_possible)
		skip();
	const struct clamd_options options = {
		.url = str_of(bench->fixture.url), .step_ms = 30, .answer_ms = 90};
	assert_int_equal(clamd_new(&options, &hasty), OK);
	clamd_fixture_freeze(&bench->fixture, true);
	assert_int_equal(look(hasty, 100, -1, 10, &result), ERR_BUSY);
	assert_int_equal(look(hasty, 20 * MIB, -1, 1 * MIB, &result), ERR_BUSY);
	clamd_fixture_freeze(&bench->fixture, false);
	assert_int_equal(look(bench->clamd, 100, 0, 10, &result), OK);
	assert_int_equal(result.verdict, SCAN_INFECTED);
	clamd_free(hasty);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_it_says),
		cmocka_unit_test(test_too_long_each_time),
		cmocka_unit_test(test_it_goes_and_comes_back),
		cmocka_unit_test(test_it_is_frozen),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
