/* The route table: what paths there are, who may enter, how much they may send. A route without a
 * stated access is refused at start. */
#pragma once

#include "base/err.h"
#include "core/settings.h"
#include "http/assets.h"
#include "http/request.h"

struct cx; /* core/cx.h */

enum access {
	ACCESS_UNSTATED = 0,
	ACCESS_ANYONE, /* signed in or not; a session is opened if there is a valid one */
	ACCESS_SIGNED_IN,
	ACCESS_ADMINISTRATOR,
};

/* How the client proves who it is and how errors are told. */
enum surface {
	SURFACE_PAGE, /* session cookie, HTML; unsafe methods must be same-origin */
	SURFACE_API,  /* Authorization: Bearer, application/problem+json; cookies are ignored */
	/* Like SURFACE_API; and without Authorization the session cookie, if one of our own pages
	   asks: another site's is nobody (401), and refused (403) when it would change something.
	 */
	SURFACE_API_OR_COOKIE,
};

/* Which workers run the handler. */
enum lane {
	LANE_NORMAL,
	LANE_PASSWORD, /* derives a password key: few workers and a short queue; full is 429 with
			  Retry-After */
	/* Works on documents to sign, for seconds: some workers, so that none of the others waits
	   for a worker process, and a queue in which nobody waits long; then it is 503 with
	   Retry-After. Passwords wait for their own threads there, see crypto/password.h. */
	LANE_DOCUMENTS,
};

enum body_kind {
	BODY_NONE,
	BODY_FORM, /* other Content-Types: 415 */
	BODY_JSON, /* the same */
	BODY_JSON_OR_NONE,
	/* Of any type, taken while it comes: the handler runs before it, and sets res->sink
	   (http/sink.h) or refuses. It may be empty. */
	BODY_STREAM,
};

typedef enum err handler_fn(struct cx *cx, const struct request *req, struct response *res);

struct route {
	enum method method;
	const char *path; /* "/message/{id}": {x} is one non-empty segment */
	enum access access;
	enum surface surface;
	enum lane lane;
	enum body_kind body;
	/* Bytes; over it is 413 before the body is read when Content-Length tells. BODY_STREAM:
	   0, and the sink decides. */
	size_t body_max;
	enum feature feature; /* what must be switched on; else it is not found */
	bool may_override;    /* reached also by POST with X-HTTP-Method-Override: a client that can
				 send nothing else */
	bool is_background;   /* asked for by pages, not by people: keeps no session alive */
	handler_fn *handle;
};

/* What the dispatcher asks the layers above for. */
struct site {
	const struct route *routes;
	size_t route_count;
	const struct asset *assets; /* served to anyone, by the I/O thread */
	size_t asset_count;
	struct portal *portal;
	bool is_https;            /* the public URL's scheme: Secure cookies, HSTS */
	struct str public_origin; /* "https://host[:port]": what Origin must be on unsafe page
				     requests */
	/* surface: one of the first two. Opens the session named by the cookie or bearer token into
	 * cx->session (NULL when there is none or it is not valid). Only trouble of ours is an
	 * error. The dispatcher releases the session that is in cx at the end. */
	enum err (*authenticate)(struct cx *cx, const struct request *req, enum surface surface);
	/* Renders any refusal: status is set, `err` is why (for pages: HTML, for the API:
	 * problem+json). */
	void (*refuse)(struct cx *cx, const struct request *req, struct response *res,
		       enum surface surface, enum err err);
	/* Where to send a visitor who is not signed in (SURFACE_PAGE): usually /sign-in?next=... */
	void (*ask_to_sign_in)(struct cx *cx, const struct request *req, struct response *res);
};

/* Checks the whole table: every access stated, every path well-formed, none twice. ERR_INTERNAL
 * with a log line. */
enum err routes_check(const struct route *routes, size_t count) MUST_CHECK;

/* The route for a method and path, or NULL; *ret_allowed collects the methods the path has ("GET,
 * POST") for 405. Fills req->params. */
const struct route *route_find(const struct site *site, struct request *req,
			       struct str *ret_allowed);

/* Runs one whole exchange whose body has arrived: access, same-origin check, handler, its sink,
 * security headers. Never fails: failures become responses. Needs no socket. */
void dispatch(const struct site *site, const struct route *route, struct request *req,
	      struct response *res);
