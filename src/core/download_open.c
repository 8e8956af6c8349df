/* Who may read a file, and its opening. */
#include "base/log.h"
#include "core/downloading.h"
#include "core/file_key.h"
#include "core/message_options.h"

#include <stdlib.h>
#include <string.h>

/* ---- rights ---- */

static enum err check_own(struct cx *cx, struct db *db, const struct download_right *right)
{
	struct file file;
	TRY(files_get(db, cx->arena, &right->file_id, &file));
	bool is_theirs = id_eq(&file.owner_id, &right->user_id) && file.owner_wrapped.len > 0;
	return is_theirs && file.state == FILE_READY ? OK : ERR_NOT_FOUND;
}

static enum err find_copy(struct cx *cx, struct db *db, const struct download_right *right,
			  struct message_file_copy *ret)
{
	struct message_file_copy *copies;
	size_t count;
	TRY(message_files_of(db, cx->arena, &right->message_id, &right->user_id, &copies, &count));
	for (size_t i = 0; i < count; i++) {
		if (!id_eq(&copies[i].file.file_id, &right->file_id))
			continue;
		*ret = copies[i];
		return copies[i].is_authentic ? OK : ERR_CORRUPT;
	}
	return ERR_NOT_FOUND;
}

/* As a message is read, and its file besides. */
static enum err check_received(struct cx *cx, struct db *db, struct download_right *right,
			       struct message_copy *ret)
{
	struct message_file_copy copy = {.is_authentic = false};
	TRY(messages_get_head(db, cx->arena, &right->user_id, &right->message_id, ret));
	if (!ret->is_authentic)
		return ERR_CORRUPT;
	TRY(find_copy(cx, db, right, &copy));
	if (id_is_empty(&copy.delivery.message_id))
		return ERR_NOT_FOUND;
	bool is_sender = id_eq(&ret->message.sender_id, &right->user_id);
	if (copy.delivery.ended != DELIVERY_LIVE || (copy.file.recalled_ms > 0 && !is_sender) ||
	    message_options_end(ret, cx_now_ms(cx)) != DELIVERY_LIVE)
		return ERR_CONFLICT;
	right->delivery = copy.delivery;
	right->sender_id = ret->message.sender_id;
	return OK;
}

/* As the message is read: who has lost it has lost its documents. */
static enum err check_to_sign(struct cx *cx, struct db *db, const struct download_right *right,
			      struct message_copy *ret)
{
	TRY(messages_get_head(db, cx->arena, &right->user_id, &right->message_id, ret));
	if (!ret->is_authentic)
		return ERR_CORRUPT;
	if (ret->delivery.kind == RECIPIENT_QUOTED)
		return ERR_NOT_FOUND;
	return message_options_end(ret, cx_now_ms(cx)) == DELIVERY_LIVE ? OK : ERR_CONFLICT;
}

enum err download_right_check(struct cx *cx, struct db *db, struct download_right *right,
			      struct message_copy *ret)
{
	struct message_copy copy;
	if (id_is_empty(&right->message_id))
		return check_own(cx, db, right);
	if (right->is_to_sign)
		return check_to_sign(cx, db, right, ret ? ret : &copy);
	return check_received(cx, db, right, ret ? ret : &copy);
}

/* ERR_DENIED: of a confidential message, whose reader has not given their password for it now. */
static enum err check_by_message(struct cx *cx, struct db *db, struct download_right *right)
{
	struct message_copy copy;
	TRY(download_right_check(cx, db, right, &copy));
	bool is_confidential = (copy.message.options & OPTION_CONFIDENTIAL) != 0;
	return is_confidential && !id_eq(&cx->confirmed, &right->message_id) ? ERR_DENIED : OK;
}

/* Says most of why none holds. */
static enum err weightier(enum err one, enum err other)
{
	static const enum err order[] = {ERR_CORRUPT, ERR_DENIED, ERR_CONFLICT};
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (one == order[i] || other == order[i])
			return order[i];
	}
	return ERR_NOT_FOUND;
}

