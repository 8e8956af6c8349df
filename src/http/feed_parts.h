/* For http/feed*.c: one feed from the inside. The worker that takes has `back` to itself;
 * everything else is behind the lock. */
#pragma once

#include "http/feed.h"
#include "http/pool.h"

#include <pthread.h>

struct piece {
	char *data; /* NULL until it is needed */
	size_t room_bytes, len;
	size_t used_bytes; /* of its memory, ever */
};

struct feed {
	struct pool_job job;
	struct feed *next, *previous; /* of all; behind the lock of all */
	struct feeds *feeds;
	const struct site *site;
	struct pool *workers;
	struct body_sink *sink; /* NULL: somebody has it who asks for the answer */
	struct MHD_Connection *mhd;
	struct deadline *deadline; /* NULL: none */
	void (*answer)(void *argument, const struct feed_result *result);
	void *argument;
	struct budget *budget;
	struct budget_share share;
	struct id request_id;
	char remote[NETWORK_TEXT_BYTES];
	size_t enough_bytes; /* for an idle worker to begin with */
	size_t piece_bytes;  /* of the next ones: first so many, then what the sink takes */
	int fd;              /* to be read from directly; -1: not */
	int64_t left_bytes;  /* of the body; BODY_BYTES_UNKNOWN: nobody knows */
	int64_t drawn_bytes; /* that libmicrohttpd has not seen */

	pthread_mutex_t lock;
	struct piece front, back;
	enum err taken;    /* what take() said last */
	bool is_complete;  /* nothing more comes, and that is the whole */
	bool is_cut;       /* nothing more comes */
	bool is_working;   /* a worker, or queued for one */
	bool is_drawing;   /* the I/O thread writes into front, without the lock */
	bool is_suspended; /* its connection */
	bool is_our_turn;  /* the client is not to blame that nothing comes */
	bool is_finished;  /* the sink was asked for the answer */
	bool has_left;     /* its exchange is over; a worker that has it disposes of it */
};

/* Of the first pieces. */
size_t feed_first_bytes(const struct body_sink *sink, const struct feed_client *client);
/* NULL: no memory; the sink and the share are still the caller's. */
struct feed *feed_new(struct wire *wire, struct body_sink *sink, const struct feed_client *client);
/* From any thread: brings nothing more, unless it has come whole. */
void feed_cut(struct feed *feed);
void feed_part(struct feed *feed);

/* The lock is held. */

/* Left in front. It ends where a whole piece of the sink's does, so that all whole ones are taken
 * when a client falls silent behind them. */
size_t feed_room(const struct feed *feed);
/* In front, for a worker; not while somebody writes into it. */
bool feed_has_enough(const struct feed *feed);
void feed_swap(struct feed *feed);
void feed_suspend(struct feed *feed);
/* False: the server is stopping. */
bool feed_set_to_work(struct feed *feed);
/* Wipes it and gives it back. */
void feed_wipe(struct piece *piece);
/* Nothing more is taken in. */
void feed_stop(struct feed *feed);
