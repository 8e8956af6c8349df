#include "http/feed_parts.h"
#include "http/request.h"

#include <stdlib.h>

struct feeds {
	pthread_mutex_t lock; /* before that of any feed */
	struct wire *wire;
	struct feed *first;
	bool is_ended;
};

enum err feeds_start(struct wire *wire, struct feeds **ret)
{
	struct feeds *feeds = calloc(1, sizeof(*feeds));
	if (feeds == NULL)
		return ERR_UNAVAILABLE;
	feeds->wire = wire;
	pthread_mutex_init(&feeds->lock, NULL);
	*ret = feeds;
	return OK;
}

void feeds_end(struct feeds *feeds)
{
	pthread_mutex_lock(&feeds->lock);
	feeds->is_ended = true;
	for (struct feed *feed = feeds->first; feed; feed = feed->next)
		feed_cut(feed);
	pthread_mutex_unlock(&feeds->lock);
}

void feeds_free(struct feeds *feeds)
{
	if (feeds == NULL)
		return;
	pthread_mutex_destroy(&feeds->lock);
	free(feeds);
}

/* Two pieces, or the whole body if that is less. */
static int64_t held_bytes(const struct body_sink *sink, const struct feed_client *client)
{
	int64_t bytes = 2 * (int64_t)feed_first_bytes(sink, client);
	bool is_known = client->body_bytes != BODY_BYTES_UNKNOWN;
	return is_known && client->body_bytes < bytes ? client->body_bytes : bytes;
}

static enum err enter(struct feeds *feeds, struct feed *feed)
{
	pthread_mutex_lock(&feeds->lock);
	bool is_in = !feeds->is_ended;
	if (is_in) {
		feed->feeds = feeds;
		feed->next = feeds->first;
		if (feeds->first)
			feeds->first->previous = feed;
		feeds->first = feed;
	}
	pthread_mutex_unlock(&feeds->lock);
	return is_in ? OK : ERR_UNAVAILABLE;
}

enum err feed_open(struct feeds *feeds, struct body_sink *sink, const struct feed_client *client,
		   struct feed **ret)
{
	struct feed *feed = NULL;
	enum err err = ERR_BUSY;
	if (budget_reserve(&feeds->wire->bodies, client->share, held_bytes(sink, client))) {
		feed = feed_new(feeds->wire, sink, client);
		err = feed ? enter(feeds, feed) : ERR_UNAVAILABLE;
	}
	if (err != OK) {
		free(feed);
		body_sink_release(sink);
		return err;
	}
	feed->share = *client->share;
	*client->share = (struct budget_share){0};
	*ret = feed;
	return OK;
}

void feed_leave(struct feed *feed)
{
	struct feeds *feeds = feed->feeds;
	pthread_mutex_lock(&feeds->lock);
	if (feed->next)
		feed->next->previous = feed->previous;
	if (feed->previous)
		feed->previous->next = feed->next;
	else
		feeds->first = feed->next;
	pthread_mutex_unlock(&feeds->lock);
	feed_part(feed);
}
