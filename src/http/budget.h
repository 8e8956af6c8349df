/* What request bodies, or answers that wait for their readers, may take of memory together, and
 * what one client network may take of that. Bodies are collected before anybody is asked who he is.
 */
#pragma once

#include "http/tally.h"

struct budget_limits {
	int64_t bytes;             /* all of them */
	int64_t bytes_per_network; /* the large ones of one client network */
};

struct budget {
	struct budget_limits limits;
	_Atomic int64_t bytes;
	struct tally *large;
};

/* One request's part. */
struct budget_share {
	int64_t bytes;
	struct network network; /* for large ones */
	bool is_large;          /* may not take what is left for signing in */
	bool is_network_bound;
};

/* An empty share. `remote` is the client's address. */
void budget_open(struct budget_share *share, bool is_large, const struct networks *proxies,
		 struct str remote);
/* Reserves up to `total_bytes` for this request. False when there is no room: come back later. */
bool budget_reserve(struct budget *budget, struct budget_share *share, int64_t total_bytes);
/* Takes `bytes` for an empty share, room or not. */
void budget_take(struct budget *budget, struct budget_share *share, int64_t bytes);
/* Gives everything back. May be called again. */
void budget_release(struct budget *budget, struct budget_share *share);
