#include "web/file_text.h"

#include "base/utf8.h"
#include "crypto/chunks.h"

enum { CHARACTER_MAX_BYTES = 4, REPLACEMENT = 0xfffd };

static void add_character(struct buf *out, uint32_t c)
{
	if (c < 0x80) {
		buf_add_char(out, (char)c);
	} else if (c < 0x800) {
		buf_add_char(out, (char)(0xc0 | c >> 6));
		buf_add_char(out, (char)(0x80 | (c & 63)));
	} else if (c < 0x10000) {
		buf_add_char(out, (char)(0xe0 | c >> 12));
		buf_add_char(out, (char)(0x80 | (c >> 6 & 63)));
		buf_add_char(out, (char)(0x80 | (c & 63)));
	} else {
		buf_add_char(out, (char)(0xf0 | c >> 18));
		buf_add_char(out, (char)(0x80 | (c >> 12 & 63)));
		buf_add_char(out, (char)(0x80 | (c >> 6 & 63)));
		buf_add_char(out, (char)(0x80 | (c & 63)));
	}
}

static void add_latin1(struct buf *out, struct str bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		add_character(out, (uint8_t)bytes.data[i]);
}

static uint32_t unit_at(struct str bytes, size_t at, bool is_little)
{
	uint8_t first = (uint8_t)bytes.data[at], second = (uint8_t)bytes.data[at + 1];
	return is_little ? (uint32_t)(second << 8 | first) : (uint32_t)(first << 8 | second);
}

static void add_utf16(struct buf *out, struct str bytes, bool is_little)
{
	for (size_t i = 2; i + 1 < bytes.len; i += 2) {
		uint32_t c = unit_at(bytes, i, is_little);
		bool is_high = c >= 0xd800 && c < 0xdc00;
		uint32_t low = is_high && i + 3 < bytes.len ? unit_at(bytes, i + 2, is_little) : 0;
		if (low >= 0xdc00 && low < 0xe000) {
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
			i += 2;
		}
		add_character(out, c >= 0xd800 && c < 0xe000 ? REPLACEMENT : c);
	}
}

/* Up to the last whole character of what was cut in the middle of one. */
static struct str without_tail(struct str bytes)
{
	for (size_t cut = 0; cut < CHARACTER_MAX_BYTES && cut < bytes.len; cut++) {
		struct str whole = str_slice(bytes, 0, bytes.len - cut);
		if (utf8_is_valid(whole))
			return whole;
	}
	return bytes;
}

/* What terminals and printers obey is nothing to show; new lines and tabs are. */
static void replace_controls(struct buf *text)
{
	for (size_t i = 0; i < text->len; i++) {
		uint8_t c = (uint8_t)text->data[i];
		if ((c < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7f)
			text->data[i] = ' ';
	}
}

enum err file_text_decode(struct arena *arena, struct str bytes, bool is_cut, struct file_text *ret)
{
	struct buf text CLEANUP_BUF;
	buf_init(&text, (size_t)CHARACTER_MAX_BYTES * FILE_TEXT_BYTES);
	bool is_little = str_starts_with(bytes, STR("\xff\xfe"));
	bool is_big = str_starts_with(bytes, STR("\xfe\xff"));
	*ret = (struct file_text){.is_cut = is_cut};
	ret->is_binary = !is_little && !is_big && str_find_char(bytes, 0) >= 0;
	if (ret->is_binary)
		return OK;
	if (str_starts_with(bytes, STR("\xef\xbb\xbf")))
		bytes = str_slice(bytes, 3, bytes.len);
	struct str whole = is_cut ? without_tail(bytes) : bytes;
	if (is_little || is_big)
		add_utf16(&text, bytes, is_little);
	else if (utf8_is_valid(whole))
		buf_add(&text, whole);
	else
		add_latin1(&text, bytes);
	TRY(text.err);
	replace_controls(&text);
	ret->text = arena_copy(arena, buf_str(&text));
	return arena->failed ? ERR_UNAVAILABLE : OK;
}

enum err file_text_read(struct cx *cx, struct download *download, struct file_text *ret)
{
	struct buf bytes CLEANUP_BUF, piece CLEANUP_BUF;
	int64_t all = download_head(download)->bytes;
	int64_t wanted = all < FILE_TEXT_BYTES ? all : FILE_TEXT_BYTES;
	bool is_over = wanted == 0;
	buf_init(&bytes, FILE_TEXT_BYTES);
	buf_init(&piece, CHUNK_BYTES);
	download_range(download, 0, wanted);
	while (!is_over) {
		buf_clear(&piece);
		TRY(download_next(download, &piece, &is_over));
		buf_add(&bytes, buf_str(&piece));
	}
	TRY(bytes.err);
	return file_text_decode(cx->arena, buf_str(&bytes), wanted < all, ret);
}
