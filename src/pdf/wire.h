/* What the portal and postern-pdf say to each other, as bytes: numbers are little-endian, a text is
 * its length (4 bytes) and its bytes, a fraction is its 8 bytes (IEEE 754). The first mistake of a
 * reader sticks, gives zeros and empty texts from then on, and allocates nothing. */
#pragma once

#include "base/buf.h"

#include <stdbool.h>

void wire_put_byte(struct buf *out, uint8_t value);
void wire_put_int(struct buf *out, int64_t value);
void wire_put_number(struct buf *out, double value);
void wire_put_text(struct buf *out, struct str text);

struct wire {
	struct str rest;
	bool is_bad;
};

uint8_t wire_byte(struct wire *wire);
/* 0 or 1; anything else is a mistake. */
bool wire_bool(struct wire *wire);
/* Outside of min to max is a mistake, and gives min. */
int64_t wire_int(struct wire *wire, int64_t min, int64_t max);
/* Not finite, or beyond a million either way, is a mistake. */
double wire_number(struct wire *wire);
/* A view; more than max_bytes is a mistake. */
struct str wire_text(struct wire *wire, size_t max_bytes);
/* How many things of at least bytes_each follow: so many bytes are really there. */
size_t wire_count(struct wire *wire, size_t max, size_t bytes_each);
/* Whether everything was there and nothing is left. */
bool wire_is_whole(const struct wire *wire);
