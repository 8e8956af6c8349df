#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_BLOCK_BYTES = 8192, ARENA_ALIGN = 16 };

struct arena_block {
	struct arena_block *next;
	size_t used;
	size_t size;
	_Alignas(ARENA_ALIGN) unsigned char bytes[];
};

void arena_init(struct arena *arena, size_t max_bytes)
{
	*arena = (struct arena){.max_bytes = max_bytes};
}

void arena_release(struct arena *arena)
{
	if (arena == NULL)
		return;
	struct arena_block *block = arena->blocks;
	while (block) {
		struct arena_block *next = block->next;
		/* Decrypted text and typed passwords pass through here. */
		explicit_bzero(block->bytes, block->used);
		free(block);
		block = next;
	}
	arena_init(arena, arena->max_bytes);
}

static struct arena_block *add_block(struct arena *arena, size_t bytes)
{
	size_t size = bytes > ARENA_BLOCK_BYTES ? bytes : ARENA_BLOCK_BYTES;
	size_t total = sizeof(struct arena_block) + size;
	if (arena->failed || total > arena->max_bytes - arena->used_bytes)
		return NULL;
	struct arena_block *block = calloc(1, total);
	if (block == NULL)
		return NULL;
	block->size = size;
	block->next = arena->blocks;
	arena->blocks = block;
	arena->used_bytes += total;
	return block;
}

void *arena_alloc(struct arena *arena, size_t bytes)
{
	/* The second bound keeps the sums below from wrapping, however high the cap. */
	if (bytes > arena->max_bytes || bytes > PTRDIFF_MAX / 2) {
		arena->failed = true;
		return NULL;
	}
	size_t rounded = (bytes + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
	struct arena_block *block = arena->blocks;
	if (block == NULL || block->size - block->used < rounded)
		block = add_block(arena, rounded);
	if (block == NULL) {
		arena->failed = true;
		return NULL;
	}
	void *result = block->bytes + block->used;
	block->used += rounded;
	return result;
}

void *arena_array(struct arena *arena, size_t count, size_t bytes)
{
	size_t total;
	if (__builtin_mul_overflow(count, bytes, &total)) {
		arena->failed = true;
		return NULL;
	}
	return arena_alloc(arena, total);
}

struct str arena_copy(struct arena *arena, struct str s)
{
	char *copy = s.len < SIZE_MAX ? arena_alloc(arena, s.len + 1) : NULL;
	if (copy == NULL)
		return STR_NONE;
	if (s.len > 0)
		memcpy(copy, s.data, s.len);
	return (struct str){copy, s.len};
}

const char *arena_cstr(struct arena *arena, struct str s)
{
	struct str copy = arena_copy(arena, s);
	return copy.data ? copy.data : "";
}

struct str arena_printf(struct arena *arena, const char *format, ...)
{
	char brief[128]; /* mostly enough: then formatting once does */
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int len = vsnprintf(brief, sizeof(brief), format, args);
	va_end(args);
	char *text = len < 0 ? NULL : arena_alloc(arena, (size_t)len + 1);
	if (text == NULL)
		arena->failed = true;
	else if ((size_t)len < sizeof(brief))
		memcpy(text, brief, (size_t)len);
	else
		vsnprintf(text, (size_t)len + 1, format, again);
	explicit_bzero(brief, sizeof(brief));
	va_end(again);
	return text ? (struct str){text, (size_t)len} : STR_NONE;
}
