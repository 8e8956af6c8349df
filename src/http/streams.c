#include "http/streams.h"

#include "base/clock.h"
#include "base/condition.h"
#include "base/log.h"
#include "http/stream_parts.h"
#include "http/tally.h"

#include <stdlib.h>
#include <string.h>

enum { LOOK_EVERY_MS = 1000, LOOKS_PER_LIMIT = 4 };

struct streams {
	pthread_mutex_t lock; /* before that of any stream */
	pthread_cond_t stopping;
	pthread_t timer;
	struct stream_limits limits;
	struct stream_workers workers;
	struct tally *networks;
	struct tally *users;
	struct stream *first;
	int count;
	bool is_ending; /* live ones end as they are opened */
	bool is_ended;  /* all do */
	bool is_stopped;
};

static void look_at_all(struct streams *streams)
{
	int64_t now_ms = clock_monotonic_ms();
	for (struct stream *stream = streams->first; stream; stream = stream->next)
		stream_look(stream, now_ms, streams->limits.unread_ms);
}

static int look_every_ms(const struct stream_limits *limits)
{
	int ms = limits->unread_ms / LOOKS_PER_LIMIT + 1;
	return ms < LOOK_EVERY_MS ? ms : LOOK_EVERY_MS;
}

static void *watch(void *argument)
{
	struct streams *streams = argument;
	int every_ms = look_every_ms(&streams->limits);
	pthread_mutex_lock(&streams->lock);
	while (!streams->is_stopped) {
		struct timespec until = condition_deadline(every_ms);
		pthread_cond_timedwait(&streams->stopping, &streams->lock, &until);
		look_at_all(streams);
	}
	pthread_mutex_unlock(&streams->lock);
	return NULL;
}

static void release(struct streams *streams)
{
	tally_free(streams->networks);
	tally_free(streams->users);
	pthread_cond_destroy(&streams->stopping);
	pthread_mutex_destroy(&streams->lock);
	free(streams);
}

static enum err start(struct streams *streams)
{
	TRY(tally_new(&streams->networks));
	TRY(tally_new(&streams->users));
	return pthread_create(&streams->timer, NULL, watch, streams) == 0 ? OK : ERR_UNAVAILABLE;
}

enum err streams_start(const struct stream_limits *limits, const struct stream_workers *workers,
		       struct streams **ret)
{
	struct streams *streams = calloc(1, sizeof(*streams));
	if (streams == NULL)
		return ERR_UNAVAILABLE;
	streams->limits = *limits;
	streams->workers = *workers;
	pthread_mutex_init(&streams->lock, NULL);
	condition_init(&streams->stopping);
	enum err err = start(streams);
	if (err != OK)
		release(streams);
	else
		*ret = streams;
	return err;
}

void streams_end(struct streams *streams, bool is_all)
{
	pthread_mutex_lock(&streams->lock);
	streams->is_ending = true;
	streams->is_ended = is_all;
	for (struct stream *stream = streams->first; stream; stream = stream->next) {
		bool is_live = stream->source->kind == STREAM_LIVE;
		if (is_live || is_all)
			stream_end(stream, !is_live);
	}
	pthread_mutex_unlock(&streams->lock);
}

void streams_free(struct streams *streams)
{
	if (streams == NULL)
		return;
	pthread_mutex_lock(&streams->lock);
	streams->is_stopped = true;
	pthread_cond_signal(&streams->stopping);
	pthread_mutex_unlock(&streams->lock);
	pthread_join(streams->timer, NULL);
	release(streams);
}

/* ---- opening and leaving; the lock is held ---- */

static bool count_network(struct streams *streams, struct stream *stream,
			  const struct network *network)
{
	if (network == NULL)
		return true;
	stream->network = *network;
	stream->is_network_counted =
		tally_add(streams->networks, network, 1, streams->limits.per_network);
	return stream->is_network_counted;
}

static bool count_user(struct streams *streams, struct stream *stream)
{
	const struct id *id = &stream->source->user_id;
	if (id_is_empty(id))
		return true;
	id_to_bytes(id, stream->user.bytes);
	stream->is_user_counted =
		tally_add(streams->users, &stream->user, 1, streams->limits.per_user);
	return stream->is_user_counted;
}

static void give_back(struct streams *streams, struct stream *stream)
{
	if (stream->is_network_counted)
		tally_subtract(streams->networks, &stream->network, 1);
	if (stream->is_user_counted)
		tally_subtract(streams->users, &stream->user, 1);
	stream->is_network_counted = stream->is_user_counted = false;
}

static bool enter(struct streams *streams, struct stream *stream, const struct network *network)
{
	bool is_live = stream->source->kind == STREAM_LIVE;
	if (streams->count >= streams->limits.streams || !count_network(streams, stream, network) ||
	    !count_user(streams, stream)) {
		give_back(streams, stream);
		return false;
	}
	stream->streams = streams;
	stream->next = streams->first;
	if (streams->first)
		streams->first->previous = stream;
	streams->first = stream;
	streams->count++;
	if (streams->is_ended || (streams->is_ending && is_live))
		stream_end(stream, !is_live);
	return true;
}

enum err stream_open(struct streams *streams, struct stream_source *source,
		     const struct network *network, struct str request_id, struct stream **ret)
{
	bool is_live = source->kind == STREAM_LIVE;
	struct stream *stream =
		stream_new(source, is_live ? streams->workers.live : streams->workers.bulk);
	if (stream == NULL) {
		stream_source_release(source);
		return ERR_UNAVAILABLE;
	}
	if (id_parse(request_id, &stream->request_id) != OK)
		stream->request_id = (struct id){""};
	pthread_mutex_lock(&streams->lock);
	bool is_in = enter(streams, stream, network);
	pthread_mutex_unlock(&streams->lock);
	if (!is_in) {
		stream_part(stream);
		return ERR_BUSY;
	}
	*ret = stream;
	return OK;
}

void stream_leave(struct stream *stream)
{
	struct streams *streams = stream->streams;
	pthread_mutex_lock(&streams->lock);
	if (stream->next)
		stream->next->previous = stream->previous;
	if (stream->previous)
		stream->previous->next = stream->next;
	else
		streams->first = stream->next;
	streams->count--;
	give_back(streams, stream);
	pthread_mutex_unlock(&streams->lock);
	stream_part(stream);
}
