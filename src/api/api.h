/* The JSON API (P9): its routes, and what the dispatcher asks of it. Described for programs in
 * docs/API.md. */
#pragma once

#include "http/route.h"

extern const struct route api_routes[];
extern const size_t api_route_count;

/* Opens the session of `Authorization: Bearer TOKEN`; without one that lives cx->session stays
 * NULL. */
enum err api_authenticate(struct cx *cx, const struct request *req,
			  enum surface surface) MUST_CHECK;
/* Every refusal as problem+json. */
void api_refuse(struct cx *cx, const struct request *req, struct response *res,
		enum surface surface, enum err err);
