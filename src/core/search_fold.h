/* Text as it is searched: case, accents, width, kinds of dashes and quotes taken away, white space
 * as single blanks, invisible characters left out. Character by character, so that what was found
 * in folded text is found again in the text as it was written. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

/* ERR_INVALID for bad UTF-8. Text whose folded form is longer than LIMIT_FOLDED_BYTES is cut. */
enum err search_fold(struct arena *arena, struct str text, struct str *ret) MUST_CHECK;

struct search_folded {
	struct str text;
	uint32_t *origins; /* of each folded byte: where its character begins in the original; one
			      more than there are bytes, the last is the original's length */
};
enum err search_fold_map(struct arena *arena, struct str text,
			 struct search_folded *ret) MUST_CHECK;
/* What `len` folded bytes from `start` on stand for in the original, whole characters. */
void search_fold_origin(const struct search_folded *folded, size_t start, size_t len,
			size_t *ret_start, size_t *ret_end);