static bool is_refusal(enum err err)
{
	return err == ERR_NOT_FOUND || err == ERR_CORRUPT || err == ERR_DENIED ||
	       err == ERR_CONFLICT;
}

/* By whatever right they have: their own, or the newest message that gives it. */
static enum err find_right(struct cx *cx, struct db *db, struct download_right *right)
{
	struct file_delivery *deliveries;
	size_t count;
	enum err why = check_own(cx, db, right);
	if (!is_refusal(why))
		return why;
	TRY(file_deliveries_of_user(db, cx->arena, &right->user_id, &right->file_id, &deliveries,
				    &count));
	for (size_t i = 0; i < count; i++) {
		right->message_id = deliveries[i].message_id;
		enum err err = check_by_message(cx, db, right);
		if (!is_refusal(err))
			return err;
		why = weightier(why, err);
	}
	return why;
}

/* A recall may look at a download while it is being opened. */
static struct download_right copy_right(struct download *download)
{
	pthread_mutex_lock(&download->lock);
	struct download_right right = download->right;
	pthread_mutex_unlock(&download->lock);
	return right;
}

static void set_right(struct download *download, const struct download_right *right)
{
	pthread_mutex_lock(&download->lock);
	download->right.message_id = right->message_id;
	download->right.sender_id = right->sender_id;
	download->right.delivery = right->delivery;
	pthread_mutex_unlock(&download->lock);
}

enum err download_check(struct download *download)
{
	enum { CHECK_BYTES = 4 << 20 };
	struct arena arena CLEANUP_ARENA;
	struct download_right right = copy_right(download);
	arena_init(&arena, CHECK_BYTES);
	struct cx cx = {.arena = &arena, .portal = download->portal};
	TRY(session_rights_use(&cx, &download->session));
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(cx.portal->store, &db));
	enum err err = download_right_check(&cx, db, &right, NULL);
	return is_refusal(err) ? ERR_DENIED : err;
}

/* ---- opening ---- */

static enum err open_key(struct cx *cx, const struct file *file, struct download *download)
{
	const struct session *session = cx->session;
	const struct download_right *right = &download->right;
	if (right->is_to_sign)
		return OK; /* it was given */
	if (id_is_empty(&right->message_id))
		return file_key_open_owner(cx, file, &download->key);
	return file_key_open(&right->delivery, &session->user, session->private_key,
			     session->mailbox_key, &download->key);
}

/* The parts are all of it: each is authenticated, and how long it is stands under the file key. */
static enum err check_parts(const struct download *download)
{
	int64_t bytes = 0;
	bool has_end = false;
	for (size_t i = 0; i < download->part_count; i++) {
		bytes += download->parts[i].bytes;
		has_end = download->parts[i].is_last;
	}
	return has_end && bytes == download->head.bytes ? OK : ERR_CORRUPT;
}

enum err download_read_parts(struct download *download, struct db *db)
{
	TRY(files_parts(db, &download->parts_arena, &download->right.file_id, &download->parts,
			&download->part_count));
	return check_parts(download);
}

void download_set_aside(struct download *download)
{
	arena_release(&download->parts_arena);
	download->parts = NULL;
	download->part_count = 0;
}

/* In memory of the download's own: it outlives the request. */
static enum err open_file(struct cx *cx, struct db *db, struct download *download)
{
	struct cx own = *cx;
	struct file file;
	own.arena = &download->arena;
	TRY(files_get(db, own.arena, &download->right.file_id, &file));
	if (file.state != FILE_READY)
		return ERR_NOT_FOUND;
	TRY(open_key(&own, &file, download));
	download->head.scan = file.scan;
	TRY(file_head_decrypt(&own, &file.id, download->key, file.head, &download->head));
	TRY(file_head_decrypt_digest(&own, &file, download->key, &download->head));
	TRY(download_read_parts(download, db));
	download->until = download->head.bytes;
	return OK;
}

