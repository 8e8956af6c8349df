/* One exchange in steps: for bodies that come while it runs, and for refusals that are decided
 * before there is a route to run. */
#pragma once

#include "http/route.h"

struct refusal {
	int status; /* 0: not refused */
	enum err err;
	enum surface surface;
	struct str allowed; /* for 405 */
	int retry_after_s;  /* for 429 and 503; 0: none */
};

/* The status that tells of an error. */
int dispatch_status(enum err err);
/* How errors are told at a path that may have no route: like at the routes that begin the same. */
enum surface dispatch_surface(const struct site *site, struct str path);
/* Fills a whole answer, security headers included. Never fails. */
void dispatch_refuse(const struct site *site, const struct refusal *refusal, struct request *req,
		     struct response *res);

/* As dispatch(), but a sink is left in `res`: true. Then *ret, with the session that began the
 * request, belongs to dispatch_finish(); when the exchange breaks off first, release the session.
 */
bool dispatch_begin(const struct site *site, const struct route *route, struct request *req,
		    struct response *res, struct cx *ret);
struct sink_outcome {
	struct body_sink *sink;
	enum sink_end how;
	enum err taken; /* what take() said last */
};
/* Asks the sink for the answer and gives it back. Never fails. */
void dispatch_finish(const struct site *site, const struct route *route, struct cx *cx,
		     const struct sink_outcome *outcome, struct request *req, struct response *res);
/* The same for a sink whose exchange is over already. */
void dispatch_cut(const struct site *site, const struct sink_outcome *outcome,
		  struct str request_id, struct str remote);
