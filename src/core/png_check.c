#include "core/png_check.h"

#include "base/encode.h"
#include "base/limits.h"

/* A chunk is the length of its data, its type, the data, and a checksum. */
enum { WORD = 4, CHUNK_OVERHEAD = 3 * WORD, HEADER_BYTES = 13 };

#define DATA_URL STR("data:image/png;base64,")

static uint32_t word_at(struct str bytes, size_t at)
{
	uint32_t value = 0;
	for (size_t i = at; i < at + WORD; i++)
		value = value << 8 | (uint8_t)bytes.data[i];
	return value;
}

/* The next chunk; false when there is none that is whole. */
static bool next_chunk(struct str *rest, struct str *ret_type, struct str *ret_data)
{
	if (rest->len < CHUNK_OVERHEAD || word_at(*rest, 0) > rest->len - CHUNK_OVERHEAD)
		return false;
	size_t len = word_at(*rest, 0);
	*ret_type = str_slice(*rest, WORD, WORD);
	*ret_data = str_slice(*rest, 2 * WORD, len);
	*rest = str_slice(*rest, CHUNK_OVERHEAD + len, rest->len);
	return true;
}

static enum err check_header(struct str data)
{
	if (data.len != HEADER_BYTES || word_at(data, 0) == 0 || word_at(data, WORD) == 0)
		return ERR_INVALID;
	if (word_at(data, 0) > LIMIT_SIGNING_PNG_PIXELS ||
	    word_at(data, WORD) > LIMIT_SIGNING_PNG_PIXELS)
		return ERR_TOO_LARGE;
	return OK;
}

enum err png_check(struct str png)
{
	const struct str magic = STR("\x89PNG\r\n\x1a\n");
	struct str rest = str_slice(png, magic.len, png.len);
	struct str type, data;
	bool has_pixels = false;
	if (png.len > LIMIT_SIGNING_PNG_BYTES)
		return ERR_TOO_LARGE;
	if (!str_starts_with(png, magic) || !next_chunk(&rest, &type, &data) ||
	    !str_eq(type, STR("IHDR")))
		return ERR_INVALID;
	TRY(check_header(data));
	while (next_chunk(&rest, &type, &data)) {
		has_pixels = has_pixels || str_eq(type, STR("IDAT"));
		if (str_eq(type, STR("IEND")))
			return has_pixels && rest.len == 0 ? OK : ERR_INVALID;
	}
	return ERR_INVALID;
}

bool png_is_data_url(struct str text)
{
	return str_starts_with(text, STR("data:"));
}

enum err png_from_data_url(struct arena *arena, struct str url, struct str *ret)
{
	struct str bytes;
	if (!str_starts_with(url, DATA_URL))
		return ERR_INVALID;
	struct str encoded = str_slice(url, DATA_URL.len, url.len);
	/* Before anything is decoded: three bytes are four letters. */
	if (encoded.len > (LIMIT_SIGNING_PNG_BYTES + 2) / 3 * 4)
		return ERR_TOO_LARGE;
	TRY(decode_base64(arena, encoded, &bytes));
	TRY(png_check(bytes));
	*ret = bytes;
	return OK;
}
