/* Encodings for places where bytes have to look like text: HTML, URLs, base64url. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"

/* Appends text with & < > " ' escaped: safe in HTML text and in quoted attributes. */
void encode_html(struct buf *out, struct str text);
/* Percent-encodes everything but RFC 3986 unreserved characters. */
void encode_url(struct buf *out, struct str text);
/* Decodes %XX (and '+' as space if is_form) exactly once. ERR_INVALID for a broken escape, for %00
 * and for a result that is not UTF-8 text. */
enum err decode_url(struct arena *arena, struct str text, bool is_form, struct str *ret) MUST_CHECK;

/* Two lower-case digits a byte. */
struct str encode_hex(struct arena *arena, struct str bytes);
/* base64url without padding (RFC 4648 5). */
struct str encode_base64url(struct arena *arena, struct str bytes);
/* Strict: no padding, no white space, unused bits zero. ERR_INVALID otherwise. */
enum err decode_base64url(struct arena *arena, struct str text, struct str *ret) MUST_CHECK;

/* The same with padding and the other two letters (RFC 4648 4), as strict. */
struct str encode_base64(struct arena *arena, struct str bytes);
enum err decode_base64(struct arena *arena, struct str text, struct str *ret) MUST_CHECK;
