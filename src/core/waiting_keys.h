/* The keys of the messages that wait for somebody until they register (P2.6): sealed to the key
 * pair of the invitation, to be wrapped under a mailbox key that nobody else had. */
#pragma once

#include "core/way_in.h"
#include "store/message_files.h"

struct waiting_keys {
	struct delivery *sealed;  /* as found, newest first */
	struct delivery *wrapped; /* what they become */
	size_t count;
	struct file_delivery *sealed_files; /* the same of their files */
	struct file_delivery *wrapped_files;
	size_t file_count;
};

enum err waiting_keys_find(struct db *db, struct arena *arena, const struct id *user_id,
			   struct waiting_keys *ret) MUST_CHECK;
/* Opens each with the old private key and wraps it under the mailbox key of the new one. `user`: as
 * they are before. */
enum err waiting_keys_rewrap(struct cx *cx, const struct user *user,
			     const struct secret *old_private, const struct secret *new_private,
			     struct waiting_keys *keys) MUST_CHECK;
/* In a transaction. ERR_CONFLICT: a message came in between, or was recalled; begin again, or its
 * key would stay sealed to a key pair that is gone, or come back. */
enum err waiting_keys_write(struct db *db, struct arena *arena, const struct id *user_id,
			    const struct waiting_keys *keys) MUST_CHECK;
