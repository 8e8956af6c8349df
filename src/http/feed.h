/* One request's body on its way into a sink.
 *
 *   libmicrohttpd -> front ... swapped when it is full ... back -> take()
 *
 * The connection is suspended while both are full, and while the answer is made.
 *
 * libmicrohttpd reads 5 KB at a time here (guard.h): of a long body only the beginning, the rest is
 * read from the socket into the piece itself. That takes a third of the time (measured: 3.0 GB/s,
 * not 1.6), but libmicrohttpd then waits for the rest for ever, and has to be closed. */
#pragma once

#include "http/connection.h"
#include "http/dispatch.h"

#include <microhttpd.h>

struct feed;
struct feeds; /* all of a server */

struct feed_result {
	struct sink_outcome outcome; /* the sink is the callee's now */
	bool is_seen_whole;          /* by libmicrohttpd; else it will send no answer */
};

struct feed_client {
	struct MHD_Connection *mhd;
	struct connection *connection; /* may be NULL */
	struct str remote;
	struct id request_id;
	int64_t body_bytes;         /* BODY_BYTES_UNKNOWN: nobody knows */
	struct budget_share *share; /* opened for the client; taken over */
	bool is_plain;              /* no TLS: the socket's bytes are the body's */
	/* On a worker, once, while the connection is suspended, which it resumes: the sink is to be
	 * asked for the answer (dispatch_finish()). Not called when the exchange breaks off. */
	void (*answer)(void *argument, const struct feed_result *result);
	void *argument;
};

/* `wire` is borrowed until feeds_free(). */
enum err feeds_start(struct wire *wire, struct feeds **ret) MUST_CHECK;
/* Cuts every one that has not come whole, and every one that is opened from now on: settled on
 * workers. */
void feeds_end(struct feeds *feeds);
/* When no feed is left. NULL is fine. */
void feeds_free(struct feeds *feeds);

/* Takes the sink, also when it fails. ERR_BUSY: no room in memory now. ERR_UNAVAILABLE: the server
 * is stopping. */
enum err feed_open(struct feeds *feeds, struct body_sink *sink, const struct feed_client *client,
		   struct feed **ret) MUST_CHECK;

/* The rest is called by the I/O thread. */

/* Takes of *bytes what there is room for; when something is left, the connection is suspended now.
 * False: it was cut, close the connection. */
bool feed_give(struct feed *feed, struct str *bytes);
/* That was the whole body: the connection is suspended until the answer is made. False: close. */
bool feed_complete(struct feed *feed);
/* The exchange is over. From here on it is gone, or will be when a worker has settled it. */
void feed_leave(struct feed *feed);
