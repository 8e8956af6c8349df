/* The listening server: libmicrohttpd with epoll, one I/O thread a core; connections are suspended
 * while workers run handlers. Guards against request smuggling, slow clients and floods are here
 * (LIBRARY-NOTES, HTTP). */
#pragma once

#include "http/route.h"

struct http_server;

struct http_limits {
	int header_time_ms; /* first to last byte of a header */
	int body_grace_ms;
	int body_bytes_per_s;
	int send_grace_ms;
	int send_bytes_per_s;
	int bodies_bytes;
	int large_bodies_per_network; /* bytes */
	int answers_bytes;
	int large_answers_per_network; /* bytes */
	int streams;
	int streams_per_network;
	int streams_per_user;
	int stream_unread_ms;
	int idle_time_s;
	int connections;
	int connections_per_network;
	int connections_per_proxy; /* also of this machine itself */
	int stop_time_ms;
};

struct http_options {
	struct str listen;        /* "127.0.0.1:8080", "[::1]:8080", ":8080" = all addresses */
	struct str tls_cert_path; /* PEM; both or none */
	struct str tls_key_path;
	struct str trusted_proxies; /* comma-separated addresses or networks ("10.0.0.0/8") whose
				     * X-Forwarded-For and -Proto count; empty: none */
	int io_threads;             /* 0: one a core */
	int worker_threads;         /* 0: eight a core */
	int password_workers;       /* 0: two */
	int password_queue_max;     /* 0: 32 */
	int document_workers;       /* 0: two a core */
	int document_queue_max;     /* 0: 64 */
	int document_wait_ms;       /* 0: as long as for a worker process */
	struct http_limits limits;  /* 0: what base/limits.h says; tests choose short ones */
};

/* site is borrowed until http_server_free. ERR_INVALID for a bad address or certificate,
 * ERR_UNAVAILABLE when the address is taken. */
enum err http_server_start(const struct site *site, const struct http_options *options,
			   struct http_server **ret) MUST_CHECK;
/* The port in use (for listen port 0). */
int http_server_port(const struct http_server *server);
/* New certificates for handshakes from now on; the old ones stay if these cannot be read
 * (ERR_INVALID). */
enum err http_server_reload_tls(struct http_server *server) MUST_CHECK;
/* When the certificate ends; 0: it serves none. */
int64_t http_server_certificate_ends_ms(const struct http_server *server);
/* Takes no new requests, finishes those that run (10 s at most), closes. NULL is fine. */
void http_server_free(struct http_server *server);
