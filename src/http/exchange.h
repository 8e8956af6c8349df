/* One request on the wire: from libmicrohttpd's callbacks to `struct request`, to a worker, and
 * back.
 *
 *   I/O thread: request line -> header -> (body) -> suspend        queue the answer -> completed,
 * released worker:                                    dispatch -> resume
 */
#pragma once

#include "http/deadline.h"
#include "http/dispatch.h"
#include "http/guard.h"
#include "http/pool.h"
#include "http/proxy.h"
#include "http/tls.h"

#include <microhttpd.h>

/* What all exchanges of a server share. */
struct wire {
	const struct site *site;
	struct pool *workers;
	struct pool *password_workers;
	struct deadlines *deadlines;
	struct proxies proxies;
	struct tls *tls;  /* NULL: plain */
	_Atomic int open; /* exchanges between header and completion */
	_Atomic bool is_stopping;
	_Atomic bool is_proxy_reported; /* the log has said that one is not trusted */
};

struct connection {
	struct wire *wire;
	struct deadline deadline;
	char peer[PROXY_TEXT_BYTES];
};

/* The callbacks; cls is the struct wire. */
void *exchange_request_line(void *cls, const char *uri, struct MHD_Connection *mhd);
enum MHD_Result exchange_step(void *cls, struct MHD_Connection *mhd, const char *url,
			      const char *method, const char *version, const char *data,
			      size_t *size, void **context);
void exchange_completed(void *cls, struct MHD_Connection *mhd, void **context,
			enum MHD_RequestTerminationCode code);
void exchange_connection(void *cls, struct MHD_Connection *mhd, void **context,
			 enum MHD_ConnectionNotificationCode code);
