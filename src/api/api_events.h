/* What happens, while it happens, as server-sent events (WHATWG HTML 9.2). */
#pragma once

#include "http/route.h"

/* GET /api/v1/events[?since=] -> text/event-stream, until the session ends */
enum err api_events(struct cx *cx, const struct request *req, struct response *res) MUST_CHECK;
