#include "base/clock.h"
#include "base/log.h"
#include "http/stream_parts.h"
#include "http/tcp.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	BLOCK_LIVE_BYTES = 1024, /* chunks go through the connection's own memory */
	BLOCK_BULK_BYTES = 64 * 1024,
};

void stream_source_release(struct stream_source *source)
{
	if (source)
		source->release(source);
}

/* ---- between the worker and the I/O thread; the lock is held ---- */

static size_t readable(const struct stream *stream)
{
	return stream->front.len - stream->read_bytes;
}

static void resume(struct stream *stream)
{
	if (!stream->is_suspended)
		return;
	stream->is_suspended = false;
	MHD_resume_connection(stream->mhd);
}

static void stop(struct stream *stream, bool has_failed)
{
	if (!stream->is_over)
		stream->has_failed = has_failed;
	stream->is_over = true;
	resume(stream);
}

/* The next piece, once the last one was read; which is wiped. */
static void swap_in(struct stream *stream)
{
	if (readable(stream) > 0)
		return;
	struct buf read = stream->front;
	buf_clear(&read);
	stream->read_bytes = 0;
	stream->front = stream->is_back_full ? stream->back : read;
	if (stream->is_back_full)
		stream->back = read;
	stream->is_back_full = false;
}

static void ask_for_more(struct stream *stream)
{
	if (stream->is_back_full || stream->is_producing || stream->is_waiting || stream->is_over)
		return;
	stream->is_producing = true;
	if (pool_submit(stream->workers, &stream->job) == OK)
		return;
	/* The server is stopping. */
	stream->is_producing = false;
	stop(stream, true);
}

/* ---- on a worker ---- */

static void dispose(struct stream *stream)
{
	stream_source_release(stream->source);
	buf_release(&stream->front);
	buf_release(&stream->back);
	pthread_mutex_destroy(&stream->lock);
	free(stream);
}

static void take_over(struct stream *stream, enum err err, enum stream_next next)
{
	stream->is_producing = false;
	stream->produced_ms = clock_monotonic_ms();
	stream->is_back_full = stream->back.len > 0;
	stream->is_waiting = next == STREAM_WAIT && !stream->is_woken;
	stream->is_woken = false;
	if (err != OK)
		stop(stream, true);
	else if (next == STREAM_END)
		stream->is_over = true;
	swap_in(stream);
	if (readable(stream) > 0 || stream->is_over)
		resume(stream);
	ask_for_more(stream);
}

static void run(struct pool_job *job)
{
	struct stream *stream = (struct stream *)job;
	enum stream_next next = STREAM_END;
	log_set_request(id_str(&stream->request_id));
	enum err err = stream->source->produce(stream->source, &stream->back, &next);
	if (err == OK)
		err = stream->back.err;
	if (err != OK)
		log_event(LOG_WARN, "http.stream_failed", LOG_CSTR("err", err_name(err)));
	pthread_mutex_lock(&stream->lock);
	bool has_left = stream->has_left;
	if (!has_left)
		take_over(stream, err, next);
	pthread_mutex_unlock(&stream->lock);
	if (has_left)
		dispose(stream);
	log_set_request(STR_NONE);
}

/* ---- on the I/O thread ---- */

static void enter_phase(struct stream *stream, enum deadline_phase phase)
{
	if (stream->deadline)
		deadline_enter(stream->deadline, phase);
}

/* The client's turn again. */
static void enter_sending(struct stream *stream)
{
	if (stream->is_our_turn)
		enter_phase(stream, PHASE_SENDING);
	stream->is_our_turn = false;
}

static ssize_t suspend(struct stream *stream)
{
	stream->is_suspended = true;
	stream->is_our_turn = true;
	enter_phase(stream, PHASE_BUSY);
	MHD_suspend_connection(stream->mhd);
	return 0;
}

static ssize_t take(struct stream *stream, char *out, size_t max_bytes)
{
	size_t bytes = readable(stream) < max_bytes ? readable(stream) : max_bytes;
	memcpy(out, stream->front.data + stream->read_bytes, bytes);
	stream->read_bytes += bytes;
	stream->sent_bytes += (int64_t)bytes;
	swap_in(stream);
	ask_for_more(stream);
	return (ssize_t)bytes;
}

/* Of what the client has not got whole. libmicrohttpd 0.9.75 closes a connection whose body ends in
 * an error, or by closing, only when something else happens. A byte that can not be sent any more
 * makes it close at once. */
static ssize_t cut(struct stream *stream, char *out)
{
	shutdown(stream->fd, SHUT_WR);
	out[0] = '\0';
	return 1;
}

static ssize_t finish(struct stream *stream, char *out)
{
	bool is_told = stream->is_chunked || stream->source->length != STREAM_LENGTH_UNKNOWN;
	if (stream->has_failed || !is_told)
		return cut(stream, out);
	return MHD_CONTENT_READER_END_OF_STREAM;
}

