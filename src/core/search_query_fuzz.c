/* What somebody types to search for, whatever it is: it is within its limits, and what it asks for
 * is found in a text that holds it. */
#include "base/limits.h"
#include "core/search_fold.h"
#include "core/search_match.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_term(const struct search_query *query, size_t i)
{
	struct str folded = query->terms[i].folded;
	size_t start, len;
	if (folded.len == 0 || query->terms[i].field > SEARCH_TO)
		abort();
	if (!search_match_next(query, 1U << i, folded, 0, &start, &len) || start != 0 ||
	    len != folded.len)
		abort();
	if (search_match_next(query, 1U << i, folded, folded.len, &start, &len))
		abort();
}

/* The whole of what was typed, found in itself. */
static void check_origins(struct arena *arena, struct str typed)
{
	struct search_folded folded;
	struct str again;
	size_t start, end;
	if (search_fold_map(arena, typed, &folded) != OK)
		return;
	if (search_fold(arena, folded.text, &again) != OK || !str_eq(again, folded.text))
		abort();
	for (size_t i = 0; i < folded.text.len; i++) {
		search_fold_origin(&folded, i, 1, &start, &end);
		if (start >= end || end > typed.len)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_ARENA struct arena arena;
	struct cx cx = {.arena = &arena, .language = language_find(STR("en"))};
	struct search_query query;
	struct form_errors errors = {.count = 0};
	struct str typed = str_bytes(data, size);
	arena_init(&arena, 8 << 20);
	if (size <= LIMIT_SEARCH_BYTES)
		check_origins(&arena, typed);
	if (search_query_parse(&cx, typed, STR("Europe/Berlin"), &query, &errors) != OK) {
		if (form_errors_for(&errors, "q").len == 0)
			abort();
		return 0;
	}
	if (query.term_count > SEARCH_TERMS_MAX || query.label_count > SEARCH_LABELS_MAX ||
	    query.after_ms < 0 || query.before_ms < 0 || query.box > BOX_TRASH)
		abort();
	for (size_t i = 0; i < query.term_count; i++)
		check_term(&query, i);
	return 0;
}
