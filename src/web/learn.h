/* The pages of the Learning Center (P8), part of the program: learn/ *.md, compiled by
 * tools/learn.mjs. */
#pragma once

#include "core/settings.h"
#include "web/markdown.h"

enum learn_audience { LEARN_PEOPLE, LEARN_ADMINISTRATORS };

struct learn_page {
	const char *name; /* "recall" is /learn/recall */
	const char *title;
	const char *summary;
	enum learn_audience audience;
	enum feature feature; /* there is no such page while that is switched off */
	int64_t updated_ms;   /* midnight, UTC */
	const char *text;     /* Markdown, before learn_fill() */
};

extern const struct learn_page learn_pages[];
extern const size_t learn_page_count;
extern const struct markdown_picture learn_pictures[];
extern const size_t learn_picture_count;

/* In a portal with these settings: NULL when there is no such page. */
const struct learn_page *learn_find(const struct settings *settings, struct str name);
/* The one before (-1) or after (1) among those for the same people; NULL at an end. */
const struct learn_page *learn_beside(const struct settings *settings,
				      const struct learn_page *page, int step);
/* The page about a route ("/message/{id}/recall"); NULL: none in particular. */
const struct learn_page *learn_about(const struct settings *settings, const char *route);
/* For tests: the rows behind learn_about(); NULL after the last. */
const char *learn_about_page(size_t at, const char **ret_route);
