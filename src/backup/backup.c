#include "backup/backup.h"

#include "backup/archive.h"
#include "base/log.h"
#include "core/backup_last.h"
#include "core/destroyed_journal.h"
#include "crypto/chunks.h"
#include "store/blob.h"
#include "store/dump.h"
#include "store/files.h"
#include "store/schema.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PAGE = 500, ARENA_BYTES = 1 << 20 };

struct backup {
	struct cx *cx;
	struct archive_writer *archive;
	/* The parts that the rows name, one struct file_part after the other: a file without a
	   name, as there may be millions of them, and the moment of the database must not be held
	   while all files are copied. */
	FILE *parts;
	char *piece; /* ARCHIVE_PIECE_BYTES */
	backup_progress *progress;
	void *argument;
	int64_t part_count, part_at;
	struct backup_report report;
};

static void say_progress(struct backup *backup)
{
	if (backup->progress)
		backup->progress(backup->argument, archive_bytes(backup->archive), backup->part_at,
				 backup->part_count);
}

/* ---- the database ---- */

static enum err write_segments(struct backup *backup, struct dump *dump)
{
	struct buf segment CLEANUP_BUF;
	buf_init(&segment, DUMP_SEGMENT_MAX);
	for (int number = 1;; number++) {
		char name[ARCHIVE_NAME_MAX];
		TRY(dump_next(dump, &segment));
		if (segment.len == 0)
			return OK;
		snprintf(name, sizeof(name), "database/%06d", number);
		TRY(archive_begin(backup->archive, name, (int64_t)segment.len));
		TRY(archive_add(backup->archive, buf_str(&segment)));
		TRY(archive_end(backup->archive));
		say_progress(backup);
	}
}

static enum err list_parts(struct backup *backup, struct db *db)
{
	struct file_part last = {.number = 0}, *parts;
	size_t count;
	do {
		struct arena arena CLEANUP_ARENA;
		arena_init(&arena, ARENA_BYTES);
		TRY(file_parts_page(db, &arena, &last, PAGE, &parts, &count));
		if (count == 0)
			break;
		if (fwrite(parts, sizeof(*parts), count, backup->parts) != count)
			return ERR_UNAVAILABLE;
		last = parts[count - 1];
		backup->part_count += (int64_t)count;
	} while (count == PAGE);
	return fflush(backup->parts) == 0 ? OK : ERR_UNAVAILABLE;
}

static enum err write_database(struct backup *backup)
{
	struct dump *dump;
	TRY(dump_begin(backup->cx->portal->store, &dump));
	enum err err = write_segments(backup, dump);
	if (err == OK)
		err = list_parts(backup, dump_db(dump));
	dump_end(dump);
	return err;
}

/* ---- files ---- */

static enum err copy_blob(struct backup *backup, const struct file_part *part, int64_t bytes)
{
	for (int64_t at = 0; at < bytes;) {
		size_t len = bytes - at < ARCHIVE_PIECE_BYTES ? (size_t)(bytes - at)
							      : ARCHIVE_PIECE_BYTES;
		TRY(blob_get(backup->cx->portal->blobs, &part->blob_id, at, len, backup->piece));
		TRY(archive_add(backup->archive, (struct str){backup->piece, len}));
		at += (int64_t)len;
	}
	return archive_end(backup->archive);
}

/* It may have been given up meanwhile, by a recall say. */
static enum err note_missing(struct backup *backup, const struct file_part *part)
{
	struct db *db CLEANUP_READ = NULL;
	bool is_orphan = false;
	TRY(store_read_begin(backup->cx->portal->store, &db));
	if (!id_is_empty(&part->blob_id))
		TRY(files_find_orphans(db, &part->blob_id, 1, &is_orphan));
	if (is_orphan)
		return OK;
	backup->report.missing++;
	log_event(LOG_ERROR, "backup.blob_missing", LOG_STR("blob", id_str(&part->blob_id)),
		  LOG_STR("file", id_str(&part->file_id)));
	return OK;
}

static enum err write_part(struct backup *backup, const struct file_part *part)
{
	char name[ARCHIVE_NAME_MAX];
	int64_t bytes = chunks_stored_bytes(part->bytes, part->is_last);
	if (id_is_empty(&part->blob_id))
		return note_missing(backup, part);
	snprintf(name, sizeof(name), "files/%s/%s", part->blob_id.text + ID_CHARS - 2,
		 part->blob_id.text);
	TRY(archive_begin(backup->archive, name, bytes));
	enum err err = copy_blob(backup, part, bytes);
	if (err != ERR_NOT_FOUND && err != ERR_CORRUPT) {
		backup->report.files += err == OK;
		return err;
	}
	TRY(archive_undo(backup->archive));
	return note_missing(backup, part);
}

static enum err write_files(struct backup *backup)
{
	struct file_part part;
	rewind(backup->parts);
	while (backup->part_at < backup->part_count) {
		if (fread(&part, sizeof(part), 1, backup->parts) != 1)
			return ERR_UNAVAILABLE;
		TRY(write_part(backup, &part));
		backup->part_at++;
		say_progress(backup);
	}
	return OK;
}

/* ---- */

static enum err write_all(struct backup *backup, const char *path)
{
	struct secret *key CLEANUP_SECRET = NULL;
	const struct portal *portal = backup->cx->portal;
	const struct settings *settings = portal->settings;
	struct archive_label label = {
		.at_ms = backup->report.at_ms,
		.schema = schema_migrations[schema_migration_count - 1].number,
		.portal_public = str_bytes(portal->portal_public, PUBLIC_KEY_BYTES),
		.name = settings->name,
	};
	TRY(archive_key(portal->row_key, &key));
	TRY(archive_create(path, key, &label, &backup->archive));
	TRY(write_database(backup));
	TRY(write_files(backup));
	TRY(archive_finish(backup->archive));
	backup->report.bytes = archive_bytes(backup->archive);
	return OK;
}

enum err backup_write(struct cx *cx, const char *path, backup_progress *progress, void *argument,
		      struct backup_report *ret)
{
	struct backup backup = {
		.cx = cx,
		.parts = tmpfile(),
		.piece = malloc(ARCHIVE_PIECE_BYTES),
		.progress = progress,
		.argument = argument,
		.report = {.at_ms = cx_now_ms(cx)},
	};
	enum err err = ERR_UNAVAILABLE;
	/* What was destroyed before it is in no backup, but in the journal for older ones. */
	destroyed_journal_flush(cx);
	if (backup.parts && backup.piece)
		err = write_all(&backup, path);
	archive_close(backup.archive);
	if (backup.parts)
		fclose(backup.parts);
	free(backup.piece);
	if (err == OK)
		err = backup_done(cx, backup.report.bytes);
	if (err == OK) {
		log_event(LOG_INFO, "backup.done", LOG_INT("bytes", backup.report.bytes),
			  LOG_INT("files", backup.report.files),
			  LOG_INT("missing", backup.report.missing));
		*ret = backup.report;
	}
	return err;
}
