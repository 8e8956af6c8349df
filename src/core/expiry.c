#include "core/expiry.h"

#include "base/clock.h"
#include "base/limits.h"
#include "text/calendar.h"
#include "text/tz.h"

enum { YEAR_MIN = 1970, YEAR_MAX = 9999, MONTHS = 12, DAY_S = 86400, HOUR_S = 3600 };

/* What is left to read; the first mistake sticks. */
struct reading {
	struct str rest;
	bool is_bad;
};

static int32_t read_digits(struct reading *reading, size_t count)
{
	int32_t value = 0;
	for (size_t i = 0; i < count; i++) {
		char c = i < reading->rest.len ? reading->rest.data[i] : 0;
		reading->is_bad = reading->is_bad || c < '0' || c > '9';
		value = reading->is_bad ? 0 : value * 10 + (c - '0');
	}
	reading->rest = str_slice(reading->rest, count, reading->rest.len);
	return value;
}

static bool next_is(const struct reading *reading, char c)
{
	return reading->rest.len > 0 && reading->rest.data[0] == c;
}

static void skip(struct reading *reading, char c)
{
	reading->is_bad = reading->is_bad || !next_is(reading, c);
	reading->rest = str_slice(reading->rest, 1, reading->rest.len);
}

/* Days since 1970; a day that its month does not have is no day. */
static int64_t read_day(struct reading *reading)
{
	struct calendar_date date = {.year = read_digits(reading, 4)};
	skip(reading, '-');
	date.month = read_digits(reading, 2);
	skip(reading, '-');
	date.day = read_digits(reading, 2);
	if (date.year < YEAR_MIN || date.year > YEAR_MAX || date.month < 1 || date.month > MONTHS ||
	    date.day < 1 || date.day > 31)
		reading->is_bad = true;
	if (reading->is_bad)
		return 0;
	int64_t days = calendar_days(date);
	reading->is_bad = calendar_from_days(days).day != date.day;
	return days;
}

static int64_t read_hours_and_minutes(struct reading *reading)
{
	int64_t hours = read_digits(reading, 2);
	skip(reading, ':');
	int64_t minutes = read_digits(reading, 2);
	reading->is_bad = reading->is_bad || hours > 23 || minutes > 59;
	return hours * HOUR_S + minutes * 60;
}

static int64_t read_seconds_ms(struct reading *reading)
{
	if (!next_is(reading, ':'))
		return 0;
	skip(reading, ':');
	int64_t seconds = read_digits(reading, 2);
	reading->is_bad = reading->is_bad || seconds > 59;
	int64_t ms = seconds * SECOND_MS;
	if (!next_is(reading, '.'))
		return ms;
	skip(reading, '.');
	/* Whatever is below a millisecond is dropped. */
	int64_t unit = SECOND_MS / 10;
	do {
		ms += read_digits(reading, 1) * unit;
		unit /= 10;
	} while (!reading->is_bad && reading->rest.len > 0 && reading->rest.data[0] >= '0' &&
		 reading->rest.data[0] <= '9');
	return ms;
}

static int64_t read_offset_s(struct reading *reading)
{
	if (next_is(reading, 'Z')) {
		skip(reading, 'Z');
		return 0;
	}
	bool is_west = next_is(reading, '-');
	skip(reading, is_west ? '-' : '+');
	int64_t offset_s = read_hours_and_minutes(reading);
	return is_west ? -offset_s : offset_s;
}

static int64_t last_second(struct str zone, int64_t days)
{
	int64_t local_s = (days + 1) * DAY_S - 1;
	int64_t utc_s = local_s - tz_offset_s(zone, local_s);
	/* The first guess may lie on the other side of a change of the clocks. */
	int64_t last_s = local_s - tz_offset_s(zone, utc_s);
	/* Where they are put back at midnight, that second comes twice. */
	int64_t again_s = local_s - tz_offset_s(zone, last_s + 1);
	return again_s > last_s ? again_s : last_s;
}

enum err expiry_parse(struct str typed, struct str zone, int64_t *ret_ms)
{
	struct reading reading = {.rest = typed, .is_bad = typed.len > LIMIT_EXPIRY_BYTES};
	int64_t days = read_day(&reading);
	bool is_day = reading.rest.len == 0;
	int64_t ms = 0;
	if (!is_day) {
		skip(&reading, 'T');
		ms = (days * DAY_S + read_hours_and_minutes(&reading)) * SECOND_MS;
		ms += read_seconds_ms(&reading);
		ms -= read_offset_s(&reading) * SECOND_MS;
	}
	if (reading.is_bad || reading.rest.len > 0)
		return ERR_INVALID;
	*ret_ms = is_day ? last_second(zone, days) * SECOND_MS : ms;
	return OK;
}

struct str expiry_day_after(struct arena *arena, int64_t now_ms, int64_t days, struct str zone)
{
	int64_t utc_s = calendar_floor(now_ms, SECOND_MS);
	int64_t local_s = utc_s + tz_offset_s(zone, utc_s);
	struct calendar_date date = calendar_from_days(calendar_floor(local_s, DAY_S) + days);
	return arena_printf(arena, "%04d-%02d-%02d", (int)date.year, (int)date.month,
			    (int)date.day);
}
