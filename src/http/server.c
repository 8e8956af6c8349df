#include "http/server.h"

#include "base/limits.h"
#include "base/log.h"
#include "http/connection.h"
#include "http/exchange.h"
#include "http/feed.h"
#include "http/guard.h"
#include "http/listen.h"
#include "http/streams.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
	WORKERS_PER_CORE = 8, /* who sends waits for the disk: so many share one fsync */
	PASSWORD_WORKERS = 2,
	SINK_WORKERS_PER_CORE = 4, /* one waits for the disk, another encrypts */
	BULK_NICENESS = 5,         /* pages before files and documents */
	PASSWORD_QUEUE_MAX = 32,
	DOCUMENT_WORKERS_PER_CORE = 2, /* most wait for their place, see pdf/workers.c */
	DOCUMENT_QUEUE_MAX = 64,
	PASSWORD_NICENESS =
		19, /* 32 hashes at once: a reader's p99 stays at 0.6 ms (ARCHITECTURE, Threads) */
	STOP_TIME_MS = 10000,
	STOP_GRACE_MS = 100,
	STOP_POLL_MS = 10,
	CONNECTION_SPARE_FILES = 200,
	IO_STACK_BYTES = 256 * 1024,
};

/* Forward secrecy and authenticated encryption only (RFC 9325 4.1, 4.2). */
#define TLS_PRIORITIES                                                                             \
	"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-DHE-RSA:-CIPHER-ALL:+AES-256-GCM:"       \
	"+CHACHA20-POLY1305:+AES-128-GCM:-MAC-ALL:+AEAD:%SERVER_PRECEDENCE"

struct http_server {
	struct wire wire;
	struct MHD_Daemon *daemon;
	int fd;
	int port;
	int stop_time_ms;
};

static int or_default(int value, int fallback)
{
	return value > 0 ? value : fallback;
}

/* Decodes nothing: dispatching must see what was sent. */
static size_t leave_escaped(void *cls, struct MHD_Connection *mhd, char *text)
{
	(void)cls;
	(void)mhd;
	return strlen(text);
}

__attribute__((format(printf, 2, 0))) static void log_library(void *cls, const char *format,
							      va_list args)
{
	char line[256];
	(void)cls;
	vsnprintf(line, sizeof(line), format, args);
	log_event(LOG_DEBUG, "http.library", LOG_CSTR("text", line));
}

static int choose_certificate(gnutls_session_t session, const gnutls_datum_t *names, int name_count,
			      const gnutls_pk_algorithm_t *algorithms, int algorithm_count,
			      gnutls_pcert_st **ret_chain, unsigned *ret_count,
			      gnutls_privkey_t *ret_key)
{
	struct MHD_Connection *mhd = gnutls_session_get_ptr(session);
	const struct connection *connection = connection_of(mhd);
	(void)names;
	(void)name_count;
	(void)algorithms;
	(void)algorithm_count;
	if (connection == NULL)
		return -1;
	tls_current(connection->wire->tls, ret_chain, ret_count, ret_key);
	return 0;
}

/* As many connections as the limits of the process allow, with some files left for the store and
 * mail. */
static unsigned choose_connections(int wanted)
{
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return (unsigned)wanted;
	if (files.rlim_cur < files.rlim_max) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
		getrlimit(RLIMIT_NOFILE, &files);
	}
	if (files.rlim_cur > (rlim_t)wanted + CONNECTION_SPARE_FILES)
		return (unsigned)wanted;
	return files.rlim_cur > 2 * CONNECTION_SPARE_FILES
		       ? (unsigned)files.rlim_cur - CONNECTION_SPARE_FILES
		       : CONNECTION_SPARE_FILES;
}

/* Not strict (MHD_OPTION_STRICT_FOR_CLIENT 0): of the two things this would refuse, a missing Host
 * and a space in the target, it answers the first with two heads and drops the second without a
 * word. guard.c refuses both. */
