/* Verifying signatures of whatever origin. Nothing of OpenSSL's own verification of CMS is used
 * but that of the signature over the attributes: what is covered is for the caller to say, and
 * whom to trust is for the reader. */
#include "crypto/chain.h"
#include "crypto/cms.h"
#include "crypto/cms_frame.h"
#include "crypto/cms_parts.h"
#include "crypto/signing_key.h"
#include "crypto/timestamp.h"

#include <openssl/ess.h>
#include <string.h>

struct checked {
	CMS_ContentInfo *cms;
	CMS_SignerInfo *info; /* part of it */
	STACK_OF(X509) * certificates;
	X509 *signer; /* one of them */
	struct chain chain;
};

static void checked_release(struct checked *checked)
{
	chain_release(&checked->chain);
	sk_X509_pop_free(checked->certificates, X509_free);
	CMS_ContentInfo_free(checked->cms);
}

/* ERR_CORRUPT: not understood. */
static enum err find_signer(struct checked *checked)
{
	checked->certificates = CMS_get1_certs(checked->cms);
	int count = sk_X509_num(checked->certificates);
	if (count > CHAIN_LOOSE_MAX)
		return ERR_CORRUPT;
	for (int i = 0; checked->signer == NULL && i < count; i++) {
		X509 *one = sk_X509_value(checked->certificates, i);
		if (CMS_SignerInfo_cert_cmp(checked->info, one) == 0)
			checked->signer = one;
	}
	if (checked->signer == NULL || X509_get0_pubkey(checked->signer) == NULL)
		return openssl_refused(ERR_CORRUPT);
	CMS_SignerInfo_set1_signer_cert(checked->info, checked->signer);
	return openssl_refused(OK);
}

/* The one value of a signed attribute that is there once. NULL: not so. */
static const void *signed_value(CMS_SignerInfo *info, int nid, int type)
{
	return CMS_signed_get0_data_by_OBJ(info, OBJ_nid2obj(nid), -3, type);
}

/* The content type is the one that is signed (RFC 5652 11.1). */
static bool is_typed(const struct checked *checked)
{
	const ASN1_OBJECT *type = signed_value(checked->info, NID_pkcs9_contentType, V_ASN1_OBJECT);
	return type && OBJ_cmp(type, CMS_get0_eContentType(checked->cms)) == 0 &&
	       CMS_is_detached(checked->cms) == 1;
}

static bool is_weak_hash(int nid)
{
	return nid == NID_sha1 || nid == NID_md5 || nid == NID_ripemd160 || nid == NID_md4 ||
	       nid == NID_md2;
}

static enum err digest_by(int nid, const struct str covered[2], uint8_t ret[EVP_MAX_MD_SIZE],
			  size_t *ret_len)
{
	return nid == NID_sha1 ? cms_digest_weak(covered, ret, ret_len)
			       : cms_digest(nid, covered, ret, ret_len);
}

static enum err check_digest(const struct checked *checked, const struct str covered[2],
			     struct cms_facts *facts)
{
	X509_ALGOR *algorithm;
	const ASN1_OBJECT *object;
	uint8_t digest[EVP_MAX_MD_SIZE];
	size_t len;
	CMS_SignerInfo_get0_algs(checked->info, NULL, NULL, &algorithm, NULL);
	X509_ALGOR_get0(&object, NULL, NULL, algorithm);
	int nid = OBJ_obj2nid(object);
	const ASN1_OCTET_STRING *is =
		signed_value(checked->info, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING);
	enum err err = digest_by(nid, covered, digest, &len);
	if (err == ERR_INVALID || is == NULL) {
		facts->verdict = is_weak_hash(nid) ? CMS_WEAK : CMS_NOT_UNDERSTOOD;
		return openssl_refused(OK);
	}
	TRY(err);
	facts->is_of_document =
		str_eq(str_bytes(digest, len),
		       str_bytes(ASN1_STRING_get0_data(is), (size_t)ASN1_STRING_length(is)));
	facts->verdict = is_weak_hash(nid)       ? CMS_WEAK
			 : facts->is_of_document ? CMS_GOOD
						 : CMS_CHANGED;
	return OK;
}

static enum err check_signature(const struct checked *checked, enum cms_verdict *verdict)
{
	EVP_PKEY *key = X509_get0_pubkey(checked->signer);
	if (CMS_SignerInfo_verify(checked->info) != 1) {
		*verdict = CMS_BAD_SIGNATURE;
		return openssl_refused(OK);
	}
	if (*verdict == CMS_GOOD && !chain_key_is_strong(key))
		*verdict = EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_is_a(key, "EC") ||
					   EVP_PKEY_is_a(key, "DSA")
				   ? CMS_WEAK
				   : CMS_NOT_UNDERSTOOD;
	return openssl_refused(OK);
}

/* signing-certificate-v2 (RFC 5035) or the older one (RFC 2634). Another certificate than the one
 * that was meant makes the signature worth nothing. */
