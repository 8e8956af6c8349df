/* A connection to clamd or spamd on which every step has its time. */
#pragma once

#include "base/buf.h"
#include "scan/scan_address.h"

/* A scanner that hangs must not take all workers with it: whoever has waited for a moment may go on
 * waiting only if few others do. */
struct scan_patience {
	int step_ms;   /* anybody */
	int answer_ms; /* all waiting for one file, or one letter, together */
	_Atomic int waiting;
};

struct scan_wire {
	struct scan_patience *patience;
	int fd;      /* -1: none */
	int left_ms; /* of its patience */
};

/* ERR_UNAVAILABLE: nobody there. */
enum err scan_wire_open(struct scan_wire *wire, const struct scan_address *address,
			struct scan_patience *patience) MUST_CHECK;
/* ERR_BUSY: it does not read. ERR_CONFLICT: it has answered already, or closed the connection: for
 * scan_wire_receive() to find out. */
enum err scan_wire_send(struct scan_wire *wire, struct str head, struct str body) MUST_CHECK;
/* Up to a NUL or a line's end, without it. ERR_BUSY: it does not come. ERR_UNAVAILABLE: too long,
 * or the connection ended before. */
enum err scan_wire_receive(struct scan_wire *wire, struct buf *answer) MUST_CHECK;
/* Until the connection ends. Errors as above; ERR_TOO_LARGE: more than the buffer takes. */
enum err scan_wire_receive_all(struct scan_wire *wire, struct buf *answer) MUST_CHECK;
void scan_wire_close(struct scan_wire *wire);
