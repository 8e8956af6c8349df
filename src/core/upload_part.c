#include "core/upload_running.h"

#include "base/beside.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>

enum { BESIDE_BYTES = 128 * 1024 }; /* less is hashed faster than it is handed over */

int64_t upload_position(const struct upload *upload)
{
	return upload->offset + upload->part.bytes;
}

static void close_part(struct upload *upload)
{
	chunk_writer_free(upload->part.writer);
	blob_put_abandon(upload->part.put);
	upload->part = (struct upload_part){.writer = NULL};
}

void upload_blobs_delete(struct portal *portal, const struct file_part *parts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (blob_delete(portal->blobs, &parts[i].blob_id) != OK)
			log_event(LOG_WARN, "upload.blob_left",
				  LOG_STR("blob", id_str(&parts[i].blob_id)));
}

void upload_part_drop(struct upload *upload)
{
	close_part(upload);
	upload_blobs_delete(upload->portal, upload->rows, upload->row_count);
	upload->row_count = 0;
	upload->offset = upload->file.stored_bytes;
}

static enum err open_part(struct upload *upload)
{
	struct upload_part *part = &upload->part;
	if (upload->file.part_count + (int64_t)upload->row_count >= LIMIT_FILE_PARTS) {
		upload->trouble = UPLOAD_PIECES;
		return ERR_TOO_LARGE;
	}
	part->place = (struct chunk_part){
		.file_id = upload->file_id,
		.part_id = id_new(clock_now_ms(upload->portal->clock)),
		.offset = upload->offset,
	};
	part->bytes = 0;
	part->begun_ms = clock_monotonic_ms();
	hashing_save(upload->hashing, upload->whole);
	enum err err = chunk_writer_new(upload->key, &part->place, &part->writer);
	if (err == OK)
		err = blob_put_begin(upload->portal->blobs, &part->place.part_id, &part->put);
	if (err != OK)
		close_part(upload);
	return err;
}

struct hashing_work {
	struct hashing *hashing;
	struct str bytes;
};

static void hash(void *argument)
{
	const struct hashing_work *work = argument;
	hashing_add(work->hashing, work->bytes);
}

static enum err encrypt_and_put(struct upload *upload, struct str bytes)
{
	buf_clear(&upload->cipher);
	TRY(chunk_writer_add(upload->part.writer, bytes, &upload->cipher));
	return blob_put_add(upload->part.put, buf_str(&upload->cipher));
}

/* Hashing takes as long as the rest: a fifth is won where it is done beside it. */
static enum err hash_and_put(struct upload *upload, struct str bytes)
{
	struct hashing_work hashing = {upload->hashing, bytes};
	struct beside_work work = {.run = hash, .argument = &hashing};
	if (bytes.len < BESIDE_BYTES) {
		hash(&hashing);
		return encrypt_and_put(upload, bytes);
	}
	beside_begin(upload->portal->beside, &work);
	enum err err = encrypt_and_put(upload, bytes);
	beside_end(upload->portal->beside, &work);
	return err;
}

enum err upload_part_add(struct upload *upload, struct str bytes)
{
	struct upload_part *part = &upload->part;
	if (part->writer == NULL)
		TRY(open_part(upload));
	TRY(hash_and_put(upload, bytes));
	part->bytes += (int64_t)bytes.len;
	if (part->bytes % CHUNK_BYTES == 0)
		hashing_save(upload->hashing, upload->whole);
	return OK;
}

/* The rest of a chunk, and the end of the file, if it is one. */
static enum err end_part(struct upload *upload, bool is_last)
{
	struct upload_part *part = &upload->part;
	buf_clear(&upload->cipher);
	hashing_save(upload->hashing, upload->whole);
	TRY(chunk_writer_end(part->writer, is_last, &upload->cipher));
	return blob_put_add(part->put, buf_str(&upload->cipher));
}

static enum err make_room(struct upload *upload)
{
	enum { ROOM_FIRST = 4 };
	if (upload->row_count < upload->row_room)
		return OK;
	size_t room = upload->row_room > 0 ? 2 * upload->row_room : ROOM_FIRST;
	struct file_part *rows = realloc(upload->rows, room * sizeof(*rows));
	if (rows == NULL)
		return ERR_UNAVAILABLE;
	upload->rows = rows;
	upload->row_room = room;
	return OK;
}

enum err upload_part_store(struct upload *upload, bool is_cut, bool is_last)
{
	struct upload_part *part = &upload->part;
	int64_t bytes = part->bytes, stored_bytes;
	if (part->writer == NULL && !is_last)
		return OK;
	TRY(make_room(upload));
	if (part->writer == NULL)
		TRY(open_part(upload));
	if (is_cut) {
		bytes = chunk_writer_whole_bytes(part->writer);
		stored_bytes = chunk_writer_whole_stored_bytes(part->writer);
	} else {
		TRY(end_part(upload, is_last));
		stored_bytes = chunks_stored_bytes(bytes, is_last);
	}
	struct blob_put *put = part->put;
	struct file_part row = {
		.file_id = upload->file_id,
		.number = upload->file.part_count + (int64_t)upload->row_count,
		.blob_id = part->place.part_id,
		.offset = part->place.offset,
		.bytes = bytes,
		.is_last = is_last,
	};
	part->put = NULL;
	close_part(upload);
	if (stored_bytes == 0) {
		blob_put_abandon(put);
		return OK;
	}
	TRY(blob_put_commit(put, stored_bytes));
	upload->rows[upload->row_count++] = row;
	upload->offset += bytes;
	return OK;
}
