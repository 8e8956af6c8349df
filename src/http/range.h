/* Ranges of a body that can be asked for in parts (RFC 9110 13 and 14): one range at a time, as
 * browsers and download programs do; several are answered with the whole. */
#pragma once

#include "http/request.h"

struct range_plan {
	int status;    /* 200 the whole, 206 a part, 304 not changed, 412 or 416: no body */
	int64_t from;  /* first byte */
	int64_t until; /* after the last one */
};
/* From If-Match, If-None-Match, If-Range (an ETag; a date never matches, there is none to compare
 * it with) and Range, in this order; HEAD like GET. etag: strong, with its quotes. Sets the
 * response's status, ETag, Accept-Ranges, and Content-Range where it belongs. */
struct range_plan range_plan(const struct request *req, struct str etag, int64_t bytes,
			     struct response *res);
