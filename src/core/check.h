/* Whether everything stored is whole: every row authentic, every key that can be opened without its
 * owner opens, every message delivered to somebody who exists. */
#pragma once

#include "core/cx.h"

struct check_report {
	/* Looked at. */
	int64_t users, ways_in, rules, messages, deliveries, mails, drafts, labels;
	int64_t tracks, destructions;
	int64_t seats;                 /* times one was taken or freed */
	int64_t files, files_unopened; /* of these: only their lengths, as no key could be had */
	int64_t orphans;               /* blobs that no row names; housekeeping removes them */
	int64_t problems;
};

/* Calls tell() with one sentence for each problem. Errors only when the check itself cannot go on.
 */
enum err check_all(struct cx *cx, void (*tell)(void *argument, struct str sentence), void *argument,
		   struct check_report *ret) MUST_CHECK;
