/* Memory that lives as long as one request or job: zeroed, capped, wiped and freed at once. */
#pragma once

#include "base/str.h"

#include <stdarg.h>

struct arena_block;

/* Not thread-safe; one thread at a time. A failed allocation sets `failed` for good: text helpers
 * then give empty text, and store_transact() and the dispatcher refuse to go on, so that nothing
 * half-built is stored or shown. */
struct arena {
	struct arena_block *blocks;
	size_t used_bytes; /* handed out and block overhead, counted against max_bytes */
	size_t max_bytes;
	bool failed;
};

void arena_init(struct arena *arena, size_t max_bytes);
/* Wipes and frees everything; the arena can be used again afterwards. NULL is fine. */
void arena_release(struct arena *arena);

/* Zeroed memory aligned for any type; NULL when the cap or the system's memory is reached. */
void *arena_alloc(struct arena *arena, size_t bytes);
/* Zeroed array; NULL also when count * bytes overflows. */
void *arena_array(struct arena *arena, size_t count, size_t bytes);
#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, count, type) ((type *)arena_array((arena), (count), sizeof(type)))

/* Copies; the copy is followed by a NUL that is not counted in len. */
struct str arena_copy(struct arena *arena, struct str s);
/* The same, as a C string; "" on failure, never NULL. */
const char *arena_cstr(struct arena *arena, struct str s);
struct str arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#define CLEANUP_ARENA __attribute__((cleanup(arena_release)))
