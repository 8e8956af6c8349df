/* Any text becomes clean HTML, or is refused. */
#include "web/markdown.h"
#include "web/markdown_check.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena CLEANUP_ARENA arena;
	struct safe_html html;
	struct str bad;
	arena_init(&arena, 64 << 20);
	if (markdown_render(&arena, str_bytes(data, size), 8 << 20, &html) != OK)
		return 0;
	if (!markdown_check(html.markup, &bad))
		abort();
	return 0;
}
