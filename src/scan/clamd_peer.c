#include "scan/clamd_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

struct visit {
	struct clamd_peer *peer;
	int number;
};

static void *serve_one(void *argument)
{
	struct visit visit = *(struct visit *)argument;
	int fd = visit.peer->fds[visit.number];
	free(argument);
	visit.peer->script(visit.peer, fd, visit.number);
	pthread_mutex_lock(&visit.peer->lock);
	close(fd);
	visit.peer->fds[visit.number] = -1;
	pthread_mutex_unlock(&visit.peer->lock);
	return NULL;
}

static void *serve(void *argument)
{
	struct clamd_peer *peer = argument;
	int fd;
	while ((fd = accept(peer->listener, NULL, NULL)) >= 0) {
		struct visit *visit = malloc(sizeof(*visit));
		*visit = (struct visit){peer, peer->count};
		if (peer->count == CLAMD_PEER_CONNECTIONS_MAX)
			abort();
		pthread_mutex_lock(&peer->lock);
		peer->fds[peer->count] = fd;
		pthread_mutex_unlock(&peer->lock);
		pthread_create(&peer->threads[peer->count++], NULL, serve_one, visit);
	}
	return NULL;
}

static void listen_locally(struct clamd_peer *peer)
{
	struct sockaddr_un local = {.sun_family = AF_UNIX};
	snprintf(local.sun_path, sizeof(local.sun_path), "%s/clamd.ctl", peer->folder);
	snprintf(peer->url, sizeof(peer->url), "unix:%s/clamd.ctl", peer->folder);
	peer->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(peer->listener, (struct sockaddr *)&local, sizeof(local)), 0);
}

static void listen_by_tcp(struct clamd_peer *peer)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	peer->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(peer->listener, (struct sockaddr *)&address, len), 0);
	assert_int_equal(getsockname(peer->listener, (struct sockaddr *)&address, &len), 0);
	snprintf(peer->url, sizeof(peer->url), "tcp:127.0.0.1:%d", ntohs(address.sin_port));
}

void clamd_peer_start(struct clamd_peer *peer, bool is_tcp, clamd_peer_script *script,
		      struct str words, int64_t number)
{
	*peer = (struct clamd_peer){.script = script,
				    .words = words,
				    .number = number,
				    .folder = "/tmp/postern-peer-XXXXXX",
				    .lock = PTHREAD_MUTEX_INITIALIZER,
				    .changed = PTHREAD_COND_INITIALIZER};
	assert_non_null(mkdtemp(peer->folder));
	if (is_tcp)
		listen_by_tcp(peer);
	else
		listen_locally(peer);
	assert_int_equal(listen(peer->listener, 16), 0);
	assert_int_equal(pthread_create(&peer->thread, NULL, serve, peer), 0);
}

void clamd_peer_go_on(struct clamd_peer *peer)
{
	pthread_mutex_lock(&peer->lock);
	peer->may_go_on = true;
	pthread_cond_broadcast(&peer->changed);
	pthread_mutex_unlock(&peer->lock);
}

void clamd_peer_stop(struct clamd_peer *peer)
{
	char path[64];
	shutdown(peer->listener, SHUT_RDWR);
	pthread_join(peer->thread, NULL);
	clamd_peer_go_on(peer);
	pthread_mutex_lock(&peer->lock);
	for (int i = 0; i < peer->count; i++)
		if (peer->fds[i] >= 0)
			shutdown(peer->fds[i], SHUT_RDWR);
	pthread_mutex_unlock(&peer->lock);
	for (int i = 0; i < peer->count; i++)
		pthread_join(peer->threads[i], NULL);
	close(peer->listener);
	snprintf(path, sizeof(path), "%s/clamd.ctl", peer->folder);
	unlink(path);
	rmdir(peer->folder);
}

/* ---- what scripts do ---- */

void clamd_peer_say(int fd, struct str words)
{
	if (send(fd, words.data, words.len, MSG_NOSIGNAL) < 0)
		return; /* they have gone */
}

int64_t clamd_peer_take(int fd, int64_t bytes)
{
	char room[4096];
	int64_t taken = 0;
	while (taken < bytes) {
		int64_t left = bytes - taken;
		ssize_t count = recv(fd, room,
				     left < (int64_t)sizeof(room) ? (size_t)left : sizeof(room), 0);
		if (count <= 0)
			break;
		taken += count;
	}
	return taken;
}

static bool take_whole(int fd, void *room, size_t bytes)
{
	return bytes == 0 || recv(fd, room, bytes, MSG_WAITALL) == (ssize_t)bytes;
}

char clamd_peer_byte(int64_t at)
{
	return (char)(at * 31 % 251);
}

bool clamd_peer_take_stream(int fd, int64_t limit)
{
	static const char command[] = "zINSTREAM"; /* with its NUL */
	char room[65536];
	int64_t at = 0;
	if (!take_whole(fd, room, sizeof(command)) || memcmp(room, command, sizeof(command)) != 0)
		return false;
	for (uint32_t bytes;;) {
		if (!take_whole(fd, &bytes, sizeof(bytes)))
			return false;
		bytes = ntohl(bytes);
		if (bytes == 0)
			return true;
		if (bytes > limit - at)
			return false;
		while (bytes > 0) {
			size_t count = bytes < sizeof(room) ? bytes : sizeof(room);
			if (!take_whole(fd, room, count))
				return false;
			for (size_t i = 0; i < count; i++)
				if (room[i] != clamd_peer_byte(at++))
					return false;
			bytes -= (uint32_t)count;
		}
	}
}

void clamd_peer_wait(struct clamd_peer *peer)
{
	pthread_mutex_lock(&peer->lock);
	while (!peer->may_go_on)
		pthread_cond_wait(&peer->changed, &peer->lock);
	pthread_mutex_unlock(&peer->lock);
}
