/* For core/recall.c: what recalling a message with documents to sign comes to (P6).
 *
 *   open        the request is cancelled first; who has signed keeps message and documents as they
 *               stand, all others lose both
 *   ended       the same without cancelling
 *   completed   ERR_CONFLICT: what was signed stays
 *   from some   as above, if one of them is a signer; one who has signed is a mistake. Only from
 *               people who watch: the request goes on */
#pragma once

#include "core/recall.h"

struct signing_recall {
	bool is_request;
	struct id *signed_by; /* they keep it */
	size_t signed_count;
};
/* Before the recall; cancels the request where it has to be. What it finds does not change any
 * more. ERR_CONFLICT with errors[""], ERR_INVALID with errors["recipients"] or ["reason"]. */
enum err signing_recall_begin(struct cx *cx, const struct id *message_id,
			      const struct recall_wish *wish, struct signing_recall *ret,
			      struct form_errors *errors) MUST_CHECK;
bool signing_recall_keeps(const struct signing_recall *recall, const struct id *user_id);
/* ERR_CONFLICT with errors[""]: this message has documents to sign, and its files are not recalled
 * one by one. */
enum err signing_recall_check_file(struct cx *cx, const struct id *message_id,
				   struct form_errors *errors) MUST_CHECK;
