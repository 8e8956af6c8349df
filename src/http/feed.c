#include "http/feed.h"

#include "base/log.h"
#include "http/feed_parts.h"

#include <stdlib.h>
#include <string.h>

enum { DRAW_FROM_BYTES = 4 << 20 }; /* what comes after such a body needs a new connection */

/* Since the last whole one of the sink's pieces. */
static size_t begun_bytes(const struct feed *feed)
{
	return (size_t)(feed->sink->arrived_bytes % feed->sink->piece_bytes);
}

size_t feed_room(const struct feed *feed)
{
	const struct piece *front = &feed->front;
	size_t room = (front->data ? front->room_bytes : feed->piece_bytes) - front->len;
	size_t begun = begun_bytes(feed);
	size_t wanted = begun == 0 && front->len > 0 ? 0 : feed->sink->piece_bytes - begun;
	return room < wanted ? room : wanted;
}

bool feed_has_enough(const struct feed *feed)
{
	const struct piece *front = &feed->front;
	return !feed->is_drawing && front->len > 0 &&
	       (front->len >= feed->enough_bytes || begun_bytes(feed) == 0);
}

void feed_swap(struct feed *feed)
{
	struct piece full = feed->front;
	feed->front = feed->back;
	feed->back = full;
	feed->front.len = 0;
}

void feed_suspend(struct feed *feed)
{
	feed->is_suspended = true;
	feed->is_our_turn = true;
	if (feed->deadline)
		deadline_enter(feed->deadline, PHASE_BUSY);
	MHD_suspend_connection(feed->mhd);
}

static void resume(struct feed *feed)
{
	if (!feed->is_suspended)
		return;
	feed->is_suspended = false;
	MHD_resume_connection(feed->mhd);
}

bool feed_set_to_work(struct feed *feed)
{
	if (feed->is_working)
		return true;
	feed->is_working = pool_submit(feed->workers, &feed->job) == OK;
	return feed->is_working;
}

void feed_stop(struct feed *feed)
{
	feed->is_cut = true;
	resume(feed);
}

/* ---- on a worker ---- */

/* It has held what people send each other. */
void feed_wipe(struct piece *piece)
{
	if (piece->data)
		explicit_bzero(piece->data, piece->used_bytes);
	free(piece->data);
}

static void dispose(struct feed *feed)
{
	budget_release(feed->budget, &feed->share);
	feed_wipe(&feed->front);
	feed_wipe(&feed->back);
	pthread_mutex_destroy(&feed->lock);
	free(feed);
}

static enum err take(struct feed *feed, enum err taken)
{
	if (taken == OK && feed->back.len > 0)
		taken = feed->sink->take(feed->sink, str_bytes(feed->back.data, feed->back.len));
	feed->back.len = 0;
	return taken;
}

/* The connection brings nothing more: what had come is taken still. */
static void settle(struct feed *feed)
{
	enum err taken = take(feed, feed->taken);
	pthread_mutex_lock(&feed->lock);
	feed_swap(feed);
	pthread_mutex_unlock(&feed->lock);
	taken = take(feed, taken);
	const struct sink_outcome outcome = {.sink = feed->sink, .how = SINK_CUT, .taken = taken};
	dispatch_cut(feed->site, &outcome, id_str(&feed->request_id), str_of(feed->remote));
	pthread_mutex_lock(&feed->lock);
	feed->sink = NULL;
	feed->is_working = false;
	feed->is_finished = true;
	bool has_left = feed->has_left;
	pthread_mutex_unlock(&feed->lock);
	if (has_left)
		dispose(feed);
}

enum next {
	NEXT_NOTHING,
	NEXT_AGAIN, /* the server is stopping: no other worker will */
	NEXT_ANSWER,
	NEXT_SETTLE,
};

