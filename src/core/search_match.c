#include "core/search_match.h"

#include <string.h>

_Static_assert(SEARCH_TERMS_MAX <= 32, "a bit for each term");

static bool holds(struct str text, struct str needle)
{
	return memmem(text.data, text.len, needle.data, needle.len) != NULL;
}

search_rest search_match_all(const struct search_query *query)
{
	return (search_rest)((UINT64_C(1) << query->term_count) - 1);
}

static search_rest of_field(const struct search_query *query, enum search_field field)
{
	search_rest bits = 0;
	for (size_t i = 0; i < query->term_count && i < SEARCH_TERMS_MAX; i++) {
		if (query->terms[i].field == field)
			bits |= 1U << i;
	}
	return bits;
}

search_rest search_match_from(const struct search_query *query)
{
	return of_field(query, SEARCH_FROM);
}

search_rest search_match_anywhere(const struct search_query *query)
{
	return of_field(query, SEARCH_ANYWHERE);
}

search_rest search_match_text(const struct search_query *query, search_rest rest, struct str text)
{
	search_rest found = 0;
	for (size_t i = 0; i < query->term_count && i < SEARCH_TERMS_MAX; i++) {
		const struct search_term *term = &query->terms[i];
		if ((rest & 1U << i) && term->field == SEARCH_ANYWHERE && holds(text, term->folded))
			found |= 1U << i;
	}
	return found;
}

struct search_person_bits search_match_person(const struct search_query *query, struct str folded,
					      bool is_self)
{
	struct search_person_bits bits = {0};
	for (size_t i = 0; i < query->term_count && i < SEARCH_TERMS_MAX; i++) {
		const struct search_term *term = &query->terms[i];
		if (!(term->is_self && is_self) && !holds(folded, term->folded))
			continue;
		if (term->field != SEARCH_TO)
			bits.as_sender |= 1U << i;
		if (term->field != SEARCH_FROM)
			bits.as_recipient |= 1U << i;
	}
	return bits;
}

bool search_match_next(const struct search_query *query, search_rest terms, struct str folded,
		       size_t at, size_t *ret_start, size_t *ret_len)
{
	const char *first = NULL;
	for (size_t i = 0; i < query->term_count && i < SEARCH_TERMS_MAX; i++) {
		struct str needle = query->terms[i].folded;
		if (!(terms & 1U << i) || at >= folded.len)
			continue;
		const char *found =
			memmem(folded.data + at, folded.len - at, needle.data, needle.len);
		if (found == NULL || (first && found > first))
			continue;
		if (found == first && needle.len <= *ret_len)
			continue;
		first = found;
		*ret_len = needle.len;
	}
	if (first)
		*ret_start = (size_t)(first - folded.data);
	return first != NULL;
}
