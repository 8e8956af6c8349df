#include "text/calendar.h"

enum { DAYS_OF_400_YEARS = 146097, DAYS_OF_100_YEARS = 36524, DAYS_OF_4_YEARS = 1461 };

int64_t calendar_floor(int64_t value, int64_t unit)
{
	return value / unit - (value % unit < 0);
}

/* Years are counted from 1 March, so that the leap day is the last of its year; an era is 400
 * years. */
enum { DAYS_FROM_0000_03_01_TO_1970 = 719468 };

int64_t calendar_days(struct calendar_date date)
{
	int64_t year = date.year - (date.month <= 2);
	int64_t month = (date.month + 9) % 12; /* March is 0 */
	int64_t era = calendar_floor(year, 400);
	int64_t year_of_era = year - era * 400;
	int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	return era * DAYS_OF_400_YEARS + day_of_era - DAYS_FROM_0000_03_01_TO_1970;
}

struct calendar_date calendar_from_days(int64_t days)
{
	days += DAYS_FROM_0000_03_01_TO_1970;
	int64_t era = calendar_floor(days, DAYS_OF_400_YEARS);
	int64_t day_of_era = days - era * DAYS_OF_400_YEARS;
	int64_t leap_days = day_of_era / (DAYS_OF_4_YEARS - 1) - day_of_era / DAYS_OF_100_YEARS +
			    day_of_era / (DAYS_OF_400_YEARS - 1);
	int64_t year_of_era = (day_of_era - leap_days) / 365;
	int64_t day_of_year =
		day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t month = (5 * day_of_year + 2) / 153;
	struct calendar_date date = {
		.year = year_of_era + era * 400 + (month >= 10),
		.month = (int32_t)(month < 10 ? month + 3 : month - 9),
		.day = (int32_t)(day_of_year - (153 * month + 2) / 5 + 1),
	};
	return date;
}

int32_t calendar_weekday(int64_t days)
{
	int64_t since_sunday = days + 4; /* 1970-01-01 was a Thursday */
	return (int32_t)(since_sunday - calendar_floor(since_sunday, 7) * 7);
}
