/* Trying to get out, for tests: the program that is shipped cannot even try (no_escape.c). */
#pragma once

#include <stdint.h>

enum {
	ESCAPE_NOT, /* ends well: shows that a test of the others can fail */
	ESCAPE_OPEN,
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
	ESCAPE_EXECUTABLE_MEMORY,
	ESCAPE_MEMORY,   /* more than it may have */
	ESCAPE_TIME,     /* more processor time than it may have */
	ESCAPE_SLEEP,    /* more time by the clock */
	ESCAPE_CRASH,    /* not a way out, but it ends like that */
	ESCAPE_NONSENSE, /* talks what no worker says */
	ESCAPE_CHATTER,  /* talks without end */
	ESCAPES,
	/* Exit codes. */
	ESCAPE_IS_OUT = 90,
	ESCAPE_WAS_TOLD_NO,
};

/* The worker's exit code, if it is still alive. */
int escape(int64_t way);
