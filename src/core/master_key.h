/* The master key file: the one secret outside the database. It authenticates rows, opens the portal
 * key, and pins the portal's public key. */
#pragma once

#include "base/arena.h"
#include "crypto/seal.h"
#include "crypto/secret.h"

struct master_key {
	struct secret *key;                      /* owned */
	uint8_t portal_public[PUBLIC_KEY_BYTES]; /* of the portal's key pair */
};

/* Where it is: the environment's POSTERN_MASTER_KEY_FILE, else DATA/master.key. */
struct str master_key_path(struct arena *arena, struct str data_dir);
/* ERR_NOT_FOUND: no file. ERR_DENIED: others than the owner can read it. ERR_CORRUPT: not such a
 * file. */
enum err master_key_read(struct str path, struct master_key *ret) MUST_CHECK;
/* Writes a new file beside it (path.new), mode 0600, durable before it returns; it counts once the
 * portal is stored and master_key_adopt() has given it its name. ERR_CONFLICT: there is a master
 * key already. One that a set-up left unfinished is put aside under another name, never destroyed.
 */
enum err master_key_write_new(struct str path, const struct master_key *master) MUST_CHECK;
/* Reads path.new: what a set-up that was cut off after storing the portal has left. */
enum err master_key_read_new(struct str path, struct master_key *ret) MUST_CHECK;
/* path.new becomes path, durably. */
enum err master_key_adopt(struct str path) MUST_CHECK;
void master_key_release(struct master_key *master);
#define CLEANUP_MASTER_KEY __attribute__((cleanup(master_key_release)))
