/* Requests to sign as lists, for pages and for the API: somebody's own, and those they are asked to
 * sign or to watch (P6). */
#pragma once

#include "core/cx.h"
#include "store/signings.h"

enum signing_shelf {
	SIGNING_SHELF_ALL,
	SIGNING_SHELF_MINE,     /* the acting person can sign now */
	SIGNING_SHELF_WAITING,  /* open, and others have to sign first */
	SIGNING_SHELF_FINISHED, /* signed by all, or ended otherwise */
};
struct signing_row {
	struct id message_id;
	struct str subject;
	bool is_unreadable; /* it failed its check: an alarm was logged, subject is empty */
	bool is_mine;       /* the acting person sent it */
	struct str sender;  /* label */
	struct str
		people; /* of one's own: labels of the first three who got it, joined with ", " */
	int64_t people_more;
	enum signing_state state;
	enum signer_state my_state; /* 0: not among the signers */
	int64_t signer_count, signed_count;
	int64_t sent_ms, deadline_ms, ended_ms; /* 0: none, not yet */
};
struct signing_list {
	struct signing_row *rows; /* newest first */
	size_t count;
	struct str next_cursor; /* empty: this is the last page */
};
/* Without those that were recalled from the acting person. cursor: empty or a next_cursor
 * (ERR_INVALID for anything else). limit: 1 to LIMIT_PAGE_ROWS. */
enum err signing_list(struct cx *cx, enum signing_shelf shelf, struct str cursor, int64_t limit,
		      struct signing_list *ret) MUST_CHECK;

/* For the navigation. */
struct signing_counts {
	int64_t mine; /* that the acting person can sign now */
	bool has_any; /* or has ever sent or been asked to sign one */
};
enum err signing_count(struct cx *cx, struct signing_counts *ret) MUST_CHECK;
