/* A borrowed view of bytes: text or binary, not NUL-terminated, never owned. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str {
	const char *data; /* may be NULL when len is 0 */
	size_t len;       /* bytes */
};

#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
#define STR_NONE ((struct str){NULL, 0})
/* For printf("%.*s", STR_ARGS(s)). */
#define STR_ARGS(s) (int)(s).len, (s).data

/* View of a NUL-terminated string; NULL gives the empty view. */
struct str str_of(const char *cstr);
/* View of any bytes. */
static inline struct str str_bytes(const void *bytes, size_t len)
{
	return (struct str){bytes, len};
}

bool str_eq(struct str a, struct str b);
/* Order by bytes, as of memcmp(): < 0, 0, > 0. A prefix comes before what it begins. */
int str_compare(struct str a, struct str b);
/* ASCII only; for header names, address domains and configuration words. */
bool str_eq_nocase(struct str a, struct str b);
/* An ASCII letter or digit, whatever the locale. */
bool str_is_alnum(char c);
bool str_is_empty(struct str s);
bool str_starts_with(struct str s, struct str prefix);
bool str_ends_with(struct str s, struct str suffix);

/* The part from byte `start` on, at most `len` bytes; clamped to s. */
static inline struct str str_slice(struct str s, size_t start, size_t len)
{
	if (start >= s.len)
		return (struct str){s.data ? s.data + s.len : s.data, 0};
	return (struct str){s.data + start, len < s.len - start ? len : s.len - start};
}
/* Without leading and trailing ASCII white space. */
struct str str_trim(struct str s);

/* Cuts s at the first `separator`: the part before goes to ret_head, and s becomes what follows.
 * Returns false when s was used up already (ret_head untouched). "a,b" gives "a", "b". */
bool str_next(struct str *s, char separator, struct str *ret_head);

/* Index of the first occurrence, or -1. */
ptrdiff_t str_find(struct str haystack, struct str needle);
ptrdiff_t str_find_char(struct str haystack, char c);

/* Decimal digits only, whole string, within int64; false otherwise (ret untouched). */
bool str_to_int(struct str s, int64_t *ret);
