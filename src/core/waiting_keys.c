#include "core/waiting_keys.h"

#include "core/message_key.h"
#include "crypto/seal.h"

enum err waiting_keys_find(struct db *db, struct arena *arena, const struct id *user_id,
			   struct waiting_keys *ret)
{
	struct waiting_keys keys = {0};
	TRY(deliveries_sealed(db, arena, user_id, &keys.sealed, &keys.count));
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
	if (keys->wrapped == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < keys->count; i++) {
		keys->wrapped[i] = keys->sealed[i];
		TRY(rewrap(cx, &pair, old_private, mailbox_key, &keys->wrapped[i]));
	}
	return OK;
}

enum err waiting_keys_write(struct db *db, struct arena *arena, const struct id *user_id,
			    const struct waiting_keys *keys)
{
	struct waiting_keys now;
	TRY(waiting_keys_find(db, arena, user_id, &now));
	if (now.count != keys->count)
		return ERR_CONFLICT;
	for (size_t i = 0; i < now.count; i++) {
		/* Another key: it was recalled or has expired in between, and the one that was
		 * wrapped must not come back. */
		if (!id_eq(&now.sealed[i].message_id, &keys->wrapped[i].message_id) ||
		    !str_eq(now.sealed[i].sealed, keys->sealed[i].sealed))
			return ERR_CONFLICT;
		TRY(deliveries_rewrap(db, &now.sealed[i], &keys->wrapped[i]));
	}
	return OK;
}
