/* A response whose body is made piece by piece while the client reads it: events as they happen, a
 * file, an export. A handler puts a source into `struct response`; from then on workers ask it for
 * the next piece whenever there is room. No thread waits for a slow client or for news, and no more
 * than two pieces are in memory. */
#pragma once

#include "base/buf.h"
#include "base/id.h"

struct stream; /* one that is being sent */

enum stream_kind {
	STREAM_BULK, /* made as fast as the client reads; ends by itself */
	STREAM_LIVE, /* now and then there is something to say, until one of the two leaves */
};

enum stream_next {
	STREAM_MORE, /* ask again when there is room */
	STREAM_WAIT, /* ask again after stream_wake(), or after tick_ms */
	STREAM_END,
};

enum { STREAM_LENGTH_UNKNOWN = -1 };

/* The first member of whatever the producer needs; on the heap, as it outlives the request. */
struct stream_source {
	enum stream_kind kind;
	int64_t length;     /* of the whole body, for Content-Length; or STREAM_LENGTH_UNKNOWN */
	size_t piece_bytes; /* at most so many a time, LIMIT_STREAM_PIECE_BYTES at most */
	int tick_ms;        /* asked at least so often while it waits; 0: never */
	struct id user_id;  /* whom it counts for; empty: nobody */
	/* Adds the next piece to `piece`, which is empty. Called by workers, never by two at once.
	 * An error cuts the connection, so that nobody takes the half for the whole. */
	enum err (*produce)(struct stream_source *source, struct buf *piece, enum stream_next *ret);
	/* Called once, by any thread, when it is over, however it ended: gives everything back,
	 * the source too. Must not take long. */
	void (*release)(struct stream_source *source);
	struct stream *stream; /* set before produce() is called first */
};

/* Gives back a source that nobody will ask any more. NULL is fine. */
void stream_source_release(struct stream_source *source);
/* There is something to produce: ends a STREAM_WAIT, also one that is just being returned. From
 * any thread, between the first produce() and release(). NULL is fine. */
void stream_wake(struct stream *stream);
/* Ends it unfinished, and at once: what waits in our buffers is not sent any more, however slowly
 * the client reads. From any thread, between the first produce() and release(); release() follows.
 * NULL is fine. */
void stream_cut(struct stream *stream);
