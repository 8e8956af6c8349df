/* Authenticated encryption: AES-256-GCM with a random nonce.
 *
 *   1 byte      12 bytes   n bytes      16 bytes
 *  +-----------+----------+------------+--------+
 *  | format 1  | nonce    | ciphertext | tag    |   associated data: the encoded context
 *  +-----------+----------+------------+--------+
 *
 * A key encrypts at most a few texts (a message's subject, body ...), far below the bound of random
 * nonces; the portal's queue key and a person's mailbox key (drafts, saved every few seconds),
 * which encrypt many, are below it until 2^32 of them. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "crypto/context.h"
#include "crypto/secret.h"

enum { AEAD_OVERHEAD_BYTES = 1 + 12 + 16, WRAP_BYTES = KEY_BYTES + AEAD_OVERHEAD_BYTES };

/* ret: new bytes in the arena. ERR_UNAVAILABLE without memory. */
enum err aead_encrypt(const struct secret *key, const struct context *context, struct str plain,
		      struct arena *arena, struct str *ret) MUST_CHECK;
/* ERR_CORRUPT when the key, the context or any byte is not the one used to encrypt; no plaintext is
 * given then. The result in the arena is followed by a NUL not counted. */
enum err aead_decrypt(const struct secret *key, const struct context *context, struct str cipher,
		      struct arena *arena, struct str *ret) MUST_CHECK;

/* The same into the caller's memory, of cipher.len - AEAD_OVERHEAD_BYTES bytes. */
enum err aead_decrypt_into(const struct secret *key, const struct context *context,
			   struct str cipher, void *room) MUST_CHECK;

/* Where many texts are opened one after the other: until the end of the block this thread
 * overwrites a key with the next one instead of after each text, which makes it up to a third
 * faster. May be nested. `AEAD_BATCH;` as a declaration. */
bool aead_batch_begin(void);
void aead_batch_end(bool *is_begun);
#define AEAD_BATCH                                                                                 \
	__attribute__((cleanup(aead_batch_end), unused)) bool is_batch = aead_batch_begin()

/* A key under another key: WRAP_BYTES long. */
enum err key_wrap(const struct secret *under, const struct context *context,
		  const struct secret *key, struct arena *arena, struct str *ret) MUST_CHECK;
enum err key_unwrap(const struct secret *under, const struct context *context, struct str wrapped,
		    struct secret **ret) MUST_CHECK;
