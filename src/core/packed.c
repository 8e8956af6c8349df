#include "core/packed.h"

enum { INT_BYTES = 4, INT64_BYTES = 8 };

static void add_number(struct buf *out, uint64_t value, int bytes)
{
	while (bytes-- > 0)
		buf_add_char(out, (char)(value >> (8 * bytes) & 0xff));
}

void packed_add_int(struct buf *out, uint32_t value)
{
	add_number(out, value, INT_BYTES);
}

void packed_add_int64(struct buf *out, int64_t value)
{
	add_number(out, (uint64_t)value, INT64_BYTES);
}

void packed_add_text(struct buf *out, struct str text)
{
	packed_add_int(out, (uint32_t)text.len);
	buf_add(out, text);
}

enum err packed_finish(struct arena *arena, const struct buf *out, struct str *ret)
{
	TRY(out->err);
	struct str bytes = arena_copy(arena, buf_str(out));
	if (arena->failed)
		return ERR_UNAVAILABLE;
	*ret = bytes;
	return OK;
}

struct packed packed_begin(struct str bytes, char format)
{
	return (struct packed){
		.rest = str_slice(bytes, 1, bytes.len),
		.is_bad = bytes.len == 0 || bytes.data[0] != format,
	};
}

struct str packed_bytes(struct packed *packed, size_t len)
{
	packed->is_bad = packed->is_bad || len > packed->rest.len;
	if (packed->is_bad)
		return STR_NONE;
	struct str bytes = str_slice(packed->rest, 0, len);
	packed->rest = str_slice(packed->rest, len, packed->rest.len);
	return bytes;
}

static uint64_t number(struct packed *packed, size_t len)
{
	struct str bytes = packed_bytes(packed, len);
	uint64_t value = 0;
	for (size_t i = 0; i < bytes.len; i++)
		value = value << 8 | (uint8_t)bytes.data[i];
	return value;
}

uint32_t packed_int(struct packed *packed)
{
	return (uint32_t)number(packed, INT_BYTES);
}

int64_t packed_int64(struct packed *packed)
{
	return (int64_t)number(packed, INT64_BYTES);
}

struct str packed_text(struct packed *packed)
{
	return packed_bytes(packed, packed_int(packed));
}

bool packed_is_whole(const struct packed *packed)
{
	return !packed->is_bad && packed->rest.len == 0;
}
