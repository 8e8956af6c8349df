/* For tests: handlers whose request bodies are taken while they come. What must come is
 * test_stream_byte() for each position.
 *
 *   POST, PATCH /sink?WORD&WORD...  "whole 12" when 12 bytes came, "full 5: too_large" when taking
 * failed. Words: piece=N bytes a time (1000),
 * first=N at first; fail=N the N-th byte is not taken; refuse: no sink;
 * hold: takes when test_sink_let() is called; spoil: finish() fails. */
#pragma once

#include "http/route.h"

enum { TEST_SINK_PIECE_BYTES = 1000 };

struct test_sinks {
	int open; /* not released yet */
	int opened;
	int holding; /* in take(), until they are let */
	int whole, cut, full;
	bool is_wrong;          /* something came that was not sent, or after an error or the end */
	int64_t cut_bytes;      /* taken by the one that was cut last */
	size_t largest_bytes;   /* taken at once */
	bool had_session;       /* in the last finish() */
	uint64_t arrived_bytes; /* of all that are open */
	uint64_t given_bytes;   /* to take() */
};

handler_fn test_sink;
/* Since test_sink_reset(). */
struct test_sinks test_sink_counts(void);
void test_sink_reset(void);
/* Lets all go on that hold, and those that come; or not any more. */
void test_sink_let(bool is_let);
/* Lets one go on that holds, up to the next piece. */
void test_sink_let_one(void);
/* Until so many are open and so many of them hold; false after five seconds. */
bool test_sink_await(int open, int holding);
bool test_sink_await_arrived(uint64_t bytes);
/* Whether so much has come that take() was not given yet. */
bool test_sink_is_behind(uint64_t bytes);
