/* The headers that tell browsers what Postern's answers may do. On every answer, errors included.
 */
#pragma once

#include "http/route.h"

/* What a page may do. A handler that sets this header itself says something else for its answer. */
#define SECURITY_CSP                                                                               \
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src "       \
	"'self'; "                                                                                 \
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "        \
	"object-src 'none'; require-trusted-types-for 'script'"

void security_headers(const struct site *site, const struct request *req, struct response *res);
