#include "http/tally.h"

#include "base/random.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* As many as there may be connections, so that chains stay short. */
enum { BUCKETS = 16384 };

struct holder {
	struct holder *next;
	uint8_t bytes[NETWORK_BYTES];
	int64_t amount;
};

struct tally {
	pthread_mutex_t lock;
	uint64_t seed; /* nobody may choose addresses that meet in one bucket */
	struct holder *buckets[BUCKETS];
};

enum err tally_new(struct tally **ret)
{
	struct tally *tally = calloc(1, sizeof(*tally));
	if (tally == NULL)
		return ERR_UNAVAILABLE;
	random_fill(&tally->seed, sizeof(tally->seed));
	pthread_mutex_init(&tally->lock, NULL);
	*ret = tally;
	return OK;
}

void tally_free(struct tally *tally)
{
	if (tally == NULL)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		while (tally->buckets[i]) {
			struct holder *holder = tally->buckets[i];
			tally->buckets[i] = holder->next;
			free(holder);
		}
	}
	pthread_mutex_destroy(&tally->lock);
	free(tally);
}

/* Where the pointer to the network's holder is, or would be. */
static struct holder **find(struct tally *tally, const struct network *network)
{
	uint64_t hash = tally->seed;
	for (size_t i = 0; i < NETWORK_BYTES; i++) {
		hash = (hash ^ network->bytes[i]) * UINT64_C(0x100000001b3);
		hash ^= hash >> 29;
	}
	struct holder **at = &tally->buckets[hash % BUCKETS];
	while (*at && memcmp((*at)->bytes, network->bytes, NETWORK_BYTES) != 0)
		at = &(*at)->next;
	return at;
}

static bool add(struct tally *tally, const struct network *network, int64_t amount, int64_t max)
{
	struct holder **at = find(tally, network);
	if (amount > max - (*at ? (*at)->amount : 0))
		return false;
	if (*at == NULL) {
		*at = calloc(1, sizeof(**at));
		if (*at == NULL)
			return false;
		memcpy((*at)->bytes, network->bytes, NETWORK_BYTES);
	}
	(*at)->amount += amount;
	return true;
}

bool tally_add(struct tally *tally, const struct network *network, int64_t amount, int64_t max)
{
	pthread_mutex_lock(&tally->lock);
	bool is_added = add(tally, network, amount, max);
	pthread_mutex_unlock(&tally->lock);
	return is_added;
}

void tally_subtract(struct tally *tally, const struct network *network, int64_t amount)
{
	pthread_mutex_lock(&tally->lock);
	struct holder **at = find(tally, network);
	struct holder *holder = *at;
	if (holder)
		holder->amount -= amount;
	if (holder && holder->amount <= 0) {
		*at = holder->next;
		free(holder);
	}
	pthread_mutex_unlock(&tally->lock);
}
