/* From `struct response` to libmicrohttpd's, its room in memory until it is read, and
 * its line in the log. */
#pragma once

#include "http/streams.h"
#include "http/wire.h"

#include <microhttpd.h>

struct str answer_body(const struct response *res);
/* Borrows the body, or the stream that makes it (NULL: none), which must live until the answer is
 * sent. room_bytes: what libmicrohttpd has for its header; when it is too little, the status
 * becomes 431 and nothing else is said. NULL, with a log line, when there is no memory. */
struct MHD_Response *answer_build(struct response *res, struct stream *stream, size_t room_bytes,
				  bool must_close);
/* One that tells of something done can not: it gets its room in any case. */
bool answer_can_be_asked_for_again(const struct request *req, const struct response *res);
/* Reserves memory until the client has read it. False: there is no room, and it may be refused. */
bool answer_reserve(struct wire *wire, const struct request *req, int64_t bytes, bool may_refuse,
		    struct budget_share *ret);
/* With the client's address when it was refused. */
void answer_log(const struct request *req, const struct response *res, const char *route,
		int64_t time_ms);
