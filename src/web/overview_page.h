/* The first page of administration: how the portal is, in figures (core/overview.h). */
#pragma once

#include "core/overview.h"
#include "http/route.h"
#include "web/frame.h"

/* One column of a plot, in the units of its picture, and what stands in the table. */
struct overview_bar {
	struct str day;
	struct str day_iso;
	struct str value;
	struct str more; /* of storage: the database; else empty */
	int64_t x;
	int64_t y;
	int64_t height;
};

struct overview_plot {
	const char *name; /* begins the ids of its parts */
	struct str title;
	struct str sum;
	struct str desc;
	struct str none;
	struct str most;  /* at the top of the picture */
	struct str from;  /* under its first column */
	struct str until; /* and its last */
	struct overview_bar *bars;
	int64_t count;
	int64_t width;
	bool is_empty;
	bool is_storage;
};

struct overview_mail {
	const struct mail_trouble *mail;
	struct str kind;
	struct str name;
	bool has_name; /* it is not the address */
	struct str written;
	struct str next;
	struct str tries;
	bool is_quoted; /* what the mail server said; else our own words */
};

/* Which part of /learn/overview says what to do about it. */
extern const char *const overview_page_help[HEALTH_THINGS];

struct overview_view {
	struct frame frame;
	const struct overview *o;
	struct str now;
	struct str now_iso;
	int64_t guests;
	int64_t professionals;
	struct str health_names[HEALTH_THINGS];
	struct health_line health[HEALTH_THINGS]; /* what has to be done stands first */
	bool is_alone;
	struct overview_plot plots[2];
	struct overview_mail *bounced;
	struct overview_mail *retrying;
	int64_t more_bounced;
	int64_t more_retrying;
	struct str version;
};

handler_fn overview_page_show, overview_page_retry, overview_page_take_off;
