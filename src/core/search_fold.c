#include "core/search_fold.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

enum {
	FOLDED_MAX_BYTES = 64, /* of one character; the longest takes 33 */
	MEMORY = 256,          /* characters remembered: most alphabets are smaller */
};

/* A character folded before. */
struct remembered {
	ucs4_t code; /* 0: none */
	uint8_t len;
	char bytes[FOLDED_MAX_BYTES];
};

struct folding {
	struct buf *out;
	uint32_t *origins; /* NULL: not asked for */
	bool is_after_blank;
	struct remembered *memory;
};

static void put(struct folding *folding, struct str bytes, size_t origin)
{
	if (folding->out->err != OK || bytes.len > folding->out->max_bytes - folding->out->len)
		return;
	for (size_t i = 0; folding->origins && i < bytes.len; i++)
		folding->origins[folding->out->len + i] = (uint32_t)origin;
	buf_add(folding->out, bytes);
}

/* Accents of European scripts, vowel points of Hebrew and Arabic: reading goes on without them. Not
 * the marks of Indian, Thai, Japanese writing, which are letters to their readers (their combining
 * classes are others). */
static bool is_accent(ucs4_t c)
{
	int class = uc_combining_class(c);
	return (class >= 200 && class <= 240) || (class >= 10 && class <= 36) || class == 1;
}

/* Signs that keyboards and word processors put in each other's place. */
static ucs4_t plain_sign(ucs4_t c)
{
	static const struct {
		ucs4_t first, last, plain;
	} signs[] = {
		{0x2010, 0x2015, '-'},  {0x2212, 0x2212, '-'}, {0x2018, 0x201B, '\''},
		{0x02BC, 0x02BC, '\''}, {0x201C, 0x201F, '"'}, {0xAB, 0xAB, '"'},
		{0xBB, 0xBB, '"'},
	};
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		if (c >= signs[i].first && c <= signs[i].last)
			return signs[i].plain;
	}
	return c;
}

static bool is_blank(ucs4_t c)
{
	return uc_is_property_white_space(c) || c < 0x20;
}

/* Returns how many bytes it took; 0: no room. */
static size_t put_character(char *bytes, size_t room, ucs4_t c)
{
	int used = u8_uctomb((uint8_t *)bytes, c, (ptrdiff_t)room);
	return used > 0 ? (size_t)used : 0;
}

/* The character's folded form in `bytes`, in which there is nothing more to fold. ERR_UNAVAILABLE:
 * no memory. */
static enum err fold_one(ucs4_t c, char bytes[FOLDED_MAX_BYTES], uint8_t *ret_len)
{
	uint8_t typed[8], room[FOLDED_MAX_BYTES];
	size_t len = sizeof(room), kept = 0;
	c = plain_sign(c);
	*ret_len = 0;
	if (uc_is_property_default_ignorable_code_point(c) || is_accent(c))
		return OK;
	int typed_len = u8_uctomb(typed, c, sizeof(typed));
	uint8_t *folded = u8_casefold(typed, (size_t)typed_len, NULL, UNINORM_NFKD, room, &len);
	if (folded == NULL)
		return ERR_UNAVAILABLE;
	for (size_t at = 0; at < len;) {
		ucs4_t one;
		at += (size_t)u8_mbtouc(&one, folded + at, len - at);
		if (!is_accent(one))
			kept += put_character(bytes + kept, FOLDED_MAX_BYTES - kept,
					      plain_sign(one));
	}
	if (folded != room)
		free(folded);
	*ret_len = (uint8_t)kept;
	return OK;
}

static struct str remembered_fold(struct folding *folding, ucs4_t c)
{
	struct remembered *one = &folding->memory[c % MEMORY];
	if (one->code != c) {
		one->code = c;
		enum err err = fold_one(c, one->bytes, &one->len);
		if (err != OK)
			folding->out->err = err;
	}
	return (struct str){one->bytes, one->len};
}

static void put_blank(struct folding *folding, size_t origin)
{
	if (!folding->is_after_blank)
		put(folding, STR(" "), origin);
	folding->is_after_blank = true;
}

