/* The session cookie and the device cookie. The first is the only place where a browser keeps a
 * session's secret.
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
/* The long-lived cookie that says who has signed in here before (core/device.h); it stays when they
 * sign out. An empty value sets nothing. */
struct str session_cookie_device(const struct cx *cx, const struct request *req);
void session_cookie_set_device(const struct cx *cx, struct response *res, struct str device);
/* Ends the session that the request came with; without one, or when it has ended meanwhile (a new
 * password ends all), there is nothing to do. */
enum err session_cookie_end(struct cx *cx) MUST_CHECK;
/* Signed in, in a browser: both cookies are set. The session that the browser had before ends:
 * nobody can have planted one that goes on. */
enum err session_cookie_enter(struct cx *cx, struct response *res,
			      const struct sign_in *sign_in) MUST_CHECK;
/* User-Agent as a label for the list of sessions; empty when it is no clean line. */
struct str session_cookie_user_agent(const struct request *req);
