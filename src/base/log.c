#include "base/log.h"

#include "base/buf.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LOG_LINE_MAX_BYTES = 4096, LOG_VALUE_MAX_BYTES = 1024, LOG_REQUEST_MAX_BYTES = 32 };

static _Atomic enum log_level lowest_level = LOG_INFO;
static _Thread_local char request[LOG_REQUEST_MAX_BYTES];
static _Thread_local size_t request_len;

void log_set_level(enum log_level level)
{
	lowest_level = level;
}

void log_set_request(struct str request_id)
{
	request_len = request_id.len < sizeof(request) ? request_id.len : sizeof(request);
	if (request_len > 0)
		memcpy(request, request_id.data, request_len);
}

struct str log_request(void)
{
	return (struct str){request, request_len};
}

static bool is_plain(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];
		if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c >= 0x7f)
			return false;
	}
	return s.len > 0;
}

static void add_value(struct buf *line, struct str s)
{
	s = str_slice(s, 0, LOG_VALUE_MAX_BYTES);
	if (is_plain(s)) {
		buf_add(line, s);
		return;
	}
	buf_add_char(line, '"');
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];
		if (c == '"' || c == '\\')
			buf_addf(line, "\\%c", c);
		else if (c < ' ' || c >= 0x7f)
			buf_addf(line, "\\x%02x", c);
		else
			buf_add_char(line, (char)c);
	}
	buf_add_char(line, '"');
}

void log_write(enum log_level level, const char *event, const struct log_field *fields,
	       size_t count)
{
	static const char *const names[] = {"debug", "info", "warn", "error", "alarm"};
	if (level < lowest_level)
		return;
	struct buf line CLEANUP_BUF;
	buf_init(&line, LOG_LINE_MAX_BYTES * 4);
	struct timespec now;
	struct tm utc;
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	buf_addf(&line, "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ %s %s", utc.tm_year + 1900,
		 utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
		 now.tv_nsec / 1000000, names[level], event);
	if (request_len > 0) {
		buf_add(&line, STR(" request="));
		add_value(&line, log_request());
	}
	for (size_t i = 1; i < count; i++) {
		buf_addf(&line, " %s=", fields[i].key);
		if (fields[i].is_number)
			buf_add_int(&line, fields[i].number);
		else
			add_value(&line, fields[i].text);
	}
	buf_add_char(&line, '\n');
	/* A line too long for its buffer is cut, and still ends. */
	if (line.err != OK && line.len > 0)
		line.data[line.len - 1] = '\n';
	struct str out = buf_str(&line);
	/* One write per line: lines of different threads do not mix. A full or closed log must
	 * never stop the portal, so what cannot be written is let go. */
	while (out.len > 0) {
		ssize_t written = write(STDERR_FILENO, out.data, out.len);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return;
		out = str_slice(out, (size_t)written, out.len);
	}
}
