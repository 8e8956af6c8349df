#include "core/live.h"

#include "base/limits.h"
#include "base/random.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 4096 };

struct live_listener {
	struct live_listener *next; /* in its bucket */
	struct live *live;
	struct id user_id;
	void (*wake)(void *argument);
	void *argument;
	struct live_event events[LIMIT_LIVE_EVENTS];
	size_t count;
	bool must_check;
};

/* Who was told something lately, so that a window that comes back learns whether it missed
 * anything. */
struct recent {
	struct id user_id;
	int64_t number;
};

struct live {
	pthread_mutex_t lock;
	struct id run;  /* numbers mean nothing to another process */
	uint64_t seed;  /* nobody may choose ids that meet in one bucket */
	int64_t number; /* of the last event */
	struct recent recent[LIMIT_LIVE_RECENT];
	struct live_listener *buckets[BUCKETS];
};

enum err live_new(struct live **ret)
{
	struct live *live = calloc(1, sizeof(*live));
	if (live == NULL)
		return ERR_UNAVAILABLE;
	pthread_mutex_init(&live->lock, NULL);
	random_fill(&live->seed, sizeof(live->seed));
	live->run = id_new(clock_now_ms(&clock_system));
	*ret = live;
	return OK;
}

void live_free(struct live *live)
{
	if (live == NULL)
		return;
	pthread_mutex_destroy(&live->lock);
	free(live);
}

/* ---- the lock is held ---- */

static struct live_listener **bucket_of(struct live *live, const struct id *user_id)
{
	uint64_t hash = live->seed;
	for (size_t i = 0; i < ID_CHARS; i++)
		hash = (hash ^ (uint8_t)user_id->text[i]) * UINT64_C(0x100000001b3);
	return &live->buckets[(hash ^ hash >> 29) % BUCKETS];
}

static void put_refresh(struct live_listener *listener, int64_t number)
{
	listener->events[0] = (struct live_event){.kind = LIVE_REFRESH, .number = number};
	listener->count = 1;
}

/* After a refresh nothing more need be said. */
static bool is_told(struct live_listener *listener, const struct live_event *event)
{
	for (size_t i = 0; i < listener->count; i++) {
		struct live_event *told = &listener->events[i];
		if (told->kind != LIVE_REFRESH &&
		    (told->kind != event->kind || !id_eq(&told->message_id, &event->message_id)))
			continue;
		told->number = event->number;
		return true;
	}
	return false;
}

static void put(struct live_listener *listener, const struct live_event *event)
{
	if (is_told(listener, event))
		return;
	if (listener->count == LIMIT_LIVE_EVENTS)
		put_refresh(listener, event->number);
	else
		listener->events[listener->count++] = *event;
}

static void deliver(struct live *live, const struct id *user_id, struct live_event event)
{
	event.number = ++live->number;
	live->recent[event.number % LIMIT_LIVE_RECENT] = (struct recent){*user_id, event.number};
	for (struct live_listener *at = *bucket_of(live, user_id); at; at = at->next) {
		if (!id_eq(&at->user_id, user_id))
			continue;
		put(at, &event);
		at->wake(at->argument);
	}
}

static bool has_missed_something(const struct live *live, const struct id *user_id, int64_t since)
{
	if (since > live->number || since < live->number - LIMIT_LIVE_RECENT)
		return true;
	for (int64_t number = since + 1; number <= live->number; number++) {
		if (id_eq(&live->recent[number % LIMIT_LIVE_RECENT].user_id, user_id))
			return true;
	}
	return false;
}

/* RUN.NUMBER */
static bool parse_since(const struct live *live, struct str text, int64_t *ret)
{
	struct str run = STR_NONE;
	return str_next(&text, '.', &run) && str_eq(run, id_str(&live->run)) &&
	       str_to_int(text, ret);
}

static bool needs_refresh(const struct live *live, const struct id *user_id, struct str since)
{
	int64_t number = 0;
	if (since.len == 0)
		return false;
	return !parse_since(live, since, &number) || has_missed_something(live, user_id, number);
}

/* ---- telling ---- */

void live_publish(struct portal *portal, const struct id *user_id, enum live_kind kind,
		  const struct id *message_id)
{
	struct live *live = portal->live;
	pthread_mutex_lock(&live->lock);
	deliver(live, user_id, (struct live_event){.kind = kind, .message_id = *message_id});
	pthread_mutex_unlock(&live->lock);
}

void live_check_rights(struct portal *portal, const struct id *user_id)
{
	struct live *live = portal->live;
	pthread_mutex_lock(&live->lock);
	for (struct live_listener *at = *bucket_of(live, user_id); at; at = at->next) {
		if (!id_eq(&at->user_id, user_id))
			continue;
		at->must_check = true;
		at->wake(at->argument);
	}
	pthread_mutex_unlock(&live->lock);
}

bool live_is_connected(struct portal *portal, const struct id *user_id)
{
	struct live *live = portal->live;
	pthread_mutex_lock(&live->lock);
	struct live_listener *at = *bucket_of(live, user_id);
	while (at && !id_eq(&at->user_id, user_id))
		at = at->next;
	pthread_mutex_unlock(&live->lock);
	return at != NULL;
}

struct str live_now(struct portal *portal, struct arena *arena)
{
	struct live *live = portal->live;
	pthread_mutex_lock(&live->lock);
	int64_t number = live->number;
	pthread_mutex_unlock(&live->lock);
	return live_number_text(portal, arena, number);
}

struct str live_number_text(struct portal *portal, struct arena *arena, int64_t number)
{
	return arena_printf(arena, "%s.%lld", portal->live->run.text, (long long)number);
}

/* ---- listening ---- */

enum err live_listen(struct portal *portal, const struct id *user_id, struct str since,
		     void (*wake)(void *argument), void *argument, struct live_listener **ret)
{
	struct live *live = portal->live;
	struct live_listener *listener = calloc(1, sizeof(*listener));
	if (listener == NULL)
		return ERR_UNAVAILABLE;
	listener->live = live;
	listener->user_id = *user_id;
	listener->wake = wake;
	listener->argument = argument;
	pthread_mutex_lock(&live->lock);
	struct live_listener **bucket = bucket_of(live, user_id);
	listener->next = *bucket;
	*bucket = listener;
	if (needs_refresh(live, user_id, since))
		put_refresh(listener, live->number);
	pthread_mutex_unlock(&live->lock);
	*ret = listener;
	return OK;
}

void live_leave(struct live_listener *listener)
{
	if (listener == NULL)
		return;
	struct live *live = listener->live;
	pthread_mutex_lock(&live->lock);
	struct live_listener **at = bucket_of(live, &listener->user_id);
	while (*at != listener)
		at = &(*at)->next;
	*at = listener->next;
	pthread_mutex_unlock(&live->lock);
	free(listener);
}

size_t live_take(struct live_listener *listener, struct live_event *events, size_t max,
		 bool *ret_must_check)
{
	struct live *live = listener->live;
	pthread_mutex_lock(&live->lock);
	size_t count = listener->count < max ? listener->count : max;
	memcpy(events, listener->events, count * sizeof(*events));
	listener->count -= count;
	memmove(listener->events, listener->events + count, listener->count * sizeof(*events));
	*ret_must_check = listener->must_check;
	listener->must_check = false;
	pthread_mutex_unlock(&live->lock);
	return count;
}
