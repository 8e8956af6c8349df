#include "http/deadline.h"

#include "base/clock.h"
#include "base/condition.h"
#include "base/log.h"
#include "http/tcp.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

enum {
	PHASE_BITS = 2,
	PHASE_MASK = (1 << PHASE_BITS) - 1,
	TICK_MAX_MS = 2000,
	TICKS_PER_LIMIT = 4,
	FAST_BYTES_PER_S = 1 << 20, /* who reads so fast makes room by itself */
};

struct deadlines {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_t thread;
	struct deadline_limits limits;
	struct deadline *first;
	int tick_ms;
	bool is_stopped;
};

/* What a phase counts. The socket's counters run on from phase to phase. */
static uint64_t bytes_of(const struct deadline *deadline, enum deadline_phase phase)
{
	switch (phase) {
	case PHASE_WAITING: return tcp_look(deadline->fd).received_bytes;
	case PHASE_BODY: return deadline->body_bytes;
	case PHASE_SENDING: return tcp_look(deadline->fd).acked_bytes;
	default: return 0;
	}
}

/* A connection that waits and has sent nothing is idle, which is fine (its limit is libmicrohttpd's
 * timeout); the clock runs from its first byte on. */
static bool is_header_late(const struct deadlines *deadlines, struct deadline *deadline,
			   int64_t now_ms)
{
	if (bytes_of(deadline, PHASE_WAITING) == deadline->seen_bytes) {
		deadline->since_ms = now_ms;
		return false;
	}
	return now_ms - deadline->since_ms > deadlines->limits.header_time_ms;
}

static bool is_behind(const struct deadline_pace *pace, struct deadline *deadline, uint64_t bytes,
		      int64_t now_ms)
{
	int64_t earned_ms = (int64_t)(bytes - deadline->seen_bytes) * 1000 / pace->bytes_per_s;
	int64_t latest_ms = now_ms + pace->grace_ms;
	deadline->seen_bytes = bytes;
	deadline->until_ms += earned_ms;
	if (deadline->until_ms > latest_ms)
		deadline->until_ms = latest_ms;
	return now_ms > deadline->until_ms;
}

static void begin_turn(const struct deadlines *deadlines, struct deadline *deadline,
		       enum deadline_phase phase, int64_t now_ms)
{
	const struct deadline_pace *pace =
		phase == PHASE_BODY ? &deadlines->limits.body : &deadlines->limits.sending;
	deadline->since_ms = now_ms;
	deadline->until_ms = now_ms + pace->grace_ms;
	/* Bytes of the next header that came before this look are taken for idle ones. The next
	 * byte starts the clock; without one the idle timeout ends it. */
	deadline->seen_bytes = deadline->first_bytes = bytes_of(deadline, phase);
}

static bool is_late(const struct deadlines *deadlines, struct deadline *deadline, int64_t now_ms)
{
	const struct deadline_limits *limits = &deadlines->limits;
	uint32_t turn = deadline->turn;
	enum deadline_phase phase = turn & PHASE_MASK;
	if (turn != deadline->seen_turn) {
		deadline->seen_turn = turn;
		begin_turn(deadlines, deadline, phase, now_ms);
		return false;
	}
	switch (phase) {
	case PHASE_WAITING: return is_header_late(deadlines, deadline, now_ms);
	case PHASE_BODY:
		return is_behind(&limits->body, deadline, bytes_of(deadline, phase), now_ms);
	case PHASE_SENDING:
		return is_behind(&limits->sending, deadline, bytes_of(deadline, phase), now_ms);
	default: return false;
	}
}

static void cut(struct deadline *deadline)
{
	/* The I/O thread sees the end of the stream and closes it. */
	shutdown(deadline->fd, SHUT_RDWR);
	deadline->is_cut = true;
}

/* What the clients that are still reading hold up. */
static int64_t cut_the_late(struct deadlines *deadlines, int64_t now_ms)
{
	int64_t held_bytes = 0, count = 0;
	for (struct deadline *d = deadlines->first; d; d = d->next) {
		if (!d->is_cut && is_late(deadlines, d, now_ms)) {
			cut(d);
			count++;
		}
		held_bytes += d->is_cut ? 0 : d->held_bytes;
	}
	if (count > 0)
		log_event(LOG_WARN, "http.slow_clients_cut", LOG_INT("count", count));
	return held_bytes;
}

/* Since its answer began. Nobody is judged at the first look. */
static bool reads_slower(const struct deadline *deadline, int64_t bytes_per_s, int64_t now_ms)
{
	int64_t time_ms = now_ms - deadline->since_ms;
	int64_t bytes = (int64_t)(deadline->seen_bytes - deadline->first_bytes);
	return deadline->turn == deadline->seen_turn &&
	       (deadline->seen_turn & PHASE_MASK) == PHASE_SENDING &&
	       bytes * 1000 < bytes_per_s * time_ms;
}

