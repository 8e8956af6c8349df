/* Bytes written as hexadecimal, for the tables of test vectors. */
#pragma once

#include "base/str.h"

#include <sodium.h>

enum { HEX_MAX_BYTES = 256 };

/* A view of the bytes, which are written to `bytes`; an odd or wrong text gives the empty view. */
static inline struct str hex_decode(const char *text, uint8_t bytes[HEX_MAX_BYTES])
{
	size_t len = 0;
	struct str hex = str_of(text);
	if (sodium_hex2bin(bytes, HEX_MAX_BYTES, hex.data, hex.len, NULL, &len, NULL) != 0)
		return STR_NONE;
	return str_bytes(bytes, len);
}
