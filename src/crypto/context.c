#include "crypto/context.h"

#include <string.h>

enum { CONTEXT_FORMAT = 1 };

static void put_big_endian(uint8_t *at, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> (8 * (bytes - 1 - i)));
}

size_t context_encode(const struct context *context, uint8_t ret_bytes[CONTEXT_MAX_BYTES])
{
	const struct str parts[] = {str_of(context->purpose), context->object, context->holder};
	uint8_t bytes[CONTEXT_MAX_BYTES];
	size_t len = 0;
	bytes[len++] = CONTEXT_FORMAT;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		/* Room for this part's length and for the version, which comes last. */
		if (parts[i].len > CONTEXT_MAX_BYTES ||
		    len + 4 + parts[i].len + 8 > CONTEXT_MAX_BYTES)
			return 0;
		put_big_endian(bytes + len, parts[i].len, 4);
		len += 4;
		if (parts[i].len > 0)
			memcpy(bytes + len, parts[i].data, parts[i].len);
		len += parts[i].len;
	}
	put_big_endian(bytes + len, (uint64_t)context->version, 8);
	len += 8;
	memcpy(ret_bytes, bytes, len);
	return len;
}
