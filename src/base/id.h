/* Public ids: 128 bits, time-ordered, as 26 characters of Crockford's base32.
 *
 *    48 bits            80 bits
 *   +------------------+------------------------------+
 *   | UTC milliseconds | random                       |   130 bits, the first two are 0
 *   +------------------+------------------------------+
 *
 * Text order is time order. Rights never rest on an id being hard to guess. */
#pragma once

#include "base/err.h"
#include "base/str.h"

enum { ID_BYTES = 16, ID_CHARS = 26 };

struct id {
	char text[ID_CHARS + 1]; /* NUL-terminated; "" is no id */
};

struct id id_new(int64_t now_ms);
/* The lowest id of a millisecond: below all that were made then or later. */
struct id id_first_at(int64_t ms);
/* When it was made; 0 of no id. */
int64_t id_ms(const struct id *id);
/* Accepts only what id_new() writes: 26 characters, upper case. ERR_INVALID otherwise. */
enum err id_parse(struct str text, struct id *ret) MUST_CHECK;
bool id_eq(const struct id *a, const struct id *b);
bool id_is_empty(const struct id *id);
struct str id_str(const struct id *id);
/* The 16 bytes behind the text, and back. */
void id_to_bytes(const struct id *id, uint8_t ret_bytes[ID_BYTES]);
struct id id_from_bytes(const uint8_t bytes[ID_BYTES]);
