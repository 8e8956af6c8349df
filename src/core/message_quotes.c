#include "core/message_quotes.h"

#include "base/log.h"
#include "core/file_key.h"
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
	for (size_t i = 0; i < quotes->count; i++) {
		secret_free(quotes->keys[i]);
		for (size_t at = 0; at < quotes->file_counts[i]; at++)
			secret_free(quotes->files[i][at].key);
	}
	quotes->count = 0;
}

/* What the sender has lost, or what fails its check, is left out. */
static enum err open_file(struct cx *cx, const struct message_file_copy *copy,
			  struct message_quotes_file *files, size_t *count)
{
	const struct session *session = cx->session;
	const struct file_delivery *delivery = &copy->delivery;
	if (!copy->is_authentic || copy->file.recalled_ms > 0 ||
	    id_is_empty(&delivery->message_id) || delivery->ended != DELIVERY_LIVE)
		return OK;
	struct message_quotes_file *file = &files[*count];
	file->file_id = copy->file.file_id;
	enum err err = file_key_open(delivery, &session->user, session->private_key,
				     session->mailbox_key, &file->key);
	if (err == ERR_CORRUPT) {
		log_event(LOG_ALARM, "file.unreadable", LOG_STR("file", id_str(&file->file_id)));
		return OK;
	}
	TRY(err);
	(*count)++;
	return OK;
}

static enum err open_files(struct cx *cx, struct db *db, const struct id *message_id,
			   struct message_quotes *quotes, size_t at)
{
	struct message_file_copy *copies;
	size_t count;
	TRY(message_files_of(db, cx->arena, message_id, &cx->session->user.id, &copies, &count));
	if (count == 0)
		return OK;
	quotes->files[at] = ARENA_ARRAY(cx->arena, count, struct message_quotes_file);
	if (quotes->files[at] == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++)
		TRY(open_file(cx, &copies[i], quotes->files[at], &quotes->file_counts[at]));
	return OK;
}

static enum err open_one(struct cx *cx, struct db *db, const struct message_copy *copy,
			 struct message_quotes *quotes)
{
	const struct session *session = cx->session;
	size_t at = quotes->count;
	TRY(message_key_open(&copy->delivery, &session->user, session->private_key,
			     session->mailbox_key, &quotes->keys[at]));
	quotes->messages[at] = copy->message;
	quotes->count++;
	return open_files(cx, db, &copy->message.id, quotes, at);
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
		TRY(open_one(cx, db, &copy, ret));
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

static size_t count_files(const struct message_quotes *quotes)
{
	size_t count = 0;
	for (size_t i = 0; i < quotes->count; i++)
		count += quotes->file_counts[i];
	return count;
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
	size_t readers = checked->resolved.view.count, files = count_files(ret);
	TRY(attaching_count(cx, files + (checked->attachments ? checked->attachments->count : 0),
			    readers, errors));
	sending->quoted_files = ARENA_ARRAY(cx->arena, files * readers + 1, struct quoted_file);
	sending->sources = ARENA_ARRAY(cx->arena, ret->count + 1, struct id);
	sending->quoted = ARENA_ARRAY(cx->arena, ret->count * readers + 1, struct delivery);
	if (cx->arena->failed)
		return ERR_UNAVAILABLE;
	/* What is answered has to be there still, even if nobody is handed it. */
	sending->sources[sending->source_count++] = first->message.id;
	for (size_t i = 1; i < ret->count; i++)
		sending->sources[sending->source_count++] = ret->messages[i].id;
	return OK;
}

static enum err add_files(struct cx *cx, const struct message_quotes *quotes, size_t at,
			  const struct user *user, struct sending *sending)
{
	const struct id *message_id = &quotes->messages[at].id;
	for (size_t i = 0; i < quotes->file_counts[at]; i++) {
		const struct message_quotes_file *from = &quotes->files[at][i];
		struct quoted_file *file = &sending->quoted_files[sending->quoted_file_count++];
		*file = (struct quoted_file){
			.right = {.file_id = from->file_id, .source_id = *message_id},
			.delivery = {.message_id = *message_id,
				     .file_id = from->file_id,
				     .user_id = user->id},
		};
		TRY(file_key_seal(cx, message_id, &from->file_id, user, from->key,
				  &file->delivery.sealed));
	}
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
		TRY(add_files(cx, quotes, i, user, sending));
	}
	return OK;
}
