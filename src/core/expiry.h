/* The date on which a message expires, as somebody types it (P4.2). */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdint.h>

/* "2026-12-31": until the last second of that day in the zone (IANA name). "2026-12-31T18:00:00Z",
 * with or without seconds and their fraction, with Z or an offset: that very moment (RFC 3339).
 * ERR_INVALID: it is neither. */
enum err expiry_parse(struct str typed, struct str zone, int64_t *ret_ms) MUST_CHECK;
/* The day so many days from now in the zone: "2026-12-31". */
struct str expiry_day_after(struct arena *arena, int64_t now_ms, int64_t days, struct str zone);
