#include "http/connection.h"

#include <stdlib.h>
#include <sys/socket.h>

/* libmicrohttpd counts by address, which an IPv6 client has without number. */
static void count_in(struct connection *connection)
{
	struct wire *wire = connection->wire;
	struct str peer = str_of(connection->peer);
	int max = proxies_stand_for_many(&wire->proxies, peer) ? wire->connections_per_proxy
							       : wire->connections_per_network;
	if (!proxy_client_network(peer, &connection->network))
		return;
	connection->is_counted = tally_add(wire->connections, &connection->network, 1, max);
	connection->is_refused = !connection->is_counted;
}

static struct connection *open_connection(struct wire *wire, struct MHD_Connection *mhd)
{
	struct connection *connection = calloc(1, sizeof(*connection));
	if (connection == NULL)
		return NULL;
	const union MHD_ConnectionInfo *address =
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	if (address)
		network_address_text(address->client_addr, connection->peer);
	connection->wire = wire;
	int fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	count_in(connection);
	/* What has arrived already can still be read, so its requests are refused as well. */
	if (connection->is_refused)
		shutdown(fd, SHUT_RDWR);
	deadline_add(wire->deadlines, &connection->deadline, fd);
	return connection;
}

static void close_connection(struct wire *wire, struct connection *connection)
{
	deadline_remove(wire->deadlines, &connection->deadline);
	if (connection->is_counted)
		tally_subtract(wire->connections, &connection->network, 1);
	free(connection);
}

void connection_notify(void *cls, struct MHD_Connection *mhd, void **context,
		       enum MHD_ConnectionNotificationCode code)
{
	struct wire *wire = cls;
	struct connection *connection = *context;
	if (code != MHD_CONNECTION_NOTIFY_CLOSED) {
		*context = open_connection(wire, mhd);
		return;
	}
	if (connection)
		close_connection(wire, connection);
	*context = NULL;
}

struct connection *connection_of(struct MHD_Connection *mhd)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	return info ? info->socket_context : NULL;
}
