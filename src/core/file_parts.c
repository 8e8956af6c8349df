#include "core/file_parts.h"

#include "base/log.h"
#include "crypto/chunks.h"

#include <stdlib.h>
#include <string.h>

enum { STORED_CHUNK_BYTES = CHUNK_BYTES + CHUNK_TAG_BYTES };

struct reading {
	struct blobs *blobs;
	const struct file_part *part;
	struct chunk_reader *reader;
	uint8_t *room; /* STORED_CHUNK_BYTES */
	enum err (*take)(void *argument, struct str bytes);
	void *argument;
};

static enum err read_chunk(struct reading *reading, int64_t number)
{
	int64_t at = number * CHUNK_BYTES, left = reading->part->bytes - at;
	size_t bytes = left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES;
	size_t stored = bytes + CHUNK_TAG_BYTES;
	enum err err = blob_get(reading->blobs, &reading->part->blob_id,
				number * STORED_CHUNK_BYTES, stored, reading->room);
	if (err == OK)
		err = chunk_reader_open(reading->reader, number, str_bytes(reading->room, stored),
					reading->room);
	if (err != OK) {
		log_event(err == ERR_UNAVAILABLE ? LOG_ERROR : LOG_ALARM, "file.unreadable",
			  LOG_STR("file", id_str(&reading->part->file_id)),
			  LOG_STR("blob", id_str(&reading->part->blob_id)),
			  LOG_INT("chunk", number), LOG_CSTR("error", err_name(err)));
		return err == ERR_NOT_FOUND ? ERR_CORRUPT : err;
	}
	return reading->take(reading->argument, str_bytes(reading->room, bytes));
}

static enum err read_part(struct reading *reading, const struct secret *file_key)
{
	const struct file_part *part = reading->part;
	const struct chunk_part place = {
		.file_id = part->file_id, .part_id = part->blob_id, .offset = part->offset};
	TRY(chunk_reader_new(file_key, &place, &reading->reader));
	enum err err = OK;
	for (int64_t number = 0; err == OK && number * CHUNK_BYTES < part->bytes; number++)
		err = read_chunk(reading, number);
	chunk_reader_free(reading->reader);
	return err;
}

enum err file_parts_read(struct blobs *blobs, const struct secret *file_key,
			 const struct file_part *parts, size_t count,
			 enum err (*take)(void *argument, struct str bytes), void *argument)
{
	struct reading reading = {.blobs = blobs, .take = take, .argument = argument};
	if (count == 0)
		return OK;
	reading.room = malloc(STORED_CHUNK_BYTES);
	if (reading.room == NULL)
		return ERR_UNAVAILABLE;
	enum err err = OK;
	for (size_t i = 0; err == OK && i < count; i++) {
		reading.part = &parts[i];
		err = read_part(&reading, file_key);
	}
	explicit_bzero(reading.room, STORED_CHUNK_BYTES);
	free(reading.room);
	return err;
}
