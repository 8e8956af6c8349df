#include "web/learn_search.h"

#include "base/limits.h"
#include "core/search_fold.h"
#include "core/search_mark.h"
#include "web/learn_fill.h"
#include "web/markdown_heading.h"

#include <stdlib.h>

/* A word in a title outweighs all of them in headings, and so on. */
enum { WEIGHT_TITLE = 10000, WEIGHT_HEADING = 100, WEIGHT_TEXT = 1 };

static enum err parse(struct arena *arena, struct str typed, struct search_query *query)
{
	struct str rest, word;
	TRY(search_fold(arena, typed, &rest));
	*query = (struct search_query){.term_count = 0};
	while (query->term_count < SEARCH_TERMS_MAX && str_next(&rest, ' ', &word)) {
		if (word.len > 0)
			query->terms[query->term_count++].folded = word;
	}
	return OK;
}

/* Which terms stand in a text, as bits. */
static enum err find(struct arena *scratch, const struct search_query *query, struct str text,
		     search_rest *ret)
{
	struct str folded;
	search_rest all = search_match_all(query);
	TRY(search_fold(scratch, text, &folded));
	*ret = search_match_text(query, all, folded);
	return OK;
}

static int weigh(search_rest title, search_rest headings, search_rest texts)
{
	return WEIGHT_TITLE * __builtin_popcount(title) +
	       WEIGHT_HEADING * __builtin_popcount(headings) +
	       WEIGHT_TEXT * __builtin_popcount(texts);
}

/* What of a page was found, and where best. */
struct finding {
	search_rest title, headings, texts;
	const struct markdown_section *best;
};

static enum err look(struct arena *scratch, const struct search_query *query,
		     const struct markdown_section *sections, size_t count, struct finding *finding)
{
	int best = 0;
	for (size_t i = 0; i < count; i++) {
		search_rest heading, text;
		TRY(find(scratch, query, sections[i].title, &heading));
		TRY(find(scratch, query, sections[i].text, &text));
		finding->headings |= heading;
		finding->texts |= text;
		int weight = weigh(0, heading, text);
		if (weight > best) {
			best = weight;
			finding->best = &sections[i];
		}
	}
	return OK;
}

static enum err show(struct cx *cx, struct arena *scratch, const struct search_query *query,
		     const struct learn_page *page, const struct finding *finding,
		     struct learn_hit *hit)
{
	search_rest all = search_match_all(query);
	struct str text = str_of(page->summary);
	*hit = (struct learn_hit){
		.page = page,
		.weight = weigh(finding->title, finding->headings, finding->texts),
	};
	TRY(search_mark(cx->arena, query, all, str_of(page->title), &hit->title));
	if (finding->best) {
		hit->anchor = finding->best->anchor;
		TRY(search_mark(cx->arena, query, all, finding->best->title, &hit->part));
		if (finding->best->text.len > 0)
			text = finding->best->text;
	}
	return search_mark_snippet(cx->arena, scratch, query, all, text, &hit->excerpt);
}

/* *ret_is_hit: hit was filled. */
static enum err try_page(struct cx *cx, struct arena *scratch, const struct search_query *query,
			 const struct learn_page *page, struct learn_hit *hit, bool *ret_is_hit)
{
	struct str text;
	struct markdown_section *sections;
	size_t count;
	search_rest summary;
	struct finding finding = {.best = NULL};
	TRY(learn_fill(cx, page->text, &text));
	/* Views of what is found go into the answer. */
	TRY(markdown_sections(cx->arena, text, &sections, &count));
	TRY(find(scratch, query, str_of(page->title), &finding.title));
	TRY(find(scratch, query, str_of(page->summary), &summary));
	TRY(look(scratch, query, sections, count, &finding));
	finding.texts |= summary;
	*ret_is_hit = (finding.title | finding.headings | finding.texts) == search_match_all(query);
	return *ret_is_hit ? show(cx, scratch, query, page, &finding, hit) : OK;
}

/* The heaviest first; of two as heavy the earlier page. */
static int compare(const void *a, const void *b)
{
	const struct learn_hit *first = a, *second = b;
	if (first->weight != second->weight)
		return first->weight > second->weight ? -1 : 1;
	return first->page < second->page ? -1 : 1;
}

enum err learn_search(struct cx *cx, struct str typed, struct learn_hit **ret, size_t *ret_count,
		      bool *ret_is_empty)
{
	struct search_query query;
	struct arena scratch CLEANUP_ARENA;
	struct learn_hit *hits = ARENA_ARRAY(cx->arena, LEARN_HITS_MAX, struct learn_hit);
	size_t count = 0;
	arena_init(&scratch, LIMIT_REQUEST_ARENA);
	if (hits == NULL)
		return ERR_UNAVAILABLE;
	TRY(parse(cx->arena, typed, &query));
	bool is_empty = query.term_count == 0;
	for (size_t i = 0; i < learn_page_count && count < LEARN_HITS_MAX && !is_empty; i++) {
		bool is_hit;
		if (learn_find(cx->portal->settings, str_of(learn_pages[i].name)) == NULL)
			continue;
		TRY(try_page(cx, &scratch, &query, &learn_pages[i], &hits[count], &is_hit));
		count += is_hit;
	}
	qsort(hits, count, sizeof(*hits), compare);
	*ret = hits;
	*ret_count = count;
	*ret_is_empty = is_empty;
	return OK;
}
