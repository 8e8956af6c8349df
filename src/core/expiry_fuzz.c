/* Whatever somebody types as a date: a moment or a mistake, and a moment written again reads as
 * itself. */
#include "core/expiry.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int64_t ms, again;
	char text[64];
	struct tm tm;
	if (expiry_parse(str_bytes((const char *)data, size), STR("Europe/Berlin"), &ms) != OK)
		return 0;
	time_t seconds = (time_t)(ms / 1000);
	if (ms < 0 || gmtime_r(&seconds, &tm) == NULL || tm.tm_year > 8099)
		return 0;
	snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900,
		 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(ms % 1000));
	if (expiry_parse(str_of(text), STR(""), &again) != OK || again != ms)
		abort();
	return 0;
}
