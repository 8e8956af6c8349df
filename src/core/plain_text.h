/* What a person sees of a message: its Markdown without the signs. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

/* Blocks and lines end with a newline. A text over LIMIT_MARKDOWN_BYTES, which is shown as it was
 * typed, is given as it is. */
enum err plain_text(struct arena *arena, struct str markdown, struct str *ret) MUST_CHECK;
