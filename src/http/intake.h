/* What request bodies may take of memory together, and what one client network may take of that.
 * Bodies are collected before anybody is asked who he is. */
#pragma once

#include "http/tally.h"

struct intake_limits {
	int64_t bytes;             /* all bodies */
	int64_t bytes_per_network; /* the large bodies of one client network */
};

struct intake {
	struct intake_limits limits;
	_Atomic int64_t bytes;
	struct tally *large;
};

/* One request's part. */
struct intake_share {
	int64_t bytes;
	struct network network; /* for large bodies */
	bool is_large;          /* may not take what is left for signing in */
	bool is_network_bound;
};

/* Reserves up to `total_bytes` for this request. False when there is no room: come back later. */
bool intake_reserve(struct intake *intake, struct intake_share *share, int64_t total_bytes);
/* Gives everything back. May be called again. */
void intake_release(struct intake *intake, struct intake_share *share);
