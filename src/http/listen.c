#include "http/listen.h"

#include "base/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union any_address {
	struct sockaddr any;
	struct sockaddr_in ipv4;
	struct sockaddr_in6 ipv6;
};

static bool parse_host(struct str host, in_port_t port, union any_address *ret)
{
	char cstr[INET6_ADDRSTRLEN];
	bool is_bracketed = host.len > 2 && host.data[0] == '[' && host.data[host.len - 1] == ']';
	if (is_bracketed)
		host = str_slice(host, 1, host.len - 2);
	if (str_eq(host, STR("localhost")))
		host = STR("127.0.0.1");
	if (host.len >= sizeof(cstr))
		return false;
	memset(cstr, 0, sizeof(cstr));
	memcpy(cstr, host.data ? host.data : "", host.len);
	if (is_bracketed || host.len == 0) {
		ret->ipv6 =
			(struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(port)};
		return host.len == 0 || inet_pton(AF_INET6, cstr, &ret->ipv6.sin6_addr) == 1;
	}
	ret->ipv4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
	return inet_pton(AF_INET, cstr, &ret->ipv4.sin_addr) == 1;
}

static enum err parse(struct str where, union any_address *ret)
{
	int64_t port;
	size_t at = where.len;
	while (at > 0 && where.data[at - 1] != ':')
		at--;
	if (at == 0 || !str_to_int(str_slice(where, at, where.len), &port) || port > UINT16_MAX)
		return ERR_INVALID;
	return parse_host(str_slice(where, 0, at - 1), (in_port_t)port, ret) ? OK : ERR_INVALID;
}

bool listen_is_good(struct str where)
{
	union any_address ignored;
	return parse(where, &ignored) == OK;
}

static int bind_and_listen(const union any_address *address)
{
	int yes = 1, no = 0;
	socklen_t len =
		address->any.sa_family == AF_INET6 ? sizeof(address->ipv6) : sizeof(address->ipv4);
	int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (address->any.sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no));
	if (bind(fd, &address->any, len) == 0 && listen(fd, SOMAXCONN) == 0)
		return fd;
	int saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

enum err listen_open(struct str where, int *ret_fd, int *ret_port)
{
	union any_address address, bound;
	socklen_t len = sizeof(bound);
	TRY(parse(where, &address));
	int fd = bind_and_listen(&address);
	bool is_all = str_starts_with(where, STR(":"));
	if (fd < 0 && is_all && errno == EAFNOSUPPORT) {
		/* A kernel without IPv6. */
		in_port_t port = address.ipv6.sin6_port;
		address.ipv4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = port};
		fd = bind_and_listen(&address);
	}
	if (fd < 0 || getsockname(fd, &bound.any, &len) != 0) {
		log_event(LOG_ERROR, "http.listen_failed", LOG_STR("address", where),
			  LOG_CSTR("cause", strerror(errno)));
		if (fd >= 0)
			close(fd);
		return ERR_UNAVAILABLE;
	}
	*ret_port =
		ntohs(bound.any.sa_family == AF_INET6 ? bound.ipv6.sin6_port : bound.ipv4.sin_port);
	*ret_fd = fd;
	return OK;
}
