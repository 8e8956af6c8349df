#include "core/throttle.h"

#include "base/random.h"
#include "crypto/digest.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SETS = 8192, WAYS = 8, TAG_BYTES = 16, FAILURES_MAX = 1000 };

struct entry {
	uint8_t tag[TAG_BYTES]; /* of the keyed hash; all zero: empty */
	int64_t used_ms;        /* last touched: the oldest of a set makes room */
	int64_t at_ms;          /* of the last failure, or start of the window */
	int64_t wait_until_ms;
	int64_t pending_ms; /* when the last try began */
	int32_t count;      /* failures, or taken in the window */
	int32_t pending;    /* tries that are running */
};

/* 64 k entries in sets of 8. Pages nobody touched cost nothing. Hashed under a random key, so that
 * nobody can choose which entries share a set. */
struct throttle {
	pthread_mutex_t mutex;
	struct secret *key;
	struct entry *entries;
};

enum err throttle_new(struct throttle **ret)
{
	struct throttle *throttle = calloc(1, sizeof(*throttle));
	if (throttle == NULL)
		return ERR_UNAVAILABLE;
	pthread_mutex_init(&throttle->mutex, NULL);
	throttle->entries = calloc((size_t)SETS * WAYS, sizeof(struct entry));
	enum err err = throttle->entries ? secret_random(&throttle->key) : ERR_UNAVAILABLE;
	if (err != OK) {
		throttle_free(throttle);
		return err;
	}
	*ret = throttle;
	return OK;
}

void throttle_free(struct throttle *throttle)
{
	if (throttle == NULL)
		return;
	secret_free(throttle->key);
	pthread_mutex_destroy(&throttle->mutex);
	free(throttle->entries);
	free(throttle);
}

static void lock(struct throttle *throttle)
{
	pthread_mutex_lock(&throttle->mutex);
}

static void unlock(struct throttle **throttle)
{
	pthread_mutex_unlock(&(*throttle)->mutex);
}

#define WHILE_LOCKED(throttle)                                                                     \
	__attribute__((cleanup(unlock), unused)) struct throttle *locked_ = (throttle);            \
	lock(locked_)

/* The entry of `what` for a key; the oldest of its set is given up for a new one. Call with the
 * lock held. */
static struct entry *entry_find(struct throttle *throttle, const char *what, struct str key,
				int64_t now_ms)
{
	struct mac mac;
	uint8_t hash[DIGEST_BYTES];
	uint32_t set_number;
	mac_begin(&mac, throttle->key, what);
	mac_str(&mac, key);
	mac_end(&mac, hash);
	memcpy(&set_number, hash + TAG_BYTES, sizeof(set_number));
	struct entry *set = throttle->entries + (size_t)(set_number % SETS) * WAYS;
	struct entry *oldest = set;
	for (int way = 0; way < WAYS; way++) {
		if (memcmp(set[way].tag, hash, TAG_BYTES) == 0) {
			set[way].used_ms = now_ms;
			return &set[way];
		}
		if (set[way].used_ms < oldest->used_ms)
			oldest = &set[way];
	}
	*oldest = (struct entry){.used_ms = now_ms};
	memcpy(oldest->tag, hash, TAG_BYTES);
	return oldest;
}

/* The network of a client: 3 bytes of an IPv4 address, 8 of an IPv6 one; the text itself if it is
 * neither. */
static struct str network_of(struct str remote, uint8_t bytes[16])
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	char text[64];
	if (remote.len == 0 || remote.len >= sizeof(text))
		return remote;
	memcpy(text, remote.data, remote.len);
	text[remote.len] = '\0';
	if (inet_pton(AF_INET, text, bytes) == 1)
		return str_bytes(bytes, 3);
	if (inet_pton(AF_INET6, text, bytes) != 1)
		return remote;
	if (memcmp(bytes, mapped, sizeof(mapped)) == 0)
		return str_bytes(bytes + 12, 3);
	return str_bytes(bytes, 8);
}

static void forget_with_time(struct entry *entry, int64_t now_ms)
{
	int64_t forgiven = now_ms > entry->at_ms ? (now_ms - entry->at_ms) / THROTTLE_FORGET_MS : 0;
	entry->count = forgiven >= entry->count ? 0 : entry->count - (int32_t)forgiven;
	entry->at_ms += forgiven * THROTTLE_FORGET_MS;
	/* A clock set back must not make anybody wait longer than the longest wait. */
	if (entry->wait_until_ms > now_ms + THROTTLE_WAIT_MAX_MS)
		entry->wait_until_ms = now_ms + THROTTLE_WAIT_MAX_MS;
}

