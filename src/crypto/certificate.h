/* Certificates for signing documents (X.509, RFC 5280; ECDSA P-256): the portal's own authority,
 * one for each signature, and a real authority's from a PKCS#12 file. Private keys are wiped when
 * freed. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct signing_key; /* a private key with its certificate and those above it */
/* NULL is fine. */
void signing_key_free(struct signing_key *key);

/* A self-signed authority for `organisation` (1 character or more, a line), valid for 20 years:
 * signs certificates only. */
enum err signing_authority_new(struct str organisation, int64_t now_ms,
			       struct signing_key **ret) MUST_CHECK;
/* As bytes, to be encrypted: PKCS#8 and the certificates, DER. Wipe what it was written to.
 *
 *   format 1 | certificates n | PKCS#8 | certificate | ... n     each: length (4, big-endian), DER
 */
enum err signing_key_write(const struct signing_key *key, struct arena *arena,
			   struct str *ret) MUST_CHECK;
/* ERR_CORRUPT for anything else. */
enum err signing_key_read(struct str bytes, struct signing_key **ret) MUST_CHECK;

struct signing_subject {
	struct str name;         /* CN; its first 64 characters, as X.520 has it */
	struct str organisation; /* O; the same */
	/* subjectAltName: rfc822Name, or SmtpUTF8Mailbox (RFC 9598) if the local part is not ASCII;
	 * the domain as A-label (address.key); empty: none */
	struct str address;
};
/* A key for one signature, with a certificate of the authority: digitalSignature and
 * nonRepudiation, document signing (RFC 9336), no revocation (RFC 9608). Valid from now to the
 * authority's end: its key is destroyed with it. ERR_INVALID: name or organisation is empty or no
 * line. ERR_DENIED: this key is no authority, or it has ended. */
enum err signing_key_issue(const struct signing_key *authority,
			   const struct signing_subject *subject, int64_t now_ms,
			   struct signing_key **ret) MUST_CHECK;

/* Why a PKCS#12 file cannot be used. */
enum pkcs12_refusal {
	PKCS12_FINE = 0,
	PKCS12_NOT_ONE,        /* no such file, or damaged */
	PKCS12_WRONG_PASSWORD, /* or damaged */
	PKCS12_TOO_MUCH_WORK,  /* it asks for more than LIMIT_PKCS12_ROUNDS */
	PKCS12_OLD,            /* encrypted as today's libraries no longer read */
	PKCS12_NO_KEY,         /* no private key with its certificate in it */
	PKCS12_WEAK_KEY,       /* or of a kind that readers of documents do not know */
	PKCS12_NOT_FOR_SIGNING,
	PKCS12_NOT_YET,
	PKCS12_EXPIRED,
	PKCS12_REFUSALS,
};
/* ERR_INVALID: *ret_refusal says why. RSA of 2048 to 8192 bits, ECDSA P-256, P-384, P-521. */
enum err signing_key_import(struct str pkcs12, struct str password, int64_t now_ms,
			    struct signing_key **ret, enum pkcs12_refusal *ret_refusal) MUST_CHECK;

struct certificate_facts {
	/* Of whoever made the certificate: valid UTF-8, but anything may be in it. */
	struct str name, organisation, address, issuer;
	int64_t from_ms, until_ms;
	uint8_t sha256[32]; /* fingerprint */
};
enum err signing_key_facts(const struct signing_key *key, struct arena *arena,
			   struct certificate_facts *ret) MUST_CHECK;
/* A certificate as PEM, for those who shall trust it, from its DER. */
enum err certificate_pem(struct str der, struct arena *arena, struct str *ret) MUST_CHECK;
/* The certificate alone, DER. */
enum err signing_key_certificate(const struct signing_key *key, struct arena *arena,
				 struct str *ret) MUST_CHECK;
/* Of a certificate in a file: DER or PEM (the first in it). ERR_INVALID: it is none. */
enum err certificate_read_facts(struct str bytes, struct arena *arena,
				struct certificate_facts *ret) MUST_CHECK;
