#include "http/proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum { IPV4_PREFIX_BITS = 96, IPV6_CLIENT_BITS = 64 };

static const uint8_t ipv4_prefix[12] = {[10] = 0xff, [11] = 0xff};

static bool parse_address(struct str text, uint8_t ret_bytes[PROXY_ADDRESS_BYTES],
			  bool *ret_is_ipv4)
{
	char cstr[PROXY_TEXT_BYTES];
	if (text.len == 0 || text.len >= sizeof(cstr) || memchr(text.data, '\0', text.len) != NULL)
		return false;
	memcpy(cstr, text.data, text.len);
	cstr[text.len] = '\0';
	*ret_is_ipv4 = inet_pton(AF_INET, cstr, ret_bytes + sizeof(ipv4_prefix)) == 1;
	if (*ret_is_ipv4)
		memcpy(ret_bytes, ipv4_prefix, sizeof(ipv4_prefix));
	return *ret_is_ipv4 || inet_pton(AF_INET6, cstr, ret_bytes) == 1;
}

static enum err parse_network(struct str text, struct network *ret)
{
	struct network network;
	struct str address;
	bool is_ipv4;
	bool has_bits = str_find_char(text, '/') >= 0;
	if (!str_next(&text, '/', &address) || !parse_address(address, network.bytes, &is_ipv4))
		return ERR_INVALID;
	int64_t bits = is_ipv4 ? 32 : 128;
	int64_t most = bits;
	if (has_bits && (!str_to_int(text, &bits) || bits > most))
		return ERR_INVALID;
	network.bits = (int)bits + (is_ipv4 ? IPV4_PREFIX_BITS : 0);
	*ret = network;
	return OK;
}

enum err proxies_parse(struct str text, struct proxies *ret)
{
	struct proxies proxies = {.count = 0};
	struct str item;
	while (str_next(&text, ',', &item)) {
		item = str_trim(item);
		if (str_is_empty(item))
			continue;
		if (proxies.count == PROXY_NETWORKS_MAX)
			return ERR_TOO_LARGE;
		TRY(parse_network(item, &proxies.networks[proxies.count]));
		proxies.count++;
	}
	*ret = proxies;
	return OK;
}

static bool is_within(const struct network *network, const uint8_t bytes[PROXY_ADDRESS_BYTES])
{
	size_t whole = (size_t)network->bits / 8;
	int rest = network->bits % 8;
	if (memcmp(network->bytes, bytes, whole) != 0)
		return false;
	return rest == 0 || (network->bytes[whole] ^ bytes[whole]) >> (8 - rest) == 0;
}

bool proxies_trust(const struct proxies *proxies, struct str address)
{
	uint8_t bytes[PROXY_ADDRESS_BYTES];
	bool is_ipv4;
	if (proxies->count == 0 || !parse_address(address, bytes, &is_ipv4))
		return false;
	for (size_t i = 0; i < proxies->count; i++) {
		if (is_within(&proxies->networks[i], bytes))
			return true;
	}
	return false;
}

bool proxy_is_loopback(struct str address)
{
	static const struct proxies loopback = {
		.networks = {{{[10] = 0xff, [11] = 0xff, [12] = 127}, IPV4_PREFIX_BITS + 8},
			     {{[15] = 1}, 128}},
		.count = 2,
	};
	return proxies_trust(&loopback, address);
}

bool proxies_stand_for_many(const struct proxies *proxies, struct str address)
{
	return proxy_is_loopback(address) || proxies_trust(proxies, address);
}

bool proxy_client_network(struct str address, struct network *ret)
{
	struct network network = {.bits = IPV6_CLIENT_BITS};
	bool is_ipv4;
	if (!parse_address(address, network.bytes, &is_ipv4))
		return false;
	if (is_ipv4)
		network.bits = 8 * PROXY_ADDRESS_BYTES;
	memset(network.bytes + network.bits / 8, 0, PROXY_ADDRESS_BYTES - (size_t)network.bits / 8);
	*ret = network;
	return true;
}

static struct str cut_last(struct str *list)
{
	size_t start = list->len;
	while (start > 0 && list->data[start - 1] != ',')
		start--;
	struct str last = str_trim(str_slice(*list, start, list->len));
	*list = str_slice(*list, 0, start > 0 ? start - 1 : 0);
	return last;
}

struct str proxies_client(const struct proxies *proxies, struct str peer, struct str forwarded_for)
{
	struct str client = peer;
	while (proxies_trust(proxies, client) && forwarded_for.len > 0) {
		uint8_t bytes[PROXY_ADDRESS_BYTES];
		bool is_ipv4;
		struct str before = cut_last(&forwarded_for);
		if (!parse_address(before, bytes, &is_ipv4))
			break;
		client = before;
	}
	return client;
}

struct str proxy_last(struct str list)
{
	return cut_last(&list);
}

void proxy_address_text(const struct sockaddr *address, char ret[PROXY_TEXT_BYTES])
{
	ret[0] = '\0';
	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *ipv4 = (const void *)address;
		inet_ntop(AF_INET, &ipv4->sin_addr, ret, PROXY_TEXT_BYTES);
	} else if (address->sa_family == AF_INET6) {
		const struct sockaddr_in6 *ipv6 = (const void *)address;
		bool is_mapped = IN6_IS_ADDR_V4MAPPED(&ipv6->sin6_addr);
		if (is_mapped)
			inet_ntop(AF_INET, ipv6->sin6_addr.s6_addr + sizeof(ipv4_prefix), ret,
				  PROXY_TEXT_BYTES);
		else
			inet_ntop(AF_INET6, &ipv6->sin6_addr, ret, PROXY_TEXT_BYTES);
	}
}
