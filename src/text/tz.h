/* Offsets of IANA time zones, read from the system's /usr/share/zoneinfo. */
#pragma once

#include "base/str.h"

/* Seconds to add to UTC at that moment. 0 for an empty, unknown or odd name ("../etc/passwd").
 * Thread-safe; zones are read once and kept. */
int32_t tz_offset_s(struct str zone, int64_t utc_s);
/* Whether there is such a zone, for settings forms. */
bool tz_is_known(struct str zone);
