/* Time stamps (RFC 3161): what is asked of a server, and what it answers. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* *ret: a TimeStampReq, DER, that asks for the server's certificate, with a nonce. */
enum err timestamp_ask(const uint8_t sha256[32], struct arena *arena, struct str *ret) MUST_CHECK;
/* The token out of a TimeStampResp that answers this request. ERR_INVALID: it does not: another
 * digest, another nonce, refused, or its signature is wrong. */
enum err timestamp_read(struct str request, struct str response, struct arena *arena,
			struct str *ret_token, int64_t *ret_ms) MUST_CHECK;

enum timestamp_verdict {
	TIMESTAMP_GOOD = 1,
	TIMESTAMP_OF_ANOTHER, /* genuine, but of something else */
	TIMESTAMP_BAD,        /* not genuine, or not understood */
};
struct timestamp_facts {
	enum timestamp_verdict verdict;
	int64_t at_ms;
	struct str by;           /* of its certificate; valid UTF-8, but anything may be in it */
	uint8_t root_sha256[32]; /* of the topmost certificate in it */
};
/* A token of whatever origin, for these bytes: two pieces, one after the other. ERR_UNAVAILABLE
 * only: everything else is a verdict. */
enum err timestamp_verify(struct str token, const struct str covered[2], struct arena *arena,
			  struct timestamp_facts *ret) MUST_CHECK;
