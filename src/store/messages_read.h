/* For store/: a row of messages, for statements that join it under the alias m. */
#pragma once

#include "store/messages.h"

/* The columns in the order messages_read() takes them. */
#define MESSAGES_COLUMNS                                                                           \
	"m.id, m.conversation_id, m.parent_id, m.sender_id, m.sent_ms, m.subject, m.body_hash, "   \
	"m.options, m.expires_ms, m.forward_of, m.recalled_ms, m.mac, m.folded_hash"
enum { MESSAGES_COLUMN_COUNT = 13 };
/* Reads and authenticates the message whose columns begin at `column`; without its body. */
enum err messages_read(struct rows *rows, int column, struct arena *arena,
		       struct message *ret) MUST_CHECK;
/* Whether the body is the one that the row was written with. */
bool messages_has_its_body(const struct message *message);
