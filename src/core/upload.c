#include "core/upload.h"

#include "base/limits.h"
#include "base/log.h"
#include "core/download.h"
#include "core/file_key.h"
#include "core/policy.h"
#include "core/upload_running.h"
#include "core/uploads.h"

/* ---- what may be uploaded ---- */

static enum err read_used(struct cx *cx, int64_t *ret)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(cx->portal->store, &db));
	return files_used_bytes(db, &cx->session->user.id, ret);
}

enum err upload_limits_of(struct cx *cx, struct upload_limits *ret)
{
	const struct settings *settings = cx->portal->settings;
	struct upload_limits limits = {
		.file_bytes = settings->file_max_bytes,
		.message_bytes = settings->message_max_bytes,
		.quota_bytes = settings->quota_bytes,
		.blocked_endings = settings->blocked_endings,
	};
	TRY(read_used(cx, &limits.used_bytes));
	*ret = limits;
	return OK;
}

static bool is_blocked(struct cx *cx, struct str ending)
{
	struct str rest = cx->portal->settings->blocked_endings, blocked;
	while (ending.len > 0 && str_next(&rest, ',', &blocked)) {
		blocked = str_trim(blocked);
		if (str_starts_with(blocked, STR(".")))
			blocked = str_slice(blocked, 1, blocked.len);
		if (str_eq_nocase(blocked, ending))
			return true;
	}
	return false;
}

static struct text_arg size_arg(struct cx *cx, int64_t bytes)
{
	return TEXT_ARG("size", format_size(cx->arena, cx->language, bytes));
}

static enum err check_allowed(struct cx *cx, const struct file_head *head,
			      struct form_errors *errors)
{
	const struct settings *settings = cx->portal->settings;
	struct str ending = file_head_ending(cx, head->name);
	if (!policy_may(cx, ACT_SEND_FILES)) {
		form_error(cx, errors, "", TEXT_FILE_OFF);
		return ERR_DENIED;
	}
	if (is_blocked(cx, ending)) {
		form_error(cx, errors, "", TEXT_FILE_BLOCKED, TEXT_ARG("ending", ending));
		return ERR_DENIED;
	}
	if (head->bytes > settings->file_max_bytes) {
		form_error(cx, errors, "", TEXT_FILE_TOO_LARGE,
			   size_arg(cx, settings->file_max_bytes));
		return ERR_TOO_LARGE;
	}
	return OK;
}

/* ---- beginning ---- */

struct creation {
	struct file file;
	int64_t quota_bytes;
	bool has_too_many_unfinished, has_too_many_unsent;
};

static enum err write_creation(struct db *db, void *argument)
{
	struct creation *creation = argument;
	const struct id *owner_id = &creation->file.owner_id;
	int64_t unfinished, unsent;
	TRY(files_count_unfinished(db, owner_id, &unfinished));
	TRY(files_count_unsent(db, owner_id, &unsent));
	creation->has_too_many_unfinished = unfinished >= LIMIT_UPLOADS_UNFINISHED;
	creation->has_too_many_unsent = unsent >= LIMIT_FILES_UNSENT;
	if (creation->has_too_many_unfinished || creation->has_too_many_unsent)
		return ERR_INVALID;
	return files_insert(db, &creation->file, creation->quota_bytes);
}

static enum err write(struct cx *cx, const struct file_head *head, struct creation *creation)
{
	struct file *file = &creation->file;
	struct secret *key CLEANUP_SECRET = NULL;
	TRY(secret_random(&key));
	TRY(file_key_wrap_owner(cx, &file->id, key, &file->owner_wrapped));
	TRY(file_head_encrypt(cx, &file->id, key, head, &file->head));
	return store_transact(cx->portal->store, write_creation, creation, cx->arena);
}

