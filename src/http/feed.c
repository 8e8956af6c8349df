#include "http/feed.h"

#include "base/log.h"
#include "http/dispatch.h"
#include "http/feed_parts.h"

#include <stdlib.h>
#include <string.h>

/* ---- pieces ---- */

static size_t room(const struct feed *feed)
{
	return feed->piece_bytes - feed->front.len;
}

static bool prepare(struct piece *piece, size_t bytes)
{
	if (piece->data == NULL)
		piece->data = malloc(bytes);
	return piece->data != NULL;
}

static void add(struct piece *piece, struct str bytes)
{
	memcpy(piece->data + piece->len, bytes.data, bytes.len);
	piece->len += bytes.len;
	if (piece->len > piece->used_bytes)
		piece->used_bytes = piece->len;
}

/* It has held what people send each other. */
static void wipe(struct piece *piece)
{
	if (piece->data)
		explicit_bzero(piece->data, piece->used_bytes);
	free(piece->data);
}

static void swap(struct feed *feed)
{
	struct piece full = feed->front;
	feed->front = feed->back;
	feed->back = full;
	feed->front.len = 0;
}

/* ---- between the worker and the I/O thread; the lock is held ---- */

static void suspend(struct feed *feed)
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

/* False: the server is stopping. */
static bool set_to_work(struct feed *feed)
{
	if (feed->is_working)
		return true;
	feed->is_working = pool_submit(feed->workers, &feed->job) == OK;
	return feed->is_working;
}

static void cut(struct feed *feed)
{
	feed->is_cut = true;
	resume(feed);
}

/* ---- on a worker ---- */

static void dispose(struct feed *feed)
{
	budget_release(feed->budget, &feed->share);
	wipe(&feed->front);
	wipe(&feed->back);
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
	swap(feed);
	pthread_mutex_unlock(&feed->lock);
	taken = take(feed, taken);
	dispatch_cut(feed->site, feed->sink, taken, id_str(&feed->request_id),
		     str_of(feed->remote));
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
	NEXT_ANSWER,
	NEXT_SETTLE,
};

static enum next choose_next(struct feed *feed)
{
	bool is_wanted = feed->taken == OK && feed->front.len > 0;
	feed->is_working = false;
	if (feed->is_cut || feed->has_left) {
		feed->is_working = true;
		return NEXT_SETTLE;
	}
	if (is_wanted && (feed->is_complete || room(feed) == 0)) {
		swap(feed);
		if (!set_to_work(feed))
			cut(feed);
		else if (!feed->is_complete)
			resume(feed);
		return NEXT_NOTHING;
	}
	/* Else the I/O thread still has to learn of it. */
	if (!feed->is_suspended)
		return NEXT_NOTHING;
	feed->is_suspended = false;
	feed->is_finished = true;
	return NEXT_ANSWER;
}

static void run(struct pool_job *job)
{
	struct feed *feed = (struct feed *)job;
	log_set_request(id_str(&feed->request_id));
	enum err taken = take(feed, feed->taken);
	pthread_mutex_lock(&feed->lock);
	feed->taken = taken;
	enum next next = choose_next(feed);
	struct body_sink *sink = feed->sink;
	const struct feed_client client = {.answer = feed->answer, .argument = feed->argument};
	if (next == NEXT_ANSWER)
		feed->sink = NULL;
	pthread_mutex_unlock(&feed->lock);
	if (next == NEXT_SETTLE)
		settle(feed);
	/* The feed may be gone before this returns. */
	if (next == NEXT_ANSWER)
		client.answer(client.argument, sink, taken == OK ? SINK_WHOLE : SINK_FULL, taken);
	log_set_request(STR_NONE);
}

/* ---- on the I/O thread ---- */

/* The client's turn again. */
static void enter_body(struct feed *feed)
{
	if (feed->is_our_turn && feed->deadline)
		deadline_enter(feed->deadline, PHASE_BODY);
	feed->is_our_turn = false;
}

/* Suspends until a worker has made the answer. */
static void ask_for_answer(struct feed *feed)
{
	suspend(feed);
	if (feed->is_working)
		return;
	if (feed->taken == OK)
		swap(feed);
	if (!set_to_work(feed))
		cut(feed);
}

static void fill(struct feed *feed, struct str *bytes)
{
	while (bytes->len > 0 && !feed->is_cut) {
		if (room(feed) == 0 && feed->is_working) {
			/* Both are full. The worker goes on with this one, and resumes. */
			suspend(feed);
			return;
		}
		if (!prepare(&feed->front, feed->piece_bytes)) {
			cut(feed);
			return;
		}
		size_t count = bytes->len < room(feed) ? bytes->len : room(feed);
		add(&feed->front, str_slice(*bytes, 0, count));
		*bytes = str_slice(*bytes, count, bytes->len);
		if (room(feed) > 0 || feed->is_working)
			continue;
		swap(feed);
		if (!set_to_work(feed))
			cut(feed);
	}
}

static bool give(struct feed *feed, struct str *bytes)
{
	if (feed->is_cut)
		return false;
	if (feed->taken != OK) {
		ask_for_answer(feed);
		return true;
	}
	size_t before = bytes->len;
	enter_body(feed);
	fill(feed, bytes);
	feed->sink->arrived_bytes += before - bytes->len;
	return !feed->is_cut;
}

bool feed_give(struct feed *feed, struct str *bytes)
{
	pthread_mutex_lock(&feed->lock);
	bool is_good = give(feed, bytes);
	pthread_mutex_unlock(&feed->lock);
	return is_good;
}

bool feed_complete(struct feed *feed)
{
	pthread_mutex_lock(&feed->lock);
	bool is_good = !feed->is_cut;
	feed->is_complete = true;
	if (is_good)
		ask_for_answer(feed);
	pthread_mutex_unlock(&feed->lock);
	return is_good;
}

/* ---- from opening to leaving ---- */

struct feed *feed_new(struct wire *wire, struct body_sink *sink, const struct feed_client *client)
{
	struct feed *feed = calloc(1, sizeof(*feed));
	if (feed == NULL)
		return NULL;
	bool is_short = client->body_bytes != BODY_BYTES_UNKNOWN &&
			(size_t)client->body_bytes < sink->piece_bytes;
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
	feed->piece_bytes = is_short ? (size_t)client->body_bytes : sink->piece_bytes;
	pthread_mutex_init(&feed->lock, NULL);
	return feed;
}

void feed_cut(struct feed *feed)
{
	pthread_mutex_lock(&feed->lock);
	if (!feed->is_complete && !feed->is_finished) {
		/* If no worker takes it, feed_part() settles it. */
		set_to_work(feed);
		cut(feed);
	}
	pthread_mutex_unlock(&feed->lock);
}

void feed_part(struct feed *feed)
{
	pthread_mutex_lock(&feed->lock);
	feed->has_left = true;
	bool is_finished = feed->is_finished;
	bool is_left_to_worker = !is_finished && set_to_work(feed);
	pthread_mutex_unlock(&feed->lock);
	if (is_finished)
		dispose(feed);
	else if (!is_left_to_worker)
		settle(feed);
}
