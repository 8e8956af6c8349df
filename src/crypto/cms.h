/* Signatures of documents as CMS (RFC 5652) by the rules of PAdES baseline (ETSI EN 319 142-1):
 * detached, SHA-256, signing-certificate-v2 (RFC 5035), no signing-time. */
#pragma once

#include "crypto/certificate.h"

enum { CMS_MAX_BYTES = 16 * 1024 };

/* Signs a SHA-256. *ret: DER, with the certificates. ERR_TOO_LARGE over CMS_MAX_BYTES. */
enum err cms_sign(const struct signing_key *key, const uint8_t sha256[32], struct arena *arena,
		  struct str *ret) MUST_CHECK;
/* Adds a time stamp's token (crypto/timestamp.h) as an unsigned attribute: B-T. ERR_TOO_LARGE:
 * stay with the one without. */
enum err cms_add_timestamp(struct arena *arena, struct str cms, struct str token,
			   struct str *ret) MUST_CHECK;
/* The signature value's SHA-256: what is time-stamped. */
enum err cms_signature_digest(struct str cms, uint8_t ret_sha256[32]) MUST_CHECK;

enum cms_verdict {
	CMS_GOOD = 1,
	CMS_CHANGED,       /* the document is not what was signed */
	CMS_BAD_SIGNATURE, /* nor does the signature belong to its certificate */
	CMS_NOT_UNDERSTOOD,
	CMS_WEAK, /* SHA-1 or MD5: others can make a document that fits it too */
};
struct cms_facts {
	enum cms_verdict verdict;
	/* It is a signature, and its hash (SHA-1 too) is that of what is covered: whatever else
	 * there is to say of it. */
	bool is_of_document;
	struct certificate_facts signer;
	bool has_signing_certificate; /* the signed attribute names the signer's certificate */
	/* Up to a certificate that is in the signature itself; times are not looked at. */
	bool is_chain_good;
	uint8_t root_sha256[32]; /* of the topmost one */
	struct str root;         /* its name */
	/* When all of them were valid. */
	int64_t chain_from_ms, chain_until_ms;
	int64_t stamped_ms; /* by a time stamp whose own signature is good; 0: none */
	struct str stamped_by;
	bool has_bad_stamp; /* there is a time stamp, of something else or not genuine */
};
/* covered: the two pieces of the document that the signature covers. ERR_UNAVAILABLE only:
 * everything else is a verdict. */
enum err cms_verify(struct str cms, const struct str covered[2], struct arena *arena,
		    struct cms_facts *ret) MUST_CHECK;
