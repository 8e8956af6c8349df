/* Texts and numbers one after the other, as records are packed before they are encrypted. A text is
 * its length (4 bytes) and its bytes; numbers are big-endian. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"

void packed_add_int(struct buf *out, uint32_t value);
void packed_add_int64(struct buf *out, int64_t value);
void packed_add_text(struct buf *out, struct str text);
/* What was packed, copied to the arena; or the first error. */
enum err packed_finish(struct arena *arena, const struct buf *out, struct str *ret) MUST_CHECK;

/* What is left to read; the first mistake sticks and gives zeros and empty texts from then on. */
struct packed {
	struct str rest;
	bool is_bad;
};

/* `bytes` begin with a byte that says their format. */
struct packed packed_begin(struct str bytes, char format);
uint32_t packed_int(struct packed *packed);
int64_t packed_int64(struct packed *packed);
/* A view. */
struct str packed_text(struct packed *packed);
struct str packed_bytes(struct packed *packed, size_t len);
/* Whether everything was there and nothing is left. */
bool packed_is_whole(const struct packed *packed);
