/* Table destructions: that keys were destroyed, by whom and when (P4.4). Authenticated. Nothing in
 * it says what they opened. */
#pragma once

#include "store/db_list.h"

/* Stored as these numbers; never renumber. */
enum destruction_cause {
	DESTRUCTION_RECALL = 1,
	DESTRUCTION_FILE_RECALL = 2, /* of a file of the message, which stays */
};

struct destruction {
	struct id id;
	struct id message_id;
	struct id user_id; /* who had it done */
	enum destruction_cause cause;
	int64_t at_ms;
	int64_t keys;  /* so many recipients' keys */
	int64_t mails; /* notifications that were waiting and were not sent */
	bool is_whole; /* from everybody */
};

enum err destructions_insert(struct db *db, const struct destruction *destruction) MUST_CHECK;
/* For checking everything: the next rows by id; those that fail their check are left out and
 * counted. */
enum err destructions_page(struct db *db, struct arena *arena, int64_t limit, struct page *page,
			   struct destruction **ret) MUST_CHECK;
/* Of one message, oldest first; those that fail their check are left out. */
enum err destructions_of_message(struct db *db, struct arena *arena, const struct id *message_id,
				 struct destruction **ret, size_t *ret_count) MUST_CHECK;
