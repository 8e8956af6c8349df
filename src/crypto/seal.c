#include "crypto/seal.h"

#include "crypto/digest.h"

#include <sodium.h>
#include <string.h>

enum { SEAL_FORMAT = 2, SEAL_INSIDE_BYTES = KEY_BYTES + DIGEST_BYTES };
_Static_assert(SEAL_BYTES == 1 + SEAL_INSIDE_BYTES + crypto_box_SEALBYTES, "the picture in seal.h");
_Static_assert(KEY_BYTES == crypto_box_SECRETKEYBYTES, "a private key is a secret");
_Static_assert(PUBLIC_KEY_BYTES == crypto_box_PUBLICKEYBYTES, "X25519");

enum err keypair_public(const struct secret *private_key, uint8_t ret_public[PUBLIC_KEY_BYTES])
{
	uint8_t public_key[PUBLIC_KEY_BYTES];
	if (crypto_scalarmult_base(public_key, private_key->bytes) != 0 ||
	    sodium_is_zero(public_key, sizeof(public_key)))
		return ERR_CORRUPT;
	memcpy(ret_public, public_key, sizeof(public_key));
	return OK;
}

enum err keypair_new(struct secret **ret_private, uint8_t ret_public[PUBLIC_KEY_BYTES])
{
	struct secret *private_key CLEANUP_SECRET = NULL;
	TRY(secret_random(&private_key));
	TRY(keypair_public(private_key, ret_public));
	*ret_private = private_key;
	private_key = NULL;
	return OK;
}

static enum err context_digest(const struct context *context, uint8_t ret_digest[DIGEST_BYTES])
{
	uint8_t bytes[CONTEXT_MAX_BYTES];
	size_t len = context_encode(context, bytes);
	if (len == 0)
		return ERR_INTERNAL;
	digest(str_bytes(bytes, len), ret_digest);
	return OK;
}

enum err seal_key(const uint8_t public_key[PUBLIC_KEY_BYTES], const struct context *context,
		  const struct secret *key, struct arena *arena, struct str *ret)
{
	uint8_t inside[SEAL_INSIDE_BYTES];
	TRY(context_digest(context, inside + KEY_BYTES));
	uint8_t *out = arena_alloc(arena, SEAL_BYTES);
	if (out == NULL)
		return ERR_UNAVAILABLE;
	memcpy(inside, key->bytes, KEY_BYTES);
	out[0] = SEAL_FORMAT;
	/* Fails when the shared secret is all zero, that is for a public key of low order. */
	int failed = crypto_box_seal(out + 1, inside, sizeof(inside), public_key);
	sodium_memzero(inside, sizeof(inside));
	if (failed)
		return ERR_CORRUPT;
	*ret = str_bytes(out, SEAL_BYTES);
	return OK;
}

enum err seal_open(const struct secret *private_key, const uint8_t public_key[PUBLIC_KEY_BYTES],
		   const struct context *context, struct str sealed, struct secret **ret)
{
	if (sealed.len != SEAL_BYTES || sealed.data[0] != SEAL_FORMAT)
		return ERR_CORRUPT;
	uint8_t expected[DIGEST_BYTES];
	TRY(context_digest(context, expected));
	struct secret *key CLEANUP_SECRET = NULL;
	TRY(secret_new(&key));
	uint8_t inside[SEAL_INSIDE_BYTES];
	bool is_genuine =
		crypto_box_seal_open(inside, (const uint8_t *)sealed.data + 1, SEAL_BYTES - 1,
				     public_key, private_key->bytes) == 0 &&
		sodium_memcmp(inside + KEY_BYTES, expected, sizeof(expected)) == 0;
	if (is_genuine)
		memcpy(key->bytes, inside, KEY_BYTES);
	sodium_memzero(inside, sizeof(inside));
	if (!is_genuine)
		return ERR_CORRUPT;
	*ret = key;
	key = NULL;
	return OK;
}
