/* Hashes of what streams by, for people to compare and for protocols that ask for them: SHA-256
 * (FIPS 180-4), which can be put aside and taken up again by another process, and the ones that tus
 * clients send. Keys and rows: crypto/digest.h. */
#pragma once

#include "base/err.h"
#include "base/str.h"

enum { SHA256_BYTES = 32, SHA256_STATE_BYTES = 32 + 8 + 64, HASHING_MAX_BYTES = 32 };

enum hash_kind { HASH_SHA256, HASH_SHA1, HASH_KINDS };
/* "sha256", "sha1": as in Upload-Checksum. NULL past the last. */
const char *hash_kind_word(enum hash_kind kind);
size_t hash_kind_bytes(enum hash_kind kind);

struct hashing;
enum err hashing_new(enum hash_kind kind, struct hashing **ret) MUST_CHECK;
void hashing_add(struct hashing *hashing, struct str bytes);
/* Of what was added so far; more may be added. */
void hashing_result(const struct hashing *hashing, uint8_t ret[HASHING_MAX_BYTES]);
/* SHA-256 only. 32 bytes of state, 8 of length (big-endian), 64 of what waits for a full block. The
 * state tells about what was hashed: keep it encrypted. */
void hashing_save(const struct hashing *hashing, uint8_t ret[SHA256_STATE_BYTES]);
/* ERR_CORRUPT: that is none. */
enum err hashing_restore(struct str state, struct hashing **ret) MUST_CHECK;
/* NULL is fine. */
void hashing_free(struct hashing *hashing);
