#include "http/test_stream.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { SAYINGS_BYTES = 4096, PATIENCE_MS = 5000 };

struct source {
	struct stream_source source;
	struct source *next;
	bool breaks;
	bool is_heard; /* produce() was called */
	size_t position;
	struct buf said; /* and not produced yet */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct source *first;
static struct test_streams counts;

char test_stream_byte(size_t position)
{
	return (char)('a' + position % 26);
}

static void release(struct stream_source *base)
{
	struct source *source = (struct source *)base;
	pthread_mutex_lock(&lock);
	struct source **at = &first;
	while (*at != source)
		at = &(*at)->next;
	*at = source->next;
	counts.open--;
	pthread_mutex_unlock(&lock);
	buf_release(&source->said);
	free(source);
}

static enum err produce_bulk(struct stream_source *base, struct buf *piece, enum stream_next *ret)
{
	struct source *source = (struct source *)base;
	if (source->breaks && source->position > 0)
		return ERR_CORRUPT;
	char *room = buf_reserve(piece, TEST_PIECE_BYTES);
	if (room == NULL)
		return piece->err;
	for (size_t i = 0; i < TEST_PIECE_BYTES; i++)
		room[i] = test_stream_byte(source->position + i);
	piece->len += TEST_PIECE_BYTES;
	source->position += TEST_PIECE_BYTES;
	*ret = source->position == TEST_STREAM_BYTES ? STREAM_END : STREAM_MORE;
	pthread_mutex_lock(&lock);
	source->is_heard = true;
	counts.produced_bytes += TEST_PIECE_BYTES;
	pthread_mutex_unlock(&lock);
	return OK;
}

static enum err produce_live(struct stream_source *base, struct buf *piece, enum stream_next *ret)
{
	struct source *source = (struct source *)base;
	*ret = STREAM_WAIT;
	pthread_mutex_lock(&lock);
	source->is_heard = true;
	if (source->said.len > 0)
		buf_add(piece, buf_str(&source->said));
	else
		buf_add_char(piece, ':');
	buf_clear(&source->said);
	pthread_mutex_unlock(&lock);
	return OK;
}

static enum err begin(struct response *res, struct stream_source with, bool breaks)
{
	struct source *source = calloc(1, sizeof(*source));
	if (source == NULL)
		return ERR_UNAVAILABLE;
	source->source = with;
	source->source.release = release;
	source->breaks = breaks;
	buf_init(&source->said, SAYINGS_BYTES);
	pthread_mutex_lock(&lock);
	source->next = first;
	first = source;
	counts.open++;
	counts.opened++;
	pthread_mutex_unlock(&lock);
	res->content_type = STR("text/plain");
	res->stream = &source->source;
	return OK;
}

enum err test_stream_bulk(struct cx *cx, const struct request *req, struct response *res)
{
	(void)cx, (void)req;
	return begin(res,
		     (struct stream_source){.kind = STREAM_BULK,
					    .length = STREAM_LENGTH_UNKNOWN,
					    .piece_bytes = TEST_PIECE_BYTES,
					    .produce = produce_bulk},
		     false);
}

enum err test_stream_known(struct cx *cx, const struct request *req, struct response *res)
{
	(void)cx, (void)req;
	return begin(res,
		     (struct stream_source){.kind = STREAM_BULK,
					    .length = TEST_STREAM_BYTES,
					    .piece_bytes = TEST_PIECE_BYTES,
					    .produce = produce_bulk},
		     false);
}

enum err test_stream_broken(struct cx *cx, const struct request *req, struct response *res)
{
	(void)cx, (void)req;
	return begin(res,
		     (struct stream_source){.kind = STREAM_BULK,
					    .length = STREAM_LENGTH_UNKNOWN,
					    .piece_bytes = TEST_PIECE_BYTES,
					    .produce = produce_bulk},
		     true);
}

enum err test_stream_live(struct cx *cx, const struct request *req, struct response *res)
{
	struct id user = {""};
	(void)cx;
	/* /live?ID: somebody's. */
	if (req->query.len > 0 && id_parse(req->query, &user) != OK)
		return ERR_INVALID;
	return begin(res,
		     (struct stream_source){.kind = STREAM_LIVE,
					    .length = STREAM_LENGTH_UNKNOWN,
					    .piece_bytes = SAYINGS_BYTES,
					    .tick_ms = TEST_TICK_MS,
					    .user_id = user,
					    .produce = produce_live},
		     false);
}

struct test_streams test_stream_counts(void)
{
	pthread_mutex_lock(&lock);
	struct test_streams copy = counts;
	pthread_mutex_unlock(&lock);
	return copy;
}

static bool is_so(int open)
{
	pthread_mutex_lock(&lock);
	bool is_heard = counts.open == open;
	for (struct source *source = first; source; source = source->next)
		is_heard = is_heard && source->is_heard;
	pthread_mutex_unlock(&lock);
	return is_heard;
}

bool test_stream_await(int open)
{
	const struct timespec pause = {.tv_nsec = 5 * 1000000};
	for (int waited_ms = 0; waited_ms < PATIENCE_MS; waited_ms += 5) {
		if (is_so(open))
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

void test_stream_say(struct str text)
{
	pthread_mutex_lock(&lock);
	for (struct source *source = first; source; source = source->next) {
		buf_add(&source->said, text);
		stream_wake(source->source.stream);
	}
	pthread_mutex_unlock(&lock);
}

void test_stream_cut_all(void)
{
	pthread_mutex_lock(&lock);
	for (struct source *source = first; source; source = source->next)
		stream_cut(source->source.stream);
	pthread_mutex_unlock(&lock);
}
