#include "crypto/cms_frame.h"

#include <openssl/err.h>

enum { DEPTH_MAX = 30 };

/* ---- the outer values, in their encoding ----
 *
 *   SEQUENCE { OID, [0] { SEQUENCE { version, SET of digest algorithms, SEQUENCE { content },
 *                                    [0] certificates, [1] lists,
 *                                    SET { SEQUENCE { version, ... } } } } }
 */

struct value {
	int tag, class;
	struct str content, whole;
};

static bool next_value(struct str *bytes, struct value *ret)
{
	const unsigned char *from = (const unsigned char *)bytes->data, *at = from;
	long len;
	int got = ASN1_get_object(&at, &len, &ret->tag, &ret->class, (long)bytes->len);
	if (bytes->len == 0 || (got & 0x81) != 0) /* wrong, or of an indefinite length */
		return false;
	size_t head = (size_t)(at - from);
	ret->content = str_slice(*bytes, head, (size_t)len);
	ret->whole = str_slice(*bytes, 0, head + (size_t)len);
	*bytes = str_slice(*bytes, head + (size_t)len, bytes->len);
	return true;
}

static bool is_constructed(const struct value *value)
{
	return ((uint8_t)value->whole.data[0] & V_ASN1_CONSTRUCTED) != 0;
}

/* What is a sequence or a set is written so, and nothing else is. Lengths as short as can be. */
static bool is_der_value(const struct value *value)
{
	size_t len = value->content.len;
	size_t length_bytes = len < 0x80 ? 1 : len < 0x100 ? 2 : len < 0x10000 ? 3 : 4;
	bool is_many = value->tag == V_ASN1_SEQUENCE || value->tag == V_ASN1_SET;
	return value->whole.len == 1 + length_bytes + len &&
	       (value->class != V_ASN1_UNIVERSAL || is_constructed(value) == is_many) &&
	       (value->class != V_ASN1_UNIVERSAL || value->tag != V_ASN1_NULL || len == 0);
}

/* Into what is nested, but not into texts of bytes. */
static bool is_der(struct str bytes, int depth)
{
	struct value value;
	while (bytes.len > 0) {
		if (depth == DEPTH_MAX || !next_value(&bytes, &value) || !is_der_value(&value))
			return false;
		if (is_constructed(&value) && !is_der(value.content, depth + 1))
			return false;
	}
	return true;
}

static bool enter(struct str *bytes, int tag, int class)
{
	struct value value;
	if (!next_value(bytes, &value) || value.tag != tag || value.class != class)
		return false;
	*bytes = value.content;
	return true;
}

/* A small number; -1: none. */
static int next_version(struct str *bytes)
{
	struct value value;
	if (!next_value(bytes, &value) || value.tag != V_ASN1_INTEGER ||
	    value.class != V_ASN1_UNIVERSAL || value.content.len != 1)
		return -1;
	return value.content.data[0];
}

static bool is_plain_algorithm(const X509_ALGOR *algorithm, int nid)
{
	const ASN1_OBJECT *object;
	int type;
	X509_ALGOR_get0(&object, &type, NULL, algorithm);
	return OBJ_obj2nid(object) == nid && (type == V_ASN1_UNDEF || type == V_ASN1_NULL);
}

static bool are_all_algorithms(struct str set, int nid)
{
	struct value value;
	if (set.len == 0)
		return false;
	while (set.len > 0) {
		if (!next_value(&set, &value))
			return false;
		const unsigned char *at = (const unsigned char *)value.whole.data;
		X509_ALGOR *algorithm = d2i_X509_ALGOR(NULL, &at, (long)value.whole.len);
		bool is_it = algorithm && is_plain_algorithm(algorithm, nid);
		X509_ALGOR_free(algorithm);
		if (!is_it)
			return false;
	}
	return true;
}

/* Content, certificates, attributes: all that has a number of its own holds several. The last of
 * them, the set of signers, in *ret. */
