/* A draft's bytes, as they come out of their ciphertext: what is read is written the same. The
 * first byte chooses which of the two kinds. */
#include "core/draft_bytes.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_content(struct arena *arena, struct str bytes)
{
	struct draft draft;
	struct str again;
	if (draft_bytes_read(arena, bytes, &draft) != OK)
		return;
	if (draft_bytes_write(arena, &draft, &again) != OK || !str_eq(again, bytes))
		abort();
}

static void check_summary(struct arena *arena, struct str bytes)
{
	struct draft_line line = {.version = 1};
	struct str again;
	if (draft_bytes_read_summary(bytes, &line) != OK)
		return;
	if (draft_bytes_write_summary(arena, &line, &again) != OK || !str_eq(again, bytes))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_ARENA struct arena arena;
	arena_init(&arena, 8 << 20);
	if (size == 0)
		return 0;
	struct str bytes = str_bytes(data + 1, size - 1);
	if (data[0] == 's')
		check_summary(&arena, bytes);
	else
		check_content(&arena, bytes);
	return 0;
}
