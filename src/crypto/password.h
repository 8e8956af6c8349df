/* Argon2id, in a small bounded pool of its own at low priority, so that sign-ins never slow
 * readers. There is no password hash: what comes out is the key that opens the user's private key.
 */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "crypto/secret.h"

enum { PASSWORD_SALT_BYTES = 16 };

struct password_cost {
	int64_t memory_bytes;
	int64_t passes;
};

/* 64 MiB, 3 passes: 115 ms here. Stored with each wrap, so that it can be raised later. */
extern const struct password_cost password_cost_default;

struct password_pool;

/* `threads` workers at nice 19, and room for `queue_max` waiting callers. */
enum err password_pool_new(int threads, int queue_max, struct password_pool **ret) MUST_CHECK;
/* Waits for what is running; callers still waiting get ERR_BUSY. NULL is fine. */
void password_pool_free(struct password_pool *pool);

/* Derives the key of a password (already normalised to NFC), blocking until it is done. ERR_BUSY at
 * once when the queue is full; ERR_INVALID for a cost outside 8 KiB..1 GiB, 1..20 passes. */
enum err password_key(struct password_pool *pool, const struct password_cost *cost,
		      struct str password, const uint8_t salt[PASSWORD_SALT_BYTES],
		      struct secret **ret) MUST_CHECK;
