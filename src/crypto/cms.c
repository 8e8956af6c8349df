#include "crypto/cms.h"

#include "crypto/cms_parts.h"
#include "crypto/signing_key.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/ess.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

enum { ALGORITHM_MAX_BYTES = 128 };

/* ---- signing ----
 *
 * OpenSSL 3.0 adds signing-time to whatever it signs, which PAdES forbids (EN 319 142-1 6.3), and
 * wants to hash the content itself. So it builds the structure, and the attributes are put in and
 * signed here:
 *
 *   SignerInfo.signature = signature over SET OF { content-type, message-digest,
 *                                                  signing-certificate-v2 }
 */

/* The hash of the certificate, without issuer and serial number, which EN 319 122-1 5.2.2.3 advises
 * against. */
static enum err add_signing_certificate(CMS_SignerInfo *signer, X509 *certificate)
{
	STACK_OF(X509) *none = sk_X509_new_null();
	ESS_SIGNING_CERT_V2 *value =
		none ? OSSL_ESS_signing_cert_v2_new_init(EVP_sha256(), certificate, none, 0) : NULL;
	unsigned char *der = NULL;
	int len = value ? i2d_ESS_SIGNING_CERT_V2(value, &der) : 0;
	bool is_added =
		len > 0 && CMS_signed_add1_attr_by_NID(signer, NID_id_smime_aa_signingCertificateV2,
						       V_ASN1_SEQUENCE, der, len) == 1;
	OPENSSL_free(der);
	ESS_SIGNING_CERT_V2_free(value);
	sk_X509_free(none);
	return is_added ? OK : openssl_failed("cms.not_signed", ERR_INTERNAL);
}

static enum err add_attributes(CMS_SignerInfo *signer, X509 *certificate, const uint8_t sha256[32])
{
	if (!CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_contentType, V_ASN1_OBJECT,
					 OBJ_nid2obj(NID_pkcs7_data), -1) ||
	    !CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING,
					 sha256, SHA256_DIGEST_LENGTH))
		return openssl_failed("cms.not_signed", ERR_INTERNAL);
	return add_signing_certificate(signer, certificate);
}

/* RSA signs by PSS (RFC 4056), its salt as long as the digest. */
static bool choose_padding(EVP_PKEY *key, EVP_PKEY_CTX *context)
{
	return !EVP_PKEY_is_a(key, "RSA") ||
	       (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
		EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1);
}

static bool set_algorithm(CMS_SignerInfo *signer, EVP_PKEY_CTX *context)
{
	unsigned char der[ALGORITHM_MAX_BYTES];
	OSSL_PARAM params[] = {OSSL_PARAM_construct_octet_string(OSSL_SIGNATURE_PARAM_ALGORITHM_ID,
								 der, sizeof(der)),
			       OSSL_PARAM_END};
	X509_ALGOR *to;
	if (EVP_PKEY_CTX_get_params(context, params) != 1)
		return false;
	const unsigned char *at = der;
	X509_ALGOR *algorithm = d2i_X509_ALGOR(NULL, &at, (long)params[0].return_size);
	CMS_SignerInfo_get0_algs(signer, NULL, NULL, NULL, &to);
	bool is_set = algorithm && X509_ALGOR_copy(to, algorithm) == 1;
	X509_ALGOR_free(algorithm);
	return is_set;
}

static bool set_signature(CMS_SignerInfo *signer, EVP_MD_CTX *context, struct str attributes)
{
	size_t len = 0;
	const unsigned char *data = (const unsigned char *)attributes.data;
	if (EVP_DigestSign(context, NULL, &len, data, attributes.len) != 1)
		return false;
	unsigned char *signature = OPENSSL_malloc(len);
	if (signature == NULL ||
	    EVP_DigestSign(context, signature, &len, data, attributes.len) != 1) {
		OPENSSL_free(signature);
		return false;
	}
	ASN1_STRING_set0(CMS_SignerInfo_get0_signature(signer), signature, (int)len);
	return true;
}

static enum err sign_attributes(CMS_SignerInfo *signer, EVP_PKEY *key, struct arena *arena)
{
	struct str attributes;
	EVP_PKEY_CTX *parameters = NULL;
	CLEANUP_OPENSSL(EVP_MD_CTX) *context = EVP_MD_CTX_new();
	TRY(cms_signed_attributes(signer, arena, &attributes));
	if (context == NULL ||
	    EVP_DigestSignInit(context, &parameters, EVP_sha256(), NULL, key) != 1 ||
	    !choose_padding(key, parameters) || !set_algorithm(signer, parameters) ||
	    !set_signature(signer, context, attributes))
		return openssl_failed("cms.not_signed", ERR_INTERNAL);
	return OK;
}

static enum err write_cms(CMS_ContentInfo *cms, struct arena *arena, struct str *ret)
{
	int len = i2d_CMS_ContentInfo(cms, NULL);
	if (len <= 0)
		return openssl_failed("cms.not_written", ERR_INTERNAL);
	if (len > CMS_MAX_BYTES)
		return ERR_TOO_LARGE;
	unsigned char *out = arena_alloc(arena, (size_t)len), *at = out;
	if (out == NULL)
		return ERR_UNAVAILABLE;
	if (i2d_CMS_ContentInfo(cms, &at) != len)
		return openssl_failed("cms.not_written", ERR_INTERNAL);
	*ret = str_bytes(out, (size_t)len);
	return OK;
}

enum err cms_sign(const struct signing_key *key, const uint8_t sha256[32], struct arena *arena,
		  struct str *ret)
{
	const unsigned flags = CMS_PARTIAL | CMS_DETACHED | CMS_BINARY | CMS_NOSMIMECAP;
	CLEANUP_OPENSSL(CMS_ContentInfo) *cms = CMS_sign(NULL, NULL, key->above, NULL, flags);
	CMS_SignerInfo *signer = cms ? CMS_add1_signer(cms, key->certificate, key->private_key,
						       EVP_sha256(), flags | CMS_KEY_PARAM)
				     : NULL;
	if (signer == NULL)
		return openssl_failed("cms.not_signed", ERR_INTERNAL);
	TRY(add_attributes(signer, key->certificate, sha256));
	TRY(sign_attributes(signer, key->private_key, arena));
	return write_cms(cms, arena, ret);
}

/* ---- time stamps ---- */

enum err cms_signature_digest(struct str bytes, uint8_t ret_sha256[32])
{
	CLEANUP_OPENSSL(CMS_ContentInfo) *cms = NULL;
	CMS_SignerInfo *signer;
	TRY(cms_parse(bytes, &cms, &signer));
	const ASN1_OCTET_STRING *signature = CMS_SignerInfo_get0_signature(signer);
	SHA256(ASN1_STRING_get0_data(signature), (size_t)ASN1_STRING_length(signature), ret_sha256);
	return OK;
}

enum err cms_add_timestamp(struct arena *arena, struct str bytes, struct str token, struct str *ret)
{
	CLEANUP_OPENSSL(CMS_ContentInfo) *cms = NULL;
	CMS_SignerInfo *signer;
	TRY(cms_parse(bytes, &cms, &signer));
	if (token.len > CMS_MAX_BYTES)
		return ERR_TOO_LARGE;
	if (!CMS_unsigned_add1_attr_by_NID(signer, NID_id_smime_aa_timeStampToken, V_ASN1_SEQUENCE,
					   token.data, (int)token.len))
		return openssl_failed("cms.not_stamped", ERR_INTERNAL);
	return write_cms(cms, arena, ret);
}
