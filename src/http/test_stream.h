/* For tests: handlers whose answers are made piece by piece.
 *
 *   GET /bulk, /known  TEST_STREAM_BYTES, without and with Content-Length       GET /broken  fails
 * after the first piece       GET /live  says what test_stream_say() is given, and ":" each 50 ms
 */
#pragma once

#include "http/route.h"

enum { TEST_STREAM_BYTES = 8 << 20, TEST_PIECE_BYTES = 64 * 1024, TEST_TICK_MS = 50 };

struct test_streams {
	int open; /* not given back yet */
	int opened;
	int64_t produced_bytes;
};

handler_fn test_stream_bulk, test_stream_known, test_stream_broken, test_stream_live;
/* Of this program so far. */
struct test_streams test_stream_counts(void);
/* Until so many are open, and heard once at least; false after five seconds. */
bool test_stream_await(int open);
/* To all that are open. */
void test_stream_say(struct str text);
/* Cuts all that are open. */
void test_stream_cut_all(void);
/* The byte at a position of what bulk streams send. */
char test_stream_byte(size_t position);
