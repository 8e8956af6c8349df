#include "scan/scan_wire.h"

#include "base/clock.h"
#include "base/limits.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static int open_socket(const struct scan_address *address, int step_ms)
{
	struct timeval step = {.tv_sec = step_ms / 1000, .tv_usec = step_ms % 1000 * 1000L};
	int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* It bounds connect() too. */
	if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &step, sizeof(step)) != 0 ||
			connect(fd, &address->any, address->bytes) != 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

enum err scan_wire_open(struct scan_wire *wire, const struct scan_address *address,
			struct scan_patience *patience)
{
	*wire = (struct scan_wire){.patience = patience,
				   .fd = open_socket(address, patience->step_ms),
				   .left_ms = patience->answer_ms};
	return wire->fd < 0 ? ERR_UNAVAILABLE : OK;
}

void scan_wire_close(struct scan_wire *wire)
{
	if (wire->fd >= 0)
		close(wire->fd);
	wire->fd = -1;
}

/* What the socket is ready for; 0: for nothing. */
static short wait_ms(struct scan_wire *wire, short events, int ms)
{
	struct pollfd ready = {.fd = wire->fd, .events = events};
	int64_t start_ms = clock_monotonic_ms(), waited_ms = 0;
	int count;
	do {
		count = poll(&ready, 1, ms - (int)waited_ms);
		waited_ms = clock_monotonic_ms() - start_ms;
	} while (count < 0 && errno == EINTR && waited_ms < ms);
	wire->left_ms -= waited_ms < wire->left_ms ? (int)waited_ms : wire->left_ms;
	return count > 0 ? ready.revents : 0;
}

static short wait_patiently(struct scan_wire *wire, short events)
{
	struct scan_patience *patience = wire->patience;
	short ready = 0;
	if (patience->waiting++ < LIMIT_SCANS_WAITING)
		ready = wait_ms(wire, events, wire->left_ms);
	patience->waiting--;
	return ready;
}

static enum err wait_for(struct scan_wire *wire, short events, short *ret_ready)
{
	int step_ms = wire->patience->step_ms;
	short ready = wait_ms(wire, events, step_ms < wire->left_ms ? step_ms : wire->left_ms);
	if (ready == 0 && wire->left_ms > 0)
		ready = wait_patiently(wire, events);
	if (ready == 0)
		return ERR_BUSY;
	*ret_ready = ready;
	return OK;
}

/* How much of both went. */
static enum err send_some(struct scan_wire *wire, struct str head, struct str body, size_t *ret)
{
	struct iovec parts[] = {{(void *)head.data, head.len}, {(void *)body.data, body.len}};
	const struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
	short ready;
	TRY(wait_for(wire, POLLIN | POLLOUT, &ready));
	if (ready & (POLLIN | POLLHUP | POLLERR))
		return ERR_CONFLICT;
	ssize_t count = sendmsg(wire->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (count < 0 && errno != EAGAIN && errno != EINTR)
		return ERR_CONFLICT;
	*ret = count < 0 ? 0 : (size_t)count;
	return OK;
}

enum err scan_wire_send(struct scan_wire *wire, struct str head, struct str body)
{
	while (head.len + body.len > 0) {
		size_t count = 0;
		TRY(send_some(wire, head, body, &count));
		size_t of_head = count < head.len ? count : head.len;
		head = str_slice(head, of_head, head.len);
		body = str_slice(body, count - of_head, body.len);
	}
	return OK;
}

/* The answer of a peer that closed with bytes unread waits behind the news of that. */
static ssize_t receive(int fd, char *room, size_t bytes)
{
	ssize_t count = recv(fd, room, bytes, MSG_DONTWAIT);
	if (count < 0 && errno == ECONNRESET)
		count = recv(fd, room, bytes, MSG_DONTWAIT);
	return count;
}

enum err scan_wire_receive(struct scan_wire *wire, struct buf *answer)
{
	char room[256];
	for (;;) {
		short ready;
		TRY(wait_for(wire, POLLIN, &ready));
		ssize_t count = receive(wire->fd, room, sizeof(room));
		if (count < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (count <= 0)
			return ERR_UNAVAILABLE;
		size_t end = 0;
		while (end < (size_t)count && room[end] != '\0' && room[end] != '\n')
			end++;
		buf_add(answer, (struct str){room, end});
		if (answer->err != OK)
			return ERR_UNAVAILABLE;
		if (end < (size_t)count)
			return OK;
	}
}

enum err scan_wire_receive_all(struct scan_wire *wire, struct buf *answer)
{
	char room[1024];
	for (;;) {
		short ready;
		TRY(wait_for(wire, POLLIN, &ready));
		ssize_t count = receive(wire->fd, room, sizeof(room));
		if (count < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (count < 0)
			return ERR_UNAVAILABLE;
		if (count == 0)
			return OK;
		buf_add(answer, str_bytes(room, (size_t)count));
		if (answer->err != OK)
			return ERR_TOO_LARGE;
	}
}
