/* A file of a message, as its reader sees it. */
#pragma once

#include "core/file_head.h"

struct file_view {
	struct id id;
	struct id message_id;
	struct file_head head;
	enum delivery_end ended;   /* of the reader's right */
	int64_t ended_ms;          /* and when; for its sender, when it was recalled from all */
	bool is_recalled_from_all; /* for its sender, who keeps it */
	bool is_unreadable;        /* failed its check: an alarm was logged */
	/* For the sender: */
	int64_t reader_count, live_count; /* recipients, and those who can still open it */
};
