#include "core/waiting_keys.h"

#include "core/message_key.h"

enum err waiting_keys_find(struct db *db, struct arena *arena, const struct id *user_id,
			   struct waiting_keys *ret)
{
	struct waiting_keys keys = {0};
	TRY(deliveries_sealed(db, arena, user_id, &keys.sealed, &keys.count));
	*ret = keys;
	return OK;
}

static enum err rewrap(struct cx *cx, const struct user *user, const struct secret *old_private,
		       const struct secret *mailbox_key, struct delivery *delivery)
{
	struct secret *key CLEANUP_SECRET = NULL;
	TRY(message_key_open(delivery, user, old_private, NULL, &key));
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
	TRY(way_in_mailbox_key(new_private, &mailbox_key));
	keys->wrapped = ARENA_ARRAY(cx->arena, keys->count + 1, struct delivery);
	if (keys->wrapped == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < keys->count; i++) {
		keys->wrapped[i] = keys->sealed[i];
		TRY(rewrap(cx, user, old_private, mailbox_key, &keys->wrapped[i]));
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
		if (!id_eq(&now.sealed[i].message_id, &keys->wrapped[i].message_id))
			return ERR_CONFLICT;
		TRY(deliveries_rewrap(db, &now.sealed[i], &keys->wrapped[i]));
	}
	return OK;
}
