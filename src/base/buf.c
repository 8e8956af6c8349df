#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_init(struct buf *buf, size_t max_bytes)
{
	*buf = (struct buf){.max_bytes = max_bytes};
}

void buf_release(struct buf *buf)
{
	if (buf == NULL)
		return;
	if (buf->data)
		explicit_bzero(buf->data, buf->len);
	free(buf->data);
	buf_init(buf, buf->max_bytes);
}

void buf_clear(struct buf *buf)
{
	if (buf->data)
		explicit_bzero(buf->data, buf->len);
	buf->len = 0;
	buf->err = OK;
}

char *buf_reserve(struct buf *buf, size_t bytes)
{
	if (buf->err != OK)
		return NULL;
	if (bytes > buf->max_bytes - buf->len) {
		buf->err = ERR_TOO_LARGE;
		return NULL;
	}
	if (bytes > buf->capacity - buf->len) {
		size_t capacity = buf->capacity ? buf->capacity : 256;
		while (capacity - buf->len < bytes)
			capacity *= 2;
		if (capacity > buf->max_bytes) /* buf_add() relies on it */
			capacity = buf->max_bytes;
		/* A fresh block, not realloc: what was decrypted into the old one is wiped. */
		char *data = malloc(capacity);
		if (data == NULL) {
			buf->err = ERR_UNAVAILABLE;
			return NULL;
		}
		if (buf->data) {
			memcpy(data, buf->data, buf->len);
			explicit_bzero(buf->data, buf->len);
			free(buf->data);
		}
		buf->data = data;
		buf->capacity = capacity;
	}
	return buf->data + buf->len;
}

void buf_add_reserving(struct buf *buf, struct str s)
{
	char *room = buf_reserve(buf, s.len);
	if (room == NULL)
		return;
	memcpy(room, s.data, s.len);
	buf->len += s.len;
}

void buf_add_char(struct buf *buf, char c)
{
	buf_add(buf, (struct str){&c, 1});
}

void buf_add_int(struct buf *buf, int64_t value)
{
	char digits[24];
	size_t at = sizeof(digits);
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	do {
		digits[--at] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (value < 0)
		digits[--at] = '-';
	buf_add(buf, (struct str){digits + at, sizeof(digits) - at});
}

void buf_addf(struct buf *buf, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	char small[256];
	va_list again;
	va_copy(again, args);
	int len = vsnprintf(small, sizeof(small), format, args);
	va_end(args);
	if (len < 0) {
		buf->err = ERR_INTERNAL;
	} else if ((size_t)len < sizeof(small)) {
		buf_add(buf, (struct str){small, (size_t)len});
	} else {
		char *room = buf_reserve(buf, (size_t)len + 1);
		if (room) {
			vsnprintf(room, (size_t)len + 1, format, again);
			buf->len += (size_t)len;
		}
	}
	va_end(again);
}

struct str buf_str(const struct buf *buf)
{
	return (struct str){buf->data, buf->len};
}
