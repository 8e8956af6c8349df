/* Markdown of messages to HTML that is safe by construction: every tag and attribute is written by
 * markdown.c itself; raw HTML in the text shows as text (P4.1). */
#pragma once

#include "base/err.h"
#include "text/html.h"

/* CommonMark, with single line ends kept. No pictures (they become links); links only to http,
 * https and mailto, the host shown when the text is another; tags nest to a limit. ERR_TOO_LARGE:
 * over LIMIT_BODY_BYTES, or its HTML over 8 MiB. */
enum err markdown_render(struct arena *arena, struct str text, struct safe_html *ret) MUST_CHECK;
