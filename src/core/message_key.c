#include "core/message_key.h"

#include "crypto/aead.h"
#include "crypto/digest.h"
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
	static const char *const purposes[] = {
		[MESSAGE_SUBJECT] = "message.subject",
		[MESSAGE_BODY] = "message.body",
		[MESSAGE_REASON] = "message.reason",
		[MESSAGE_FOLDED] = "message.folded",
	};
	return (struct context){
		.purpose = purposes[part],
		.object = id_str(message_id),
		.version = 1,
	};
}

static const char *sealed_purpose(enum delivery_end ended)
{
	return ended == DELIVERY_LIVE ? "delivery.sealed" : "delivery.notice.sealed";
}

static const char *wrapped_purpose(enum delivery_end ended)
{
	return ended == DELIVERY_LIVE ? "delivery.wrapped" : "delivery.notice.wrapped";
}

enum err message_key_seal(struct cx *cx, const struct id *message_id, const struct user *user,
			  const struct secret *key, struct str *ret_sealed)
{
	struct context context =
		delivery_context(sealed_purpose(DELIVERY_LIVE), message_id, &user->id);
	return seal_key(user->public_key, &context, key, cx->arena, ret_sealed);
}

enum err message_key_seal_notice(struct cx *cx, const struct id *message_id,
				 const struct user *user, const struct secret *notice_key,
				 struct str *ret_sealed)
{
	struct context context =
		delivery_context(sealed_purpose(DELIVERY_RECALLED), message_id, &user->id);
	return seal_key(user->public_key, &context, notice_key, cx->arena, ret_sealed);
}

enum err message_key_wrap(struct cx *cx, const struct delivery *delivery,
			  const struct secret *mailbox_key, const struct secret *key,
			  struct str *ret_wrapped)
{
	struct context context = delivery_context(wrapped_purpose(delivery->ended),
						  &delivery->message_id, &delivery->user_id);
	return key_wrap(mailbox_key, &context, key, cx->arena, ret_wrapped);
}

enum err message_key_notice(const struct secret *key, struct secret **ret_notice_key)
{
	return key_derive(key, "message.notice", ret_notice_key);
}

enum err message_key_open(const struct delivery *delivery, const struct user *user,
			  const struct secret *private_key, const struct secret *mailbox_key,
			  struct secret **ret)
{
	if (delivery->wrapped.len > 0) {
		struct context context = delivery_context(wrapped_purpose(delivery->ended),
							  &delivery->message_id, &user->id);
		return key_unwrap(mailbox_key, &context, delivery->wrapped, ret);
	}
	struct context context =
		delivery_context(sealed_purpose(delivery->ended), &delivery->message_id, &user->id);
	return seal_open(private_key, user->public_key, &context, delivery->sealed, ret);
}

/* The others are under the notice key, which outlives it. */
static bool is_under_message_key(enum message_part part)
{
	return part == MESSAGE_BODY || part == MESSAGE_FOLDED;
}

enum err message_key_encrypt(struct cx *cx, const struct id *message_id, enum message_part part,
			     const struct secret *key, struct str plain, struct str *ret)
{
	struct secret *notice_key CLEANUP_SECRET = NULL;
	struct context context = part_context(message_id, part);
	if (is_under_message_key(part))
		return aead_encrypt(key, &context, plain, cx->arena, ret);
	TRY(message_key_notice(key, &notice_key));
	return aead_encrypt(notice_key, &context, plain, cx->arena, ret);
}

enum err message_key_decrypt(struct cx *cx, const struct delivery *delivery, enum message_part part,
			     const struct secret *key, struct str cipher, struct str *ret)
{
	struct secret *notice_key CLEANUP_SECRET = NULL;
	struct context context = part_context(&delivery->message_id, part);
	bool is_live = delivery->ended == DELIVERY_LIVE;
	if (is_under_message_key(part) && !is_live)
		return ERR_NOT_FOUND;
	if (is_under_message_key(part) || !is_live)
		return aead_decrypt(key, &context, cipher, cx->arena, ret);
	TRY(message_key_notice(key, &notice_key));
	return aead_decrypt(notice_key, &context, cipher, cx->arena, ret);
}

enum err message_key_decrypt_folded(const struct id *message_id, const struct secret *key,
				    struct str cipher, void *room, size_t *ret_len)
{
	struct context context = part_context(message_id, MESSAGE_FOLDED);
	TRY(aead_decrypt_into(key, &context, cipher, room));
	*ret_len = cipher.len - AEAD_OVERHEAD_BYTES;
	return OK;
}
