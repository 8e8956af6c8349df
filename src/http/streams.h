/* All streams of a server: how many there may be, which clients have left, and their end. */
#pragma once

#include "http/connection.h"
#include "http/stream.h"

#include <microhttpd.h>

struct streams;

struct stream_limits {
	int streams;
	int per_network;
	int per_user;
	int unread_ms; /* a live stream that leaves what it was sent unread for longer is cut */
};

struct stream_workers {
	struct pool *live;
	struct pool *bulk;
};

/* Both borrowed until streams_free(). */
enum err streams_start(const struct stream_limits *limits, const struct stream_workers *workers,
		       struct streams **ret) MUST_CHECK;
/* Ends all that live on and, with is_all, the unfinished too; and every one that is opened from now
 * on. Their connections close soon. */
void streams_end(struct streams *streams, bool is_all);
/* When no stream is left. NULL is fine. */
void streams_free(struct streams *streams);

/* Takes the source, also when it fails. `network` NULL: not counted for one. ERR_BUSY: there are
 * too many. */
enum err stream_open(struct streams *streams, struct stream_source *source,
		     const struct network *network, struct str request_id,
		     struct stream **ret) MUST_CHECK;
/* Before the connection's answer is queued; `connection` may be NULL.
 * may_be_chunked: HTTP/1.1. */
void stream_attach(struct stream *stream, struct MHD_Connection *mhd, struct connection *connection,
		   bool may_be_chunked);
/* The header and body for libmicrohttpd. NULL: no memory. */
struct MHD_Response *stream_response(struct stream *stream);
/* What it may hold in memory. */
int64_t stream_bytes(const struct stream *stream);
/* Its exchange is over. From here on it is gone. */
void stream_leave(struct stream *stream);
