/* One connection, from accepting it to closing it. */
#pragma once

#include "http/wire.h"

#include <microhttpd.h>

struct connection {
	struct wire *wire;
	struct deadline deadline;
	struct network network;
	bool is_counted; /* among those of its network */
	bool is_refused; /* its network has too many */
	char peer[NETWORK_TEXT_BYTES];
};

/* libmicrohttpd's callback; cls is the struct wire. */
void connection_notify(void *cls, struct MHD_Connection *mhd, void **context,
		       enum MHD_ConnectionNotificationCode code);
/* NULL when there was no memory for it. */
struct connection *connection_of(struct MHD_Connection *mhd);
