/* For core/: the keys of files, and what is bound to them.
 *
 *   file key (random) --> name and type, SHA-256, state of the hash, and by part: the bytes
 *     |-- under the owner's mailbox key (files.owner_wrapped): their library
 *     `-- for each reader of each message: sealed to them, then under their mailbox key
 *
 * So a recall destroys the keys of just those it reaches, of one file or of one person (P4.4). */
#pragma once

#include "core/session.h"
#include "store/message_files.h"

enum err file_key_wrap_owner(struct cx *cx, const struct id *file_id, const struct secret *key,
			     struct str *ret) MUST_CHECK;
enum err file_key_open_owner(struct cx *cx, const struct file *file,
			     struct secret **ret) MUST_CHECK;
enum err file_key_seal(struct cx *cx, const struct id *message_id, const struct id *file_id,
		       const struct user *user, const struct secret *key,
		       struct str *ret) MUST_CHECK;
enum err file_key_wrap(struct cx *cx, const struct file_delivery *delivery,
		       const struct secret *mailbox_key, const struct secret *key,
		       struct str *ret) MUST_CHECK;
/* Sealed or wrapped. ERR_CORRUPT. */
enum err file_key_open(const struct file_delivery *delivery, const struct user *user,
		       const struct secret *private_key, const struct secret *mailbox_key,
		       struct secret **ret) MUST_CHECK;
