#include "scan/scan_address.h"

#include <arpa/inet.h>
#include <string.h>

static enum err parse_path(struct str path, struct scan_address *ret)
{
	struct sockaddr_un local = {.sun_family = AF_UNIX};
	if (!str_starts_with(path, STR("/")) || path.len >= sizeof(local.sun_path) ||
	    memchr(path.data, '\0', path.len))
		return ERR_INVALID;
	memcpy(local.sun_path, path.data, path.len);
	ret->local = local;
	ret->bytes = sizeof(local);
	return OK;
}

static enum err parse_host(struct str host, in_port_t port, struct scan_address *ret)
{
	char cstr[INET6_ADDRSTRLEN] = "";
	bool is_ipv6 = host.len > 2 && host.data[0] == '[' && host.data[host.len - 1] == ']';
	if (is_ipv6)
		host = str_slice(host, 1, host.len - 2);
	if (host.len == 0 || host.len >= sizeof(cstr) || memchr(host.data, '\0', host.len))
		return ERR_INVALID;
	memcpy(cstr, host.data, host.len);
	if (is_ipv6) {
		ret->ipv6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = port};
		ret->bytes = sizeof(ret->ipv6);
		return inet_pton(AF_INET6, cstr, &ret->ipv6.sin6_addr) == 1 ? OK : ERR_INVALID;
	}
	ret->ipv4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = port};
	ret->bytes = sizeof(ret->ipv4);
	return inet_pton(AF_INET, cstr, &ret->ipv4.sin_addr) == 1 ? OK : ERR_INVALID;
}

static enum err parse_host_and_port(struct str text, struct scan_address *ret)
{
	int64_t port;
	size_t at = text.len;
	while (at > 0 && text.data[at - 1] != ':')
		at--;
	if (at == 0 || !str_to_int(str_slice(text, at, text.len), &port) || port < 1 ||
	    port > UINT16_MAX)
		return ERR_INVALID;
	return parse_host(str_slice(text, 0, at - 1), htons((in_port_t)port), ret);
}

enum err scan_address_parse(struct str url, struct scan_address *ret)
{
	struct scan_address address = {0};
	struct str local = STR("unix:"), tcp = STR("tcp:");
	if (str_starts_with(url, local))
		TRY(parse_path(str_slice(url, local.len, url.len), &address));
	else if (str_starts_with(url, tcp))
		TRY(parse_host_and_port(str_slice(url, tcp.len, url.len), &address));
	else
		return ERR_INVALID;
	*ret = address;
	return OK;
}
