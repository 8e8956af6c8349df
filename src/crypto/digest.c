#include "crypto/digest.h"

#include <endian.h>
#include <sodium.h>
#include <string.h>

_Static_assert(sizeof(struct mac) >= sizeof(crypto_generichash_state),
	       "struct mac holds the state");
_Static_assert(_Alignof(struct mac) >= _Alignof(crypto_generichash_state),
	       "struct mac is aligned for it");

/* What each part of keyed input begins with: derived keys and rows, or two types of field, never
 * read alike.
 *
 *   derived key:  'k' purpose
 *   row:          't' len table, then for each field  's' len bytes  or  'i' value   (8 bytes,
 * big-endian) */
enum { PART_KEY = 'k', PART_TABLE = 't', PART_STR = 's', PART_INT = 'i' };

void digest(struct str bytes, uint8_t ret_digest[DIGEST_BYTES])
{
	crypto_generichash(ret_digest, DIGEST_BYTES, (const uint8_t *)bytes.data, bytes.len, NULL,
			   0);
}

bool digest_eq(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || sodium_memcmp(a.data, b.data, a.len) == 0);
}

enum err key_derive(const struct secret *from, const char *purpose, struct secret **ret)
{
	struct secret *key;
	TRY(secret_new(&key));
	crypto_generichash_state state;
	const uint8_t part = PART_KEY;
	crypto_generichash_init(&state, from->bytes, KEY_BYTES, KEY_BYTES);
	crypto_generichash_update(&state, &part, 1);
	crypto_generichash_update(&state, (const uint8_t *)purpose, strlen(purpose));
	crypto_generichash_final(&state, key->bytes, KEY_BYTES);
	sodium_memzero(&state, sizeof(state));
	*ret = key;
	return OK;
}

static crypto_generichash_state *state_of(struct mac *mac)
{
	return (crypto_generichash_state *)mac->state;
}

static void flush(struct mac *mac)
{
	crypto_generichash_update(state_of(mac), mac->pending, mac->pending_len);
	mac->pending_len = 0;
}

static void add(struct mac *mac, const void *bytes, size_t len)
{
	if (len > sizeof(mac->pending) - mac->pending_len)
		flush(mac);
	if (len > sizeof(mac->pending)) {
		crypto_generichash_update(state_of(mac), bytes, len);
		return;
	}
	memcpy(mac->pending + mac->pending_len, bytes, len);
	mac->pending_len += len;
}

static void add_part(struct mac *mac, uint8_t part, uint64_t value)
{
	const uint64_t big_endian = htobe64(value);
	uint8_t bytes[1 + sizeof(big_endian)] = {part};
	memcpy(bytes + 1, &big_endian, sizeof(big_endian));
	add(mac, bytes, sizeof(bytes));
}

static void add_bytes(struct mac *mac, uint8_t part, struct str bytes)
{
	add_part(mac, part, bytes.len);
	if (bytes.len > 0)
		add(mac, bytes.data, bytes.len);
}

void mac_begin(struct mac *mac, const struct secret *key, const char *table)
{
	crypto_generichash_init(state_of(mac), key->bytes, KEY_BYTES, DIGEST_BYTES);
	mac->pending_len = 0;
	add_bytes(mac, PART_TABLE, str_of(table));
}

void mac_str(struct mac *mac, struct str field)
{
	add_bytes(mac, PART_STR, field);
}

void mac_int(struct mac *mac, int64_t field)
{
	add_part(mac, PART_INT, (uint64_t)field);
}

void mac_end(struct mac *mac, uint8_t ret_digest[DIGEST_BYTES])
{
	flush(mac);
	crypto_generichash_final(state_of(mac), ret_digest, DIGEST_BYTES);
	sodium_memzero(mac, sizeof(*mac));
}

bool mac_check(struct mac *mac, struct str stored)
{
	uint8_t expected[DIGEST_BYTES];
	mac_end(mac, expected);
	return digest_eq(str_bytes(expected, sizeof(expected)), stored);
}
