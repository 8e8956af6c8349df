/* Dates on which messages expire, as they are typed (P4.2). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "core/expiry.h"

#define JANUARY_2026_MS INT64_C(1767225600000)

static void dates(void **state)
{
	(void)state;
	static const struct {
		const char *typed, *zone;
		int64_t ms; /* after the beginning of 2026 in UTC; -1: no date */
	} cases[] = {
		{"2026-01-01", "", DAY_MS - SECOND_MS},
		{"2026-01-01", "Europe/Berlin", DAY_MS - SECOND_MS - HOUR_MS},
		{"2026-01-01", "America/New_York", DAY_MS - SECOND_MS + 5 * HOUR_MS},
		/* The clocks change within that day. */
		{"2026-03-29", "Europe/Berlin", 88 * DAY_MS - SECOND_MS - 2 * HOUR_MS},
		{"2026-10-25", "Europe/Berlin", 298 * DAY_MS - SECOND_MS - HOUR_MS},
		/* They change at its end: its last hour comes twice, or does not come. */
		{"2026-04-04", "America/Santiago", 94 * DAY_MS - SECOND_MS + 4 * HOUR_MS},
		{"2026-10-24", "America/Nuuk", 297 * DAY_MS - SECOND_MS + 2 * HOUR_MS},
		{"2026-03-28", "America/Nuuk", 87 * DAY_MS - SECOND_MS + HOUR_MS},
		{"2026-09-05", "America/Santiago", 248 * DAY_MS - SECOND_MS + 4 * HOUR_MS},
		{"2026-01-01T18:00:00Z", "Europe/Berlin", 18 * HOUR_MS},
		{"2026-01-01T18:00Z", "", 18 * HOUR_MS},
		{"2026-01-01T18:00:00.250Z", "", 18 * HOUR_MS + 250},
		{"2026-01-01T18:00:00.2505999Z", "", 18 * HOUR_MS + 250},
		{"2026-01-01T18:00:00+02:00", "", 16 * HOUR_MS},
		{"2026-01-01T18:00:00-02:30", "", 20 * HOUR_MS + 30 * MINUTE_MS},
		{"2028-02-29T00:00Z", "", 789 * DAY_MS},
		{"2026-02-29", "", -1},
		{"2026-04-31", "", -1},
		{"2026-00-10", "", -1},
		{"2026-13-10", "", -1},
		{"2026-01-00", "", -1},
		{"2026-1-1", "", -1},
		{"26-01-01", "", -1},
		{"0000-01-01", "", -1},
		{"12026-01-01", "", -1},
		{"2026-01-01 ", "", -1},
		{"2026-01-01T", "", -1},
		{"2026-01-01T18:00", "", -1},
		{"2026-01-01T18:00:00", "", -1},
		{"2026-01-01T24:00:00Z", "", -1},
		{"2026-01-01T18:60:00Z", "", -1},
		{"2026-01-01T18:00:60Z", "", -1},
		{"2026-01-01T18:00:00.Z", "", -1},
		{"2026-01-01T18:00:00ZZ", "", -1},
		{"2026-01-01t18:00:00z", "", -1},
		{"2026-01-01T18:00:00+2", "", -1},
		{"", "", -1},
		{"tomorrow", "", -1},
		{"31.12.2026", "", -1},
		{"2026-01-01T18:00:00.00000000000000000000000000000Z", "", -1},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t ms = 0;
		enum err err = expiry_parse(str_of(cases[i].typed), str_of(cases[i].zone), &ms);
		bool is_right = cases[i].ms < 0 ? err == ERR_INVALID
						: err == OK && ms == JANUARY_2026_MS + cases[i].ms;
		if (!is_right)
			fail_msg("%s (%s): %s, %lld", cases[i].typed, cases[i].zone, err_name(err),
				 (long long)(ms - JANUARY_2026_MS));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(dates)};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("expiry", tests, NULL, NULL);
}
