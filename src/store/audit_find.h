/* Looking for entries of the audit log, newest first (P7). */
#pragma once

#include "store/audit.h"

struct audit_filter {
	int64_t before;      /* a number: only those that come after it in a list; 0: all */
	int64_t kinds;       /* 0: all */
	struct id person_id; /* who did it or whom it was done to; empty: all */
	int64_t from_ms;     /* 0: from the beginning */
	int64_t until_ms;    /* before this; 0: to the end */
};
/* By their time, and of one time by their number; at most `limit`. What it costs grows with the
 * limit, not with the log. */
enum err audit_find(struct db *db, struct arena *arena, const struct audit_filter *filter,
		    int64_t limit, struct audit_entry **ret, size_t *ret_count) MUST_CHECK;
