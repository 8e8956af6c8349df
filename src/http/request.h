/* One HTTP exchange as handlers see it: a parsed request, a response being filled. Nothing of
 * libmicrohttpd shows here. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "http/sink.h"
#include "http/stream.h"

enum method {
	METHOD_GET,
	METHOD_HEAD,
	METHOD_POST,
	METHOD_PUT,
	METHOD_PATCH,
	METHOD_DELETE,
	METHOD_OPTIONS,
	METHOD_OTHER, /* no route has it: 405 */
};

/* "GET"; METHOD_OTHER is "OTHER". */
struct str method_name(enum method method);
/* METHOD_OTHER for anything that is not exactly one of the names. */
enum method method_parse(struct str name);

struct header {
	struct str name; /* as sent; compare with str_eq_nocase */
	struct str value;
};

enum { PATH_PARAMS_MAX = 4, BODY_BYTES_UNKNOWN = -1 };

struct request {
	enum method method; /* HEAD is given to GET handlers, where the path has none of its own;
			       the body is dropped on the way out */
	struct str path;    /* as sent, checked: starts with '/', no control characters; still
			       percent-encoded */
	struct str query;   /* after '?', still encoded */
	struct str params[PATH_PARAMS_MAX]; /* decoded {...} parts of the route's path, in order */
	const struct header *headers;
	size_t header_count;
	struct str body;    /* whole; at most the route's body_max; of BODY_STREAM: empty */
	struct str remote;  /* address of the client as text, without port; a trusted proxy's word
			       for it if so configured */
	struct str id;      /* request id, also in the log and in X-Request-Id */
	int64_t body_bytes; /* Content-Length; BODY_BYTES_UNKNOWN: in chunks; 0: no body */
	bool is_overridden; /* a POST whose X-HTTP-Method-Override says the method */
	bool is_tls;
	struct arena *arena;
};

/* First header of that name; empty view when absent. */
struct str request_header(const struct request *req, const char *name);
/* All headers of that name, in order, as the one list they stand for (RFC 9110 5.3); a copy when
 * there are several. */
struct str request_header_list(const struct request *req, const char *name);
/* Value of a cookie (RFC 6265, strict: token names, no duplicates: the first counts only if it is
 * the only one). */
struct str request_cookie(const struct request *req, const char *name);

struct response {
	int status;              /* 200 unless set */
	struct str content_type; /* "text/html; charset=utf-8" unless set */
	struct buf body;
	struct str static_body;       /* borrowed for ever (embedded asset), instead of body */
	struct stream_source *stream; /* makes the body, instead of both; given away */
	struct body_sink *sink;       /* takes the request's body before there is an answer
					 (BODY_STREAM); given away */
	struct header *headers;       /* further headers, in the request's arena */
	size_t header_count;
	size_t header_capacity;
	struct arena *arena;
	bool is_cacheable; /* public asset; everything else gets Cache-Control: no-store, unless it
			      has its own */
};

/* Frees the body, and the stream and the sink if nobody has taken them. */
void response_release(struct response *res);
/* Adds a header; a control character in value makes it ERR_INTERNAL at sending (and nothing is
 * sent). */
void response_header(struct response *res, const char *name, struct str value);
/* 303 to a path of this portal: must start with '/' and not with "//" (else "/"). */
void response_redirect(struct response *res, struct str path);
