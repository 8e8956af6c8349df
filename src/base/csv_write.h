/* CSV as spreadsheets read it (RFC 4180): CRLF, cells quoted where they have to be. A cell that a
 * spreadsheet would take for a formula gets a ' before it (OWASP, CSV injection). */
#pragma once

#include "base/buf.h"

struct csv_write {
	struct buf *out;
	bool has_cell; /* in the row at hand */
};

/* UTF-8 with its mark, so that spreadsheets do not guess. */
void csv_write_begin(struct csv_write *csv, struct buf *out);
void csv_write_text(struct csv_write *csv, struct str text);
/* The text of a cell that was read back: without the ' that csv_write_text() gives a formula. */
struct str csv_write_undo(struct str cell);
void csv_write_int(struct csv_write *csv, int64_t value);
void csv_write_row_end(struct csv_write *csv);
