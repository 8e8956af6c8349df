/* Who may enter a route: access, and no changes by other sites' pages. */
#pragma once

#include "http/route.h"

/* Is there anything a session could be found by? False only for routes that need one. Cheap: asked
 * before a large body is read. */
bool admission_is_thinkable(const struct route *route, const struct request *req);
/* Lets the acting person into cx, or says why not; *ret_status: the status to tell it with, when it
 * is another than the error's. */
enum err admission_judge(struct cx *cx, const struct site *site, const struct route *route,
			 const struct request *req, int *ret_status) MUST_CHECK;
