/* Bearer tokens: session cookies, API sessions, invitation and reset links all have this one form.
 *
 *   16 bytes          32 bytes
 *  +-----------------+----------------+
 *  | id of the row   | secret         |   as 64 characters of base64url
 *  +-----------------+----------------+
 *
 * The row stores no secret: it is right if it opens the key wrapped under it, or, where nothing is
 * wrapped, if its hash is the stored one. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/id.h"
#include "crypto/secret.h"

enum { TOKEN_CHARS = 64 };

struct token {
	struct id id;
	struct secret *secret; /* owned */
};

/* A new secret for the row `id`. */
enum err token_new(const struct id *id, struct token *ret) MUST_CHECK;
/* ERR_INVALID unless it is exactly what token_text() writes. */
enum err token_parse(struct str text, struct token *ret) MUST_CHECK;
struct str token_text(const struct token *token, struct arena *arena);
void token_release(struct token *token);

/* Words people copy from paper: the recovery code, 5 groups of 6 in Crockford's base32 (150 bits).
 */
struct str recovery_code_new(struct arena *arena);
/* The key a typed code stands for; case, spaces and hyphens are ignored, O I L read as 0 1 1.
 * ERR_INVALID if it has not the form of a code. */
enum err recovery_code_key(struct str typed, struct secret **ret) MUST_CHECK;

#define CLEANUP_TOKEN __attribute__((cleanup(token_release)))
