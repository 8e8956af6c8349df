/* Sending and answering messages (P2.1, P4.1). */
#pragma once

#include "api/json_read.h"
#include "core/message.h"
#include "http/route.h"

/* POST /api/v1/messages {to, cc, bcc, subject, body, invite_as} -> 201 {id, conversation_id,
 * recipients} */
enum err api_send_message(struct cx *cx, const struct request *req,
			  struct response *res) MUST_CHECK;
/* POST /api/v1/messages/{id}/reply {body, all} -> 201, as for sending */
enum err api_send_reply(struct cx *cx, const struct request *req, struct response *res) MUST_CHECK;

/* For drafts, which are sent the same way. "invite_as", which may be missing. */
void api_send_read_grade(struct json_read *read, enum grade *ret);
/* The Idempotency-Key header, with an error where it is none. */
void api_send_read_key(struct cx *cx, const struct request *req, struct str *ret,
		       struct form_errors *errors);
/* What came of sending: 201 {id, conversation_id, recipients}, or the mistakes. */
enum err api_send_answer(struct cx *cx, struct response *res, enum err err, const struct sent *sent,
			 const struct form_errors *errors) MUST_CHECK;
