/* For core/search*.c: whether one message is what a query asks for. */
#pragma once

#include "core/search_query.h"
#include "core/search_text.h"

/* Terms not found yet, a bit each. */
typedef uint32_t search_rest;

/* All of its terms. */
search_rest search_match_all(const struct search_query *query);
/* Those of `rest` that stand in a text of these fields. */
search_rest search_match_text(const struct search_query *query, search_rest rest, struct str text);
/* The terms that somebody fits: as the sender, or as a recipient. `folded`: name and address. */
struct search_person_bits {
	search_rest as_sender;
	search_rest as_recipient;
};
struct search_person_bits search_match_person(const struct search_query *query, struct str folded,
					      bool is_self);
/* Terms that only a sender can fit. */
search_rest search_match_from(const struct search_query *query);
/* Terms that a text can fit. */
search_rest search_match_anywhere(const struct search_query *query);

/* The first and longest stretch of `folded` from `at` on that a term anywhere (or for the sender,
 * for recipients) covers. False: there is none. */
bool search_match_next(const struct search_query *query, search_rest terms, struct str folded,
		       size_t at, size_t *ret_start, size_t *ret_len);
