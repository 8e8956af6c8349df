/* TZif, version 2 and later (RFC 9636): one time zone's transitions. */
#pragma once

#include "base/err.h"
#include "text/tz_rule.h"

enum { TZ_FILE_MAX_BYTES = 64 * 1024, TZ_TRANSITIONS_MAX = 4096 };

struct tz_transition {
	int64_t utc_s;
	int32_t offset_s; /* from then on */
};

struct tz_file {
	struct tz_transition *transitions; /* ascending; owned */
	size_t count;
	int32_t first_offset_s; /* before the first transition */
	struct tz_rule rule;    /* after the last one */
	bool has_rule;
};

/* ERR_INVALID for anything but a well-formed file; ERR_TOO_LARGE beyond the maxima; ERR_INTERNAL
 * without memory. */
enum err tz_file_parse(struct str bytes, struct tz_file *ret) MUST_CHECK;
void tz_file_release(struct tz_file *file);
int32_t tz_file_offset_s(const struct tz_file *file, int64_t utc_s);
