/* What waits in table deliveries for somebody who has not registered: all of theirs, for they have
 * sent and opened nothing. */
#pragma once

#include "store/db.h"

/* Counting stops at `limit`. */
enum err waiting_count(struct db *db, const struct id *user_id, int64_t limit,
		       int64_t *ret) MUST_CHECK;
/* The newest message that waits. ERR_NOT_FOUND: none. */
enum err waiting_newest(struct db *db, const struct id *user_id, struct id *ret) MUST_CHECK;
