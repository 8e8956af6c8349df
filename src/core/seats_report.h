/* Seats used today, history by day, who took or freed a seat and when (P1.6). Days are those of
 * UTC, so that a bill says the same to everybody. */
#pragma once

#include "core/form_errors.h"
#include "core/seats.h"

enum { SEATS_DAYS_MAX = 366, SEATS_DAYS_DEFAULT = 30 };

struct seats_day {
	struct str date; /* "2026-11-24" */
	int64_t start_ms;
	int64_t used; /* the most on that day */
};

struct seats_line {
	struct seat_change change;
	struct str person; /* name and address; empty: erased since */
	struct str by;     /* empty: the portal itself, or erased since */
	bool is_by_portal;
};

struct seats_report {
	int64_t used;
	int64_t limit; /* 0: none */
	struct str from, to;
	struct seats_day *days; /* from the day on which something is known */
	size_t day_count;
	struct seats_line *lines; /* the newest first */
	size_t line_count;
	int64_t next; /* for `before`; 0: there are no more */
};

/* from, to: "2026-11-24", both included; empty: the last SEATS_DAYS_DEFAULT days. before: a line's
 * number, 0 from the newest. For administrators; with no session for commands. ERR_INVALID with
 * errors["from"] or errors["to"]. */
enum err seats_report(struct cx *cx, struct str from, struct str to, int64_t before, int64_t limit,
		      struct seats_report *ret, struct form_errors *errors) MUST_CHECK;
