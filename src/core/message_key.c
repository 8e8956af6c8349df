#include "core/message_key.h"

#include "crypto/aead.h"
#include "crypto/seal.h"

static struct context delivery_context(const char *purpose, const struct id *message_id,
				       const struct id *user_id)
{
	return (struct context){
		.purpose = purpose,
		.object = id_str(message_id),
		.holder = id_str(user_id),
		.version = 1,
	};
}

static struct context part_context(const struct id *message_id, enum message_part part)
{
	return (struct context){
		.purpose = part == MESSAGE_SUBJECT ? "message.subject" : "message.body",
		.object = id_str(message_id),
		.version = 1,
	};
}

enum err message_key_seal(struct cx *cx, const struct id *message_id, const struct user *user,
			  const struct secret *key, struct str *ret_sealed)
{
	struct context context = delivery_context("delivery.sealed", message_id, &user->id);
	return seal_key(user->public_key, &context, key, cx->arena, ret_sealed);
}

enum err message_key_wrap(struct cx *cx, const struct id *message_id, const struct id *user_id,
			  const struct secret *mailbox_key, const struct secret *key,
			  struct str *ret_wrapped)
{
	struct context context = delivery_context("delivery.wrapped", message_id, user_id);
	return key_wrap(mailbox_key, &context, key, cx->arena, ret_wrapped);
}

enum err message_key_open(const struct delivery *delivery, const struct user *user,
			  const struct secret *private_key, const struct secret *mailbox_key,
			  struct secret **ret)
{
	if (delivery->wrapped.len > 0) {
		struct context context =
			delivery_context("delivery.wrapped", &delivery->message_id, &user->id);
		return key_unwrap(mailbox_key, &context, delivery->wrapped, ret);
	}
	struct context context =
		delivery_context("delivery.sealed", &delivery->message_id, &user->id);
	return seal_open(private_key, user->public_key, &context, delivery->sealed, ret);
}

enum err message_key_encrypt(struct cx *cx, const struct id *message_id, enum message_part part,
			     const struct secret *key, struct str plain, struct str *ret)
{
	struct context context = part_context(message_id, part);
	return aead_encrypt(key, &context, plain, cx->arena, ret);
}

enum err message_key_decrypt(struct cx *cx, const struct id *message_id, enum message_part part,
			     const struct secret *key, struct str cipher, struct str *ret)
{
	struct context context = part_context(message_id, part);
	return aead_decrypt(key, &context, cipher, cx->arena, ret);
}
