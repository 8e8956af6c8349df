/* Figures by day (store/stats.h): housekeeping adds up what has happened; what it has not seen yet
 * is counted when somebody looks. */
#pragma once

#include "core/cx.h"
#include "store/stats.h"

/* Counts messages up to a few minutes ago, whose transactions have ended, a day at a time; looks
 * whether people are counted rightly; notes what files and database take. Safe at any time, in any
 * number of processes. */
enum err statistics_sweep(struct cx *cx) MUST_CHECK;

struct statistics_day {
	int64_t day; /* of UTC, since 1970 */
	int64_t messages;
	int64_t file_bytes; /* at its end, or when last looked at; of days in between: as before */
	int64_t database_bytes;
};
/* The last `count` days up to today, oldest first. */
enum err statistics_days(struct cx *cx, struct db *db, int64_t count,
			 struct statistics_day **ret) MUST_CHECK;
