/* A 32-byte key in locked memory: never swapped, never in a core dump, wiped when given back. */
#pragma once

#include "base/err.h"
#include "base/str.h"

enum { KEY_BYTES = 32 };

struct secret {
	uint8_t bytes[KEY_BYTES];
};

/* Call once at start, before anything else of crypto/. ERR_INTERNAL if the library cannot start. */
enum err crypto_init(void) MUST_CHECK;

/* A zeroed key from a pool of locked pages (cheap: no system call once warm). ERR_UNAVAILABLE when
 * no more memory can be had. Thread-safe. Owned by the caller: secret_free(). */
enum err secret_new(struct secret **ret) MUST_CHECK;
/* A fresh random key. */
enum err secret_random(struct secret **ret) MUST_CHECK;
/* A copy of exactly KEY_BYTES bytes; ERR_INVALID for any other length. */
enum err secret_copy(struct str bytes, struct secret **ret) MUST_CHECK;
/* Wipes and gives back. NULL is fine. */
void secret_free(struct secret *secret);
/* How many are handed out now: for tests, which look for keys never given back. */
size_t secret_live(void);

static inline void secret_cleanup(struct secret **secret)
{
	secret_free(*secret);
}
#define CLEANUP_SECRET __attribute__((cleanup(secret_cleanup)))
