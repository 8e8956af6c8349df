/* A virus scanner as core/ knows it: a few functions, so that no socket is needed here;
 * scan/clamd.h has the real one. Any thread; scans are independent of each other. No call waits for
 * ever. */
#pragma once

#include "base/err.h"
#include "base/str.h"

enum { SCAN_SIGNATURE_BYTES = 128 };

enum scan_verdict {
	SCAN_CLEAN,
	SCAN_INFECTED,
	SCAN_TOO_LARGE, /* it does not look at so many bytes */
};

struct scan_result {
	enum scan_verdict verdict;
	char signature[SCAN_SIGNATURE_BYTES]; /* what was found: printable ASCII; else "" */
};

/* One file being looked at. */
struct scan;

struct scanner {
	/* ERR_UNAVAILABLE: out of reach, or it has closed the connection. ERR_BUSY: it is there
	 * and does not answer: do not try again now. The same for the others. */
	enum err (*begin)(struct scanner *scanner, struct scan **ret);
	/* ERR_TOO_LARGE: it wants no more bytes; finish() has the verdict. */
	enum err (*add)(struct scan *scan, struct str bytes);
	/* ERR_UNAVAILABLE also: it answered nothing that makes sense. */
	enum err (*finish)(struct scan *scan, struct scan_result *ret);
	/* Also of one that is not finished. NULL is fine. */
	void (*free)(struct scan *scan);
};
