/* Slows guessing, per address and per network, never for ever; and counts what may happen only so
 * often. In memory only, of fixed size: what is not seen for a while makes room. Thread-safe. */
#pragma once

#include "base/err.h"
#include "base/str.h"

struct throttle;

enum {
	THROTTLE_FREE_TRIES = 5, /* wrong passwords for one address before the first wait */
	THROTTLE_FREE_NETWORK_TRIES =
		50,                  /* from one /24 or /64: a whole office may sit behind it */
	THROTTLE_WAIT_MIN_MS = 1000, /* the first wait; each further failure doubles it */
	THROTTLE_WAIT_MAX_MS = 15 * 60 * 1000,
	THROTTLE_FORGET_MS = 10 * 60 * 1000, /* of quiet take one failure back */
	THROTTLE_PENDING_MAX_MS =
		60 * 1000, /* a try whose end was never told counts as running for so long */
};

enum err throttle_new(struct throttle **ret) MUST_CHECK;
/* NULL is fine. */
void throttle_free(struct throttle *throttle);

/* One try of a password. */
struct throttle_try {
	struct str address_key; /* known or not */
	struct str remote;      /* the client's network address, as text; empty: none */
	struct str device;      /* who tries from a place that this very person is known to use
				   (core/device.h); empty: unknown. Counted by this alone: others
				   can neither slow it nor be slowed by it. */
};

/* Whether it may be tried now. ERR_BUSY: not yet; *ret_wait_s (1 ...) says when. After OK tell how
 * it ended by one of the next three. At most THROTTLE_FREE_TRIES tries for one address run at the
 * same time, fewer after failures: many at once must not pass before the first has failed. A
 * network that has to wait leaves no trace at the addresses it asks for. */
enum err throttle_check(struct throttle *throttle, const struct throttle_try *try, int64_t now_ms,
			int64_t *ret_wait_s) MUST_CHECK;
void throttle_failed(struct throttle *throttle, const struct throttle_try *try, int64_t now_ms);
/* Forgets the failures of the address (or device); not those of its network, where somebody may own
 * one account and guess at others. */
void throttle_succeeded(struct throttle *throttle, const struct throttle_try *try, int64_t now_ms);
/* Neither: the password was not tried at all (too busy, database out of reach). */
void throttle_undone(struct throttle *throttle, const struct throttle_try *try, int64_t now_ms);

/* Counts `amount` more of `what` (a constant word) for `key`. ERR_BUSY when there would be more
 * than per_window in the running window: then none is counted. */
enum err throttle_take(struct throttle *throttle, const char *what, struct str key, int64_t amount,
		       int64_t per_window, int64_t window_ms, int64_t now_ms) MUST_CHECK;
/* The same for what has happened already: counts it as far as there is room. */
void throttle_count(struct throttle *throttle, const char *what, struct str key, int64_t amount,
		    int64_t per_window, int64_t window_ms, int64_t now_ms);

/* The network of a client, to count by: 3 bytes of an IPv4 address, 8 of an IPv6 one, in `bytes`;
 * the text itself if it is neither. */
struct str throttle_network(struct str remote, uint8_t bytes[16]);
