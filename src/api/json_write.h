/* JSON answers, written straight into a buffer. Commas and escaping come by themselves. */
#pragma once

#include "base/buf.h"
#include "base/id.h"

struct json_write {
	struct buf *out;
	bool needs_comma;
};

/* key: name within an object; NULL within a list and at the top. */
void json_write_object(struct json_write *write, const char *key);
void json_write_object_end(struct json_write *write);
void json_write_list(struct json_write *write, const char *key);
void json_write_list_end(struct json_write *write);
/* Quotes, backslash, control characters, < (so that it may stand in a page), U+2028 and U+2029 are
 * escaped; a byte that is no UTF-8 becomes U+FFFD. */
void json_write_text(struct json_write *write, const char *key, struct str text);
void json_write_id(struct json_write *write, const char *key, const struct id *id);
void json_write_int(struct json_write *write, const char *key, int64_t value);
/* A number as it is written: digits, and a point with further ones perhaps. */
void json_write_number(struct json_write *write, const char *key, struct str digits);
void json_write_bool(struct json_write *write, const char *key, bool value);
void json_write_null(struct json_write *write, const char *key);
/* RFC 3339 in UTC: "2026-11-22T21:05:00.123Z"; null for 0. */
void json_write_time(struct json_write *write, const char *key, int64_t utc_ms);
