/* The People page: everybody one has exchanged messages with, one of them, and guests one takes no
 * messages from. It is no way to list strangers: a guest sees only those they share a message with,
 * and a professional finds others only by typing, as while addressing (core/message.h). */
#pragma once

#include "core/form_errors.h"
#include "core/mailbox.h"

struct contact {
	struct id id;
	struct str name; /* label */
	struct str address;
	enum grade grade;
	enum user_state state; /* so far as the viewer may know it (core/block.h) */
	int64_t last_ms;       /* of the newest message between the two; 0: none yet */
	bool is_blocked;       /* by the viewer */
	bool can_write;
	bool can_block;
	bool can_resend_invitation;
};

struct contact_list {
	struct contact *items;
	size_t count;
	struct str next_cursor; /* empty: this is the last page */
};

/* The newest exchange first. typed: only those with a word of their name, or an address, that
 * begins so; a page may then hold fewer than asked for though there is a next one. cursor: empty or
 * a next_cursor. limit 1..LIMIT_PAGE_ROWS. ERR_INVALID: with errors["q"], too long or no text;
 * without, the cursor or the limit is none. */
enum err contact_list(struct cx *cx, struct str typed, struct str cursor, int64_t limit,
		      struct contact_list *ret, struct form_errors *errors) MUST_CHECK;
/* ERR_NOT_FOUND: no such, oneself, or nobody the viewer may see. */
enum err contact_get(struct cx *cx, const struct id *id, struct contact *ret) MUST_CHECK;
/* The messages between the two, newest first; as mailbox_list(). */
enum err contact_messages(struct cx *cx, const struct id *id, struct str cursor, int64_t limit,
			  struct message_list *ret) MUST_CHECK;

/* For professionals, of guests. ERR_DENIED: a guest asks. ERR_INVALID with errors[""]: not a guest,
 * or LIMIT_BLOCKS are blocked already. */
enum err contact_block(struct cx *cx, const struct id *id, struct form_errors *errors) MUST_CHECK;
enum err contact_unblock(struct cx *cx, const struct id *id) MUST_CHECK;
/* All whom one has blocked, last blocked first. */
enum err contact_blocked(struct cx *cx, struct contact **ret, size_t *ret_count) MUST_CHECK;