/* libmicrohttpd's: fills `out`, or suspends the connection until there is something. */
static ssize_t read_some(void *cls, uint64_t position, char *out, size_t max_bytes)
{
	struct stream *stream = cls;
	ssize_t result;
	(void)position;
	pthread_mutex_lock(&stream->lock);
	if (readable(stream) > 0) {
		enter_sending(stream);
		result = take(stream, out, max_bytes);
	} else {
		ask_for_more(stream);
		result = stream->is_over ? finish(stream, out) : suspend(stream);
	}
	pthread_mutex_unlock(&stream->lock);
	return result;
}

/* ---- from anywhere ---- */

void stream_wake(struct stream *stream)
{
	if (stream == NULL)
		return;
	pthread_mutex_lock(&stream->lock);
	if (stream->is_producing)
		stream->is_woken = true;
	stream->is_waiting = false;
	if (!stream->has_left)
		ask_for_more(stream);
	pthread_mutex_unlock(&stream->lock);
}

/* The kernel forgets what it has not sent when the socket is closed; which libmicrohttpd does when
 * it sees the connection broken. */
static void sever(const struct stream *stream)
{
	const struct linger at_once = {.l_onoff = 1};
	setsockopt(stream->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	shutdown(stream->fd, SHUT_RDWR);
}

void stream_cut(struct stream *stream)
{
	if (stream == NULL)
		return;
	pthread_mutex_lock(&stream->lock);
	/* Not of one that has left: its number may be another connection's. */
	if (!stream->has_left && stream->fd >= 0)
		sever(stream);
	stop(stream, true);
	pthread_mutex_unlock(&stream->lock);
}

/* A client that has gone, or reads nothing of what it was sent. libmicrohttpd looks at no suspended
 * connection; nobody closes it meanwhile, so the fd is its own. */
static bool is_client_gone(struct stream *stream, int64_t now_ms, int unread_ms)
{
	const struct tcp_view view = tcp_look(stream->fd);
	if (view.unread == 0 || view.acked_bytes != stream->seen_acked) {
		stream->seen_acked = view.acked_bytes;
		stream->seen_ms = now_ms;
	}
	return view.has_peer_closed || now_ms - stream->seen_ms > unread_ms;
}

void stream_look(struct stream *stream, int64_t now_ms, int unread_ms)
{
	int tick_ms = stream->source->tick_ms;
	pthread_mutex_lock(&stream->lock);
	if (stream->is_suspended && stream->source->kind == STREAM_LIVE &&
	    is_client_gone(stream, now_ms, unread_ms))
		stop(stream, true);
	if (stream->is_waiting && tick_ms > 0 && now_ms - stream->produced_ms >= tick_ms) {
		stream->is_waiting = false;
		ask_for_more(stream);
	}
	pthread_mutex_unlock(&stream->lock);
}

void stream_end(struct stream *stream, bool has_failed)
{
	pthread_mutex_lock(&stream->lock);
	stop(stream, has_failed);
	pthread_mutex_unlock(&stream->lock);
}

/* ---- from opening to leaving ---- */

struct stream *stream_new(struct stream_source *source, struct pool *workers)
{
	struct stream *stream = calloc(1, sizeof(*stream));
	if (stream == NULL)
		return NULL;
	stream->job.run = run;
	stream->workers = workers;
	stream->source = source;
	stream->is_our_turn = true;
	stream->fd = -1;
	pthread_mutex_init(&stream->lock, NULL);
	buf_init(&stream->front, source->piece_bytes);
	buf_init(&stream->back, source->piece_bytes);
	source->stream = stream;
	return stream;
}

void stream_attach(struct stream *stream, struct MHD_Connection *mhd, struct connection *connection,
		   bool may_be_chunked)
{
	pthread_mutex_lock(&stream->lock);
	stream->is_chunked = may_be_chunked && stream->source->length == STREAM_LENGTH_UNKNOWN;
	stream->mhd = mhd;
	stream->fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	stream->deadline = connection ? &connection->deadline : NULL;
	pthread_mutex_unlock(&stream->lock);
}

struct MHD_Response *stream_response(struct stream *stream)
{
	const struct stream_source *source = stream->source;
	bool is_known = source->length != STREAM_LENGTH_UNKNOWN;
	return MHD_create_response_from_callback(
		is_known ? (uint64_t)source->length : MHD_SIZE_UNKNOWN,
		source->kind == STREAM_LIVE ? BLOCK_LIVE_BYTES : BLOCK_BULK_BYTES, read_some,
		stream, NULL);
}

int64_t stream_bytes(const struct stream *stream)
{
	return 2 * (int64_t)stream->source->piece_bytes;
}

void stream_part(struct stream *stream)
{
	pthread_mutex_lock(&stream->lock);
	bool is_producing = stream->is_producing;
	stream->has_left = true;
	stream->is_over = true;
	pthread_mutex_unlock(&stream->lock);
	if (!is_producing)
		dispose(stream);
}
