/* Searching the Learning Center: all words must be on a page that is there. */
#pragma once

#include "core/search.h"
#include "web/learn.h"

enum { LEARN_HITS_MAX = 40 };

struct learn_hit {
	const struct learn_page *page;
	struct search_marked title;
	struct str anchor;         /* of the part that fits best; empty: the beginning */
	struct search_marked part; /* its heading; count 0: none */
	struct search_marked excerpt;
	int weight;
};

/* At most LEARN_HITS_MAX, those first whose titles, then whose headings fit; then in the order of
 * the pages. Words after the 16th do not count. *ret_is_empty: nothing was looked for. ERR_INVALID
 * for bad UTF-8. */
enum err learn_search(struct cx *cx, struct str typed, struct learn_hit **ret, size_t *ret_count,
		      bool *ret_is_empty) MUST_CHECK;
