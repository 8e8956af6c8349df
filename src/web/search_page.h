/* Searching one's messages. */
#pragma once

#include "core/search.h"
#include "http/route.h"
#include "web/frame.h"

struct search_row {
	const struct search_hit *hit;
	struct str subject; /* in words, where there is none to mark; else empty */
	struct str when;
	struct str when_iso;
};

struct search_view {
	struct frame frame; /* .search: what was typed */
	struct str query;
	struct search_row *rows;
	size_t count;
	bool is_first;
	bool was_searched; /* there was something to look for */
	bool is_label_unknown;
	bool is_date_odd, is_operator_odd, is_box_odd;
	struct str next_cursor;
	struct str looked_back_to; /* a day; with next_cursor */
	struct str mistake;        /* a sentence instead of results */
};

handler_fn search_page_show;
