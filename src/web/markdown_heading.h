/* The headings of a Markdown text of our own (markdown_render_help): their words, and the names by
 * which links reach them. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#include <cmark.h>

/* What stands between a heading and the next one. */
struct markdown_section {
	int level;         /* 2 to 6; 0 for what stands before the first heading */
	struct str title;  /* empty for that */
	struct str anchor; /* "Who can recall?" -> "who-can-recall" */
	struct str text;   /* without signs, pictures and addresses; white space as typed */
};

/* The sections of a text, in the arena. */
enum err markdown_sections(struct arena *arena, struct str markdown, struct markdown_section **ret,
			   size_t *ret_count) MUST_CHECK;
/* For markdown.c: the same for a heading that cmark has parsed. */
void markdown_heading_anchor(struct buf *out, cmark_node *heading);
