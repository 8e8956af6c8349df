/* Was an unsafe request sent by one of our own pages? */
#pragma once

#include "http/request.h"

/* By Sec-Fetch-Site, else Origin, else Referer; with none of them the answer is no. Browsers send
 * Sec-Fetch-Site only to https and localhost, and `Origin: null` from pages with Referrer-Policy:
 * no-referrer (Fetch 3.2 "append a request Origin header"), which is why ours say same-origin. */
bool origin_is_own(const struct request *req, struct str public_origin);
