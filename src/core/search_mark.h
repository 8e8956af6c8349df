/* For core/search.c: text parted into what was found and what is around it. */
#pragma once

#include "core/search.h"
#include "core/search_match.h"

/* All of a text. Pieces are views of it. */
enum err search_mark(struct arena *arena, const struct search_query *query, search_rest terms,
		     struct str text, struct search_marked *ret) MUST_CHECK;
/* A line or two around what is found first, or of the beginning; white space as single blanks.
 * Copied to `arena`; `scratch` takes up to a few times the text. */
enum err search_mark_snippet(struct arena *arena, struct arena *scratch,
			     const struct search_query *query, search_rest terms, struct str text,
			     struct search_marked *ret) MUST_CHECK;
