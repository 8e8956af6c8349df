/* Search (P4.1): decrypts and scans; no index exists anywhere (ARCHITECTURE, Search).
 *
 * A message is found by its subject, text, people and names of files, whatever the case and
 * accents; a confidential one by subject and people; after its end by subject and sender. Trash
 * only when asked for. */
#pragma once

#include "core/mailbox.h"
#include "core/search_query.h"

/* Text with what was found in it. */
struct search_piece {
	struct str text;
	bool is_match;
};
struct search_marked {
	struct search_piece *pieces;
	size_t count;
};

struct search_hit {
	struct message_row row;
	struct search_marked subject;
	struct search_marked people; /* the sender, or of one's own the recipients, as in the row */
	struct search_marked snippet; /* of the text, around what was found first; count 0: none */
};

struct search_result {
	struct search_hit *hits; /* newest first */
	size_t count;
	struct str next_cursor; /* empty: all was looked through */
	bool is_query_empty;
	bool is_label_unknown; /* label: names none of the reader's; so nothing is found */
	unsigned hints;        /* enum search_hint */
	int64_t looked_to_ms;  /* with a next_cursor: when the last one looked at was sent */
};

/* Looks until it has `limit` hits (1 to LIMIT_PAGE_ROWS) or has looked at as much as one request
 * may; then next_cursor says where to go on. typed: core/search_query.h. ERR_INVALID with errors
 * "q", or "cursor" for one that no search has given. ERR_BUSY: this person searches too much. */
enum err search_find(struct cx *cx, struct str typed, struct str cursor, int64_t limit,
		     struct search_result *ret, struct form_errors *errors) MUST_CHECK;
