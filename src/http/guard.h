/* Refuses what two HTTP parsers could read differently (request smuggling, RFC 9112 11.2):
 * libmicrohttpd alone accepts Content-Length with Transfer-Encoding, two lengths, folded headers,
 * NUL in values and more. */
#pragma once

#include "http/request.h"

/* libmicrohttpd keeps a request's header, its cookies once more, and the header of the answer in
 * one pool per connection, and writes over the whole pool after each request. So the size decides
 * both what 10,000 idle connections cost (measured: 0.7 KB more than this each) and how long a
 * header may be. */
enum {
	GUARD_POOL_BYTES = 11 * 1024 + 512,
	GUARD_ANSWER_BYTES =
		1536, /* for the header of the answer: security headers, a cookie, a redirect */
};

/* A header as it arrived. All views but target point into one buffer. */
struct message_head {
	struct str method;
	struct str target;     /* path and query */
	const char *target_at; /* where the target lay in the buffer; libmicrohttpd has cut it up
				  there */
	struct str version;    /* "HTTP/1.1" */
	struct header *headers;
	size_t header_count;
	size_t bytes; /* all of it, with the empty line */
};

struct framing {
	bool has_body;
	bool is_chunked;
	int64_t content_length; /* -1: not told */
};

/* As struct request tells of it. */
int64_t guard_body_bytes(const struct framing *framing);
/* 0, or the HTTP status of the refusal: 400, 414, 431, 505. The connection must be closed after it.
 */
int guard_refusal(const struct message_head *head, struct framing *ret);
/* What the header takes of the pool. */
size_t guard_pool_bytes(const struct message_head *head);
/* Whether the lines lie in memory exactly as a strict sender would have sent them. libmicrohttpd
 * parses in place, so a gap is a NUL, a folded line, a bare LF or a doubled space. */
bool guard_is_contiguous(const struct message_head *head);
