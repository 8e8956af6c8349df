#include "http/tcp.h"

#include <linux/tcp.h> /* the C library's own struct tcp_info ends before tcpi_bytes_received */
#include <netinet/in.h>
#include <sys/socket.h>

/* As in the kernel's include/net/tcp_states.h. */
enum { STATE_ESTABLISHED = 1 };

struct tcp_view tcp_look(int fd)
{
	struct tcp_info info = {0};
	socklen_t len = sizeof(info);
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
		return (struct tcp_view){0};
	return (struct tcp_view){
		.received_bytes = info.tcpi_bytes_received,
		.acked_bytes = info.tcpi_bytes_acked,
		.unread = (uint64_t)info.tcpi_unacked + info.tcpi_notsent_bytes,
		.has_peer_closed = info.tcpi_state != STATE_ESTABLISHED,
	};
}
