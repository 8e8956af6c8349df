/* What a page of the Learning Center says of this portal: parts that are there only while
 * something is switched on, and values of its settings. */
#pragma once

#include "core/cx.h"

/* The Markdown that is left. Lines "{% if word %}" and "{% end %}" are gone, "{{ word }}" is
 * replaced. ERR_INTERNAL: there is no such word; a page is wrong, and it was logged. */
enum err learn_fill(struct cx *cx, const char *text, struct str *ret) MUST_CHECK;
