/* The answer written below a conversation, kept as a draft. */
#pragma once

#include "http/request.h"
#include "web/compose_draft.h"
#include "web/conversation.h"

/* What was typed, addressed as the answer to message_id goes. ERR_NOT_FOUND: no such, or not
 * theirs. */
enum err reply_draft_read(struct cx *cx, const struct request *req, const struct id *message_id,
			  struct draft *ret, bool *ret_is_to_all) MUST_CHECK;
/* Puts the answer that was begun to message_id into its form. One with other people can only be
 * gone on with where they are seen: reply.elsewhere. */
enum err reply_draft_fill(struct cx *cx, struct reply_part *reply) MUST_CHECK;
