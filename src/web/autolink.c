#include "web/autolink.h"

/* Bytes of "http://" or "https://" at the beginning, or 0. */
static size_t scheme_len(struct str s)
{
	if (str_eq_nocase(str_slice(s, 0, 7), STR("http://")))
		return 7;
	return str_eq_nocase(str_slice(s, 0, 8), STR("https://")) ? 8 : 0;
}

/* Spaces, quotes, dashes and marks of direction beyond ASCII: U+0080-00BF, U+061C, U+2000-206F,
 * U+3000-303F, U+FE00-FFFF, U+C0000 and up. Letters are kept, since addresses are also copied with
 * them. */
static bool is_end_beyond_ascii(struct str rest)
{
	unsigned char a = (unsigned char)rest.data[0];
	unsigned char b = rest.len > 1 ? (unsigned char)rest.data[1] : 0;
	return a == 0xc2 || (a == 0xd8 && b == 0x9c) || (a == 0xe2 && (b == 0x80 || b == 0x81)) ||
	       (a == 0xe3 && b == 0x80) || (a == 0xef && b >= 0xb8) || a >= 0xf3;
}

static bool is_end(struct str rest)
{
	char c = rest.data[0];
	if ((unsigned char)c >= 0x80)
		return is_end_beyond_ascii(rest);
	return (unsigned char)c <= 0x20 || c == 0x7f || str_find_char(STR("<>\"\\`|^{}"), c) >= 0;
}

static ptrdiff_t count_char(struct str s, char c)
{
	ptrdiff_t count = 0;
	for (size_t i = 0; i < s.len; i++)
		count += s.data[i] == c;
	return count;
}

/* A bracket is of the address only when it was opened there: ".../A_(b)", but "(see ...)". */
static struct str without_ending(struct str url)
{
	ptrdiff_t surplus_round = count_char(url, ')') - count_char(url, '(');
	ptrdiff_t surplus_square = count_char(url, ']') - count_char(url, '[');
	while (url.len > 0) {
		char last = url.data[url.len - 1];
		bool is_surplus = (last == ')' && surplus_round-- > 0) ||
				  (last == ']' && surplus_square-- > 0);
		if (!is_surplus && str_find_char(STR(".,:;!?'*_~"), last) < 0)
			break;
		url.len--;
	}
	return url;
}

static bool has_plain_host(struct str url)
{
	struct str host = str_slice(url, scheme_len(url), url.len);
	for (size_t i = 0; i < host.len; i++) {
		if (host.data[i] == '/' || host.data[i] == '?' || host.data[i] == '#')
			host.len = i;
	}
	return host.len > 0 && str_find_char(host, '@') < 0 &&
	       (str_is_alnum(host.data[0]) || (unsigned char)host.data[0] >= 0x80);
}

bool autolink_find(struct str text, size_t *ret_start, size_t *ret_len)
{
	for (size_t i = 0; i < text.len; i++) {
		struct str url = str_slice(text, i, text.len);
		size_t len = 0;
		if ((i > 0 && str_is_alnum(text.data[i - 1])) || scheme_len(url) == 0)
			continue;
		while (len < url.len && !is_end(str_slice(url, len, url.len)))
			len++;
		url = without_ending(str_slice(url, 0, len));
		if (has_plain_host(url)) {
			*ret_start = i;
			*ret_len = url.len;
			return true;
		}
		i += len - 1; /* so that no byte is looked at twice */
	}
	return false;
}
