#include "core/throttle.h"

#include "core/throttle_table.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { FAILURES_MAX = 1000 };

/* Each counts in a table of its own: a flood of one cannot wash out another. */
enum table { TABLE_NETWORK, TABLE_ADDRESS, TABLE_DEVICE, TABLE_TAKE, TABLES };
static const char *const table_names[TABLES] = {
	[TABLE_NETWORK] = "network",
	[TABLE_ADDRESS] = "address",
	[TABLE_DEVICE] = "device",
	[TABLE_TAKE] = "take",
};

struct throttle {
	pthread_mutex_t mutex;
	struct secret *key;
	struct throttle_table tables[TABLES];
};

enum err throttle_new(struct throttle **ret)
{
	struct throttle *throttle = calloc(1, sizeof(*throttle));
	if (throttle == NULL)
		return ERR_UNAVAILABLE;
	pthread_mutex_init(&throttle->mutex, NULL);
	enum err err = secret_random(&throttle->key);
	for (int i = 0; i < TABLES && err == OK; i++)
		err = throttle_table_init(&throttle->tables[i], throttle->key);
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
	for (int i = 0; i < TABLES; i++)
		throttle_table_release(&throttle->tables[i]);
	secret_free(throttle->key);
	pthread_mutex_destroy(&throttle->mutex);
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

static void forget_with_time(struct throttle_entry *entry, int64_t now_ms)
{
	int64_t forgiven = throttle_table_forgiven(entry, now_ms);
	entry->count = forgiven >= entry->count ? 0 : entry->count - (int32_t)forgiven;
	entry->at_ms += forgiven * THROTTLE_FORGET_MS;
	/* A clock set back must not make anybody wait longer than the longest wait. */
	if (entry->wait_until_ms > now_ms + THROTTLE_WAIT_MAX_MS)
		entry->wait_until_ms = now_ms + THROTTLE_WAIT_MAX_MS;
}

static void count_failure(struct throttle_entry *entry, int32_t free_tries, int64_t now_ms)
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

static int64_t wait_s(const struct throttle_entry *entry, int64_t now_ms)
{
	int64_t wait_ms = entry->wait_until_ms - now_ms;
	return wait_ms > 0 ? (wait_ms + 999) / 1000 : 0;
}

/* Whether one more try may run beside those that are running. */
static bool has_room(struct throttle_entry *entry, int64_t now_ms)
{
	int32_t left = THROTTLE_FREE_TRIES - entry->count;
	if (now_ms - entry->pending_ms > THROTTLE_PENDING_MAX_MS)
		entry->pending = 0;
	return entry->pending < (left > 1 ? left : 1);
}

/* What a try is counted by: the device if it is known, else the address. */
static struct throttle_entry *entry_of(struct throttle *throttle, const struct throttle_try *try,
				       int64_t now_ms)
{
	enum table table = try->device.len > 0 ? TABLE_DEVICE : TABLE_ADDRESS;
	struct str key = try->device.len > 0 ? try->device : try->address_key;
	return throttle_table_get(&throttle->tables[table], table_names[table], key, now_ms);
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
	struct throttle_entry *network =
		throttle_table_find(&throttle->tables[TABLE_NETWORK], table_names[TABLE_NETWORK],
				    throttle_network(try->remote, bytes));
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
	struct throttle_entry *entry = entry_of(throttle, try, now_ms);
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

static struct throttle_entry *end_try(struct throttle *throttle, const struct throttle_try *try,
				      int64_t now_ms)
{
	struct throttle_entry *entry = entry_of(throttle, try, now_ms);
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
	count_failure(throttle_table_get(&throttle->tables[TABLE_NETWORK],
					 table_names[TABLE_NETWORK], network, now_ms),
		      THROTTLE_FREE_NETWORK_TRIES, now_ms);
}

void throttle_succeeded(struct throttle *throttle, const struct throttle_try *try, int64_t now_ms)
{
	WHILE_LOCKED(throttle);
	struct throttle_entry *entry = end_try(throttle, try, now_ms);
	entry->count = 0;
	entry->wait_until_ms = 0;
}

void throttle_undone(struct throttle *throttle, const struct throttle_try *try, int64_t now_ms)
{
	WHILE_LOCKED(throttle);
	end_try(throttle, try, now_ms);
}

/* Within the running window. */
static struct throttle_entry *window_of(struct throttle *throttle, const char *what, struct str key,
					int64_t window_ms, int64_t now_ms)
{
	struct throttle_entry *entry =
		throttle_table_get(&throttle->tables[TABLE_TAKE], what, key, now_ms);
	if (entry->count == 0 || now_ms - entry->at_ms >= window_ms || now_ms < entry->at_ms) {
		entry->count = 0;
		entry->wait_until_ms = 0;
		entry->at_ms = now_ms;
	}
	return entry;
}

static void add(struct throttle_entry *entry, int64_t amount, int64_t per_window, int64_t window_ms)
{
	entry->count += (int32_t)amount;
	if (entry->count >= per_window)
		entry->wait_until_ms = entry->at_ms + window_ms;
}

enum err throttle_take(struct throttle *throttle, const char *what, struct str key, int64_t amount,
		       int64_t per_window, int64_t window_ms, int64_t now_ms)
{
	WHILE_LOCKED(throttle);
	struct throttle_entry *entry = window_of(throttle, what, key, window_ms, now_ms);
	if (entry->count + amount > per_window)
		return ERR_BUSY;
	add(entry, amount, per_window, window_ms);
	return OK;
}

void throttle_count(struct throttle *throttle, const char *what, struct str key, int64_t amount,
		    int64_t per_window, int64_t window_ms, int64_t now_ms)
{
	WHILE_LOCKED(throttle);
	struct throttle_entry *entry = window_of(throttle, what, key, window_ms, now_ms);
	int64_t room = per_window - entry->count;
	if (room > 0)
		add(entry, amount < room ? amount : room, per_window, window_ms);
}
