/* From `struct response` to libmicrohttpd's, its room in memory until it is read, and
 * its line in the log. */
#pragma once

#include "http/wire.h"

#include <microhttpd.h>

struct str answer_body(const struct response *res);
/* Borrows the body, which must live until the answer is sent. room_bytes: what libmicrohttpd has
 * for its header; when it is too little, the status becomes 431 and nothing else is said. NULL,
 * with a log line, when there is no memory. */
struct MHD_Response *answer_build(struct response *res, size_t room_bytes, bool must_close);
/* Reserves memory until the client has read it. False: there is no room, and the answer can be
 * asked for again. One that tells of something done gets room in any case. */
bool answer_reserve(struct wire *wire, const struct request *req, const struct response *res,
		    struct budget_share *ret);
/* With the client's address when it was refused. */
void answer_log(const struct request *req, const struct response *res, const char *route,
		int64_t time_ms);
