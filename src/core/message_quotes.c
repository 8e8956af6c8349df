#include "core/message_quotes.h"

#include "core/message_key.h"

enum err message_quotes_seal(struct cx *cx, const struct message *message, const struct user *user,
			     const struct secret *key, struct delivery *delivery)
{
	struct secret *notice_key CLEANUP_SECRET = NULL;
	TRY(message_key_seal(cx, &message->id, user, key, &delivery->sealed));
	if (message->expires_ms == 0)
		return OK;
	TRY(message_key_notice(key, &notice_key));
	return message_key_seal_notice(cx, &message->id, user, notice_key, &delivery->notice);
}

void message_quotes_close(struct message_quotes *quotes)
{
	for (size_t i = 0; i < quotes->count; i++)
		secret_free(quotes->keys[i]);
	quotes->count = 0;
}

static enum err open_one(struct cx *cx, const struct message_copy *copy,
			 struct message_quotes *quotes)
{
	const struct session *session = cx->session;
	TRY(message_key_open(&copy->delivery, &session->user, session->private_key,
			     session->mailbox_key, &quotes->keys[quotes->count]));
	quotes->messages[quotes->count++] = copy->message;
	return OK;
}

/* What the sender themselves cannot see any more, or may not hand on, ends the chain: its place
 * stays blank. */
static enum err open_chain(struct cx *cx, struct db *db, const struct message_copy *first,
			   struct message_quotes *ret)
{
	struct message_copy copy = *first;
	while (message_options_may_hand_on(&cx->session->user, &copy, cx_now_ms(cx))) {
		if (ret->count == LIMIT_FORWARD_CHAIN)
			return ERR_TOO_LARGE;
		TRY(open_one(cx, &copy, ret));
		struct id next = copy.message.forward_of;
		if (id_is_empty(&next))
			break;
		enum err err = messages_get(db, cx->arena, &cx->session->user.id, &next, &copy);
		if (err == ERR_NOT_FOUND)
			break;
		TRY(err);
	}
	return OK;
}

static enum err tell_too_often(struct cx *cx, struct form_errors *errors)
{
	form_error(cx, errors, "forward_of", TEXT_ERROR_FORWARDED_OFTEN,
		   TEXT_NUMBER("count", LIMIT_FORWARD_CHAIN));
	return ERR_INVALID;
}

enum err message_quotes_open(struct cx *cx, const struct checked *checked,
			     struct message_quotes *ret, struct sending *sending,
			     struct form_errors *errors)
{
	struct db *db CLEANUP_READ = NULL;
	const struct message_copy *first = checked->quoted;
	if (first == NULL)
		return OK;
	TRY(store_read_begin(cx->portal->store, &db));
	enum err err = open_chain(cx, db, first, ret);
	if (err == ERR_TOO_LARGE)
		return tell_too_often(cx, errors);
	TRY(err);
	sending->sources = ARENA_ARRAY(cx->arena, ret->count + 1, struct id);
	sending->quoted = ARENA_ARRAY(cx->arena, ret->count * checked->resolved.view.count + 1,
				      struct delivery);
	if (sending->sources == NULL || sending->quoted == NULL)
		return ERR_UNAVAILABLE;
	/* What is answered has to be there still, even if nobody is handed it. */
	sending->sources[sending->source_count++] = first->message.id;
	for (size_t i = 1; i < ret->count; i++)
		sending->sources[sending->source_count++] = ret->messages[i].id;
	return OK;
}

enum err message_quotes_add(struct cx *cx, const struct message_quotes *quotes,
			    const struct user *user, struct sending *sending)
{
	struct db *db CLEANUP_READ = NULL;
	if (quotes->count == 0)
		return OK;
	TRY(store_read_begin(cx->portal->store, &db));
	for (size_t i = 0; i < quotes->count; i++) {
		const struct message *message = &quotes->messages[i];
		struct delivery quoted = {
			.message_id = message->id,
			.user_id = user->id,
			.kind = RECIPIENT_QUOTED,
			.box = BOX_NONE,
			.via = sending->message.id,
		};
		bool has_it;
		TRY(deliveries_has(db, &user->id, &message->id, &has_it));
		if (has_it)
			continue;
		TRY(message_quotes_seal(cx, message, user, quotes->keys[i], &quoted));
		sending->quoted[sending->quoted_count++] = quoted;
	}
	return OK;
}
