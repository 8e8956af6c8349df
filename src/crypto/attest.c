#include "crypto/attest.h"

#include <sodium.h>

_Static_assert(ATTEST_PUBLIC_BYTES == crypto_sign_PUBLICKEYBYTES, "Ed25519");
_Static_assert(ATTEST_BYTES == crypto_sign_BYTES, "Ed25519");
_Static_assert(KEY_BYTES == crypto_sign_SEEDBYTES, "a seed is a secret");

static enum err make_pair(const struct secret *seed, uint8_t public_key[ATTEST_PUBLIC_BYTES],
			  uint8_t private_key[crypto_sign_SECRETKEYBYTES])
{
	return crypto_sign_seed_keypair(public_key, private_key, seed->bytes) == 0 ? OK
										   : ERR_INTERNAL;
}

enum err attest_public(const struct secret *seed, uint8_t ret_public[ATTEST_PUBLIC_BYTES])
{
	uint8_t private_key[crypto_sign_SECRETKEYBYTES];
	enum err err = make_pair(seed, ret_public, private_key);
	sodium_memzero(private_key, sizeof(private_key));
	return err;
}

enum err attest_sign(const struct secret *seed, struct str text,
		     uint8_t ret_signature[ATTEST_BYTES])
{
	uint8_t public_key[ATTEST_PUBLIC_BYTES];
	uint8_t private_key[crypto_sign_SECRETKEYBYTES];
	enum err err = make_pair(seed, public_key, private_key);
	if (err == OK && crypto_sign_detached(ret_signature, NULL, (const uint8_t *)text.data,
					      text.len, private_key) != 0)
		err = ERR_INTERNAL;
	sodium_memzero(private_key, sizeof(private_key));
	return err;
}

bool attest_check(const uint8_t public_key[ATTEST_PUBLIC_BYTES], struct str text,
		  struct str signature)
{
	return signature.len == ATTEST_BYTES &&
	       crypto_sign_verify_detached((const uint8_t *)signature.data,
					   (const uint8_t *)text.data, text.len, public_key) == 0;
}