/* Too much memory waits for readers: the pace asked of them doubles until the slowest have made
 * room. */
static void cut_the_slowest(struct deadlines *deadlines, int64_t excess_bytes, int64_t now_ms)
{
	int64_t count = 0;
	int64_t bytes_per_s = deadlines->limits.sending.bytes_per_s;
	while (excess_bytes > 0 && bytes_per_s < FAST_BYTES_PER_S) {
		bytes_per_s *= 2;
		for (struct deadline *d = deadlines->first; d && excess_bytes > 0; d = d->next) {
			int64_t held_bytes = d->held_bytes; /* gone at once when it is cut */
			if (d->is_cut || held_bytes == 0 || !reads_slower(d, bytes_per_s, now_ms))
				continue;
			cut(d);
			excess_bytes -= held_bytes;
			count++;
		}
	}
	if (count > 0)
		log_event(LOG_WARN, "http.slowest_readers_cut", LOG_INT("count", count));
}

static void look(struct deadlines *deadlines)
{
	int64_t now_ms = clock_monotonic_ms();
	int64_t held_bytes = cut_the_late(deadlines, now_ms);
	cut_the_slowest(deadlines, held_bytes - deadlines->limits.unread_bytes, now_ms);
}

static void *watch(void *argument)
{
	struct deadlines *deadlines = argument;
	pthread_mutex_lock(&deadlines->lock);
	while (!deadlines->is_stopped) {
		struct timespec until = condition_deadline(deadlines->tick_ms);
		pthread_cond_timedwait(&deadlines->wake, &deadlines->lock, &until);
		look(deadlines);
	}
	pthread_mutex_unlock(&deadlines->lock);
	return NULL;
}

static int least(int a, int b)
{
	return a < b ? a : b;
}

static int choose_tick_ms(const struct deadline_limits *limits)
{
	int shortest = least(limits->header_time_ms,
			     least(limits->body.grace_ms, limits->sending.grace_ms));
	return least(shortest / TICKS_PER_LIMIT + 1, TICK_MAX_MS);
}

enum err deadlines_start(const struct deadline_limits *limits, struct deadlines **ret)
{
	struct deadlines *deadlines = calloc(1, sizeof(*deadlines));
	if (deadlines == NULL)
		return ERR_UNAVAILABLE;
	deadlines->limits = *limits;
	deadlines->tick_ms = choose_tick_ms(limits);
	pthread_mutex_init(&deadlines->lock, NULL);
	condition_init(&deadlines->wake);
	if (pthread_create(&deadlines->thread, NULL, watch, deadlines) != 0) {
		free(deadlines);
		return ERR_UNAVAILABLE;
	}
	*ret = deadlines;
	return OK;
}

void deadlines_free(struct deadlines *deadlines)
{
	if (deadlines == NULL)
		return;
	pthread_mutex_lock(&deadlines->lock);
	deadlines->is_stopped = true;
	pthread_mutex_unlock(&deadlines->lock);
	pthread_cond_signal(&deadlines->wake);
	pthread_join(deadlines->thread, NULL);
	pthread_cond_destroy(&deadlines->wake);
	pthread_mutex_destroy(&deadlines->lock);
	free(deadlines);
}

void deadline_add(struct deadlines *deadlines, struct deadline *deadline, int fd)
{
	deadline->fd = fd;
	deadline->since_ms = clock_monotonic_ms();
	pthread_mutex_lock(&deadlines->lock);
	deadline->next = deadlines->first;
	if (deadlines->first)
		deadlines->first->previous = deadline;
	deadlines->first = deadline;
	pthread_mutex_unlock(&deadlines->lock);
}

void deadline_remove(struct deadlines *deadlines, struct deadline *deadline)
{
	pthread_mutex_lock(&deadlines->lock);
	if (deadline->next)
		deadline->next->previous = deadline->previous;
	if (deadline->previous)
		deadline->previous->next = deadline->next;
	else
		deadlines->first = deadline->next;
	pthread_mutex_unlock(&deadlines->lock);
}

void deadline_enter(struct deadline *deadline, enum deadline_phase phase)
{
	uint32_t changes = (deadline->turn >> PHASE_BITS) + 1;
	if (phase == PHASE_BODY)
		deadline->body_bytes = 0;
	deadline->turn = changes << PHASE_BITS | phase;
}

void deadline_count_body(struct deadline *deadline, uint64_t bytes)
{
	deadline->body_bytes += bytes;
}

void deadline_hold(struct deadline *deadline, int64_t bytes)
{
	deadline->held_bytes = bytes;
}
