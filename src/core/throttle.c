#include "core/throttle.h"

#include "base/random.h"
#include "crypto/digest.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SETS = 8192, WAYS = 8, TAG_BYTES = 16, FAILURES_MAX = 1000 };

/* Each counts in a table of its own: a flood of one cannot wash out another. */
enum table { TABLE_NETWORK, TABLE_ADDRESS, TABLE_DEVICE, TABLE_TAKE, TABLES };
static const char *const table_names[TABLES] = {
	[TABLE_NETWORK] = "network",
	[TABLE_ADDRESS] = "address",
	[TABLE_DEVICE] = "device",
	[TABLE_TAKE] = "take",
};

struct entry {
	uint8_t tag[TAG_BYTES]; /* of the keyed hash; all zero: empty */
	int64_t used_ms;        /* last touched */
	int64_t at_ms;          /* of the last failure, or start of the window */
	int64_t wait_until_ms;  /* for what is taken: the end of the window, once it is used up */
	int64_t pending_ms;     /* when the last try began */
	int32_t count;          /* failures, or taken in the window */
	int32_t pending;        /* tries that are running */
};

/* Tables of 64 k entries in sets of 8. Pages nobody touched cost nothing. Hashed under a random
 * key, so that nobody can choose which entries share a set. */
struct throttle {
	pthread_mutex_t mutex;
	struct secret *key;
	struct entry *entries[TABLES];
};

