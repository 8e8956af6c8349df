#include "core/throttle_table.h"

#include "core/throttle.h"
#include "crypto/digest.h"

#include <stdlib.h>
#include <string.h>

enum { SETS = 8192, WAYS = 8 };

enum err throttle_table_init(struct throttle_table *table, const struct secret *key)
{
	table->key = key;
	table->entries = calloc((size_t)SETS * WAYS, sizeof(struct throttle_entry));
	return table->entries ? OK : ERR_UNAVAILABLE;
}

void throttle_table_release(struct throttle_table *table)
{
	free(table->entries);
	table->entries = NULL;
}

int64_t throttle_table_forgiven(const struct throttle_entry *entry, int64_t now_ms)
{
	return now_ms > entry->at_ms ? (now_ms - entry->at_ms) / THROTTLE_FORGET_MS : 0;
}

/* How much would be lost with an entry: nothing of one that is forgotten, most of one that is
 * waiting. */
static int64_t worth(const struct throttle_entry *entry, int64_t now_ms)
{
	enum { WAITING = 1 << 30 };
	int64_t forgiven = throttle_table_forgiven(entry, now_ms);
	int64_t counting = forgiven < entry->count ? entry->count - forgiven : 0;
	bool is_running =
		entry->pending > 0 && now_ms - entry->pending_ms < THROTTLE_PENDING_MAX_MS;
	return (entry->wait_until_ms > now_ms ? WAITING : 0) + counting + is_running;
}

/* A set with a place for a key in it. */
struct place {
	uint8_t tag[THROTTLE_TAG_BYTES];
	struct throttle_entry *set;
	struct throttle_entry *entry; /* NULL: it is not there */
};

static struct place place_of(const struct throttle_table *table, const char *what, struct str key)
{
	struct mac mac;
	uint8_t hash[DIGEST_BYTES];
	uint32_t set_number;
	struct place place = {.entry = NULL};
	mac_begin(&mac, table->key, what);
	mac_str(&mac, key);
	mac_end(&mac, hash);
	memcpy(&set_number, hash + THROTTLE_TAG_BYTES, sizeof(set_number));
	memcpy(place.tag, hash, THROTTLE_TAG_BYTES);
	place.set = table->entries + (size_t)(set_number % SETS) * WAYS;
	for (int way = 0; way < WAYS; way++)
		if (memcmp(place.set[way].tag, place.tag, THROTTLE_TAG_BYTES) == 0)
			place.entry = &place.set[way];
	return place;
}

struct throttle_entry *throttle_table_find(const struct throttle_table *table, const char *what,
					   struct str key)
{
	return place_of(table, what, key).entry;
}

/* What is worth least in its set is given up for a new one, the oldest of those that are worth the
 * same. */
struct throttle_entry *throttle_table_get(const struct throttle_table *table, const char *what,
					  struct str key, int64_t now_ms)
{
	struct place place = place_of(table, what, key);
	struct throttle_entry *least = place.set;
	if (place.entry) {
		place.entry->used_ms = now_ms;
		return place.entry;
	}
	for (int way = 1; way < WAYS; way++) {
		struct throttle_entry *entry = &place.set[way];
		int64_t more = worth(entry, now_ms) - worth(least, now_ms);
		if (more < 0 || (more == 0 && entry->used_ms < least->used_ms))
			least = entry;
	}
	*least = (struct throttle_entry){.used_ms = now_ms};
	memcpy(least->tag, place.tag, THROTTLE_TAG_BYTES);
	return least;
}
