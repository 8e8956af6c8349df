#include "base/str.h"

#include <string.h>

struct str str_of(const char *cstr)
{
	return cstr ? (struct str){cstr, strlen(cstr)} : STR_NONE;
}

bool str_eq(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

int str_compare(struct str a, struct str b)
{
	size_t common = a.len < b.len ? a.len : b.len;
	int order = common > 0 ? memcmp(a.data, b.data, common) : 0;
	return order ? order : (a.len > b.len) - (a.len < b.len);
}

static char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool str_eq_nocase(struct str a, struct str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (ascii_lower(a.data[i]) != ascii_lower(b.data[i]))
			return false;
	return true;
}

bool str_is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool str_is_empty(struct str s)
{
	return s.len == 0;
}

bool str_starts_with(struct str s, struct str prefix)
{
	return s.len >= prefix.len && str_eq(str_slice(s, 0, prefix.len), prefix);
}

bool str_ends_with(struct str s, struct str suffix)
{
	return s.len >= suffix.len && str_eq(str_slice(s, s.len - suffix.len, suffix.len), suffix);
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s)
{
	while (s.len > 0 && is_space(s.data[0])) {
		s.data++;
		s.len--;
	}
	while (s.len > 0 && is_space(s.data[s.len - 1]))
		s.len--;
	return s;
}

bool str_next(struct str *s, char separator, struct str *ret_head)
{
	if (s->data == NULL)
		return false;
	ptrdiff_t at = str_find_char(*s, separator);
	if (at < 0) {
		*ret_head = *s;
		*s = STR_NONE;
	} else {
		*ret_head = str_slice(*s, 0, (size_t)at);
		*s = (struct str){s->data + at + 1, s->len - (size_t)at - 1};
	}
	return true;
}

ptrdiff_t str_find(struct str haystack, struct str needle)
{
	if (needle.len == 0)
		return 0;
	if (haystack.len < needle.len)
		return -1;
	const char *at = memmem(haystack.data, haystack.len, needle.data, needle.len);
	return at ? at - haystack.data : -1;
}

ptrdiff_t str_find_char(struct str haystack, char c)
{
	if (haystack.len == 0)
		return -1;
	const char *at = memchr(haystack.data, c, haystack.len);
	return at ? at - haystack.data : -1;
}

bool str_to_int(struct str s, int64_t *ret)
{
	int64_t value = 0;
	if (s.len == 0 || s.len > 19)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] < '0' || s.data[i] > '9')
			return false;
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, s.data[i] - '0', &value))
			return false;
	}
	*ret = value;
	return true;
}
