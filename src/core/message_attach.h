/* Files of a message being written (P5): whether they are the sender's to give, and what they are
 * called. What the sender uploaded they may always give; what they received, where the message it
 * came with allows forwarding. */
#pragma once

#include "core/file_head.h"
#include "core/message.h"

/* A file of a draft, for showing it beside the text. */
struct attached {
	struct id id;
	struct file_head head; /* without name when it is gone; SHA-256 once it is ready */
	int64_t stored_bytes;  /* of one that is still being uploaded */
	bool is_ready;         /* false: still being uploaded, or there is a refusal */
	enum text_id refusal;  /* why it cannot be sent; with has_refusal */
	bool has_refusal;
};
/* In the order of the ids. Writes nothing. */
enum err message_attach_look(struct cx *cx, const struct id *ids, size_t count,
			     struct attached **ret) MUST_CHECK;

/* For core/draft.c: whether this person has, or once had, any right to the file. */
enum err message_attach_is_theirs(struct cx *cx, struct db *db, const struct id *id,
				  bool *ret) MUST_CHECK;
