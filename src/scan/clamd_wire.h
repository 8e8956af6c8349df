/* A connection to clamd on which every step has its time. */
#pragma once

#include "base/buf.h"
#include "scan/clamd_address.h"

/* A scanner that hangs must not take all workers with it: whoever has waited for a moment may go on
 * waiting only if few others do. */
struct clamd_patience {
	int step_ms;   /* anybody */
	int answer_ms; /* all waiting for one file together */
	_Atomic int waiting;
};

struct clamd_wire {
	struct clamd_patience *patience;
	int fd;      /* -1: none */
	int left_ms; /* of its patience */
};

/* ERR_UNAVAILABLE: nobody there. */
enum err clamd_wire_open(struct clamd_wire *wire, const struct clamd_address *address,
			 struct clamd_patience *patience) MUST_CHECK;
/* ERR_BUSY: it does not read. ERR_CONFLICT: it has answered already, or closed the connection: for
 * clamd_wire_receive() to find out. */
enum err clamd_wire_send(struct clamd_wire *wire, struct str head, struct str body) MUST_CHECK;
/* Up to a NUL or a line's end, without it. ERR_BUSY: it does not come. ERR_UNAVAILABLE: too long,
 * or the connection ended before. */
enum err clamd_wire_receive(struct clamd_wire *wire, struct buf *answer) MUST_CHECK;
void clamd_wire_close(struct clamd_wire *wire);
