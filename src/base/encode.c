#include "base/encode.h"

#include "base/utf8.h"

#include <string.h>

/* Most of a text needs nothing: one look at each of its bytes. */
static const bool is_special[256] = {
	['&'] = true, ['<'] = true, ['>'] = true, ['"'] = true, ['\''] = true,
};

static struct str entity_of(char c)
{
	switch (c) {
	case '&': return STR("&amp;");
	case '<': return STR("&lt;");
	case '>': return STR("&gt;");
	case '"': return STR("&quot;");
	default: return STR("&#39;");
	}
}

void encode_html(struct buf *out, struct str text)
{
	size_t start = 0;
	for (size_t i = 0; i < text.len; i++) {
		if (!is_special[(uint8_t)text.data[i]])
			continue;
		buf_add(out, str_slice(text, start, i - start));
		buf_add(out, entity_of(text.data[i]));
		start = i + 1;
	}
	buf_add(out, str_slice(text, start, text.len));
}

static bool is_unreserved(char c)
{
	return str_is_alnum(c) || (c != '\0' && strchr("-._~", c) != NULL);
}

void encode_url(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (is_unreserved(text.data[i]))
			buf_add_char(out, text.data[i]);
		else
			buf_addf(out, "%%%02X", (unsigned char)text.data[i]);
	}
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

enum err decode_url(struct arena *arena, struct str text, bool is_form, struct str *ret)
{
	char *out = arena_alloc(arena, text.len + 1);
	if (out == NULL)
		return ERR_TOO_LARGE;
	size_t len = 0;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];
		if (c == '%') {
			int high = i + 2 < text.len ? hex_value(text.data[i + 1]) : -1;
			int low = i + 2 < text.len ? hex_value(text.data[i + 2]) : -1;
			if (high < 0 || low < 0)
				return ERR_INVALID;
			c = (char)(high << 4 | low);
			i += 2;
		} else if (c == '+' && is_form) {
			c = ' ';
		}
		if (c == '\0')
			return ERR_INVALID;
		out[len++] = c;
	}
	struct str decoded = {out, len};
	if (!utf8_is_valid(decoded))
		return ERR_INVALID;
	*ret = decoded;
	return OK;
}

static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static struct str encode_by(const char *alphabet, struct arena *arena, struct str bytes)
{
	char *out = arena_alloc(arena, bytes.len / 3 * 4 + 5);
	if (out == NULL)
		return STR_NONE;
	size_t len = 0;
	uint32_t bits = 0;
	int count = 0;
	for (size_t i = 0; i < bytes.len; i++) {
		bits = bits << 8 | (unsigned char)bytes.data[i];
		count += 8;
		for (; count >= 6; count -= 6)
			out[len++] = alphabet[bits >> (count - 6) & 63];
	}
	if (count > 0)
		out[len++] = alphabet[bits << (6 - count) & 63];
	return (struct str){out, len};
}

static enum err decode_by(const char *alphabet, struct arena *arena, struct str text,
			  struct str *ret)
{
	char *out = arena_alloc(arena, text.len / 4 * 3 + 4);
	if (out == NULL)
		return ERR_TOO_LARGE;
	size_t len = 0;
	uint32_t bits = 0;
	int count = 0;
	for (size_t i = 0; i < text.len; i++) {
		const char *at = text.data[i] ? strchr(alphabet, text.data[i]) : NULL;
		if (at == NULL)
			return ERR_INVALID;
		bits = bits << 6 | (uint32_t)(at - alphabet);
		count += 6;
		if (count >= 8) {
			count -= 8;
			out[len++] = (char)(bits >> count);
			bits &= (1U << count) - 1;
		}
	}
	if (count >= 6 || bits != 0)
		return ERR_INVALID;
	*ret = (struct str){out, len};
	return OK;
}

struct str encode_base64url(struct arena *arena, struct str bytes)
{
	return encode_by(base64url, arena, bytes);
}

enum err decode_base64url(struct arena *arena, struct str text, struct str *ret)
{
	return decode_by(base64url, arena, text, ret);
}

struct str encode_base64(struct arena *arena, struct str bytes)
{
	struct str text = encode_by(base64, arena, bytes);
	/* There is room for it. */
	char *out = (char *)text.data;
	while (text.len % 4 > 0)
		out[text.len++] = '=';
	return text;
}

enum err decode_base64(struct arena *arena, struct str text, struct str *ret)
{
	if (text.len % 4 > 0)
		return ERR_INVALID;
	/* At most two; a third is no letter of it. */
	for (int i = 0; i < 2 && text.len > 0 && text.data[text.len - 1] == '='; i++)
		text.len--;
	return decode_by(base64, arena, text, ret);
}

struct str encode_hex(struct arena *arena, struct str bytes)
{
	static const char digits[] = "0123456789abcdef";
	char *out = arena_alloc(arena, 2 * bytes.len + 1);
	if (out == NULL)
		return STR_NONE;
	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char byte = (unsigned char)bytes.data[i];
		out[2 * i] = digits[byte >> 4];
		out[2 * i + 1] = digits[byte & 15];
	}
	return (struct str){out, 2 * bytes.len};
}
