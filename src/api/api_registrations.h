/* Registering by an invitation link's token (P2.4). */
#pragma once

#include "http/route.h"

/* GET /api/v1/registrations/{token} -> what the invitation is. Changes nothing (P2.5). */
enum err api_registrations_get(struct cx *cx, const struct request *req,
			       struct response *res) MUST_CHECK;
/* POST /api/v1/registrations/{token} {name, password, terms?} -> 201 {token, user, recovery_code,
 * message_id} */
enum err api_registrations_complete(struct cx *cx, const struct request *req,
				    struct response *res) MUST_CHECK;
