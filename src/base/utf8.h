/* UTF-8 checks. Text from outside is checked once, at the edge. */
#pragma once

#include "base/str.h"

bool utf8_is_ascii(struct str s);
/* Well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF). */
bool utf8_is_valid(struct str s);
/* Valid, and with no control characters other than the allowed tab and newlines (CR LF included).
 */
bool utf8_is_text(struct str s);
/* Valid, and fit for one line: no control character at all, no U+2028/2029, no bidirectional
 * override (U+202A-202E, U+2066-2069), which make a name or subject look like another one. */
bool utf8_is_line(struct str s);
/* Code points in a valid string. */
size_t utf8_count(struct str s);
/* The first `count` code points of a valid string. */
struct str utf8_first(struct str s, size_t count);
