/* For tests: somebody in clamd's place who does as a script says, on a socket of this machine. */
#pragma once

#include "base/str.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

enum { CLAMD_PEER_CONNECTIONS_MAX = 1024 };

struct clamd_peer;
/* Runs in a thread of its own; `number` counts connections from 0. The socket is closed after. */
typedef void clamd_peer_script(struct clamd_peer *peer, int fd, int number);

struct clamd_peer {
	clamd_peer_script *script;
	struct str words; /* for the script */
	int64_t number;
	char folder[32];
	char url[96];
	int listener;
	pthread_t thread;
	pthread_t threads[CLAMD_PEER_CONNECTIONS_MAX];
	int fds[CLAMD_PEER_CONNECTIONS_MAX];
	int count;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool may_go_on; /* clamd_peer_wait() */
};

void clamd_peer_start(struct clamd_peer *peer, bool is_tcp, clamd_peer_script *script,
		      struct str words, int64_t number);
/* Lets those in clamd_peer_wait() go on. */
void clamd_peer_go_on(struct clamd_peer *peer);
void clamd_peer_stop(struct clamd_peer *peer);

/* For scripts. */
void clamd_peer_say(int fd, struct str words);
/* Until the connection ends or `bytes` have come: how many. */
int64_t clamd_peer_take(int fd, int64_t bytes);
/* Takes a stream of clamd_peer_byte()s; false: the connection ended, a length passed the limit, or
 * it was none. */
bool clamd_peer_take_stream(int fd, int64_t limit);
char clamd_peer_byte(int64_t at);
void clamd_peer_wait(struct clamd_peer *peer);
