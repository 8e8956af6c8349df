/* A bounded, growing byte buffer whose first error sticks. */
#pragma once

#include "base/err.h"
#include "base/str.h"

#include <string.h>

struct buf {
	char *data;
	size_t len;
	size_t capacity;  /* at most max_bytes */
	size_t max_bytes; /* a hard ceiling; passing it is ERR_TOO_LARGE */
	enum err err;     /* once set, appends do nothing; look at it once, at the end */
};

void buf_init(struct buf *buf, size_t max_bytes);
/* Wipes and frees. NULL is fine. */
void buf_release(struct buf *buf);
/* Forgets the content and the error, keeps the memory. */
void buf_clear(struct buf *buf);

/* Inline where there is room: a page is some hundred pieces. */
void buf_add_reserving(struct buf *buf, struct str s);
static inline void buf_add(struct buf *buf, struct str s)
{
	if (s.len == 0)
		return;
	if (buf->err != OK || s.len > buf->capacity - buf->len) {
		buf_add_reserving(buf, s);
		return;
	}
	memcpy(buf->data + buf->len, s.data, s.len);
	buf->len += s.len;
}
void buf_add_char(struct buf *buf, char c);
void buf_add_int(struct buf *buf, int64_t value);
void buf_addf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Room for `bytes` more; the caller writes there and adds to len. NULL when the error is set. */
char *buf_reserve(struct buf *buf, size_t bytes);

/* What has been written so far; borrowed until the next append. */
struct str buf_str(const struct buf *buf);

#define CLEANUP_BUF __attribute__((cleanup(buf_release)))
