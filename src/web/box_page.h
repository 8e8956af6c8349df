/* Inbox and Sent. */
#pragma once

#include "core/mailbox.h"
#include "http/route.h"
#include "web/frame.h"

struct box_row {
	const struct message_row *row;
	struct str subject;
	struct str people; /* sender, or "To ..." */
	struct str when;
	struct str when_iso;
};

struct box_part {
	bool is_sent;
	bool may_write_first; /* a professional with nothing yet is offered to write */
	struct box_row *rows;
	size_t count;
	bool is_first;
	struct str next_cursor;
	int64_t unread_count; /* of the Inbox */
};

struct box_view {
	struct frame frame;
	struct box_part box;
};

handler_fn box_page_start, box_page_inbox, box_page_sent;
/* One page of a box for the acting user. */
enum err box_page_fill(struct cx *cx, enum box box, struct str cursor,
		       struct box_part *ret) MUST_CHECK;
