#include "http/test_sink.h"

#include "core/cx.h"
#include "http/test_stream.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { PATIENCE_MS = 5000 };

struct sink {
	struct body_sink sink;
	struct sink *next;
	int64_t taken_bytes;
	int64_t fail_at; /* -1: never */
	bool holds, spoils, has_failed;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct sink *first;
static struct test_sinks counts;
static bool is_let;
static int let_count; /* so many may go on, one each */

static void hold(void)
{
	pthread_mutex_lock(&lock);
	counts.holding++;
	while (!is_let && let_count == 0)
		pthread_cond_wait(&changed, &lock);
	if (!is_let)
		let_count--;
	counts.holding--;
	pthread_mutex_unlock(&lock);
}

static void spoil(void)
{
	pthread_mutex_lock(&lock);
	counts.is_wrong = true;
	pthread_mutex_unlock(&lock);
}

static void count_size(size_t bytes)
{
	pthread_mutex_lock(&lock);
	counts.given_bytes += bytes;
	if (bytes > counts.largest_bytes)
		counts.largest_bytes = bytes;
	pthread_mutex_unlock(&lock);
}

static enum err take(struct body_sink *base, struct str bytes)
{
	struct sink *sink = (struct sink *)base;
	count_size(bytes.len);
	if (sink->holds)
		hold();
	if (bytes.len == 0 || bytes.len > base->piece_bytes || sink->has_failed)
		spoil();
	for (size_t i = 0; i < bytes.len; i++) {
		if (bytes.data[i] != test_stream_byte((size_t)sink->taken_bytes + i))
			spoil();
	}
	int64_t after = sink->taken_bytes + (int64_t)bytes.len;
	sink->has_failed = sink->fail_at >= 0 && after >= sink->fail_at;
	if (sink->has_failed)
		return ERR_TOO_LARGE;
	sink->taken_bytes = after;
	return OK;
}

static enum err finish(struct body_sink *base, enum sink_end end, enum err taken, struct cx *cx,
		       const struct request *req, struct response *res)
{
	struct sink *sink = (struct sink *)base;
	pthread_mutex_lock(&lock);
	counts.whole += end == SINK_WHOLE;
	counts.full += end == SINK_FULL;
	counts.cut += end == SINK_CUT;
	counts.had_session = cx->session != NULL;
	if (end == SINK_CUT)
		counts.cut_bytes = sink->taken_bytes;
	if ((end == SINK_CUT) != (req == NULL) || (end == SINK_CUT) != (res == NULL) ||
	    (end == SINK_WHOLE && taken != OK) || (end == SINK_FULL && taken == OK))
		counts.is_wrong = true;
	pthread_mutex_unlock(&lock);
	if (end == SINK_CUT)
		return OK;
	if (sink->spoils)
		return ERR_CONFLICT;
	if (end == SINK_FULL)
		res->status = 413;
	res->content_type = STR("text/plain");
	buf_addf(&res->body, "%s %lld", end == SINK_FULL ? "full" : "whole",
		 (long long)sink->taken_bytes);
	return OK;
}

static void release(struct body_sink *base)
{
	struct sink *sink = (struct sink *)base;
	pthread_mutex_lock(&lock);
	struct sink **at = &first;
	while (*at != sink)
		at = &(*at)->next;
	*at = sink->next;
	counts.open--;
	pthread_mutex_unlock(&lock);
	free(sink);
}

static void read_word(struct sink *sink, struct str word, bool *ret_is_refused)
{
	struct str name = STR_NONE;
	int64_t number = 0;
	str_next(&word, '=', &name);
	str_to_int(word, &number);
	if (str_eq(name, STR("piece")))
		sink->sink.piece_bytes = (size_t)number;
	if (str_eq(name, STR("first")))
		sink->sink.first_piece_bytes = (size_t)number;
	if (str_eq(name, STR("fail")))
		sink->fail_at = number;
	sink->holds = sink->holds || str_eq(name, STR("hold"));
	sink->spoils = sink->spoils || str_eq(name, STR("spoil"));
	*ret_is_refused = *ret_is_refused || str_eq(name, STR("refuse"));
}

enum err test_sink(struct cx *cx, const struct request *req, struct response *res)
{
	struct sink *sink = calloc(1, sizeof(*sink));
	struct str words = req->query, word;
	bool is_refused = false;
	(void)cx;
	if (sink == NULL)
		return ERR_UNAVAILABLE;
	sink->sink.piece_bytes = TEST_SINK_PIECE_BYTES;
	sink->sink.take = take;
	sink->sink.finish = finish;
	sink->sink.release = release;
	sink->fail_at = -1;
	while (str_next(&words, '&', &word))
		read_word(sink, word, &is_refused);
	if (is_refused) {
		free(sink);
		return ERR_CONFLICT;
	}
	pthread_mutex_lock(&lock);
	sink->next = first;
	first = sink;
	counts.open++;
	counts.opened++;
	pthread_mutex_unlock(&lock);
	res->sink = &sink->sink;
	return OK;
}

struct test_sinks test_sink_counts(void)
{
	pthread_mutex_lock(&lock);
	struct test_sinks copy = counts;
	for (struct sink *sink = first; sink; sink = sink->next)
		copy.arrived_bytes += sink->sink.arrived_bytes;
	pthread_mutex_unlock(&lock);
	return copy;
}

void test_sink_reset(void)
{
	pthread_mutex_lock(&lock);
	counts = (struct test_sinks){.open = counts.open, .holding = counts.holding};
	is_let = false;
	let_count = 0;
	pthread_mutex_unlock(&lock);
}

void test_sink_let(bool let)
{
	pthread_mutex_lock(&lock);
	is_let = let;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

void test_sink_let_one(void)
{
	pthread_mutex_lock(&lock);
	let_count++;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

static bool await(bool (*is_so)(const struct test_sinks *now, uint64_t a, uint64_t b), uint64_t a,
		  uint64_t b)
{
	const struct timespec pause = {.tv_nsec = 2 * 1000000};
	for (int waited_ms = 0; waited_ms < PATIENCE_MS; waited_ms += 2) {
		struct test_sinks now = test_sink_counts();
		if (is_so(&now, a, b))
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

static bool are_open(const struct test_sinks *now, uint64_t open, uint64_t holding)
{
	return now->open == (int)open && now->holding == (int)holding;
}

bool test_sink_await(int open, int holding)
{
	return await(are_open, (uint64_t)open, (uint64_t)holding);
}

static bool have_arrived(const struct test_sinks *now, uint64_t bytes, uint64_t ignored)
{
	(void)ignored;
	return now->arrived_bytes >= bytes;
}

bool test_sink_await_arrived(uint64_t bytes)
{
	return await(have_arrived, bytes, 0);
}

bool test_sink_is_behind(uint64_t bytes)
{
	struct test_sinks now = test_sink_counts();
	return now.arrived_bytes - now.given_bytes >= bytes;
}