/* Accents that stand alone are a blank and the accent. */
static void put_folded(struct folding *folding, struct str folded, size_t origin)
{
	for (size_t i = 0; i < folded.len; i++) {
		if (folded.data[i] == ' ') {
			put_blank(folding, origin);
			continue;
		}
		put(folding, str_slice(folded, i, 1), origin);
		folding->is_after_blank = false;
	}
}

static void fold_character(struct folding *folding, ucs4_t c, size_t origin)
{
	if (is_blank(c)) {
		put_blank(folding, origin);
		return;
	}
	if (c < 0x80) {
		char lower = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : (char)c;
		put(folding, (struct str){&lower, 1}, origin);
		folding->is_after_blank = false;
		return;
	}
	put_folded(folding, remembered_fold(folding, c), origin);
}

/* Letters, digits and single blanks of ASCII, most of most texts, without looking at each. */
static size_t fold_ascii(struct folding *folding, struct str text, size_t at)
{
	char bytes[256];
	size_t len = 0;
	while (len < sizeof(bytes) && at + len < text.len) {
		char c = text.data[at + len];
		if (c <= ' ' || c >= 0x7f)
			break;
		bytes[len++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	for (size_t i = 0; folding->origins && i < len; i++)
		folding->origins[folding->out->len + i] = (uint32_t)(at + i);
	buf_add(folding->out, (struct str){bytes, len});
	folding->is_after_blank = folding->is_after_blank && len == 0;
	return len;
}

static enum err fold_all(struct folding *folding, struct str text)
{
	struct buf *out = folding->out;
	size_t at = 0;
	while (at < text.len && out->err == OK && out->max_bytes - out->len > 256) {
		at += fold_ascii(folding, text, at);
		if (at == text.len || (unsigned char)text.data[at] - 0x21U < 0x5eU)
			continue;
		ucs4_t c;
		int used = u8_mbtouc(&c, (const uint8_t *)text.data + at, text.len - at);
		fold_character(folding, c, at);
		at += (size_t)used;
	}
	if (folding->origins)
		folding->origins[out->len] = (uint32_t)at;
	return out->err;
}

/* Of most texts the folded form is not longer; of a few it is eleven times as long. */
static size_t bound(size_t text_bytes)
{
	size_t bytes = text_bytes * 12 + 512;
	return bytes < LIMIT_FOLDED_BYTES ? bytes : LIMIT_FOLDED_BYTES;
}

static enum err fold(struct arena *arena, struct str text, struct folding *folding, struct str *ret)
{
	if (!utf8_is_valid(text) || text.len > UINT32_MAX)
		return ERR_INVALID;
	folding->memory = ARENA_ARRAY(arena, MEMORY, struct remembered);
	if (folding->memory == NULL)
		return ERR_UNAVAILABLE;
	TRY(fold_all(folding, text));
	*ret = arena_copy(arena, buf_str(folding->out));
	return arena->failed ? ERR_UNAVAILABLE : OK;
}

enum err search_fold(struct arena *arena, struct str text, struct str *ret)
{
	struct buf out CLEANUP_BUF;
	buf_init(&out, bound(text.len));
	struct folding folding = {.out = &out};
	return fold(arena, text, &folding, ret);
}

enum err search_fold_map(struct arena *arena, struct str text, struct search_folded *ret)
{
	struct buf out CLEANUP_BUF;
	buf_init(&out, bound(text.len));
	struct folding folding = {.out = &out};
	folding.origins = ARENA_ARRAY(arena, out.max_bytes + 1, uint32_t);
	if (folding.origins == NULL)
		return ERR_UNAVAILABLE;
	TRY(fold(arena, text, &folding, &ret->text));
	ret->origins = folding.origins;
	return OK;
}

void search_fold_origin(const struct search_folded *folded, size_t start, size_t len,
			size_t *ret_start, size_t *ret_end)
{
	size_t end = start + len;
	/* One character may have become several bytes of which only the first were asked for. */
	while (len > 0 && end < folded->text.len &&
	       folded->origins[end] == folded->origins[end - 1])
		end++;
	while (start > 0 && folded->origins[start] == folded->origins[start - 1])
		start--;
	*ret_start = folded->origins[start];
	*ret_end = folded->origins[end];
}
