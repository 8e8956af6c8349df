/* Hashes, row authentication and key derivation: BLAKE2b throughout. */
#pragma once

#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "crypto/secret.h"

enum { DIGEST_BYTES = 32 };

/* BLAKE2b-256. */
void digest(struct str bytes, uint8_t ret_digest[DIGEST_BYTES]);
/* Constant-time comparison; false when the lengths differ. */
bool digest_eq(struct str a, struct str b);

/* A key for one purpose out of another key. The same inputs give the same key. */
enum err key_derive(const struct secret *from, const char *purpose, struct secret **ret) MUST_CHECK;

/* The keyed hash of a row: table name, then each field with its type and length, so that no two
 * rows read the same. Used as: mac_begin, mac_*, mac_end or mac_check. */
struct mac {
	_Alignas(64) uint8_t state[384]; /* crypto_generichash_state */
	uint8_t pending[256];            /* gathered: a call for each small field costs more */
	size_t pending_len;
};
void mac_begin(struct mac *mac, const struct secret *key, const char *table);
void mac_str(struct mac *mac, struct str field);
void mac_int(struct mac *mac, int64_t field);
void mac_end(struct mac *mac, uint8_t ret_digest[DIGEST_BYTES]);
/* Whether `stored` is the row's MAC; constant time. */
bool mac_check(struct mac *mac, struct str stored);