static enum err check_signing_certificate(const struct checked *checked, struct cms_facts *facts)
{
	const ASN1_STRING *v2 =
		signed_value(checked->info, NID_id_smime_aa_signingCertificateV2, V_ASN1_SEQUENCE);
	const ASN1_STRING *v1 =
		signed_value(checked->info, NID_id_smime_aa_signingCertificate, V_ASN1_SEQUENCE);
	const ASN1_STRING *is = v2 ? v2 : v1;
	if (is == NULL)
		return openssl_refused(OK);
	const unsigned char *at = ASN1_STRING_get0_data(is);
	long len = ASN1_STRING_length(is);
	ESS_SIGNING_CERT_V2 *new_one = v2 ? d2i_ESS_SIGNING_CERT_V2(NULL, &at, len) : NULL;
	ESS_SIGNING_CERT *old_one = v2 ? NULL : d2i_ESS_SIGNING_CERT(NULL, &at, len);
	bool is_named =
		(new_one || old_one) &&
		OSSL_ESS_check_signing_certs(old_one, new_one, checked->chain.certificates, 1) == 1;
	ESS_SIGNING_CERT_V2_free(new_one);
	ESS_SIGNING_CERT_free(old_one);
	facts->has_signing_certificate = is_named;
	if (!is_named && facts->verdict == CMS_GOOD)
		facts->verdict = CMS_BAD_SIGNATURE;
	return openssl_refused(OK);
}

static enum err tell_chain(const struct checked *checked, struct arena *arena,
			   struct cms_facts *facts)
{
	struct certificate_facts top;
	TRY(certificate_facts_of(chain_top(&checked->chain), arena, &top));
	TRY(chain_times(&checked->chain, &facts->chain_from_ms, &facts->chain_until_ms));
	facts->is_chain_good = checked->chain.is_good;
	facts->root = top.name;
	memcpy(facts->root_sha256, top.sha256, sizeof(facts->root_sha256));
	return OK;
}

static enum err check_stamp(const struct checked *checked, struct arena *arena,
			    struct cms_facts *facts)
{
	int at = CMS_unsigned_get_attr_by_NID(checked->info, NID_id_smime_aa_timeStampToken, -1);
	if (at < 0)
		return openssl_refused(OK);
	const ASN1_TYPE *value =
		X509_ATTRIBUTE_get0_type(CMS_unsigned_get_attr(checked->info, at), 0);
	const ASN1_OCTET_STRING *signature = CMS_SignerInfo_get0_signature(checked->info);
	const struct str covered[2] = {
		str_bytes(ASN1_STRING_get0_data(signature), (size_t)ASN1_STRING_length(signature)),
		STR_NONE};
	struct timestamp_facts stamp = {0};
	if (value && value->type == V_ASN1_SEQUENCE)
		TRY(timestamp_verify(str_bytes(ASN1_STRING_get0_data(value->value.sequence),
					       (size_t)ASN1_STRING_length(value->value.sequence)),
				     covered, arena, &stamp));
	facts->has_bad_stamp = stamp.verdict != TIMESTAMP_GOOD;
	if (stamp.verdict == TIMESTAMP_GOOD) {
		facts->stamped_ms = stamp.at_ms;
		facts->stamped_by = stamp.by;
	}
	return OK;
}

/* Nothing beside it but a time stamp: PAdES allows no other attribute that is not signed. */
static bool has_only_a_stamp(const struct checked *checked)
{
	int count = CMS_unsigned_get_attr_count(checked->info);
	if (count <= 0)
		return true;
	X509_ATTRIBUTE *only = CMS_unsigned_get_attr(checked->info, 0);
	return count == 1 && X509_ATTRIBUTE_count(only) == 1 &&
	       OBJ_obj2nid(X509_ATTRIBUTE_get0_object(only)) == NID_id_smime_aa_timeStampToken;
}

static bool is_exact(const struct checked *checked, struct str bytes)
{
	const struct cms_frame frame = {bytes, checked->info, checked->signer,
					OBJ_obj2nid(CMS_get0_eContentType(checked->cms)) ==
						NID_pkcs7_data};
	return has_only_a_stamp(checked) && cms_frame_is_exact(&frame);
}

static enum err check(struct checked *checked, struct str bytes, const struct str covered[2],
		      struct arena *arena, struct cms_facts *facts)
{
	TRY(find_signer(checked));
	if (!is_typed(checked))
		return openssl_refused(ERR_CORRUPT);
	TRY(certificate_facts_of(checked->signer, arena, &facts->signer));
	TRY(check_digest(checked, covered, facts));
	if (facts->verdict == CMS_NOT_UNDERSTOOD || facts->verdict == CMS_WEAK)
		return OK;
	TRY(check_signature(checked, &facts->verdict));
	if (facts->verdict == CMS_GOOD && !is_exact(checked, bytes))
		facts->verdict = CMS_NOT_UNDERSTOOD;
	TRY(chain_find(checked->signer, checked->certificates, X509_PURPOSE_ANY, &checked->chain));
	TRY(check_signing_certificate(checked, facts));
	TRY(tell_chain(checked, arena, facts));
	return check_stamp(checked, arena, facts);
}

enum err cms_verify(struct str bytes, const struct str covered[2], struct arena *arena,
		    struct cms_facts *ret)
{
	__attribute__((cleanup(checked_release))) struct checked checked = {0};
	struct cms_facts facts = {.verdict = CMS_NOT_UNDERSTOOD};
	enum err err = cms_parse(bytes, &checked.cms, &checked.info);
	if (err == OK)
		err = check(&checked, bytes, covered, arena, &facts);
	if (err == ERR_CORRUPT)
		facts = (struct cms_facts){.verdict = CMS_NOT_UNDERSTOOD};
	else
		TRY(err);
	TRY(openssl_refused(OK));
	*ret = facts;
	return OK;
}
