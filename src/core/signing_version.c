#include "core/signing_version.h"

#include "base/limits.h"
#include "base/log.h"
#include "core/file_parts.h"
#include "crypto/chunks.h"

#include <string.h>

/* ---- reading ---- */

static enum err take(void *argument, struct str bytes)
{
	return pdf_bytes_add(argument, bytes);
}

static enum err find_parts(struct cx *cx, const struct id *file_id, struct file_part **ret,
			   size_t *ret_count)
{
	struct db *db CLEANUP_READ = NULL;
	struct file file;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(files_get(db, cx->arena, file_id, &file));
	if (file.state != FILE_READY)
		return ERR_NOT_FOUND;
	if (file.bytes > LIMIT_PDF_BYTES + LIMIT_PDF_GROWTH_BYTES)
		return ERR_TOO_LARGE;
	return files_parts(db, cx->arena, file_id, ret, ret_count);
}

enum err signing_version_read(struct cx *cx, const struct id *file_id, const struct secret *key,
			      struct pdf_bytes *ret)
{
	struct file_part *parts;
	size_t count;
	TRY(find_parts(cx, file_id, &parts, &count));
	TRY(pdf_bytes_new(ret));
	return file_parts_read(cx->portal->blobs, key, parts, count, take, ret);
}

static enum err sum(struct str bytes, uint8_t ret[SHA256_BYTES])
{
	struct hashing *hashing;
	uint8_t result[HASHING_MAX_BYTES];
	TRY(hashing_new(HASH_SHA256, &hashing));
	hashing_add(hashing, bytes);
	hashing_result(hashing, result);
	hashing_free(hashing);
	memcpy(ret, result, SHA256_BYTES);
	return OK;
}

enum err signing_version_sum(const struct pdf_bytes *document, uint8_t ret[SHA256_BYTES])
{
	struct str view;
	TRY(pdf_bytes_map(document, &view));
	enum err err = sum(view, ret);
	pdf_bytes_unmap(view);
	return err;
}

/* ---- storing ---- */

static enum err encrypt(struct chunk_writer *writer, struct blob_put *put, struct str bytes,
			bool is_last)
{
	struct buf cipher CLEANUP_BUF;
	buf_init(&cipher, CHUNK_BYTES + 2 * CHUNK_TAG_BYTES);
	for (size_t at = 0; at < bytes.len; at += CHUNK_BYTES) {
		buf_clear(&cipher);
		TRY(chunk_writer_add(writer, str_slice(bytes, at, CHUNK_BYTES), &cipher));
		TRY(blob_put_add(put, buf_str(&cipher)));
	}
	buf_clear(&cipher);
	TRY(chunk_writer_end(writer, is_last, &cipher));
	return blob_put_add(put, buf_str(&cipher));
}

static enum err put_part(struct cx *cx, const struct secret *key, const struct file_part *part,
			 struct str bytes)
{
	const struct chunk_part place = {
		.file_id = part->file_id, .part_id = part->blob_id, .offset = part->offset};
	struct chunk_writer *writer;
	struct blob_put *put = NULL;
	TRY(chunk_writer_new(key, &place, &writer));
	enum err err = blob_put_begin(cx->portal->blobs, &part->blob_id, &put);
	if (err == OK) {
		err = encrypt(writer, put, bytes, part->is_last);
		if (err == OK)
			err = blob_put_commit(put, chunks_stored_bytes(part->bytes, part->is_last));
		else
			blob_put_abandon(put);
	}
	chunk_writer_free(writer);
	return err;
}

/* Those that are stored count, so that they can be taken back. */
static enum err put_all(struct cx *cx, struct str bytes, struct signing_version *version)
{
	size_t count = bytes.len / LIMIT_FILE_PART_BYTES + 1;
	version->parts = ARENA_ARRAY(cx->arena, count, struct file_part);
	if (version->parts == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++) {
		struct str piece =
			str_slice(bytes, i * LIMIT_FILE_PART_BYTES, LIMIT_FILE_PART_BYTES);
		struct file_part *part = &version->parts[i];
		*part = (struct file_part){
			.file_id = version->file_id,
			.number = (int64_t)i,
			.blob_id = id_new(cx_now_ms(cx)),
			.offset = (int64_t)i * LIMIT_FILE_PART_BYTES,
			.bytes = (int64_t)piece.len,
			.is_last = i + 1 == count,
		};
		TRY(put_part(cx, version->key, part, piece));
		version->part_count++;
	}
	return OK;
}

static enum err make_row(struct cx *cx, const struct id *owner_id, struct str name,
			 struct signing_version *version)
{
	struct file_head head = {
		.name = name, .type = STR("application/pdf"), .bytes = version->bytes};
	memcpy(head.sha256, version->sha256, sizeof(head.sha256));
	version->file = (struct file){
		.id = version->file_id,
		.owner_id = *owner_id,
		.state = FILE_READY,
		.bytes = version->bytes,
		.created_ms = cx_now_ms(cx),
		.touched_ms = cx_now_ms(cx),
	};
	TRY(file_head_encrypt(cx, &version->file_id, version->key, &head, &version->file.head));
	return file_head_encrypt_digest(cx, &version->file_id, version->key, &head,
					&version->file.digest);
}

static enum err store(struct cx *cx, const struct id *owner_id, struct str name, struct str bytes,
		      struct signing_version *version)
{
	TRY(secret_random(&version->key));
	TRY(sum(bytes, version->sha256));
	version->bytes = (int64_t)bytes.len;
	TRY(make_row(cx, owner_id, name, version));
	return put_all(cx, bytes, version);
}

enum err signing_version_store(struct cx *cx, const struct id *owner_id, struct str name,
			       const struct pdf_bytes *document, struct signing_version *ret)
{
	struct signing_version version = {.file_id = id_new(cx_now_ms(cx))};
	struct str view;
	TRY(pdf_bytes_map(document, &view));
	enum err err = store(cx, owner_id, name, view, &version);
	pdf_bytes_unmap(view);
	if (err != OK)
		signing_version_drop(cx->portal, &version);
	else
		*ret = version;
	return err;
}

enum err signing_version_write(struct db *db, const struct signing_version *version,
			       int64_t quota_bytes)
{
	struct file begun = version->file;
	begun.state = FILE_UNFINISHED;
	begun.digest = STR("");
	TRY(files_insert(db, &begun, quota_bytes));
	TRY(files_add_parts(db, &begun.id, begun.writer, version->parts, version->part_count,
			    STR(""), begun.created_ms));
	return files_update(db, &begun, &version->file);
}

void signing_version_drop(struct portal *portal, struct signing_version *version)
{
	secret_free(version->key);
	version->key = NULL;
	for (size_t i = 0; i < version->part_count && !version->is_written; i++)
		if (blob_delete(portal->blobs, &version->parts[i].blob_id) != OK)
			log_event(LOG_WARN, "signing.blob_left",
				  LOG_STR("blob", id_str(&version->parts[i].blob_id)));
	version->part_count = 0;
}
