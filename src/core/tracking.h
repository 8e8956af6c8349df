/* Tracking (P4.3): what the sender of a message can see of each recipient, and each recipient of
 * themselves. Nothing else is tracked. */
#pragma once

#include "core/mailbox.h"

/* What says most of how far it has come; in this order, the last one that holds. */
enum tracking_state {
	TRACKING_SENT,   /* no mail has told of it */
	TRACKING_QUEUED, /* the notification waits */
	TRACKING_BOUNCED,
	TRACKING_NOT_SENT, /* the notification: the portal was restored */
	TRACKING_NOTIFIED,
	TRACKING_OPENED,
	TRACKING_REPLIED,
	TRACKING_FORWARDED,
	TRACKING_SIGNED,
	TRACKING_EXPIRED, /* never opened, and can not be any more */
	TRACKING_RECALLED,
};

enum tracking_state tracking_state_of(const struct message_person *person);
/* For scripts and the API: "sent", "queued" ... */
const char *tracking_state_word(enum tracking_state state);

struct tracking {
	struct message_person *people; /* all recipients; or for a recipient just them */
	size_t count;
	struct file_view *files; /* of the message; NULL: their names are not to be shown now */
	size_t file_count;
};
/* ERR_NOT_FOUND: no such message, or they neither sent it nor are its recipient. Marks nothing. */
enum err tracking_of(struct cx *cx, const struct id *id, struct tracking *ret) MUST_CHECK;

/* What became of one file with this person; empty: nothing yet. */
struct file_fate tracking_fate(const struct message_person *person, const struct id *file_id);

/* For core/: the times, into people as mailbox_read_people() has made them; or into `own` of a
 * recipient's view. */
enum err tracking_fill_people(struct cx *cx, struct db *db, const struct id *message_id,
			      struct message_person *people, size_t count) MUST_CHECK;
enum err tracking_fill_own(struct cx *cx, struct db *db, struct message_view *view) MUST_CHECK;
