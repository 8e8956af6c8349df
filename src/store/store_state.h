/* For tests: what stands in the database, as numbers: whether something has changed, and whether
 * what belongs together is there together. */
#pragma once

#include <stdint.h>

/* How many rows each table has, and what can change in them; to be given back with free(). */
char *store_state_counts(const char *url);
/* P4.3: an opening is said of the delivery and of the track, and leaves no sealed key, or none of
 * it happened. Those of which only a part did. */
int64_t store_state_half_openings(const char *url);
