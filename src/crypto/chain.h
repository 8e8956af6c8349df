/* Whether certificates that came along with a signature hang together (RFC 5280 6). Nobody is
 * trusted here: it is told who stands at the top. Times are not looked at, nor revocation. */
#pragma once

#include "crypto/openssl.h"

#include "base/arena.h"

enum { CHAIN_LOOSE_MAX = 50 }; /* certificates that may come along */

struct chain {
	STACK_OF(X509) * certificates; /* the signer's first, the topmost last; borrowed ones */
	bool is_good;
};
/* others: may be NULL. purpose: of OpenSSL (X509_PURPOSE_ANY ...). */
enum err chain_find(X509 *signer, STACK_OF(X509) * others, int purpose,
		    struct chain *ret) MUST_CHECK;
void chain_release(struct chain *chain);
#define CLEANUP_CHAIN __attribute__((cleanup(chain_release))) struct chain
X509 *chain_top(const struct chain *chain);
/* When all of them are valid; from > until: never. */
enum err chain_times(const struct chain *chain, int64_t *ret_from_ms,
		     int64_t *ret_until_ms) MUST_CHECK;
/* A store that trusts the topmost one, for OpenSSL's own verifications. */
enum err chain_store(const struct chain *chain, X509_STORE **ret) MUST_CHECK;

/* RSA of 2048 to 8192 bits, ECDSA on a NIST curve of 256 bits or more. */
bool chain_key_is_strong(EVP_PKEY *key);
