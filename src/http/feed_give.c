/* What the I/O thread does for a feed. */
#include "http/feed.h"
#include "http/feed_parts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { DRAWS_PER_TURN = 8 }; /* then others have theirs */

static bool prepare(struct piece *piece, size_t bytes)
{
	if (piece->data && (piece->len > 0 || piece->room_bytes >= bytes))
		return true;
	feed_wipe(piece);
	*piece = (struct piece){.data = malloc(bytes), .room_bytes = bytes};
	return piece->data != NULL;
}

/* Its client waits for us. */
static void widen(struct feed *feed)
{
	size_t bytes = feed->sink->piece_bytes;
	bool is_long = feed->left_bytes == BODY_BYTES_UNKNOWN || feed->left_bytes > (int64_t)bytes;
	if (is_long && feed->piece_bytes < bytes &&
	    budget_reserve(feed->budget, &feed->share, 2 * (int64_t)bytes))
		feed->piece_bytes = bytes;
}

static void grow(struct piece *piece, size_t bytes)
{
	piece->len += bytes;
	if (piece->len > piece->used_bytes)
		piece->used_bytes = piece->len;
}

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
	feed_suspend(feed);
	if (feed->is_working)
		return;
	if (feed->taken == OK)
		feed_swap(feed);
	if (!feed_set_to_work(feed))
		feed_stop(feed);
}

/* False: there is no room now, and the connection is suspended or cut. */
static bool make_room(struct feed *feed)
{
	if (feed_room(feed) == 0) {
		/* Both are full. The worker goes on with this one, and resumes. */
		widen(feed);
		feed_suspend(feed);
		return false;
	}
	if (!prepare(&feed->front, feed->piece_bytes))
		feed_stop(feed);
	return !feed->is_cut;
}

static void hand_over(struct feed *feed)
{
	if (feed->is_working || !feed_has_enough(feed))
		return;
	feed_swap(feed);
	if (!feed_set_to_work(feed))
		feed_stop(feed);
}

/* So much more of the body stands in front now. */
static void arrive(struct feed *feed, size_t bytes)
{
	grow(&feed->front, bytes);
	feed->sink->arrived_bytes += bytes;
	if (feed->left_bytes != BODY_BYTES_UNKNOWN)
		feed->left_bytes -= (int64_t)bytes;
	if (feed->deadline)
		deadline_count_body(feed->deadline, bytes);
	hand_over(feed);
}

static void fill(struct feed *feed, struct str *bytes)
{
	while (bytes->len > 0 && make_room(feed)) {
		size_t count = bytes->len < feed_room(feed) ? bytes->len : feed_room(feed);
		memcpy(feed->front.data + feed->front.len, bytes->data, count);
		*bytes = str_slice(*bytes, count, bytes->len);
		arrive(feed, count);
	}
}

static void complete(struct feed *feed)
{
	feed->is_complete = true;
	ask_for_answer(feed);
}

/* Of what the socket holds. The end of a broken connection is left for libmicrohttpd to find. */
static size_t draw(const struct feed *feed)
{
	size_t count = feed_room(feed);
	if ((int64_t)count > feed->left_bytes)
		count = (size_t)feed->left_bytes;
	ssize_t got = recv(feed->fd, feed->front.data + feed->front.len, count, MSG_DONTWAIT);
	return got > 0 ? (size_t)got : 0;
}

static void take_in(struct feed *feed, size_t bytes)
{
	feed->drawn_bytes += (int64_t)bytes;
	arrive(feed, bytes);
	if (feed->left_bytes == 0)
		complete(feed);
}

/* Not locked while it reads: a worker may want to go on. False: that was all for now. */
static bool draw_some(struct feed *feed)
{
	pthread_mutex_lock(&feed->lock);
	bool is_wanted = !feed->is_cut && feed->taken == OK && make_room(feed);
	feed->is_drawing = is_wanted;
	pthread_mutex_unlock(&feed->lock);
	if (!is_wanted)
		return false;
	size_t bytes = draw(feed);
	pthread_mutex_lock(&feed->lock);
	feed->is_drawing = false;
	if (bytes > 0)
		take_in(feed, bytes);
	else
		hand_over(feed);
	if (feed->is_cut)
		(void)feed_set_to_work(feed);
	bool is_more = bytes > 0 && feed->left_bytes > 0;
	pthread_mutex_unlock(&feed->lock);
	return is_more;
}

/* What libmicrohttpd read of the next request, for it cannot know better. */
static void ignore_beyond(const struct feed *feed, struct str *bytes)
{
	if (feed->drawn_bytes > 0 && (int64_t)bytes->len > feed->left_bytes)
		*bytes = str_slice(*bytes, 0, (size_t)feed->left_bytes);
}

static bool give(struct feed *feed, struct str *bytes)
{
	if (feed->is_cut)
		return false;
	if (feed->taken != OK) {
		ask_for_answer(feed);
		return true;
	}
	enter_body(feed);
	ignore_beyond(feed, bytes);
	fill(feed, bytes);
	if (feed->left_bytes == 0 && feed->drawn_bytes > 0 && !feed->is_cut)
		complete(feed);
	return !feed->is_cut;
}

bool feed_give(struct feed *feed, struct str *bytes)
{
	pthread_mutex_lock(&feed->lock);
	bool is_good = give(feed, bytes);
	bool is_drawn = is_good && bytes->len == 0 && feed->fd >= 0 && feed->left_bytes > 0;
	pthread_mutex_unlock(&feed->lock);
	for (int i = 0; is_drawn && i < DRAWS_PER_TURN; i++)
		is_drawn = draw_some(feed);
	return is_good;
}

bool feed_complete(struct feed *feed)
{
	pthread_mutex_lock(&feed->lock);
	bool is_good = !feed->is_cut;
	if (is_good)
		complete(feed);
	pthread_mutex_unlock(&feed->lock);
	return is_good;
}
