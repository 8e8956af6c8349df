/* One request on the wire: from libmicrohttpd's callbacks to `struct request`, to a worker, and
 * back.
 *
 *   I/O thread: request line -> header -> (body) -> suspend        queue the answer -> completed,
 * released worker:                                    dispatch -> resume
 *
 * A body for a sink (http/sink.h) comes after the handler has run: header -> suspend, worker:
 * handler
 * -> resume, body -> feed.h, worker: the sink's answer -> resume.
 */
#pragma once

#include "http/wire.h"

#include <microhttpd.h>

/* The callbacks; cls is the struct wire. */
void *exchange_request_line(void *cls, const char *uri, struct MHD_Connection *mhd);
enum MHD_Result exchange_step(void *cls, struct MHD_Connection *mhd, const char *url,
			      const char *method, const char *version, const char *data,
			      size_t *size, void **context);
void exchange_completed(void *cls, struct MHD_Connection *mhd, void **context,
			enum MHD_RequestTerminationCode code);
