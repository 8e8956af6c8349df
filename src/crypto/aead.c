#include "crypto/aead.h"

#include "base/random.h"
#include "crypto/gcm.h"

enum { AEAD_FORMAT = 1, AEAD_HEAD_BYTES = 1 + GCM_NONCE_BYTES };
_Static_assert(AEAD_OVERHEAD_BYTES == AEAD_HEAD_BYTES + GCM_TAG_BYTES, "the picture in aead.h");

static enum err encode(const struct context *context, uint8_t bytes[CONTEXT_MAX_BYTES],
		       struct str *ret)
{
	size_t len = context_encode(context, bytes);
	if (len == 0)
		return ERR_INTERNAL;
	*ret = str_bytes(bytes, len);
	return OK;
}

enum err aead_encrypt(const struct secret *key, const struct context *context, struct str plain,
		      struct arena *arena, struct str *ret)
{
	uint8_t room[CONTEXT_MAX_BYTES];
	struct str data;
	TRY(encode(context, room, &data));
	size_t len;
	if (__builtin_add_overflow(plain.len, (size_t)AEAD_OVERHEAD_BYTES, &len))
		return ERR_TOO_LARGE;
	uint8_t *out = arena_alloc(arena, len);
	if (out == NULL)
		return ERR_UNAVAILABLE;
	out[0] = AEAD_FORMAT;
	random_fill(out + 1, GCM_NONCE_BYTES);
	TRY(gcm_encrypt(key, out + 1, data, plain, out + AEAD_HEAD_BYTES));
	*ret = str_bytes(out, len);
	return OK;
}

/* Writes cipher.len - AEAD_OVERHEAD_BYTES bytes. */
static enum err decrypt_to(const struct secret *key, const struct context *context,
			   struct str cipher, uint8_t *out)
{
	uint8_t room[CONTEXT_MAX_BYTES];
	struct str data;
	TRY(encode(context, room, &data));
	return gcm_decrypt(key, (const uint8_t *)cipher.data + 1, data,
			   str_slice(cipher, AEAD_HEAD_BYTES, cipher.len), out);
}

static bool has_form(struct str cipher)
{
	return cipher.len >= AEAD_OVERHEAD_BYTES && cipher.data[0] == AEAD_FORMAT;
}

enum err aead_decrypt(const struct secret *key, const struct context *context, struct str cipher,
		      struct arena *arena, struct str *ret)
{
	if (!has_form(cipher))
		return ERR_CORRUPT;
	size_t len = cipher.len - AEAD_OVERHEAD_BYTES;
	uint8_t *out = arena_alloc(arena, len + 1);
	if (out == NULL)
		return ERR_UNAVAILABLE;
	TRY(decrypt_to(key, context, cipher, out));
	*ret = str_bytes(out, len);
	return OK;
}

enum err aead_decrypt_into(const struct secret *key, const struct context *context,
			   struct str cipher, void *room)
{
	return has_form(cipher) ? decrypt_to(key, context, cipher, room) : ERR_CORRUPT;
}

bool aead_batch_begin(void)
{
	gcm_batch_begin();
	return true;
}

void aead_batch_end(bool *is_begun)
{
	(void)is_begun;
	gcm_batch_end();
}

enum err key_wrap(const struct secret *under, const struct context *context,
		  const struct secret *key, struct arena *arena, struct str *ret)
{
	return aead_encrypt(under, context, str_bytes(key->bytes, KEY_BYTES), arena, ret);
}

enum err key_unwrap(const struct secret *under, const struct context *context, struct str wrapped,
		    struct secret **ret)
{
	if (wrapped.len != WRAP_BYTES || !has_form(wrapped))
		return ERR_CORRUPT;
	struct secret *key CLEANUP_SECRET = NULL;
	TRY(secret_new(&key));
	TRY(decrypt_to(under, context, wrapped, key->bytes));
	*ret = key;
	key = NULL;
	return OK;
}
