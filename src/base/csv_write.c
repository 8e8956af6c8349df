#include "base/csv_write.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void csv_write_begin(struct csv_write *csv, struct buf *out)
{
	*csv = (struct csv_write){.out = out};
	buf_add(out, STR("\xef\xbb\xbf"));
}

static void part(struct csv_write *csv)
{
	if (csv->has_cell)
		buf_add_char(csv->out, ',');
	csv->has_cell = true;
}

/* U+FF1D, U+FF0B, U+FF0D, U+FF20: spreadsheets take them for = + - @ where they are typed. */
static bool is_full_width(struct str text)
{
	return text.len >= 3 && memcmp(text.data, "\xef\xbc", 2) == 0 &&
	       memchr("\x9d\x8b\x8d\xa0", text.data[2], 4) != NULL;
}

/* Spaces before it do not keep a spreadsheet from reading a formula. What has the ' already gets
 * another, so that it can be told apart when it is read back. */
static bool is_formula(struct str text)
{
	while (text.len > 0 && text.data[0] == '\'')
		text = str_slice(text, 1, text.len);
	while (text.len > 0 && text.data[0] == ' ')
		text = str_slice(text, 1, text.len);
	return is_full_width(text) ||
	       (text.len > 0 && memchr("=+-@\t\r\n", text.data[0], 7) != NULL);
}

struct str csv_write_undo(struct str cell)
{
	bool is_neutralised = cell.len > 1 && cell.data[0] == '\'' && is_formula(cell);
	return str_slice(cell, is_neutralised, cell.len);
}

void csv_write_text(struct csv_write *csv, struct str text)
{
	bool is_neutralised = is_formula(text);
	/* Readers take spaces around a cell for decoration. */
	bool is_quoted = is_neutralised || str_trim(text).len < text.len;
	for (size_t i = 0; i < text.len && !is_quoted; i++)
		is_quoted = memchr("\",;\r\n\t", text.data[i], 6) != NULL;
	part(csv);
	if (is_quoted)
		buf_add_char(csv->out, '"');
	if (is_neutralised)
		buf_add_char(csv->out, '\'');
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '"')
			buf_add_char(csv->out, '"');
		buf_add_char(csv->out, text.data[i]);
	}
	if (is_quoted)
		buf_add_char(csv->out, '"');
}

void csv_write_int(struct csv_write *csv, int64_t value)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRId64, value);
	part(csv);
	buf_add(csv->out, str_bytes(digits, (size_t)len));
}

void csv_write_row_end(struct csv_write *csv)
{
	buf_add(csv->out, STR("\r\n"));
	csv->has_cell = false;
}