static void tell_refusal(struct cx *cx, const struct creation *creation, enum err err,
			 struct form_errors *errors)
{
	if (err == ERR_TOO_LARGE)
		form_error(cx, errors, "", TEXT_FILE_OVER_QUOTA,
			   size_arg(cx, creation->quota_bytes));
	else if (err == ERR_INVALID && creation->has_too_many_unfinished)
		form_error(cx, errors, "", TEXT_FILE_UNFINISHED_LIMIT,
			   TEXT_NUMBER("count", LIMIT_UPLOADS_UNFINISHED));
	else if (err == ERR_INVALID && creation->has_too_many_unsent)
		form_error(cx, errors, "", TEXT_FILE_UNSENT_LIMIT,
			   TEXT_NUMBER("count", LIMIT_FILES_UNSENT));
}

/* A file of no bytes has come when it is announced. */
static enum err finish_empty(struct cx *cx, const struct id *id)
{
	struct upload *upload;
	int64_t offset;
	enum err err = upload_begin(cx, id, 0, 0, NULL, &upload);
	if (err == OK) {
		err = upload_end(upload, UPLOAD_SENT, &offset);
		upload_free(upload);
	}
	if (err != OK && upload_delete(cx, id) != OK)
		log_event(LOG_WARN, "upload.empty_left", LOG_STR("file", id_str(id)));
	return err;
}

enum err upload_create(struct cx *cx, struct str name, struct str type, int64_t bytes,
		       struct id *ret, struct form_errors *errors)
{
	int64_t now_ms = cx_now_ms(cx);
	struct file_head head = {.type = file_head_clean_type(cx, type), .bytes = bytes};
	struct creation creation = {
		.file = {.id = id_new(now_ms),
			 .owner_id = cx->session->user.id,
			 .state = FILE_UNFINISHED,
			 .bytes = bytes,
			 .created_ms = now_ms,
			 .touched_ms = now_ms},
		.quota_bytes = cx->portal->settings->quota_bytes,
	};
	if (bytes < UPLOAD_BYTES_UNKNOWN)
		return ERR_INVALID;
	TRY(file_head_clean_name(cx, name, &head.name));
	TRY(check_allowed(cx, &head, errors));
	enum err err = write(cx, &head, &creation);
	if (err != OK)
		tell_refusal(cx, &creation, err, errors);
	TRY(err);
	if (bytes == 0)
		TRY(finish_empty(cx, &creation.file.id));
	*ret = creation.file.id;
	return OK;
}

static struct str infected_sentence(struct cx *cx, struct upload *upload)
{
	struct file_head head = {.name = STR_NONE};
	const struct file *file = &upload->file;
	if (file_head_decrypt(cx, &file->id, upload->key, file->head, &head) != OK)
		head.name = text_get(cx->language, TEXT_FILE_NAMELESS);
	return TEXT_FILL(cx->arena, cx->language, TEXT_FILE_INFECTED, TEXT_ARG("name", head.name));
}

struct str upload_sentence(struct cx *cx, struct upload *upload)
{
	const struct settings *settings = cx->portal->settings;
	switch (upload->trouble) {
	case UPLOAD_FINE: break;
	case UPLOAD_PAST_END: return text_get(cx->language, TEXT_FILE_PAST_END);
	case UPLOAD_TOO_LARGE:
		return TEXT_FILL(cx->arena, cx->language, TEXT_FILE_TOO_LARGE,
				 size_arg(cx, settings->file_max_bytes));
	case UPLOAD_OVER_QUOTA:
		return TEXT_FILL(cx->arena, cx->language, TEXT_FILE_OVER_QUOTA,
				 size_arg(cx, settings->quota_bytes));
	case UPLOAD_PIECES:
		return TEXT_FILL(cx->arena, cx->language, TEXT_FILE_PIECES,
				 TEXT_NUMBER("count", LIMIT_FILE_PARTS));
	case UPLOAD_INFECTED: return infected_sentence(cx, upload);
	case UPLOAD_NOT_SCANNED: return text_get(cx->language, TEXT_FILE_NOT_SCANNED);
	}
	return STR_NONE;
}

/* ---- how far one is ---- */

int64_t upload_expires_ms(const struct file *file)
{
	return file->touched_ms + LIMIT_UPLOAD_HOURS * HOUR_MS;
}

bool upload_is_expired(struct cx *cx, const struct file *file)
{
	return file->state == FILE_UNFINISHED && upload_expires_ms(file) <= cx_now_ms(cx);
}