static bool last_of(struct str bytes, struct str *ret)
{
	struct value value = {0};
	while (next_value(&bytes, &value))
		if (value.class == V_ASN1_CONTEXT_SPECIFIC && !is_constructed(&value))
			return false;
	if (ret)
		*ret = value.content;
	return bytes.len == 0 && (ret == NULL || value.tag == V_ASN1_SET);
}

/* 3 for a signer named by the number of the key, or for content that is not plain data; else 1
 * (RFC 5652 5.1, 5.3). */
static bool are_versions_right(const struct cms_frame *frame, int digest_nid)
{
	struct str bytes = frame->bytes;
	struct value value;
	X509_NAME *issuer = NULL;
	if (!enter(&bytes, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL) || !next_value(&bytes, &value) ||
	    !enter(&bytes, 0, V_ASN1_CONTEXT_SPECIFIC) ||
	    !enter(&bytes, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL) ||
	    CMS_SignerInfo_get0_signer_id(frame->info, NULL, &issuer, NULL) != 1)
		return false;
	int signers = issuer ? 1 : 3;
	if (next_version(&bytes) != (frame->is_plain_data ? signers : 3) ||
	    !next_value(&bytes, &value) || value.tag != V_ASN1_SET ||
	    !are_all_algorithms(value.content, digest_nid))
		return false;
	struct str signer;
	return last_of(bytes, &signer) && enter(&signer, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL) &&
	       next_version(&signer) == signers && next_value(&signer, &value) &&
	       last_of(signer, NULL);
}

/* ---- what OpenSSL has read ---- */

static bool is_signers_algorithm(int nid, int digest_nid, EVP_PKEY *key)
{
	int md, kind;
	bool is_rsa = EVP_PKEY_is_a(key, "RSA");
	/* OpenSSL has looked at the parameters of PSS; of RSA alone the hash is named beside it. */
	if (nid == NID_rsassaPss)
		return is_rsa || EVP_PKEY_is_a(key, "RSA-PSS");
	if (is_rsa && nid == NID_rsaEncryption)
		return true;
	return OBJ_find_sigid_algs(nid, &md, &kind) == 1 && md == digest_nid &&
	       kind == (is_rsa ? NID_rsaEncryption : NID_X9_62_id_ecPublicKey);
}

/* To the byte: names that differ in capitals alone are the same to OpenSSL. */
static bool is_named_exactly(const struct cms_frame *frame)
{
	ASN1_OCTET_STRING *key_id = NULL;
	X509_NAME *issuer = NULL;
	const unsigned char *is = NULL, *should = NULL;
	size_t is_len = 0, should_len = 0;
	if (CMS_SignerInfo_get0_signer_id(frame->info, &key_id, &issuer, NULL) != 1)
		return false;
	if (issuer == NULL)
		return key_id != NULL; /* it was compared as it is */
	return X509_NAME_get0_der(issuer, &is, &is_len) == 1 &&
	       X509_NAME_get0_der(X509_get_issuer_name(frame->signer), &should, &should_len) == 1 &&
	       str_eq(str_bytes(is, is_len), str_bytes(should, should_len));
}

bool cms_frame_is_exact(const struct cms_frame *frame)
{
	X509_ALGOR *digest, *signature;
	const ASN1_OBJECT *digest_object, *signature_object;
	CMS_SignerInfo_get0_algs(frame->info, NULL, NULL, &digest, &signature);
	X509_ALGOR_get0(&digest_object, NULL, NULL, digest);
	X509_ALGOR_get0(&signature_object, NULL, NULL, signature);
	int nid = OBJ_obj2nid(digest_object);
	bool is_exact = is_plain_algorithm(digest, nid) &&
			is_signers_algorithm(OBJ_obj2nid(signature_object), nid,
					     X509_get0_pubkey(frame->signer)) &&
			is_named_exactly(frame) && are_versions_right(frame, nid) &&
			is_der(frame->bytes, 0);
	ERR_clear_error();
	return is_exact;
}
