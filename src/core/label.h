/* Labels (P4.1): what somebody calls their messages, for nobody else to see. Names are content:
 * encrypted under the mailbox key. */
#pragma once

#include "core/mailbox.h"

struct label {
	struct id id;
	struct str name;
	bool is_unreadable; /* it failed its check: an alarm was logged, the name is empty */
};

/* The reader's labels, by name. */
enum err label_list(struct cx *cx, struct label **ret, size_t *ret_count) MUST_CHECK;
/* ERR_INVALID with errors "name": missing, too long, unreadable, there already, or too many. */
enum err label_create(struct cx *cx, struct str name, struct id *ret,
		      struct form_errors *errors) MUST_CHECK;
/* Also ERR_NOT_FOUND: no such label, or not theirs. */
enum err label_rename(struct cx *cx, const struct id *id, struct str name,
		      struct form_errors *errors) MUST_CHECK;
/* The messages stay. ERR_NOT_FOUND as above. */
enum err label_delete(struct cx *cx, const struct id *id) MUST_CHECK;

/* Puts a label on messages, or takes it off, then off all of their conversations: all of them or
 * none; 1 to LIMIT_PAGE_ROWS, else ERR_INVALID. ERR_NOT_FOUND: the label or one of the messages is
 * not theirs. ERR_TOO_LARGE: one has LIMIT_LABELS_PER_MESSAGE already. */
enum err label_put(struct cx *cx, const struct id *label_id, const struct id *ids, size_t count,
		   bool is_on) MUST_CHECK;
/* The message has these labels and no others; those that are new are made. ERR_INVALID with errors
 * in `field`. ERR_NOT_FOUND: no such message, or not theirs. */
enum err label_set(struct cx *cx, const struct id *message_id, const struct str *names,
		   size_t count, const char *field, struct form_errors *errors) MUST_CHECK;
/* The same after `first` in the same transaction: both or neither. */
enum err label_set_after(struct cx *cx, store_fn *first, void *argument,
			 const struct id *message_id, const struct str *names, size_t count,
			 const char *field, struct form_errors *errors) MUST_CHECK;

/* What has a label, newest first; Trash left out. As mailbox_list(). */
enum err label_messages(struct cx *cx, const struct id *label_id, struct str cursor, int64_t limit,
			struct label *ret_label, struct message_list *ret) MUST_CHECK;
