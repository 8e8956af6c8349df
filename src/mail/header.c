#include "mail/header.h"

#include "base/limits.h"
#include "base/utf8.h"

#include <string.h>

enum {
	LINE_MAX_BYTES = 78,         /* RFC 5322 2.1.1, without CRLF */
	ENCODED_LINE_MAX_BYTES = 76, /* RFC 2047 2: a line that holds encoded words */
	QUOTED_MAX_BYTES = 60,       /* longer display names fold better as encoded words */
};

#define WORD_START "=?utf-8?Q?"
#define WORD_END "?="

/* Bytes of the code point at `at` if it may stand in a line of text; 0 otherwise. */
static size_t line_char(struct str text, size_t at)
{
	for (size_t len = 1; len <= 4 && at + len <= text.len; len++) {
		if (utf8_is_line(str_slice(text, at, len)))
			return len;
	}
	return 0;
}

struct str header_clean(struct arena *arena, struct str text, size_t max_chars)
{
	char *out = arena_alloc(arena, text.len + 1);
	size_t len = 0, chars = 0;
	if (out == NULL)
		return STR_NONE;
	for (size_t at = 0; at < text.len && chars < max_chars;) {
		size_t bytes = line_char(text, at);
		bool is_space = bytes == 0 || text.data[at] == ' ';
		if (is_space && (len == 0 || out[len - 1] == ' ')) {
			at++;
			continue;
		}
		if (is_space)
			out[len++] = ' ';
		else
			memcpy(out + len, text.data + at, bytes);
		len += is_space ? 0 : bytes;
		at += is_space ? 1 : bytes;
		chars++;
	}
	return str_trim((struct str){out, len});
}

/* Printable ASCII that nobody takes for an encoded word. */
static bool is_plain(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < ' ' || text.data[i] > '~')
			return false;
	}
	return str_find(text, STR("=?")) < 0;
}

static size_t longest_word(struct str text)
{
	size_t longest = 0;
	struct str word;
	while (str_next(&text, ' ', &word))
		longest = word.len > longest ? word.len : longest;
	return longest;
}

/* Folds at spaces. `column`: how much of the line the field's name takes. */
static void add_folded(struct buf *out, struct str text, size_t column)
{
	struct str word;
	bool is_first = true;
	while (str_next(&text, ' ', &word)) {
		bool is_fold = !is_first && column + 1 + word.len > LINE_MAX_BYTES;
		if (!is_first)
			buf_add(out, is_fold ? STR("\r\n ") : STR(" "));
		buf_add(out, word);
		column = (is_fold ? 0 : column) + (is_first ? 0 : 1) + word.len;
		is_first = false;
	}
}

/* Safe within encoded words of every kind of field (RFC 2047 5, rule 3). */
static bool is_q_literal(char c)
{
	return str_is_alnum(c) || c == '-' || c == '!' || c == '*' || c == '+' || c == '/';
}

static size_t q_bytes(struct str character)
{
	return character.len == 1 && (is_q_literal(character.data[0]) || character.data[0] == ' ')
		       ? 1
		       : 3 * character.len;
}

static void add_q(struct buf *out, struct str character)
{
	for (size_t i = 0; i < character.len; i++) {
		char c = character.data[i];
		if (c == ' ')
			buf_add_char(out, '_');
		else if (is_q_literal(c))
			buf_add_char(out, c);
		else
			buf_addf(out, "=%02X", (unsigned char)c);
	}
}

/* As many encoded words as it takes, one a line; a character is never cut in two (RFC 2047 5).
 * Returns the last line's length. */
static size_t add_encoded(struct buf *out, struct str text, size_t column)
{
	const size_t frame = sizeof(WORD_START WORD_END) - 1;
	buf_add(out, STR(WORD_START));
	column += frame;
	for (size_t at = 0; at < text.len;) {
		size_t bytes = line_char(text, at);
		/* The byte of something that is no text goes out as it is, encoded: it can harm
		 * nobody. */
		struct str character = str_slice(text, at, bytes ? bytes : 1);
		if (column + q_bytes(character) > ENCODED_LINE_MAX_BYTES) {
			buf_add(out, STR(WORD_END "\r\n " WORD_START));
			column = 1 + frame;
		}
		add_q(out, character);
		column += q_bytes(character);
		at += character.len;
	}
	buf_add(out, STR(WORD_END));
	return column;
}

void header_add_text(struct buf *out, const char *name, struct str text)
{
	size_t column = strlen(name) + 2;
	buf_addf(out, "%s: ", name);
	if (is_plain(text) && column + longest_word(text) <= LINE_MAX_BYTES)
		add_folded(out, text, column);
	else
		add_encoded(out, text, column);
	buf_add(out, STR("\r\n"));
}

bool header_is_address(struct str address)
{
	size_t ats = 0;
	if (address.len < 3 || address.len > LIMIT_ADDRESS_BYTES || !utf8_is_line(address))
		return false;
	for (size_t i = 0; i < address.len; i++) {
		if (address.data[i] == ' ' || strchr("<>(),;:\"\\[]", address.data[i]) != NULL)
			return false;
		ats += address.data[i] == '@';
	}
	return ats == 1 && address.data[0] != '@' && address.data[address.len - 1] != '@';
}

static bool is_quotable(struct str display)
{
	size_t bytes = display.len;
	for (size_t i = 0; i < display.len; i++)
		bytes += display.data[i] == '"' || display.data[i] == '\\';
	return is_plain(display) && bytes <= QUOTED_MAX_BYTES;
}

static size_t add_quoted(struct buf *out, struct str display, size_t column)
{
	size_t start = out->len;
	buf_add_char(out, '"');
	for (size_t i = 0; i < display.len; i++) {
		if (display.data[i] == '"' || display.data[i] == '\\')
			buf_add_char(out, '\\');
		buf_add_char(out, display.data[i]);
	}
	buf_add_char(out, '"');
	return column + out->len - start;
}

enum err header_add_member(struct buf *out, const char *name, struct str display,
			   struct str address)
{
	size_t column = name ? strlen(name) + 2 : 1;
	if (!header_is_address(address))
		return ERR_INVALID;
	if (name)
		buf_addf(out, "%s: ", name);
	else
		buf_add(out, STR(",\r\n "));
	if (str_is_empty(display)) {
		buf_add(out, address);
		return out->err;
	}
	if (is_quotable(display))
		column = add_quoted(out, display, column);
	else
		column = add_encoded(out, display, column);
	buf_add(out, column + address.len + 3 > ENCODED_LINE_MAX_BYTES ? STR("\r\n ") : STR(" "));
	buf_addf(out, "<%.*s>", STR_ARGS(address));
	return out->err;
}

enum err header_add_address(struct buf *out, const char *name, struct str display,
			    struct str address)
{
	TRY(header_add_member(out, name, display, address));
	buf_add(out, STR("\r\n"));
	return out->err;
}
