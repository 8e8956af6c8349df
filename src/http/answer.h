/* From `struct response` to libmicrohttpd's. */
#pragma once

#include "http/request.h"

#include <microhttpd.h>

struct str answer_body(const struct response *res);
/* Borrows the body, which must live until the answer is sent. room_bytes: what libmicrohttpd has
 * for its header; when it is too little, the status becomes 431 and nothing else is said. NULL,
 * with a log line, when there is no memory. */
struct MHD_Response *answer_build(struct response *res, size_t room_bytes, bool must_close);
