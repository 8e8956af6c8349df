/* A private key for signing documents, as the files of crypto/ know it. */
#pragma once

#include "crypto/certificate.h"
#include "crypto/openssl.h"

enum { SIGNING_CHAIN_MAX = 10 }; /* certificates, the signer's among them */

struct signing_key {
	EVP_PKEY *private_key;
	X509 *certificate;
	STACK_OF(X509) * above; /* issuer first; never NULL */
};

/* Takes over all three, which then are NULL; none of them when it fails. */
enum err signing_key_take(EVP_PKEY **private_key, X509 **certificate, STACK_OF(X509) * *above,
			  struct signing_key **ret) MUST_CHECK;
static inline void cleanup_signing_key(struct signing_key **key)
{
	signing_key_free(*key);
}
#define CLEANUP_SIGNING_KEY __attribute__((cleanup(cleanup_signing_key))) struct signing_key

/* Text of a certificate of whatever origin; what is no text becomes empty. */
enum err certificate_facts_of(X509 *certificate, struct arena *arena,
			      struct certificate_facts *ret) MUST_CHECK;
/* ERR_INVALID for a time that no certificate may hold. */
enum err certificate_time_ms(const ASN1_TIME *time, int64_t *ret_ms) MUST_CHECK;
/* DER; `bytes` has nothing else. ERR_CORRUPT. */
enum err certificate_parse(struct str bytes, X509 **ret) MUST_CHECK;
