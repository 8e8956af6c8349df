/* Reading a file chunk by chunk. */
#include "base/limits.h"
#include "base/log.h"
#include "core/downloading.h"
#include "core/live.h"
#include "store/blob.h"
#include "store/tracks.h"

#include <stdlib.h>

void download_range(struct download *download, int64_t from, int64_t until)
{
	download->at = from;
	download->until = until;
}

/* ---- the right to it ---- */

static bool must_check(struct download *download)
{
	int64_t now_ms = clock_monotonic_ms();
	pthread_mutex_lock(&download->lock);
	bool must = download->must_check || now_ms - download->checked_ms >= LIMIT_RIGHTS_MS;
	download->must_check = false;
	pthread_mutex_unlock(&download->lock);
	if (must)
		download->checked_ms = now_ms;
	return must;
}

/* ---- chunks ---- */

static enum err tell_damaged(const struct download *download, const struct file_part *part,
			     enum err err)
{
	if (err == ERR_NOT_FOUND)
		err = ERR_CORRUPT;
	if (err == ERR_CORRUPT)
		log_event(LOG_ALARM, "file.damaged",
			  LOG_STR("file", id_str(&download->right.file_id)),
			  LOG_STR("blob", id_str(&part->blob_id)), LOG_INT("offset", download->at));
	return err;
}

/* The part that holds the byte `at`; there is one. */
static size_t find_part(const struct download *download)
{
	size_t from = 0, to = download->part_count;
	while (to - from > 1) {
		size_t middle = from + (to - from) / 2;
		if (download->parts[middle].offset <= download->at)
			from = middle;
		else
			to = middle;
	}
	return from;
}

static enum err take_part(struct download *download, size_t i)
{
	const struct file_part *part = &download->parts[i];
	const struct chunk_part chunks = {
		.file_id = part->file_id, .part_id = part->blob_id, .offset = part->offset};
	if (download->part_at == i)
		return OK;
	chunk_reader_free(download->reader);
	download->reader = NULL;
	download->part_at = i;
	if (download->stored == NULL)
		download->stored = malloc(DOWNLOAD_STORED_BYTES);
	if (download->stored == NULL)
		return ERR_UNAVAILABLE;
	return chunk_reader_new(download->key, &chunks, &download->reader);
}

static enum err read_chunk(struct download *download, const struct file_part *part, int64_t number,
			   size_t bytes, uint8_t *plain)
{
	size_t stored = bytes + CHUNK_TAG_BYTES;
	TRY(blob_get(download->portal->blobs, &part->blob_id, number * DOWNLOAD_STORED_BYTES,
		     stored, download->stored));
	return chunk_reader_open(download->reader, number, str_bytes(download->stored, stored),
				 plain);
}

/* What is wanted of one chunk, decrypted where it is read from unless all of it is wanted. */
static enum err add_chunk(struct download *download, const struct file_part *part,
			  struct buf *piece)
{
	int64_t in_part = download->at - part->offset;
	int64_t number = in_part / CHUNK_BYTES;
	size_t skipped = (size_t)(in_part % CHUNK_BYTES);
	int64_t left = part->bytes - number * CHUNK_BYTES;
	size_t bytes = left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES;
	int64_t wanted = download->until - download->at;
	size_t taken = bytes - skipped;
	if ((int64_t)taken > wanted)
		taken = (size_t)wanted;
	char *room = buf_reserve(piece, taken);
	if (room == NULL)
		return piece->err;
	bool is_whole = taken == bytes;
	uint8_t *plain = (uint8_t *)(is_whole ? room : download->stored);
	TRY(read_chunk(download, part, number, bytes, plain));
	if (!is_whole)
		memcpy(room, plain + skipped, taken);
	piece->len += taken;
	download->at += (int64_t)taken;
	return OK;
}

/* Behind the last byte stands a tag that says that there are no more; in a part of its own when it
 * was not known that it was the last. */
static enum err check_end(struct download *download, size_t last)
{
	const struct file_part *part = &download->parts[last];
	uint8_t tag[CHUNK_TAG_BYTES];
	TRY(take_part(download, last));
	TRY(blob_get(download->portal->blobs, &part->blob_id,
		     chunks_stored_bytes(part->bytes, false), sizeof(tag), tag));
	return chunk_reader_check_end(download->reader, part->bytes, str_bytes(tag, sizeof(tag)));
}

static enum err read_parts(struct download *download)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(download->portal->store, &db));
	return download_read_parts(download, db);
}

/* It was set aside. What went with the right to it is not damaged. */
static enum err find_parts(struct download *download)
{
	enum err err = read_parts(download);
	if (err != OK)
		download_set_aside(download);
	if (err != ERR_CORRUPT)
		return err;
	TRY(download_check(download));
	log_event(LOG_ALARM, "file.unreadable", LOG_STR("file", id_str(&download->right.file_id)));
	return err;
}

static enum err read_piece(struct download *download, struct buf *piece)
{
	if (download->at >= download->until)
		return OK;
	if (download->parts == NULL)
		TRY(find_parts(download));
	size_t i = find_part(download);
	TRY(take_part(download, i));
	enum err err = add_chunk(download, &download->parts[i], piece);
	if (err == OK && download->at == download->head.bytes) {
		i = download->part_count - 1;
		err = check_end(download, i);
	}
	if (err != OK)
		buf_clear(piece);
	return tell_damaged(download, &download->parts[i], err);
}

/* ---- who has got it ---- */

static enum err write_track(struct db *db, void *argument)
{
	return tracks_add(db, argument);
}

/* P4.3: to the sender, of a recipient; of nobody else there is a track. Before the first byte is
 * given out: whoever has some of it may know enough, and nobody has it unseen. */
static enum err tell_downloaded(struct download *download)
{
	const struct download_right *right = &download->right;
	const struct track track = {
		.message_id = right->message_id,
		.user_id = right->user_id,
		.kind = TRACK_DOWNLOADED,
		.detail = id_str(&right->file_id),
		.at_ms = clock_now_ms(download->portal->clock),
	};
	if (download->is_told)
		return OK;
	download->is_told = true;
	if (id_is_empty(&right->message_id) || id_eq(&right->user_id, &right->sender_id))
		return OK;
	TRY(store_transact(download->portal->store, write_track, (void *)&track, NULL));
	live_publish(download->portal, &right->sender_id, LIVE_TRACKED, &right->message_id);
	return OK;
}

static enum err read_and_tell(struct download *download, struct buf *piece)
{
	TRY(read_piece(download, piece));
	enum err err = tell_downloaded(download);
	if (err != OK)
		buf_clear(piece);
	return err;
}

/* ---- */

enum err download_prepare(struct download *download)
{
	if (must_check(download))
		TRY(download_check(download));
	TRY(read_and_tell(download, &download->first));
	download->is_prepared = true;
	return OK;
}

enum err download_next(struct download *download, struct buf *piece, bool *ret_is_over)
{
	if (must_check(download))
		TRY(download_check(download));
	if (download->is_prepared)
		buf_add(piece, buf_str(&download->first));
	else
		TRY(read_and_tell(download, piece));
	buf_release(&download->first);
	download->is_prepared = false;
	TRY(piece->err);
	*ret_is_over = download->at >= download->until;
	return OK;
}
