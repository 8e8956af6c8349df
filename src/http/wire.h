/* What all exchanges of a server share. */
#pragma once

#include "http/budget.h"
#include "http/deadline.h"
#include "http/pool.h"
#include "http/proxy.h"
#include "http/route.h"
#include "http/tls.h"

struct streams;
struct feeds;

struct wire {
	const struct site *site;
	struct pool *workers;
	struct pool *password_workers;
	struct pool *document_workers;
	int document_wait_ms; /* in their queue */
	struct deadlines *deadlines;
	struct networks proxies;
	struct budget bodies;  /* coming in */
	struct budget answers; /* not read yet */
	struct tally *connections;
	struct streams *streams;
	struct feeds *feeds;
	struct pool *live_workers; /* make the pieces of streams */
	struct pool *bulk_workers;
	struct pool *sink_workers; /* take what is uploaded */
	int connections_per_network;
	int connections_per_proxy;
	struct tls *tls;  /* NULL: plain */
	_Atomic int open; /* exchanges between header and completion */
	_Atomic bool is_stopping;
	_Atomic bool is_proxy_reported; /* the log has said that one is not trusted */
};