enum err throttle_new(struct throttle **ret)
{
	struct throttle *throttle = calloc(1, sizeof(*throttle));
	if (throttle == NULL)
		return ERR_UNAVAILABLE;
	pthread_mutex_init(&throttle->mutex, NULL);
	enum err err = secret_random(&throttle->key);
	for (int i = 0; i < TABLES && err == OK; i++) {
		throttle->entries[i] = calloc((size_t)SETS * WAYS, sizeof(struct entry));
		if (throttle->entries[i] == NULL)
			err = ERR_UNAVAILABLE;
	}
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
	for (int i = 0; i < TABLES; i++)
		free(throttle->entries[i]);
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

/* How much would be lost with an entry: nothing of one that is forgotten, most of one that is
 * waiting. */
static int64_t worth(const struct entry *entry, int64_t now_ms)
{
	enum { WAITING = 1 << 30 };
	int64_t forgiven = now_ms > entry->at_ms ? (now_ms - entry->at_ms) / THROTTLE_FORGET_MS : 0;
	int64_t counting = forgiven < entry->count ? entry->count - forgiven : 0;
	bool is_running =
		entry->pending > 0 && now_ms - entry->pending_ms < THROTTLE_PENDING_MAX_MS;
	return (entry->wait_until_ms > now_ms ? WAITING : 0) + counting + is_running;
}

/* A set with a place for a key in it. */
struct place {
	uint8_t tag[TAG_BYTES];
	struct entry *set;
	struct entry *entry; /* NULL: it is not there */
};

/* Call with the lock held. */
static struct place place_of(struct throttle *throttle, enum table table, const char *what,
			     struct str key)
{
	struct mac mac;
	uint8_t hash[DIGEST_BYTES];
	uint32_t set_number;
	struct place place = {.entry = NULL};
	mac_begin(&mac, throttle->key, what);
	mac_str(&mac, key);
	mac_end(&mac, hash);
	memcpy(&set_number, hash + TAG_BYTES, sizeof(set_number));
	memcpy(place.tag, hash, TAG_BYTES);
	place.set = throttle->entries[table] + (size_t)(set_number % SETS) * WAYS;
	for (int way = 0; way < WAYS; way++)
		if (memcmp(place.set[way].tag, place.tag, TAG_BYTES) == 0)
			place.entry = &place.set[way];
	return place;
}

/* The entry for a key, made if need be: what is worth least in its set is given up for it, the
 * oldest of those that are worth the same. */
static struct entry *entry_get(struct throttle *throttle, enum table table, const char *what,
			       struct str key, int64_t now_ms)
{
	struct place place = place_of(throttle, table, what, key);
	struct entry *least = place.set;
	if (place.entry) {
		place.entry->used_ms = now_ms;
		return place.entry;
	}
	for (int way = 1; way < WAYS; way++) {
		struct entry *entry = &place.set[way];
		int64_t more = worth(entry, now_ms) - worth(least, now_ms);
		if (more < 0 || (more == 0 && entry->used_ms < least->used_ms))
			least = entry;
	}
	*least = (struct entry){.used_ms = now_ms};
	memcpy(least->tag, place.tag, TAG_BYTES);
	return least;
}

struct str throttle_network(struct str remote, uint8_t bytes[16])
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

/* Whether one more try may run beside those that are running. */
static bool has_room(struct entry *entry, int64_t now_ms)
{
	int32_t left = THROTTLE_FREE_TRIES - entry->count;
	if (now_ms - entry->pending_ms > THROTTLE_PENDING_MAX_MS)
		entry->pending = 0;
	return entry->pending < (left > 1 ? left : 1);
}

/* What a try is counted by: the device if it is known, else the address. */
static struct entry *entry_of(struct throttle *throttle, const struct throttle_try *try,
			      int64_t now_ms)
{
	enum table table = try->device.len > 0 ? TABLE_DEVICE : TABLE_ADDRESS;
	struct str key = try->device.len > 0 ? try->device : try->address_key;
	return entry_get(throttle, table, table_names[table], key, now_ms);
}

static bool counts_network(const struct throttle_try *try)
{
	return try->device.len == 0 && try->remote.len > 0;
}

/* Only looks: who has not failed yet needs no entry. */
static int64_t network_wait_s(struct throttle *throttle, const struct throttle_try *try,
			      int64_t now_ms)
{
	uint8_t bytes[16];
	if (!counts_network(try))
		return 0;
	struct entry *network = place_of(throttle, TABLE_NETWORK, table_names[TABLE_NETWORK],
					 throttle_network(try->remote, bytes))
					.entry;
	if (network == NULL)
		return 0;
	forget_with_time(network, now_ms);
	return wait_s(network, now_ms);
}

enum err throttle_check(struct throttle *throttle, const struct throttle_try *try, int64_t now_ms,
			int64_t *ret_wait_s)
{
	WHILE_LOCKED(throttle);
	int64_t wait = network_wait_s(throttle, try, now_ms);
	if (wait > 0) {
		*ret_wait_s = wait;
		return ERR_BUSY;
	}
	struct entry *entry = entry_of(throttle, try, now_ms);
	forget_with_time(entry, now_ms);
	wait = wait_s(entry, now_ms);
	if (wait == 0 && !has_room(entry, now_ms))
		wait = 1;
	if (wait > 0) {
		*ret_wait_s = wait;
		return ERR_BUSY;
	}
	entry->pending++;
	entry->pending_ms = now_ms;
	return OK;
}

static struct entry *end_try(struct throttle *throttle, const struct throttle_try *try,
			     int64_t now_ms)
{
	struct entry *entry = entry_of(throttle, try, now_ms);
	if (entry->pending > 0)
		entry->pending--;
	return entry;
}

void throttle_failed(struct throttle *throttle, const struct throttle_try *try, int64_t now_ms)
{
	uint8_t bytes[16];
	WHILE_LOCKED(throttle);
	count_failure(end_try(throttle, try, now_ms), THROTTLE_FREE_TRIES, now_ms);
	if (!counts_network(try))
		return;
	struct str network = throttle_network(try->remote, bytes);
	count_failure(
		entry_get(throttle, TABLE_NETWORK, table_names[TABLE_NETWORK], network, now_ms),
		THROTTLE_FREE_NETWORK_TRIES, now_ms);
}

void throttle_succeeded(struct throttle *throttle, const struct throttle_try *try, int64_t now_ms)
{
	WHILE_LOCKED(throttle);
	struct entry *entry = end_try(throttle, try, now_ms);
	entry->count = 0;
	entry->wait_until_ms = 0;
}

void throttle_undone(struct throttle *throttle, const struct throttle_try *try, int64_t now_ms)
{
	WHILE_LOCKED(throttle);
	end_try(throttle, try, now_ms);
}

enum err throttle_take(struct throttle *throttle, const char *what, struct str key, int64_t amount,
		       int64_t per_window, int64_t window_ms, int64_t now_ms)
{
	WHILE_LOCKED(throttle);
	struct entry *entry = entry_get(throttle, TABLE_TAKE, what, key, now_ms);
	if (entry->count == 0 || now_ms - entry->at_ms >= window_ms || now_ms < entry->at_ms) {
		entry->count = 0;
		entry->wait_until_ms = 0;
		entry->at_ms = now_ms;
	}
	if (entry->count + amount > per_window)
		return ERR_BUSY;
	entry->count += (int32_t)amount;
	if (entry->count >= per_window)
		entry->wait_until_ms = entry->at_ms + window_ms;
	return OK;
}
