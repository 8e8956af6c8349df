#include "text/tz_rule.h"

#include "text/calendar.h"

enum { DAY_S = 86400 };

static bool is_digit(struct str s)
{
	return s.len > 0 && s.data[0] >= '0' && s.data[0] <= '9';
}

static struct str skip(struct str s, size_t bytes)
{
	return str_slice(s, bytes, s.len);
}

static bool take_char(struct str *s, char c)
{
	if (s->len == 0 || s->data[0] != c)
		return false;
	*s = skip(*s, 1);
	return true;
}

/* At most three digits. */
static bool take_number(struct str *s, int32_t *ret)
{
	int32_t number = 0;
	if (!is_digit(*s))
		return false;
	for (int i = 0; i < 3 && is_digit(*s); i++, *s = skip(*s, 1))
		number = number * 10 + (s->data[0] - '0');
	*ret = number;
	return !is_digit(*s);
}

/* "CET" or "<+01>" */
static bool take_name(struct str *s)
{
	size_t len = 0;
	if (take_char(s, '<')) {
		struct str name;
		return str_find_char(*s, '>') > 0 && str_next(s, '>', &name);
	}
	while (len < s->len && ((s->data[len] | 32) >= 'a' && (s->data[len] | 32) <= 'z'))
		len++;
	*s = skip(*s, len);
	return len > 0;
}

/* "[+-]hh[:mm[:ss]]" */
static bool take_time(struct str *s, int32_t *ret_s)
{
	int32_t part[3] = {0};
	bool is_negative = take_char(s, '-');
	if (!is_negative)
		take_char(s, '+');
	if (!take_number(s, &part[0]))
		return false;
	for (int i = 1; i < 3 && take_char(s, ':'); i++) {
		if (!take_number(s, &part[i]))
			return false;
	}
	if (part[0] > 167 || part[1] > 59 || part[2] > 59)
		return false;
	int32_t time_s = part[0] * 3600 + part[1] * 60 + part[2];
	*ret_s = is_negative ? -time_s : time_s;
	return true;
}

/* ",M3.5.0/2" */
static bool take_change(struct str *s, struct tz_change *ret)
{
	struct tz_change change = {.time_s = 7200};
	if (!take_char(s, ',') || !take_char(s, 'M') || !take_number(s, &change.month) ||
	    !take_char(s, '.') || !take_number(s, &change.week) || !take_char(s, '.') ||
	    !take_number(s, &change.weekday))
		return false;
	if (take_char(s, '/') && !take_time(s, &change.time_s))
		return false;
	*ret = change;
	return change.month >= 1 && change.month <= 12 && change.week >= 1 && change.week <= 5 &&
	       change.weekday <= 6;
}

bool tz_rule_parse(struct str text, struct tz_rule *ret)
{
	struct tz_rule rule = {0};
	int32_t west_s;
	if (!take_name(&text) || !take_time(&text, &west_s))
		return false;
	rule.standard_s = -west_s;
	if (text.len > 0) {
		rule.has_summer = true;
		rule.summer_s = rule.standard_s + 3600;
		if (!take_name(&text))
			return false;
		if (text.len > 0 && text.data[0] != ',') {
			if (!take_time(&text, &west_s))
				return false;
			rule.summer_s = -west_s;
		}
		if (!take_change(&text, &rule.start) || !take_change(&text, &rule.end) ||
		    text.len > 0)
			return false;
	}
	*ret = rule;
	return true;
}

/* UTC seconds of a change in a year, whose local time is told in `offset_s`. */
static int64_t change_utc_s(const struct tz_change *change, int64_t year, int32_t offset_s)
{
	int64_t first = calendar_days((struct calendar_date){year, change->month, 1});
	int64_t next_month = calendar_days(
		(struct calendar_date){year + change->month / 12, change->month % 12 + 1, 1});
	int64_t day = first + (change->weekday - calendar_weekday(first) + 7) % 7 +
		      (change->week - 1) * 7;
	if (day >= next_month) /* week 5 is the last one */
		day -= 7;
	return day * DAY_S + change->time_s - offset_s;
}

int32_t tz_rule_offset_s(const struct tz_rule *rule, int64_t utc_s)
{
	if (!rule->has_summer)
		return rule->standard_s;
	int64_t year = calendar_from_days(calendar_floor(utc_s + rule->standard_s, DAY_S)).year;
	int64_t start = change_utc_s(&rule->start, year, rule->standard_s);
	int64_t end = change_utc_s(&rule->end, year, rule->summer_s);
	bool is_summer =
		start < end ? utc_s >= start && utc_s < end : utc_s >= start || utc_s < end;
	return is_summer ? rule->summer_s : rule->standard_s;
}
