/* For core/: the keys of a message, and what is bound to them.
 *
 *   message key (random) --> body, folded text
 *        `-- derived one way --> notice key --> subject, reason of a recall
 *
 * A delivery holds the message key until its end, then the notice key alone (P4.4). */
#pragma once

#include "core/session.h"
#include "store/messages.h"

/* A recipient's copy of the message key, sealed to their public key. */
enum err message_key_seal(struct cx *cx, const struct id *message_id, const struct user *user,
			  const struct secret *key, struct str *ret_sealed) MUST_CHECK;
/* The same of the notice key, for a delivery that ends. */
enum err message_key_seal_notice(struct cx *cx, const struct id *message_id,
				 const struct user *user, const struct secret *notice_key,
				 struct str *ret_sealed) MUST_CHECK;
/* The delivery's key, whichever it holds, under a mailbox key: cheap to open ever after. */
enum err message_key_wrap(struct cx *cx, const struct delivery *delivery,
			  const struct secret *mailbox_key, const struct secret *key,
			  struct str *ret_wrapped) MUST_CHECK;
enum err message_key_notice(const struct secret *key, struct secret **ret_notice_key) MUST_CHECK;
/* Opens a delivery for its user, sealed or wrapped: the message key, or after its end the notice
 * key. */
enum err message_key_open(const struct delivery *delivery, const struct user *user,
			  const struct secret *private_key, const struct secret *mailbox_key,
			  struct secret **ret) MUST_CHECK;

/* Folded: what is searched (core/search_text.h). */
enum message_part { MESSAGE_SUBJECT, MESSAGE_BODY, MESSAGE_REASON, MESSAGE_FOLDED };
/* key: the message key. */
enum err message_key_encrypt(struct cx *cx, const struct id *message_id, enum message_part part,
			     const struct secret *key, struct str plain,
			     struct str *ret) MUST_CHECK;
/* key: the delivery's. ERR_NOT_FOUND: other than the subject, after the end. */
enum err message_key_decrypt(struct cx *cx, const struct delivery *delivery, enum message_part part,
			     const struct secret *key, struct str cipher,
			     struct str *ret) MUST_CHECK;
/* The folded text into the caller's memory; room for cipher.len bytes. */
enum err message_key_decrypt_folded(const struct id *message_id, const struct secret *key,
				    struct str cipher, void *room, size_t *ret_len) MUST_CHECK;
