#include "base/clock.h"
#include "text/calendar.h"
#include "text/text.h"
#include "text/tz.h"

/* A moment as a clock and a calendar on the wall show it. */
struct wall {
	int64_t days;
	struct calendar_date date;
	int32_t minute_of_day;
};

static struct wall wall_of(struct str zone, int64_t utc_ms)
{
	int64_t utc_s = calendar_floor(utc_ms, SECOND_MS);
	int64_t local_s = utc_s + tz_offset_s(zone, utc_s);
	int64_t days = calendar_floor(local_s, 86400);
	return (struct wall){days, calendar_from_days(days),
			     (int32_t)((local_s - days * 86400) / 60)};
}

static struct str format_month(const struct language *language, const struct wall *wall)
{
	static const enum text_id months[] = {
		TEXT_DATE_MONTH_1, TEXT_DATE_MONTH_2,  TEXT_DATE_MONTH_3,  TEXT_DATE_MONTH_4,
		TEXT_DATE_MONTH_5, TEXT_DATE_MONTH_6,  TEXT_DATE_MONTH_7,  TEXT_DATE_MONTH_8,
		TEXT_DATE_MONTH_9, TEXT_DATE_MONTH_10, TEXT_DATE_MONTH_11, TEXT_DATE_MONTH_12,
	};
	return text_get(language, months[wall->date.month - 1]);
}

/* As it is, not in groups; with zeros in front up to `width`. Pages hold many dates: printf would
 * take most of their time. `number`: not negative. */
static struct str digits(struct arena *arena, int64_t number, size_t width)
{
	char text[24];
	size_t at = sizeof(text);
	do {
		text[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0 || sizeof(text) - at < width);
	return arena_copy(arena, str_bytes(text + at, sizeof(text) - at));
}

static struct str format_time(struct arena *arena, const struct language *language,
			      const struct wall *wall)
{
	return TEXT_FILL(arena, language, TEXT_DATE_TIME,
			 TEXT_ARG("hour", digits(arena, wall->minute_of_day / 60, 2)),
			 TEXT_ARG("minute", digits(arena, wall->minute_of_day % 60, 2)));
}

static struct str format_day(struct arena *arena, const struct language *language,
			     const struct wall *wall, bool with_year)
{
	struct str month = format_month(language, wall);
	if (!with_year)
		return TEXT_FILL(arena, language, TEXT_DATE_DAY_MONTH,
				 TEXT_NUMBER("day", wall->date.day), TEXT_ARG("month", month));
	return TEXT_FILL(arena, language, TEXT_DATE_DAY_MONTH_YEAR,
			 TEXT_NUMBER("day", wall->date.day), TEXT_ARG("month", month),
			 TEXT_ARG("year", digits(arena, wall->date.year, 1)));
}

struct str format_date_time(struct arena *arena, const struct language *language, struct str zone,
			    int64_t utc_ms)
{
	struct wall wall = wall_of(zone, utc_ms);
	return TEXT_FILL(arena, language, TEXT_DATE_DATE_TIME, TEXT_NUMBER("day", wall.date.day),
			 TEXT_ARG("month", format_month(language, &wall)),
			 TEXT_ARG("year", digits(arena, wall.date.year, 1)),
			 TEXT_ARG("hour", digits(arena, wall.minute_of_day / 60, 2)),
			 TEXT_ARG("minute", digits(arena, wall.minute_of_day % 60, 2)));
}

struct str format_date(struct arena *arena, const struct language *language, struct str zone,
		       int64_t utc_ms)
{
	struct wall wall = wall_of(zone, utc_ms);
	return format_day(arena, language, &wall, true);
}

struct str format_date_short(struct arena *arena, const struct language *language, struct str zone,
			     int64_t utc_ms, int64_t now_ms)
{
	struct wall wall = wall_of(zone, utc_ms);
	struct wall now = wall_of(zone, now_ms);
	if (wall.days == now.days)
		return format_time(arena, language, &wall);
	if (wall.days == now.days - 1)
		return text_get(language, TEXT_DATE_YESTERDAY);
	return format_day(arena, language, &wall, wall.date.year != now.date.year);
}

/* Steps of 1000, one digit after the point below 10 unless it is 0, rounded half up: "1.4 MB", "5
 * GB", "14 MB". */
struct str format_size(struct arena *arena, const struct language *language, int64_t bytes)
{
	static const enum text_id units[] = {TEXT_SIZE_BYTES, TEXT_SIZE_KILOBYTES,
					     TEXT_SIZE_MEGABYTES, TEXT_SIZE_GIGABYTES,
					     TEXT_SIZE_TERABYTES};
	int64_t unit_bytes = 1;
	size_t unit = 0;
	if (bytes < 1000)
		return TEXT_FILL(arena, language, units[0], TEXT_NUMBER("number", bytes));
	/* 999,500 B is 1 MB, not 1000 kB. */
	while (unit + 1 < sizeof(units) / sizeof(units[0]) &&
	       bytes / unit_bytes >= 1000 - (unit > 0 && bytes % unit_bytes * 2 >= unit_bytes)) {
		unit_bytes *= 1000;
		unit++;
	}
	int64_t tenths =
		bytes / (unit_bytes / 10) + (bytes % (unit_bytes / 10) * 2 >= unit_bytes / 10);
	if (tenths >= 100 || tenths % 10 == 0)
		return TEXT_FILL(
			arena, language, units[unit],
			TEXT_NUMBER("number",
				    bytes / unit_bytes + (bytes % unit_bytes * 2 >= unit_bytes)));
	struct str number =
		arena_printf(arena, "%d%.*s%d", (int)(tenths / 10),
			     STR_ARGS(text_get(language, TEXT_NUMBER_DECIMAL)), (int)(tenths % 10));
	return TEXT_FILL(arena, language, units[unit], TEXT_ARG("number", number));
}
