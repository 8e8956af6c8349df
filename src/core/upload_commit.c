#include "base/limits.h"
#include "base/log.h"
#include "core/live.h"
#include "core/upload_running.h"
#include "crypto/aead.h"

#include <string.h>

/* What one transaction writes. */
struct commit {
	const struct upload *upload;
	struct str hashing; /* as ciphertext */
	int64_t now_ms;
	int64_t quota_bytes;
	bool is_complete;
	struct file old, next; /* when it is */
};

static struct context hashing_context(const struct id *file_id, int64_t offset)
{
	return (struct context){
		.purpose = "file.hashing", .object = id_str(file_id), .version = offset};
}

enum err upload_hashing_open(struct cx *cx, const struct file *file, const struct secret *key,
			     struct hashing **ret)
{
	struct context context = hashing_context(&file->id, file->stored_bytes);
	struct str state;
	if (file->stored_bytes == 0)
		return hashing_new(HASH_SHA256, ret);
	TRY(aead_decrypt(key, &context, file->hashing, cx->arena, &state));
	return hashing_restore(state, ret);
}

static enum err encrypt_hashing(struct cx *cx, const struct upload *upload, struct str *ret)
{
	struct context context = hashing_context(&upload->file_id, upload->offset);
	struct str state = str_bytes(upload->whole, sizeof(upload->whole));
	return aead_encrypt(upload->key, &context, state, cx->arena, ret);
}

/* A form said nothing of its size before, so that its quota is looked at as it comes. */
static enum err check_quota(struct db *db, const struct commit *commit)
{
	int64_t used;
	if (commit->old.bytes != UPLOAD_BYTES_UNKNOWN || commit->quota_bytes == 0)
		return OK;
	TRY(files_used_bytes(db, &commit->old.owner_id, &used));
	return used > commit->quota_bytes ? ERR_TOO_LARGE : OK;
}

static enum err write_ready(struct db *db, const struct commit *commit)
{
	struct file old = commit->old;
	if (old.bytes == UPLOAD_BYTES_UNKNOWN) {
		TRY(files_set_bytes(db, &old, commit->next.bytes, commit->quota_bytes));
		old.bytes = commit->next.bytes;
	}
	TRY(files_update(db, &old, &commit->next));
	return library_add(db, &old.owner_id, &old.id, commit->now_ms);
}

static enum err write_rows(struct db *db, void *argument)
{
	const struct commit *commit = argument;
	const struct upload *upload = commit->upload;
	TRY(files_add_parts(db, &upload->file_id, upload->writer, upload->rows, upload->row_count,
			    commit->hashing, commit->now_ms));
	return commit->is_complete ? write_ready(db, commit) : check_quota(db, commit);
}

static enum err make_ready(struct cx *cx, struct upload *upload, struct file *next)
{
	struct file_head head = {.bytes = upload->offset};
	next->state = FILE_READY;
	next->bytes = upload->offset;
	hashing_result(upload->hashing, head.sha256);
	TRY(file_head_encrypt_digest(cx, &upload->file_id, upload->key, &head, &next->digest));
	return OK;
}

static void take_note(struct upload *upload, const struct commit *commit)
{
	upload->file.part_count += (int64_t)upload->row_count;
	upload->file.stored_bytes = upload->offset;
	upload->row_count = 0;
	upload->touched_ms = commit->now_ms;
	if (!commit->is_complete)
		return;
	upload->file.state = FILE_READY;
	upload->file.bytes = upload->offset;
	log_event(LOG_INFO, "upload.ready", LOG_STR("user", id_str(&upload->file.owner_id)),
		  LOG_STR("file", id_str(&upload->file_id)), LOG_INT("bytes", upload->offset));
}

enum err upload_commit(struct upload *upload, bool is_complete, enum file_scan scan)
{
	struct upload_step step CLEANUP_UPLOAD_STEP = {.cx = {.arena = NULL}};
	struct commit commit = {.upload = upload, .is_complete = is_complete};
	if (upload->row_count == 0)
		return OK;
	upload_step_begin(&step, upload);
	TRY(session_rights_use(&step.cx, &upload->rights));
	commit.now_ms = cx_now_ms(&step.cx);
	/* Housekeeping is about to take them for orphans (LIMIT_ORPHAN_HOURS). */
	if (commit.now_ms - id_ms(&upload->rows[0].blob_id) > LIMIT_UPLOAD_HOURS * HOUR_MS)
		return ERR_CONFLICT;
	TRY(encrypt_hashing(&step.cx, upload, &commit.hashing));
	commit.quota_bytes = upload->portal->settings->quota_bytes;
	commit.old = commit.next = upload->file;
	commit.next.scan = scan;
	if (is_complete)
		TRY(make_ready(&step.cx, upload, &commit.next));
	enum err err = store_transact(upload->portal->store, write_rows, &commit, &step.arena);
	if (err == OK) {
		take_note(upload, &commit);
		return OK;
	}
	/* It may have happened all the same: then the rows name these blobs. */
	if (err == ERR_UNAVAILABLE)
		upload->row_count = 0;
	if (err == ERR_TOO_LARGE)
		upload->trouble = UPLOAD_OVER_QUOTA;
	return err;
}

/* ---- refused ---- */

struct refusal {
	struct arena *arena;
	const struct file *old;
	struct file next;
	struct file_part *parts; /* that were acknowledged */
	size_t part_count;
};

static enum err write_refusal(struct db *db, void *argument)
{
	struct refusal *refusal = argument;
	TRY(files_parts(db, refusal->arena, &refusal->old->id, &refusal->parts,
			&refusal->part_count));
	return files_update(db, refusal->old, &refusal->next);
}

enum err upload_commit_refusal(struct upload *upload)
{
	struct upload_step step CLEANUP_UPLOAD_STEP;
	struct refusal refusal = {.old = &upload->file, .next = upload->file};
	upload_step_begin(&step, upload);
	refusal.arena = &step.arena;
	refusal.next.state = FILE_REFUSED;
	refusal.next.scan = FILE_SCAN_INFECTED;
	TRY(store_transact(upload->portal->store, write_refusal, &refusal, &step.arena));
	upload->file.state = FILE_REFUSED;
	upload_blobs_delete(upload->portal, refusal.parts, refusal.part_count);
	return ERR_DENIED;
}
