/* The headers that tell browsers what Postern's answers may do. On every answer, errors included.
 */
#pragma once

#include "http/route.h"

void security_headers(const struct site *site, const struct request *req, struct response *res);
