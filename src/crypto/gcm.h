/* AES-256-GCM itself (NIST SP 800-38D), with a nonce chosen by the caller: what aead.h is built on.
 * Nobody outside crypto/ calls it, because a nonce used twice under one key gives the texts away.
 */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "crypto/secret.h"

enum { GCM_NONCE_BYTES = 12, GCM_TAG_BYTES = 16 };

/* Writes plain.len bytes of ciphertext and then the tag. ERR_TOO_LARGE over 2 GiB. */
enum err gcm_encrypt(const struct secret *key, const uint8_t nonce[GCM_NONCE_BYTES],
		     struct str data, struct str plain, uint8_t *ret_cipher_and_tag) MUST_CHECK;
/* Writes cipher.len - GCM_TAG_BYTES bytes of plaintext. ERR_CORRUPT when the tag does not fit;
 * ret_plain is all zero then. */
enum err gcm_decrypt(const struct secret *key, const uint8_t nonce[GCM_NONCE_BYTES],
		     struct str data, struct str cipher_and_tag, uint8_t *ret_plain) MUST_CHECK;

/* aead_batch_begin() and aead_batch_end(). */
void gcm_batch_begin(void);
void gcm_batch_end(void);
