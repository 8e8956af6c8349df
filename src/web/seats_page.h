/* Seats and billing: used today, by day, and who took or freed one (P1.6). */
#pragma once

#include "core/seats_report.h"
#include "http/route.h"
#include "web/field.h"
#include "web/frame.h"

struct seats_bar {
	int64_t x, y, height;
};

struct seats_row {
	struct str when, iso;
	bool is_taken;
	struct str person, by;
	bool is_by_portal;
	int64_t used;
};

struct seats_view {
	struct frame frame;
	const struct form_errors *errors;
	struct field from, to;
	struct seats_report report;
	struct str first_day, last_day; /* of the days shown, as dates */
	int64_t most, least;
	struct seats_bar *bars;
	int64_t width; /* of the plot, in its own units */
	struct seats_row *rows;
	struct str *days; /* dates for people */
	bool is_full;
	struct seats_pair {
		struct str date;
		int64_t used;
	} * table; /* the newest first */
};

handler_fn seats_page_show, seats_page_days, seats_page_changes;
