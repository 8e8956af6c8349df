/* Cuts connections that take their time on purpose. libmicrohttpd's own timeout starts again with
 * every byte, so one byte a second would hold a connection for ever. */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct deadlines;

enum deadline_phase {
	PHASE_WAITING, /* for a header: from its first byte on, header_time_ms for the whole */
	PHASE_BODY,    /* the client sends */
	PHASE_BUSY,    /* it is our turn */
	PHASE_SENDING, /* the client reads */
};

/* After grace_ms at least so many bytes a second. Bytes that came early earn time too, but never
 * more than grace_ms ahead. */
struct deadline_pace {
	int grace_ms;
	int bytes_per_s;
};

struct deadline_limits {
	int header_time_ms;
	struct deadline_pace body;
	struct deadline_pace sending;
	int64_t unread_bytes; /* when answers hold more than this, the slowest readers are cut */
};

/* One connection's part. The I/O thread writes the atomics; the rest belongs to the timer thread.
 */
struct deadline {
	struct deadline *next, *previous;
	int fd;
	_Atomic uint32_t turn;       /* phase, and a count of its changes above that */
	_Atomic uint64_t body_bytes; /* of this request so far */
	_Atomic int64_t held_bytes;  /* memory of the answer that the client reads */
	uint32_t seen_turn;
	uint64_t seen_bytes; /* of what the phase counts, at the last look; waiting: at its start */
	uint64_t first_bytes; /* the same when the phase began */
	int64_t since_ms;
	int64_t until_ms; /* sending and receiving: what the bytes so far have earned */
	bool is_cut;
};

enum err deadlines_start(const struct deadline_limits *limits, struct deadlines **ret) MUST_CHECK;
/* Ends the timer; no deadline may be left. NULL is fine. */
void deadlines_free(struct deadlines *deadlines);

void deadline_add(struct deadlines *deadlines, struct deadline *deadline, int fd);
/* Before the fd is closed: afterwards its number may be another connection's. */
void deadline_remove(struct deadlines *deadlines, struct deadline *deadline);
void deadline_enter(struct deadline *deadline, enum deadline_phase phase);
void deadline_count_body(struct deadline *deadline, uint64_t bytes);
void deadline_hold(struct deadline *deadline, int64_t bytes);
