/* The time, chosen by whoever builds the portal: the system's in production, any in a test. */
#pragma once

#include <stdint.h>

struct clock {
	int64_t (*now_ms)(const struct clock *clock); /* UTC milliseconds since 1970 */
};

static inline int64_t clock_now_ms(const struct clock *clock)
{
	return clock->now_ms(clock);
}

/* The operating system's clock. */
extern const struct clock clock_system;

/* For how long something takes: a clock that nobody sets. */
int64_t clock_monotonic_us(void);
int64_t clock_monotonic_ms(void);

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)
