/* What administrators see of the whole portal (P7): figures, never content. */
#pragma once

#include "core/health.h"
#include "core/statistics.h"
#include "store/mails_queue.h"

enum { OVERVIEW_DAYS = 30, OVERVIEW_DAYS_LONG = 90, OVERVIEW_MAILS = 20 };

struct overview {
	/* By grade and state, as their numbers. */
	int64_t people[GRADE_PROFESSIONAL + 1][USER_DISABLED + 1];
	int64_t administrators;
	int64_t seats;
	int64_t seat_limit;          /* 0: none */
	struct statistics_day *days; /* oldest first; the last one is today */
	int64_t day_count;
	struct mails_counts mails;
	struct mail_trouble *bounced; /* the newest OVERVIEW_MAILS */
	size_t bounced_count;
	struct mail_trouble *retrying; /* those that are tried next */
	size_t retrying_count;
	struct health_line health[HEALTH_THINGS];
	enum health_state worst;
};
/* Of so many days. ERR_DENIED: to administrators only. */
enum err overview_read(struct cx *cx, int64_t days, struct overview *ret) MUST_CHECK;

/* Has what was put off tried at once. *ret_count: how many; what is due within the next five
 * minutes, perhaps being sent just now, comes by itself. */
enum err overview_retry_mails(struct cx *cx, int64_t *ret_count) MUST_CHECK;
/* One that has bounced goes off the list; one that waits is given up, and its sender sees that.
 * ERR_NOT_FOUND: it is not there (any more). */
enum err overview_take_mail_off(struct cx *cx, const struct id *id) MUST_CHECK;
