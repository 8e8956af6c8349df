/* IP addresses and networks, in lists that an operator writes. */
#pragma once

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct sockaddr;

enum { NETWORKS_MAX = 32, NETWORK_BYTES = 16, NETWORK_TEXT_BYTES = 46 };

struct network {
	uint8_t bytes[NETWORK_BYTES]; /* IPv4 as ::ffff:a.b.c.d */
	int bits;
};

struct networks {
	struct network networks[NETWORKS_MAX];
	size_t count;
};

/* "10.0.0.1, 192.168.0.0/16, fd00::/8". ERR_INVALID for anything else, ERR_TOO_LARGE for too many.
 */
enum err networks_parse(struct str text, struct networks *ret) MUST_CHECK;
/* Is this address (text) in one of them? False when it is no address. */
bool networks_have(const struct networks *networks, struct str address);

/* An address as a network of its own: all its bits. ret_is_ipv4 may be NULL. False when the text is
 * no address. */
bool network_parse_address(struct str text, struct network *ret, bool *ret_is_ipv4);
/* An IP address as text, without port; IPv4 in IPv6 as IPv4. Empty text for other families. */
void network_address_text(const struct sockaddr *address, char ret[NETWORK_TEXT_BYTES]);

/* Is the address (text) one of the whole internet: not of this machine, a network of one's own, a
 * link, a tunnel, a group or documentation (the registries of IANA for special purposes, RFC 6890)?
 */
bool network_is_public(struct str address);
