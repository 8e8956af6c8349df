#include "base/network.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

enum { IPV4_PREFIX_BITS = 96 };

static const uint8_t ipv4_prefix[12] = {[10] = 0xff, [11] = 0xff};

bool network_parse_address(struct str text, struct network *ret, bool *ret_is_ipv4)
{
	struct network network = {.bits = 8 * NETWORK_BYTES};
	char cstr[NETWORK_TEXT_BYTES];
	if (text.len == 0 || text.len >= sizeof(cstr) || memchr(text.data, '\0', text.len) != NULL)
		return false;
	memcpy(cstr, text.data, text.len);
	cstr[text.len] = '\0';
	bool is_ipv4 = inet_pton(AF_INET, cstr, network.bytes + sizeof(ipv4_prefix)) == 1;
	if (is_ipv4)
		memcpy(network.bytes, ipv4_prefix, sizeof(ipv4_prefix));
	else if (inet_pton(AF_INET6, cstr, network.bytes) != 1)
		return false;
	if (ret_is_ipv4)
		*ret_is_ipv4 = is_ipv4;
	*ret = network;
	return true;
}

static enum err parse_network(struct str text, struct network *ret)
{
	struct network network;
	struct str address;
	bool is_ipv4;
	bool has_bits = str_find_char(text, '/') >= 0;
	if (!str_next(&text, '/', &address) || !network_parse_address(address, &network, &is_ipv4))
		return ERR_INVALID;
	int64_t bits = is_ipv4 ? 32 : 128;
	int64_t most = bits;
	if (has_bits && (!str_to_int(text, &bits) || bits > most))
		return ERR_INVALID;
	network.bits = (int)bits + (is_ipv4 ? IPV4_PREFIX_BITS : 0);
	*ret = network;
	return OK;
}

enum err networks_parse(struct str text, struct networks *ret)
{
	struct networks networks = {.count = 0};
	struct str item;
	while (str_next(&text, ',', &item)) {
		item = str_trim(item);
		if (str_is_empty(item))
			continue;
		if (networks.count == NETWORKS_MAX)
			return ERR_TOO_LARGE;
		TRY(parse_network(item, &networks.networks[networks.count]));
		networks.count++;
	}
	*ret = networks;
	return OK;
}

static bool is_within(const struct network *network, const uint8_t bytes[NETWORK_BYTES])
{
	size_t whole = (size_t)network->bits / 8;
	int rest = network->bits % 8;
	if (memcmp(network->bytes, bytes, whole) != 0)
		return false;
	return rest == 0 || (network->bytes[whole] ^ bytes[whole]) >> (8 - rest) == 0;
}

bool networks_have(const struct networks *networks, struct str address)
{
	struct network one;
	if (networks->count == 0 || !network_parse_address(address, &one, NULL))
		return false;
	for (size_t i = 0; i < networks->count; i++) {
		if (is_within(&networks->networks[i], one.bytes))
			return true;
	}
	return false;
}

#define IPV4(a, b, c, length)                                                                      \
	{                                                                                          \
		{[10] = 0xff, 0xff, (a), (b), (c)}, IPV4_PREFIX_BITS + (length)                    \
	}
#define IPV6(a, b, c, d, length)                                                                   \
	{                                                                                          \
		{(a), (b), (c), (d)}, (length)                                                     \
	}

bool network_is_public(struct str address)
{
	static const struct networks special_ipv4 = {
		.networks = {IPV4(0, 0, 0, 8), IPV4(10, 0, 0, 8), IPV4(100, 64, 0, 10),
			     IPV4(127, 0, 0, 8), IPV4(169, 254, 0, 16), IPV4(172, 16, 0, 12),
			     IPV4(192, 0, 0, 24), IPV4(192, 0, 2, 24), IPV4(192, 88, 99, 24),
			     IPV4(192, 168, 0, 16), IPV4(198, 18, 0, 15), IPV4(198, 51, 100, 24),
			     IPV4(203, 0, 113, 24), IPV4(224, 0, 0, 4), IPV4(240, 0, 0, 4)},
		.count = 15,
	};
	/* All that is given out is in 2000::/3. Tunnels lead to some IPv4 address: 6to4, Teredo. */
	static const struct networks given_out = {.networks = {IPV6(0x20, 0, 0, 0, 3)}, .count = 1};
	static const struct networks special_ipv6 = {
		.networks = {IPV6(0x20, 0x01, 0, 0, 23), IPV6(0x20, 0x01, 0x0d, 0xb8, 32),
			     IPV6(0x20, 0x02, 0, 0, 16), IPV6(0x3f, 0xff, 0, 0, 20)},
		.count = 4,
	};
	static const struct networks all_ipv4 = {.networks = {IPV4(0, 0, 0, 0)}, .count = 1};
	if (networks_have(&all_ipv4, address))
		return !networks_have(&special_ipv4, address);
	return networks_have(&given_out, address) && !networks_have(&special_ipv6, address);
}

void network_address_text(const struct sockaddr *address, char ret[NETWORK_TEXT_BYTES])
{
	ret[0] = '\0';
	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *ipv4 = (const void *)address;
		inet_ntop(AF_INET, &ipv4->sin_addr, ret, NETWORK_TEXT_BYTES);
	} else if (address->sa_family == AF_INET6) {
		const struct sockaddr_in6 *ipv6 = (const void *)address;
		bool is_mapped = IN6_IS_ADDR_V4MAPPED(&ipv6->sin6_addr);
		if (is_mapped)
			inet_ntop(AF_INET, ipv6->sin6_addr.s6_addr + sizeof(ipv4_prefix), ret,
				  NETWORK_TEXT_BYTES);
		else
			inet_ntop(AF_INET6, &ipv6->sin6_addr, ret, NETWORK_TEXT_BYTES);
	}
}
