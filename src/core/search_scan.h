/* For core/search.c: looking through a mailbox slice by slice, with a second thread when it is
 * large. */
#pragma once

#include "core/mailbox_read.h"
#include "core/search_query.h"
#include "store/messages_scan.h"

/* One that fits. It is to be read again, authenticated, before it is shown. */
struct search_found {
	struct id id;
	bool is_by_folded; /* found in the folded text whose hash this is */
	uint8_t folded_hash[DIGEST_BYTES];
};

struct search_scan_result {
	struct search_found *found; /* newest first; in cx->arena */
	size_t count;
	struct id looked_to; /* the last one looked at; empty: all were */
};

/* Stops after the slice in which `limit` were found, or when it costs too much for one request.
 * Sealed keys it opened are wrapped, as lists do. */
enum err search_scan(struct cx *cx, const struct search_query *query,
		     const struct messages_scan *range, size_t limit,
		     struct search_scan_result *ret) MUST_CHECK;
