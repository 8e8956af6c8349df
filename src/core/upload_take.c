#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "core/upload_running.h"
#include "core/uploads.h"

#include <stdlib.h>
#include <string.h>

enum { STEP_BYTES = 8 << 20 /* 20,000 rows of parts */ };

void upload_step_begin(struct upload_step *step, const struct upload *upload)
{
	arena_init(&step->arena, STEP_BYTES);
	step->cx = (struct cx){
		.arena = &step->arena,
		.portal = upload->portal,
		.language = language_find(STR("en")),
	};
}

void upload_step_end(struct upload_step *step)
{
	arena_release(&step->arena);
}

/* ---- taking; the lock is held from here on ---- */

static enum err fail(struct upload *upload, enum err err)
{
	if (err == OK || upload->failed != OK)
		return err;
	upload->failed = err;
	upload_part_drop(upload);
	return err;
}

static enum err check_room(struct upload *upload, size_t bytes)
{
	bool is_known = upload->file.bytes != UPLOAD_BYTES_UNKNOWN;
	int64_t end = is_known ? upload->file.bytes : upload->portal->settings->file_max_bytes;
	if ((int64_t)bytes <= end - upload_position(upload))
		return OK;
	upload->trouble = is_known ? UPLOAD_PAST_END : UPLOAD_TOO_LARGE;
	return ERR_TOO_LARGE;
}

/* A large file over a slow line must not run out of parts: then they last longer. */
static bool is_long_open(const struct upload *upload)
{
	return clock_monotonic_ms() - upload->part.begun_ms >= LIMIT_FILE_PART_MS &&
	       upload->part.bytes >= upload->file.bytes / (LIMIT_FILE_PARTS / 2);
}

/* At the end of a chunk. The file's last part is upload_end()'s. */
static bool is_part_due(const struct upload *upload)
{
	if (upload->part.bytes == 0 || upload->part.bytes % CHUNK_BYTES > 0 ||
	    upload_position(upload) == upload->file.bytes)
		return false;
	return upload->part.bytes >= LIMIT_FILE_PART_BYTES ||
	       (upload->sum == NULL && is_long_open(upload));
}

/* With a checksum no row is written before it is known to be right. */
static enum err store_part(struct upload *upload)
{
	TRY(upload_part_store(upload, false, false));
	return upload->sum ? OK : upload_commit(upload, false, FILE_SCAN_NONE);
}

static enum err write_touch(struct db *db, void *argument)
{
	const struct upload *upload = argument;
	return files_touch(db, &upload->file_id, upload->touched_ms);
}

/* A slow request closes no part for long: its session may end meanwhile, and housekeeping is not to
 * take it for a forgotten one. */
static enum err look_now_and_then(struct upload *upload)
{
	struct upload_step step CLEANUP_UPLOAD_STEP = {.cx = {.arena = NULL}};
	int64_t now_ms = clock_monotonic_ms();
	if (now_ms - upload->looked_ms < LIMIT_FILE_PART_MS)
		return OK;
	upload->looked_ms = now_ms;
	upload_step_begin(&step, upload);
	TRY(session_rights_use(&step.cx, &upload->rights));
	if (cx_now_ms(&step.cx) - upload->touched_ms < HOUR_MS)
		return OK;
	upload->touched_ms = cx_now_ms(&step.cx);
	return store_transact(upload->portal->store, write_touch, upload, NULL);
}

static enum err take(struct upload *upload, struct str bytes)
{
	TRY(upload->failed);
	TRY(check_room(upload, bytes.len));
	upload_scan_add(upload->scan, bytes);
	if (upload->sum)
		hashing_add(upload->sum, bytes);
	while (bytes.len > 0) {
		size_t room = CHUNK_BYTES - (size_t)(upload->part.bytes % CHUNK_BYTES);
		struct str piece = str_slice(bytes, 0, room);
		TRY(upload_part_add(upload, piece));
		bytes = str_slice(bytes, piece.len, bytes.len);
		if (is_part_due(upload))
			TRY(store_part(upload));
	}
	return look_now_and_then(upload);
}

