/* The Learning Center (P8): help inside the portal, for everybody. */
#pragma once

#include "http/route.h"
#include "web/frame.h"
#include "web/learn_search.h"
#include "web/markdown_heading.h"

/* The table of who may do what (P1.8). */
struct learn_act {
	struct str words;
	bool is_for_guests;
	bool is_for_professionals;
};

struct learn_list {
	struct learn_page *pages;
	size_t count;
};

struct learn_index_view {
	struct frame frame;
	struct str query;
	struct str mistake;
	bool was_searched;
	struct learn_hit *hits;
	size_t hit_count;
	struct learn_list people, administrators;
};

struct learn_page_view {
	struct frame frame;
	const struct learn_page *page;
	struct str updated, updated_iso;
	struct markdown_section *sections; /* those with a heading of their own */
	size_t section_count;
	struct safe_html before, after; /* the table, if there is one */
	struct learn_act *acts;
	size_t act_count; /* 0: no table */
	const struct learn_page *previous, *next;
};

handler_fn learn_page_index, learn_page_show;
