/* Signing in and out by API, and who one is. */
#pragma once

#include "api/json_write.h"
#include "core/session.h"
#include "http/route.h"

/* POST /api/v1/session {email, password} -> 201 {token, user} */
enum err api_session_create(struct cx *cx, const struct request *req,
			    struct response *res) MUST_CHECK;
/* DELETE /api/v1/session -> 204 */
enum err api_session_delete(struct cx *cx, const struct request *req,
			    struct response *res) MUST_CHECK;
/* GET /api/v1/me -> user */
enum err api_session_me(struct cx *cx, const struct request *req, struct response *res) MUST_CHECK;

/* "token" and "user" of a session that has just begun. */
void api_session_write_sign_in(struct json_write *write, const struct sign_in *sign_in);
/* What labels a session in its owner's list. */
struct str api_session_user_agent(const struct request *req);
