#include "base/utf8.h"

/* Decodes one code point; returns its length, or 0 when malformed. */
static size_t decode(struct str s, size_t at, uint32_t *ret)
{
	unsigned char c = (unsigned char)s.data[at];
	if (c < 0x80) {
		*ret = c;
		return 1;
	}
	size_t len = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	if (c < 0xc2 || c > 0xf4 || s.len - at < len)
		return 0;
	uint32_t code = c & (0x7fU >> len);
	for (size_t i = 1; i < len; i++) {
		unsigned char next = (unsigned char)s.data[at + i];
		if ((next & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (next & 0x3f);
	}
	if (code < smallest[len] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*ret = code;
	return len;
}

static bool every(struct str s, bool (*is_allowed)(uint32_t code))
{
	uint32_t code;
	for (size_t at = 0; at < s.len;) {
		size_t len = decode(s, at, &code);
		if (len == 0 || !is_allowed(code))
			return false;
		at += len;
	}
	return true;
}

static bool is_any(uint32_t code)
{
	(void)code;
	return true;
}

static bool is_control(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code <= 0x9f);
}

static bool is_text(uint32_t code)
{
	return !is_control(code) || code == '\t' || code == '\n' || code == '\r';
}

static bool is_line(uint32_t code)
{
	bool is_override = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
	return !is_control(code) && !is_override && code != 0x2028 && code != 0x2029;
}

bool utf8_is_ascii(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.data[i] >= 0x80)
			return false;
	return true;
}

bool utf8_is_valid(struct str s)
{
	return every(s, is_any);
}

bool utf8_is_text(struct str s)
{
	return every(s, is_text);
}

bool utf8_is_line(struct str s)
{
	return every(s, is_line);
}

size_t utf8_count(struct str s)
{
	size_t count = 0;
	for (size_t i = 0; i < s.len; i++)
		count += ((unsigned char)s.data[i] & 0xc0) != 0x80;
	return count;
}

struct str utf8_first(struct str s, size_t count)
{
	size_t at = 0;
	for (; at < s.len; at++) {
		if (((unsigned char)s.data[at] & 0xc0) == 0x80)
			continue;
		if (count-- == 0)
			break;
	}
	return str_slice(s, 0, at);
}