enum err upload_take(struct upload *upload, struct str bytes)
{
	upload->taken++;
	pthread_mutex_lock(&upload->lock);
	enum err err = fail(upload, take(upload, bytes));
	pthread_mutex_unlock(&upload->lock);
	return err;
}

/* ---- ending ---- */

static bool is_sum_right(const struct upload *upload)
{
	uint8_t sum[HASHING_MAX_BYTES];
	size_t bytes = hash_kind_bytes(upload->checksum.kind);
	hashing_result(upload->sum, sum);
	return memcmp(sum, upload->checksum.expected, bytes) == 0;
}

/* All has come, but its last row is not written. */
static enum err look_for_viruses(struct upload *upload, enum file_scan *ret)
{
	struct upload_step step CLEANUP_UPLOAD_STEP;
	upload_step_begin(&step, upload);
	upload->is_finishing = true;
	enum err err =
		upload_scan_finish(upload->scan, &step.cx, upload->rows, upload->row_count, ret);
	upload->is_finishing = false;
	if (err != OK)
		upload->trouble = err == ERR_DENIED ? UPLOAD_INFECTED : UPLOAD_NOT_SCANNED;
	return err;
}

static enum err end(struct upload *upload, enum upload_end how)
{
	enum file_scan scan = FILE_SCAN_NONE;
	bool is_unknown = upload->file.bytes == UPLOAD_BYTES_UNKNOWN;
	bool is_cut = how == UPLOAD_CUT;
	TRY(upload->failed);
	if (upload->file.state == FILE_READY)
		return OK;
	/* Nobody can go on with what was to have a checksum, or comes from a form. */
	if (is_cut && (upload->sum || is_unknown))
		return ERR_CONFLICT;
	if (upload->sum && !is_sum_right(upload))
		return ERR_INVALID;
	bool is_complete = is_unknown || upload_position(upload) == upload->file.bytes;
	TRY(upload_part_store(upload, is_cut && !is_complete, is_complete));
	if (!is_complete)
		return upload_commit(upload, false, scan);
	enum err err = look_for_viruses(upload, &scan);
	if (err == ERR_DENIED)
		return upload_commit_refusal(upload);
	TRY(err);
	return upload_commit(upload, true, scan);
}

enum err upload_end(struct upload *upload, enum upload_end how, int64_t *ret_offset)
{
	pthread_mutex_lock(&upload->lock);
	enum err err = fail(upload, end(upload, how));
	if (err == OK)
		*ret_offset = upload->offset;
	upload->is_over = true;
	pthread_mutex_unlock(&upload->lock);
	return err;
}

void upload_running_settle(struct upload *upload)
{
	pthread_mutex_lock(&upload->lock);
	if (!upload->is_over) {
		enum err err = upload->is_begun ? end(upload, UPLOAD_CUT) : ERR_CONFLICT;
		log_event(LOG_INFO, "upload.taken_over", LOG_STR("file", id_str(&upload->file_id)),
			  LOG_INT("bytes", upload->file.stored_bytes),
			  LOG_CSTR("settled", err == OK ? "ok" : err_name(err)));
		fail(upload, ERR_CONFLICT);
		upload->is_over = true;
	}
	pthread_mutex_unlock(&upload->lock);
}

void upload_running_stop(struct upload *upload)
{
	pthread_mutex_lock(&upload->lock);
	fail(upload, ERR_CONFLICT);
	upload->is_over = true;
	pthread_mutex_unlock(&upload->lock);
}

/* ---- giving back ---- */

void upload_free(struct upload *upload)
{
	if (upload)
		uploads_leave(upload->portal->uploads, upload);
}

void upload_running_free(struct upload *upload)
{
	upload_scan_free(upload->scan);
	hashing_free(upload->hashing);
	hashing_free(upload->sum);
	secret_free(upload->key);
	explicit_bzero(upload->whole, sizeof(upload->whole));
	buf_release(&upload->cipher);
	arena_release(&upload->arena);
	free(upload->rows);
	pthread_mutex_destroy(&upload->lock);
	free(upload);
}
