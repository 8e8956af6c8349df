/* A request whose body is taken piece by piece while it comes: an upload. The counterpart of
 * http/stream.h. The handler of such a route (BODY_STREAM) runs when the header is there, before
 * any of the body: it either answers at once (a refusal; the body is not read, the connection
 * closes) or puts a sink into `struct response` and returns OK. Workers then give the body to the
 * sink, and in the end ask it for the answer. No thread waits for a slow client, and no more than
 * two pieces are in memory. */
#pragma once

#include "base/err.h"
#include "base/str.h"

struct cx;
struct request;
struct response;

enum sink_end {
	SINK_WHOLE, /* all of the body was given to take() */
	SINK_CUT,   /* the connection broke, was too slow, or the server stops */
	SINK_FULL,  /* take() failed: nothing more was given */
};

/* The first member of whatever the consumer needs; on the heap. */
struct body_sink {
	size_t piece_bytes; /* take() is given so many at a time at most;
			       LIMIT_SINK_PIECE_BYTES at most */
	/* Of the first ones, so that many slow clients at once have room; 0: the same. A client
	   that is faster than take() is given more, if there is. */
	size_t first_piece_bytes;
	/* What the connection has brought so far, also what take() has not seen yet: tells a slow
	 * client from a dead one. Any thread may look. */
	_Atomic uint64_t arrived_bytes;
	/* Called by workers, never by two at once. Also what had come when the connection broke is
	 * given still. An error ends the taking; the answer is made by finish(), the rest of the
	 * body is read and dropped as far as that is cheap. */
	enum err (*take)(struct body_sink *sink, struct str bytes);
	/* Called once, after the last take(), on a worker. `taken`: what take() said last. With
	 * SINK_CUT nobody reads the answer, and req and res are NULL, cx without a session. Else it
	 * fills the answer as a handler does; the session that began the request is in cx. */
	enum err (*finish)(struct body_sink *sink, enum sink_end end, enum err taken, struct cx *cx,
			   const struct request *req, struct response *res);
	/* Called once, when it is over, however it ended: gives everything back, the sink too. */
	void (*release)(struct body_sink *sink);
};

/* Gives back a sink that nobody has taken. NULL is fine. */
void body_sink_release(struct body_sink *sink);
