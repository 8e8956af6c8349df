/* An answer written to the connection itself: libmicrohttpd sends none before it has seen the whole
 * body. */
#pragma once

#include "http/request.h"

#include <microhttpd.h>

/* Security headers included in `res`. To be called while the connection is suspended. Nothing is to
 * be sent after it. False: it was too long or the client has gone; some of it may have been sent.
 */
bool raw_send(struct MHD_Connection *mhd, const struct request *req, const struct response *res);
