/* Whose word counts about where a request comes from. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

#include <sys/socket.h>

enum { PROXY_NETWORKS_MAX = 32, PROXY_ADDRESS_BYTES = 16, PROXY_TEXT_BYTES = 46 };

struct network {
	uint8_t bytes[PROXY_ADDRESS_BYTES]; /* IPv4 as ::ffff:a.b.c.d */
	int bits;
};

struct proxies {
	struct network networks[PROXY_NETWORKS_MAX];
	size_t count;
};

/* "10.0.0.1, 192.168.0.0/16, fd00::/8". ERR_INVALID for anything else, ERR_TOO_LARGE for too many.
 */
enum err proxies_parse(struct str text, struct proxies *ret) MUST_CHECK;
/* Is this address (text) a trusted proxy? */
bool proxies_trust(const struct proxies *proxies, struct str address);
/* Is this address (text) of this machine itself? */
bool proxy_is_loopback(struct str address);
/* Do many people come from this address: is it this machine's own or a trusted proxy's? */
bool proxies_stand_for_many(const struct proxies *proxies, struct str address);
/* Whom limits count as one: the IPv4 address, the /64 of an IPv6 one. False when it is neither. */
bool proxy_client_network(struct str address, struct network *ret);
/* The client, seen from a connection of `peer` with its X-Forwarded-For: the rightmost address that
 * is no trusted proxy; what a client wrote further left never counts. A view of one of the two. */
struct str proxies_client(const struct proxies *proxies, struct str peer, struct str forwarded_for);
/* The last entry of a comma-separated list, which is what the nearest proxy added. */
struct str proxy_last(struct str list);
/* An IP address as text, without port; IPv4 in IPv6 as IPv4. Empty text for other families. */
void proxy_address_text(const struct sockaddr *address, char ret[PROXY_TEXT_BYTES]);
