#include "core/waiting_keys.h"

#include "core/file_key.h"
#include "core/message_key.h"
#include "crypto/seal.h"

enum err waiting_keys_find(struct db *db, struct arena *arena, const struct id *user_id,
			   struct waiting_keys *ret)
{
	struct waiting_keys keys = {0};
	TRY(deliveries_sealed(db, arena, user_id, &keys.sealed, &keys.count));
	TRY(file_deliveries_sealed(db, arena, user_id, &keys.sealed_files, &keys.file_count));
	*ret = keys;
	return OK;
}

/* What is put in place of the key when the message expires has to open then, too. */
static enum err reseal_notice(struct cx *cx, const struct user *next, const struct secret *key,
			      struct delivery *delivery)
{
	struct secret *notice_key CLEANUP_SECRET = NULL;
	if (delivery->notice.len == 0)
		return OK;
	TRY(message_key_notice(key, &notice_key));
	return message_key_seal_notice(cx, &delivery->message_id, next, notice_key,
				       &delivery->notice);
}

struct pair {
	const struct user *old, *next; /* with the old and the new public key */
};

static enum err rewrap(struct cx *cx, const struct pair *pair, const struct secret *old_private,
		       const struct secret *mailbox_key, struct delivery *delivery)
{
	struct secret *key CLEANUP_SECRET = NULL;
	TRY(message_key_open(delivery, pair->old, old_private, NULL, &key));
	TRY(reseal_notice(cx, pair->next, key, delivery));
	TRY(message_key_wrap(cx, delivery, mailbox_key, key, &delivery->wrapped));
	delivery->sealed = STR("");
	delivery->opened_ms = 0;
	return OK;
}

static enum err rewrap_file(struct cx *cx, const struct user *user,
			    const struct secret *old_private, const struct secret *mailbox_key,
			    struct file_delivery *delivery)
{
	struct secret *key CLEANUP_SECRET = NULL;
	TRY(file_key_open(delivery, user, old_private, NULL, &key));
	TRY(file_key_wrap(cx, delivery, mailbox_key, key, &delivery->wrapped));
	delivery->sealed = STR("");
	return OK;
}

enum err waiting_keys_rewrap(struct cx *cx, const struct user *user,
			     const struct secret *old_private, const struct secret *new_private,
			     struct waiting_keys *keys)
{
	struct secret *mailbox_key CLEANUP_SECRET = NULL;
	struct user next = *user;
	const struct pair pair = {user, &next};
	TRY(keypair_public(new_private, next.public_key));
	TRY(way_in_mailbox_key(new_private, &mailbox_key));
	keys->wrapped = ARENA_ARRAY(cx->arena, keys->count + 1, struct delivery);
	keys->wrapped_files = ARENA_ARRAY(cx->arena, keys->file_count + 1, struct file_delivery);
	if (cx->arena->failed)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < keys->count; i++) {
		keys->wrapped[i] = keys->sealed[i];
		TRY(rewrap(cx, &pair, old_private, mailbox_key, &keys->wrapped[i]));
	}
	for (size_t i = 0; i < keys->file_count; i++) {
		keys->wrapped_files[i] = keys->sealed_files[i];
		TRY(rewrap_file(cx, user, old_private, mailbox_key, &keys->wrapped_files[i]));
	}
	return OK;
}

static bool is_same_file(const struct file_delivery *one, const struct file_delivery *other)
{
	return id_eq(&one->message_id, &other->message_id) &&
	       id_eq(&one->file_id, &other->file_id) && str_eq(one->sealed, other->sealed);
}

static enum err write_files(struct db *db, const struct waiting_keys *now,
			    const struct waiting_keys *keys)
{
	for (size_t i = 0; i < now->file_count; i++) {
		if (!is_same_file(&now->sealed_files[i], &keys->sealed_files[i]))
			return ERR_CONFLICT;
		TRY(file_deliveries_rewrap(db, &now->sealed_files[i], &keys->wrapped_files[i]));
	}
	return OK;
}

enum err waiting_keys_write(struct db *db, struct arena *arena, const struct id *user_id,
			    const struct waiting_keys *keys)
{
	struct waiting_keys now;
	TRY(waiting_keys_find(db, arena, user_id, &now));
	if (now.count != keys->count || now.file_count != keys->file_count)
		return ERR_CONFLICT;
	for (size_t i = 0; i < now.count; i++) {
		/* Another key: it was recalled or has expired in between, and the one that was
		 * wrapped must not come back. */
		if (!id_eq(&now.sealed[i].message_id, &keys->wrapped[i].message_id) ||
		    !str_eq(now.sealed[i].sealed, keys->sealed[i].sealed))
			return ERR_CONFLICT;
		TRY(deliveries_rewrap(db, &now.sealed[i], &keys->wrapped[i]));
	}
	return write_files(db, &now, keys);
}
