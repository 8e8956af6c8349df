/* The counters of throttle.h: a table of fixed size, by key. What is worth least in it makes room.
 * Not thread-safe. */
#pragma once

#include "base/str.h"
#include "crypto/secret.h"

enum { THROTTLE_TAG_BYTES = 16 };

struct throttle_entry {
	uint8_t tag[THROTTLE_TAG_BYTES]; /* of the keyed hash; all zero: empty */
	int64_t used_ms;                 /* last touched */
	int64_t at_ms;                   /* of the last failure, or start of the window */
	int64_t wait_until_ms; /* for what is taken: the end of the window, once it is used up */
	int64_t pending_ms;    /* when the last try began */
	int32_t count;         /* failures, or taken in the window */
	int32_t pending;       /* tries that are running */
};

/* 64 k entries in sets of 8. Pages nobody touched cost nothing. Hashed under a random key, so that
 * nobody can choose which entries share a set. */
struct throttle_table {
	const struct secret *key; /* borrowed */
	struct throttle_entry *entries;
};

enum err throttle_table_init(struct throttle_table *table, const struct secret *key) MUST_CHECK;
void throttle_table_release(struct throttle_table *table);

/* The entry of `what` (a constant word) and key; NULL: there is none. Good until the next call. */
struct throttle_entry *throttle_table_find(const struct throttle_table *table, const char *what,
					   struct str key);
/* The same, made if need be. */
struct throttle_entry *throttle_table_get(const struct throttle_table *table, const char *what,
					  struct str key, int64_t now_ms);

/* How many of its failures so much quiet has taken back. */
int64_t throttle_table_forgiven(const struct throttle_entry *entry, int64_t now_ms);