static enum err start_daemon(struct http_server *server, const struct http_options *options,
			     int cores)
{
	const struct http_limits *limits = &options->limits;
	int threads = or_default(options->io_threads, cores);
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TURBO |
			 MHD_USE_ERROR_LOG | (server->wire.tls ? MHD_USE_TLS : 0);
	struct MHD_OptionItem pool[] = {{MHD_OPTION_THREAD_POOL_SIZE, threads, NULL},
					{MHD_OPTION_END, 0, NULL}};
	struct MHD_OptionItem tls[] = {
		{MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)TLS_PRIORITIES},
		{MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *)(uintptr_t)choose_certificate},
		{MHD_OPTION_END, 0, NULL},
	};
	struct MHD_OptionItem nothing[] = {{MHD_OPTION_END, 0, NULL}};
	server->daemon = MHD_start_daemon(
		flags, 0, NULL, NULL, exchange_step, &server->wire, MHD_OPTION_EXTERNAL_LOGGER,
		log_library, NULL, MHD_OPTION_LISTEN_SOCKET, server->fd, MHD_OPTION_ARRAY,
		threads > 1 ? pool : nothing, MHD_OPTION_ARRAY, server->wire.tls ? tls : nothing,
		MHD_OPTION_THREAD_STACK_SIZE, (size_t)IO_STACK_BYTES,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)GUARD_POOL_BYTES,
		MHD_OPTION_CONNECTION_LIMIT,
		choose_connections(or_default(limits->connections, LIMIT_CONNECTIONS)),
		MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned)or_default(limits->idle_time_s, LIMIT_IDLE_TIME_S),
		MHD_OPTION_STRICT_FOR_CLIENT, 0, MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL,
		MHD_OPTION_URI_LOG_CALLBACK, exchange_request_line, &server->wire,
		MHD_OPTION_NOTIFY_COMPLETED, exchange_completed, &server->wire,
		MHD_OPTION_NOTIFY_CONNECTION, connection_notify, &server->wire, MHD_OPTION_END);
	return server->daemon ? OK : ERR_UNAVAILABLE;
}

static struct deadline_limits choose_deadlines(const struct http_limits *limits)
{
	return (struct deadline_limits){
		.header_time_ms = or_default(limits->header_time_ms, LIMIT_HEADER_TIME_MS),
		.body = {or_default(limits->body_grace_ms, LIMIT_BODY_GRACE_MS),
			 or_default(limits->body_bytes_per_s, LIMIT_BODY_BYTES_PER_S)},
		.sending = {or_default(limits->send_grace_ms, LIMIT_SEND_GRACE_MS),
			    or_default(limits->send_bytes_per_s, LIMIT_SEND_BYTES_PER_S)},
		.unread_bytes = or_default(limits->answers_bytes, LIMIT_ANSWERS_BYTES) / 2,
	};
}

static enum err start_counting(struct wire *wire, const struct http_limits *limits)
{
	wire->connections_per_network =
		or_default(limits->connections_per_network, LIMIT_CONNECTIONS_PER_NETWORK);
	wire->connections_per_proxy =
		or_default(limits->connections_per_proxy, LIMIT_CONNECTIONS_PER_PROXY);
	wire->bodies.limits = (struct budget_limits){
		.bytes = or_default(limits->bodies_bytes, LIMIT_BODIES_BYTES),
		.bytes_per_network = or_default(limits->large_bodies_per_network,
						LIMIT_LARGE_BODIES_PER_NETWORK),
	};
	wire->answers.limits = (struct budget_limits){
		.bytes = or_default(limits->answers_bytes, LIMIT_ANSWERS_BYTES),
		.bytes_per_network = or_default(limits->large_answers_per_network,
						LIMIT_LARGE_ANSWERS_PER_NETWORK),
	};
	TRY(tally_new(&wire->bodies.large));
	TRY(tally_new(&wire->answers.large));
	return tally_new(&wire->connections);
}

static enum err start_streams(struct wire *wire, const struct http_limits *limits, int cores)
{
	const struct stream_limits stream_limits = {
		.streams = or_default(limits->streams, LIMIT_STREAMS),
		.per_network = or_default(limits->streams_per_network, LIMIT_STREAMS_PER_NETWORK),
		.per_user = or_default(limits->streams_per_user, LIMIT_STREAMS_PER_USER),
		.unread_ms = or_default(limits->stream_unread_ms, LIMIT_STREAM_UNREAD_MS),
	};
	TRY(pool_start(cores, 0, 0, &wire->live_workers));
	TRY(pool_start(cores, 0, BULK_NICENESS, &wire->bulk_workers));
	const struct stream_workers workers = {wire->live_workers, wire->bulk_workers};
	return streams_start(&stream_limits, &workers, &wire->streams);
}

