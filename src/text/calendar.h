/* Days of the proleptic Gregorian calendar. */
#pragma once

#include <stdint.h>

struct calendar_date {
	int64_t year;
	int32_t month; /* 1 to 12 */
	int32_t day;   /* 1 to 31 */
};

/* Days since 1970-01-01, and back. */
int64_t calendar_days(struct calendar_date date);
struct calendar_date calendar_from_days(int64_t days);
/* 0 is Sunday. */
int32_t calendar_weekday(int64_t days);
/* Division that rounds towards minus infinity: the day of a moment before 1970. */
int64_t calendar_floor(int64_t value, int64_t unit);
