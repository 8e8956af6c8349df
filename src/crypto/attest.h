/* Signatures that the portal makes of its own records (Ed25519, RFC 8032). The seed is derived from
 * the master key, so the key pair is the same for ever. */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "crypto/secret.h"

enum { ATTEST_PUBLIC_BYTES = 32, ATTEST_BYTES = 64 };

/* The public half, for whoever wants to check by other means. */
enum err attest_public(const struct secret *seed,
		       uint8_t ret_public[ATTEST_PUBLIC_BYTES]) MUST_CHECK;
enum err attest_sign(const struct secret *seed, struct str text,
		     uint8_t ret_signature[ATTEST_BYTES]) MUST_CHECK;
/* Whether it was signed with the key of this public half. */
bool attest_check(const uint8_t public_key[ATTEST_PUBLIC_BYTES], struct str text,
		  struct str signature);
