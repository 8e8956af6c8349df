/* What the files of crypto/ that use OpenSSL's X.509 and CMS share: freeing at the end of a block,
 * and failures. */
#pragma once

#include "base/err.h"
#include "base/str.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

/* Logs what OpenSSL has to say and empties its queue of errors. Gives ERR_UNAVAILABLE when memory
 * has run out, else `otherwise`. */
enum err openssl_failed(const char *event, enum err otherwise) MUST_CHECK;
/* The same without a line in the log: for input from outside, which may be wrong. */
enum err openssl_refused(enum err otherwise) MUST_CHECK;

/* Private keys of OpenSSL lie in pages of their own: locked, not dumped; and whatever it frees is
 * wiped. Once; crypto_init() calls it, before OpenSSL is used for anything. */
void openssl_lock_keys(void);

#define OPENSSL_CLEANUP(type, function)                                                            \
	static inline void cleanup_##type(type **object)                                           \
	{                                                                                          \
		function(*object);                                                                 \
	}
OPENSSL_CLEANUP(EVP_PKEY, EVP_PKEY_free)
OPENSSL_CLEANUP(EVP_MD_CTX, EVP_MD_CTX_free)
OPENSSL_CLEANUP(X509, X509_free)
OPENSSL_CLEANUP(BIO, BIO_free_all)
OPENSSL_CLEANUP(CMS_ContentInfo, CMS_ContentInfo_free)
OPENSSL_CLEANUP(ASN1_OBJECT, ASN1_OBJECT_free)
OPENSSL_CLEANUP(X509_STORE, X509_STORE_free)
OPENSSL_CLEANUP(X509_STORE_CTX, X509_STORE_CTX_free)
static inline void cleanup_certificates(STACK_OF(X509) * *certificates)
{
	sk_X509_pop_free(*certificates, X509_free);
}
/* CLEANUP_OPENSSL(X509) *certificate = NULL; */
#define CLEANUP_OPENSSL(type) __attribute__((cleanup(cleanup_##type))) type
#define CLEANUP_CERTIFICATES __attribute__((cleanup(cleanup_certificates))) STACK_OF(X509)
