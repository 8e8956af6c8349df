/* CSV out of any bytes: within its limits, and what is read can be written and read again. */
#include "base/csv_write.h"
#include "core/csv_read.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct csv_limits limits = {.rows = 50, .cells = 8, .cell_bytes = 300};

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

static void check_again(struct arena *arena, const struct csv *csv)
{
	struct buf out CLEANUP_BUF;
	struct csv_write write;
	struct csv again;
	enum csv_problem problem;
	int64_t line;
	buf_init(&out, 1 << 20);
	csv_write_begin(&write, &out);
	for (size_t i = 0; i < csv->count; i++) {
		for (size_t k = 0; k < csv->rows[i].count; k++)
			csv_write_text(&write, csv->rows[i].cells[k]);
		csv_write_row_end(&write);
	}
	enum err err = csv_read(arena, buf_str(&out), &limits, &again, &problem, &line);
	/* What keeps a cell from being a formula makes it longer. */
	check(err == OK || problem == CSV_LONG_CELL);
	check(err != OK || again.count == csv->count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena CLEANUP_ARENA;
	struct csv csv;
	enum csv_problem problem;
	int64_t line, before = 0;
	arena_init(&arena, 8 << 20);
	enum err err = csv_read(&arena, str_bytes(data, size), &limits, &csv, &problem, &line);
	check(err == (problem == CSV_FINE ? OK : ERR_INVALID));
	if (err != OK)
		return 0;
	check(csv.count > 0 && csv.count <= limits.rows);
	for (size_t i = 0; i < csv.count; i++) {
		check(csv.rows[i].line > before);
		before = csv.rows[i].line;
		check(csv.rows[i].count > 0 && csv.rows[i].count <= limits.cells);
		for (size_t k = 0; k < csv.rows[i].count; k++)
			check(csv.rows[i].cells[k].len <= limits.cell_bytes);
	}
	check_again(&arena, &csv);
	return 0;
}
