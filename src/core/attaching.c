#include "core/attaching.h"

#include "base/limits.h"
#include "core/file_key.h"

void attaching_close(struct attachments *attachments)
{
	for (size_t i = 0; i < attachments->count; i++)
		secret_free(attachments->items[i].key);
	attachments->count = 0;
}

enum err attaching_count(struct cx *cx, size_t files, size_t recipients, struct form_errors *errors)
{
	if (recipients == 0 || files <= LIMIT_MESSAGE_FILE_KEYS / recipients)
		return OK;
	form_error(cx, errors, "files", TEXT_ERROR_FILES_TOO_MANY_KEYS,
		   TEXT_NUMBER("files", (int64_t)(LIMIT_MESSAGE_FILE_KEYS / recipients)),
		   TEXT_NUMBER("people", (int64_t)recipients));
	return ERR_INVALID;
}

/* ---- before the transaction ---- */

static enum err prepare_file(struct cx *cx, const struct attachment *attachment,
			     const struct id *message_id, const struct secret *message_key,
			     struct attaching *attaching)
{
	struct message_file *file = &attaching->files[attaching->file_count];
	*file = (struct message_file){
		.message_id = *message_id,
		.file_id = attachment->right.file_id,
		.position = (int64_t)attaching->file_count++,
		.source_id = attachment->right.source_id,
	};
	return file_head_encrypt_in_message(cx, message_id, &file->file_id, message_key,
					    &attachment->head, &file->head);
}

enum err attaching_prepare(struct cx *cx, const struct attachments *attachments,
			   const struct message *message, size_t reader_count,
			   const struct secret *message_key, struct attaching *ret)
{
	size_t count = attachments ? attachments->count : 0;
	struct attaching attaching = {
		.attachments = attachments,
		.is_confidential = (message->options & OPTION_CONFIDENTIAL) != 0,
		.sender_id = &message->sender_id,
		.sent_ms = message->sent_ms,
	};
	*ret = attaching;
	if (count == 0)
		return OK;
	attaching.files = ARENA_ARRAY(cx->arena, count, struct message_file);
	attaching.deliveries =
		ARENA_ARRAY(cx->arena, count * (reader_count + 1), struct file_delivery);
	if (cx->arena->failed)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++)
		TRY(prepare_file(cx, &attachments->items[i], &message->id, message_key,
				 &attaching));
	*ret = attaching;
	return OK;
}

static struct file_delivery *add_delivery(struct attaching *attaching, size_t i,
					  const struct id *user_id)
{
	struct file_delivery *delivery = &attaching->deliveries[attaching->delivery_count++];
	*delivery = (struct file_delivery){
		.message_id = attaching->files[i].message_id,
		.file_id = attaching->files[i].file_id,
		.user_id = *user_id,
	};
	return delivery;
}

enum err attaching_add_reader(struct cx *cx, const struct user *reader, struct attaching *attaching)
{
	for (size_t i = 0; i < attaching->file_count; i++) {
		struct file_delivery *delivery = add_delivery(attaching, i, &reader->id);
		TRY(file_key_seal(cx, &delivery->message_id, &delivery->file_id, reader,
				  attaching->attachments->items[i].key, &delivery->sealed));
	}
	return OK;
}

enum err attaching_add_sender(struct cx *cx, struct attaching *attaching)
{
	for (size_t i = 0; i < attaching->file_count; i++) {
		struct file_delivery *delivery = add_delivery(attaching, i, attaching->sender_id);
		TRY(file_key_wrap(cx, delivery, cx->session->mailbox_key,
				  attaching->attachments->items[i].key, &delivery->wrapped));
	}
	return OK;
}

/* ---- in it ---- */

static enum err conflict_if_gone(enum err err)
{
	return err == ERR_NOT_FOUND ? ERR_CONFLICT : err;
}

/* A re-wrapped key is the same key. */
static enum err check_received(struct db *db, struct arena *arena, const struct id *user_id,
			       const struct attaching_right *right)
{
	struct file_delivery delivery;
	bool is_live;
	TRY(conflict_if_gone(file_deliveries_get(db, arena, &right->source_id, &right->file_id,
						 user_id, &delivery)));
	TRY(deliveries_is_live(db, user_id, &right->source_id, &is_live));
	return is_live && delivery.ended == DELIVERY_LIVE ? OK : ERR_CONFLICT;
}

enum err attaching_check_right(struct db *db, const struct id *user_id,
			       const struct attaching_right *right)
{
	struct arena arena CLEANUP_ARENA; /* it may run again */
	struct file file;
	arena_init(&arena, LIMIT_BODY_SMALL);
	TRY(conflict_if_gone(files_get(db, &arena, &right->file_id, &file)));
	if (file.state != FILE_READY)
		return ERR_CONFLICT;
	if (!id_is_empty(&right->source_id))
		return check_received(db, &arena, user_id, right);
	return str_eq(file.owner_wrapped, right->owner_wrapped) ? OK : ERR_CONFLICT;
}

/* Every reader finds it in their library. */
static enum err write_delivery(struct db *db, const struct attaching *attaching,
			       const struct file_delivery *delivery)
{
	bool is_senders = id_eq(&delivery->user_id, attaching->sender_id);
	TRY(file_deliveries_insert(db, delivery));
	if (attaching->is_confidential && !is_senders)
		return OK;
	return library_add(db, &delivery->user_id, &delivery->file_id, attaching->sent_ms);
}

enum err attaching_write(struct db *db, const struct attaching *attaching)
{
	for (size_t i = 0; i < attaching->file_count; i++) {
		const struct attachment *attachment = &attaching->attachments->items[i];
		TRY(attaching_check_right(db, attaching->sender_id, &attachment->right));
		TRY(message_files_insert(db, &attaching->files[i]));
		TRY(files_touch(db, &attaching->files[i].file_id, attaching->sent_ms));
	}
	for (size_t i = 0; i < attaching->delivery_count; i++)
		TRY(write_delivery(db, attaching, &attaching->deliveries[i]));
	return OK;
}
