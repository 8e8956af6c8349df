/* For core/: the keys of a message, and what is bound to them. */
#pragma once

#include "core/session.h"
#include "store/messages.h"

/* A recipient's copy of the message key, sealed to their public key. */
enum err message_key_seal(struct cx *cx, const struct id *message_id, const struct user *user,
			  const struct secret *key, struct str *ret_sealed) MUST_CHECK;
/* The same under a mailbox key: cheap to open ever after. */
enum err message_key_wrap(struct cx *cx, const struct id *message_id, const struct id *user_id,
			  const struct secret *mailbox_key, const struct secret *key,
			  struct str *ret_wrapped) MUST_CHECK;
/* Opens a delivery for its user, sealed or wrapped. */
enum err message_key_open(const struct delivery *delivery, const struct user *user,
			  const struct secret *private_key, const struct secret *mailbox_key,
			  struct secret **ret) MUST_CHECK;

enum message_part { MESSAGE_SUBJECT, MESSAGE_BODY };
enum err message_key_encrypt(struct cx *cx, const struct id *message_id, enum message_part part,
			     const struct secret *key, struct str plain,
			     struct str *ret) MUST_CHECK;
enum err message_key_decrypt(struct cx *cx, const struct id *message_id, enum message_part part,
			     const struct secret *key, struct str cipher,
			     struct str *ret) MUST_CHECK;
