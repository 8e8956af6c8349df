/* Sending and answering messages (P2.1, P4.1). */
#pragma once

#include "http/route.h"

/* POST /api/v1/messages {to, cc, bcc, subject, body, invite_as} -> 201 {id, conversation_id,
 * recipients} */
enum err api_send_message(struct cx *cx, const struct request *req,
			  struct response *res) MUST_CHECK;
/* POST /api/v1/messages/{id}/reply {body, all} -> 201, as for sending */
enum err api_send_reply(struct cx *cx, const struct request *req, struct response *res) MUST_CHECK;
