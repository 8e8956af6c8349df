#include "base/clock.h"
#include "base/limits.h"
#include "core/file_key.h"
#include "core/upload_running.h"
#include "core/uploads.h"

#include <stdlib.h>

enum { ROW_BYTES = 64 * 1024 };

struct taking_over {
	struct upload *upload;
	int64_t now_ms;
};

static enum err write_take_over(struct db *db, void *argument)
{
	const struct taking_over *taking_over = argument;
	return files_take_over(db, &taking_over->upload->file_id, taking_over->now_ms,
			       &taking_over->upload->writer);
}

static enum err check_place(struct upload *upload, int64_t offset, int64_t bytes)
{
	const struct file *file = &upload->file;
	int64_t stands_at = file->state == FILE_READY ? file->bytes : file->stored_bytes;
	if (file->state == FILE_REFUSED)
		return ERR_DENIED;
	if (offset != stands_at)
		return ERR_CONFLICT;
	if (file->bytes != UPLOAD_BYTES_UNKNOWN && bytes > file->bytes - offset) {
		upload->trouble = UPLOAD_PAST_END;
		return ERR_TOO_LARGE;
	}
	return OK;
}

/* Of a ready file nothing is needed: a client who missed the last answer hears it again. */
static enum err load(struct cx *cx, struct upload *upload, int64_t offset, int64_t bytes)
{
	struct cx own = *cx;
	struct file *file = &upload->file;
	struct taking_over taking_over = {.upload = upload, .now_ms = cx_now_ms(cx)};
	own.arena = &upload->arena;
	TRY(upload_read_own(&own, &upload->file_id, file));
	TRY(check_place(upload, offset, bytes));
	upload->offset = offset;
	if (file->state == FILE_READY)
		return OK;
	TRY(file_key_open_owner(cx, file, &upload->key));
	TRY(upload_hashing_open(cx, file, upload->key, &upload->hashing));
	if (upload->checksum.is_wanted)
		TRY(hashing_new(upload->checksum.kind, &upload->sum));
	TRY(store_transact(cx->portal->store, write_take_over, &taking_over, NULL));
	upload->touched_ms = taking_over.now_ms;
	return upload_scan_begin(cx, file, upload->key, offset, bytes, &upload->scan);
}

static enum err make(struct cx *cx, const struct id *id, const struct upload_checksum *checksum,
		     struct upload **ret)
{
	struct upload *upload = calloc(1, sizeof(*upload));
	if (upload == NULL)
		return ERR_UNAVAILABLE;
	upload->portal = cx->portal;
	upload->file_id = *id;
	upload->rights = session_rights_of(cx->session);
	upload->references = 1;
	upload->looked_ms = clock_monotonic_ms();
	if (checksum)
		upload->checksum = *checksum;
	pthread_mutex_init(&upload->lock, NULL);
	arena_init(&upload->arena, ROW_BYTES);
	buf_init(&upload->cipher, CHUNK_BYTES + 2 * CHUNK_TAG_BYTES);
	*ret = upload;
	return OK;
}

enum err upload_begin(struct cx *cx, const struct id *id, int64_t offset, int64_t bytes,
		      const struct upload_checksum *checksum, struct upload **ret)
{
	struct file file;
	struct upload *upload;
	/* Before anything is taken away from anybody. */
	TRY(upload_read_own(cx, id, &file));
	TRY(make(cx, id, checksum, &upload));
	enum err err = uploads_enter(cx->portal->uploads, upload);
	if (err == OK) {
		pthread_mutex_lock(&upload->lock);
		err = upload->is_over ? ERR_CONFLICT : load(cx, upload, offset, bytes);
		upload->is_begun = err == OK;
		pthread_mutex_unlock(&upload->lock);
	}
	if (err != OK)
		upload_free(upload);
	else
		*ret = upload;
	return err;
}

void upload_follow(struct upload *upload, const _Atomic uint64_t *received)
{
	uploads_follow(upload->portal->uploads, upload, received);
}
