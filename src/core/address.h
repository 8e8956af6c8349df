/* E-mail addresses: checked and normalised in one place (RFC 5321 4.1.2 without quoted local parts,
 * RFC 6531, IDNA 2008). */
#pragma once

#include "base/arena.h"
#include "base/err.h"

struct address {
	struct str text; /* as typed, trimmed */
	struct str key; /* local part case-folded and NFC, domain as lower-case A-label: equal means
			   same mailbox */
	struct str domain; /* the part of key after @ */
	struct str name;   /* display name, from "Anna <anna@example.com>"; may be empty */
};

/* ERR_INVALID for anything that is not one address. */
enum err address_parse(struct arena *arena, struct str typed, struct address *ret) MUST_CHECK;

/* Splits a typed list at , ; and newlines outside quotes and <>: calls address_parse on each
 * non-empty part. Parts that are none have key.len == 0 and text as typed. ERR_TOO_LARGE over max.
 */
enum err address_parse_list(struct arena *arena, struct str typed, size_t max, struct address **ret,
			    size_t *ret_count) MUST_CHECK;
