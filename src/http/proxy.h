/* Whose word counts about where a request comes from. */
#pragma once

#include "base/network.h"

/* Is this address (text) of this machine itself? */
bool proxy_is_loopback(struct str address);
/* Do many people come from this address: is it this machine's own or a trusted proxy's? */
bool proxies_stand_for_many(const struct networks *proxies, struct str address);
/* Whom limits count as one: the IPv4 address, the /64 of an IPv6 one. False when it is neither. */
bool proxy_client_network(struct str address, struct network *ret);
/* The client, seen from a connection of `peer` with its X-Forwarded-For: the rightmost address that
 * is no trusted proxy; what a client wrote further left never counts. A view of one of the two. */
struct str proxies_client(const struct networks *proxies, struct str peer,
			  struct str forwarded_for);
/* The last entry of a comma-separated list, which is what the nearest proxy added. */
struct str proxy_last(struct str list);
