#include "crypto/chain.h"

#include "crypto/signing_key.h"

#include <openssl/err.h>
#include <string.h>

enum { RSA_MIN_BITS = 2048, RSA_MAX_BITS = 8192, SECURITY_LEVEL = 1 };

bool chain_key_is_strong(EVP_PKEY *key)
{
	static const char *const curves[] = {"prime256v1", "secp384r1", "secp521r1"};
	char curve[32];
	if (EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_is_a(key, "RSA-PSS"))
		return EVP_PKEY_get_bits(key) >= RSA_MIN_BITS &&
		       EVP_PKEY_get_bits(key) <= RSA_MAX_BITS;
	if (!EVP_PKEY_is_a(key, "EC") ||
	    EVP_PKEY_get_group_name(key, curve, sizeof(curve), NULL) != 1)
		return false;
	for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++)
		if (strcmp(curve, curves[i]) == 0)
			return true;
	return false;
}

static X509 *issuer_of(X509 *certificate, STACK_OF(X509) * others)
{
	for (int i = 0; i < sk_X509_num(others); i++)
		if (X509_check_issued(sk_X509_value(others, i), certificate) == X509_V_OK)
			return sk_X509_value(others, i);
	return NULL;
}

/* It should be its issuer, by its name or by its key, and is not: it was changed. No signature
 * covers the certificates that come along. */
static bool is_nearly_issuer(X509 *one, X509 *below)
{
	const ASN1_OCTET_STRING *key = X509_get0_subject_key_id(one);
	const ASN1_OCTET_STRING *wanted = X509_get0_authority_key_id(below);
	bool has_name = X509_NAME_cmp(X509_get_subject_name(one), X509_get_issuer_name(below)) == 0;
	bool has_key = key && wanted && ASN1_OCTET_STRING_cmp(key, wanted) == 0;
	if (one != below)
		return has_name || has_key;
	EVP_PKEY *own = X509_get0_pubkey(one);
	if (has_name)
		return (wanted && !has_key) || own == NULL || X509_verify(one, own) != 1;
	return has_key;
}

static bool has_nearly_issuer(X509 *below, STACK_OF(X509) * others)
{
	for (int i = 0; i < sk_X509_num(others); i++)
		if (is_nearly_issuer(sk_X509_value(others, i), below))
			return true;
	return false;
}

/* By names only; whether they have signed each other is verified afterwards. */
static enum err walk_up(X509 *signer, STACK_OF(X509) * others, STACK_OF(X509) * found,
			bool *ret_is_torn)
{
	*ret_is_torn = false;
	X509 *next = signer;
	while (next && sk_X509_num(found) < SIGNING_CHAIN_MAX) {
		if (!sk_X509_push(found, next))
			return openssl_refused(ERR_UNAVAILABLE);
		bool is_top = X509_check_issued(next, next) == X509_V_OK;
		X509 *above = is_top ? NULL : issuer_of(next, others);
		*ret_is_torn = !is_top && above == NULL && has_nearly_issuer(next, others);
		next = above;
	}
	return openssl_refused(OK);
}

X509 *chain_top(const struct chain *chain)
{
	return sk_X509_value(chain->certificates, sk_X509_num(chain->certificates) - 1);
}

enum err chain_store(const struct chain *chain, X509_STORE **ret)
{
	CLEANUP_OPENSSL(X509_STORE) *store = X509_STORE_new();
	if (store == NULL || !X509_STORE_add_cert(store, chain_top(chain)) ||
	    !X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME |
						 X509_V_FLAG_CHECK_SS_SIGNATURE))
		return openssl_refused(ERR_UNAVAILABLE);
	X509_VERIFY_PARAM_set_auth_level(X509_STORE_get0_param(store), SECURITY_LEVEL);
	*ret = store;
	store = NULL;
	return OK;
}

static enum err verify(const struct chain *chain, int purpose, bool *ret)
{
	CLEANUP_OPENSSL(X509_STORE) *store = NULL;
	CLEANUP_OPENSSL(X509_STORE_CTX) *context = X509_STORE_CTX_new();
	TRY(chain_store(chain, &store));
	if (context == NULL ||
	    !X509_STORE_CTX_init(context, store, sk_X509_value(chain->certificates, 0),
				 chain->certificates) ||
	    !X509_STORE_CTX_set_purpose(context, purpose))
		return openssl_refused(ERR_UNAVAILABLE);
	bool is_good = X509_verify_cert(context) == 1;
	if (X509_STORE_CTX_get_error(context) == X509_V_ERR_OUT_OF_MEM)
		return openssl_refused(ERR_UNAVAILABLE);
	*ret = is_good;
	return openssl_refused(OK);
}

enum err chain_find(X509 *signer, STACK_OF(X509) * others, int purpose, struct chain *ret)
{
	CLEANUP_CHAIN chain = {.certificates = sk_X509_new_null()};
	if (chain.certificates == NULL)
		return openssl_refused(ERR_UNAVAILABLE);
	bool is_torn;
	TRY(walk_up(signer, others, chain.certificates, &is_torn));
	TRY(verify(&chain, purpose, &chain.is_good));
	chain.is_good = chain.is_good && !is_torn;
	*ret = chain;
	chain.certificates = NULL;
	return OK;
}

void chain_release(struct chain *chain)
{
	sk_X509_free(chain->certificates);
}

enum err chain_times(const struct chain *chain, int64_t *ret_from_ms, int64_t *ret_until_ms)
{
	int64_t from_ms = 0, until_ms = INT64_MAX;
	for (int i = 0; i < sk_X509_num(chain->certificates); i++) {
		X509 *one = sk_X509_value(chain->certificates, i);
		int64_t one_from_ms = INT64_MAX, one_until_ms = 0;
		enum err err = certificate_time_ms(X509_get0_notBefore(one), &one_from_ms);
		if (err == OK)
			err = certificate_time_ms(X509_get0_notAfter(one), &one_until_ms);
		if (err != OK && err != ERR_INVALID)
			return err;
		from_ms = one_from_ms > from_ms ? one_from_ms : from_ms;
		until_ms = one_until_ms < until_ms ? one_until_ms : until_ms;
	}
	*ret_from_ms = from_ms;
	*ret_until_ms = until_ms;
	return OK;
}
