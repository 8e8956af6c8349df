/* /signatures: documents that one is asked to sign, or has asked others to sign (P6). */
#pragma once

#include "core/signing_list.h"
#include "http/route.h"
#include "web/frame.h"

struct signatures_row {
	struct id message_id;
	struct str subject;
	struct str people; /* "From Anna", or those who sign one's own */
	struct str state;
	struct str when, when_iso;
	bool is_unreadable;
	bool can_sign, is_done, is_bad;
};

struct signatures_part {
	struct signatures_row *rows;
	size_t count;
	struct str next_cursor;
	bool is_first; /* from its newest */
};

struct signatures_view {
	struct frame frame;
	struct signatures_part mine, waiting, finished;
	bool is_empty; /* all of it, and always was */
	bool can_ask;
};

handler_fn signatures_page_show;
