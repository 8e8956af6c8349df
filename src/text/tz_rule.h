/* The rule at the end of a TZif file, which holds after its last transition (POSIX TZ, RFC
 * 9636 3.3.1). */
#pragma once

#include "base/str.h"

/* "CET-1CEST,M3.5.0,M10.5.0/3" */
struct tz_change {
	int32_t month, week, weekday; /* "M3.5.0": the last Sunday of March */
	int32_t time_s;               /* local time of day; may be negative or beyond a day */
};

struct tz_rule {
	int32_t standard_s; /* seconds east of UTC */
	int32_t summer_s;
	bool has_summer;
	struct tz_change start, end; /* of summer time */
};

/* False when the text is not such a rule, or one with Julian days, which no zone of today uses. */
bool tz_rule_parse(struct str text, struct tz_rule *ret);
int32_t tz_rule_offset_s(const struct tz_rule *rule, int64_t utc_s);
