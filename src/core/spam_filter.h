/* A spam filter as core/ knows it, so that no socket is needed here; scan/spamd.h has the real one.
 * Any thread. Never waits for long. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { SPAM_FILTER_RULES_BYTES = 512 };

struct spam_verdict {
	int64_t tenths;           /* of a point: 12 is 1.2; less than 0 is fine, too */
	int64_t threshold_tenths; /* from here on it is spam */
	/* What matched: "MISSING_DATE,NO_RELAYS"; cut where it is long. */
	char rules[SPAM_FILTER_RULES_BYTES];
};

struct spam_filter {
	/* What it thinks of a whole letter. ERR_UNAVAILABLE: out of reach, or it said nothing that
	 * makes sense; ERR_BUSY: it does not answer. */
	enum err (*judge)(struct spam_filter *filter, struct str letter, struct spam_verdict *ret);
};
