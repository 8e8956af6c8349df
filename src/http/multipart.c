#include "http/multipart.h"

#include "base/limits.h"
#include "http/token.h"

#include <stdlib.h>
#include <string.h>

enum {
	BOUNDARY_MAX_BYTES = 70,   /* RFC 2046 5.1.1 */
	DELIMITER_START_BYTES = 4, /* CR LF - - */
};

enum state {
	STATE_DELIMITER_FIRST, /* the body begins with it, without its CR LF */
	STATE_DATA,
	STATE_AFTER_DELIMITER, /* CR LF: a part; - -: the end */
	STATE_HEADER,
	STATE_END, /* at most CR LF */
};

struct multipart {
	struct multipart_events events;
	enum err err; /* sticks */
	enum state state;
	char delimiter[DELIMITER_START_BYTES + BOUNDARY_MAX_BYTES];
	size_t delimiter_len;
	size_t matched; /* bytes of the delimiter, or of what follows it, seen so far */
	char after;     /* the first byte after a delimiter */
	size_t parts;
	char header[LIMIT_MULTIPART_HEADER_BYTES];
	size_t header_len;
};

/* ---- values with parameters: form-data; name="a"; filename="b" ---- */

/* Cuts the next `; name=value` off. Quoted values have no escapes: browsers write a quote as %22
 * (WHATWG HTML, multipart/form-data), and a backslash is one. */
static enum err next_parameter(struct str *s, struct str *ret_name, struct str *ret_value)
{
	struct str rest = str_trim(*s), name;
	if (!str_starts_with(rest, STR(";")))
		return ERR_INVALID;
	rest = str_trim(str_slice(rest, 1, rest.len));
	if (!str_next(&rest, '=', &name) || !token_is_valid(name))
		return ERR_INVALID;
	bool is_quoted = str_starts_with(rest, STR("\""));
	if (is_quoted)
		rest = str_slice(rest, 1, rest.len);
	ptrdiff_t end = str_find_char(rest, is_quoted ? '"' : ';');
	if (is_quoted && end < 0)
		return ERR_INVALID;
	size_t len = end < 0 ? rest.len : (size_t)end;
	struct str value = str_slice(rest, 0, len);
	if (!is_quoted && !token_is_valid(value = str_trim(value)))
		return ERR_INVALID;
	*ret_name = name;
	*ret_value = value;
	*s = str_trim(str_slice(rest, is_quoted ? len + 1 : len, rest.len));
	return OK;
}

/* "multipart/form-data" of `multipart/form-data; ...`, which is left in *s from the ';' on. */
static struct str cut_word(struct str *s)
{
	ptrdiff_t end = str_find_char(*s, ';');
	size_t len = end < 0 ? s->len : (size_t)end;
	struct str word = str_trim(str_slice(*s, 0, len));
	*s = str_slice(*s, len, s->len);
	return word;
}

static bool is_boundary(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (!str_is_alnum(s.data[i]) && str_find_char(STR("'()+_,-./:=?"), s.data[i]) < 0)
			return false;
	}
	return s.len > 0 && s.len <= BOUNDARY_MAX_BYTES;
}

static enum err find_boundary(struct str content_type, struct str *ret)
{
	struct str name, value, found = STR_NONE;
	if (!str_eq_nocase(cut_word(&content_type), STR("multipart/form-data")))
		return ERR_INVALID;
	while (content_type.len > 0) {
		TRY(next_parameter(&content_type, &name, &value));
		if (!str_eq_nocase(name, STR("boundary")))
			continue;
		if (found.len > 0 || !is_boundary(value))
			return ERR_INVALID;
		found = value;
	}
	*ret = found;
	return found.len > 0 ? OK : ERR_INVALID;
}

/* ---- a part's header ---- */

/* The three that browsers escape, in place: it stands in our own buffer. */
static struct str unescape(struct str s)
{
	static const struct {
		struct str escaped;
		char plain;
	} signs[] = {{STR("%22"), '"'}, {STR("%0D"), '\r'}, {STR("%0A"), '\n'}};
	char *out = (char *)(uintptr_t)s.data;
	size_t len = 0;
	for (size_t i = 0; i < s.len; len++) {
		size_t used = 1;
		out[len] = s.data[i];
		for (size_t k = 0; k < sizeof(signs) / sizeof(signs[0]); k++) {
			if (!str_eq_nocase(str_slice(s, i, 3), signs[k].escaped))
				continue;
			out[len] = signs[k].plain;
			used = 3;
		}
		i += used;
	}
	return str_bytes(out, len);
}

