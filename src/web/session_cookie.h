/* The session cookie: the only place where a browser keeps a session's secret.
 *
 * SameSite=Lax, not Strict: links in mails must open signed-in pages. Unsafe requests of other
 * sites are refused by the dispatcher. `__Host-` binds it to this host and https; without https
 * browsers would drop it, so a portal on http (trying it out on one's own machine) uses a plain
 * name. */
#pragma once

#include "core/session.h"
#include "http/request.h"

struct str session_cookie_read(const struct cx *cx, const struct request *req);
void session_cookie_set(const struct cx *cx, struct response *res, struct str token);
void session_cookie_clear(const struct cx *cx, struct response *res);
/* User-Agent as a label for the list of sessions; empty when it is no clean line. */
struct str session_cookie_user_agent(const struct request *req);
