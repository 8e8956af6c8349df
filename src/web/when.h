/* Times as pages show them to the acting user. */
#pragma once

#include "core/session.h"

/* "22 Nov 2026, 21:05", in the reader's time zone. */
/* The zone that the times are in: of who is signed in, else UTC. */
struct str when_zone(const struct cx *cx);
struct str when_long(struct cx *cx, int64_t ms);
/* For lists: the time today, "Yesterday", "22 Nov". */
struct str when_short(struct cx *cx, int64_t ms);
/* For <time datetime>: "2026-11-22T20:05:00Z". */
struct str when_iso(struct cx *cx, int64_t ms);