static enum err find_and_open(struct cx *cx, struct download *download)
{
	struct db *db CLEANUP_READ = NULL;
	struct download_right right = download->right;
	TRY(store_read_begin(cx->portal->store, &db));
	if (id_is_empty(&right.message_id))
		TRY(find_right(cx, db, &right));
	else
		TRY(check_by_message(cx, db, &right));
	set_right(download, &right);
	enum err err = open_file(cx, db, download);
	if (err == ERR_CORRUPT)
		log_event(LOG_ALARM, "file.unreadable", LOG_STR("file", id_str(&right.file_id)));
	return err;
}

struct rewrap_of_file {
	struct file_delivery old, next;
};

static enum err write_rewrap(struct db *db, void *argument)
{
	const struct rewrap_of_file *rewrap = argument;
	return file_deliveries_rewrap(db, &rewrap->old, &rewrap->next);
}

/* A sealed key is opened once (ARCHITECTURE, Keys). Downloading goes on when nothing can be
 * written: the next one tries again. */
static void keep_key(struct cx *cx, const struct download *download)
{
	struct rewrap_of_file rewrap = {download->right.delivery, download->right.delivery};
	if (id_is_empty(&download->right.message_id) || rewrap.old.sealed.len == 0)
		return;
	rewrap.next.sealed = STR("");
	enum err err = file_key_wrap(cx, &rewrap.next, cx->session->mailbox_key, download->key,
				     &rewrap.next.wrapped);
	if (err == OK)
		err = store_transact(cx->portal->store, write_rewrap, &rewrap, cx->arena);
	/* Another request was faster, or the key is destroyed by now. */
	if (err != OK && err != ERR_NOT_FOUND)
		log_event(LOG_WARN, "file.not_rewrapped", LOG_CSTR("err", err_name(err)));
}

/* key: given away, or NULL. */
static enum err open_by(struct cx *cx, const struct download_right *right, struct secret *key,
			struct download **ret)
{
	enum { DOWNLOAD_BYTES = 16 << 20 };
	struct download *download = calloc(1, sizeof(*download));
	if (download == NULL) {
		secret_free(key);
		return ERR_UNAVAILABLE;
	}
	download->portal = cx->portal;
	download->session = session_rights_of(cx->session);
	download->right = *right;
	download->key = key;
	download->part_at = SIZE_MAX;
	arena_init(&download->arena, DOWNLOAD_BYTES);
	arena_init(&download->parts_arena, DOWNLOAD_BYTES);
	buf_init(&download->first, CHUNK_BYTES);
	pthread_mutex_init(&download->lock, NULL);
	download->must_check = true;
	/* From here on a recall finds it, so that none is missed between looking and reading. */
	download_register(download);
	enum err err = find_and_open(cx, download);
	if (err != OK) {
		download_free(download);
		return err;
	}
	keep_key(cx, download);
	*ret = download;
	return OK;
}

enum err download_open(struct cx *cx, const struct id *file_id, const struct id *message_id,
		       struct download **ret)
{
	const struct download_right right = {
		.file_id = *file_id, .user_id = cx->session->user.id, .message_id = *message_id};
	return open_by(cx, &right, NULL, ret);
}

enum err download_open_to_sign(struct cx *cx, const struct id *file_id, const struct id *message_id,
			       struct secret *key, struct download **ret)
{
	const struct download_right right = {.file_id = *file_id,
					     .user_id = cx->session->user.id,
					     .message_id = *message_id,
					     .is_to_sign = true};
	TRY(open_by(cx, &right, key, ret));
	/* The history of the request tells of it. */
	(*ret)->is_told = true;
	return OK;
}

const struct file_head *download_head(const struct download *download)
{
	return &download->head;
}

const struct id *download_file_id(const struct download *download)
{
	return &download->right.file_id;
}

void download_dispose(struct download *download)
{
	chunk_reader_free(download->reader);
	secret_free(download->key);
	buf_release(&download->first);
	/* What only a piece was wanted of was decrypted in it. */
	if (download->stored)
		explicit_bzero(download->stored, DOWNLOAD_STORED_BYTES);
	free(download->stored);
	arena_release(&download->arena);
	arena_release(&download->parts_arena);
	pthread_mutex_destroy(&download->lock);
	free(download);
}

void download_free(struct download *download)
{
	if (download)
		download_unregister(download);
}
