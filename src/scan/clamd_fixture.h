/* For tests: the real clamd with a database of one signature, in a folder of its own, on a socket
 * in it and on no network. */
#pragma once

#include "base/str.h"

#include <stdbool.h>
#include <sys/types.h>

enum { CLAMD_FIXTURE_STREAM_MAX_BYTES = 3 << 20, CLAMD_FIXTURE_FILE_MAX_BYTES = 2 << 20 };

struct clamd_fixture {
	char folder[32];
	char url[64];
	pid_t pid;
};

/* What every scanner finds (eicar.org), 68 bytes; put together here, so that none finds it in our
 * own files. */
struct str clamd_fixture_eicar(char room[68]);

/* Whether clamd is installed; if not, says so in the test's output. */
bool clamd_fixture_is_possible(void);
/* Waits until it answers. */
void clamd_fixture_start(struct clamd_fixture *fixture);
/* SIGSTOP and SIGCONT: it is there and does nothing. */
void clamd_fixture_freeze(const struct clamd_fixture *fixture, bool is_frozen);
/* It is gone; its folder stays, for clamd_fixture_restart(). */
void clamd_fixture_end(struct clamd_fixture *fixture);
void clamd_fixture_restart(struct clamd_fixture *fixture);
void clamd_fixture_stop(struct clamd_fixture *fixture);
