/* What a ciphertext, wrap or seal belongs to; bound to it as associated data, so that no two can be
 * exchanged.
 *
 * Encoded as: format byte 1 | len(purpose) purpose | len(object) object | len(holder) holder |
 * version, lengths 4 bytes and version 8 bytes, big-endian. */
#pragma once

#include "base/str.h"

struct context {
	const char *purpose; /* dotted word: "message.subject" */
	struct str object;   /* id of the thing: message, user ... */
	struct str holder;   /* id of who may open it; empty if the object alone decides */
	int64_t version;     /* generation of the key or record */
};

enum { CONTEXT_MAX_BYTES = 512 };

/* Writes the encoding; returns its length, 0 if it does not fit (a mistake of the caller). */
size_t context_encode(const struct context *context, uint8_t ret_bytes[CONTEXT_MAX_BYTES]);
