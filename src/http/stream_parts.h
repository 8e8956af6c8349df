/* For http/stream*.c: one stream from the inside.
 *
 *   produce() -> back ... swapped when front was read ... front -> libmicrohttpd
 *
 * The worker that produces has `back` to itself; everything else is behind the lock. The connection
 * is suspended while there is nothing to send, and nobody but who resumes it may touch it then. */
#pragma once

#include "http/pool.h"
#include "http/streams.h"

#include <pthread.h>

struct stream {
	struct pool_job job;
	struct stream *next, *previous; /* of all; behind the lock of all */
	struct streams *streams;
	struct pool *workers;
	struct stream_source *source;
	struct network network;
	struct network user;
	bool is_network_counted;
	bool is_user_counted;
	struct id request_id;
	struct MHD_Connection *mhd;
	struct deadline *deadline; /* NULL: none */
	int fd;
	bool is_chunked; /* else a body of unknown length ends with the connection */

	pthread_mutex_t lock;
	struct buf front, back;
	size_t read_bytes; /* of front */
	bool is_back_full;
	bool is_producing; /* by a worker, or queued for one */
	bool is_waiting;   /* until it is woken */
	bool is_woken;     /* while it was producing */
	bool is_suspended;
	bool is_our_turn; /* the client is not to blame that nothing comes */
	bool is_over;     /* nothing will be produced any more */
	bool has_failed;
	bool has_left; /* its exchange is over; the worker that produces disposes of it */
	int64_t produced_ms;
	int64_t sent_bytes;
	/* Of the timer thread: */
	uint64_t seen_acked;
	int64_t seen_ms; /* when everything was read, or more of it */
};

/* NULL: no memory, and the source is still the caller's. */
struct stream *stream_new(struct stream_source *source, struct pool *workers);
/* Asks again what has waited for long, and stops what nobody reads. */
void stream_look(struct stream *stream, int64_t now_ms, int unread_ms);
void stream_end(struct stream *stream, bool has_failed);
/* From here on it is gone, or will be as soon as a worker has finished with it. */
void stream_part(struct stream *stream);
