/* The heads of tar archives (POSIX.1-1988 ustar), so far as backups need them: regular files with
 * short names, all else fixed. For one name and size there is exactly one head, and no other is
 * taken: neither links nor devices nor extensions, nor a single byte that is different.
 *
 *   head 512 | content | zeros up to a multiple of 512 | head | ... | 1024 zeros */
#pragma once

#include "base/str.h"

#include <stdint.h>

enum { USTAR_BLOCK = 512, USTAR_END_BYTES = 2 * USTAR_BLOCK, USTAR_NAME_MAX = 99 };

struct ustar {
	char name[USTAR_NAME_MAX + 1];
	int64_t bytes;
	int64_t at_ms;
};

void ustar_write(const struct ustar *head, uint8_t ret[USTAR_BLOCK]);
/* False: that is no head that ustar_write() makes. */
bool ustar_read(const uint8_t block[USTAR_BLOCK], struct ustar *ret);
/* Zeros behind so much content. */
size_t ustar_padding(int64_t bytes);
