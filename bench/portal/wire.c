#include "wire.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

void wire_fail(const char *what)
{
	perror(what);
	exit(1);
}

double wire_now_s(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int wire_try_connect(int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons((uint16_t)port),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int on = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		wire_fail("socket");
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		return fd;
	}
	close(fd);
	return -1;
}

int wire_connect(int port)
{
	int fd = wire_try_connect(port);
	if (fd < 0)
		wire_fail("connect");
	return fd;
}

static long number_after(const char *head, const char *name)
{
	const char *at = strcasestr(head, name);
	return at ? strtol(at + strlen(name), NULL, 10) : -1;
}

void wire_exchange(struct wire *wire, const char *request, size_t bytes)
{
	static _Thread_local char answer[WIRE_BUFFER_BYTES];
	size_t len = 0;
	const char *end = NULL;
	if (write(wire->fd, request, bytes) != (ssize_t)bytes)
		wire_fail("write");
	while (end == NULL) {
		ssize_t got = read(wire->fd, answer + len, sizeof(answer) - 1 - len);
		if (got <= 0)
			wire_fail("the answer broke off");
		len += (size_t)got;
		answer[len] = '\0';
		end = strstr(answer, "\r\n\r\n");
	}
	size_t body_at = (size_t)(end - answer) + strlen("\r\n\r\n");
	answer[body_at - 1] = '\0';
	long length = number_after(answer, "\r\nContent-Length: ");
	long wait_s = number_after(answer, "\r\nRetry-After: ");
	wire->status = (int)number_after(answer, "HTTP/1.1 ");
	wire->retry_after_s = wait_s > 0 ? (int)wait_s : 0;
	for (size_t left = body_at + (size_t)length - len; length > 0 && left > 0;) {
		ssize_t got = read(wire->fd, answer, left < sizeof(answer) ? left : sizeof(answer));
		if (got <= 0)
			wire_fail("the answer broke off");
		left -= (size_t)got;
	}
}

char *wire_read_file(const char *path, size_t *ret_bytes)
{
	FILE *file = fopen(path, "r");
	char *text = calloc(1, WIRE_BUFFER_BYTES);
	if (file == NULL || text == NULL)
		wire_fail(path);
	*ret_bytes = fread(text, 1, WIRE_BUFFER_BYTES - 1, file);
	fclose(file);
	return text;
}
