/* Reading CSV of whatever origin (RFC 4180, with comma or semicolon): whole, or not at all. The
 * only file that includes csv.h (libcsv) is csv_read.c. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

enum csv_problem {
	CSV_FINE,
	CSV_NOTHING,  /* empty, or only blank lines */
	CSV_UTF16,    /* what spreadsheets call "Unicode text" */
	CSV_NOT_UTF8, /* Latin-1, say */
	CSV_NUL,
	CSV_QUOTES, /* one is not closed, or stands within a cell that is not quoted */
	CSV_LONG_CELL,
	CSV_MANY_ROWS,
	CSV_MANY_CELLS, /* in one row */
};

struct csv_limits {
	size_t rows, cells, cell_bytes;
};

struct csv_row {
	int64_t line; /* of the file, where it begins; from 1 */
	struct str *cells;
	size_t count;
};

struct csv {
	struct csv_row *rows; /* blank lines left out */
	size_t count;
};

/* ERR_INVALID with *ret_problem, and *ret_line where that is known (0: it is not). Cells in the
 * arena. */
enum err csv_read(struct arena *arena, struct str bytes, const struct csv_limits *limits,
		  struct csv *ret, enum csv_problem *ret_problem, int64_t *ret_line) MUST_CHECK;