static enum err read_file(struct cx *cx, const struct id *id, struct file *ret)
{
	struct db *db CLEANUP_READ = NULL;
	struct file file;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(files_get(db, cx->arena, id, &file));
	/* Without its key it is not in their library any more. */
	if (!id_eq(&file.owner_id, &cx->session->user.id) || file.owner_wrapped.len == 0)
		return ERR_NOT_FOUND;
	*ret = file;
	return OK;
}

enum err upload_read_own(struct cx *cx, const struct id *id, struct file *ret)
{
	struct file file;
	TRY(read_file(cx, id, &file));
	if (upload_is_expired(cx, &file))
		return ERR_NOT_FOUND;
	*ret = file;
	return OK;
}

enum err upload_get(struct cx *cx, const struct id *id, struct upload_view *ret)
{
	struct secret *key CLEANUP_SECRET = NULL;
	struct upload_view view = {.id = *id};
	struct file file;
	TRY(read_file(cx, id, &file));
	TRY(file_key_open_owner(cx, &file, &key));
	TRY(file_head_decrypt(cx, id, key, file.head, &view.head));
	if (file.state == FILE_READY)
		TRY(file_head_decrypt_digest(cx, &file, key, &view.head));
	view.state = file.state;
	view.bytes = view.head.bytes = file.bytes;
	view.head.scan = file.scan;
	view.offset = file.state == FILE_READY ? file.bytes : file.stored_bytes;
	view.expires_ms = file.state == FILE_UNFINISHED ? upload_expires_ms(&file) : 0;
	view.is_expired = upload_is_expired(cx, &file);
	*ret = view;
	return OK;
}

enum err upload_resume(struct cx *cx, const struct id *id, struct upload_view *ret)
{
	struct file file;
	TRY(read_file(cx, id, &file));
	enum err err = uploads_settle(cx->portal->uploads, id);
	if (err != OK && err != ERR_BUSY)
		return err;
	return upload_get(cx, id, ret);
}

/* ---- taking it back ---- */

enum { DELETION_BYTES = 8 << 20 /* 20,000 rows of parts */ };

struct deletion {
	const struct id *id;
	struct arena *arena;
	struct file_part *parts;
	size_t part_count;
};

static enum err write_deletion(struct db *db, void *argument)
{
	struct deletion *deletion = argument;
	bool is_in_message;
	TRY(message_files_has(db, deletion->id, &is_in_message));
	if (is_in_message)
		return ERR_CONFLICT;
	/* Damaged ones can be deleted too: their blobs are found as orphans. */
	enum err err = files_parts(db, deletion->arena, deletion->id, &deletion->parts,
				   &deletion->part_count);
	if (err == ERR_CORRUPT)
		deletion->part_count = 0;
	else
		TRY(err);
	return files_delete(db, deletion->id);
}

enum err upload_destroy(struct portal *portal, const struct id *id, const struct id *owner_id)
{
	struct arena arena CLEANUP_ARENA;
	struct deletion deletion = {.id = id, .arena = &arena};
	arena_init(&arena, DELETION_BYTES);
	TRY(uploads_stop(portal->uploads, id));
	TRY(store_transact(portal->store, write_deletion, &deletion, &arena));
	/* Before its bytes are missed by who reads it just now. */
	download_check_rights(portal, owner_id);
	upload_blobs_delete(portal, deletion.parts, deletion.part_count);
	log_event(LOG_INFO, "upload.deleted", LOG_STR("user", id_str(owner_id)),
		  LOG_STR("file", id_str(id)));
	return OK;
}

/* In memory of its own: it also takes back what a request could not finish for lack of some. */
enum err upload_delete(struct cx *cx, const struct id *id)
{
	struct arena arena CLEANUP_ARENA;
	struct cx own = *cx;
	struct file file;
	arena_init(&arena, DELETION_BYTES);
	own.arena = &arena;
	TRY(read_file(&own, id, &file));
	return upload_destroy(cx->portal, id, &file.owner_id);
}

enum err upload_abandon(struct upload *upload)
{
	return upload_destroy(upload->portal, &upload->file_id, &upload->file.owner_id);
}
