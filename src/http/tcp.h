/* What the kernel knows of a connection. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct tcp_view {
	uint64_t received_bytes;
	uint64_t acked_bytes;
	uint64_t unread;      /* something was sent and not acknowledged yet; 0: nothing */
	bool has_peer_closed; /* its side at least */
};

/* All zero when it cannot be asked. */
struct tcp_view tcp_look(int fd);
