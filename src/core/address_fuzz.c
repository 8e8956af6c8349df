/* Addresses as somebody types them: what is accepted is within the limits, and its key is an
 * address whose key is itself. */
#include "base/limits.h"
#include "base/utf8.h"
#include "core/address.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct arena *arena, const struct address *address)
{
	struct address again;
	if (address->key.len > LIMIT_ADDRESS_BYTES || !utf8_is_line(address->key) ||
	    !utf8_is_line(address->name))
		abort();
	if (address_parse(arena, address->key, &again) != OK || !str_eq(again.key, address->key))
		abort();
	if (address_parse(arena, address->text, &again) != OK || !str_eq(again.key, address->key))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_ARENA struct arena arena;
	struct address *list;
	size_t count;
	arena_init(&arena, 8 << 20);
	if (address_parse_list(&arena, str_bytes(data, size), LIMIT_RECIPIENTS, &list, &count) !=
	    OK)
		return 0;
	for (size_t i = 0; i < count; i++) {
		if (list[i].key.len > 0)
			check(&arena, &list[i]);
	}
	return 0;
}
