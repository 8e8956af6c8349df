/* Moving between Inbox or Sent, Archive and Trash; read and unread; deleting for ever (P4.1). Only
 * of what is the reader's own; nobody else notices. */
#pragma once

#include "core/form_errors.h"
#include "core/mailbox.h"

/* Each acts on all of the messages or on none: 1 to LIMIT_PAGE_ROWS of them, else ERR_INVALID.
 * ERR_NOT_FOUND: one of them does not exist, or is not theirs. */

/* BOX_INBOX and BOX_SENT both mean back where it came from. */
enum err mailbox_move(struct cx *cx, const struct id *ids, size_t count, enum box box) MUST_CHECK;
/* Tells the sender nothing: what was marked as read has not been opened (P4.3). */
enum err mailbox_mark(struct cx *cx, const struct id *ids, size_t count, bool is_read) MUST_CHECK;
/* What shall become of one message: all of it or nothing. */
struct mailbox_change {
	bool has_box, has_read, has_labels; /* the others stay as they are */
	enum box box;
	bool is_read;
	const struct str *labels; /* as label_set() */
	size_t label_count;
};
/* Also ERR_INVALID with errors in `field`, of the labels. */
enum err mailbox_change(struct cx *cx, const struct id *id, const struct mailbox_change *wish,
			const char *field, struct form_errors *errors) MUST_CHECK;
/* The same for all messages that stand in one box with one of these and are of its conversation. */
enum err mailbox_move_conversations(struct cx *cx, const struct id *ids, size_t count,
				    enum box box) MUST_CHECK;
enum err mailbox_mark_conversations(struct cx *cx, const struct id *ids, size_t count,
				    bool is_read) MUST_CHECK;
/* Destroys the reader's keys. ERR_CONFLICT: one of them is not in Trash. */
enum err mailbox_destroy(struct cx *cx, const struct id *ids, size_t count) MUST_CHECK;

/* All that the reader has in Trash now. */
enum err mailbox_destroy_trash(struct cx *cx, size_t *ret_count) MUST_CHECK;

/* For housekeeping: what is older than retention_days goes to the bottom of everybody's Trash, and
 * from there with the rest. */
enum err mailbox_retire(struct cx *cx, size_t *ret_count) MUST_CHECK;
/* For housekeeping: destroys what is in Trash for more than trash_days, of everybody; at most
 * LIMIT_SWEEP_ROWS. */
enum err mailbox_empty_trash(struct cx *cx, size_t *ret_count) MUST_CHECK;
/* After keys were destroyed: no live file of the database holds them any more. When readers are in
 * the way, housekeeping does it soon. */
void mailbox_forget(struct cx *cx);
