#include "crypto/cms_parts.h"

#include "base/limits.h"

#include <stdlib.h>
#include <string.h>

enum err cms_parse(struct str bytes, CMS_ContentInfo **ret, CMS_SignerInfo **ret_signer)
{
	const unsigned char *at = (const unsigned char *)bytes.data;
	if (bytes.len == 0 || bytes.len > LIMIT_CMS_BYTES)
		return ERR_CORRUPT;
	CLEANUP_OPENSSL(CMS_ContentInfo) *cms = d2i_CMS_ContentInfo(NULL, &at, (long)bytes.len);
	if (cms == NULL || at != (const unsigned char *)bytes.data + bytes.len ||
	    OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_signed)
		return openssl_refused(ERR_CORRUPT);
	STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(cms);
	if (sk_CMS_SignerInfo_num(signers) != 1)
		return openssl_refused(ERR_CORRUPT);
	*ret_signer = sk_CMS_SignerInfo_value(signers, 0);
	*ret = cms;
	cms = NULL;
	return OK;
}

/* DER sorts a SET OF by the bytes of its members (X.690 11.6), a shorter one before what it begins.
 */
static int compare_members(const void *a, const void *b)
{
	return str_compare(*(const struct str *)a, *(const struct str *)b);
}

static enum err encode_members(CMS_SignerInfo *signer, struct arena *arena, struct str *members,
			       size_t *ret_bytes)
{
	size_t bytes = 0;
	for (int i = 0; i < CMS_signed_get_attr_count(signer); i++) {
		X509_ATTRIBUTE *attribute = CMS_signed_get_attr(signer, i);
		int len = i2d_X509_ATTRIBUTE(attribute, NULL);
		unsigned char *out = len > 0 ? arena_alloc(arena, (size_t)len) : NULL, *at = out;
		if (out == NULL || i2d_X509_ATTRIBUTE(attribute, &at) != len)
			return openssl_refused(ERR_UNAVAILABLE);
		members[i] = str_bytes(out, (size_t)len);
		bytes += (size_t)len;
	}
	*ret_bytes = bytes;
	return OK;
}

enum err cms_signed_attributes(CMS_SignerInfo *signer, struct arena *arena, struct str *ret)
{
	int count = CMS_signed_get_attr_count(signer);
	size_t bytes = 0;
	if (count <= 0)
		return ERR_INVALID;
	struct str *members = ARENA_ARRAY(arena, (size_t)count, struct str);
	if (members == NULL)
		return ERR_UNAVAILABLE;
	TRY(encode_members(signer, arena, members, &bytes));
	qsort(members, (size_t)count, sizeof(*members), compare_members);
	int room = ASN1_object_size(1, (int)bytes, V_ASN1_SET);
	unsigned char *out = arena_alloc(arena, (size_t)room), *at = out;
	if (out == NULL)
		return ERR_UNAVAILABLE;
	ASN1_put_object(&at, 1, (int)bytes, V_ASN1_SET, V_ASN1_UNIVERSAL);
	for (int i = 0; i < count; i++) {
		memcpy(at, members[i].data, members[i].len);
		at += members[i].len;
	}
	*ret = str_bytes(out, (size_t)room);
	return OK;
}

static enum err digest(const EVP_MD *md, const struct str pieces[2], uint8_t ret[EVP_MAX_MD_SIZE],
		       size_t *ret_len)
{
	unsigned int len = 0;
	CLEANUP_OPENSSL(EVP_MD_CTX) *context = EVP_MD_CTX_new();
	if (context == NULL || !EVP_DigestInit_ex(context, md, NULL) ||
	    !EVP_DigestUpdate(context, pieces[0].data, pieces[0].len) ||
	    !EVP_DigestUpdate(context, pieces[1].data, pieces[1].len) ||
	    !EVP_DigestFinal_ex(context, ret, &len))
		return openssl_refused(ERR_UNAVAILABLE);
	*ret_len = len;
	return OK;
}

enum err cms_digest(int nid, const struct str pieces[2], uint8_t ret[EVP_MAX_MD_SIZE],
		    size_t *ret_len)
{
	const EVP_MD *md = nid == NID_sha256   ? EVP_sha256()
			   : nid == NID_sha384 ? EVP_sha384()
			   : nid == NID_sha512 ? EVP_sha512()
					       : NULL;
	return md ? digest(md, pieces, ret, ret_len) : ERR_INVALID;
}

enum err cms_digest_weak(const struct str pieces[2], uint8_t ret[EVP_MAX_MD_SIZE], size_t *ret_len)
{
	return digest(EVP_sha1(), pieces, ret, ret_len);
}
