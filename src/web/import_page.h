/* Importing people from a CSV file: what would become of each row, then doing it. */
#pragma once

#include "http/route.h"
#include "web/field.h"
#include "web/frame.h"
#include "web/import_job.h"

struct import_sum {
	int64_t count;
	struct str fate;
};

struct import_line {
	int64_t line;
	struct str address, fate;
};

struct import_view {
	struct frame frame;
	const struct form_errors *errors;
	bool has_list; /* one was looked at */
	bool has_work; /* somebody would be added or changed */
	struct str list;
	struct import_sum sums[IMPORT_FATES];
	size_t sum_count;
	struct import_line *lines; /* those left out first */
	size_t line_count;
	int64_t unshown;
	int64_t done, total; /* of an import that runs */
};

handler_fn import_page_show, import_page_submit, import_page_export;
