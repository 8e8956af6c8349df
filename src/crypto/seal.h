/* X25519 key pairs, and keys sealed to their public half (libsodium's crypto_box_seal).
 *
 *   1 byte      sealed box of 64 bytes (48 bytes longer)
 *  +-----------+---------------------------------------+
 *  | format 2  | seal( key 32 | BLAKE2b-256(context) ) |
 *  +-----------+---------------------------------------+
 *
 * A sealed box has no associated data, so the context's hash is inside and compared after opening.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "crypto/context.h"
#include "crypto/secret.h"

enum { PUBLIC_KEY_BYTES = 32, SEAL_BYTES = 1 + 64 + 48 };

/* A new pair. */
enum err keypair_new(struct secret **ret_private, uint8_t ret_public[PUBLIC_KEY_BYTES]) MUST_CHECK;
/* The public half of a private key. ERR_CORRUPT for an all-zero result. */
enum err keypair_public(const struct secret *private_key,
			uint8_t ret_public[PUBLIC_KEY_BYTES]) MUST_CHECK;

/* Seals `key` so that only the holder of the private half opens it. ERR_CORRUPT for a public key of
 * low order. */
enum err seal_key(const uint8_t public_key[PUBLIC_KEY_BYTES], const struct context *context,
		  const struct secret *key, struct arena *arena, struct str *ret) MUST_CHECK;
/* ERR_CORRUPT for anything but the very seal made for this pair and context. */
enum err seal_open(const struct secret *private_key, const uint8_t public_key[PUBLIC_KEY_BYTES],
		   const struct context *context, struct str sealed,
		   struct secret **ret) MUST_CHECK;