static enum err parse_disposition(struct str value, struct multipart_part *part)
{
	struct str name, content;
	if (part->name.data != NULL || !str_eq_nocase(cut_word(&value), STR("form-data")))
		return ERR_INVALID;
	while (value.len > 0) {
		struct str *target = NULL;
		TRY(next_parameter(&value, &name, &content));
		if (str_eq_nocase(name, STR("name")))
			target = &part->name;
		else if (str_eq_nocase(name, STR("filename")))
			target = &part->file_name;
		else if (str_eq_nocase(name, STR("filename*")))
			return ERR_INVALID; /* RFC 7578 4.2 */
		else
			continue;
		if (target->data != NULL)
			return ERR_INVALID;
		*target = unescape(content);
	}
	return part->name.data != NULL ? OK : ERR_INVALID;
}

static bool is_as_it_is(struct str encoding)
{
	return str_eq_nocase(encoding, STR("binary")) || str_eq_nocase(encoding, STR("8bit")) ||
	       str_eq_nocase(encoding, STR("7bit"));
}

static enum err parse_line(struct str line, struct multipart_part *part)
{
	struct str name = STR_NONE;
	if (str_find_char(line, ':') < 0 || !str_next(&line, ':', &name) || !token_is_valid(name) ||
	    !token_is_value(line))
		return ERR_INVALID;
	line = str_trim(line);
	if (str_eq_nocase(name, STR("Content-Disposition")))
		return parse_disposition(line, part);
	if (str_eq_nocase(name, STR("Content-Transfer-Encoding")))
		return is_as_it_is(line) ? OK : ERR_INVALID;
	if (!str_eq_nocase(name, STR("Content-Type")))
		return OK;
	if (part->type.data != NULL)
		return ERR_INVALID;
	part->type = line;
	return OK;
}

/* Its lines, each with CR LF. */
static enum err parse_header(struct str header, struct multipart_part *part)
{
	while (header.len > 0) {
		ptrdiff_t end = str_find(header, STR("\r\n"));
		if (end < 0)
			return ERR_INTERNAL;
		TRY(parse_line(str_slice(header, 0, (size_t)end), part));
		header = str_slice(header, (size_t)end + 2, header.len);
	}
	return part->name.data != NULL ? OK : ERR_INVALID;
}

static enum err begin_part(struct multipart *multipart)
{
	struct multipart_part part = {0};
	TRY(parse_header(str_bytes(multipart->header, multipart->header_len - 2), &part));
	multipart->header_len = 0;
	multipart->state = STATE_DATA;
	return multipart->events.begin(multipart->events.argument, &part);
}

/* ---- the states ---- */

static enum err take_header(struct multipart *multipart, struct str *bytes)
{
	static const struct str end = STR("\r\n\r\n"), empty = STR("\r\n");
	while (bytes->len > 0) {
		if (multipart->header_len == sizeof(multipart->header))
			return ERR_TOO_LARGE;
		multipart->header[multipart->header_len++] = bytes->data[0];
		*bytes = str_slice(*bytes, 1, bytes->len);
		struct str header = str_bytes(multipart->header, multipart->header_len);
		if (str_eq(header, empty))
			return ERR_INVALID;
		if (str_ends_with(header, end))
			return begin_part(multipart);
	}
	return OK;
}

static enum err take_after_delimiter(struct multipart *multipart, struct str *bytes)
{
	char c = bytes->data[0];
	*bytes = str_slice(*bytes, 1, bytes->len);
	if (multipart->matched == 0) {
		multipart->after = c;
		multipart->matched = 1;
		return c == '\r' || c == '-' ? OK : ERR_INVALID;
	}
	multipart->matched = 0;
	if (multipart->after == '-') {
		multipart->state = STATE_END;
		return c == '-' ? OK : ERR_INVALID;
	}
	multipart->state = STATE_HEADER;
	if (++multipart->parts > LIMIT_MULTIPART_PARTS)
		return ERR_TOO_LARGE;
	return c == '\n' ? OK : ERR_INVALID;
}

static enum err take_end(struct multipart *multipart, struct str *bytes)
{
	static const char end[] = "\r\n";
	while (bytes->len > 0) {
		if (multipart->matched == 2 || bytes->data[0] != end[multipart->matched])
			return ERR_INVALID;
		multipart->matched++;
		*bytes = str_slice(*bytes, 1, bytes->len);
	}
	return OK;
}

