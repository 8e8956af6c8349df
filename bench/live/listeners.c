/* How long it takes until every open window knows of a new message.
 *   listeners PORT COUNT SEND-FILE LISTEN-FILE...
 * opens COUNT connections with each request for live events; once all have begun, sends the request
 * in SEND-FILE, which writes to all of these people; prints median and longest ms from before it
 * was sent until the event was read, and how many there were. Holds them open until standard input
 * ends. */
#include "../portal/wire.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

enum { EVENTS = 256, PATIENCE_MS = 20000, TEXT_BYTES = 2048 };

struct window {
	int fd;
	char text[TEXT_BYTES]; /* the last of what was said */
	size_t len;
	double told_s; /* 0: not yet */
};

static int port;
static struct window *windows;
static size_t window_count;

static void allow_many_files(void)
{
	struct rlimit files;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
}

static void open_window(int epoll, struct window *window, const char *request, size_t bytes)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = window};
	window->fd = wire_connect(port);
	if (send(window->fd, request, bytes, MSG_NOSIGNAL) != (ssize_t)bytes)
		wire_fail("send");
	epoll_ctl(epoll, EPOLL_CTL_ADD, window->fd, &event);
}

/* Whether the word has just been said there for the first time. */
static bool has_heard(struct window *window, const char *word)
{
	if (window->len > TEXT_BYTES / 2)
		window->len = 0;
	ssize_t got = recv(window->fd, window->text + window->len, TEXT_BYTES - 1 - window->len, 0);
	if (got <= 0)
		wire_fail("a connection was closed");
	window->len += (size_t)got;
	window->text[window->len] = '\0';
	if (window->told_s > 0 || strstr(window->text, word) == NULL)
		return false;
	window->len = 0;
	window->told_s = wire_now_s();
	return true;
}

static void await_all(int epoll, const char *word)
{
	struct epoll_event events[EVENTS];
	for (size_t i = 0; i < window_count; i++)
		windows[i].told_s = 0;
	for (size_t told = 0; told < window_count;) {
		int count = epoll_wait(epoll, events, EVENTS, PATIENCE_MS);
		if (count <= 0)
			wire_fail("somebody was told nothing");
		for (int i = 0; i < count; i++)
			told += has_heard(events[i].data.ptr, word);
	}
}

static int compare(const void *a, const void *b)
{
	double left = ((const struct window *)a)->told_s;
	double right = ((const struct window *)b)->told_s;
	return (left > right) - (left < right);
}

int main(int argc, char **argv)
{
	if (argc < 5) {
		fprintf(stderr, "listeners PORT COUNT SEND-FILE LISTEN-FILE...\n");
		return 2;
	}
	size_t each = (size_t)atoi(argv[2]), people = (size_t)argc - 4, bytes;
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	struct wire sender;
	port = atoi(argv[1]);
	allow_many_files();
	windows = calloc(each * people, sizeof(*windows));
	if (windows == NULL)
		wire_fail("calloc");
	for (size_t person = 0; person < people; person++) {
		const char *request = wire_read_file(argv[4 + person], &bytes);
		for (size_t i = 0; i < each; i++)
			open_window(epoll, &windows[window_count++], request, bytes);
	}
	await_all(epoll, "retry: ");
	const char *request = wire_read_file(argv[3], &bytes);
	sender.fd = wire_connect(port);
	double began_s = wire_now_s();
	if (send(sender.fd, request, bytes, MSG_NOSIGNAL) != (ssize_t)bytes)
		wire_fail("send");
	await_all(epoll, "event: message");
	qsort(windows, window_count, sizeof(*windows), compare);
	printf("%.0f %.0f %zu\n", (windows[window_count / 2].told_s - began_s) * 1000,
	       (windows[window_count - 1].told_s - began_s) * 1000, window_count);
	fflush(stdout);
	while (getchar() != EOF)
		continue;
	return 0;
}