static enum err start(struct http_server *server, const struct http_options *options)
{
	struct wire *wire = &server->wire;
	const struct deadline_limits deadlines = choose_deadlines(&options->limits);
	long online = sysconf(_SC_NPROCESSORS_ONLN);
	int cores = online > 0 ? (int)online : 1;
	if (str_is_empty(options->tls_cert_path) != str_is_empty(options->tls_key_path))
		return ERR_INVALID;
	TRY(networks_parse(options->trusted_proxies, &wire->proxies));
	if (!str_is_empty(options->tls_cert_path))
		TRY(tls_load(options->tls_cert_path, options->tls_key_path, &wire->tls));
	TRY(start_counting(wire, &options->limits));
	TRY(listen_open(options->listen, &server->fd, &server->port));
	TRY(deadlines_start(&deadlines, &wire->deadlines));
	TRY(pool_start(or_default(options->worker_threads, cores * WORKERS_PER_CORE), 0, 0,
		       &wire->workers));
	TRY(pool_start(or_default(options->password_workers, PASSWORD_WORKERS),
		       (size_t)or_default(options->password_queue_max, PASSWORD_QUEUE_MAX),
		       PASSWORD_NICENESS, &wire->password_workers));
	wire->document_wait_ms = or_default(options->document_wait_ms, LIMIT_PDF_WAIT_MS);
	TRY(pool_start(or_default(options->document_workers, cores * DOCUMENT_WORKERS_PER_CORE),
		       (size_t)or_default(options->document_queue_max, DOCUMENT_QUEUE_MAX),
		       BULK_NICENESS, &wire->document_workers));
	TRY(start_streams(wire, &options->limits, cores));
	TRY(pool_start(cores * SINK_WORKERS_PER_CORE, 0, BULK_NICENESS, &wire->sink_workers));
	TRY(feeds_start(wire, &wire->feeds));
	return start_daemon(server, options, cores);
}

enum err http_server_start(const struct site *site, const struct http_options *options,
			   struct http_server **ret)
{
	TRY(routes_check(site->routes, site->route_count));
	struct http_server *server = calloc(1, sizeof(*server));
	if (server == NULL)
		return ERR_UNAVAILABLE;
	server->wire.site = site;
	server->fd = -1;
	server->stop_time_ms = or_default(options->limits.stop_time_ms, STOP_TIME_MS);
	enum err err = start(server, options);
	if (err != OK) {
		http_server_free(server);
		return err;
	}
	*ret = server;
	return OK;
}

int http_server_port(const struct http_server *server)
{
	return server->port;
}

enum err http_server_reload_tls(struct http_server *server)
{
	return server->wire.tls ? tls_reload(server->wire.tls) : OK;
}

static void sleep_ms(int ms)
{
	const struct timespec time = {.tv_nsec = ms * 1000000L};
	nanosleep(&time, NULL);
}

static void wait_until_idle(const struct http_server *server)
{
	for (int waited_ms = 0; server->wire.open > 0 && waited_ms < server->stop_time_ms;
	     waited_ms += STOP_POLL_MS)
		sleep_ms(STOP_POLL_MS);
}

/* MHD_quiesce_daemon() would do it, but with epoll it races with the thread that waits there, and
 * whoever is second aborts the process (libmicrohttpd 0.9.75). So something where nothing ever
 * happens takes the place of the listening socket, which the kernel then takes out of epoll.
 * Failing that, who comes now is still answered. */
static void stop_listening(struct http_server *server)
{
	int silent = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (silent < 0 || dup3(silent, server->fd, O_CLOEXEC) < 0)
		log_event(LOG_WARN, "http.still_listening", LOG_CSTR("error", strerror(errno)));
	if (silent >= 0)
		close(silent);
}

/* libmicrohttpd aborts the process when a connection is suspended while it stops: so first nothing
 * new, then every exchange out of the workers and every stream to its end (which resumes its
 * connection), then stop. */
void http_server_free(struct http_server *server)
{
	if (server == NULL)
		return;
	struct wire *wire = &server->wire;
	if (server->daemon) {
		stop_listening(server);
		/* What lies in the sockets already was sent in good faith: it is read still. */
		sleep_ms(STOP_GRACE_MS);
		wire->is_stopping = true;
		streams_end(wire->streams, false);
		wait_until_idle(server);
		streams_end(wire->streams, true);
		feeds_end(wire->feeds);
	}
	struct pool *pools[] = {wire->workers,      wire->password_workers, wire->document_workers,
				wire->live_workers, wire->bulk_workers,     wire->sink_workers};
	for (size_t i = 0; i < sizeof(pools) / sizeof(pools[0]); i++)
		pool_stop(pools[i]);
	if (server->daemon) {
		MHD_stop_daemon(server->daemon);
		server->fd = -1; /* closed by it */
	}
	deadlines_free(wire->deadlines);
	streams_free(wire->streams);
	feeds_free(wire->feeds);
	for (size_t i = 0; i < sizeof(pools) / sizeof(pools[0]); i++)
		pool_free(pools[i]);
	tally_free(wire->connections);
	tally_free(wire->bodies.large);
	tally_free(wire->answers.large);
	tls_free(wire->tls);
	if (server->fd >= 0)
		close(server->fd);
	free(server);
}

int64_t http_server_certificate_ends_ms(const struct http_server *server)
{
	return server->wire.tls ? tls_ends_ms(server->wire.tls) : 0;
}
