#include "core/csv_read.h"

#include "base/utf8.h"

#include <csv.h>
#include <string.h>

struct reading {
	struct arena *arena;
	const struct csv_limits *limits;
	struct csv csv;
	size_t room; /* for rows */
	struct str *cells;
	size_t cell_count;
	int64_t line;     /* that is being parsed */
	int64_t row_line; /* where the row at hand begins; 0: between rows */
	enum csv_problem problem;
};

static void take_cell(void *text, size_t len, void *argument)
{
	struct reading *reading = argument;
	if (reading->problem != CSV_FINE)
		return;
	if (len > reading->limits->cell_bytes)
		reading->problem = CSV_LONG_CELL;
	else if (reading->cell_count == reading->limits->cells)
		reading->problem = CSV_MANY_CELLS;
	else
		reading->cells[reading->cell_count++] =
			arena_copy(reading->arena, str_bytes(text, len));
}

static bool make_room(struct reading *reading)
{
	if (reading->csv.count < reading->room)
		return true;
	size_t room = reading->room > 0 ? reading->room * 2 : 64;
	struct csv_row *rows = ARENA_ARRAY(reading->arena, room, struct csv_row);
	if (rows == NULL)
		return false;
	if (reading->csv.count > 0)
		memcpy(rows, reading->csv.rows, reading->csv.count * sizeof(rows[0]));
	reading->csv.rows = rows;
	reading->room = room;
	return true;
}

static bool is_blank(const struct reading *reading)
{
	for (size_t i = 0; i < reading->cell_count; i++)
		if (reading->cells[i].len > 0)
			return false;
	return true;
}

static void take_row(int last, void *argument)
{
	struct reading *reading = argument;
	struct csv_row row = {.line = reading->row_line, .count = reading->cell_count};
	(void)last;
	reading->row_line = 0;
	if (reading->problem != CSV_FINE || is_blank(reading)) {
		reading->cell_count = 0;
		return;
	}
	if (reading->csv.count == reading->limits->rows) {
		reading->problem = CSV_MANY_ROWS;
		return;
	}
	row.cells = ARENA_ARRAY(reading->arena, row.count, struct str);
	if (row.cells == NULL || !make_room(reading))
		return;
	memcpy(row.cells, reading->cells, row.count * sizeof(row.cells[0]));
	reading->csv.rows[reading->csv.count++] = row;
	reading->cell_count = 0;
}

/* Of the first line, outside quotes. */
static char find_delimiter(struct str text)
{
	size_t commas = 0, semicolons = 0;
	bool is_quoted = false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];
		if (c == '"')
			is_quoted = !is_quoted;
		else if (!is_quoted && (c == '\n' || c == '\r'))
			break;
		commas += !is_quoted && c == ',';
		semicolons += !is_quoted && c == ';';
	}
	return semicolons > commas ? ';' : ',';
}

/* Up to the end of the first line of it, which is included: CR LF, LF or CR. */
static size_t line_bytes(struct str text)
{
	size_t at = 0;
	while (at < text.len && text.data[at] != '\n' && text.data[at] != '\r')
		at++;
	if (at + 1 < text.len && text.data[at] == '\r' && text.data[at + 1] == '\n')
		at++;
	return at < text.len ? at + 1 : at;
}

static bool is_blank_line(struct str line)
{
	for (size_t i = 0; i < line.len; i++)
		if (memchr(" \t\r\n", line.data[i], 4) == NULL)
			return false;
	return true;
}

static enum csv_problem check_encoding(struct str *text)
{
	if (str_starts_with(*text, STR("\xff\xfe")) || str_starts_with(*text, STR("\xfe\xff")))
		return CSV_UTF16;
	if (str_starts_with(*text, STR("\xef\xbb\xbf")))
		*text = str_slice(*text, 3, text->len);
	ptrdiff_t nul = str_find_char(*text, '\0');
	/* UTF-16 of Latin letters without a mark has one in every second byte. */
	if (nul == 0 || (nul == 1 && text->len > 3 && text->data[3] == '\0'))
		return CSV_UTF16;
	if (nul > 0)
		return CSV_NUL;
	return utf8_is_valid(*text) ? CSV_FINE : CSV_NOT_UTF8;
}

static void parse(struct reading *reading, struct csv_parser *parser, struct str text)
{
	while (text.len > 0 && reading->problem == CSV_FINE && !reading->arena->failed) {
		size_t bytes = line_bytes(text);
		reading->line++;
		if (reading->row_line == 0 && !is_blank_line(str_slice(text, 0, bytes)))
			reading->row_line = reading->line;
		if (csv_parse(parser, text.data, bytes, take_cell, take_row, reading) != bytes &&
		    reading->problem == CSV_FINE)
			reading->problem = CSV_QUOTES;
		text = str_slice(text, bytes, text.len);
	}
	if (reading->problem == CSV_FINE && !reading->arena->failed &&
	    csv_fini(parser, take_cell, take_row, reading) != 0)
		reading->problem = CSV_QUOTES;
}

enum err csv_read(struct arena *arena, struct str bytes, const struct csv_limits *limits,
		  struct csv *ret, enum csv_problem *ret_problem, int64_t *ret_line)
{
	struct reading reading = {.arena = arena, .limits = limits};
	struct csv_parser parser;
	*ret_line = 0;
	*ret_problem = check_encoding(&bytes);
	if (*ret_problem != CSV_FINE)
		return ERR_INVALID;
	reading.cells = ARENA_ARRAY(arena, limits->cells, struct str);
	if (reading.cells == NULL || csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
		return ERR_UNAVAILABLE;
	csv_set_delim(&parser, (unsigned char)find_delimiter(bytes));
	parse(&reading, &parser, bytes);
	bool is_out_of_memory = csv_error(&parser) == CSV_ENOMEM || arena->failed;
	csv_free(&parser);
	if (is_out_of_memory)
		return ERR_UNAVAILABLE;
	if (reading.problem == CSV_FINE && reading.csv.count == 0)
		reading.problem = CSV_NOTHING;
	*ret_problem = reading.problem;
	if (reading.problem != CSV_FINE) {
		*ret_line = reading.row_line > 0 ? reading.row_line : reading.line;
		return ERR_INVALID;
	}
	*ret = reading.csv;
	return OK;
}
