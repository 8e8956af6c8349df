/* Markdown of messages to HTML that is safe by construction: every tag and attribute is written by
 * markdown.c itself; raw HTML in the text shows as text (P4.1). */
#pragma once

#include "base/err.h"
#include "text/html.h"

/* CommonMark, with single line ends kept. No pictures (they become links); links only to http,
 * https and mailto, the host shown when the text is another; web addresses as they are become
 * links; tags nest to a limit. A text over LIMIT_MARKDOWN_BYTES, or whose HTML would pass
 * max_bytes, comes out as plain text, with its line ends. ERR_TOO_LARGE: even that passes
 * max_bytes; six times the text and a few bytes are always enough. */
enum err markdown_render(struct arena *arena, struct str text, size_t max_bytes,
			 struct safe_html *ret) MUST_CHECK;

/* A picture that a text of our own may show, and where it is served. */
struct markdown_picture {
	const char *name; /* as the text calls it: "pictures/inbox.webp" */
	const char *path;
	int width, height; /* px */
};

/* A text of our own (learn/): as above, and with pictures of the list, links to our own pages ("/",
 * "#"), headings as they are with names to link to (web/markdown_heading.h), and line ends as
 * spaces. ERR_TOO_LARGE: over LIMIT_MARKDOWN_BYTES, or the HTML over max_bytes. */
enum err markdown_render_help(struct arena *arena, struct str text,
			      const struct markdown_picture *pictures, size_t max_bytes,
			      struct safe_html *ret) MUST_CHECK;
