/* Signed checkpoints of the audit log, kept outside of the database: a file to which lines are only
 * ever added, best on another disk. Who can write the database, and even who puts back an older one
 * as a whole, cannot make the log end before the last checkpoint without its being seen
 * (core/audit_verify.h).
 *
 *   postern-audit-1 NUMBER MILLISECONDS CHAIN SIGNATURE
 *
 * CHAIN (of that entry: it stands for all up to it) and SIGNATURE are base64url; signed (Ed25519)
 * is everything before the last space, with a key derived from the master key. */
#pragma once

#include "core/cx.h"
#include "crypto/digest.h"

struct audit_checkpoint {
	int64_t number;
	int64_t at_ms;
	uint8_t chain[DIGEST_BYTES];
};

/* Where they are without a configured place. */
struct str audit_checkpoint_path(struct arena *arena, struct str data_dir);

/* Adds a line for the last entry, on disk when it returns, if the log has grown since the last
 * line; *ret_number is that entry, 0 when there was nothing new. ERR_CORRUPT: the log is not what
 * it was at the last line, or not whole since: an alarm, and nothing is signed. */
enum err audit_checkpoint_write(struct cx *cx, struct str path, int64_t *ret_number) MUST_CHECK;

/* Reads them one after the other. */
struct audit_checkpoints {
	void *file;
	uint8_t public_key[32];
	int64_t line; /* of the last one, from 1 */
};
/* ERR_NOT_FOUND: there is no such file. */
enum err audit_checkpoints_open(struct cx *cx, struct str path,
				struct audit_checkpoints *ret) MUST_CHECK;
/* ERR_NOT_FOUND: that was the last one. ERR_INVALID: the line is none, a torn one say; ERR_CORRUPT:
 * it is not signed by this portal. After both it goes on. */
enum err audit_checkpoints_next(struct audit_checkpoints *checkpoints,
				struct audit_checkpoint *ret) MUST_CHECK;
void audit_checkpoints_close(struct audit_checkpoints *checkpoints);
#define CLEANUP_CHECKPOINTS __attribute__((cleanup(audit_checkpoints_close)))

/* The key that checkpoints are signed with, for checking them by other means: base64url. */
enum err audit_checkpoint_public(struct cx *cx, struct str *ret) MUST_CHECK;
