#include "api/json_write.h"

#include "base/clock.h"
#include "base/utf8.h"

#include <time.h>

static void add_escaped(struct buf *out, struct str text, bool is_utf8)
{
	size_t plain = 0; /* start of what needs no escape */
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];
		struct str three = str_slice(text, i, 3);
		bool is_separator =
			str_eq(three, STR("\xe2\x80\xa8")) || str_eq(three, STR("\xe2\x80\xa9"));
		if (c >= 0x20 && c != '"' && c != '\\' && c != '<' && c != 0x7f && !is_separator &&
		    (is_utf8 || c < 0x80))
			continue;
		buf_add(out, str_slice(text, plain, i - plain));
		plain = i + (is_separator ? 3 : 1);
		if (is_separator)
			buf_addf(out, "\\u%04x", three.data[2] == '\xa8' ? 0x2028 : 0x2029);
		else if (c >= 0x80)
			buf_add(out, STR("\\ufffd"));
		else if (c == '"' || c == '\\')
			buf_addf(out, "\\%c", c);
		else
			buf_addf(out, "\\u%04x", c);
		i = plain - 1;
	}
	buf_add(out, str_slice(text, plain, text.len));
}

static void add_quoted(struct buf *out, struct str text)
{
	buf_add_char(out, '"');
	add_escaped(out, text, utf8_is_valid(text));
	buf_add_char(out, '"');
}

static void begin_value(struct json_write *write, const char *key)
{
	if (write->needs_comma)
		buf_add_char(write->out, ',');
	if (key) {
		add_quoted(write->out, str_of(key));
		buf_add_char(write->out, ':');
	}
	write->needs_comma = true;
}

static void begin_group(struct json_write *write, const char *key, char bracket)
{
	begin_value(write, key);
	buf_add_char(write->out, bracket);
	write->needs_comma = false;
}

static void end_group(struct json_write *write, char bracket)
{
	buf_add_char(write->out, bracket);
	write->needs_comma = true;
}

void json_write_object(struct json_write *write, const char *key)
{
	begin_group(write, key, '{');
}

void json_write_object_end(struct json_write *write)
{
	end_group(write, '}');
}

void json_write_list(struct json_write *write, const char *key)
{
	begin_group(write, key, '[');
}

void json_write_list_end(struct json_write *write)
{
	end_group(write, ']');
}

void json_write_text(struct json_write *write, const char *key, struct str text)
{
	begin_value(write, key);
	add_quoted(write->out, text);
}

void json_write_id(struct json_write *write, const char *key, const struct id *id)
{
	json_write_text(write, key, id_str(id));
}

void json_write_int(struct json_write *write, const char *key, int64_t value)
{
	begin_value(write, key);
	buf_add_int(write->out, value);
}

void json_write_number(struct json_write *write, const char *key, struct str digits)
{
	begin_value(write, key);
	buf_add(write->out, digits);
}

void json_write_bool(struct json_write *write, const char *key, bool value)
{
	begin_value(write, key);
	buf_add(write->out, value ? STR("true") : STR("false"));
}

void json_write_null(struct json_write *write, const char *key)
{
	begin_value(write, key);
	buf_add(write->out, STR("null"));
}

void json_write_time(struct json_write *write, const char *key, int64_t utc_ms)
{
	time_t seconds = (time_t)(utc_ms / SECOND_MS);
	struct tm tm;
	begin_value(write, key);
	if (utc_ms <= 0 || gmtime_r(&seconds, &tm) == NULL)
		buf_add(write->out, STR("null"));
	else
		buf_addf(write->out, "\"%04d-%02d-%02dT%02d:%02d:%02d.%03dZ\"", tm.tm_year + 1900,
			 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
			 (int)(utc_ms % SECOND_MS));
}
