/* What the portal has promised: every answer that its victim got before the power went. */
#pragma once

#include "base/id.h"

enum {
	LEDGER_THREADS = 4,
	LEDGER_PER_THREAD = 1 << 13, /* messages a thread can send in a round */
	LEDGER_ROUNDS = 64,          /* on one data folder */
	LEDGER_NUMBERS = LEDGER_ROUNDS * LEDGER_THREADS * LEDGER_PER_THREAD,
	LEDGER_SETTLED = 1 << 18,
	LEDGER_UPLOADS = 1 << 16,
};

enum ack_kind {
	ACK_READY,      /* the portal is open, the threads begin */
	ACK_SENT,       /* message `number` was sent; id is the message's */
	ACK_REGISTERED, /* the guest of message `number` has registered */
	ACK_SETTLED,    /* mail `id` was marked as taken by the mail server */
	ACK_UPLOADED,   /* file `id` has come up to its byte `number` */
	ACK_FAILED,     /* a call failed; `number` is its enum err, id.text says which */
};

/* Goes through a pipe in one piece, after the call returned. */
struct ack {
	int64_t at_ns; /* monotonic clock, after the call had returned */
	enum ack_kind kind;
	uint32_t number;
	struct id id;
};

struct promise {
	struct id id; /* of the message */
	bool is_sent;
	bool is_registered;
};

struct upload_promise {
	struct id id;
	int64_t offset;
};

struct ledger {
	int round;          /* on this data folder, from 0 */
	int64_t sent_count; /* on this data folder */
	int64_t registered_count;
	struct promise *promises; /* by number, LEDGER_NUMBERS of them */
	struct id *settled;       /* mails */
	size_t settled_count;
	struct upload_promise *uploads;
	size_t upload_count;
};

/* Every message has a number of its own; its subject tells it. Every fourth is written to a new
 * address, which has the same number. */
uint32_t ledger_number(int round, int thread, int n);
int ledger_round_of(uint32_t number);
bool ledger_is_invitation(uint32_t number);

enum err ledger_init(struct ledger *ledger) MUST_CHECK;
void ledger_release(struct ledger *ledger);
/* For a fresh data folder. */
void ledger_clear(struct ledger *ledger);
void ledger_enter(struct ledger *ledger, const struct ack *ack);

int64_t ledger_clock_ns(void);