static void count_failure(struct entry *entry, int32_t free_tries, int64_t now_ms)
{
	int64_t wait_ms = THROTTLE_WAIT_MIN_MS;
	forget_with_time(entry, now_ms);
	entry->at_ms = now_ms;
	if (entry->count < FAILURES_MAX)
		entry->count++;
	if (entry->count < free_tries)
		return;
	for (int32_t i = free_tries; i < entry->count && wait_ms < THROTTLE_WAIT_MAX_MS; i++)
		wait_ms *= 2;
	entry->wait_until_ms =
		now_ms + (wait_ms < THROTTLE_WAIT_MAX_MS ? wait_ms : THROTTLE_WAIT_MAX_MS);
}

static int64_t wait_s(const struct entry *entry, int64_t now_ms)
{
	int64_t wait_ms = entry->wait_until_ms - now_ms;
	return wait_ms > 0 ? (wait_ms + 999) / 1000 : 0;
}

/* Whether one more try for an address may run beside those that are running. */
static bool has_room(struct entry *address, int64_t now_ms)
{
	int32_t left = THROTTLE_FREE_TRIES - address->count;
	if (now_ms - address->pending_ms > THROTTLE_PENDING_MAX_MS)
		address->pending = 0;
	return address->pending < (left > 1 ? left : 1);
}

enum err throttle_check(struct throttle *throttle, struct str address_key, struct str remote,
			int64_t now_ms, int64_t *ret_wait_s)
{
	uint8_t bytes[16];
	int64_t wait = 0;
	WHILE_LOCKED(throttle);
	if (remote.len > 0) {
		struct entry *network =
			entry_find(throttle, "network", network_of(remote, bytes), now_ms);
		forget_with_time(network, now_ms);
		wait = wait_s(network, now_ms);
	}
	struct entry *address = entry_find(throttle, "address", address_key, now_ms);
	forget_with_time(address, now_ms);
	if (wait < wait_s(address, now_ms))
		wait = wait_s(address, now_ms);
	if (wait == 0 && !has_room(address, now_ms))
		wait = 1;
	if (wait > 0) {
		*ret_wait_s = wait;
		return ERR_BUSY;
	}
	address->pending++;
	address->pending_ms = now_ms;
	return OK;
}

static struct entry *end_try(struct throttle *throttle, struct str address_key, int64_t now_ms)
{
	struct entry *address = entry_find(throttle, "address", address_key, now_ms);
	if (address->pending > 0)
		address->pending--;
	return address;
}

void throttle_failed(struct throttle *throttle, struct str address_key, struct str remote,
		     int64_t now_ms)
{
	uint8_t bytes[16];
	WHILE_LOCKED(throttle);
	count_failure(end_try(throttle, address_key, now_ms), THROTTLE_FREE_TRIES, now_ms);
	if (remote.len > 0) {
		struct str network = network_of(remote, bytes);
		count_failure(entry_find(throttle, "network", network, now_ms),
			      THROTTLE_FREE_NETWORK_TRIES, now_ms);
	}
}

void throttle_succeeded(struct throttle *throttle, struct str address_key, struct str remote,
			int64_t now_ms)
{
	(void)remote;
	WHILE_LOCKED(throttle);
	struct entry *address = end_try(throttle, address_key, now_ms);
	address->count = 0;
	address->wait_until_ms = 0;
}

void throttle_undone(struct throttle *throttle, struct str address_key, int64_t now_ms)
{
	WHILE_LOCKED(throttle);
	end_try(throttle, address_key, now_ms);
}

enum err throttle_take(struct throttle *throttle, const char *what, struct str key,
		       int64_t per_window, int64_t window_ms, int64_t now_ms)
{
	WHILE_LOCKED(throttle);
	struct entry *entry = entry_find(throttle, what, key, now_ms);
	if (entry->count == 0 || now_ms - entry->at_ms >= window_ms || now_ms < entry->at_ms) {
		entry->count = 0;
		entry->at_ms = now_ms;
	}
	if (entry->count >= per_window)
		return ERR_BUSY;
	entry->count++;
	return OK;
}
