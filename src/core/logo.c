#include "core/logo.h"

#include "base/buf.h"

/* A chunk of a PNG is the length of its data, its type, the data, and a checksum; a segment of a
 * JPEG is FF, its kind, and its length with the two bytes that hold it. */
enum { WORD = 4, CHUNK_OVERHEAD = 3 * WORD, HEADER_BYTES = 13, SEGMENT_HEAD = 4 };

#define PNG_MAGIC STR("\x89PNG\r\n\x1a\n")
#define JPEG_MAGIC STR("\xff\xd8\xff")
#define JPEG_END STR("\xff\xd9")

static uint32_t word_at(struct str bytes, size_t at)
{
	uint32_t value = 0;
	for (size_t i = at; i < at + WORD; i++)
		value = value << 8 | (uint8_t)bytes.data[i];
	return value;
}

static uint32_t short_at(struct str bytes, size_t at)
{
	return (uint32_t)((uint8_t)bytes.data[at] << 8 | (uint8_t)bytes.data[at + 1]);
}

static enum err check_size(uint32_t width, uint32_t height, enum text_id *ret_why)
{
	if (width > LOGO_MAX_PIXELS || height > LOGO_MAX_PIXELS) {
		*ret_why = TEXT_BRANDING_LOGO_TOO_WIDE;
		return ERR_INVALID;
	}
	return width > 0 && height > 0 ? OK : ERR_INVALID;
}

/* ---- PNG ---- */

/* The pixels, and what their colours mean. Compressed texts and profiles could be anything. */
static bool is_kept_chunk(struct str type)
{
	static const char *const kept[] = {"IHDR", "PLTE", "tRNS", "gAMA", "sRGB", "IDAT", "IEND"};
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (str_eq(type, str_of(kept[i])))
			return true;
	return false;
}

static enum err copy_png(struct str bytes, struct buf *out, enum text_id *ret_why)
{
	struct str rest = str_slice(bytes, PNG_MAGIC.len, bytes.len);
	bool has_pixels = false, is_first = true;
	buf_add(out, PNG_MAGIC);
	while (rest.len >= CHUNK_OVERHEAD) {
		uint32_t len = word_at(rest, 0);
		if (len > rest.len - CHUNK_OVERHEAD)
			return ERR_INVALID;
		struct str chunk = str_slice(rest, 0, CHUNK_OVERHEAD + len);
		struct str type = str_slice(chunk, WORD, WORD);
		bool is_header = str_eq(type, STR("IHDR"));
		if (is_header != is_first || (is_header && len != HEADER_BYTES))
			return ERR_INVALID;
		if (is_header)
			TRY(check_size(word_at(chunk, 2 * WORD), word_at(chunk, 3 * WORD),
				       ret_why));
		if (is_kept_chunk(type))
			buf_add(out, chunk);
		is_first = false;
		has_pixels = has_pixels || str_eq(type, STR("IDAT"));
		rest = str_slice(rest, chunk.len, rest.len);
		if (str_eq(type, STR("IEND")))
			return has_pixels && rest.len == 0 ? out->err : ERR_INVALID;
	}
	return ERR_INVALID;
}

/* ---- JPEG ---- */

static bool is_frame(uint8_t kind)
{
	return kind >= 0xc0 && kind <= 0xcf && kind != 0xc4 && kind != 0xc8 && kind != 0xcc;
}

/* Places, names of cameras and comments; but how the colours are written (Adobe) is needed. */
static bool is_told_beside(uint8_t kind)
{
	return (kind >= 0xe1 && kind <= 0xef && kind != 0xee) || kind == 0xfe;
}

static enum err copy_jpeg(struct str bytes, struct buf *out, enum text_id *ret_why)
{
	enum { START_OF_SCAN = 0xda, FRAME_BYTES = 9 };
	struct str rest = str_slice(bytes, 2, bytes.len);
	bool has_frame = false;
	buf_add(out, str_slice(bytes, 0, 2));
	if (!str_ends_with(bytes, JPEG_END))
		return ERR_INVALID;
	while (rest.len > SEGMENT_HEAD && (uint8_t)rest.data[0] == 0xff) {
		uint8_t kind = (uint8_t)rest.data[1];
		uint32_t len = short_at(rest, 2);
		if (len < 2 || len > rest.len - 2)
			return ERR_INVALID;
		if (is_frame(kind)) {
			if (has_frame || len < FRAME_BYTES - 2)
				return ERR_INVALID;
			TRY(check_size(short_at(rest, 7), short_at(rest, 5), ret_why));
			has_frame = true;
		}
		if (kind == START_OF_SCAN) {
			buf_add(out, rest);
			return has_frame ? out->err : ERR_INVALID;
		}
		if (!is_told_beside(kind))
			buf_add(out, str_slice(rest, 0, 2 + len));
		rest = str_slice(rest, 2 + len, rest.len);
	}
	return ERR_INVALID;
}

enum err logo_check(struct arena *arena, struct str bytes, struct str *ret, const char **ret_ending,
		    enum text_id *ret_why)
{
	struct buf out CLEANUP_BUF;
	bool is_png = str_starts_with(bytes, PNG_MAGIC),
	     is_jpeg = str_starts_with(bytes, JPEG_MAGIC);
	buf_init(&out, LOGO_MAX_BYTES + 1);
	if (bytes.len > LOGO_MAX_BYTES || !(is_png || is_jpeg)) {
		bool is_svg = str_find(str_slice(bytes, 0, 1024), STR("<svg")) >= 0;
		*ret_why = is_svg                       ? TEXT_BRANDING_LOGO_SVG
			   : bytes.len > LOGO_MAX_BYTES ? TEXT_BRANDING_LOGO_TOO_LARGE
							: TEXT_BRANDING_LOGO_NO_PICTURE;
		return ERR_INVALID;
	}
	*ret_why = TEXT_BRANDING_LOGO_DAMAGED;
	TRY(is_png ? copy_png(bytes, &out, ret_why) : copy_jpeg(bytes, &out, ret_why));
	*ret = arena_copy(arena, buf_str(&out));
	*ret_ending = is_png ? "png" : "jpg";
	return arena->failed ? ERR_UNAVAILABLE : OK;
}