static enum next choose_next(struct feed *feed)
{
	bool is_wanted = feed->taken == OK && feed->front.len > 0;
	feed->is_working = false;
	if (feed->is_drawing && feed->is_cut)
		return NEXT_NOTHING;
	if (feed->is_cut || feed->has_left) {
		feed->is_working = true;
		return NEXT_SETTLE;
	}
	if (is_wanted && (feed->is_complete || feed_has_enough(feed))) {
		feed_swap(feed);
		if (!feed->is_complete)
			resume(feed);
		if (feed_set_to_work(feed))
			return NEXT_NOTHING;
		feed->is_working = true;
		return NEXT_AGAIN;
	}
	/* Else the I/O thread still has to learn of it. */
	if (!feed->is_suspended)
		return NEXT_NOTHING;
	feed->is_suspended = false;
	feed->is_finished = true;
	return NEXT_ANSWER;
}

static enum next take_and_choose(struct feed *feed, struct feed_result *ret)
{
	enum err taken = take(feed, feed->taken);
	pthread_mutex_lock(&feed->lock);
	feed->taken = taken;
	enum next next = choose_next(feed);
	*ret = (struct feed_result){
		.outcome = {.sink = feed->sink,
			    .how = taken == OK ? SINK_WHOLE : SINK_FULL,
			    .taken = taken},
		.is_seen_whole = feed->is_complete && feed->drawn_bytes == 0,
	};
	if (next == NEXT_ANSWER)
		feed->sink = NULL;
	pthread_mutex_unlock(&feed->lock);
	return next;
}

static void run(struct pool_job *job)
{
	struct feed *feed = (struct feed *)job;
	struct feed_result result;
	enum next next = NEXT_AGAIN;
	log_set_request(id_str(&feed->request_id));
	while (next == NEXT_AGAIN)
		next = take_and_choose(feed, &result);
	if (next == NEXT_SETTLE)
		settle(feed);
	/* The feed may be gone before this returns. */
	if (next == NEXT_ANSWER)
		feed->answer(feed->argument, &result);
	log_set_request(STR_NONE);
}

/* ---- from opening to leaving ---- */

static int fd_of(struct MHD_Connection *mhd)
{
	return MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

size_t feed_first_bytes(const struct body_sink *sink, const struct feed_client *client)
{
	size_t bytes = sink->first_piece_bytes ? sink->first_piece_bytes : sink->piece_bytes;
	bool is_short =
		client->body_bytes != BODY_BYTES_UNKNOWN && (size_t)client->body_bytes < bytes;
	return is_short ? (size_t)client->body_bytes : bytes;
}

struct feed *feed_new(struct wire *wire, struct body_sink *sink, const struct feed_client *client)
{
	struct feed *feed = calloc(1, sizeof(*feed));
	if (feed == NULL)
		return NULL;
	feed->job.run = run;
	feed->site = wire->site;
	feed->workers = wire->sink_workers;
	feed->sink = sink;
	feed->mhd = client->mhd;
	feed->deadline = client->connection ? &client->connection->deadline : NULL;
	feed->answer = client->answer;
	feed->argument = client->argument;
	feed->budget = &wire->bodies;
	feed->request_id = client->request_id;
	memcpy(feed->remote, client->remote.data, client->remote.len);
	feed->enough_bytes = feed_first_bytes(sink, client);
	feed->piece_bytes = feed->enough_bytes;
	feed->left_bytes = client->body_bytes;
	feed->fd = -1;
	if (client->is_plain && client->body_bytes >= DRAW_FROM_BYTES)
		feed->fd = fd_of(client->mhd);
	pthread_mutex_init(&feed->lock, NULL);
	return feed;
}

void feed_cut(struct feed *feed)
{
	pthread_mutex_lock(&feed->lock);
	if (!feed->is_complete && !feed->is_finished) {
		/* If no worker takes it, feed_part() settles it. */
		feed_set_to_work(feed);
		feed_stop(feed);
	}
	pthread_mutex_unlock(&feed->lock);
}

void feed_part(struct feed *feed)
{
	pthread_mutex_lock(&feed->lock);
	feed->has_left = true;
	bool is_finished = feed->is_finished;
	bool is_left_to_worker = !is_finished && feed_set_to_work(feed);
	pthread_mutex_unlock(&feed->lock);
	if (is_finished)
		dispose(feed);
	else if (!is_left_to_worker)
		settle(feed);
}
