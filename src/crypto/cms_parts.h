/* What making and verifying a signature share. */
#pragma once

#include "crypto/openssl.h"

#include "base/arena.h"

/* SignedData with one signer, and nothing after it. ERR_CORRUPT for anything else. The signer is
 * part of the first. */
enum err cms_parse(struct str bytes, CMS_ContentInfo **ret, CMS_SignerInfo **ret_signer) MUST_CHECK;
/* What a signature is over: SET OF Attribute, DER (RFC 5652 5.4). ERR_INVALID without any. */
enum err cms_signed_attributes(CMS_SignerInfo *signer, struct arena *arena,
			       struct str *ret) MUST_CHECK;
/* The hash of two pieces, one after the other, by SHA-256, 384 or 512. ERR_INVALID: another one. */
enum err cms_digest(int nid, const struct str pieces[2], uint8_t ret[EVP_MAX_MD_SIZE],
		    size_t *ret_len) MUST_CHECK;
/* The same by SHA-1, which proves nothing any more. */
enum err cms_digest_weak(const struct str pieces[2], uint8_t ret[EVP_MAX_MD_SIZE],
			 size_t *ret_len) MUST_CHECK;