static enum err say_data(struct multipart *multipart, struct str bytes)
{
	if (bytes.len == 0)
		return OK;
	return multipart->events.data(multipart->events.argument, bytes);
}

static enum err meet_delimiter(struct multipart *multipart)
{
	bool is_first = multipart->state == STATE_DELIMITER_FIRST;
	multipart->state = STATE_AFTER_DELIMITER;
	multipart->matched = 0;
	return is_first ? OK : multipart->events.end(multipart->events.argument);
}

/* Goes on with a delimiter that may have begun. *ret_is_data: it had not. */
static enum err go_on(struct multipart *multipart, struct str *bytes, bool *ret_is_data)
{
	struct str wanted = str_slice(str_bytes(multipart->delimiter, multipart->delimiter_len),
				      multipart->matched, multipart->delimiter_len);
	size_t len = bytes->len < wanted.len ? bytes->len : wanted.len;
	*ret_is_data = memcmp(bytes->data, wanted.data, len) != 0;
	if (*ret_is_data)
		return OK;
	*bytes = str_slice(*bytes, len, bytes->len);
	multipart->matched += len;
	return multipart->matched == multipart->delimiter_len ? meet_delimiter(multipart) : OK;
}

static enum err take_first_delimiter(struct multipart *multipart, struct str *bytes)
{
	bool is_data;
	TRY(go_on(multipart, bytes, &is_data));
	return is_data ? ERR_INVALID : OK;
}

/* Up to where a delimiter begins, or may begin: there is no CR in one but at its start. */
static size_t find_delimiter(const struct multipart *multipart, struct str bytes)
{
	for (size_t at = 0; at < bytes.len; at++) {
		const char *cr = memchr(bytes.data + at, '\r', bytes.len - at);
		if (cr == NULL)
			break;
		at = (size_t)(cr - bytes.data);
		size_t left = bytes.len - at;
		size_t len = left < multipart->delimiter_len ? left : multipart->delimiter_len;
		if (memcmp(cr, multipart->delimiter, len) == 0)
			return at;
	}
	return bytes.len;
}

static enum err take_data(struct multipart *multipart, struct str *bytes)
{
	bool is_data;
	if (multipart->matched > 0) {
		size_t matched = multipart->matched;
		TRY(go_on(multipart, bytes, &is_data));
		if (!is_data)
			return OK;
		multipart->matched = 0;
		return say_data(multipart, str_bytes(multipart->delimiter, matched));
	}
	size_t len = find_delimiter(multipart, *bytes);
	TRY(say_data(multipart, str_slice(*bytes, 0, len)));
	*bytes = str_slice(*bytes, len, bytes->len);
	return bytes->len > 0 ? go_on(multipart, bytes, &is_data) : OK;
}

static enum err take(struct multipart *multipart, struct str bytes)
{
	while (bytes.len > 0) {
		switch (multipart->state) {
		case STATE_DELIMITER_FIRST: TRY(take_first_delimiter(multipart, &bytes)); break;
		case STATE_DATA: TRY(take_data(multipart, &bytes)); break;
		case STATE_AFTER_DELIMITER: TRY(take_after_delimiter(multipart, &bytes)); break;
		case STATE_HEADER: TRY(take_header(multipart, &bytes)); break;
		case STATE_END: TRY(take_end(multipart, &bytes)); break;
		}
	}
	return OK;
}

/* ---- */

enum err multipart_new(struct str content_type, const struct multipart_events *events,
		       struct multipart **ret)
{
	struct str boundary;
	TRY(find_boundary(content_type, &boundary));
	struct multipart *multipart = calloc(1, sizeof(*multipart));
	if (multipart == NULL)
		return ERR_UNAVAILABLE;
	multipart->events = *events;
	memcpy(multipart->delimiter, "\r\n--", DELIMITER_START_BYTES);
	memcpy(multipart->delimiter + DELIMITER_START_BYTES, boundary.data, boundary.len);
	multipart->delimiter_len = DELIMITER_START_BYTES + boundary.len;
	multipart->matched = 2;
	*ret = multipart;
	return OK;
}

enum err multipart_take(struct multipart *multipart, struct str bytes)
{
	if (multipart->err == OK)
		multipart->err = take(multipart, bytes);
	return multipart->err;
}

enum err multipart_finish(struct multipart *multipart)
{
	TRY(multipart->err);
	bool is_whole = multipart->state == STATE_END && multipart->matched != 1;
	return is_whole ? OK : ERR_INVALID;
}

void multipart_free(struct multipart *multipart)
{
	free(multipart);
}
