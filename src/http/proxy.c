#include "http/proxy.h"

#include <string.h>

enum { IPV6_CLIENT_BITS = 64 };

bool proxy_is_loopback(struct str address)
{
	static const struct networks loopback = {
		.networks = {{{[10] = 0xff, [11] = 0xff, [12] = 127}, 96 + 8}, {{[15] = 1}, 128}},
		.count = 2,
	};
	return networks_have(&loopback, address);
}

bool proxies_stand_for_many(const struct networks *proxies, struct str address)
{
	return proxy_is_loopback(address) || networks_have(proxies, address);
}

bool proxy_client_network(struct str address, struct network *ret)
{
	struct network network;
	bool is_ipv4;
	if (!network_parse_address(address, &network, &is_ipv4))
		return false;
	if (!is_ipv4)
		network.bits = IPV6_CLIENT_BITS;
	memset(network.bytes + network.bits / 8, 0, NETWORK_BYTES - (size_t)network.bits / 8);
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

struct str proxies_client(const struct networks *proxies, struct str peer, struct str forwarded_for)
{
	struct str client = peer;
	while (networks_have(proxies, client) && forwarded_for.len > 0) {
		struct network one;
		struct str before = cut_last(&forwarded_for);
		if (!network_parse_address(before, &one, NULL))
			break;
		client = before;
	}
	return client;
}

struct str proxy_last(struct str list)
{
	return cut_last(&list);
}
